//! What the user says while something goes on: added to the turn that runs, or the prompt of a turn of its own when it came
//! too late. Nothing that is said is lost.

use crate::config::Wishes;
use crate::queue;
use crate::session::{Due, Heard, Session, Setup, Starter, is_blank};
use crate::shared::Shared;
use crate::{Agent, AgentError};
use glossator_session::{InputPart, SessionId, TurnId};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where something that the user said went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steered {
    /// The turn that it is a message of.
    pub turn: TurnId,
    /// Whether that turn was started with it.
    pub started: bool,
}

impl Agent {
    /// Adds to the turn that runs. When none does, a turn is started with it, for which `by` makes what it is run with; when
    /// the one that runs is at its very end, that is waited for. What is said by several in that moment keeps its order. A
    /// turn to which nothing can be added (a compaction) is followed by one with this prompt.
    ///
    /// # Errors
    /// As [`Agent::start_turn`], and a turn that there was never.
    pub async fn steer(
        &self,
        id: &SessionId,
        turn: Option<TurnId>,
        input: Vec<InputPart>,
        by: Starter,
    ) -> Result<Steered, AgentError> {
        if is_blank(&input) {
            return Err(AgentError::EmptyPrompt);
        }
        let session = self.writable(id)?;
        let (latest, _) = session.place();
        if let Some(turn) = turn.filter(|turn| *turn > latest) {
            return Err(AgentError::Refused(format!(
                "there is no {turn} in this session that could be added to; its latest turn is {latest}"
            )));
        }
        let _in_order = session.course.late.order.lock().await;
        // Who comes too late goes before anything that waits for its turn.
        let mut late = None;
        loop {
            match session.steer(input.clone())? {
                Heard::By(turn) => return Ok(Steered { turn, started: false }),
                Heard::Never(turn) => {
                    let store = self.shared().store.as_ref().ok();
                    session.enqueue(store, (input, Wishes::default()), by, true)?;
                    return Ok(Steered { turn, started: false });
                }
                Heard::TooLate => {
                    late.get_or_insert_with(|| Counted::of(self.shared(), &session));
                    session.ended().await;
                }
                Heard::ByNone => {
                    late.get_or_insert_with(|| Counted::of(self.shared(), &session));
                    match self.start_with(&session, &input, &by).await {
                        Ok(turn) => return Ok(Steered { turn, started: true }),
                        // Somebody else was faster: it is added to that turn.
                        Err(AgentError::Busy(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }

    async fn start_with(
        &self,
        session: &Arc<Session>,
        input: &[InputPart],
        by: &Starter,
    ) -> Result<TurnId, AgentError> {
        let (session, input) = (session.id().clone(), input.to_vec());
        let due =
            Due { session: session.clone(), input: input.clone(), wishes: Wishes::default(), number: 0 };
        let made: Option<Result<Setup, AgentError>> = (by.make)(due).await;
        let gone = || Err(AgentError::Refused("whoever said it is gone".to_owned()));
        let (config, front) = made.unwrap_or_else(gone)?;
        self.start_turn(&session, input, config, front)
    }
}

/// Counts somebody as long as it lives: the queue waits until then, however it ends.
struct Counted<'a> {
    shared: &'a Arc<Shared>,
    session: &'a Arc<Session>,
}

impl<'a> Counted<'a> {
    fn of(shared: &'a Arc<Shared>, session: &'a Arc<Session>) -> Counted<'a> {
        session.course.late.count.fetch_add(1, Ordering::SeqCst);
        Counted { shared, session }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.session.course.late.count.fetch_sub(1, Ordering::SeqCst);
        queue::go_on_soon(self.shared, self.session);
    }
}
