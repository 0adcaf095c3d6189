//! What belongs to one connection: its overlay, folders, capabilities and current session. What belongs to the
//! workspace (sessions, store, engine) is behind [`Agent`] and never here.

use crate::asks::Asks;
use crate::convert;
use crate::editor::LspEditor;
use crate::prompt_document::Prompts;
use crate::reviewed::Reviews;
use glossator_agent::{Agent, AgentError, Front, TurnConfig, Wishes};
use glossator_protocol_ext::Capability;
use glossator_session::{InputPart, SessionId, TurnId};
use glossator_settings::{Environment, Folders, Source, turn_config};
use glossator_text::{PositionEncoding, Range, byte_range, line_replacements, position_at};
use glossator_workspace::{Buffer, Editor, EditorEdit, Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tower_lsp::Client;
use tower_lsp::lsp_types::{ClientCapabilities, InitializeParams, MessageType};
use url::Url;

/// How long an editor may take to rewrite one of our own documents.
const REWRITE: Duration = Duration::from_secs(5);

/// Makes the agent of a workspace.
pub type MakeAgent = Arc<dyn Fn(&Path) -> Agent + Send + Sync>;

/// What the assembling program gives: the user's folders, the environment, and how an agent is made for a workspace.
#[derive(Clone)]
pub struct Kit {
    /// Where settings and state live.
    pub folders: Folders,
    /// What lies outside the settings.
    pub environment: Environment,
    /// Makes the agent of a workspace; called once, when the workspace is known.
    pub agent: MakeAgent,
    /// Cancelled when the process is asked to end: the connection then ends as if the client had left.
    pub stop: CancellationToken,
}

/// One connection.
pub struct Connection {
    pub client: Client,
    pub workspace: Workspace,
    /// The folders behind `workspace`.
    pub roots: Arc<RwLock<Roots>>,
    editor: Arc<LspEditor>,
    kit: Kit,
    /// Set by `initialize`.
    started: OnceLock<Started>,
    sessions: Mutex<Sessions>,
    last_typed: Mutex<Option<Instant>>,
    settings: Mutex<EditorSettings>,
    pub asks: Asks,
    pub prompts: Prompts,
    pub reviews: Reviews,
}

#[derive(Default)]
struct EditorSettings {
    /// The editor's part of the settings.
    own: Value,
    /// Settings problems that were shown.
    told: HashSet<String>,
}

#[derive(Default)]
struct Sessions {
    /// The session that commands without one go to.
    current: Option<SessionId>,
    /// Sessions whose events are forwarded to this client.
    forwarded: HashSet<SessionId>,
    /// The packs that were chosen when sessions were made.
    packs: HashMap<SessionId, String>,
}

struct Started {
    agent: Agent,
    identity: PathBuf,
    capabilities: ClientCapabilities,
    extension: Option<Capability>,
}

impl Connection {
    pub fn new(client: Client, kit: Kit) -> Arc<Connection> {
        let overlay = Arc::new(Overlay::new(PositionEncoding::default()));
        let editor = Arc::new(LspEditor::new(client.clone()));
        let roots = Arc::new(RwLock::new(Roots::default()));
        let workspace = Workspace::new(roots.clone(), overlay, Some(editor.clone()));
        Arc::new(Connection {
            client,
            workspace,
            roots,
            editor,
            kit,
            started: OnceLock::new(),
            sessions: Mutex::default(),
            last_typed: Mutex::default(),
            settings: Mutex::default(),
            asks: Asks::default(),
            prompts: Prompts::default(),
            reviews: Reviews::default(),
        })
    }

    /// Takes in what the client said of itself.
    pub fn initialize(&self, params: InitializeParams) -> PositionEncoding {
        let offered =
            params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let encoding = convert::choose_encoding(offered);
        self.workspace.overlay().set_encoding(encoding);
        let folders = folders_of(&params);
        let identity = glossator_workspace::identity(&folders[0]);
        *self.roots.write() = Roots::new(folders).without(&self.kit.folders.state);
        self.settings.lock().own = own_settings(params.initialization_options.unwrap_or_default());
        let experimental = params.capabilities.experimental.clone().unwrap_or_default();
        let extension = Capability::of_client(&experimental);
        self.editor.announce(&params.capabilities, extension.as_ref());
        let started = Started {
            agent: (self.kit.agent)(&identity),
            identity,
            extension,
            capabilities: params.capabilities,
        };
        self.workspace.join(started.agent.neighbours());
        // A second `initialize` is refused by the service before it comes here.
        let _ = self.started.set(started);
        encoding
    }

    /// The agent; `None` before `initialize`, which the service makes sure nobody sees.
    pub fn agent(&self) -> Option<&Agent> {
        self.started.get().map(|started| &started.agent)
    }

    /// Whether the client opted into `feature` of the extension.
    pub fn extension(&self, feature: &str) -> bool {
        self.started
            .get()
            .and_then(|one| one.extension.as_ref())
            .is_some_and(|extension| extension.handles(feature))
    }

    pub fn capabilities(&self) -> Option<&ClientCapabilities> {
        self.started.get().map(|started| &started.capabilities)
    }

    pub fn typed(&self) {
        *self.last_typed.lock() = Some(Instant::now());
    }

    pub fn last_typed(&self) -> Option<Instant> {
        *self.last_typed.lock()
    }

    pub fn set_editor_settings(&self, value: Value) {
        self.settings.lock().own = own_settings(value);
    }

    /// Whether the user trusts the workspace, with its settings as they are now.
    pub fn trusted(&self) -> bool {
        let Some(started) = self.started.get() else {
            return false;
        };
        let source = self.source(&started.identity);
        started.agent.trusted(&started.identity, source.workspace_text().as_deref())
    }

    /// Trusts the workspace with its settings as they are now, or no longer.
    pub fn set_trusted(&self, trusted: bool) -> Result<PathBuf, AgentError> {
        let started = self.started.get().ok_or_else(not_started)?;
        let source = self.source(&started.identity);
        started.agent.set_trusted(&started.identity, source.workspace_text().as_deref(), trusted)?;
        Ok(started.identity.clone())
    }

    /// How a turn is run now, and the settings that were left out and not yet told.
    fn turn_config(&self, trusted: bool) -> (TurnConfig, Vec<String>) {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        let source = self.source(&identity);
        let loaded = source.load(trusted);
        let config = turn_config(&loaded.settings, &self.kit.environment);
        let problems = loaded.problems.iter().map(ToString::to_string).chain(source.untrusted(trusted));
        let problems: Vec<String> = problems.collect();
        let mut settings = self.settings.lock();
        let new = problems.into_iter().filter(|problem| settings.told.insert(problem.clone()));
        (config, new.collect())
    }

    pub fn front(&self) -> Front {
        self.front_if(self.trusted())
    }

    pub fn front_if(&self, trusted: bool) -> Front {
        Front { workspace: self.workspace.clone(), trusted, interactive: true }
    }

    /// The session that commands go to; made when there is none.
    pub fn current_session(&self) -> Result<SessionId, AgentError> {
        let agent = self.agent().ok_or_else(not_started)?;
        let mut sessions = self.sessions.lock();
        Ok(sessions.current.get_or_insert_with(|| agent.new_session("").id).clone())
    }

    pub fn peek_session(&self) -> Option<SessionId> {
        self.sessions.lock().current.clone()
    }

    /// The session of this connection; without one the newest of the workspace that can be gone on with, as after a
    /// restart of the editor.
    pub fn last_session(&self) -> Option<SessionId> {
        let agent = self.agent()?;
        let stored = || agent.list().ok()?.into_iter().map(|one| one.id).find(|id| agent.watch(id).is_ok());
        let found = self.peek_session().or_else(stored)?;
        self.set_current(found.clone());
        Some(found)
    }

    pub fn set_current(&self, id: SessionId) {
        self.sessions.lock().current = Some(id);
    }

    /// `true` the first time: the caller then forwards the session's events.
    pub fn claim_forwarding(&self, id: &SessionId) -> bool {
        self.sessions.lock().forwarded.insert(id.clone())
    }

    /// The sessions that this client was told of, the current one first.
    pub fn known_sessions(&self) -> Vec<SessionId> {
        let sessions = self.sessions.lock();
        let current = sessions.current.iter();
        let others = sessions.forwarded.iter().filter(|id| sessions.current.as_ref() != Some(*id));
        current.chain(others).cloned().collect()
    }

    /// The tools of a session that has not begun are those of `pack`.
    pub fn choose_pack(&self, id: &SessionId, pack: String) {
        self.sessions.lock().packs.insert(id.clone(), pack);
    }

    /// How a turn would be run now; problems with settings are shown, and cost nothing else.
    pub fn config(&self, trusted: bool) -> TurnConfig {
        let (config, problems) = self.turn_config(trusted);
        for problem in problems {
            self.show(MessageType::WARNING, problem);
        }
        config
    }

    /// Starts a turn.
    pub fn start_turn(
        &self,
        id: &SessionId,
        input: Vec<InputPart>,
        wishes: Wishes,
    ) -> Result<TurnId, AgentError> {
        let agent = self.agent().ok_or_else(not_started)?;
        // Asked once, so that settings and guidance of one turn are under the same verdict.
        let trusted = self.trusted();
        let mut config = self.config(trusted);
        // Of a session that has begun, the agent takes the pack that it began with.
        if let Some(pack) = self.sessions.lock().packs.get(id) {
            config.pack = pack.clone();
        }
        config.wishes = wishes;
        agent.start_turn(id, input, config, self.front_if(trusted))
    }

    /// A mention with the text that stands there now.
    pub fn mention(&self, uri: &str, range: Option<Range>) -> InputPart {
        let text = range.and_then(|range| {
            // Of a buffer whose changes could not be followed, nothing is quoted.
            let buffer = self.workspace.overlay().by_uri(uri).filter(|buffer| !buffer.out_of_step)?;
            let bytes = byte_range(&buffer.text, range, self.workspace.overlay().encoding());
            buffer.text.get_byte_slice(bytes).map(|slice| slice.to_string())
        });
        convert::mention(uri.to_owned(), range, text)
    }

    /// Sets the text of one of our own documents in the editor, as one undo step. `false`: the editor refused, or did not
    /// answer in time.
    pub async fn rewrite(&self, buffer: &Buffer, text: &str, label: &str) -> bool {
        let encoding = self.workspace.overlay().encoding();
        let range = |start: usize, end: usize| Range {
            start: position_at(&buffer.text, start, encoding),
            end: position_at(&buffer.text, end, encoding),
        };
        let edits = line_replacements(&buffer.text.to_string(), text).into_iter();
        let edits = edits.map(|edit| (range(edit.start, edit.start + edit.old.len()), edit.new)).collect();
        let edit = EditorEdit::Text {
            uri: buffer.uri.clone(),
            version: buffer.version,
            label: label.to_owned(),
            edits,
        };
        let Ok(done) = tokio::time::timeout(REWRITE, self.editor.apply(edit)).await else { return false };
        if let Err(refusal) = &done {
            tracing::debug!(%refusal, uri = buffer.uri, "a document of ours was not rewritten");
        }
        done.is_ok()
    }

    /// Shows `text` to the user, without waiting.
    pub fn show(&self, kind: MessageType, text: String) {
        let client = self.client.clone();
        tokio::spawn(async move { client.show_message(kind, text).await });
    }

    fn source(&self, identity: &Path) -> Source {
        Source {
            folders: self.kit.folders.clone(),
            workspace: Some(identity.to_owned()),
            editor: self.settings.lock().own.clone(),
            command_line: Value::Null,
        }
    }
}

pub fn not_started() -> AgentError {
    AgentError::Store("the server is not initialized".to_owned())
}

/// Our part of what an editor sends as settings: the object itself, or its `glossator` member.
fn own_settings(value: Value) -> Value {
    match value.get("glossator") {
        Some(own) => own.clone(),
        None => value,
    }
}

/// The folders of the window; at least one. Old and new ways to name them, then the working folder.
fn folders_of(params: &InitializeParams) -> Vec<PathBuf> {
    let uris = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let mut folders: Vec<PathBuf> = uris.filter_map(convert::path_of).collect();
    #[allow(deprecated)]
    let (root_uri, root_path) = (&params.root_uri, &params.root_path);
    if folders.is_empty() {
        folders.extend(root_uri.as_ref().and_then(|uri: &Url| convert::path_of(uri)));
    }
    if folders.is_empty() {
        folders.extend(root_path.as_ref().filter(|path| !path.is_empty()).map(PathBuf::from));
    }
    if folders.is_empty() {
        folders.push(std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")));
    }
    folders
}
