//! The tool trait, and the two ports through which a tool sees the turn it runs in.
//! A tool never gets "the session": it gets the workspace, a cancel token and these ports.

use futures::future::BoxFuture;
use glossator_session::{
    Answer, Ask, AskId, BoardEntry, CallId, ChangeSetId, ChangeState, FileKey, Grant, ItemBody, PlanStep,
    ToolError, ToolOutput, ToolSpec,
};
use glossator_workspace::Workspace;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use crate::{Action, Cabinet, ExecSetup, Policy, ReviewMode};

/// The turn as dispatch sees it.
pub trait Turn: Send + Sync {
    /// Stores an item; an error means that it is not on disk, and says why.
    fn record(&self, body: ItemBody) -> Result<(), String>;
    /// Shows a fragment of `stream` (a call's id) to whoever watches.
    fn delta(&self, stream: &str, text: &str);
    /// A value that a script got, of which the log keeps less: whoever looks for quotations has to know all of it.
    fn given(&self, _value: &Value) {}
    /// `text` without known secrets. Whatever is shortened or shown must pass through it first: half a secret is not found.
    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }
    /// Asks the user. Ends with the one answer; a dropped or cancelled ask is a refusal. `keys` are what lasting
    /// *allows* would cover: one that is given for any of them while this ask waits answers it too.
    fn ask<'a>(
        &'a self,
        ask: Ask,
        keys: &'a [String],
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer>;
    /// Whether there is anybody to ask.
    fn can_ask(&self) -> bool;
    /// A name that no other ask of the session has.
    fn fresh_ask_id(&self) -> AskId;
    /// Whether an earlier *allow* of the session covers one of `keys`, or, if they count (`saved`), one that was saved.
    fn granted(&self, keys: &[String], saved: bool) -> bool;
    /// Remembers an *allow* for `key`, until the session ends or saved, and answers the asks that wait for it; `what` tells
    /// people what it covers.
    fn grant(&self, grant: Grant, key: &str, what: &str);
    /// Keeps a long text with the session and names it; an error says why it cannot be kept (over 16 MiB, no disk).
    fn keep(&self, text: &str) -> Result<FileKey, String>;
    /// A text that was kept; an error says that there is none.
    fn kept(&self, key: &FileKey) -> Result<String, String>;
    /// The files that edits of the session have touched so far: absolute paths, in the order of the edits, with repeats.
    fn touched(&self) -> Vec<PathBuf> {
        Vec::new()
    }
    /// What scripts of the session have stored.
    fn stored(&self) -> Map<String, Value>;
    /// The documents of the workspace that outlive its sessions; an error says why there are none to be had.
    fn cabinet(&self) -> Result<Arc<dyn Cabinet>, String> {
        Err("there is no file cabinet here".to_owned())
    }
    /// What stands on the announcement board in this turn, oldest first.
    fn board(&self) -> Vec<BoardEntry> {
        Vec::new()
    }
    /// The id of a new entry of the board: no other entry of the session has or had it.
    fn fresh_board_id(&self) -> String {
        "B1".to_owned()
    }
    /// How many turns an entry of the board is shown in where nobody says so.
    fn board_turns(&self) -> u32 {
        5
    }
    /// The plan as it stands; empty: there is none.
    fn plan(&self) -> Vec<PlanStep> {
        Vec::new()
    }
}

/// One file of a change set that was planned, before and after it.
#[derive(Debug, Clone)]
pub struct FileTexts {
    /// Where it stood.
    pub from: PathBuf,
    /// Where it stands.
    pub path: PathBuf,
    /// Its text before; `None`: there was no such file.
    pub before: Option<Arc<str>>,
    /// Its text after, as planned; `None`: there is no such file any more.
    pub after: Option<Arc<str>>,
}

/// Where edits are written down before they have an effect.
pub trait Journal: Send + Sync {
    /// A name that no other change set of the session has.
    fn fresh_change_id(&self) -> ChangeSetId;
    /// Stores how far a change set came. `ChangeState::Intended` must be on disk when this returns.
    fn change(&self, id: &ChangeSetId, state: ChangeState) -> Result<(), String>;
    /// Whether a question to the user is open, which can keep the editor from answering anything else.
    fn user_is_asked(&self) -> bool;
    /// A change set stands as it was planned; its hunks are in its `Intended` record. `files` are in the order of the change.
    fn committed(&self, _id: &ChangeSetId, _files: Vec<FileTexts>) {}
    /// A change set stands that nobody was asked about, since a command had made it already.
    fn adopted(&self, id: &ChangeSetId, files: Vec<FileTexts>) {
        self.committed(id, files);
    }
    /// Tells the fronts; `files` are paths as the user knows them.
    fn announce(&self, id: &ChangeSetId, state: &str, files: Vec<String>);
}

/// What a running call may use.
#[derive(Clone)]
pub struct ToolCx {
    /// The call's id.
    pub call: CallId,
    /// Cancelled with the call, its script or its turn.
    pub cancel: CancellationToken,
    /// Files as the user sees them.
    pub workspace: Workspace,
    /// The turn.
    pub turn: Arc<dyn Turn>,
    /// Where edits are written down.
    pub journal: Arc<dyn Journal>,
    /// How processes are run.
    pub exec: Arc<ExecSetup>,
    /// Held while a change set is checked and committed: one at a time in a workspace.
    pub commit_lock: Arc<tokio::sync::Mutex<()>>,
    /// When the user looks at edits.
    pub review: ReviewMode,
    /// The policy in force.
    pub policy: Policy,
    /// Whether the user was asked about this call and allowed it.
    pub asked: bool,
    /// Of an edit that was asked for hunk by hunk: the numbers of those that the user accepted; `None`: all of it.
    pub accepted: Option<Vec<usize>>,
    /// What the user said when he allowed the call.
    pub said: Option<String>,
}

/// The second half of a call: what is done once it is allowed.
pub type Run = Box<dyn FnOnce(ToolCx) -> BoxFuture<'static, Result<ToolOutput, ToolError>> + Send>;

/// A call whose arguments are valid and whose consequences are known; nothing has happened yet.
pub struct Prepared {
    /// The call in one line, for people and logs.
    pub line: String,
    /// What it would do, for the policy.
    pub action: Action,
    /// Does it.
    pub run: Run,
}

/// A named function that a model can call.
pub trait Tool: Send + Sync + 'static {
    /// What the model is told.
    fn spec(&self) -> &ToolSpec;
    /// Validates the arguments and finds out what the call would do, without doing it.
    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>>;
}
