//! One turn from its start to its end: what it is made of, who works in it, and that it ends with a stored `TurnEnded`
//! whatever happens.

use crate::AgentError;
use crate::attending::Attending;
use crate::begin::{self, Sent};
use crate::compact;
use crate::config::{Calling, Front, TurnConfig};
use crate::days;
use crate::desk_ports::Desk;
use crate::looks;
use crate::notes;
use crate::recorder::Recorder;
use crate::retitle;
use crate::rounds;
use crate::routing;
use crate::running::{Ended, Running};
use crate::session::{End, Manner, Session};
use crate::shared::Shared;
use crate::spent::Spent;
use crate::titles;
use crate::toolset::Toolset;
use glossator_session::{AgentId, CompactionCause, InputPart, TurnId, TurnStatus};
use glossator_tools::{Dispatcher, Mode, Policy, Reach, ReviewMode, Task};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long calls that were stopped may take to end: longer than a process that has to be killed, or an editor that
/// does not answer an edit.
const LAST_CALLS: Duration = Duration::from_secs(30);

/// What a turn is for.
pub(crate) enum Work {
    /// To answer a prompt.
    Prompt(Prompted),
    /// To compact the history, by hand.
    Compact,
}

/// A prompt that is to be answered.
pub(crate) struct Prompted {
    pub input: Vec<InputPart>,
    /// Its number in the queue, where it waited.
    pub queued: Option<u64>,
}

/// What has to be set before a turn with this prompt begins: how the session is written, what it is called.
pub(crate) fn prepare(shared: &Shared, session: &Session, input: &[InputPart], config: &TurnConfig) {
    shared.upkeep.set_limit(config.limits.stored_mb);
    session.set_manner(Manner { fsync: config.keeping.fsync, redact: config.redact.clone() });
    if session.begun().is_none() && session.title().is_empty() {
        session.entitle(titles::clean(&(config.redact)(&titles::of_prompt(input))));
    }
}

/// Begins a turn and lets it run by itself.
pub(crate) fn start(
    shared: Arc<Shared>,
    session: Arc<Session>,
    work: Work,
    (mut config, front): (TurnConfig, Front),
) -> Result<TurnId, AgentError> {
    let begun = session.begun();
    // The way to call tools is part of the frozen prefix: other settings hold from the next session on.
    let frozen = session.calling();
    let without_scripts =
        frozen.is_none() && config.acts.mode == Mode::Disabled && config.request.calling == Calling::Script;
    config.request.calling =
        frozen.unwrap_or(if without_scripts { Calling::Native } else { config.request.calling });
    let toolset = Toolset::of(begun.as_ref(), &config)?;
    let sent = match work {
        Work::Compact => None,
        Work::Prompt(Prompted { input, queued }) => {
            let to = addressed(&config, &input, &toolset)?;
            Some(Sent { input, to, without_scripts, queued })
        }
    };
    let (turn, cancel) = match &sent {
        Some(_) => session.begin_turn()?,
        None => session.begin_deaf_turn()?,
    };
    session.tasks.allow(config.script.tasks);
    let recorder = Arc::new(Recorder {
        session: session.clone(),
        turn,
        agent: None,
        interactive: front.interactive,
        ask_timeout: config.limits.ask,
        keeps: matches!(config.acts.policy, Policy::AutoEdit | Policy::Full),
        asked_before: config.acts.review == ReviewMode::Before,
        given: Default::default(),
        desk: Desk::of(&shared.store, config.context.board_turns),
        redact: config.redact.clone(),
    });
    let outstanding = TaskTracker::new();
    let at = (session.clone(), turn);
    let attending = Attending::new(&front, config.keeping.on_disconnect, at, outstanding.clone());
    let dispatcher = Arc::new(Dispatcher {
        registry: toolset.registry.clone(),
        turn: recorder.clone(),
        journal: recorder.clone(),
        reach: attending.clone(),
        exec: shared.exec(&config.acts.exec),
        review: config.acts.review,
        commit_lock: shared.commit_lock.clone(),
        policy: config.acts.policy,
        trusted: front.trusted,
        mode: config.turn_mode(),
        tasks: session.tasks.clone(),
        outstanding,
    });
    let running =
        Running { shared, session, turn, cancel, config, dispatcher, recorder, attending, toolset, front };
    tokio::spawn(to_its_end(running, sent));
    Ok(turn)
}

/// The agents that a prompt is meant for; all of them can be at work.
fn addressed(
    config: &TurnConfig,
    input: &[InputPart],
    toolset: &Toolset,
) -> Result<Vec<AgentId>, AgentError> {
    let known: Vec<_> = config.agents.keys().collect();
    let to = routing::route(&config.wishes.agents, input, &known)?;
    for pack in to.iter().filter_map(|agent| config.agents.get(agent)?.pack.as_deref()) {
        toolset.bounded(pack, config)?;
    }
    Ok(to)
}

/// Runs a turn and ends it, whatever happens in it.
async fn to_its_end(running: Running, sent: Option<Sent>) {
    let (session, turn) = (running.session.clone(), running.turn);
    let (shared, keeps) = (running.shared.clone(), running.recorder.keeps);
    let (outstanding, attending) = (running.dispatcher.outstanding.clone(), running.attending.clone());
    let (cancel, board_turns) = (running.cancel.clone(), running.config.context.board_turns);
    let title = retitle::Wish::of(&running);
    let (queued, last) =
        (sent.as_ref().and_then(|sent| sent.queued), (running.config.clone(), running.front.clone()));
    // A task of its own, so that a fault in the loop still ends the turn.
    let mut loops = tokio::spawn(run(running, sent));
    let end = tokio::select! {
        end = &mut loops => end,
        () = attending.stop_when_left(&cancel) => loops.await,
    };
    let mut end = end.unwrap_or_else(|_| {
        let message = "The turn broke down; this is a fault of Glossator's, its log says more.".to_owned();
        End { status: TurnStatus::Failed, spent: Spent::default(), message: Some(message) }
    });
    // What a stopped call has to tell still belongs to its turn.
    outstanding.close();
    if tokio::time::timeout(LAST_CALLS, outstanding.wait()).await.is_err() {
        tracing::warn!(%turn, "a call outlived its turn");
    }
    if end.status == TurnStatus::Interrupted {
        end.message = end.message.or_else(|| attending.why_interrupted());
    }
    if end.status != TurnStatus::Done
        && let Some(text) = still_running(&session.tasks.going_on())
    {
        let before = end.message.take().map(|message| format!("{message} ")).unwrap_or_default();
        end.message = Some(format!("{before}{text}"));
    }
    looks::look((&shared, &session), &attending.workspace(), keeps.then_some(turn)).await;
    notes::post_ended_tasks(&session, turn, board_turns);
    let status = end.status;
    session.end_turn(turn, end);
    if let Some(number) = queued {
        session.put_back(number, None);
    }
    session.has_ended((turn, status), last);
    if let Some(wish) = title {
        tokio::spawn(retitle::retitle(shared, session, wish));
    }
}

async fn run(mut running: Running, sent: Option<Sent>) -> End {
    let to = sent.as_ref().map(|sent| sent.to.clone());
    // Edits that are still being taken back come first.
    running.session.after_undo(&running.cancel).await;
    begin::begin(&mut running, sent).await;
    let mut spent = Spent::default();
    let (status, message) = match to {
        Some(to) => rounds::answer(&running, &to, &mut spent).await,
        None => by_hand(&running, &mut spent).await,
    };
    End { status, spent, message }
}

/// A turn that compacts and does nothing else.
async fn by_hand(running: &Running, spent: &mut Spent) -> Ended {
    if let Some(end) = days::may_ask(running, spent).await {
        return end;
    }
    running.session.begin_round();
    let end = compact::compact(running, CompactionCause::User, spent).await;
    end.unwrap_or((TurnStatus::Done, None))
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
