//! One round of a turn: one model request, and the calls its answer made.

use crate::asking::{self, Asked, Shown};
use crate::fold::Answered;
use crate::prompting::{Basis, View, Weighed};
use crate::record;
use crate::running::Running;
use crate::scripts::{self, tell};
use crate::spent::Spent;
use glossator_models::{ErrorKind, ModelEvent, StopReason};
use glossator_session::{
    EventKind, Item, ItemBody, NoticeLevel, Started, ToolCall, ToolError, ToolErrorKind, TurnStatus,
};
use parking_lot::Mutex;
use std::collections::BTreeSet;

/// What comes after a round.
pub enum Next {
    /// Another round; `fingerprint` is equal for rounds that did the same.
    Again { fingerprint: String },
    /// The turn is over.
    End(TurnStatus, Option<String>),
    /// The request, or its answer, did not fit the model's window; why, for people.
    TooLong(String),
}

/// Runs one round; adds what it spent. Its prompt may have been made before, to be weighed.
pub async fn run(running: &Running, number: u32, (weighed, spent): (Option<Weighed>, &mut Spent)) -> Next {
    let mut asked = ask_model(running, weighed, spent).await;
    if asked.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Thinking) {
        // Refused before a word was said: the same again, without what it refuses.
        let text = "The provider refuses this session's earlier thinking; the conversation is sent again without it.";
        running.say(NoticeLevel::Warning, text.to_owned());
        running.session.forget_thinking();
        asked = ask_model(running, None, spent).await;
    }
    match asked.error {
        Some(error) if error.kind == ErrorKind::Cancelled => Next::End(TurnStatus::Interrupted, None),
        Some(error) if error.kind == ErrorKind::TooLong => {
            Next::TooLong((running.config.redact)(&error.message))
        }
        Some(error) => Next::End(TurnStatus::Failed, Some((running.config.redact)(&error.message))),
        None => carry_out(running, number, asked.answered).await,
    }
}

/// Does what an answer asks for.
async fn carry_out(running: &Running, number: u32, answered: Answered) -> Next {
    if let Some(end) = ends_at_once(&answered) {
        return end;
    }
    let fingerprint = fingerprint(&answered);
    let stop = answered.stop.clone();
    let acted = act(running, number, answered).await;
    match acted {
        _ if running.cancel.is_cancelled() => Next::End(TurnStatus::Interrupted, None),
        true => Next::Again { fingerprint },
        false => last_word(&stop),
    }
}

/// Sends the prompt, shows the answer while it comes, and records it and what the request was.
async fn ask_model(running: &Running, weighed: Option<Weighed>, spent: &mut Spent) -> Asked {
    let view = View::of(running);
    let bare = running.session.thinking_from();
    let ((prompt, estimated), draft) = running.session.with_sendable(|items| {
        let draft = record::Draft::of(&view, &running.config.request, items);
        let made = weighed.and_then(|one| one.still(Basis::of(view.round, items, bare)));
        let make = || (view.inputs(items, running.turn, glossator_context::assemble), None);
        (made.map_or_else(make, |(prompt, estimated)| (prompt, Some(estimated))), draft)
    });
    running.session.has_read(running.agent(), view.round);
    let draft = draft.bare(bare);
    let request = asking::request(&running.config.request, prompt, running.session.id());
    let begun = Mutex::default();
    let show = |shown: Shown<'_>| show(running, &shown, &mut begun.lock());
    let request = (&request, estimated);
    let asked = asking::ask(&running.shared, &running.model(), request, (&running.cancel, &show)).await;
    // What a provider refused to finish is not kept: it must not be sent back.
    if !matches!(asked.answered.stop, Some(StopReason::Refusal { .. })) {
        asked.answered.bodies.iter().for_each(|body| running.record(body.clone()));
    }
    running.session.forget_answer(running.agent());
    record::keep(running, draft, &asked, spent).await;
    asked
}

/// Shows what comes of an answer; what another agent says is marked with its name.
fn show(running: &Running, shown: &Shown, begun: &mut Begun) {
    if shown.anew {
        begun.clear();
        running.session.forget_answer(running.agent());
        let text = "The provider began its answer anew; what was shown of the first try does not count.";
        running.say(NoticeLevel::Warning, text.to_owned());
    }
    for fragment in shown.fragments {
        let item = match fragment.stream {
            "reasoning" => Started::Reasoning,
            "script" => Started::Script,
            _ => Started::Answer,
        };
        begin(running, begun, (item, fragment.stream, None));
        match running.agent() {
            None => running.session.delta(running.turn, fragment.stream, &fragment.text),
            Some(agent) => {
                running.session.delta(running.turn, &format!("{}@{agent}", fragment.stream), &fragment.text)
            }
        }
    }
    match shown.event {
        ModelEvent::ToolCall { id, name, .. } => {
            begin(running, begun, (Started::ToolCall, &id.0, Some(name)))
        }
        ModelEvent::Retrying { attempt, of, wait, reason } => {
            let text = format!("{reason} Retrying {attempt}/{of} in {:.1} s.", wait.as_secs_f64());
            running.say(NoticeLevel::Warning, text);
        }
        ModelEvent::RateLimits(limits) => {
            let limits = serde_json::to_value(limits).unwrap_or_default();
            running.recorder.emit(EventKind::RateLimits { limits });
        }
        _ => {}
    }
}

/// What of an answer was told to have begun.
type Begun = BTreeSet<String>;

/// Tells once that the model began to write something.
fn begin(running: &Running, begun: &mut Begun, (item, stream, title): (Started, &str, Option<&String>)) {
    if begun.insert(stream.to_owned()) {
        let (stream, title, agent) = (stream.to_owned(), title.cloned(), running.agent().cloned());
        running.session.begun_to_write(running.turn, EventKind::ItemStarted { item, stream, title, agent });
    }
}

fn ends_at_once(answered: &Answered) -> Option<Next> {
    let failed = |message: &str| Some(Next::End(TurnStatus::Failed, Some(message.to_owned())));
    match &answered.stop {
        Some(StopReason::Refusal { explanation, .. }) => {
            let why = explanation.clone().unwrap_or_else(|| "no reason was given".to_owned());
            failed(&format!(
                "The provider refused to answer: {why}. Put the request in other words, or use another model."
            ))
        }
        Some(StopReason::ContextWindow) => {
            Some(Next::TooLong("The answer no longer fitted the model's context window.".to_owned()))
        }
        _ => None,
    }
}

/// The end of a turn whose last answer asked for nothing more.
fn last_word(stop: &Option<StopReason>) -> Next {
    match stop {
        Some(StopReason::MaxTokens) => {
            let message = "The answer was cut at the model's output limit. Say 'go on' to let it continue.";
            Next::End(TurnStatus::Limited, Some(message.to_owned()))
        }
        Some(StopReason::Other { name }) => {
            let message = format!("The model stopped for a reason that this version does not know: {name}.");
            Next::End(TurnStatus::Done, Some(message))
        }
        _ => Next::End(TurnStatus::Done, None),
    }
}

/// What two rounds have in common when they do the same: their scripts and calls.
fn fingerprint(answered: &Answered) -> String {
    let calls = answered.calls.iter().map(|(call, _)| format!("{} {}", call.name, call.arguments));
    answered.scripts.iter().cloned().chain(calls).collect::<Vec<_>>().join("\n")
}

/// Does what the answer asks for; `false` when it asks for nothing.
async fn act(running: &Running, number: u32, answered: Answered) -> bool {
    let native = !answered.calls.is_empty();
    let waits = answered.stop == Some(StopReason::PauseTurn);
    futures::future::join_all(answered.calls.into_iter().map(|call| native_call(running, call))).await;
    let mut told = scripts::run_all(running, number, answered.scripts).await;
    if answered.unclosed {
        told = true;
        let text = match answered.stop {
            Some(StopReason::MaxTokens) => {
                "Your answer reached the output limit inside a <tool-calls> block, so it was not run. Write a shorter one."
            }
            _ => {
                "A <tool-calls> block was opened and never closed, so it was not run. Close it with </tool-calls>."
            }
        };
        tell(running, number, "unclosed", text);
    }
    if answered.self_written {
        told = true;
        let text = "You began to write <tool-results> yourself; reading stopped there. Results come only from the tools.";
        tell(running, number, "self-written", text);
    }
    if !native && !told && answered.shown_block && !told_of_shown(running) {
        told = true;
        let text = "Your <tool-calls> block stands in a Markdown fence or a quotation, or its tags are not written in lower case, so \
                    it is shown to the user and was not run. If it was meant to run, write it again, each tag on a line of its own. \
                    If it was only meant to be shown, end with a short sentence. This is said once in a turn.";
        tell(running, number, SHOWN, text);
    }
    native || told || waits
}

/// What the note on a block that was only shown is named after.
const SHOWN: &str = "shown";

fn told_of_shown(running: &Running) -> bool {
    let told = |item: &Item| matches!(&item.body, ItemBody::ScriptOutput { script, .. } if script.0.ends_with(SHOWN));
    running.session.with_items(|items| items.iter().any(|item| item.turn == running.turn && told(item)))
}

async fn native_call(running: &Running, (call, broken): (ToolCall, Option<String>)) {
    let Some(text) = broken else {
        running.dispatcher.call(call, None, running.cancel.child_token()).await;
        return;
    };
    let message = match text.starts_with("the answer was") {
        // The wire's own words: the answer was cut or withheld, and the call with it.
        true => text,
        false => format!("the arguments are not JSON: {text}"),
    };
    let outcome = Err(ToolError::new(ToolErrorKind::ToolArguments, message));
    running.record(ItemBody::ToolOutput { call: call.id, outcome, millis: 0 });
}
