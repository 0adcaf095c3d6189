//! From what is known to what a model is sent: `assemble` is a pure function of its inputs, the same bytes each time.
//! No IO, no clock; it decides layout, never content: what the layers say comes from the caller.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod addressed;
mod board;
mod compacted;
mod entry;
mod escape;
mod explain;
mod guidance;
mod history;
mod ledger;
mod mention;
mod native;
mod outcome;
mod reminders;
mod round;
mod strategy;
mod system;

pub use addressed::addresses;
pub use board::board_at;
pub use compacted::{Made, compaction, handover_prompt, last_compaction, layers_in_force, read_handover};
pub use entry::{Entry, Origin, Said};
pub use escape::escape_reserved;
pub use explain::{Piece, explain};
pub use guidance::{Guidance, GuidanceFile, Imported, guidance};
pub use ledger::{LedgerWords, ledger, render_ledger};
pub use reminders::{Occasion, REMINDERS, reminder, reminder_of};
pub use strategy::{Load, OneShot, Regular, Step, Strategy, is_due};
pub use system::{Environment, ProjectDoc, SystemTexts, role, system};

use glossator_session::{AgentId, Item, Prompt, SystemPart, ToolSpec, TurnId};

/// The system prompt: what the model is, how it calls tools by scripts, how it works. Data, kept beside the code.
pub const INSTRUCTIONS: &str = concat!(
    include_str!("instructions/begin.md"),
    include_str!("instructions/scripts.md"),
    include_str!("instructions/rest.md")
);

/// The same for a model that only calls tools natively: nothing of scripts is in it.
pub const NATIVE_INSTRUCTIONS: &str = concat!(
    include_str!("instructions/begin.md"),
    include_str!("instructions/calls.md"),
    include_str!("instructions/rest.md")
);

/// Characters of the user's prompt that are repeated at every round (about 1,000 tokens).
pub const USER_PROMPT_CAP_CHARS: usize = 4_000;

/// The session's own agent, where agents are named in the settings, in prompts and to models.
pub const OWN_AGENT: &str = "session";

/// All that a prompt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Layers 1 and 2 as they are in force: what [`system()`] gave when they were frozen, with what [`role`] gives behind
    /// it for one of several agents. Sent as they are. See [`layers_in_force`].
    pub layers: &'a [SystemPart],
    /// The tools offered natively, beside or instead of scripts.
    pub native_tools: &'a [ToolSpec],
    /// The session's log, oldest first: all of it, or from its last compaction on; the prompt is the same.
    pub items: &'a [Item],
    /// The turn to be answered; items of later turns are left out.
    pub current: TurnId,
    /// The request of it that is made, from 1. What the user added since it was begun waits for the next one, so that no
    /// request changes what an earlier one was sent; `u32::MAX`: nothing waits.
    pub round: u32,
    /// Who reads it.
    pub reader: Reader<'a>,
    /// Absolute paths of the workspace folders: paths are shown as seen from them.
    pub folders: &'a [String],
    /// What the harness has to tell beside the log.
    pub reminders: &'a [Reminder],
    /// Characters of the user's prompt that are repeated at every round; see [`USER_PROMPT_CAP_CHARS`].
    pub user_prompt_cap_chars: usize,
    /// How the history is told.
    pub strategy: &'a dyn Strategy,
}

/// Who reads a prompt: what it can take, and which of the items are its own.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The model id that will be asked: raw blocks of other models are not sent to it.
    pub model: &'a str,
    /// The wire it is asked over: raw blocks of other wires are not sent either.
    pub wire: &'a str,
    /// Whether it sees images; if not, they are described in words.
    pub sees_images: bool,
    /// Which agent of the session it is; `None`: the session's own.
    pub agent: Option<&'a AgentId>,
}

/// Something told to the model in the newest user-role message of one request. It has to be given again for later
/// requests, so that what was sent stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The turn.
    pub turn: TurnId,
    /// The model request within the turn, from 1, that first carries it.
    pub round: u32,
    /// What is told, in the harness's own words.
    pub text: String,
}

/// Makes the prompt of the next request of turn `current`.
///
/// Requests of one reader only grow at their end until the history is compacted: but for its last message, which may
/// grow, a request is a prefix of the next one, as long as the log only grew and its new items belong to the round that
/// was asked for (an item that arrives while request `n` is under way carries round `n`). Within a turn of a session with
/// one agent its last message does not change either.
pub fn assemble(inputs: &Inputs) -> Prompt {
    let messages = inputs.strategy.history(inputs).into_iter().map(Entry::message).collect();
    let tools = inputs.native_tools.iter().map(native::offered).collect();
    Prompt { system: inputs.layers.to_vec(), tools, messages }
}

#[cfg(test)]
mod tests;
