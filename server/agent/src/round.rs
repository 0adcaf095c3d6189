//! One round of a turn: one model request, and the calls its answer made.

use crate::fold::{Answered, Fold};
use crate::outcomes::Words;
use crate::running::Running;
use crate::scripts::{self, tell};
use crate::told;
use glossator_context::{Environment, Inputs, USER_PROMPT_CAP_CHARS};
use glossator_models::{ErrorKind, ModelError, ModelEvent, Request, StopReason};
use glossator_session::{
    Cost, EventKind, Item, ItemBody, NoticeLevel, Prompt, SystemPart, ToolCall, ToolError, ToolErrorKind,
    TurnStatus, Usage,
};
use glossator_store::Sync;

/// What comes after a round.
pub enum Next {
    /// Another round; `fingerprint` is equal for rounds that did the same.
    Again { fingerprint: String },
    /// The turn is over.
    End(TurnStatus, Option<String>),
}

/// A round that was run.
pub struct Done {
    pub usage: Usage,
    /// `None` where no price is known.
    pub cost: Option<Cost>,
    pub next: Next,
}

/// Runs one round.
pub async fn run(running: &Running, number: u32) -> Done {
    let mut asked = ask_model(running).await;
    if let Err((_, error)) = &asked
        && error.kind == ErrorKind::Thinking
    {
        // Refused before a word was said: the same again, without what it refuses.
        let text = "The provider refuses this session's earlier thinking; the conversation is sent again without it.";
        running.recorder.emit(EventKind::Notice { level: NoticeLevel::Warning, text: text.to_owned() });
        running.session.forget_thinking();
        asked = ask_model(running).await;
    }
    let (answered, error) = match asked {
        Ok(answered) => (answered, None),
        Err((answered, error)) => (answered, Some(error)),
    };
    // What a provider refused to finish is not kept: it must not be sent back.
    if !matches!(answered.stop, Some(StopReason::Refusal { .. })) {
        store(running, &answered);
    }
    let usage = answered.usage;
    let price = running.config.request.facts.price.as_ref();
    let cost = answered.cost.clone().or_else(|| price.map(|price| glossator_models::cost(&usage, price)));
    let next = match error {
        Some(error) if error.kind == ErrorKind::Cancelled => Next::End(TurnStatus::Interrupted, None),
        Some(error) => Next::End(TurnStatus::Failed, Some((running.config.redact)(&error.message))),
        None => carry_out(running, number, answered).await,
    };
    Done { usage, cost, next }
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

/// Sends the prompt and folds the answer; an error comes with what had been answered by then.
async fn ask_model(running: &Running) -> Result<Answered, (Answered, ModelError)> {
    let provider = match &running.config.provider {
        Ok(provider) => provider.clone(),
        Err(why) => return Err((Answered::default(), ModelError::new(ErrorKind::Auth, why.clone()))),
    };
    let asked = &running.config.request;
    let request = Request {
        model: asked.model.clone(),
        prompt: prompt(running),
        max_output: asked.max_output,
        thinking: asked.thinking,
        effort: asked.effort.clone(),
        temperature: asked.temperature,
        top_p: asked.top_p,
        stop: Vec::new(),
        output_schema: None,
        cache_key: Some(running.session.id().to_string()),
        facts: asked.facts.clone(),
    };
    let mut fold = Fold::default();
    let client = running.shared.client(&asked.http);
    let mut stream = client.stream(&provider, &request, running.cancel.child_token());
    while let Some(event) = stream.next().await {
        let event = match event {
            Ok(event) => event,
            Err(error) => return Err((fold.finish(), error)),
        };
        if fold.shown && matches!(event, ModelEvent::Started { .. }) {
            let text = "The provider began its answer anew; what was shown of the first try does not count.";
            running.recorder.emit(EventKind::Notice { level: NoticeLevel::Warning, text: text.to_owned() });
        }
        for fragment in fold.push(&event) {
            running.session.delta(running.turn, fragment.stream, &fragment.text);
        }
        if let ModelEvent::Retrying { attempt, of, wait, reason } = &event {
            let text = format!("{reason} Retrying {attempt}/{of} in {:.1} s.", wait.as_secs_f64());
            running.recorder.emit(EventKind::Notice { level: NoticeLevel::Warning, text });
        }
        if let ModelEvent::RateLimits(limits) = &event {
            let limits = serde_json::to_value(limits).unwrap_or_default();
            running.recorder.emit(EventKind::RateLimits { limits });
        }
        if fold.self_written {
            // Dropping the stream closes the connection: what the model makes up from here on is not read.
            break;
        }
    }
    Ok(fold.finish())
}

fn prompt(running: &Running) -> Prompt {
    let frozen: Vec<SystemPart> = running
        .session
        .frozen()
        .unwrap_or_default()
        .into_iter()
        .map(|part| SystemPart { layer: part.layer, text: part.text })
        .collect();
    let roots = running.dispatcher.workspace.roots();
    let words = Words { path: &|path| roots.display(path), redact: &*running.config.redact };
    running.session.with_sendable(|items| {
        let reminders = told::reminders(items, &words);
        glossator_context::assemble(&Inputs {
            instructions: "",
            tool_reference: "",
            native_tools: &running.toolset.native,
            project: &[],
            environment: &Environment::default(),
            frozen: Some(&frozen),
            items,
            current: running.turn,
            model: &running.config.request.model,
            wire: running.config.provider.as_ref().map_or("", |provider| provider.wire.name()),
            reminders: &reminders,
            user_prompt_cap_chars: USER_PROMPT_CAP_CHARS,
        })
    })
}

/// Stores the items of an answer, in order.
fn store(running: &Running, answered: &Answered) {
    for body in &answered.bodies {
        record(running, body.clone());
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
        Some(StopReason::ContextWindow) => failed(
            "The conversation no longer fits the model's context window. Begin a new session (glossator.newSession).",
        ),
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
    record(running, ItemBody::ToolOutput { call: call.id, outcome, millis: 0 });
}

fn record(running: &Running, body: ItemBody) {
    // A log that cannot be written has been reported by `record`.
    let _ = running.recorder.store(body, Sync::No);
}
