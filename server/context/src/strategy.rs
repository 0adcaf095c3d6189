//! How a session's history is told to a model, and what is done before a request when the window fills: one trait, chosen
//! per session. Sends nothing, records nothing: the caller does what a step says.

use crate::entry::Entry;
use crate::{Inputs, history};
use glossator_session::ItemId;
use std::fmt;

/// How the history is told. A strategy holds whatever it needs beside the log (where its run began, the shorter forms of
/// old turns and the bands they stand in): it is made anew for each request from what is recorded, so that it is as pure as
/// all else here.
pub trait Strategy: fmt::Debug + Send + Sync {
    /// Its name in settings and logs.
    fn name(&self) -> &'static str;

    /// The history and the current turn, oldest first, beginning with the user.
    fn history(&self, inputs: &Inputs) -> Vec<Entry>;

    /// What has to be done before a request is sent.
    fn before_request(&self, load: Load) -> Step;
}

/// How full the window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Input tokens of the request that is about to be sent, as estimated.
    pub tokens: u64,
    /// Tokens that prompt and answer may have together.
    pub window: u64,
    /// Tokens that the answer may have.
    pub max_output: u64,
    /// Whether there is anything that a compaction could make smaller: something was answered since the last one.
    pub grown: bool,
}

/// What comes before a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it is sent.
    Send,
    /// What stands for the older history is made anew and recorded; then the request is made again.
    Compact,
    /// The model is told to write down how far it is and to stop; the next run begins with nothing but its prompt.
    StartOver,
}

/// Whether the window is full enough for something to be done: input has reached `percent` of what `max_output` leaves of
/// it. An output limit over half of the window counts as half of it, since it will not all be used. 0 percent: never.
pub fn is_due(tokens: u64, window: u64, max_output: u64, percent: u8) -> bool {
    let room = window - max_output.min(window / 2);
    percent > 0 && u128::from(tokens) * 100 >= u128::from(room) * u128::from(percent.min(100))
}

/// Everything since the last compaction; compacted when the window is nearly full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regular {
    /// Percent of the window, what the answer may need left aside, at which history is compacted; 0: never by itself.
    pub percent: u8,
}

impl Strategy for Regular {
    fn name(&self) -> &'static str {
        "regular"
    }

    fn history(&self, inputs: &Inputs) -> Vec<Entry> {
        history::render(inputs, inputs.items)
    }

    fn before_request(&self, load: Load) -> Step {
        let due = load.grown && is_due(load.tokens, load.window, load.max_output, self.percent);
        if due { Step::Compact } else { Step::Send }
    }
}

/// A run with a context of its own: nothing of the session before its first item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneShot {
    /// The first item of the run.
    pub first: ItemId,
    /// Percent of the window, what the answer may need left aside, at which the run is ended; 0: never by itself.
    pub percent: u8,
}

impl Strategy for OneShot {
    fn name(&self) -> &'static str {
        "one-shot"
    }

    fn history(&self, inputs: &Inputs) -> Vec<Entry> {
        let from = inputs.items.partition_point(|item| item.id < self.first);
        // A compaction by hand within the run counts; one before it is none of its business.
        history::render(inputs, inputs.items.get(from..).unwrap_or_default())
    }

    fn before_request(&self, load: Load) -> Step {
        let due = load.grown && is_due(load.tokens, load.window, load.max_output, self.percent);
        if due { Step::StartOver } else { Step::Send }
    }
}
