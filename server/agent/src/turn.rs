//! The turn loop: prompt, model, calls, results, again, until the model stops, a limit is met or the user stops it.
//! Whatever happens, the turn ends with a stored `TurnEnded`.

use crate::AgentError;
use crate::config::{Calling, Front, TurnConfig};
use crate::environment;
use crate::looks;
use crate::recorder::Recorder;
use crate::round::{self, Next};
use crate::running::Running;
use crate::session::{End, Session};
use crate::shared::Shared;
use crate::spent::Spent;
use crate::toolset::Toolset;
use glossator_models::{Thinking, ThinkingStyle, Wire};
use glossator_session::{ContextItem, EventKind, InputPart, ItemBody, NoticeLevel, TurnId, TurnStatus};
use glossator_store::{FrozenLayer, SessionHead, Sync};
use glossator_tools::{Dispatcher, Mode, Policy, ReviewMode, Task};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long calls that were stopped may take to end: longer than a process that has to be killed, or an editor that
/// does not answer an edit.
const LAST_CALLS: Duration = Duration::from_secs(30);

/// Begins a turn and lets it run by itself.
pub(crate) fn start(
    shared: Arc<Shared>,
    session: Arc<Session>,
    input: Vec<InputPart>,
    (mut config, front): (TurnConfig, Front),
) -> Result<TurnId, AgentError> {
    let begun = session.begun();
    // The way to call tools is part of the frozen prefix: other settings hold from the next session on.
    let frozen = session.calling();
    let without_scripts =
        frozen.is_none() && config.mode == Mode::Disabled && config.request.calling == Calling::Script;
    config.request.calling =
        frozen.unwrap_or(if without_scripts { Calling::Native } else { config.request.calling });
    let toolset = Toolset::of(begun.as_ref(), &config)?;
    let (turn, cancel) = session.begin_turn()?;
    session.tasks.allow(config.script.tasks);
    let recorder = Arc::new(Recorder {
        session: session.clone(),
        turn,
        agent: Default::default(),
        interactive: front.interactive,
        ask_timeout: config.limits.ask,
        keeps: matches!(config.policy, Policy::AutoEdit | Policy::Full),
        asked_before: config.review == ReviewMode::Before,
        given: Default::default(),
        redact: config.redact.clone(),
    });
    let dispatcher = Arc::new(Dispatcher {
        registry: toolset.registry.clone(),
        turn: recorder.clone(),
        journal: recorder.clone(),
        workspace: front.workspace.clone(),
        exec: shared.exec(&config.exec),
        review: config.review,
        commit_lock: shared.commit_lock.clone(),
        policy: config.policy,
        trusted: front.trusted,
        mode: config.turn_mode(),
        tasks: session.tasks.clone(),
        outstanding: TaskTracker::new(),
    });
    let running = Running { shared, session, turn, cancel, config, dispatcher, recorder, toolset };
    tokio::spawn(to_its_end(running, input, front, without_scripts));
    Ok(turn)
}

/// Runs a turn and ends it, whatever happens in it.
async fn to_its_end(running: Running, input: Vec<InputPart>, front: Front, without_scripts: bool) {
    let (session, turn) = (running.session.clone(), running.turn);
    let (shared, keeps) = (running.shared.clone(), running.recorder.keeps);
    let workspace = front.workspace.clone();
    let outstanding = running.dispatcher.outstanding.clone();
    // A task of its own, so that a fault in the loop still ends the turn.
    let end = tokio::spawn(run(running, input, front, without_scripts)).await;
    let mut end = end.unwrap_or_else(|_| {
        let message = "The turn broke down; this is a fault of Glossator's, its log says more.".to_owned();
        End { status: TurnStatus::Failed, spent: Spent::default(), message: Some(message) }
    });
    // What a stopped call has to tell still belongs to its turn.
    outstanding.close();
    if tokio::time::timeout(LAST_CALLS, outstanding.wait()).await.is_err() {
        tracing::warn!(%turn, "a call outlived its turn");
    }
    if end.status != TurnStatus::Done
        && let Some(text) = still_running(&session.tasks.going_on())
    {
        let before = end.message.take().map(|message| format!("{message} ")).unwrap_or_default();
        end.message = Some(format!("{before}{text}"));
    }
    looks::look((&shared, &session), &workspace, keeps.then_some(turn)).await;
    session.end_turn(turn, end);
}

/// What goes on when a turn was stopped: tasks outlive it.
fn still_running(running: &[Task]) -> Option<String> {
    const NAMED: usize = 3;
    let named: Vec<String> =
        running.iter().take(NAMED).map(|task| format!("{} ({})", task.id, cut(&task.line))).collect();
    let more = running.len().saturating_sub(NAMED);
    match running.len() {
        0 => None,
        1 => Some(format!("One task goes on running and can be cancelled: {}.", named[0])),
        all => {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Some(format!("{all} tasks go on running and can be cancelled: {}{more}.", named.join(", ")))
        }
    }
}

fn cut(line: &str) -> String {
    line.chars().take(60).collect()
}

async fn run(mut running: Running, input: Vec<InputPart>, front: Front, without_scripts: bool) -> End {
    // The worker is started while the model is asked.
    if running.config.request.calling != Calling::Native && running.config.turn_mode() != Mode::Disabled {
        running.shared.engine.prestart();
    }
    learn_context(&mut running).await;
    let changed = begin(&running, &front).await;
    // A log that cannot be written has been reported by `store`.
    let store = |body: ItemBody| drop(running.recorder.store(body, Sync::No));
    store(ItemBody::UserMessage { input, to: Vec::new() });
    if without_scripts {
        let text = "Scripts are switched off (`script.mode`), so this session calls tools natively from its start to its end.";
        store(ItemBody::Notice { level: NoticeLevel::Info, text: text.to_owned() });
    }
    if !changed.is_empty() {
        let text = format!("Changed since this session began:\n{}", changed.join("\n"));
        store(ItemBody::Context(ContextItem::Told { text }));
    }
    if !running.toolset.told.is_empty() {
        store(ItemBody::Context(ContextItem::Told { text: running.toolset.told.join("\n") }));
    }
    say_what_thinking_becomes(&running);
    let mut spent = Spent::default();
    let (status, message) = rounds(&running, &mut spent).await;
    End { status, spent, message }
}

/// The rounds of a turn, until one of them is the last.
async fn rounds(running: &Running, spent: &mut Spent) -> (TurnStatus, Option<String>) {
    let limits = &running.config.limits;
    let before = running.session.with_items(Spent::of);
    let mut repeats = Repeats::default();
    loop {
        // Before the round begins, so that its request tells the model what became of its edits.
        let (at, workspace) = ((&*running.shared, &*running.session), &running.dispatcher.workspace);
        looks::look(at, workspace, running.recorder.keeps.then_some(running.turn)).await;
        let number = running.session.begin_round();
        if number > limits.rounds {
            let message = format!(
                "The turn was stopped after {} rounds. Say 'go on' to let it continue.",
                limits.rounds
            );
            return (TurnStatus::Limited, Some(message));
        }
        if let Some(message) = limits.budget.exceeded(spent, &before) {
            return (TurnStatus::Limited, Some(message));
        }
        let done = round::run(running, number).await;
        spent.add(done.usage, done.cost.as_ref());
        running.recorder.emit(EventKind::Usage { usage: spent.usage, cost: spent.cost.clone() });
        match done.next {
            Next::End(status, message) => return (status, message),
            Next::Again { fingerprint } if repeats.count(&fingerprint) >= limits.repeats => {
                let message = format!(
                    "The turn was paused: the model made the same calls {} times in a row. Say how to go on.",
                    limits.repeats
                );
                return (TurnStatus::Limited, Some(message));
            }
            Next::Again { .. } => {}
        }
    }
}

/// Counts rounds in a row that did the same.
#[derive(Default)]
struct Repeats {
    last: String,
    count: u32,
}

impl Repeats {
    fn count(&mut self, fingerprint: &str) -> u32 {
        self.count = if self.last == fingerprint && !fingerprint.is_empty() { self.count + 1 } else { 1 };
        fingerprint.clone_into(&mut self.last);
        self.count
    }
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
    let _ = running.recorder.store(ItemBody::Notice { level: NoticeLevel::Info, text }, Sync::No);
}

/// Makes the session's log at its first turn, with the layers as they are from now on; in a later turn, gives what has
/// changed since then.
async fn begin(running: &Running, front: &Front) -> Vec<String> {
    let facts = environment::gather(front, &running.toolset.session, &running.config).await;
    if let Some(frozen) = running.session.frozen() {
        return environment::changes(&frozen, &facts);
    }
    let layers =
        facts.layers.into_iter().map(|part| FrozenLayer { layer: part.layer, text: part.text }).collect();
    let head = SessionHead {
        model: format!("{}/{}", running.config.provider_slug(), running.config.request.model),
        pack: running.config.pack.clone(),
        tools: running.toolset.session.names(),
        calling: running.config.request.calling.name().to_owned(),
        layers,
        ..running.session.head()
    };
    running.session.born(head, running.shared.create_log());
    for notice in facts.notices {
        let body = ItemBody::Notice { level: NoticeLevel::Warning, text: notice };
        let _ = running.recorder.store(body, Sync::No);
    }
    Vec::new()
}
