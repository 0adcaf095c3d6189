//! Detached calls as a session's items tell of them: folds, nothing else.

use glossator_session::{CallId, TaskState};
use glossator_tools::Task;
use serde::{Deserialize, Serialize};

/// Tasks that ended and are still named.
const ENDED: usize = 200;

/// The tasks of a session, oldest first; of those that ended the latest only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TaskLog {
    all: Vec<Logged>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Logged {
    id: CallId,
    tool: String,
    line: String,
    state: TaskState,
    started_at: i64,
    millis: Option<u64>,
}

impl TaskLog {
    /// Takes in how far a task came.
    pub fn add(&mut self, at: i64, id: &CallId, state: &TaskState) {
        if let TaskState::Running { tool, line } = state {
            self.all.push(Logged {
                id: id.clone(),
                tool: tool.clone(),
                line: line.clone(),
                state: state.clone(),
                started_at: at,
                millis: None,
            });
            return;
        }
        // The latest of a name: ids do not repeat, but a log may have been damaged.
        let Some(task) = self.all.iter_mut().rev().find(|task| task.id == *id) else { return };
        task.state = state.clone();
        let ran = u64::try_from(at.saturating_sub(task.started_at)).ok();
        task.millis = ran.filter(|_| *state != TaskState::Lost);
    }

    /// Lets the oldest go that have ended.
    pub fn forget(&mut self) {
        let ended = self.all.iter().filter(|task| !task.runs()).count();
        let mut left = ended.saturating_sub(ENDED);
        self.all.retain(|task| {
            let goes = left > 0 && !task.runs();
            left -= usize::from(goes);
            !goes
        });
    }

    /// The tasks as they are, where another process runs them.
    pub fn list(&self) -> Vec<Task> {
        let task = |one: &Logged| Task {
            id: one.id.clone(),
            tool: one.tool.clone(),
            line: one.line.clone(),
            state: one.state.clone(),
            started_at: one.started_at,
            millis: one.millis,
        };
        self.all.iter().map(task).collect()
    }

    /// The tasks of a log that was opened. One without an end went down with the process that ran it.
    pub fn earlier(&self) -> Vec<Task> {
        let mut tasks = self.list();
        for task in tasks.iter_mut().filter(|task| task.runs()) {
            task.state = TaskState::Lost;
        }
        tasks
    }

    /// The tasks that were begun and have no end, each with its call in one line.
    pub fn unfinished(&self) -> Vec<(CallId, String)> {
        let open = self.all.iter().filter(|task| task.runs());
        open.map(|task| (task.id.clone(), task.line.clone())).collect()
    }
}

impl Logged {
    fn runs(&self) -> bool {
        matches!(self.state, TaskState::Running { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::ToolError;

    fn running(tool: &str) -> TaskState {
        TaskState::Running { tool: tool.to_owned(), line: format!("{tool} x") }
    }

    #[test]
    fn a_task_without_an_end_is_lost() {
        let done = TaskState::Done { summary: "ok".to_owned(), file_key: Some("K1".into()), bytes: 2 };
        let failed = TaskState::Failed { error: ToolError::failed("no") };
        let mut log = TaskLog::default();
        for (at, id, state) in [
            (10, "S1-1-1.1", running("exec")),
            (11, "S1-1-1.2", running("readFile")),
            (12, "S1-1-1.3", running("exec")),
            (15, "S1-1-1.2", done.clone()),
            (16, "S1-1-1.9", done.clone()),
            (19, "S1-1-1.3", failed.clone()),
        ] {
            log.add(at, &id.into(), &state);
        }
        let found: Vec<_> =
            log.earlier().into_iter().map(|task| (task.id.0, task.state, task.millis)).collect();
        let expected = [
            ("S1-1-1.1".to_owned(), TaskState::Lost, None),
            ("S1-1-1.2".to_owned(), done, Some(4)),
            ("S1-1-1.3".to_owned(), failed, Some(7)),
        ];
        assert_eq!(found, expected);
        assert_eq!(log.unfinished(), [("S1-1-1.1".into(), "exec x".to_owned())]);
        log.add(30, &"S1-1-1.1".into(), &TaskState::Lost);
        assert_eq!(log.unfinished(), []);
        assert_eq!(log.earlier()[0].millis, None);
    }

    #[test]
    fn the_latest_ends_and_all_that_run_are_kept() {
        let mut log = TaskLog::default();
        for number in 0..500 {
            let id = CallId(format!("S{number}"));
            log.add(number, &id, &running("exec"));
            if number % 100 != 0 {
                log.add(number, &id, &TaskState::Lost);
            }
        }
        log.forget();
        assert_eq!(log.unfinished().len(), 5);
        let all = log.earlier();
        assert_eq!((all.len(), all[0].id.0.as_str()), (ENDED + 5, "S0"));
        assert_eq!(all.last().unwrap().id.0, "S499");
    }
}
