//! The ledger of a session: what a compaction must never lose, folded from the log by us and not by a model. Bounded in
//! counts and characters; what does not fit is counted.

mod fold;
mod render;
mod rules;

pub use render::render_ledger;

use crate::mention::cut_middle;
use fold::Fold;
use glossator_session::{Item, Ledger, LedgerPrompt};
use std::path::Path;

/// Characters of the first and of the latest prompt.
const END_PROMPT: usize = 8_000;
/// Characters of every other prompt, and of all of them together.
const PROMPT: usize = 2_000;
const PROMPTS: usize = 24_000;
/// Slack behind a cut, so that what was cut once is not cut again at the next compaction.
const MARK: usize = 200;
/// Entries of each kind; of more the oldest go, of commands those behind the first [`FIRST_COMMANDS`].
const RULES: usize = 200;
const STEPS: usize = 100;
const EDITED: usize = 1_000;
const READ: usize = 100;
const COMMANDS: usize = 60;
const FIRST_COMMANDS: usize = 5;
const TASKS: usize = 50;
const KEYS: usize = 100;
const HUNKS: usize = 200;

/// How words of the ledger are written.
#[derive(Clone, Copy)]
pub struct LedgerWords<'a> {
    /// A path as the user knows it.
    pub path: &'a dyn Fn(&Path) -> String,
    /// Takes known secrets out of a text.
    pub redact: &'a dyn Fn(&str) -> String,
    /// Absolute paths of the workspace folders.
    pub folders: &'a [String],
}

/// The ledger after `items`: all of the log, or those from the last compaction on, whose ledger is gone on from. `base` is
/// that ledger where `items` begin behind the compaction.
pub fn ledger(base: Option<&Ledger>, items: &[Item], words: &LedgerWords) -> Ledger {
    let mut fold = Fold::from(base.cloned().unwrap_or_default(), words);
    for item in items {
        fold.take(item);
    }
    bounded(fold.finish())
}

fn bounded(mut ledger: Ledger) -> Ledger {
    bound_prompts(&mut ledger);
    let gone = drop_oldest(&mut ledger.rules, RULES);
    ledger.left_out += gone;
    ledger.plan.truncate(STEPS);
    let mut edited = ledger.files.iter().filter(|file| file.edited.is_some()).count();
    let mut read = ledger.files.len() - edited;
    ledger.files.retain(|file| {
        let (count, most) = if file.edited.is_some() { (&mut edited, EDITED) } else { (&mut read, READ) };
        let kept = *count <= most;
        *count -= usize::from(!kept);
        kept
    });
    if ledger.commands.len() > COMMANDS {
        let gone = ledger.commands.len() - COMMANDS;
        ledger.commands.drain(FIRST_COMMANDS..FIRST_COMMANDS + gone);
        ledger.left_out += gone as u64;
    }
    drop_oldest(&mut ledger.tasks, TASKS);
    drop_oldest(&mut ledger.keys, KEYS);
    drop_oldest(&mut ledger.hunks, HUNKS);
    ledger
}

/// The first and the latest prompt stay; of the others the newest that fit.
fn bound_prompts(ledger: &mut Ledger) {
    let last = ledger.prompts.len().saturating_sub(1);
    let mut room = PROMPTS;
    let mut kept: Vec<LedgerPrompt> = Vec::new();
    for (at, mut prompt) in std::mem::take(&mut ledger.prompts).into_iter().enumerate().rev() {
        let end = at == 0 || at == last;
        prompt.text = cut(&prompt.text, if end { END_PROMPT } else { PROMPT });
        let length = prompt.text.chars().count();
        if !end && length > room {
            // From here on only the first one is kept: no holes.
            room = 0;
            ledger.left_out += 1;
            continue;
        }
        room = if end { room } else { room - length };
        kept.push(prompt);
    }
    kept.reverse();
    ledger.prompts = kept;
}

fn cut(text: &str, most: usize) -> String {
    match text.chars().nth(most + MARK) {
        None => text.to_owned(),
        Some(_) => cut_middle(text, most, "the ledger keeps no more of it"),
    }
}

fn drop_oldest<T>(all: &mut Vec<T>, most: usize) -> u64 {
    let gone = all.len().saturating_sub(most);
    all.drain(..gone);
    gone as u64
}
