//! Sessions by id for one workspace: new, open, turn, stop, answer. Every call answers at once, but for the last.

use crate::AgentError;
use crate::asks::Pending;
use crate::check::{self, Check, CheckReport};
use crate::config::{Front, TurnConfig};
use crate::earlier::Earlier;
use crate::journal::Log;
use crate::looks;
use crate::opening;
use crate::reach;
use crate::session::{Session, Snapshot, is_blank, now};
use crate::shared::{Parts, Shared};
use crate::turn;
use crate::watchers::Events;
use crate::writing::Writing;
use glossator_session::{Answer, AskId, CallId, InputPart, SessionId, TurnId};
use glossator_store::{Replay, SessionHead};
use glossator_tools::Task;
use glossator_workspace::Neighbours;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The agent of one workspace.
#[derive(Clone)]
pub struct Agent {
    shared: Arc<Shared>,
}

impl Agent {
    /// An agent of these parts. Starts nothing.
    pub fn new(parts: Parts) -> Agent {
        Agent { shared: Arc::new(Shared::new(parts)) }
    }

    /// The buffers of every connection to this workspace, for each to join with its own.
    pub fn neighbours(&self) -> &Arc<Neighbours> {
        &self.shared.neighbours
    }

    /// A new session. It is stored with its first turn.
    pub fn new_session(&self, title: &str) -> SessionHead {
        let head = SessionHead {
            id: SessionId(uuid::Uuid::now_v7().to_string()),
            title: title.to_owned(),
            created_at: now(),
            model: String::new(),
            pack: String::new(),
            tools: Vec::new(),
            calling: String::new(),
            strategy: String::new(),
            parent: None,
            layers: Vec::new(),
        };
        let replay = Replay {
            head: head.clone(),
            items: Vec::new(),
            fold: None,
            next_id: 1,
            healed: None,
            notices: Vec::new(),
        };
        let session = opening::open(Log::Unborn, Earlier::default(), replay);
        reach::enroll(&self.shared, &session);
        self.shared.sessions.lock().insert(head.id.clone(), session);
        head
    }

    /// What a session holds now. Blocks where it is not open yet.
    ///
    /// # Errors
    /// No such session, and a log that cannot be read.
    pub fn read(&self, id: &SessionId) -> Result<Snapshot, AgentError> {
        let session = self.session(id)?;
        reach::catch_up(&self.shared, &session);
        Ok(session.snapshot())
    }

    /// What a session began with; `None` before its first turn. Blocks where it is not open yet.
    ///
    /// # Errors
    /// As [`Agent::read`].
    pub fn begun(&self, id: &SessionId) -> Result<Option<SessionHead>, AgentError> {
        Ok(self.session(id)?.begun())
    }

    /// Events of a session from now on. Where another process writes it, what that writes is shown.
    ///
    /// # Errors
    /// As [`Agent::read`].
    pub fn watch(&self, id: &SessionId) -> Result<Events, AgentError> {
        Ok(self.watch_from(id)?.0)
    }

    /// As [`Agent::watch`], with what is being written: all that was shown of it before the first of the events.
    ///
    /// # Errors
    /// As [`Agent::read`].
    pub fn watch_from(&self, id: &SessionId) -> Result<(Events, Vec<Writing>), AgentError> {
        let session = self.session(id)?;
        let watched = session.watch();
        reach::follow(&self.shared, &session);
        Ok(watched)
    }

    /// Starts a turn; it runs by itself from here on.
    pub fn start_turn(
        &self,
        id: &SessionId,
        input: Vec<InputPart>,
        config: TurnConfig,
        front: Front,
    ) -> Result<TurnId, AgentError> {
        if is_blank(&input) {
            return Err(AgentError::EmptyPrompt);
        }
        let session = self.writable(id)?;
        turn::prepare(&self.shared, &session, &input, &config);
        let prompted = turn::Prompted { input, queued: None };
        let setup = (config, front);
        let turn = turn::start(self.shared.clone(), session.clone(), turn::Work::Prompt(prompted), setup)?;
        // Whoever says something wants it to go on.
        session.release_queue();
        Ok(turn)
    }

    /// Asks the running turn to stop.
    pub fn interrupt(&self, id: &SessionId) -> Result<TurnId, AgentError> {
        self.session(id)?.interrupt()
    }

    /// Asks every running turn and task to stop: the end is near. [`Agent::close`] waits for it.
    pub fn stop_all(&self) {
        for session in self.shared.sessions.lock().values() {
            // First, so that the end of the turn does not say that they go on.
            session.tasks.cancel_all();
            // Most sessions run no turn.
            let _ = session.interrupt();
        }
    }

    /// The running turns.
    pub fn running(&self) -> Vec<(SessionId, TurnId)> {
        let sessions = self.shared.sessions.lock();
        sessions.values().filter_map(|one| one.running().map(|turn| (one.id().clone(), turn))).collect()
    }

    /// The detached calls of a session, oldest first, ended ones included.
    pub fn tasks(&self, id: &SessionId) -> Result<Vec<Task>, AgentError> {
        Ok(self.session(id)?.task_list())
    }

    /// Asks a running task to stop; it ends by itself, soon, and its item says so.
    pub fn cancel_task(&self, id: &SessionId, task: &CallId) -> Result<(), AgentError> {
        self.session(id)?.tasks.cancel(task).map_err(AgentError::NoTask)
    }

    /// Stops running turns and tasks and waits until they have ended, at most for `grace`. Gives the tasks that were
    /// running, as they were then.
    pub async fn close(&self, grace: Duration) -> Vec<(SessionId, Task)> {
        let sessions: Vec<_> = self.shared.sessions.lock().values().cloned().collect();
        let started = Instant::now();
        let mut stopped = Vec::new();
        for session in &sessions {
            let running = session.tasks.list().into_iter().filter(Task::runs);
            stopped.extend(running.map(|task| (session.id().clone(), task)));
        }
        self.stop_all();
        for session in &sessions {
            while session.running().is_some() && started.elapsed() < grace {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // A turn that was about to end may have started one more.
            session.tasks.cancel_all();
            let left = session.tasks.wait_all(grace.saturating_sub(started.elapsed())).await;
            if left > 0 {
                tracing::warn!(session = %session.id(), left, "tasks did not end in time");
            }
            if let Some(workspace) = session.hunks.last_seen_through() {
                looks::look((&self.shared, session), &workspace, None).await;
            }
        }
        stopped
    }

    /// Looks at a script without a session: whether it would run and, in a dry run, which calls it would make. Nothing is
    /// recorded, nobody is asked, nothing has an effect.
    ///
    /// # Errors
    /// A pack of `config` that does not exist. What is wrong with the script is in the report.
    pub async fn check_script(
        &self,
        source: String,
        check: Check,
        config: &TurnConfig,
        front: Front,
    ) -> Result<CheckReport, AgentError> {
        check::check(&self.shared, (source, check), config, front).await
    }

    /// Answers an open question; the first answer holds.
    pub fn answer(&self, id: &AskId, answer: Answer) -> Result<(), AgentError> {
        let sessions: Vec<_> = self.shared.sessions.lock().values().cloned().collect();
        let owner = sessions
            .into_iter()
            .find(|session| session.asks.pending(session.id()).iter().any(|pending| pending.ask.id == *id));
        owner.ok_or_else(|| AgentError::NoAsk(id.clone()))?.asks.answer(id, answer)
    }

    /// The open questions of all sessions.
    pub fn pending(&self) -> Vec<Pending> {
        let sessions = self.shared.sessions.lock();
        sessions.values().flat_map(|session| session.asks.pending(session.id())).collect()
    }

    /// Whether the user trusts `folder` with `settings`, the text of its own settings file.
    pub fn trusted(&self, folder: &Path, settings: Option<&str>) -> bool {
        self.shared.store.as_ref().is_ok_and(|store| store.trusted(folder, settings))
    }

    /// Trusts `folder` with `settings` from now on, or no longer.
    pub fn set_trusted(&self, folder: &Path, settings: Option<&str>, trust: bool) -> Result<(), AgentError> {
        self.store()?
            .set_trusted(folder, settings, trust)
            .map_err(|error| AgentError::Store(error.to_string()))
    }

    /// The prompt document of a session, made with `heading` if it is not there yet.
    pub fn prompt_document(&self, id: &SessionId, heading: &str) -> Result<PathBuf, AgentError> {
        let text = format!("{heading}\n\n");
        self.store()?.prompt_document(id, &text).map_err(|error| AgentError::Store(error.to_string()))
    }

    /// Where the review document of a turn is; written there if there is a `text`.
    pub fn review_document(
        &self,
        id: &SessionId,
        turn: TurnId,
        text: Option<&str>,
    ) -> Result<PathBuf, AgentError> {
        let store = self.store()?;
        store.review_document(id, turn, text).map_err(|error| AgentError::Store(error.to_string()))
    }

    /// Puts the review document of a turn aside, so that what the user wrote there is not lost when it is written anew.
    pub fn set_review_aside(&self, id: &SessionId, turn: TurnId) -> Result<(), AgentError> {
        self.store()?.set_review_aside(id, turn).map_err(|error| AgentError::Store(error.to_string()))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The sessions that are open and written by this process.
    pub(crate) fn sessions(&self) -> Vec<Arc<Session>> {
        let all = self.shared.sessions.lock();
        all.values().filter(|session| session.read_only().is_none()).cloned().collect()
    }

    /// The session, opened from the store when it is not yet.
    pub(crate) fn session(&self, id: &SessionId) -> Result<Arc<Session>, AgentError> {
        reach::reach(&self.shared, id)
    }

    /// The session, to go on with it.
    pub(crate) fn writable(&self, id: &SessionId) -> Result<Arc<Session>, AgentError> {
        reach::writable(&self.shared, id)
    }
}
