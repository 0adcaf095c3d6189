//! Detached calls for people and clients: listed, named in words, stopped. What they do and when they may is not known here.

use crate::connection::{Connection, not_started};
use crate::words::cut;
use glossator_agent::{Agent, AgentError};
use glossator_protocol_ext as ext;
use glossator_session::{CallId, SessionId, TaskState};
use glossator_tools::Task;
use std::time::{SystemTime, UNIX_EPOCH};

/// Characters of a call in a message.
const LINE_CAP: usize = 80;

/// Characters of an outcome in a message.
const OUTCOME_CAP: usize = 300;

/// A task as clients with the extension are told of it.
pub fn told(session: &SessionId, task: &Task) -> ext::Task {
    let mut told = ext::Task {
        session_id: session.0.clone(),
        id: task.id.0.clone(),
        tool: task.tool.clone(),
        line: task.line.clone(),
        state: status(&task.state),
        started_at: task.started_at,
        millis: task.millis,
        summary: None,
        file_key: None,
        bytes: None,
        error: None,
    };
    match &task.state {
        TaskState::Running { .. } => {}
        TaskState::Done { summary, file_key, bytes } => {
            told.summary = Some(summary.clone());
            told.file_key = file_key.as_ref().map(|key| key.0.clone());
            told.bytes = Some(*bytes);
        }
        TaskState::Failed { error } => told.error = Some(error.message.clone()),
        TaskState::Lost => told.error = Some(LOST.to_owned()),
    }
    told
}

const LOST: &str = "Glossator was stopped while it ran: what it did until then stands, a command of it may still run, its result is lost.";

fn status(state: &TaskState) -> ext::TaskStatus {
    match state {
        TaskState::Running { .. } => ext::TaskStatus::Running,
        TaskState::Done { .. } => ext::TaskStatus::Done,
        cancelled if cancelled.was_cancelled() => ext::TaskStatus::Cancelled,
        TaskState::Failed { .. } => ext::TaskStatus::Failed,
        TaskState::Lost => ext::TaskStatus::Lost,
    }
}

/// Whether it came to a bad end that nobody wished.
pub fn went_wrong(task: &Task) -> bool {
    matches!(status(&task.state), ext::TaskStatus::Failed | ext::TaskStatus::Lost)
}

/// What a task is, in a few words: `S1-1-1.2 (exec cargo test)`.
pub fn name(task: &Task) -> String {
    let line = task.line.lines().next().unwrap_or_default();
    let what = match line.strip_prefix(&task.tool) {
        Some(_) => line.to_owned(),
        None => format!("{} {line}", task.tool),
    };
    format!("{} ({})", task.id, cut(what.trim(), LINE_CAP))
}

/// What became of a task, in one line; for one that runs, how long it does.
pub fn outcome(task: &Task) -> String {
    let after = task.millis.map(|millis| format!(" after {}", duration(millis))).unwrap_or_default();
    let (became, why) = match &task.state {
        TaskState::Running { .. } => {
            let millis = now().saturating_sub(task.started_at).max(0);
            return format!("runs for {}", duration(millis.unsigned_abs()));
        }
        TaskState::Done { summary, .. } => ("is done", summary.as_str()),
        TaskState::Failed { error } => {
            let became = if task.state.was_cancelled() { "was stopped" } else { "failed" };
            (became, error.message.as_str())
        }
        TaskState::Lost => ("is lost", LOST),
    };
    match why.trim() {
        "" => format!("{became}{after}"),
        why => format!("{became}{after}: {}", cut(&why.replace('\n', " "), OUTCOME_CAP)),
    }
}

/// Milliseconds as people say them.
fn duration(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis} ms"),
        1..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The tasks that run in the sessions of this connection, those of the current session first.
pub fn running(connection: &Connection) -> Result<Vec<(SessionId, Task)>, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?;
    let of = |session: SessionId| {
        // One that cannot be opened runs nothing here.
        let tasks = agent.tasks(&session).unwrap_or_default();
        let running: Vec<Task> = tasks.into_iter().filter(Task::runs).collect();
        running.into_iter().map(move |task| (session.clone(), task))
    };
    Ok(connection.known_sessions().into_iter().flat_map(of).collect())
}

/// The list that `glossator.tasks` shows.
pub fn listed(running: &[(SessionId, Task)]) -> String {
    let line = |(_, task): &(SessionId, Task)| format!("{} {}", name(task), outcome(task));
    match running {
        [] => "No task is running.".to_owned(),
        [one] => format!("Task {}. To stop it: glossator.cancelTask.", line(one)),
        several => {
            let lines: Vec<String> = several.iter().map(line).collect();
            let count = several.len();
            format!(
                "{count} tasks are running: {}. To stop one: glossator.cancelTask with its id.",
                lines.join("; ")
            )
        }
    }
}

/// The task that `wanted` names, or the only one that runs; the error says which there are.
pub fn choose(
    running: &[(SessionId, Task)],
    wanted: Option<(CallId, Option<SessionId>)>,
) -> Result<(SessionId, CallId), String> {
    let fits = |(session, task): &&(SessionId, Task)| match &wanted {
        Some((id, of)) => task.id == *id && of.as_ref().is_none_or(|of| of == session),
        None => true,
    };
    let fitting: Vec<&(SessionId, Task)> = running.iter().filter(fits).collect();
    match (fitting.as_slice(), wanted) {
        ([(session, task)], _) => Ok((session.clone(), task.id.clone())),
        ([], Some((id, _))) => Err(format!("No task {id} is running. {}", listed(running))),
        ([], None) => Err(listed(running)),
        (several, Some((id, _))) => {
            let sessions: Vec<&str> = several.iter().map(|(session, _)| session.0.as_str()).collect();
            Err(format!(
                "Several sessions have a task {id}; name one of them as sessionId: {}",
                sessions.join(", ")
            ))
        }
        (_, None) => Err(listed(running)),
    }
}

/// Stops a task; `false`: it had ended.
pub fn cancel(agent: &Agent, session: &SessionId, id: &CallId) -> Result<bool, String> {
    let tasks = agent.tasks(session).map_err(|error| error.to_string())?;
    match tasks.iter().find(|task| task.id == *id) {
        // One that ends in this moment needs no stop.
        Some(task) if task.runs() => Ok(agent.cancel_task(session, id).is_ok()),
        Some(_) => Ok(false),
        None => {
            let ids: Vec<&str> = tasks.iter().map(|task| task.id.0.as_str()).collect();
            let known = match ids.is_empty() {
                true => "it has none".to_owned(),
                false => format!("it has {}", ids.join(", ")),
            };
            Err(format!("There is no task {id} in the session {session}; {known}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{FileKey, ToolError, ToolErrorKind};
    use serde_json::{Value, json};

    fn task(id: &str, state: TaskState) -> Task {
        let millis = (!matches!(state, TaskState::Running { .. })).then_some(48_210);
        Task {
            id: CallId::from(id),
            tool: "exec".to_owned(),
            line: "cargo test\n--all".to_owned(),
            state,
            started_at: now() - 200_000,
            millis,
        }
    }

    fn running(id: &str) -> Task {
        task(id, TaskState::Running { tool: "exec".to_owned(), line: "cargo test".to_owned() })
    }

    fn failed(kind: ToolErrorKind) -> TaskState {
        TaskState::Failed { error: ToolError::new(kind, "no such\nprogram") }
    }

    fn done(key: Option<&str>) -> TaskState {
        TaskState::Done { summary: "exit code 0".to_owned(), file_key: key.map(FileKey::from), bytes: 7 }
    }

    #[test]
    fn told_and_said() {
        let check = |state: TaskState, wanted: Value, words: &str| {
            let task = task("S1.2", state);
            let mut told = serde_json::to_value(told(&SessionId::from("s"), &task)).unwrap();
            let all = told.as_object_mut().unwrap();
            for (key, value) in
                [("sessionId", "s"), ("id", "S1.2"), ("tool", "exec"), ("line", "cargo test\n--all")]
            {
                assert_eq!(all.remove(key), Some(json!(value)));
            }
            assert_eq!(all.remove("startedAt"), Some(json!(task.started_at)));
            assert_eq!(told, wanted);
            assert_eq!(
                format!("{} {}", name(&task), outcome(&task)),
                format!("S1.2 (exec cargo test) {words}")
            );
        };
        let line = TaskState::Running { tool: "exec".to_owned(), line: "cargo test".to_owned() };
        check(line, json!({ "state": "running" }), "runs for 3 min");
        check(
            done(Some("K3")),
            json!({ "state": "done", "millis": 48_210, "summary": "exit code 0", "fileKey": "K3", "bytes": 7 }),
            "is done after 48 s: exit code 0",
        );
        check(
            done(None),
            json!({ "state": "done", "millis": 48_210, "summary": "exit code 0", "bytes": 7 }),
            "is done after 48 s: exit code 0",
        );
        check(
            failed(ToolErrorKind::ToolFailed),
            json!({ "state": "failed", "millis": 48_210, "error": "no such\nprogram" }),
            "failed after 48 s: no such program",
        );
        check(
            failed(ToolErrorKind::ToolCancelled),
            json!({ "state": "cancelled", "millis": 48_210, "error": "no such\nprogram" }),
            "was stopped after 48 s: no such program",
        );
        check(
            TaskState::Lost,
            json!({ "state": "lost", "millis": 48_210, "error": LOST }),
            &format!("is lost after 48 s: {LOST}"),
        );
    }

    #[test]
    fn the_one_that_is_meant() {
        let (a, b) = (SessionId::from("a"), SessionId::from("b"));
        let of = |session: &SessionId, id: &str| (session.clone(), running(id));
        let check = |running: &[(SessionId, Task)],
                     wanted: Option<(&str, Option<&str>)>,
                     expected: Result<(&str, &str), &str>| {
            let wanted = wanted.map(|(id, session)| (CallId::from(id), session.map(SessionId::from)));
            match (choose(running, wanted), expected) {
                (Ok((session, id)), Ok(expected)) => {
                    assert_eq!((session.0.as_str(), id.0.as_str()), expected)
                }
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (found, expected) => panic!("{found:?} where {expected:?} was expected"),
            }
        };
        check(&[], None, Err("No task is running"));
        check(&[], Some(("S1.1", None)), Err("No task S1.1 is running"));
        let one = [of(&a, "S1.1")];
        check(&one, None, Ok(("a", "S1.1")));
        check(&one, Some(("S1.2", None)), Err("Task S1.1 (exec cargo test) runs"));
        check(&one, Some(("S1.1", Some("b"))), Err("No task S1.1"));
        let three = [of(&a, "S1.1"), of(&a, "S1.2"), of(&b, "S1.1")];
        check(&three, None, Err("3 tasks are running: S1.1 (exec cargo test) runs for 3 min; S1.2"));
        check(&three, Some(("S1.2", None)), Ok(("a", "S1.2")));
        check(&three, Some(("S1.1", None)), Err("sessionId: a, b"));
        check(&three, Some(("S1.1", Some("b"))), Ok(("b", "S1.1")));
    }

    #[test]
    fn lengths_of_time() {
        for (millis, said) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1 s"),
            (119_999, "119 s"),
            (120_000, "2 min"),
            (7_199_999, "119 min"),
            (7_260_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(millis), said);
        }
    }
}
