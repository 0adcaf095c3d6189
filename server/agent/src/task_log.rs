//! Detached calls as a session's items tell of them: folds, nothing else.

use glossator_session::{CallId, Item, ItemBody, TaskState};
use glossator_tools::Task;

/// The tasks of a log that was opened, oldest first. One without an end went down with the process that ran it.
pub(crate) fn earlier(items: &[Item]) -> Vec<Task> {
    let mut all: Vec<Task> = Vec::new();
    for item in items {
        let ItemBody::Task { id, state } = &item.body else { continue };
        match state {
            TaskState::Running { tool, line } => all.push(Task {
                id: id.clone(),
                tool: tool.clone(),
                line: line.clone(),
                state: TaskState::Lost,
                started_at: item.at,
                millis: None,
            }),
            // The latest of a name: ids do not repeat, but a log may have been damaged.
            ended => {
                let Some(task) = all.iter_mut().rev().find(|task| task.id == *id) else { continue };
                task.state = ended.clone();
                let ran = u64::try_from(item.at.saturating_sub(task.started_at)).ok();
                task.millis = ran.filter(|_| *ended != TaskState::Lost);
            }
        }
    }
    all
}

/// The tasks that were begun and have no end, each with its call in one line.
pub(crate) fn unfinished(items: &[Item]) -> Vec<(CallId, String)> {
    let mut open: Vec<(CallId, String)> = Vec::new();
    for item in items {
        match &item.body {
            ItemBody::Task { id, state: TaskState::Running { line, .. } } => {
                open.push((id.clone(), line.clone()));
            }
            ItemBody::Task { id, .. } => open.retain(|(other, _)| other != id),
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, ToolError, TurnId};

    fn item(at: i64, id: &str, state: TaskState) -> Item {
        let body = ItemBody::Task { id: id.into(), state };
        Item { id: ItemId(at as u64), turn: TurnId(1), round: 1, at, agent: None, body }
    }

    fn running(tool: &str) -> TaskState {
        TaskState::Running { tool: tool.to_owned(), line: format!("{tool} x") }
    }

    #[test]
    fn a_task_without_an_end_is_lost() {
        let done = TaskState::Done { summary: "ok".to_owned(), file_key: Some("K1".into()), bytes: 2 };
        let failed = TaskState::Failed { error: ToolError::failed("no") };
        let items = [
            item(10, "S1-1-1.1", running("exec")),
            item(11, "S1-1-1.2", running("readFile")),
            item(12, "S1-1-1.3", running("exec")),
            item(15, "S1-1-1.2", done.clone()),
            item(16, "S1-1-1.9", done.clone()),
            item(19, "S1-1-1.3", failed.clone()),
        ];
        let found: Vec<_> =
            earlier(&items).into_iter().map(|task| (task.id.0, task.state, task.millis)).collect();
        let expected = [
            ("S1-1-1.1".to_owned(), TaskState::Lost, None),
            ("S1-1-1.2".to_owned(), done, Some(4)),
            ("S1-1-1.3".to_owned(), failed, Some(7)),
        ];
        assert_eq!(found, expected);
        assert_eq!(unfinished(&items), [("S1-1-1.1".into(), "exec x".to_owned())]);
        let closed = [&items[..], &[item(30, "S1-1-1.1", TaskState::Lost)]].concat();
        assert_eq!(unfinished(&closed), []);
        assert_eq!(earlier(&closed)[0].millis, None);
    }
}
