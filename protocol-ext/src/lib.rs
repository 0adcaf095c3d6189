//! What an editor and the server say beyond LSP: one table of messages, their types by topic, the capability that
//! opts in, and the commands. Plain data: no IO, and nothing of the server's inside is known here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approval;
mod capability;
mod commands;
mod pack;
mod script;
mod session;
mod table;
mod task;
mod trust;
mod turn;
mod update;

pub use approval::{Answer, Ask, AskHunk, AskParams, AskSubject, Decision, Grant};
pub use capability::{Capability, FEATURES, VERSION};
pub use commands::{
    AnswerArgument, AskArgument, COMMANDS, CommandRow, EditArgument, SendArgument, TaskArgument,
    TurnArgument, command,
};
pub use pack::{Effect, ListPacksParams, ListPacksResult, ListToolsParams, ListToolsResult, Pack, Tool};
pub use script::{CheckMode, CheckScriptParams, CheckScriptResult, ScriptCall, ScriptError, ScriptMode};
pub use session::{
    ListSessionsParams, ListSessionsResult, NewSessionParams, NewSessionResult, ReadSessionParams,
    ReadSessionResult, Session,
};
pub use table::{Direction, Kind, MESSAGES, MessageRow, Shape, method};
pub use task::{CancelTaskParams, CancelTaskResult, ListTasksParams, ListTasksResult, Task, TaskStatus};
pub use trust::{FolderTrust, ReadTrustParams, SetTrustParams, TrustResult};
pub use turn::{
    Input, InterruptTurnParams, InterruptTurnResult, Position, Range, StartTurnParams, StartTurnResult,
    UndoTurnParams, UndoTurnResult,
};
pub use update::{Cost, NoticeLevel, SessionUpdateParams, TurnStatus, Update, Usage};

#[cfg(test)]
mod tests;
