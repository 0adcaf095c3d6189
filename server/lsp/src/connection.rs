//! What belongs to one connection: its overlay, folders, capabilities and current session. What belongs to the
//! workspace (sessions, store, engine) is behind [`Agent`] and never here.

mod current;
mod looked_at;
mod remembered;
mod turns;

pub use turns::ready;

use crate::asks::Asks;
use crate::convert;
use crate::editor::LspEditor;
use crate::first;
use crate::looking::Looking;
use crate::ours::Folders as OurFolders;
use crate::prompts::Prompts;
use crate::reviewed::Reviews;
use crate::rewriting::replacements;
use glossator_agent::{Agent, AgentError, Seat};
use glossator_protocol_ext::{Capability, SessionSettings};
use glossator_session::SessionId;
use glossator_settings::{Environment, Folders};
use glossator_text::{PositionEncoding, Range, position_at};
use glossator_workspace::{Buffer, Editor, EditorEdit, Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
use tower_lsp::Client;
use tower_lsp::lsp_types::{ClientCapabilities, InitializeParams, MessageType};

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
    /// Where the client was started: the folder of one that names none.
    pub cwd: PathBuf,
    /// Whether a person sits at the client.
    pub interactive: bool,
    /// The layer of settings above all others; null if there is none.
    pub command_line: Value,
    /// What the user is told first.
    pub notices: Vec<String>,
    /// Whether the agent goes on when this connection ends: nothing of it is stopped then.
    pub outlives: bool,
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
    sessions: Mutex<current::Sessions>,
    pub looking: Looking,
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
    /// What the client was told last that its sessions are run with.
    in_force: HashMap<SessionId, SessionSettings>,
}

struct Started {
    agent: Agent,
    identity: PathBuf,
    capabilities: ClientCapabilities,
    /// What the client calls itself; may be empty.
    client: String,
    extension: Option<Capability>,
    seat: Seat,
}

impl Connection {
    pub fn new(client: Client, kit: Kit) -> Arc<Connection> {
        let overlay = Arc::new(Overlay::new(PositionEncoding::default()));
        let editor = Arc::new(LspEditor::new(client.clone()));
        let port = kit.interactive.then(|| editor.clone() as Arc<dyn Editor>);
        let roots = Arc::new(RwLock::new(Roots::default()));
        let workspace = Workspace::new(roots.clone(), overlay, port);
        let ours = OurFolders::of(&kit.folders.state);
        Arc::new(Connection {
            client,
            workspace,
            roots,
            editor,
            kit,
            started: OnceLock::new(),
            sessions: Mutex::default(),
            looking: Looking::new(ours.clone()),
            settings: Mutex::default(),
            asks: Asks::default(),
            prompts: Prompts::new(ours),
            reviews: Reviews::default(),
        })
    }

    /// Takes in what the client said of itself.
    pub fn initialize(&self, params: InitializeParams) -> PositionEncoding {
        let offered =
            params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let encoding = convert::choose_encoding(offered);
        self.workspace.overlay().set_encoding(encoding);
        let folders = folders_of(&params, &self.kit.cwd);
        let identity = glossator_workspace::identity(&folders[0]);
        *self.roots.write() = Roots::new(folders).without(&self.kit.folders.state);
        self.settings.lock().own = own_settings(params.initialization_options.unwrap_or_default());
        let experimental = params.capabilities.experimental.clone().unwrap_or_default();
        let extension = Capability::of_client(&experimental);
        self.editor.announce(&params.capabilities, extension.as_ref());
        let agent = (self.kit.agent)(&identity);
        let seat = agent.presence().join(&self.workspace, self.kit.interactive);
        let client = params.client_info.map(|info| info.name).unwrap_or_default();
        let started = Started { agent, identity, seat, extension, client, capabilities: params.capabilities };
        self.workspace.join(started.agent.neighbours());
        // A second `initialize` is refused by the service before it comes here.
        let _ = self.started.set(started);
        encoding
    }

    /// The client is ready, and opens its documents now.
    pub fn ready(self: &Arc<Self>) {
        if let Some(started) = self.started.get() {
            started.seat.ready();
        }
        let connection = self.clone();
        // Its keys are known from now on, also to the turns of others. What is wrong with its settings is told when they
        // are used.
        tokio::task::spawn_blocking(move || drop(connection.config_over(&Map::new())));
    }

    /// The client is gone. What it began goes on, or waits for another.
    pub fn leave(&self) {
        self.workspace.leave();
        if let Some(started) = self.started.get() {
            started.seat.leave();
        }
    }

    /// Whether the agent goes on when this connection ends.
    pub fn outlived(&self) -> bool {
        self.kit.outlives
    }

    /// Whether the client is gone.
    pub fn is_gone(&self) -> bool {
        self.kit.stop.is_cancelled()
    }

    /// Done when the client is gone.
    pub fn gone(&self) -> WaitForCancellationFuture<'_> {
        self.kit.stop.cancelled()
    }

    /// Tells the user what there was to tell before there was a connection.
    pub fn tell_first(&self) {
        for text in &self.kit.notices {
            self.show(MessageType::WARNING, text.clone());
        }
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

    /// Whether the client named `feature` of the extension.
    pub fn names(&self, feature: &str) -> bool {
        let extension = self.started.get().and_then(|one| one.extension.as_ref());
        extension.is_some_and(|extension| extension.names(feature))
    }

    /// Whether a file is one of ours, in the state folder.
    pub fn is_ours(&self, path: Option<&Path>) -> bool {
        path.is_some_and(|path| self.prompts.folders.hold(path))
    }

    /// Whether the client calls itself `name`: for what a client says it can do and does not.
    pub fn is_client(&self, name: &str) -> bool {
        self.started.get().is_some_and(|started| started.client.eq_ignore_ascii_case(name))
    }

    pub fn capabilities(&self) -> Option<&ClientCapabilities> {
        self.started.get().map(|started| &started.capabilities)
    }

    pub fn set_editor_settings(&self, value: Value) {
        self.settings.lock().own = own_settings(value);
    }

    /// The client is told that a session is run with this.
    pub fn told_settings(&self, id: &SessionId, now: &SessionSettings) {
        self.settings.lock().in_force.insert(id.clone(), now.clone());
    }

    /// Whether the client does not know yet that a session is run with this.
    pub fn is_news(&self, id: &SessionId, now: &SessionSettings) -> bool {
        self.settings.lock().in_force.get(id) != Some(now)
    }

    /// Whether the user trusts the workspace, with its settings as they are now.
    pub fn trusted(&self) -> bool {
        let Some(started) = self.started.get() else {
            return false;
        };
        let source = self.source(&started.identity, Map::new());
        started.agent.trusted(&started.identity, source.workspace_text().as_deref())
    }

    /// Trusts the workspace with its settings as they are now, or no longer.
    pub fn set_trusted(&self, trusted: bool) -> Result<PathBuf, AgentError> {
        let started = self.started.get().ok_or_else(not_started)?;
        let source = self.source(&started.identity, Map::new());
        started.agent.set_trusted(&started.identity, source.workspace_text().as_deref(), trusted)?;
        Ok(started.identity.clone())
    }

    /// Sets the text of one of our own documents in the editor, as one undo step. `false`: the editor refused, or did not
    /// answer in time.
    pub async fn rewrite(&self, buffer: &Buffer, text: &str, label: &str) -> bool {
        let encoding = self.workspace.overlay().encoding();
        let range = |start: usize, end: usize| Range {
            start: position_at(&buffer.text, start, encoding),
            end: position_at(&buffer.text, end, encoding),
        };
        let edits = replacements(&buffer.text, text).into_iter();
        let edits = edits.map(|edit| (range(edit.start, edit.start + edit.old.len()), edit.new)).collect();
        self.looking.expect(&buffer.uri, text);
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
}

pub fn not_started() -> AgentError {
    AgentError::Store("the server is not initialized".to_owned())
}

/// Our part of what an editor sends as settings: the object itself, or its `glossator` member.
fn own_settings(value: Value) -> Value {
    let own = match value.get("glossator") {
        Some(own) => own.clone(),
        None => value,
    };
    set(own).unwrap_or_default()
}

/// What is set of a value: editors send nulls and empty texts for settings that nobody has touched.
fn set(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Object(all) => {
            let kept: Map<String, Value> =
                all.into_iter().filter_map(|(key, value)| Some((key, set(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other),
    }
}

/// The folders of the window; at least one.
fn folders_of(params: &InitializeParams, cwd: &Path) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    #[allow(deprecated)]
    let (root_uri, root_path) = (&params.root_uri, &params.root_path);
    first::folders(named, (root_uri.as_ref(), root_path.as_deref()), cwd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_editor_leaves_empty_is_not_set() {
        let check = |sent: Value, expected: Value| assert_eq!(own_settings(sent.clone()), expected, "{sent}");
        check(json!(null), json!(null));
        check(json!({}), json!(null));
        check(json!({ "glossator": null }), json!(null));
        check(json!({ "glossator": "" }), json!(null));
        check(json!({ "glossator": { "model": "", "policy": null, "turn": { "max": null } } }), json!(null));
        check(
            json!({ "model": " ", "policy": "ask", "exec": { "buffers": "", "timeout": 0 }, "list": [] }),
            json!({ "policy": "ask", "exec": { "timeout": 0 }, "list": [] }),
        );
        check(json!({ "glossator": { "on": false }, "other": 1 }), json!({ "on": false }));
        // What is no settings at all is told as such.
        check(json!(7), json!(7));
    }
}
