//! Prompts that wait for their turn: queued, listed, taken out, and started one after the other when a turn is done. After
//! one that was not done they wait for the user.

use crate::config::{Front, TurnConfig};
use crate::session::{Due, Session, Starter, Waits, is_blank, told};
use crate::shared::Shared;
use crate::turn::{self, Prompted, Work};
use crate::{Agent, AgentError, Wishes};
use glossator_session::{InputPart, QueuedPrompt, SessionId, TurnId, TurnStatus};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How soon it is looked again whether a prompt can be started that waits for a model or a key, and how often at least.
const SOON: Duration = Duration::from_secs(1);
const SELDOM: Duration = Duration::from_secs(5);

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
    /// As [`Agent::start_turn`], and a stored queue that cannot be read; then it is not in it. One that cannot be written is
    /// told of, and the prompt waits in memory.
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
        let started = go_on(self.shared(), &session).await;
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
        Ok(go_on(self.shared(), &session).await.map(|(_, turn)| turn))
    }

    /// What turns are run with may be another now: settings were changed, a folder is trusted, a key came. Tells who watches a
    /// session, and lets prompts go on that waited for that.
    pub fn settings_changed(&self) {
        let sessions: Vec<_> = self.shared().sessions.lock().values().cloned().collect();
        for session in sessions {
            if session.is_watched() {
                session.has_changed();
            }
            session.course.news.notify_waiters();
        }
    }

    /// Has `by` start what waits in an open session, as long as it is there. A session in which nothing was said yet is given
    /// what waited in one like it whose process died.
    pub fn serve_queue(&self, id: &SessionId, by: Starter) {
        let session = self.shared().sessions.lock().get(id).cloned();
        let Some(session) = session else { return };
        session.serve_queue(by);
        let Ok(store) = self.store() else { return };
        if session.begun().is_some() || !session.queued().0.is_empty() {
            return;
        }
        let known = |id: &SessionId| self.shared().sessions.lock().contains_key(id);
        match store.adopt_unborn_queue(id, &known) {
            Ok(Some(queue)) => session.queue_found(store, queue),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "what waited in another session could not be taken over"),
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
    session.store_queue(shared.store.as_ref().ok());
    match what {
        Some(what) => session.hold_queue(format!("{turn} {what}")),
        None => drop(tokio::spawn(async move { start_next(&shared, &session, Some(last)).await })),
    }
}

/// As [`go_on`], and not waited for.
pub(crate) fn go_on_soon(shared: &Arc<Shared>, session: &Arc<Session>) {
    // There is none while a process ends.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let (shared, session) = (shared.clone(), session.clone());
    runtime.spawn(async move { start_next(&shared, &session, None).await });
}

/// Starts the next prompt of the queue, if one is to be started now; gives its number and its turn. Who asked for it may be
/// gone before that is done: it is done all the same.
async fn go_on(shared: &Arc<Shared>, session: &Arc<Session>) -> Option<(u64, TurnId)> {
    let (shared, session) = (shared.clone(), session.clone());
    let started = tokio::spawn(async move { start_next(&shared, &session, None).await });
    started.await.ok().flatten()
}

/// Puts a prompt back that was to be started, when that broke down.
struct Starting<'a> {
    session: &'a Session,
    number: u64,
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let why = format!("starting Q{} broke down; the log of Glossator says more", self.number);
            self.session.put_back(self.number, Some(Waits::ForTheUser(why)));
        }
    }
}

async fn start_next(
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
    let _starting = Starting { session, number };
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
        Some(Err(error)) => {
            session.put_back(number, Some(Waits::ToBeReady(not_started(number, &error))));
            look_again(shared, session);
            return None;
        }
        None => Err(AgentError::Refused("nobody is there who could start it".to_owned())),
    };
    match started {
        Ok(turn) => Some((number, turn)),
        Err(AgentError::Busy(_)) => {
            session.put_back(number, None);
            None
        }
        Err(error) => {
            session.put_back(number, Some(Waits::ForTheUser(not_started(number, &error))));
            None
        }
    }
}

fn not_started(number: u64, error: &AgentError) -> String {
    format!("Q{number} could not be started: {error}")
}

/// Looks again, as long as a prompt waits for a model or a key, whether there is one; then it goes on by itself. Not waited
/// for.
fn look_again(shared: &Arc<Shared>, session: &Arc<Session>) {
    if session.course.looking_again.swap(true, Ordering::SeqCst) {
        return;
    }
    let news = session.course.news.clone();
    let (shared, session) = (Arc::downgrade(shared), Arc::downgrade(session));
    tokio::spawn(async move {
        let mut wait = SOON;
        loop {
            // Whether there was news or not: it is looked at.
            let _ = tokio::time::timeout(wait, news.notified()).await;
            wait = (wait + SOON / 2).min(SELDOM);
            let (Some(shared), Some(session)) = (shared.upgrade(), session.upgrade()) else { return };
            let goes_on = match session.unready() {
                Some(due) => is_ready(&session, due).await,
                None => true,
            };
            if goes_on {
                session.course.looking_again.store(false, Ordering::SeqCst);
                session.release_ready();
                start_next(&shared, &session, None).await;
                return;
            }
        }
    });
}

async fn is_ready(session: &Session, due: Due) -> bool {
    for starter in session.starters(due.number) {
        if (starter.ready)(due.clone()).await {
            return true;
        }
    }
    false
}
