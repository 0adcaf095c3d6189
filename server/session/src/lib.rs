//! What a session is made of: ids, items, tool specs and calls, asks and answers, prompts, usage and the events that
//! fronts show. Plain data: no IO, no clock, no async. Crates above the vocabulary talk in these words only.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod approval;
mod context_item;
mod event;
mod ids;
mod input;
mod item;
mod item_json;
mod ledger;
mod plan;
mod prompt;
mod review;
mod texts;
mod tool;
mod turn;

#[cfg(test)]
mod tests;

pub use approval::{Answer, Ask, AskHunk, AskSubject, Decision, Grant};
pub use context_item::{
    BoardEntry, BoardSource, Compaction, CompactionCause, ContextItem, EditorFile, EditorSeen, RequestRecord,
};
pub use event::{Event, EventKind, Started};
pub use ids::{AgentId, AskId, CallId, ChangeSetId, FileKey, HunkId, ItemId, SessionId, TurnId};
pub use input::{InputPart, QueuedPrompt};
pub use item::{ChangeState, Item, ItemBody, NoticeLevel, TaskState};
pub use ledger::{
    Ledger, LedgerCommand, LedgerFile, LedgerHunk, LedgerKey, LedgerPrompt, LedgerRule, LedgerTask,
};
pub use plan::{PlanStep, StepStatus};
pub use prompt::{Cost, Image, Message, Part, Prompt, Raw, Role, SystemPart, Usage};
pub use review::{HunkPart, HunkPlace, HunkRecord, HunkState, HunkVerdict, ReviewedBy};
pub use texts::change_texts;
pub use tool::{Effect, ToolCall, ToolError, ToolErrorKind, ToolOutput, ToolSpec};
pub use turn::TurnStatus;
