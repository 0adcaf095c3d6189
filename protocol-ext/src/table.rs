//! The one table of messages: method, who sends it, its types, and an example of each that a test parses.
//! `docs/protocol.md` and `typescript/protocol.ts` are generated from it and compared by a test.

use crate::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The client.
    ToServer,
    /// The server, and only to clients that opted in.
    ToClient,
}

/// Whether a message is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has an answer.
    Request,
    /// It has none.
    Notification,
}

/// The type of parameters or of a result.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Name of the type, the same in Rust and in TypeScript.
    pub name: &'static str,
    /// An example as JSON.
    pub example: &'static str,
    /// Parses JSON into the type and gives back what the type holds of it; fails with what serde says.
    pub parse: fn(&str) -> Result<Value, serde_json::Error>,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub struct MessageRow {
    /// Its method.
    pub method: &'static str,
    /// Who sends it.
    pub direction: Direction,
    /// Whether it is answered.
    pub kind: Kind,
    /// What it is for.
    pub doc: &'static str,
    /// Its parameters.
    pub params: Shape,
    /// Its result; `None` for notifications.
    pub result: Option<Shape>,
}

/// Names of the methods.
pub mod method {
    /// Begin a session.
    pub const SESSION_NEW: &str = "glossator/session/new";
    /// List sessions.
    pub const SESSION_LIST: &str = "glossator/session/list";
    /// Read a session.
    pub const SESSION_READ: &str = "glossator/session/read";
    /// Search sessions.
    pub const SESSION_SEARCH: &str = "glossator/session/search";
    /// Go on with a session.
    pub const SESSION_RESUME: &str = "glossator/session/resume";
    /// Fork a session.
    pub const SESSION_FORK: &str = "glossator/session/fork";
    /// Rename a session.
    pub const SESSION_RENAME: &str = "glossator/session/rename";
    /// Put a session away.
    pub const SESSION_ARCHIVE: &str = "glossator/session/archive";
    /// Delete a session.
    pub const SESSION_DELETE: &str = "glossator/session/delete";
    /// Export a session.
    pub const SESSION_EXPORT: &str = "glossator/session/export";
    /// Import a session.
    pub const SESSION_IMPORT: &str = "glossator/session/import";
    /// Choose how a session goes on.
    pub const SESSION_CONFIGURE: &str = "glossator/session/configure";
    /// Compact a history.
    pub const SESSION_COMPACT: &str = "glossator/session/compact";
    /// Show what would be sent.
    pub const CONTEXT_PREVIEW: &str = "glossator/context/preview";
    /// Show what was sent.
    pub const CONTEXT_SENT: &str = "glossator/context/sent";
    /// Read what was spent.
    pub const USAGE_READ: &str = "glossator/usage/read";
    /// Read the board.
    pub const BOARD_READ: &str = "glossator/board/read";
    /// Post on the board.
    pub const BOARD_POST: &str = "glossator/board/post";
    /// Take an entry off the board.
    pub const BOARD_REMOVE: &str = "glossator/board/remove";
    /// List the cabinet.
    pub const CABINET_LIST: &str = "glossator/cabinet/list";
    /// Read a document of the cabinet.
    pub const CABINET_READ: &str = "glossator/cabinet/read";
    /// Delete a document of the cabinet.
    pub const CABINET_DELETE: &str = "glossator/cabinet/delete";
    /// Save a document in the cabinet.
    pub const CABINET_SAVE: &str = "glossator/cabinet/save";
    /// Start a turn.
    pub const TURN_START: &str = "glossator/turn/start";
    /// Stop a turn.
    pub const TURN_INTERRUPT: &str = "glossator/turn/interrupt";
    /// Add to the running turn.
    pub const TURN_STEER: &str = "glossator/turn/steer";
    /// Let a prompt wait for its turn.
    pub const TURN_QUEUE: &str = "glossator/turn/queue";
    /// List the prompts that wait.
    pub const TURN_QUEUED: &str = "glossator/turn/queued";
    /// Take a prompt out of the queue.
    pub const TURN_UNQUEUE: &str = "glossator/turn/unqueue";
    /// Take a turn's edits back.
    pub const TURN_UNDO: &str = "glossator/turn/undo";
    /// Make a turn's edits again.
    pub const TURN_REDO: &str = "glossator/turn/redo";
    /// Read hunks.
    pub const CHANGE_SET_READ: &str = "glossator/changeSet/read";
    /// Decide about hunks.
    pub const CHANGE_SET_RESOLVE: &str = "glossator/changeSet/resolve";
    /// Show the hunks of a turn.
    pub const CHANGE_SET_SHOW: &str = "glossator/changeSet/show";
    /// Save documents.
    pub const BUFFERS_SAVE: &str = "glossator/buffers/save";
    /// What the user sees in the editor.
    pub const EDITOR_STATE: &str = "glossator/editor/state";
    /// Read which folders are trusted.
    pub const TRUST_READ: &str = "glossator/trust/read";
    /// Trust a folder, or no longer.
    pub const TRUST_SET: &str = "glossator/trust/set";
    /// Check a script.
    pub const SCRIPT_CHECK: &str = "glossator/script/check";
    /// List detached calls.
    pub const TASKS_LIST: &str = "glossator/tasks/list";
    /// Stop a detached call.
    pub const TASKS_CANCEL: &str = "glossator/tasks/cancel";
    /// List packs of tools.
    pub const PACKS_LIST: &str = "glossator/packs/list";
    /// List the tools of a pack.
    pub const TOOLS_LIST: &str = "glossator/tools/list";
    /// List models.
    pub const MODELS_LIST: &str = "glossator/models/list";
    /// List what was allowed.
    pub const GRANTS_LIST: &str = "glossator/grants/list";
    /// Allow it no longer.
    pub const GRANTS_REVOKE: &str = "glossator/grants/revoke";
    /// Whether providers can be asked.
    pub const AUTH_STATUS: &str = "glossator/auth/status";
    /// Sign in.
    pub const AUTH_LOGIN: &str = "glossator/auth/login";
    /// Sign out.
    pub const AUTH_LOGOUT: &str = "glossator/auth/logout";
    /// How MCP servers stand.
    pub const MCP_STATUS: &str = "glossator/mcp/status";
    /// What may be written in a prompt.
    pub const PROMPT_COMPLETE: &str = "glossator/prompt/complete";
    /// Ask the user for words.
    pub const INPUT_ASK: &str = "glossator/input/ask";
    /// Diagnostics of other servers.
    pub const DIAGNOSTICS_READ: &str = "glossator/diagnostics/read";
    /// Symbols of other servers.
    pub const SYMBOLS_READ: &str = "glossator/symbols/read";
    /// Ask the user.
    pub const APPROVAL_ASK: &str = "glossator/approval/ask";
    /// Tell what happens in a session.
    pub const SESSION_UPDATE: &str = "glossator/session/update";
}

fn parse<T: DeserializeOwned + Serialize>(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

macro_rules! shape {
    ($type:ident, $example:literal) => {
        Shape { name: stringify!($type), example: $example, parse: parse::<$type> }
    };
}

const fn request(method: &'static str, doc: &'static str, params: Shape, result: Shape) -> MessageRow {
    MessageRow {
        method,
        direction: Direction::ToServer,
        kind: Kind::Request,
        doc,
        params,
        result: Some(result),
    }
}

/// Every message of the extension.
pub const MESSAGES: &[MessageRow] = &[
    request(
        method::SESSION_NEW,
        "Begins a session in this workspace.",
        shape!(NewSessionParams, r#"{"title":"Parser clean-up","pack":"read-only"}"#),
        shape!(
            NewSessionResult,
            r#"{"session":{"id":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","createdAt":1795000000000,"updatedAt":1795000000000,"model":"anthropic/claude-sonnet-5-5","archived":false}}"#
        ),
    ),
    request(
        method::SESSION_LIST,
        "Lists the sessions of this workspace, newest first, page by page. Answered off the message loop, like everything that reads sessions.",
        shape!(
            ListSessionsParams,
            r#"{"text":"parser","archived":false,"since":1794000000000,"overlapping":true,"limit":50}"#
        ),
        shape!(
            ListSessionsResult,
            r#"{"sessions":[{"id":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","createdAt":1795000000000,"updatedAt":1795000060000,"model":"anthropic/claude-sonnet-5-5","turns":12,"bytes":48210,"archived":false,"parent":{"sessionId":"01997c5e-0000-7a31-9b0a-0f6f5f3f2a11","turnId":"T-4"},"workspace":"/project/sub","lastPrompt":"Why does the parser test fail?"}],"next":"1795000060000/01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#
        ),
    ),
    request(
        method::SESSION_SEARCH,
        "Searches prompts, answers, scripts, calls and edits of the sessions of this workspace.",
        shape!(
            SearchSessionsParams,
            r#"{"text":"\"parser test\" in:prompt -flaky","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","kinds":["prompt"],"since":1794000000000,"limit":20}"#
        ),
        shape!(
            SearchSessionsResult,
            r#"{"hits":[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","turnId":"T-1","item":1,"kind":"prompt","snippet":"Why does the parser test fail?","marks":[[13,24]],"at":1795000000000,"score":3.5}]}"#
        ),
    ),
    request(
        method::SESSION_READ,
        "Reads a session: after a gap in `seq`, or to show it page by page, the newest turns first. From then on the client is told of it, also of one that another process writes.",
        shape!(
            ReadSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","afterSeq":41,"before":"T-31","turns":30}"#
        ),
        shape!(
            ReadSessionResult,
            r#"{"session":{"id":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","createdAt":1795000000000,"updatedAt":1795000060000,"model":"anthropic/claude-sonnet-5-5","archived":false},"seq":57,"items":[{"id":1,"turn":"T-1","round":0,"at":1795000000000,"kind":"userMessage","input":[{"kind":"text","text":"Why does the parser test fail?"}]}],"first":"T-1","more":false,"running":"T-1","writing":[{"turnId":"T-1","stream":"answer","item":"answer","text":"I will look at "}],"asks":[],"readOnly":"the session is being written by process 4242"}"#
        ),
    ),
    request(
        method::SESSION_RESUME,
        "Goes on with a session: reads its newest turns and says how it was left (interrupted, hunks that wait, tasks that are lost).",
        shape!(ResumeSessionParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turns":30}"#),
        shape!(
            ResumeSessionResult,
            r#"{"read":{"session":{"id":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","createdAt":1795000000000,"updatedAt":1795000060000,"model":"anthropic/claude-sonnet-5-5","archived":false},"seq":57,"items":[],"more":false,"asks":[],"queued":[{"id":"Q3","input":[{"kind":"text","text":"Then write the tests"}],"at":1795000000000}],"settings":{"model":"anthropic/claude-sonnet-5-5","pack":"core","policy":"ask"}},"left":{"interrupted":"T-12","hunks":2,"files":["src/walk.rs"],"runningTasks":[],"lostTasks":[],"message":"T-12 was interrupted. 2 hunks wait for a decision: src/walk.rs."}}"#
        ),
    ),
    request(
        method::SESSION_FORK,
        "Makes a session that shares the turns of another up to one that has ended, and goes its own way from there. The files are not changed.",
        shape!(
            ForkSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-7","title":"Another way"}"#
        ),
        shape!(
            NewSessionResult,
            r#"{"session":{"id":"01997c5e-ffff-7a31-9b0a-0f6f5f3f2a11","title":"Another way","createdAt":1795000090000,"updatedAt":1795000090000,"model":"anthropic/claude-sonnet-5-5","archived":false,"parent":{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-7"}}}"#
        ),
    ),
    request(
        method::SESSION_RENAME,
        "Gives a session a name.",
        shape!(
            RenameSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up"}"#
        ),
        shape!(RenameSessionResult, r#"{"title":"Parser clean-up"}"#),
    ),
    request(
        method::SESSION_ARCHIVE,
        "Puts a session away, so that lists leave it out, or brings it back.",
        shape!(
            ArchiveSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","archived":true}"#
        ),
        shape!(ArchiveSessionResult, r#"{"archived":true}"#),
    ),
    request(
        method::SESSION_DELETE,
        "Deletes a session, and the long texts that no other one needs. Only ever sent because the user said so.",
        shape!(DeleteSessionParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(DeleteSessionResult, r#"{"blobs":3,"bytes":482100}"#),
    ),
    request(
        method::SESSION_EXPORT,
        "Exports a session, long texts included. Secrets are not in it, as they are not in its log.",
        shape!(
            ExportSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","format":"markdown"}"#
        ),
        shape!(
            ExportSessionResult,
            r##"{"text":"# Parser clean-up\n\n## T-1\n\nWhy does the parser test fail?\n","bytes":58}"##
        ),
    ),
    request(
        method::SESSION_IMPORT,
        "Takes in an export of the form `jsonl` as a new session.",
        shape!(ImportSessionParams, r#"{"path":"/project/parser.jsonl"}"#),
        shape!(
            NewSessionResult,
            r#"{"session":{"id":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up","createdAt":1795000000000,"updatedAt":1795000000000,"model":"anthropic/claude-sonnet-5-5","archived":false}}"#
        ),
    ),
    request(
        method::SESSION_CONFIGURE,
        "Chooses what holds for a session over all settings, from its next turn on. What would move what the model was sent before is refused with the reason.",
        shape!(
            ConfigureSessionParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","model":"openai/gpt-6","policy":"ask","agents":["reviewer"]}"#
        ),
        shape!(
            ConfigureSessionResult,
            r#"{"model":"openai/gpt-6","pack":"core","policy":"ask","agents":["reviewer"],"message":"From the next turn on openai/gpt-6 is asked. The thinking of the model before is not sent to it."}"#
        ),
    ),
    request(
        method::SESSION_COMPACT,
        "Makes a short hand-over of the history up to now, which the model is sent in its place. Answered at once; nothing is deleted.",
        shape!(CompactSessionParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(CompactSessionResult, r#"{"turnId":"T-13"}"#),
    ),
    request(
        method::CONTEXT_PREVIEW,
        "Shows the next request of a session, layer by layer, before anything is sent.",
        shape!(
            PreviewContextParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","input":[{"kind":"text","text":"Make this iterative"}]}"#
        ),
        shape!(
            PreviewContextResult,
            r#"{"model":"anthropic/claude-sonnet-5-5","pieces":[{"layer":"instructions","origin":"instructions","text":"You work in an editor.","tokens":6}],"tokens":6,"window":200000,"estimatedCost":{"microUsd":18,"pricesOf":"2026-11-20"}}"#
        ),
    ),
    request(
        method::CONTEXT_SENT,
        "Shows a request that was sent: its exact body, its layers, what it used and cost.",
        shape!(
            SentContextParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","round":1}"#
        ),
        shape!(
            SentContextResult,
            r#"{"turnId":"T-1","round":1,"request":{"model":"anthropic/claude-sonnet-5-5","wire":"messages","parameters":{"maxOutput":32000},"usage":{"input":6,"cacheRead":0,"cacheWrite":0,"output":4,"reasoning":0},"cost":{"microUsd":78,"pricesOf":"2026-11-20"},"millis":1840,"bytes":9120,"estimated":2280},"body":"{}","exact":true,"pieces":[]}"#
        ),
    ),
    request(
        method::USAGE_READ,
        "Reads what a session and a day have spent, and what is left of the budgets.",
        shape!(ReadUsageParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","day":"2026-11-20"}"#),
        shape!(
            ReadUsageResult,
            r#"{"session":{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turns":3,"usage":{"input":600,"cacheRead":9000,"cacheWrite":0,"output":400,"reasoning":0},"cost":{"microUsd":7800,"pricesOf":"2026-11-20"}},"day":{"day":"2026-11-20","tokens":120000,"microUsd":310000},"budgets":[{"key":"day_usd","limit":5000000,"left":4690000}]}"#
        ),
    ),
    request(
        method::BOARD_READ,
        "Reads the announcement board of a session: what the model is shown for some turns.",
        shape!(ReadBoardParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(
            ReadBoardResult,
            r#"{"entries":[{"id":"B1","source":"cabinet","title":"F3","text":"the grammar of the parser","key":"F3","bytes":48210,"turns":5}]}"#
        ),
    ),
    request(
        method::BOARD_POST,
        "Puts a note on the board of a session; the model sees it with its next request.",
        shape!(
            PostBoardParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Freeze","text":"Do not touch the lexer today.","turns":10}"#
        ),
        shape!(PostBoardResult, r#"{"id":"B2"}"#),
    ),
    request(
        method::BOARD_REMOVE,
        "Takes an entry off the board of a session before its time.",
        shape!(RemoveBoardParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"B2"}"#),
        shape!(RemoveBoardResult, r#"{"removed":true}"#),
    ),
    request(
        method::CABINET_LIST,
        "Lists the filing cabinet of the workspace: documents that are kept for 30 days.",
        shape!(ListCabinetParams, r#"{}"#),
        shape!(
            ListCabinetResult,
            r#"{"documents":[{"key":"F3","note":"the grammar of the parser","bytes":48210,"savedAt":1795000000000,"expiresAt":1797592000000}],"problems":["F2 cannot be read: its length is wrong"]}"#
        ),
    ),
    request(
        method::CABINET_READ,
        "Reads a document of the cabinet.",
        shape!(CabinetKeyParams, r#"{"key":"F3"}"#),
        shape!(
            ReadCabinetResult,
            r#"{"document":{"key":"F3","note":"the grammar of the parser","bytes":7,"savedAt":1795000000000,"expiresAt":1797592000000},"text":"a = b ;"}"#
        ),
    ),
    request(
        method::CABINET_DELETE,
        "Deletes a document of the cabinet.",
        shape!(CabinetKeyParams, r#"{"key":"F3"}"#),
        shape!(DeleteCabinetResult, r#"{"deleted":true}"#),
    ),
    request(
        method::CABINET_SAVE,
        "Saves a text in the cabinet.",
        shape!(SaveCabinetParams, r#"{"text":"a = b ;","note":"the grammar of the parser"}"#),
        shape!(SaveCabinetResult, r#"{"key":"F4"}"#),
    ),
    request(
        method::TURN_START,
        "Starts a turn. Answered at once; what happens is told by `glossator/session/update`.",
        shape!(
            StartTurnParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","input":[{"kind":"text","text":"Make this iterative"},{"kind":"mention","uri":"file:///project/src/walk.rs","range":{"start":{"line":10,"character":0},"end":{"line":24,"character":0}}}],"mode":"dry-run","pack":"files","agents":["reviewer"],"editor":{"active":{"uri":"file:///project/src/walk.rs","selection":{"start":{"line":10,"character":0},"end":{"line":24,"character":0}}},"open":["file:///project/src/walk.rs"]}}"#
        ),
        shape!(StartTurnResult, r#"{"turnId":"T-1"}"#),
    ),
    request(
        method::TURN_INTERRUPT,
        "Stops a turn: the model's stream, its scripts, tool calls and processes. What was done stands, and its tasks go on.",
        shape!(InterruptTurnParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1"}"#),
        shape!(InterruptTurnResult, r#"{"interrupted":true}"#),
    ),
    request(
        method::TURN_STEER,
        "Adds something to the running turn: a message of the user's that the model gets with its next request. When no turn runs any more, one is started with it.",
        shape!(
            SteerTurnParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","input":[{"kind":"text","text":"Leave the public names as they are."}]}"#
        ),
        shape!(SteerTurnResult, r#"{"turnId":"T-1","started":false}"#),
    ),
    request(
        method::TURN_QUEUE,
        "Lets a prompt wait until the running turn is done; when none runs and none waits, it is started at once. The queue outlives the server.",
        shape!(
            StartTurnParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","input":[{"kind":"text","text":"Then write the tests"}]}"#
        ),
        shape!(
            QueueTurnResult,
            r#"{"id":"Q3","position":1,"waits":"There is no API key for anthropic.","missing":"noKey"}"#
        ),
    ),
    request(
        method::TURN_QUEUED,
        "Lists the prompts that wait for their turn.",
        shape!(ListQueuedParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(
            ListQueuedResult,
            r#"{"prompts":[{"id":"Q3","input":[{"kind":"text","text":"Then write the tests"}],"at":1795000000000}],"waits":"T-1 was stopped"}"#
        ),
    ),
    request(
        method::TURN_UNQUEUE,
        "Takes a prompt out of the queue.",
        shape!(UnqueueTurnParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"Q3"}"#),
        shape!(
            UnqueueTurnResult,
            r#"{"removed":true,"input":[{"kind":"text","text":"Then write the tests"}]}"#
        ),
    ),
    request(
        method::TURN_UNDO,
        "Takes the edits of a turn back, hunk by hunk: those that are still as the agent wrote them. The others are left and named.",
        shape!(UndoTurnParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1"}"#),
        shape!(
            UndoTurnResult,
            r#"{"turnId":"T-1","files":["src/walk.rs"],"message":"The edits of T-1 were taken back in src/walk.rs. Not src/stack.rs:1 (C3.2): its lines were changed since.","hunks":[{"id":"C3.1","path":"src/walk.rs","line":12,"state":"undone"},{"id":"C3.2","path":"src/stack.rs","line":1,"error":"its lines were changed since"}],"irreversible":[]}"#
        ),
    ),
    request(
        method::TURN_REDO,
        "Makes the edits of a turn again that were taken back.",
        shape!(UndoTurnParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(
            UndoTurnResult,
            r#"{"turnId":"T-1","files":["src/walk.rs"],"message":"The edits of T-1 were made again in src/walk.rs.","hunks":[{"id":"C3.1","path":"src/walk.rs","line":12,"state":"pending"}],"irreversible":[]}"#
        ),
    ),
    request(
        method::CHANGE_SET_READ,
        "Reads hunks of a session as they stand now: of a change set, a turn, a file, or all.",
        shape!(
            ReadChangeSetParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","path":"src/walk.rs","all":true}"#
        ),
        shape!(
            ReadChangeSetResult,
            r#"{"hunks":[{"id":"C3.1","turnId":"T-1","uri":"file:///project/src/walk.rs","path":"src/walk.rs","state":"pending","base":"    walk(next)\n","proposed":"    stack.push(next);\n","range":{"start":{"line":11,"character":0},"end":{"line":12,"character":0}},"version":4}],"files":[{"uri":"file:///project/src/walk.rs","path":"src/walk.rs","open":1,"hunks":1}]}"#
        ),
    ),
    request(
        method::CHANGE_SET_RESOLVE,
        "Decides about hunks of a session. What cannot be done is said of that hunk, and the rest is done.",
        shape!(
            ResolveChangeSetParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","decisions":[{"hunk":"C3.1","resolution":"keep"},{"hunk":"C3.2","resolution":{"edit":"struct Stack;\n"}},{"hunk":"C3.3","resolution":"reject"}]}"#
        ),
        shape!(
            ResolveChangeSetResult,
            r#"{"hunks":[{"id":"C3.1","path":"src/walk.rs","line":12,"state":"kept"},{"id":"C3.2","path":"src/stack.rs","line":1,"state":"kept"},{"id":"C3.3","path":"src/walk.rs","error":"its place was not found in the text as it is now"}]}"#
        ),
    ),
    request(
        method::TRUST_READ,
        "Reads which workspace folders are trusted.",
        shape!(ReadTrustParams, r#"{}"#),
        shape!(TrustResult, r#"{"folders":[{"uri":"file:///work","trusted":false}]}"#),
    ),
    request(
        method::TRUST_SET,
        "Trusts a folder, or no longer. Only ever sent because the user said so.",
        shape!(SetTrustParams, r#"{"uri":"file:///work","trusted":true}"#),
        shape!(TrustResult, r#"{"folders":[{"uri":"file:///work","trusted":true}]}"#),
    ),
    request(
        method::SCRIPT_CHECK,
        "Checks a script: whether it can be read, or in a dry run which calls it would make. Nothing has an effect, and nothing is stored.",
        shape!(
            CheckScriptParams,
            r#"{"source":"const run = await tools.exec({ command: [\"npm\", \"test\"] });\nreturn run.exitCode;","pack":"core","mode":"dry-run"}"#
        ),
        shape!(
            CheckScriptResult,
            r#"{"ok":true,"calls":[{"name":"exec","line":"exec npm test","verdict":"would ask: commands ask unless they are known to be safe"}],"text":"<tool-results script=\"check\" status=\"dry-run\">...</tool-results>"}"#
        ),
    ),
    request(
        method::TASKS_LIST,
        "Lists detached calls, those that have ended included.",
        shape!(ListTasksParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(
            ListTasksResult,
            r#"{"tasks":[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"S1-1-1.2","tool":"exec","line":"exec cargo test","state":"done","startedAt":1795000000000,"millis":48210,"summary":"exit code 0","fileKey":"K3","bytes":20480},{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"S2-1-1.1","tool":"exec","line":"exec npm run watch","state":"running","startedAt":1795000060000}]}"#
        ),
    ),
    request(
        method::TASKS_CANCEL,
        "Stops a detached call. What it has done until then stands.",
        shape!(CancelTaskParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"S2-1-1.1"}"#),
        shape!(CancelTaskResult, r#"{"cancelled":true}"#),
    ),
    request(
        method::PACKS_LIST,
        "Lists the packs of tools: the built-in ones and those of the settings.",
        shape!(ListPacksParams, r#"{}"#),
        shape!(
            ListPacksResult,
            r#"{"packs":[{"slug":"read-only","tools":["readFile","listDir","grepFiles","fileSearch"],"builtIn":true},{"slug":"mine","tools":[],"builtIn":false,"problem":"pack `mine` names the tool `redFile`, which does not exist; did you mean `readFile`?"}]}"#
        ),
    ),
    request(
        method::TOOLS_LIST,
        "Lists the tools of a pack, or of a session, as the model is told of them.",
        shape!(ListToolsParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","pack":"read-only"}"#),
        shape!(
            ListToolsResult,
            r#"{"pack":"read-only","tools":[{"name":"listDir","summary":"Lists a folder.","description":"Lists a folder.","effect":"read","declaration":"listDir(args: { path?: string }): Promise<{ entries: string[] }>;"}]}"#
        ),
    ),
    request(
        method::MODELS_LIST,
        "Lists the models that can be asked, from the settings, the catalogue and what the providers list.",
        shape!(ListModelsParams, r#"{"provider":"anthropic"}"#),
        shape!(
            ListModelsResult,
            r#"{"models":[{"id":"anthropic/claude-sonnet-5-5","provider":"anthropic","name":"Claude Sonnet 5.5","contextWindow":200000,"maxOutput":64000,"inputPrice":3.0,"outputPrice":15.0,"current":true,"usable":true}],"notices":["ollama did not answer within 3 s"]}"#
        ),
    ),
    request(
        method::GRANTS_LIST,
        "Lists what was allowed, for a session or for good, and is not asked again.",
        shape!(ListGrantsParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}"#),
        shape!(
            ListGrantsResult,
            r#"{"grants":[{"id":"G2","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","saved":false,"what":"npm test in /w","at":1795000000000},{"id":"W1","saved":true,"what":"commands that begin with `cargo test`","at":1795000001000}]}"#
        ),
    ),
    request(
        method::GRANTS_REVOKE,
        "Takes back what was allowed, for a session or for good; the next call of the kind is asked about again.",
        shape!(RevokeGrantsParams, r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","id":"G2"}"#),
        shape!(RevokeGrantsResult, r#"{"revoked":1}"#),
    ),
    request(
        method::AUTH_STATUS,
        "Says which providers can be asked, where their keys come from, and what to do for the others.",
        shape!(AuthStatusParams, r#"{}"#),
        shape!(
            AuthStatusResult,
            r#"{"providers":[{"id":"anthropic","wire":"messages","baseUrl":"https://api.anthropic.com","needsKey":true,"ready":true,"source":"keyring","keyEnv":"ANTHROPIC_API_KEY"},{"id":"openai","wire":"responses","baseUrl":"https://api.openai.com/v1","needsKey":true,"ready":false,"keyEnv":"OPENAI_API_KEY","next":"Set OPENAI_API_KEY, or run glossator login openai."}],"ready":true,"message":"anthropic is ready."}"#
        ),
    ),
    request(
        method::AUTH_LOGIN,
        "Stores a provider's key; without one the answer lists the ways to sign in. Only ever sent because the user said so.",
        shape!(LoginParams, r#"{"provider":"anthropic","key":"the key as the provider gave it"}"#),
        shape!(
            LoginResult,
            r#"{"provider":"anthropic","stored":"keyring","ready":true,"message":"The key of anthropic is stored in the keyring."}"#
        ),
    ),
    request(
        method::AUTH_LOGOUT,
        "Removes a provider's stored key. Only ever sent because the user said so.",
        shape!(LogoutParams, r#"{"provider":"anthropic"}"#),
        shape!(
            LogoutResult,
            r#"{"removed":true,"message":"The key of anthropic is removed from the keyring."}"#
        ),
    ),
    request(
        method::MCP_STATUS,
        "Says how the MCP servers stand.",
        shape!(McpStatusParams, r#"{}"#),
        shape!(McpStatusResult, r#"{"servers":[],"message":"Glossator does not use MCP servers yet."}"#),
    ),
    request(
        method::PROMPT_COMPLETE,
        "Says what may be written at a place of a prompt: files, symbols, open documents, diagnostics, sessions, agents and commands.",
        shape!(
            CompletePromptParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","text":"Look at @src/wa","position":{"line":0,"character":15}}"#
        ),
        shape!(
            CompletePromptResult,
            r#"{"items":[{"label":"src/walk.rs","kind":"file","detail":"open","insertText":"@src/walk.rs","range":{"start":{"line":0,"character":8},"end":{"line":0,"character":15}}}],"incomplete":false}"#
        ),
    ),
    MessageRow {
        method: method::APPROVAL_ASK,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Asks the user about one call. A null result is no answer; an answer by another road ends the request with `askResolved`.",
        params: shape!(
            AskParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","ask":{"id":"ask-1","call":"s1.2","title":"Run npm test?","reason":"commands ask unless they are known to be safe","subject":{"kind":"command","command":"npm test","cwd":"/project"},"grants":["once","session"]}}"#
        ),
        result: Some(shape!(Answer, r#"{"decision":"allow","grant":"session"}"#)),
    },
    MessageRow {
        method: method::CHANGE_SET_SHOW,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Shows the hunks of a turn, because the user asked for them (`glossator.review`). Sent to clients that handle `review`.",
        params: shape!(
            ShowChangeSetParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","files":[{"uri":"file:///project/src/stack.rs","hunks":[{"id":"C3.2","turnId":"T-1","uri":"file:///project/src/stack.rs","path":"src/stack.rs","part":{"kind":"create"},"state":"amended","base":"","proposed":"pub struct Stack;\n","current":"pub(crate) struct Stack;\n","range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}}}]}]}"#
        ),
        result: Some(shape!(ShowChangeSetResult, r#"{"shown":true}"#)),
    },
    MessageRow {
        method: method::BUFFERS_SAVE,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Saves documents before a command runs, where the user has set `exec.buffers = \"save\"`. Sent to clients that handle `save`.",
        params: shape!(SaveBuffersParams, r#"{"uris":["file:///project/src/walk.rs"]}"#),
        result: Some(shape!(SaveBuffersResult, r#"{"saved":["file:///project/src/walk.rs"]}"#)),
    },
    MessageRow {
        method: method::EDITOR_STATE,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Asks what the user sees in the editor, with a prompt. Sent to clients that name `editor`; no answer within 300 ms is none.",
        params: shape!(EditorStateParams, r#"{}"#),
        result: Some(shape!(
            EditorState,
            r#"{"active":{"uri":"file:///project/src/walk.rs","selection":{"start":{"line":10,"character":0},"end":{"line":10,"character":4}},"visible":{"start":{"line":0,"character":0},"end":{"line":60,"character":0}}},"open":["file:///project/src/walk.rs","file:///project/src/stack.rs"]}"#
        )),
    },
    MessageRow {
        method: method::INPUT_ASK,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Asks the user a question of the model's. A null result is no answer. Sent to clients that name `input`.",
        params: shape!(
            AskInputParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","askId":"ask-2","question":"Which of the two parsers is meant?","options":["the old one","the new one"]}"#
        ),
        result: Some(shape!(InputAnswer, r#"{"answer":"the new one"}"#)),
    },
    MessageRow {
        method: method::DIAGNOSTICS_READ,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Asks what the editor's other language servers found. Sent to clients that name `diagnostics`.",
        params: shape!(ReadDiagnosticsParams, r#"{"uri":"file:///project/src/walk.rs"}"#),
        result: Some(shape!(
            ReadDiagnosticsResult,
            r#"{"documents":[{"uri":"file:///project/src/walk.rs","version":4,"diagnostics":[{"range":{"start":{"line":11,"character":4},"end":{"line":11,"character":8}},"severity":1,"source":"rustc","message":"cannot find function `walk` in this scope"}]}]}"#
        )),
    },
    MessageRow {
        method: method::SYMBOLS_READ,
        direction: Direction::ToClient,
        kind: Kind::Request,
        doc: "Asks the editor's other language servers for definitions, references or symbols. Sent to clients that name `symbols`.",
        params: shape!(
            ReadSymbolsParams,
            r#"{"kind":"definition","uri":"file:///project/src/walk.rs","position":{"line":11,"character":4}}"#
        ),
        result: Some(shape!(
            ReadSymbolsResult,
            r#"{"symbols":[{"name":"walk","kind":"function","uri":"file:///project/src/walk.rs","range":{"start":{"line":3,"character":0},"end":{"line":9,"character":1}},"container":"walk"}],"complete":true}"#
        )),
    },
    MessageRow {
        method: method::SESSION_UPDATE,
        direction: Direction::ToClient,
        kind: Kind::Notification,
        doc: "Tells what happens in a session, in order, `seq` without gaps.",
        params: shape!(
            SessionUpdateParams,
            r#"{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-1","seq":3,"update":{"kind":"itemDelta","stream":"answer","text":"I will look at "}}"#
        ),
        result: None,
    },
];
