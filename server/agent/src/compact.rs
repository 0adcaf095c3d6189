//! Compaction in a session: when it is due, the request for a hand-over, and the record that stands for the history from
//! then on. What it holds is made by `context`; whether the model helps or not, one is made.

use crate::asking::{self, Asked, Shown};
use crate::config::ModelSetup;
use crate::environment;
use crate::prompting::{self, View, since_compaction};
use crate::record::{self, Draft};
use crate::running::{Ended, Running};
use crate::spent::Spent;
use glossator_context::{
    LedgerWords, Load, Made, Step, Strategy, compaction, handover_prompt, last_compaction, layers_in_force, ledger,
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

/// What has to be done before the turn's next request: nothing, or a compaction, which is made here; `Some`: the turn ends.
pub(crate) async fn before_request(running: &Running, spent: &mut Spent) -> Option<Ended> {
    let (step, load) = look(running);
    match step {
        Step::Send | Step::StartOver => {}
        Step::Compact => {
            if let Some(end) = compact(running, CompactionCause::Window, spent).await {
                return Some(end);
            }
        }
    }
    let known = running.config.request.facts.context_window?;
    let tokens = if step == Step::Compact { look(running).1.tokens } else { load.tokens };
    let why = format!("The request has about {tokens} tokens, and the model's window {known}.");
    (tokens.saturating_mul(100) > known.saturating_mul(HOPELESS_PERCENT))
        .then(|| (TurnStatus::Failed, Some(too_long(running, &why))))
}

/// How full the window is, and what follows from that.
fn look(running: &Running) -> (Step, Load) {
    let view = View::of(running);
    let facts = &running.config.request.facts;
    let output = running.config.request.max_output.map(u64::from).or(facts.max_output);
    let (weight, grown) = running.session.with_sendable(|items| {
        (view.inputs(items, running.turn, |inputs| view.weigh(inputs)), grown(items))
    });
    let load = Load {
        tokens: weight.tokens(),
        window: facts.context_window.unwrap_or(UNKNOWN_WINDOW),
        max_output: output.unwrap_or(UNKNOWN_OUTPUT),
        grown,
    };
    (view.strategy.before_request(load), load)
}

/// Whether there is anything that a compaction could make smaller.
pub(crate) fn has_grown(running: &Running) -> bool {
    running.session.with_items(grown)
}

pub(crate) fn grown(items: &[Item]) -> bool {
    since_compaction(items).iter().any(|item| {
        matches!(item.body, ItemBody::Answer { .. } | ItemBody::Reasoning { .. } | ItemBody::ToolCall { .. })
    })
}

/// What a user is told whose request does not fit and cannot be made to.
pub(crate) fn too_long(running: &Running, why: &str) -> String {
    let model = &running.config.request.model;
    let what = match has_grown(running) {
        true => "Compacting the history did not help.",
        false => "There is no history left to compact: the prompt alone, with the instructions, is too long.",
    };
    format!(
        "The request does not fit the window of {model}. {why} {what} Send a shorter prompt (name files instead of pasting \
         them), or use a model with a larger window."
    )
}

/// Compacts the history; `Some`: the turn ends, because the user stopped it.
pub(crate) async fn compact(running: &Running, cause: CompactionCause, spent: &mut Spent) -> Option<Ended> {
    let view = View::of(running);
    let before = running.session.with_sendable(|items| {
        view.inputs(items, running.turn, |inputs| view.weigh(inputs))
    });
    let before = before.tokens();
    running.say(NoticeLevel::Info, format!("The history (about {before} tokens) is being compacted ..."));
    let summary = match hand_over(running, spent).await {
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
    let made = running.session.with_sendable(|items| {
        make(running, &view, items, |items| Made {
            cause,
            round,
            summary,
            ledger: ledger_of(running, &view, items),
            layers: environment::renewed(&layers_in_force(&view.frozen, items), &facts),
            tokens_before: before,
        })
    });
    let after = made.tokens_after;
    let body = ItemBody::Context(ContextItem::Compaction(Box::new(made)));
    // It stands for the history of every agent. A log that cannot be written has been reported by `record`.
    let _ = running.session.record(running.turn, running.recorder.without_secrets(body), Sync::Now);
    prompting::keep_part(running);
    running.say(NoticeLevel::Info, format!("The history was compacted: about {before} tokens before, {after} now."));
    running.recorder.emit(EventKind::Usage { usage: spent.usage, cost: spent.cost.clone() });
    None
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
async fn hand_over(running: &Running, spent: &mut Spent) -> Result<String, Option<String>> {
    running.attending.before_request(&running.cancel).await;
    let own = running.model();
    let setup = running.config.context.compact_with.as_ref().unwrap_or(&own);
    let asked = ask(running, setup, spent).await;
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

/// Asks for the hand-over; nothing of the answer is recorded but what the request was.
async fn ask(running: &Running, setup: &ModelSetup, spent: &mut Spent) -> Asked {
    let mut view = View::of(running);
    view.model.clone_from(&setup.request.model);
    view.wire = setup.provider.as_ref().map_or("", |provider| provider.wire.name());
    view.sees_images = setup.request.facts.images.unwrap_or(true);
    let (prompt, draft): (Prompt, Draft) = running.session.with_sendable(|items| {
        let draft = Draft::of(&view, &setup.request, items).beside(NAME, &setup.request);
        (view.inputs(items, running.turn, handover_prompt), draft)
    });
    let draft = draft.bare(running.session.thinking_from());
    let request = asking::request(&setup.request, prompt, running.session.id());
    let hidden = |_: Shown<'_>| ();
    let asked = asking::ask(&running.shared, setup, &request, (&running.cancel, &hidden)).await;
    record::keep(running, draft, &asked, spent);
    asked
}
