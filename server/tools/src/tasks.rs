//! Detached calls of a session: which run, what became of the others. Never decides whether a call may be made.

use glossator_session::{CallId, TaskState};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A detached call as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The call.
    pub id: CallId,
    /// The tool.
    pub tool: String,
    /// The call in one line.
    pub line: String,
    /// How far it came.
    pub state: TaskState,
    /// When it was started: milliseconds since the Unix epoch.
    pub started_at: i64,
    /// How long it ran, in milliseconds; `None` while it runs and where that is not known.
    pub millis: Option<u64>,
}

/// The detached calls of one session.
pub struct Tasks {
    all: Mutex<Vec<(Task, CancellationToken)>>,
}

impl Tasks {
    /// A table that begins with what is known of earlier tasks, oldest first.
    pub fn new(earlier: Vec<Task>) -> Arc<Tasks> {
        let all = earlier.into_iter().map(|task| (task, CancellationToken::new())).collect();
        Arc::new(Tasks { all: Mutex::new(all) })
    }

    /// All of them, oldest first.
    pub fn list(&self) -> Vec<Task> {
        self.all.lock().iter().map(|(task, _)| task.clone()).collect()
    }

    /// How many run.
    pub fn running(&self) -> usize {
        let running = |task: &Task| matches!(task.state, TaskState::Running { .. });
        self.all.lock().iter().filter(|(task, _)| running(task)).count()
    }

    /// Stops one that runs; `Err` says why there is nothing to stop.
    pub fn cancel(&self, id: &CallId) -> Result<(), String> {
        let all = self.all.lock();
        let found = all.iter().find(|(task, _)| task.id == *id);
        let (task, cancel) = found.ok_or_else(|| format!("there is no task {id} in this session"))?;
        match task.state {
            TaskState::Running { .. } => {
                cancel.cancel();
                Ok(())
            }
            _ => Err(format!("the task {id} has ended already")),
        }
    }

    /// Stops all that run.
    pub fn cancel_all(&self) {
        self.all.lock().iter().for_each(|(_, cancel)| cancel.cancel());
    }
}
