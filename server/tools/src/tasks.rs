//! Detached calls of a session: which run, what became of the others. A table only: never decides whether a call may be
//! made, and never makes one.

use crate::Turn;
use crate::order::Order;
use glossator_session::{CallId, FileKey, TaskState, ToolError, ToolErrorKind};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many may run at once unless settings say otherwise.
const MOST: usize = 32;
/// Ids that an error lists.
const IDS: usize = 12;

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

impl Task {
    /// Whether it runs.
    pub fn runs(&self) -> bool {
        matches!(self.state, TaskState::Running { .. })
    }

    /// `running`, `done`, `failed`, `cancelled` or `lost`.
    pub fn state_name(&self) -> &'static str {
        match &self.state {
            TaskState::Running { .. } => "running",
            TaskState::Done { .. } => "done",
            cancelled if cancelled.was_cancelled() => "cancelled",
            TaskState::Failed { .. } => "failed",
            TaskState::Lost => "lost",
        }
    }
}

/// The detached calls of one session.
pub struct Tasks {
    all: Mutex<Vec<Entry>>,
    most: AtomicUsize,
    /// In which order the session's calls ask.
    pub(crate) order: Arc<Order>,
}

struct Entry {
    task: Task,
    cancel: CancellationToken,
    /// Fires when it has ended.
    ended: CancellationToken,
    /// Its value, where it is not kept with the session.
    value: Option<Value>,
}

impl Entry {
    fn ended(task: Task, value: Option<Value>) -> Entry {
        let ended = CancellationToken::new();
        ended.cancel();
        Entry { task, cancel: CancellationToken::new(), ended, value }
    }
}

impl Tasks {
    /// A table that begins with what is known of earlier tasks, oldest first. None of them runs any more.
    pub fn new(earlier: Vec<Task>) -> Arc<Tasks> {
        let entry = |mut task: Task| {
            if task.runs() {
                task.state = TaskState::Lost;
            }
            Entry::ended(task, None)
        };
        let all = earlier.into_iter().map(entry).collect();
        Arc::new(Tasks { all: Mutex::new(all), most: AtomicUsize::new(MOST), order: Arc::default() })
    }

    /// A copy in which nothing runs, for a dry run: what `stands_for` gives is the value of tasks that really run.
    pub(crate) fn rehearsal(&self, stands_for: impl Fn(&Task) -> Value) -> Arc<Tasks> {
        let copy = |entry: &Entry| {
            let value = if entry.task.runs() { Some(stands_for(&entry.task)) } else { entry.value.clone() };
            Entry::ended(entry.task.clone(), value)
        };
        let all = self.all.lock().iter().map(copy).collect();
        Arc::new(Tasks { all: Mutex::new(all), most: AtomicUsize::new(usize::MAX), order: Arc::default() })
    }

    /// Lets at most `most` run at once, 32 unless this is called; those that run already go on.
    pub fn allow(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// All of them, oldest first.
    pub fn list(&self) -> Vec<Task> {
        self.all.lock().iter().map(|entry| entry.task.clone()).collect()
    }

    /// The one called `id`.
    pub fn get(&self, id: &CallId) -> Option<Task> {
        self.all.lock().iter().find(|entry| entry.task.id == *id).map(|entry| entry.task.clone())
    }

    /// Those that run and were not told to stop, oldest first.
    pub fn going_on(&self) -> Vec<Task> {
        let all = self.all.lock();
        let going_on = all.iter().filter(|entry| entry.task.runs() && !entry.cancel.is_cancelled());
        going_on.map(|entry| entry.task.clone()).collect()
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.all.lock().iter().filter(|entry| entry.task.runs()).count()
    }

    /// Stops one that runs; `Err` says why there is nothing to stop. It has ended when its state says so.
    pub fn cancel(&self, id: &CallId) -> Result<(), String> {
        let all = self.all.lock();
        let found = all.iter().find(|entry| entry.task.id == *id);
        let entry = found.ok_or_else(|| format!("there is no task {id} in this session"))?;
        if !entry.task.runs() {
            return Err(format!("the task {id} has ended already"));
        }
        entry.cancel.cancel();
        Ok(())
    }

    /// Stops all that run.
    pub fn cancel_all(&self) {
        self.all.lock().iter().for_each(|entry| entry.cancel.cancel());
    }

    /// Waits until none runs, at most for `grace`; gives the number of those that still do.
    pub async fn wait_all(&self, grace: Duration) -> usize {
        let none_runs = async {
            while let Some(ended) = self.first_running() {
                ended.cancelled().await;
            }
        };
        // Those that are left over are counted.
        let _ = tokio::time::timeout(grace, none_runs).await;
        self.running()
    }

    fn first_running(&self) -> Option<CancellationToken> {
        self.all.lock().iter().find(|entry| entry.task.runs()).map(|entry| entry.ended.clone())
    }

    /// Enters a task that is about to run and is stopped by `cancel`; refuses one too many.
    pub(crate) fn begin(&self, task: Task, cancel: CancellationToken) -> Result<(), ToolError> {
        let mut all = self.all.lock();
        let most = self.most.load(Ordering::Relaxed);
        let running = all.iter().filter(|entry| entry.task.runs()).count();
        if most == 0 {
            let message =
                "no task may run here (script.max_tasks is 0 in the settings): make the call without `spawn`";
            return Err(ToolError::failed(message));
        }
        if running >= most {
            let message = format!(
                "{running} tasks run already, and at most {most} may at once: wait for one \
                 (await tools.spawn.wait(id)) or cancel one (await tools.spawn.cancel(id)), then start this one again"
            );
            return Err(ToolError { retryable: true, ..ToolError::failed(message) });
        }
        all.push(Entry { task, cancel, ended: CancellationToken::new(), value: None });
        Ok(())
    }

    /// Says better what a task that runs does.
    pub(crate) fn describe(&self, id: &CallId, line: &str) {
        let mut all = self.all.lock();
        let found = all.iter_mut().find(|entry| entry.task.id == *id && entry.task.runs());
        if let Some(Entry { task, .. }) = found {
            line.clone_into(&mut task.line);
            task.state = TaskState::Running { tool: task.tool.clone(), line: line.to_owned() };
        }
    }

    /// Takes a task away that could not be started after all.
    pub(crate) fn withdraw(&self, id: &CallId) {
        self.all.lock().retain(|entry| {
            let stays = entry.task.id != *id || !entry.task.runs();
            if !stays {
                entry.ended.cancel();
            }
            stays
        });
    }

    /// Notes the end of a task and wakes those who wait for it. `value` is given where it is not kept with the session.
    pub(crate) fn end(&self, id: &CallId, state: TaskState, millis: u64, value: Option<Value>) {
        let mut all = self.all.lock();
        let found = all.iter_mut().find(|entry| entry.task.id == *id && entry.task.runs());
        if let Some(entry) = found {
            entry.task.state = state;
            entry.task.millis = Some(millis);
            entry.value = value;
            entry.ended.cancel();
        }
    }

    /// What fires when the task ends; fired already when it has.
    pub(crate) fn ended(&self, id: &CallId) -> Result<CancellationToken, ToolError> {
        let found =
            self.all.lock().iter().find(|entry| entry.task.id == *id).map(|entry| entry.ended.clone());
        found.ok_or_else(|| self.unknown(id))
    }

    /// What a task came to: its value or its own error. `turn` reads what is kept with the session.
    pub(crate) fn outcome(&self, id: &CallId, turn: &dyn Turn) -> Result<Value, ToolError> {
        let key = {
            let all = self.all.lock();
            let entry = all.iter().find(|entry| entry.task.id == *id);
            let Some(entry) = entry else {
                drop(all);
                return Err(self.unknown(id));
            };
            if let Some(value) = &entry.value {
                return Ok(value.clone());
            }
            kept_under(&entry.task)?
        };
        let text = turn.kept(&key).map_err(|why| {
            ToolError::failed(format!("the result of the task {id} cannot be read any more: {why}"))
        })?;
        serde_json::from_str(&text).map_err(|error| {
            let message =
                format!("the result of the task {id} is kept under {key}, but is not JSON any more: {error}");
            ToolError::failed(message)
        })
    }

    /// The error for an id that no task has.
    pub(crate) fn unknown(&self, id: &CallId) -> ToolError {
        let all = self.all.lock();
        let ids: Vec<&str> = all.iter().rev().take(IDS).map(|entry| entry.task.id.0.as_str()).collect();
        let known = match all.len() {
            0 => "none was started yet".to_owned(),
            n if n > IDS => format!("the newest of {n} are {}", ids.join(", ")),
            _ => format!("there are {}", ids.join(", ")),
        };
        let id: String = id.0.chars().take(100).collect();
        ToolError::new(
            ToolErrorKind::ToolArguments,
            format!("there is no task {id:?} in this session; {known}"),
        )
    }
}

/// Where the value of an ended task is; its own error where it has none.
fn kept_under(task: &Task) -> Result<FileKey, ToolError> {
    let id = &task.id;
    match &task.state {
        TaskState::Running { .. } => {
            let message =
                format!("the task {id} ({}) still runs; await tools.spawn.wait(\"{id}\")", task.line);
            Err(ToolError { retryable: true, ..ToolError::failed(message) })
        }
        TaskState::Done { file_key: Some(key), .. } => Ok(key.clone()),
        TaskState::Done { bytes, summary, .. } => Err(ToolError::failed(format!(
            "the task {id} is done ({summary}), but its result ({bytes} bytes) could not be kept and is gone"
        ))),
        TaskState::Failed { error } => Err(error.clone()),
        TaskState::Lost => Err(ToolError::failed(format!(
            "the task {id} ({}) was lost: Glossator was stopped while it ran. What it had done until then stands; look, \
             then start it again if that is needed",
            task.line
        ))),
    }
}
