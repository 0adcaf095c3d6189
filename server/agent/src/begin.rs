//! The beginning of a turn: layers that are frozen or what changed since, what the user sees, the prompt. Asks no model
//! but Ollama for the length of its context.

use crate::config::{Calling, History};
use crate::editor_seen;
use crate::environment;
use crate::prompting;
use crate::running::Running;
use glossator_context::USER_PROMPT_CAP_CHARS;
use glossator_models::{Thinking, ThinkingStyle, Wire};
use glossator_session::{AgentId, ContextItem, InputPart, ItemBody, NoticeLevel};
use glossator_store::SessionHead;
use glossator_tools::Mode;

/// What the user sent.
pub(crate) struct Sent {
    pub input: Vec<InputPart>,
    /// Whom it is meant for; empty: the session's own agent.
    pub to: Vec<AgentId>,
    /// The session calls tools natively only because scripts are switched off.
    pub without_scripts: bool,
    /// Its number in the queue, where it waited.
    pub queued: Option<u64>,
}

/// Begins a turn; with a prompt, records it and all that is told with it.
pub(crate) async fn begin(running: &mut Running, sent: Option<Sent>) {
    // The worker is started while the model is asked.
    if running.config.request.calling != Calling::Native && running.config.turn_mode() != Mode::Disabled {
        running.shared.engine.prestart();
    }
    learn_context(running).await;
    let is_first = running.session.begun().is_none();
    let changed = layers(running, is_first).await;
    let Some(Sent { input, to, without_scripts, queued }) = sent else { return };
    let seen = editor_seen::seen(&running.front, &running.config, &input).await;
    let long = long_prompt(&input);
    record_prompt(running, ItemBody::UserMessage { input, to, queued });
    if let Some(seen) = seen {
        running.record_context(ContextItem::Editor(seen));
    }
    if let Some(text) = long {
        keep_prompt(running, &text);
    }
    if without_scripts {
        let text = "Scripts are switched off (`script.mode`), so this session calls tools natively from its start to its end.";
        running.notice(NoticeLevel::Info, text.to_owned());
    }
    changed.into_iter().for_each(|told| running.record_context(told));
    say_what_thinking_becomes(running);
    running.session.listen(running.config.agents.keys().cloned().collect());
}

/// Records the prompt. One that waited is named by its number there, and only then taken out of the file of the queue: where
/// both hold it, it has begun.
fn record_prompt(running: &Running, prompt: ItemBody) {
    let (session, store) = (&running.session, running.shared.store.as_ref().ok());
    // The log is there now.
    session.store_queue(store);
    let queued = match &prompt {
        ItemBody::UserMessage { queued, .. } => *queued,
        _ => None,
    };
    running.record(prompt);
    if let Some(number) = queued {
        session.has_started(store, number);
    }
}

/// The words of a prompt that is longer than what is repeated of it.
fn long_prompt(input: &[InputPart]) -> Option<String> {
    let words = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    let text = words.collect::<Vec<_>>().join("\n");
    (text.chars().nth(USER_PROMPT_CAP_CHARS).is_some()).then_some(text)
}

/// Keeps a long prompt under a key, so that the whole of it can be read when only its start and end are repeated.
fn keep_prompt(running: &Running, text: &str) {
    // What cannot be kept still stands at the start of the turn.
    let _ = running.recorder.keep_as(text, format!("the whole prompt of {}", running.turn), true);
}

/// Makes the session's log at its first turn, with the layers as they are from now on; in a later turn, gives what has
/// changed since then.
async fn layers(running: &Running, is_first: bool) -> Vec<ContextItem> {
    let facts = environment::gather(&running.front, &running.toolset.session, &running.config).await;
    if !is_first {
        return prompting::since_frozen(running, |layers, items| {
            environment::changes(layers, items, &facts, &running.toolset.changed)
        });
    }
    let head = SessionHead {
        model: format!("{}/{}", running.config.provider_slug(), running.config.request.model),
        pack: running.config.pack.clone(),
        tools: running.toolset.session.names(),
        calling: running.config.request.calling.name().to_owned(),
        strategy: match running.config.context.strategy {
            History::Regular => String::new(),
            other => other.name().to_owned(),
        },
        layers: facts.layers,
        ..running.session.head()
    };
    running.session.born(head, running.shared.create_log());
    facts.notices.into_iter().for_each(|text| running.notice(NoticeLevel::Warning, text));
    Vec::new()
}

/// Ollama cuts a prompt in silence at a context length of its own, so the length to ask for has to be known.
async fn learn_context(running: &mut Running) {
    let config = &running.config;
    let Ok(provider) = &config.provider else { return };
    if provider.wire != Wire::Ollama || config.request.facts.context_window.is_some() {
        return;
    }
    let client = running.shared.client(&config.request.http);
    let asked = glossator_models::ollama::working_context(&client, provider, &config.request.model);
    let found = tokio::select! {
        () = running.cancel.cancelled() => None,
        // A server that does not answer is told of by the request that follows.
        found = asked => found.ok(),
    };
    running.config.request.facts.context_window = found;
}

/// Tells the user, once a session, when thinking cannot be switched off as the settings want.
fn say_what_thinking_becomes(running: &Running) {
    let facts = &running.config.request.facts;
    let always = matches!(facts.thinking, ThinkingStyle::Always | ThinkingStyle::EffortAlways);
    if running.config.request.thinking != Thinking::Off || !always || running.turn.0 > 1 {
        return;
    }
    let instead = match facts.efforts.first() {
        Some(least) => format!("its lowest effort ({least}) is used"),
        None => "its own default is used".to_owned(),
    };
    let text = format!("{} cannot stop thinking; {instead}.", running.config.request.model);
    running.notice(NoticeLevel::Info, text);
}
