//! From what is known to what a model is sent: `assemble` is a pure function of its inputs, the same bytes each time.
//! No IO, no clock; it decides layout, never content: what the layers say comes from the caller.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod escape;
mod history;
mod mention;
mod outcome;
mod round;
mod system;

pub use escape::escape_reserved;
pub use system::{Environment, ProjectDoc, system};

use glossator_session::{Item, Message, Prompt, SystemPart, ToolSpec, TurnId};

/// The system prompt: what the model is, how it calls tools, how it works. Data, kept beside the code.
pub const INSTRUCTIONS: &str = include_str!("instructions.md");

/// Characters of the user's prompt that are repeated at every round (about 1,000 tokens).
pub const USER_PROMPT_CAP_CHARS: usize = 4_000;

/// All that a prompt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Layer 1: what the model is told about itself, as a rule [`INSTRUCTIONS`].
    pub instructions: &'a str,
    /// Layer 1: the declarations of the tools that scripts may call; empty where there are none.
    pub tool_reference: &'a str,
    /// The tools offered natively, beside or instead of scripts.
    pub native_tools: &'a [ToolSpec],
    /// Layer 2: the guidance files of trusted folders, nearest last.
    pub project: &'a [ProjectDoc],
    /// Layer 2: where the work happens, as it was when the session started.
    pub environment: &'a Environment,
    /// Layers 1 and 2 as they were frozen when the session started; used in place of the four fields above, so that a
    /// resumed session sends the same bytes. See [`system()`] for what to store.
    pub frozen: Option<&'a [SystemPart]>,
    /// The session's log, oldest first.
    pub items: &'a [Item],
    /// The turn to be answered; items of later turns are left out.
    pub current: TurnId,
    /// The model id that will be asked: raw blocks of other models are not sent to it.
    pub model: &'a str,
    /// The wire it is asked over: raw blocks of other wires are not sent either.
    pub wire: &'a str,
    /// What the harness has to tell beside the log.
    pub reminders: &'a [Reminder],
    /// Characters of the user's prompt that are repeated at every round; see [`USER_PROMPT_CAP_CHARS`].
    pub user_prompt_cap_chars: usize,
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
/// Within a turn requests only grow at their end: the messages of one request are a prefix of those of the next, as long
/// as the log only grew and its new items belong to the round that was asked for (an item that arrives while request
/// `n` is under way carries round `n`).
pub fn assemble(inputs: &Inputs) -> Prompt {
    let system = match inputs.frozen {
        Some(parts) => parts.to_vec(),
        None => system(inputs.instructions, inputs.tool_reference, inputs.project, inputs.environment),
    };
    let tools = inputs.native_tools.iter().map(escape::harmless).collect();
    Prompt { system, tools, messages: messages(inputs) }
}

fn messages(inputs: &Inputs) -> Vec<Message> {
    history::render(inputs, &round::split(inputs.items, inputs.current))
}

#[cfg(test)]
mod tests;
