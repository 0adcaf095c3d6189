//! What an editor and the server say beyond LSP: one table of messages, their types by topic, the capability that
//! opts in, and the commands. Plain data: no IO, and nothing of the server's inside is known here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approval;
mod arguments;
mod auth;
mod board;
mod buffers;
mod capability;
mod change_set;
mod chosen;
mod code;
pub mod command;
mod command_arguments;
mod command_table;
mod complete;
mod context;
mod editor;
mod grant;
mod mcp;
mod model;
mod pack;
mod place;
mod question;
mod script;
mod search;
mod session;
mod session_change;
mod steering;
mod table;
mod task;
mod trust;
mod turn;
mod update;

pub use approval::{Answer, Ask, AskHunk, AskParams, AskSubject, Decision, Grant};
pub use arguments::{
    AnswerArgument, AskArgument, EditArgument, FileArgument, HunkArgument, PlaceArgument, ReviewArgument,
    SendArgument, SessionArgument, TaskArgument, TurnArgument,
};
pub use auth::{
    AuthProvider, AuthStatusParams, AuthStatusResult, KeySource, LoginParams, LoginResult, LogoutParams,
    LogoutResult, Missing, RefusedData,
};
pub use board::{
    BoardEntry, BoardSource, CabinetDocument, CabinetKeyParams, DeleteCabinetResult, ListCabinetParams,
    ListCabinetResult, PostBoardParams, PostBoardResult, ReadBoardParams, ReadBoardResult, ReadCabinetResult,
    RemoveBoardParams, RemoveBoardResult, SaveCabinetParams, SaveCabinetResult,
};
pub use buffers::{SaveBuffersParams, SaveBuffersResult};
pub use capability::{Capability, FEATURES, VERSION};
pub use change_set::{
    Hunk, HunkDecision, HunkFile, HunkOutcome, HunkPart, HunkState, ReadChangeSetParams, ReadChangeSetResult,
    Resolution, ResolveChangeSetParams, ResolveChangeSetResult, ShowChangeSetParams, ShowChangeSetResult,
    ShownFile,
};
pub use chosen::SessionSettings;
pub use code::{
    DocumentDiagnostics, ReadDiagnosticsParams, ReadDiagnosticsResult, ReadSymbolsParams, ReadSymbolsResult,
    SymbolInfo, SymbolsKind,
};
pub use command_arguments::{
    BlockArgument, ChatArgument, ChoiceArgument, CodeArgument, ForkHereArgument, OpenArgument,
    ProviderArgument, QuestionArgument, StopArgument,
};
pub use command_table::{COMMANDS, CommandRow};
pub use complete::{CompletePromptParams, CompletePromptResult, PromptItem, PromptItemKind};
pub use context::{
    Budget, ContextPiece, DayUsage, PreviewContextParams, PreviewContextResult, ReadUsageParams,
    ReadUsageResult, SentContextParams, SentContextResult, SentRequest, SessionUsage,
};
pub use editor::{ActiveDocument, EditorState, EditorStateParams};
pub use grant::{GrantInfo, ListGrantsParams, ListGrantsResult, RevokeGrantsParams, RevokeGrantsResult};
pub use mcp::{McpServer, McpStatusParams, McpStatusResult};
pub use model::{ListModelsParams, ListModelsResult, ModelInfo};
pub use pack::{Effect, ListPacksParams, ListPacksResult, ListToolsParams, ListToolsResult, Pack, Tool};
pub use place::{Position, Range};
pub use question::{AskInputParams, InputAnswer};
pub use script::{CheckMode, CheckScriptParams, CheckScriptResult, ScriptCall, ScriptError, ScriptMode};
pub use search::{SearchSessionsParams, SearchSessionsResult, SessionHit};
pub use session::{
    ListSessionsParams, ListSessionsResult, NewSessionParams, NewSessionResult, ReadSessionParams,
    ReadSessionResult, ResumeSessionParams, ResumeSessionResult, Session, SessionLeft, SessionParent,
    Writing,
};
pub use session_change::{
    ArchiveSessionParams, ArchiveSessionResult, CompactSessionParams, CompactSessionResult,
    ConfigureSessionParams, ConfigureSessionResult, DeleteSessionParams, DeleteSessionResult, ExportFormat,
    ExportSessionParams, ExportSessionResult, ForkSessionParams, ImportSessionParams, RenameSessionParams,
    RenameSessionResult,
};
pub use steering::{
    ListQueuedParams, ListQueuedResult, QueueTurnResult, QueuedPrompt, SteerTurnParams, SteerTurnResult,
    UnqueueTurnParams, UnqueueTurnResult,
};
pub use table::{Direction, Kind, MESSAGES, MessageRow, Shape, method};
pub use task::{CancelTaskParams, CancelTaskResult, ListTasksParams, ListTasksResult, Task, TaskStatus};
pub use trust::{FolderTrust, ReadTrustParams, SetTrustParams, TrustResult};
pub use turn::{
    Input, InterruptTurnParams, InterruptTurnResult, StartTurnParams, StartTurnResult, UndoTurnParams,
    UndoTurnResult,
};
pub use update::{
    Cost, NoticeLevel, PlanStep, PlanStepStatus, SessionUpdateParams, StartedItem, StartedKind, TurnStatus,
    Update, Usage,
};

#[cfg(test)]
mod tests;
