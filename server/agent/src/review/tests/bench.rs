//! A real agent over a folder and an editor that does what it is asked, with edits as a turn makes them.

use crate::config::Front;
use crate::recorder::Recorder;
use crate::session::{End, Session};
use crate::spent::Spent;
use crate::{Agent, HunkQuery, HunkReport, HunkView, Parts, Resolution, TurnReport};
use futures::future::BoxFuture;
use glossator_script::{Engine, Limits, WorkerProgram};
use glossator_session::{HunkId, InputPart, Item, ItemBody, ItemId, SessionId, TurnId, TurnStatus};
use glossator_store::{Store, Sync};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat, PositionEncoding, Replacement};
use glossator_tools::Door;
use glossator_workspace::{Change, Editor, EditorEdit, EditorRefusal, Opened, Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub struct Bench {
    dir: TempDir,
    pub root: PathBuf,
    pub overlay: Arc<Overlay>,
    pub editor: Arc<HonestEditor>,
    pub front: Front,
    pub agent: Option<Agent>,
    pub id: SessionId,
    /// Whether edits are kept at once.
    pub keeps: bool,
}

impl Bench {
    pub fn new(files: &[(&str, &str)]) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("work");
        fs::create_dir(&root).unwrap();
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
        let editor = Arc::new(HonestEditor {
            overlay: overlay.clone(),
            refuses: Mutex::default(),
            resources: AtomicBool::new(true),
        });
        let roots = Arc::new(RwLock::new(Roots::new(vec![root.clone()])));
        let workspace = Workspace::new(roots, overlay.clone(), Some(editor.clone()));
        let front =
            Front { workspace, trusted: true, interactive: true, editor: None, presence: Default::default() };
        let agent = agent(dir.path(), &root);
        let id = born(&agent);
        Bench { dir, root, overlay, editor, front, agent: Some(agent), id, keeps: false }
    }

    pub fn agent(&self) -> &Agent {
        self.agent.as_ref().unwrap()
    }

    pub fn session(&self) -> Arc<Session> {
        self.agent().session(&self.id).unwrap()
    }

    /// One more session of the workspace.
    pub fn another(&self) -> SessionId {
        born(self.agent())
    }

    /// The server is stopped and started again.
    pub fn restart(&mut self) {
        self.agent = None;
        self.agent = Some(agent(self.dir.path(), &self.root));
        self.session();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn disk(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    /// Opens a file in the editor.
    pub fn open(&self, path: &str) {
        let text = self.disk(path).unwrap_or_default();
        let path = self.path(path);
        self.overlay.open(&uri(&path), opened(&path, 1, &text));
    }

    /// The editor saves a buffer.
    pub fn save(&self, path: &str) {
        self.write(path, &self.buffer(path));
        self.overlay.saved(&uri(&self.path(path)));
    }

    pub fn buffer(&self, path: &str) -> String {
        self.overlay.by_path(&self.path(path)).unwrap().text.to_string()
    }

    /// As if the user replaced the whole text.
    pub fn type_over(&self, path: &str, text: &str) {
        let buffer = self.overlay.by_path(&self.path(path)).unwrap();
        let change = Change { range: None, text: text.to_owned() };
        self.overlay.change(&buffer.uri, buffer.version + 1, &[change]).unwrap();
    }

    /// As if the user replaced the first `old`.
    pub fn retype(&self, path: &str, old: &str, new: &str) {
        let text = self.buffer(path);
        assert!(text.contains(old), "{old:?} in {text:?}");
        self.type_over(path, &text.replacen(old, new, 1));
    }

    pub fn update(&self, path: &str, edits: &[(&str, &str)]) -> FileChange {
        let document = self.front.workspace.read_blocking(&self.path(path)).unwrap();
        let mut placed: Vec<Replacement> = edits
            .iter()
            .map(|(old, new)| Replacement {
                start: document.text.find(old).unwrap(),
                old: (*old).to_owned(),
                new: (*new).to_owned(),
            })
            .collect();
        placed.sort_by_key(|edit| edit.start);
        let action = Action::Update { edits: placed, move_to: None };
        FileChange::new(self.path(path), document.base(), action, document.format)
    }

    pub fn create(&self, path: &str, text: &str) -> FileChange {
        let action = Action::Create { text: text.to_owned() };
        FileChange::new(self.path(path), Base::Absent, action, FileFormat::default())
    }

    pub fn delete(&self, path: &str) -> FileChange {
        let document = self.front.workspace.read_blocking(&self.path(path)).unwrap();
        let action = Action::Delete { text: document.text.clone() };
        FileChange::new(self.path(path), document.base(), action, document.format)
    }

    pub fn moved(&self, mut change: FileChange, to: &str) -> FileChange {
        if let Action::Update { move_to, .. } = &mut change.action {
            *move_to = Some(self.path(to));
        }
        change
    }

    /// Begins a turn.
    pub fn turn(&self) -> TurnId {
        self.turn_of(&self.session())
    }

    pub fn turn_of(&self, session: &Session) -> TurnId {
        let (turn, _) = session.begin_turn().unwrap();
        let input = vec![InputPart::Text { text: "go".to_owned() }];
        session
            .record(turn, ItemBody::UserMessage { input, to: Vec::new(), queued: None }, Sync::No)
            .unwrap();
        session.begin_round();
        turn
    }

    pub fn end(&self, turn: TurnId) {
        let end = End { status: TurnStatus::Done, spent: Spent::default(), message: None };
        self.session().end_turn(turn, end);
    }

    /// A turn that makes one edit.
    pub async fn edit(&self, files: Vec<FileChange>) -> TurnId {
        let turn = self.turn();
        self.commit(turn, files).await.unwrap();
        self.end(turn);
        turn
    }

    /// An edit of the agent.
    pub async fn commit(&self, turn: TurnId, files: Vec<FileChange>) -> Result<String, String> {
        self.commit_in(self.session(), turn, files).await
    }

    pub async fn commit_in(
        &self,
        session: Arc<Session>,
        turn: TurnId,
        files: Vec<FileChange>,
    ) -> Result<String, String> {
        let recorder = Recorder { keeps: self.keeps, ..Recorder::outside_turns(session, turn) };
        let door = Door {
            workspace: self.front.workspace.clone(),
            journal: Arc::new(recorder),
            lock: self.agent().shared().commit_lock.clone(),
            cancel: CancellationToken::new(),
        };
        Ok(door.commit(ChangeSet { files }, "Glossator: test", None).await?.id.0)
    }

    /// What a turn does between its rounds.
    pub async fn look(&self) {
        let session = self.session();
        crate::looks::look((self.agent().shared(), &session), &self.front.workspace, None).await;
    }

    pub async fn views(&self, all: bool) -> Vec<HunkView> {
        let query = HunkQuery { session: Some(&self.id), all, ..HunkQuery::default() };
        self.agent().hunks(query, &self.front).await
    }

    /// The hunks as `C1.1 a.txt pending`, in the order of their places.
    pub async fn states(&self) -> Vec<String> {
        let views = self.views(true).await;
        views.iter().map(|view| format!("{} {} {}", view.id, view.shown, view.state.name())).collect()
    }

    pub async fn resolve(&self, decisions: &[(&str, Resolution)]) -> Vec<HunkReport> {
        let decisions = decisions.iter().map(|(id, what)| (HunkId::from(*id), what.clone())).collect();
        self.agent().resolve(&self.id, decisions, self.front.clone()).await.unwrap()
    }

    pub async fn undo(&self) -> TurnReport {
        self.agent().undo_edits(&self.id, None, self.front.clone()).await.unwrap()
    }

    pub async fn redo(&self) -> TurnReport {
        self.agent().redo_edits(&self.id, None, self.front.clone()).await.unwrap()
    }

    /// All that the model is told beside results of calls, up to the first request of a turn that begins now.
    pub fn told(&self) -> Vec<String> {
        let roots = self.front.workspace.roots();
        let words = crate::outcomes::Words { path: &|path| roots.display(path), redact: &str::to_owned };
        let mut items = self.session().with_items(<[Item]>::to_vec);
        let last = items.iter().map(|item| item.turn).max().unwrap();
        let body = ItemBody::UserMessage { input: Vec::new(), to: Vec::new(), queued: None };
        items.push(Item {
            id: ItemId(u64::MAX),
            turn: TurnId(last.0 + 1),
            round: 0,
            at: 0,
            agent: None,
            body,
        });
        let told = crate::told::reminders((&self.session().before().hunks, &items), None, &words);
        told.into_iter().map(|one| one.text).collect()
    }

    /// The change sets' records with their hunks, to look for a fault.
    pub fn log_in_short(&self) -> String {
        use glossator_session::{ChangeState, HunkRecord};
        let hunk = |one: &HunkRecord| {
            let path = one.path.strip_prefix(&self.root).unwrap().display();
            let state = crate::hunks::recorded_state(one).name();
            format!("\n    {} {path} {:?} {state} {:?}", one.id, one.part, one.verdict)
        };
        let item = |body: &ItemBody| match body {
            ItemBody::ChangeSet { id, state } => Some(match state {
                ChangeState::Intended { undoes, hunks, change, .. } => {
                    let files: Vec<_> =
                        change.files.iter().map(|file| (&file.path, file.path_after())).collect();
                    format!(
                        "{id} undoes {undoes:?} {files:?}{}\n",
                        hunks.iter().map(hunk).collect::<String>()
                    )
                }
                ChangeState::Reviewed { hunks, by } => {
                    format!("{id} by {by:?}{}\n", hunks.iter().map(hunk).collect::<String>())
                }
                other => format!("{id} {other:?}\n"),
            }),
            _ => None,
        };
        self.session().with_items(|items| items.iter().filter_map(|one| item(&one.body)).collect())
    }

    /// The change sets' records, as `C1 intended`.
    pub fn log(&self) -> Vec<String> {
        let state = |body: &ItemBody| match body {
            ItemBody::ChangeSet { .. } => {
                let json = serde_json::to_value(body).unwrap();
                let by = json["state"]["by"].as_str().map(|by| format!(" {by}")).unwrap_or_default();
                Some(format!(
                    "{} {}{by}",
                    json["changeSet"].as_str().unwrap(),
                    json["state"]["is"].as_str().unwrap()
                ))
            }
            _ => None,
        };
        self.session().with_items(|items| items.iter().filter_map(|item| state(&item.body)).collect())
    }
}

fn agent(dir: &Path, root: &Path) -> Agent {
    let engine = Arc::new(Engine::new(WorkerProgram::this(), Limits::default()));
    Agent::new(Parts { store: Store::open(&dir.join("state"), root), engine })
}

fn born(agent: &Agent) -> SessionId {
    let head = agent.new_session("");
    agent.session(&head.id).unwrap().born(head.clone(), agent.shared().create_log());
    head.id
}

/// A hunk's report as `C1.1 a.txt:3 undone`.
pub fn told(reports: &[HunkReport]) -> Vec<String> {
    let told = |report: &HunkReport| {
        let line = report.line.map(|line| format!(":{line}")).unwrap_or_default();
        let outcome = match &report.outcome {
            Ok(state) => state.name().to_owned(),
            Err(why) => format!("failed: {why}"),
        };
        format!("{} {}{line} {outcome}", report.id, report.path)
    };
    reports.iter().map(told).collect()
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn opened(path: &Path, version: i32, text: &str) -> Opened {
    Opened { path: Some(path.to_path_buf()), language: "text".to_owned(), version, text: text.to_owned() }
}

/// An editor that does what it is asked, but for buffers that it refuses to touch.
pub struct HonestEditor {
    overlay: Arc<Overlay>,
    /// Ends of the names of buffers that it refuses to touch.
    pub refuses: Mutex<Vec<String>>,
    /// Whether it renames and deletes files.
    pub resources: AtomicBool,
}

impl HonestEditor {
    fn make(&self, edit: &EditorEdit) -> Result<(), EditorRefusal> {
        let (EditorEdit::Text { uri: name, .. }
        | EditorEdit::Rename { uri: name, .. }
        | EditorEdit::Delete { uri: name, .. }) = edit;
        if self.refuses.lock().iter().any(|end| name.ends_with(end.as_str())) {
            return Err(EditorRefusal { reason: "the buffer is read-only".to_owned(), stale: false });
        }
        match edit {
            EditorEdit::Text { uri, version, edits, .. } => {
                let change = |(range, text): &(glossator_text::Range, String)| Change {
                    range: Some(*range),
                    text: text.clone(),
                };
                // From the end, so that each range still counts in the text before.
                let changes: Vec<Change> = edits.iter().rev().map(change).collect();
                self.overlay.change(uri, version + 1, &changes).unwrap();
            }
            EditorEdit::Rename { uri: from, to, .. } => {
                let buffer = self.overlay.by_uri(from).unwrap();
                fs::rename(buffer.path.unwrap(), to).unwrap();
                self.overlay.close(from);
                self.overlay.open(&uri(to), opened(to, 1, &buffer.text.to_string()));
            }
            EditorEdit::Delete { uri, .. } => {
                fs::remove_file(self.overlay.by_uri(uri).unwrap().path.unwrap()).unwrap();
                self.overlay.close(uri);
            }
        }
        Ok(())
    }
}

impl Editor for HonestEditor {
    fn has_resource_operations(&self) -> bool {
        self.resources.load(Ordering::Relaxed)
    }

    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.make(&edit)
        })
    }
}
