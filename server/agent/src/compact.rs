//! Compaction in a session: when it is due, the request for a hand-over, and the record that stands for the history from
//! then on. What it holds is made by `context`; whether the model helps or not, one is made.

use crate::asking::{self, Asked, Shown};
use crate::config::{History, ModelSetup};
use crate::environment;
use crate::prompting::{self, Basis, View, Weighed, since_compaction};
use crate::record::{self, Draft};
use crate::run_strategy;
use crate::running::{Ended, Running};
use crate::spent::Spent;
use glossator_context::{
    LedgerWords, Load, Made, Step, compaction, handover_prompt, last_compaction, layers_in_force, ledger,
    read_handover,
};
use glossator_models::{ErrorKind, StopReason};
use glossator_session::{
    Compaction, CompactionCause, ContextItem, EventKind, Item, ItemBody, NoticeLevel, Prompt, TurnStatus,
};
use glossator_store::Sync;

/// Tokens of a window that nobody knows: most models of today have more.
const UNKNOWN_WINDOW: u64 = 128_000;
/// Tokens that an answer may have where nobody knows.
const UNKNOWN_OUTPUT: u64 = 8_192;
/// A request whose estimate is so many percent of a known window is not sent: estimates are never so wrong.
const HOPELESS_PERCENT: u64 = 130;
/// What the request for a hand-over is called in the log.
const NAME: &str = "compaction";

/// What has to be done before the turn's next request: nothing, or a compaction, which is made here. Gives the prompt that
/// was made for that; `Err`: the turn ends.
pub(crate) async fn before_request(running: &Running, spent: &mut Spent) -> Result<Weighed, Ended> {
    let (step, mut load, mut weighed) = look(running);
    if step == Step::Compact {
        if let Some(end) = compact(running, CompactionCause::Window, spent).await {
            return Err(end);
        }
        (_, load, weighed) = look(running);
    }
    let (tokens, known) = (load.tokens, running.config.request.facts.context_window);
    match known.filter(|known| tokens.saturating_mul(100) > known.saturating_mul(HOPELESS_PERCENT)) {
        None => Ok(weighed),
        Some(known) => {
            let why = format!("The request has about {tokens} tokens, and the model's window {known}.");
            Err(too_long(running, &why))
        }
    }
}

/// How full the window is, what follows from that, and the prompt that was looked at.
pub(crate) fn look(running: &Running) -> (Step, Load, Weighed) {
    let view = View::of(running);
    let facts = &running.config.request.facts;
    let output = running.config.request.max_output.map(u64::from).or(facts.max_output);
    let history = run_strategy::of(&running.session);
    let bare = running.session.thinking_from();
    let (weight, grown, of) = running.session.with_sendable(|items| {
        let grown = grown(run_strategy::seen(history, items, running.turn));
        let of = Basis::of(view.round, items, bare);
        (view.inputs(items, running.turn, |inputs| view.weigh(inputs)), grown, of)
    });
    let estimated = weight.estimated();
    let load = Load {
        tokens: weight.tokens_of(estimated),
        window: facts.context_window.unwrap_or(UNKNOWN_WINDOW),
        max_output: output.unwrap_or(UNKNOWN_OUTPUT),
        grown,
    };
    (view.strategy.before_request(load), load, Weighed { prompt: weight.prompt, estimated, of })
}

/// Whether there is anything that a compaction could make smaller.
pub(crate) fn has_grown(running: &Running) -> bool {
    let history = run_strategy::of(&running.session);
    running.session.with_items(|items| grown(run_strategy::seen(history, items, running.turn)))
}

/// Whether a compaction would make room for a request that was refused.
pub(crate) fn can_make_room(running: &Running) -> bool {
    run_strategy::of(&running.session) == History::Regular && has_grown(running)
}

pub(crate) fn grown(items: &[Item]) -> bool {
    since_compaction(items).iter().any(|item| {
        matches!(item.body, ItemBody::Answer { .. } | ItemBody::Reasoning { .. } | ItemBody::ToolCall { .. })
    })
}

/// What a user is told whose request does not fit and cannot be made to.
pub(crate) fn too_long(running: &Running, why: &str) -> Ended {
    if run_strategy::of(&running.session) == History::OneShot && has_grown(running) {
        let message = format!("The context of this run is full. {why} The next run begins with a fresh one.");
        return (TurnStatus::Limited, Some(message));
    }
    let model = &running.config.request.model;
    let what = match has_grown(running) {
        true => "Compacting the history did not help.",
        false => "There is no history left to compact: the prompt alone, with the instructions, is too long.",
    };
    let message = format!(
        "The request does not fit the window of {model}. {why} {what} Send a shorter prompt (name files instead of pasting \
         them), or use a model with a larger window."
    );
    (TurnStatus::Failed, Some(message))
}

/// Compacts the history; `Some`: the turn ends, because the user stopped it.
pub(crate) async fn compact(running: &Running, cause: CompactionCause, spent: &mut Spent) -> Option<Ended> {
    let view = View::of(running);
    let weight =
        running.session.with_sendable(|items| view.inputs(items, running.turn, |inputs| view.weigh(inputs)));
    let before = weight.tokens();
    running.say(NoticeLevel::Info, format!("The history (about {before} tokens) is being compacted ..."));
    let window = running.config.request.facts.context_window.unwrap_or(u64::MAX);
    let fits = cause != CompactionCause::Refused && before < window;
    let summary = match hand_over(running, fits, spent).await {
        Ok(summary) => Some(summary),
        Err(None) => return Some((TurnStatus::Interrupted, None)),
        Err(Some(why)) => {
            let text = format!(
                "The history was compacted without a hand-over of the model's: {why}. What Glossator itself keeps (prompts, \
                 rules, plan, files, commands) carries the session on."
            );
            running.notice(NoticeLevel::Warning, text);
            None
        }
    };
    let facts = environment::gather(&running.front, &running.toolset.session, &running.config).await;
    let view = View { agent: None, ..view };
    let round = running.session.place().1;
    let mut made = running.session.with_sendable(|items| {
        make(running, &view, items, |items| Made {
            cause,
            round,
            summary,
            ledger: ledger_of(running, &view, items),
            layers: environment::renewed(&layers_in_force(&view.frozen, items), &facts),
            tokens_before: before,
        })
    });
    if cause != CompactionCause::User {
        tell_again(running, &mut made);
    }
    made.tokens_after = weight.corrected(made.tokens_after);
    let after = made.tokens_after;
    let body = ItemBody::Context(ContextItem::Compaction(Box::new(made)));
    // It stands for the history of every agent. A log that cannot be written has been reported by `record`.
    let _ = running.session.record(running.turn, running.recorder.without_secrets(body), Sync::Now);
    if running.agent().is_some() {
        prompting::say_what_is_new(running);
    }
    running.say(
        NoticeLevel::Info,
        format!("The history was compacted: about {before} tokens before, {after} now."),
    );
    running.recorder.emit(EventKind::Usage { usage: spent.usage, cost: spent.cost.clone() });
    None
}

/// What was told of tools when the turn began holds on, and was told in what is gone now.
fn tell_again(running: &Running, made: &mut Compaction) {
    let toolset = &running.toolset;
    // What holds for one agent alone is not told to all.
    let of_turn = toolset.told.iter().filter(|_| running.agent().is_none());
    for text in std::iter::once(&toolset.changed).chain(of_turn) {
        if !text.is_empty() && !made.told.contains(text) {
            made.told.push(text.clone());
        }
    }
}

/// The record, with what the next request will come to.
fn make(running: &Running, view: &View, items: &[Item], made: impl FnOnce(&[Item]) -> Made) -> Compaction {
    let made = made(items);
    let mut found = view.inputs(items, running.turn, |inputs| compaction(inputs, made));
    let mut then: Vec<Item> = items.last().cloned().into_iter().collect();
    if let Some(last) = then.last_mut() {
        last.body = ItemBody::Context(ContextItem::Compaction(Box::new(found.clone())));
        (last.turn, last.agent) = (running.turn, None);
    }
    found.tokens_after = view.inputs(&then, running.turn, |inputs| view.weigh(inputs)).tokens();
    found
}

/// What we ourselves know of the session up to now.
fn ledger_of(running: &Running, view: &View, items: &[Item]) -> glossator_session::Ledger {
    let folders: Vec<String> =
        view.roots.folders().iter().map(|folder| folder.display().to_string()).collect();
    let words = LedgerWords {
        path: &|path| view.roots.display(path),
        redact: &*running.config.redact,
        folders: &folders,
    };
    let last = last_compaction(items, running.turn);
    let since = last.map_or(items, |(at, _)| items.get(at + 1..).unwrap_or_default());
    ledger(last.map(|(_, compaction)| &compaction.ledger), since, &words)
}

/// The model's hand-over; `Err(None)`: the user stopped it, else why there is none.
async fn hand_over(running: &Running, fits: bool, spent: &mut Spent) -> Result<String, Option<String>> {
    running.attending.before_request(&running.cancel).await;
    let own = running.model();
    let setup = running.config.context.compact_with.as_ref().unwrap_or(&own);
    let asked = ask(running, setup, fits, spent).await;
    if running.cancel.is_cancelled() {
        return Err(None);
    }
    let redact = |text: &str| (running.config.redact)(text);
    match asked.error {
        Some(error) if error.kind == ErrorKind::Cancelled => return Err(None),
        Some(error) => return Err(Some(redact(error.message.trim_end_matches('.')))),
        None => {}
    }
    if let Some(StopReason::Refusal { .. }) = asked.answered.stop {
        return Err(Some("its provider refused the request".to_owned()));
    }
    let texts = asked.answered.bodies.iter().filter_map(|body| match body {
        ItemBody::Answer { text, .. } => Some(text.as_str()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    read_handover(&text).map(|text| redact(&text)).map_err(Some)
}

/// Asks for the hand-over; nothing of the answer is recorded but what the request was. Where the history does not fit a
/// request, the last round is left out: without it, it did.
async fn ask(running: &Running, setup: &ModelSetup, fits: bool, spent: &mut Spent) -> Asked {
    let mut view = View::of(running);
    view.model.clone_from(&setup.request.model);
    view.wire = setup.provider.as_ref().map_or("", |provider| provider.wire.name());
    view.sees_images = setup.request.facts.images.unwrap_or(true);
    let (prompt, draft): (Prompt, Draft) = running.session.with_sendable(|items| {
        let items = if fits { items } else { before_last_round(items) };
        let draft = Draft::of(&view, &setup.request, items).beside(NAME, &setup.request);
        (view.inputs(items, running.turn, handover_prompt), draft)
    });
    let draft = draft.bare(running.session.thinking_from());
    let request = asking::request(&setup.request, prompt, running.session.id());
    let hidden = |_: Shown<'_>| ();
    let asked = asking::ask(&running.shared, setup, (&request, None), (&running.cancel, &hidden)).await;
    record::keep(running, draft, &asked, spent).await;
    asked
}

/// The items before the last round that was answered; all, where nothing that was said would be left.
fn before_last_round(items: &[Item]) -> &[Item] {
    let answered =
        |item: &&Item| matches!(item.body, ItemBody::Answer { .. } | ItemBody::ToolCall { script: None, .. });
    let Some(last) = items.iter().rev().find(answered) else { return items };
    let begin = items.iter().position(|item| (item.turn, item.round) == (last.turn, last.round));
    let before = items.get(..begin.unwrap_or(items.len())).unwrap_or(items);
    if grown(before) { before } else { items }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, TurnId};

    #[test]
    fn what_does_not_fit_is_told_without_its_last_round() {
        let check = |words: &str, expected: usize| {
            let (mut turn, mut round) = (0, 0);
            let items = words.split_whitespace().enumerate().map(|(at, word)| {
                let body = match word {
                    "u" => {
                        (turn, round) = (turn + 1, 0);
                        ItemBody::UserMessage { input: Vec::new(), to: Vec::new(), queued: None }
                    }
                    "a" => {
                        round += 1;
                        ItemBody::Answer { text: "x".to_owned(), raw: None }
                    }
                    _ => ItemBody::Script { id: "S".into(), source: String::new() },
                };
                Item { id: ItemId(at as u64 + 1), turn: TurnId(turn), round, at: 0, agent: None, body }
            });
            let items: Vec<Item> = items.collect();
            assert_eq!(before_last_round(&items).len(), expected, "{words}");
        };
        check("u a s a s", 3);
        check("u a u", 3);
        check("u a s u a s", 4);
        check("u", 1);
        check("u a u a s u", 3);
    }
}
