//! Prompts that wait for their turn: queued, listed, taken out, and started one after the other when a turn is done. After
//! one that was not done they wait for the user.

use crate::config::{Front, TurnConfig};
use crate::session::{Session, Starter, is_blank, told};
use crate::shared::Shared;
use crate::turn::{self, Prompted, Work};
use crate::{Agent, AgentError, Wishes};
use glossator_session::{InputPart, QueuedPrompt, SessionId, TurnId, TurnStatus};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What became of a prompt that was queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id: `Q3`.
    pub id: String,
    /// Its place, from 1; 0: it was started at once.
    pub position: usize,
    /// The turn that was started with it.
    pub turn: Option<TurnId>,
    /// Why the queue waits for the user, if it does.
    pub waits: Option<String>,
}

/// The prompts of a session that wait.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Queue {
    /// In the order in which they are started.
    pub prompts: Vec<QueuedPrompt>,
    /// Why they wait for the user, if they do.
    pub waits: Option<String>,
}

impl Agent {
    /// Puts a prompt at the end of the queue. When nothing runs, the first of the queue is started.
    ///
    /// # Errors
    /// As [`Agent::start_turn`], and a queue that cannot be stored; then it is not in it.
    pub async fn queue(
        &self,
        id: &SessionId,
        (input, wishes): (Vec<InputPart>, Wishes),
        by: Starter,
    ) -> Result<Queued, AgentError> {
        if is_blank(&input) {
            return Err(AgentError::EmptyPrompt);
        }
        let session = self.writable(id)?;
        let number = session.enqueue(self.shared().store.as_ref().ok(), (input, wishes), by, false)?;
        let started = go_on(self.shared(), &session, None).await;
        let turn = started.filter(|(first, _)| *first == number).map(|(_, turn)| turn);
        let (_, waits) = session.queued();
        Ok(Queued { id: format!("Q{number}"), position: session.place_in_queue(number), turn, waits })
    }

    /// The prompts of a session that wait. Blocks where the session is not open yet.
    ///
    /// # Errors
    /// As [`Agent::read`].
    pub fn queued(&self, id: &SessionId) -> Result<Queue, AgentError> {
        let session = self.session(id)?;
        if session.read_only().is_some()
            && let Ok(stored) = self.store()?.queue(id)
        {
            return Ok(Queue { prompts: stored.prompts.iter().map(told).collect(), waits: None });
        }
        let (prompts, waits) = session.queued();
        Ok(Queue { prompts, waits })
    }

    /// Takes a prompt (`Q3`) out of the queue; gives what was written there, or `None` where it does not wait any more.
    ///
    /// # Errors
    /// No such session, one that can only be read, an id that is none, and a queue that cannot be stored.
    pub fn unqueue(&self, id: &SessionId, prompt: &str) -> Result<Option<Vec<InputPart>>, AgentError> {
        let number = prompt.strip_prefix('Q').and_then(|number| number.parse::<u64>().ok());
        let number = number.ok_or_else(|| {
            AgentError::Refused(format!("'{prompt}' is no prompt of a queue; they are called Q1, Q2, ..."))
        })?;
        self.writable(id)?.take_out(self.shared().store.as_ref().ok(), number)
    }

    /// Lets a queue go on that waits for the user; gives the turn that was started, if one was.
    ///
    /// # Errors
    /// No such session, and one that can only be read.
    pub async fn go_on(&self, id: &SessionId, by: Starter) -> Result<Option<TurnId>, AgentError> {
        let session = self.writable(id)?;
        session.serve_queue(by);
        session.release_queue();
        Ok(go_on(self.shared(), &session, None).await.map(|(_, turn)| turn))
    }

    /// Has `by` start what waits in an open session, as long as it is there.
    pub fn serve_queue(&self, id: &SessionId, by: Starter) {
        let session = self.shared().sessions.lock().get(id).cloned();
        if let Some(session) = session {
            session.serve_queue(by);
        }
    }
}

/// What follows from the end of a turn for what waits. `last` is what it was run with.
pub(crate) fn after_turn(
    shared: Arc<Shared>,
    session: Arc<Session>,
    (turn, status): (TurnId, TurnStatus),
    last: (TurnConfig, Front),
) {
    let what = match status {
        TurnStatus::Done => None,
        TurnStatus::Failed => Some("failed"),
        TurnStatus::Interrupted => Some("was stopped"),
        TurnStatus::Limited => Some("met a limit"),
    };
    match what {
        Some(what) => session.hold_queue(format!("{turn} {what}")),
        None => drop(tokio::spawn(async move { go_on(&shared, &session, Some(last)).await })),
    }
}

/// As [`go_on`], and not waited for.
pub(crate) fn go_on_soon(shared: &Arc<Shared>, session: &Arc<Session>) {
    let (shared, session) = (shared.clone(), session.clone());
    tokio::spawn(async move { go_on(&shared, &session, None).await });
}

/// Starts the next prompt of the queue, if one is to be started now; gives its number and its turn.
async fn go_on(
    shared: &Arc<Shared>,
    session: &Arc<Session>,
    last: Option<(TurnConfig, Front)>,
) -> Option<(u64, TurnId)> {
    let _one_at_a_time = session.course.starting.lock().await;
    // What was said to the turn that has just ended comes first.
    if session.course.late.count.load(Ordering::SeqCst) > 0 {
        return None;
    }
    let due = session.next_prompt()?;
    let (number, wishes) = (due.number, due.wishes.clone());
    let mut made = None;
    for starter in session.starters(number) {
        made = (starter.make)(due.clone()).await;
        if made.is_some() {
            break;
        }
        session.lose_starter(starter.of);
    }
    // Whoever could start it is gone: it is run as the turn before it.
    let made = made
        .or(last
            .map(|(config, front)| Ok((TurnConfig { wishes, ..config }, Front { editor: None, ..front }))));
    let started = match made {
        Some(Ok(setup)) => {
            let prompted = Prompted { input: due.input, queued: Some(number) };
            turn::prepare(shared, session, &prompted.input, &setup.0);
            turn::start(shared.clone(), session.clone(), Work::Prompt(prompted), setup)
        }
        Some(Err(error)) => Err(error),
        None => Err(AgentError::Refused("nobody is there who could start it".to_owned())),
    };
    match started {
        Ok(turn) => Some((number, turn)),
        Err(AgentError::Busy(_)) => {
            session.put_back(number, None);
            None
        }
        Err(error) => {
            session.put_back(number, Some(format!("Q{number} could not be started: {error}")));
            None
        }
    }
}
