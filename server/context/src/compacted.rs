//! Compaction: what the model is asked for its hand-over, whether it can be used, and what stands for the history before
//! it. Asks nobody: the caller sends the request and records what [`compaction`] made.

use crate::addressed::joined;
use crate::board::Board;
use crate::escape::{escape_also, escape_reserved};
use crate::ledger::render_ledger;
use crate::reminders::{Occasion, reminder};
use crate::{Inputs, assemble};
use glossator_session::{
    AgentId, BoardEntry, Compaction, CompactionCause, ContextItem, InputPart, Item, ItemBody, Ledger,
    Message, Part, Prompt, Role, SystemPart, TurnId,
};

/// Characters of the rendered ledger that a model is sent; about 10,000 tokens at the most.
pub const LEDGER_CHARS: usize = 40_000;
/// Characters of a hand-over: shorter says nothing, longer is no hand-over.
const HANDOVER_CHARS: std::ops::RangeInclusive<usize> = 80..=60_000;
/// How a refusal begins that has none of the headings.
const REFUSALS: &[&str] = &[
    "i can't",
    "i can’t",
    "i cannot",
    "i'm sorry",
    "i’m sorry",
    "i am sorry",
    "sorry,",
    "i won't",
    "i am unable",
    "i'm unable",
];
/// What a hand-over is written under.
const HEADINGS: &[(&str, &str)] = &[
    ("Goal", "what the user wants in the end, and what counts as done"),
    ("State", "what was done and checked, what is half done, what failed and why"),
    (
        "Findings",
        "what was learned that would cost time to find again: places in the code (path:line), causes, decisions and their reasons, dead ends",
    ),
    ("Agreements", "what the user decided, preferred or ruled out, in the user's words where they matter"),
    ("Next", "the next steps, in order, the first one exactly"),
];

/// The last compaction up to turn `current` and its place in `items`.
pub fn last_compaction(items: &[Item], current: TurnId) -> Option<(usize, &Compaction)> {
    items.iter().enumerate().rev().filter(|(_, item)| item.turn <= current).find_map(|(at, item)| match &item
        .body
    {
        ItemBody::Context(ContextItem::Compaction(compaction)) => Some((at, &**compaction)),
        _ => None,
    })
}

/// The layers that hold: those of the last compaction that froze any, else those that the session began with.
pub fn layers_in_force(head: &[SystemPart], items: &[Item]) -> Vec<SystemPart> {
    let frozen = items.iter().rev().find_map(|item| match &item.body {
        ItemBody::Context(ContextItem::Compaction(compaction)) if !compaction.layers.is_empty() => {
            Some(compaction.layers.as_slice())
        }
        _ => None,
    });
    frozen.unwrap_or(head).to_vec()
}

/// What a compaction is made of beside the log.
#[derive(Debug, Clone)]
pub struct Made {
    /// Why it is made.
    pub cause: CompactionCause,
    /// The request that it goes before, from 1; between turns any.
    pub round: u32,
    /// The hand-over, as [`read_handover`] gave it; `None` where there is none that can be used.
    pub summary: Option<String>,
    /// What [`ledger`](crate::ledger()) gave.
    pub ledger: Ledger,
    /// Layers 1 and 2 as they are now; empty: as they were.
    pub layers: Vec<SystemPart>,
    /// Tokens of the request before, as estimated.
    pub tokens_before: u64,
}

/// The record of a compaction in turn `inputs.current`, with all that the history behind it still needs: the prompt of the
/// turn, if that is not over, the live board, and what was to be told with the next request. `tokens_after` is left 0 for
/// the caller to estimate. It is to be recorded with the turn `inputs.current` and round `made.round`.
pub fn compaction(inputs: &Inputs, made: Made) -> Compaction {
    let turn = inputs.current;
    let request = (turn, made.round.max(1));
    let (prompt, to) = prompt_of(inputs.items, turn);
    let due = inputs.reminders.iter().filter(|it| (it.turn, it.round) == request);
    Compaction {
        cause: made.cause,
        summary: made.summary,
        ledger: made.ledger,
        prompt,
        to,
        board: live_board(inputs.items, turn),
        told: due.map(|it| it.text.clone()).collect(),
        layers: made.layers,
        tokens_before: made.tokens_before,
        tokens_after: 0,
    }
}

/// All that the user sent in a turn, and for whom; nothing if it has ended.
fn prompt_of(items: &[Item], turn: TurnId) -> (Vec<InputPart>, Vec<AgentId>) {
    let (mut prompt, mut whom) = (Vec::new(), Vec::new());
    for item in items.iter().filter(|item| item.turn == turn) {
        match &item.body {
            ItemBody::UserMessage { input, to, .. } => {
                whom = if prompt.is_empty() { to.clone() } else { joined(&whom, to) };
                prompt.extend(input.iter().cloned());
            }
            ItemBody::Context(ContextItem::Compaction(compaction)) => {
                prompt.clone_from(&compaction.prompt);
                whom.clone_from(&compaction.to);
            }
            ItemBody::TurnEnded { .. } => return (Vec::new(), Vec::new()),
            _ => {}
        }
    }
    (prompt, whom)
}

fn live_board(items: &[Item], turn: TurnId) -> Vec<BoardEntry> {
    let mut board = Board::default();
    for item in items.iter().filter(|item| item.turn <= turn) {
        board.take(item);
    }
    let left = |until: TurnId| until.0.saturating_sub(turn.0).saturating_add(1);
    board.live(turn).map(|posted| BoardEntry { turns: left(posted.until), ..posted.entry.clone() }).collect()
}

/// The element that stands for the history before a compaction.
pub(crate) fn element(compaction: &Compaction) -> String {
    let mut text = String::from("<compacted-history>\nThe conversation up to here was compacted. ");
    text.push_str(reminder(Occasion::Compacted));
    match &compaction.summary {
        Some(summary) => {
            let summary = escape_reserved(summary.trim());
            text.push_str(&format!(
                "\n\n<hand-over>\n{}\n</hand-over>",
                escape_also(&summary, &["hand-over", "ledger"])
            ));
        }
        None => text.push_str("\n\nNo hand-over was written; the ledger says what is known."),
    }
    let ledger = render_ledger(&without_repeated(compaction), LEDGER_CHARS);
    let ledger = escape_also(&ledger, &["hand-over", "ledger"]);
    text.push_str(&format!(
        "\n\n<ledger>\nKept by the program around you, not by a model: facts, and the user's own words.\n\n{ledger}\n</ledger>\n\
         </compacted-history>"
    ));
    text
}

/// The ledger without the prompt of the turn, which follows whole.
fn without_repeated(compaction: &Compaction) -> Ledger {
    let mut ledger = compaction.ledger.clone();
    if let Some(turn) =
        ledger.prompts.last().map(|prompt| prompt.turn).filter(|_| !compaction.prompt.is_empty())
    {
        ledger.prompts.retain(|prompt| prompt.turn != turn);
    }
    ledger
}

/// The request for a hand-over: the prompt of [`assemble`] and one more text of the user's role at its end. Tools stay in
/// it, since the prefix must not change; it says that none is to be called.
pub fn handover_prompt(inputs: &Inputs) -> Prompt {
    let mut prompt = assemble(inputs);
    let part = Part::Text { text: handover_request() };
    match prompt.messages.last_mut() {
        Some(last) if last.role == Role::User => last.parts.push(part),
        _ => prompt.messages.push(Message { role: Role::User, parts: vec![part] }),
    }
    prompt
}

fn handover_request() -> String {
    let headings: Vec<String> =
        HEADINGS.iter().map(|(heading, what)| format!("## {heading}\n{what}")).collect();
    format!(
        "<harness-note>The conversation is about to be compacted: everything above goes, and whoever goes on has only what \
         you write now, beside a ledger that the program keeps. Write the hand-over, and nothing else.\n\nThe ledger already \
         holds, to the letter: the user's prompts, the rules the user gave, the plan, the files read and edited, the commands \
         that ran with their exit codes, open tasks, file keys, hunks under review. Do not repeat these.\n\nWrite it in \
         Markdown under these headings, in this order, at most about 1,500 words; leave a heading empty rather than \
         guess:\n\n{}\n\nDo not call a tool and write no `tool-calls` block: nothing of this message is run. Name \
         no secrets.</harness-note>",
        headings.join("\n\n")
    )
}

/// A model's answer as a hand-over.
///
/// # Errors
/// It is none: empty, a refusal, a call of tools, or of an absurd length. The reason is for people.
pub fn read_handover(answer: &str) -> Result<String, String> {
    let text = answer.trim();
    let chars = text.chars().count();
    if text.is_empty() {
        return Err("the hand-over was empty".to_owned());
    }
    let small = text.to_lowercase();
    if small.contains("<tool-calls>") || small.contains("<tool-results") {
        return Err("the model called tools instead of writing a hand-over".to_owned());
    }
    let headed = has_heading(&small);
    if REFUSALS.iter().any(|refusal| small.starts_with(refusal)) && !headed {
        return Err("the model refused to write a hand-over".to_owned());
    }
    if chars < *HANDOVER_CHARS.start() || !headed && chars < 4 * HANDOVER_CHARS.start() {
        return Err(format!("the hand-over was only {chars} characters long"));
    }
    if chars > *HANDOVER_CHARS.end() {
        return Err(format!("the hand-over was {chars} characters long, which is no hand-over"));
    }
    Ok(text.to_owned())
}

/// Whether one of the headings stands at the start of a line.
fn has_heading(small: &str) -> bool {
    let heads = |line: &str| {
        let line = line.trim_start_matches(['#', '*', ' ']);
        HEADINGS.iter().any(|(heading, _)| line.starts_with(&heading.to_lowercase()))
    };
    small.lines().any(heads)
}
