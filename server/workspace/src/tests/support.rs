//! A temporary workspace, change sets in one line, and an editor that behaves as it is told.

use super::faults::effect;
use crate::{Change, Editor, EditorEdit, EditorRefusal, Opened, Overlay, Roots, Workspace};
use futures::future::BoxFuture;
use glossator_text::{
    Action, Base, ChangeSet, FileChange, FileFormat, PositionEncoding, Replacement, text_hash,
};
use parking_lot::{Mutex, RwLock};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) struct Folder {
    pub(super) temp: tempfile::TempDir,
    pub(super) root: PathBuf,
    pub(super) overlay: Arc<Overlay>,
    pub(super) editor: Arc<FakeEditor>,
    pub(super) workspace: Workspace,
}

pub(super) fn folder(files: &[(&str, &str)]) -> Folder {
    folder_in(&std::env::temp_dir(), files)
}

/// As [`folder`], below `parent`.
pub(super) fn folder_in(parent: &Path, files: &[(&str, &str)]) -> Folder {
    let temp = tempfile::tempdir_in(parent).unwrap();
    let root = temp.path().canonicalize().unwrap().join("work");
    fs::create_dir(&root).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
    let editor = Arc::new(FakeEditor::new(overlay.clone()));
    let roots = Arc::new(RwLock::new(Roots::new(vec![root.clone()])));
    let workspace = Workspace::new(roots, overlay.clone(), Some(editor.clone()));
    Folder { temp, root, overlay, editor, workspace }
}

impl Folder {
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(super) fn disk(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(super) fn buffer(&self, path: &str) -> String {
        self.open_buffer(path).text.to_string()
    }

    /// What the editor holds, whether it counts or not.
    pub(super) fn open_buffer(&self, path: &str) -> crate::Buffer {
        self.overlay.look(&self.path(path)).unwrap().0
    }

    /// Opens a file in the editor with its text on disk, or with none.
    pub(super) fn open(&self, path: &str) -> String {
        let text = fs::read_to_string(self.path(path)).unwrap_or_default();
        let uri = uri(&self.path(path));
        self.overlay.open(&uri, opening(Some(self.path(path)), 1, &text));
        uri
    }

    /// As if the user replaced the whole text.
    pub(super) fn type_whole(&self, path: &str, text: &str) {
        let buffer = self.open_buffer(path);
        let change = Change { range: None, text: text.to_owned() };
        self.overlay.change(&buffer.uri, buffer.version + 1, &[change]).unwrap();
    }

    /// An update planned on the file as it is now: `old` (once in the text) becomes `new`.
    pub(super) fn update(&self, path: &str, old: &str, new: &str) -> FileChange {
        let document = self.workspace.read_blocking(&self.path(path)).unwrap();
        let start = document.text.find(old).unwrap();
        let edits = vec![Replacement { start, old: old.to_owned(), new: new.to_owned() }];
        let action = Action::Update { edits, move_to: None };
        FileChange::new(self.path(path), document.base(), action, document.format)
    }

    pub(super) fn create(&self, path: &str, text: &str) -> FileChange {
        let action = Action::Create { text: text.to_owned() };
        FileChange::new(self.path(path), Base::Absent, action, FileFormat::default())
    }

    pub(super) fn delete(&self, path: &str) -> FileChange {
        let document = self.workspace.read_blocking(&self.path(path)).unwrap();
        let action = Action::Delete { text: document.text.clone() };
        FileChange::new(self.path(path), document.base(), action, document.format)
    }

    pub(super) async fn check(&self, files: Vec<FileChange>) -> Result<crate::Checked, Vec<String>> {
        self.workspace.check(ChangeSet { files }).await
    }

    /// Checks and commits, with the diff and the inverse.
    pub(super) async fn commit(&self, files: Vec<FileChange>) -> (crate::Report, ChangeSet) {
        let checked = self.check(files).await.unwrap_or_else(|problems| panic!("{problems:#?}"));
        let inverse = checked.inverse().clone();
        (checked.commit("test").await, inverse)
    }

    pub(super) async fn problems(&self, files: Vec<FileChange>) -> String {
        match self.check(files).await {
            Ok(_) => panic!("the check should have refused"),
            Err(problems) => problems.join("\n"),
        }
    }
}

pub(super) fn moved(mut change: FileChange, to: PathBuf) -> FileChange {
    if let Action::Update { move_to, .. } = &mut change.action {
        *move_to = Some(to);
    }
    change
}

/// A buffer that the editor opens.
pub(super) fn opening(path: Option<PathBuf>, version: i32, text: &str) -> Opened {
    Opened { path, language: "text".to_owned(), version, text: text.to_owned() }
}

pub(super) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

pub(super) fn disk_base(text: &str) -> Base {
    Base::Disk { hash: text_hash(text) }
}

/// What the editor does with one request.
#[derive(Clone)]
pub(super) enum Manner {
    /// Checks the version, applies, reports, says yes.
    Honest,
    /// Says yes, does nothing.
    LieYes,
    /// Applies and reports, says no.
    LieNo,
    /// Says no for good.
    Refuse,
    /// The user's text (whole) comes first, and the edit is refused as stale.
    Stale(String),
    /// The user's text comes first, nothing is done, and the answer is yes: Neovim.
    StaleLieYes(String),
    /// Applies, and reports it together with text typed at the start.
    Merge(String),
    /// Applies only the first of the edits, says yes.
    Half,
    /// Applies only the first of the edits, says no for good.
    HalfNo,
    /// Applies all edits, and all of them once more where they stood, says yes.
    Twice,
    /// Applies the edits so many lines further down, says yes.
    Elsewhere(u32),
    /// Applies, and reports each of the edits by itself, so many milliseconds after the one before; says yes at first.
    Pieces(u64),
    /// Says yes, and applies after some milliseconds.
    YesFirst(u64),
    /// Reads the file anew, as an opening of this version; then honest.
    Reopen(i32),
    /// Reads the file anew, as a change of the whole text; then honest.
    Reload,
    /// Applies, saves, closes the file, says yes.
    SaveAndClose,
    /// Closes the file, does nothing, and says this.
    Close(bool),
    /// Closes the file and never answers.
    CloseMute,
    /// Does nothing and never answers.
    Mute,
    /// Never answers; applies and reports.
    Silent,
    /// After some milliseconds, in which its user had a dialog open, honest.
    Late(u64),
    /// After some milliseconds says no for good.
    LateRefuse(u64),
    /// Applies and says yes, but what it reports cannot be read.
    Garbled,
}

#[derive(Clone)]
pub(super) struct FakeEditor {
    overlay: Arc<Overlay>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
    pub(super) asked: Arc<Mutex<Vec<EditorEdit>>>,
    pub(super) resources: Arc<Mutex<bool>>,
}

impl FakeEditor {
    pub(super) fn new(overlay: Arc<Overlay>) -> Self {
        let (manners, asked) = Default::default();
        FakeEditor { overlay, manners, asked, resources: Arc::new(Mutex::new(true)) }
    }

    /// How the next requests are met, one after the other; honestly after that.
    pub(super) fn will(&self, manners: &[Manner]) {
        self.manners.lock().extend(manners.iter().cloned());
    }

    fn no(stale: bool) -> Result<(), EditorRefusal> {
        Err(EditorRefusal { reason: "document has changed".to_owned(), stale })
    }

    fn text(&self, uri: &str, version: i32, edits: &[(glossator_text::Range, String)], typed: &str) -> bool {
        let Some(buffer) = self.overlay.by_uri(uri).filter(|buffer| buffer.version == version) else {
            return false;
        };
        let mut changes: Vec<Change> = Vec::new();
        // From the end, so that each range still counts in the text before.
        for (range, text) in edits.iter().rev() {
            changes.push(Change { range: Some(*range), text: text.clone() });
        }
        if !typed.is_empty() {
            let start = glossator_text::Position { line: 0, character: 0 };
            let range = Some(glossator_text::Range { start, end: start });
            changes.push(Change { range, text: typed.to_owned() });
        }
        self.overlay.change(uri, buffer.version + 5, &changes).unwrap();
        true
    }

    /// One edit after the other, each as a report of its own.
    async fn pieces(&self, uri: &str, edits: &[(glossator_text::Range, String)], pause: Duration) {
        for (range, text) in edits.iter().rev() {
            tokio::time::sleep(pause).await;
            let version = self.overlay.by_uri(uri).unwrap().version + 1;
            self.overlay.change(uri, version, &[Change { range: Some(*range), text: text.clone() }]).unwrap();
        }
    }

    fn whole(&self, uri: &str, text: &str) {
        let buffer = self.overlay.by_uri(uri).unwrap();
        let change = Change { range: None, text: text.to_owned() };
        self.overlay.change(uri, buffer.version + 1, &[change]).unwrap();
    }

    fn honest(&self, edit: &EditorEdit) -> Result<(), EditorRefusal> {
        match edit {
            EditorEdit::Text { uri, version, edits, .. } => {
                if self.text(uri, *version, edits, "") {
                    Ok(())
                } else {
                    Self::no(true)
                }
            }
            EditorEdit::Rename { uri: from, to, .. } => {
                let buffer = self.overlay.by_uri(from).unwrap();
                fs::rename(buffer.path.unwrap(), to).unwrap();
                self.overlay.close(from);
                self.overlay.open(&uri(to), opening(Some(to.clone()), 0, &buffer.text.to_string()));
                Ok(())
            }
            EditorEdit::Delete { uri, .. } => {
                fs::remove_file(self.overlay.by_uri(uri).unwrap().path.unwrap()).unwrap();
                self.overlay.close(uri);
                Ok(())
            }
        }
    }
}

type Answer = Result<(), EditorRefusal>;

/// What is asked of a text: the document, its version, and the edits.
fn asked(edit: &EditorEdit) -> (&str, i32, &[(glossator_text::Range, String)]) {
    match edit {
        EditorEdit::Text { uri, version, edits, .. } => (uri, *version, edits),
        EditorEdit::Rename { uri, .. } | EditorEdit::Delete { uri, .. } => (uri, 0, &[]),
    }
}

/// How an edit is met; `None` is none of these manners.
impl FakeEditor {
    /// Manners of editing otherwise than was asked.
    async fn in_parts(&self, manner: &Manner, edit: &EditorEdit) -> Option<Answer> {
        let (uri, version, edits) = asked(edit);
        Some(match manner {
            Manner::Twice => {
                self.pieces(uri, edits, Duration::ZERO).await;
                self.pieces(uri, edits, Duration::ZERO).await;
                Ok(())
            }
            Manner::Elsewhere(lines) => {
                let mut edits = edits.to_vec();
                for (range, _) in &mut edits {
                    range.start.line += lines;
                    range.end.line += lines;
                }
                self.pieces(uri, &edits, Duration::ZERO).await;
                Ok(())
            }
            Manner::Pieces(millis) => {
                let (this, uri, edits) = (self.clone(), uri.to_owned(), edits.to_vec());
                let pause = Duration::from_millis(*millis);
                tokio::spawn(async move { this.pieces(&uri, &edits, pause).await });
                Ok(())
            }
            Manner::YesFirst(millis) => {
                let (this, edit, pause) = (self.clone(), edit.clone(), Duration::from_millis(*millis));
                tokio::spawn(async move {
                    tokio::time::sleep(pause).await;
                    this.honest(&edit)
                });
                Ok(())
            }
            Manner::Merge(typed) => {
                assert!(self.text(uri, version, edits, typed));
                Ok(())
            }
            Manner::Half | Manner::HalfNo => {
                assert!(self.text(uri, version, &edits[..1], ""));
                if matches!(manner, Manner::Half) { Ok(()) } else { Self::no(false) }
            }
            _ => return None,
        })
    }

    /// Manners of editors that open, close and read files meanwhile.
    async fn with_files(&self, manner: &Manner, edit: &EditorEdit, path: &Path) -> Option<Answer> {
        let (uri, ..) = asked(edit);
        Some(match manner {
            Manner::Reopen(version) => {
                self.overlay.close(uri);
                tokio::task::yield_now().await;
                let text = fs::read_to_string(path).unwrap();
                self.overlay.open(uri, opening(Some(path.to_path_buf()), *version, &text));
                self.honest(edit)
            }
            Manner::Reload => {
                self.whole(uri, &fs::read_to_string(path).unwrap());
                self.honest(edit)
            }
            Manner::SaveAndClose => {
                let done = self.honest(edit);
                fs::write(path, self.overlay.by_uri(uri).unwrap().text.to_string()).unwrap();
                self.overlay.saved(uri);
                self.overlay.close(uri);
                done
            }
            Manner::Close(yes) => {
                self.overlay.close(uri);
                if *yes { Ok(()) } else { Self::no(false) }
            }
            Manner::CloseMute => {
                self.overlay.close(uri);
                std::future::pending().await
            }
            _ => return None,
        })
    }

    async fn otherwise(&self, manner: &Manner, edit: &EditorEdit) -> Answer {
        let (uri, ..) = asked(edit);
        match manner {
            Manner::LieYes => Ok(()),
            Manner::LieNo => self.honest(edit).and(Self::no(false)),
            Manner::Refuse => Self::no(false),
            Manner::Stale(text) => {
                self.whole(uri, text);
                Self::no(true)
            }
            Manner::StaleLieYes(text) => {
                self.whole(uri, text);
                Ok(())
            }
            Manner::Late(millis) => {
                tokio::time::sleep(Duration::from_millis(*millis)).await;
                self.honest(edit)
            }
            Manner::LateRefuse(millis) => {
                tokio::time::sleep(Duration::from_millis(*millis)).await;
                Self::no(false)
            }
            Manner::Garbled => {
                self.overlay.lost(Some(uri));
                Ok(())
            }
            Manner::Mute => std::future::pending().await,
            Manner::Silent => {
                self.honest(edit)?;
                std::future::pending().await
            }
            _ => self.honest(edit),
        }
    }
}

impl Editor for FakeEditor {
    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        self.asked.lock().push(edit.clone());
        let mut manner = self.manners.lock().pop_front().unwrap_or(Manner::Honest);
        let (EditorEdit::Text { uri, .. } | EditorEdit::Rename { uri, .. } | EditorEdit::Delete { uri, .. }) =
            &edit;
        let path = self.overlay.by_uri(uri).and_then(|buffer| buffer.path).unwrap_or_default();
        if effect("ask the editor", &path).is_err() {
            manner = Manner::Refuse;
        }
        Box::pin(async move {
            tokio::task::yield_now().await;
            let done = match self.in_parts(&manner, &edit).await {
                None => self.with_files(&manner, &edit, &path).await,
                done => done,
            };
            match done {
                None => self.otherwise(&manner, &edit).await,
                Some(done) => done,
            }
        })
    }

    fn has_resource_operations(&self) -> bool {
        *self.resources.lock()
    }
}
