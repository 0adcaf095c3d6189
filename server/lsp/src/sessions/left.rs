//! How a session was left: what a user who comes back to it should know. Pure, but for the asking.

use crate::connection::{Connection, not_started};
use crate::review::hunks::hunks;
use crate::tasks;
use glossator_agent::{AgentError, HunkQuery};
use glossator_protocol_ext as ext;
use glossator_session::{ContextItem, Item, ItemBody, SessionId, TaskState, TurnId, TurnStatus};
use glossator_tools::Task;
use std::sync::Arc;

/// Files and tasks that a message names.
const NAMED: usize = 5;

/// How the session was left of whose newest items these tell it.
pub async fn left(
    connection: &Arc<Connection>,
    id: &SessionId,
    items: &[Item],
) -> Result<ext::SessionLeft, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?;
    let running = agent.running().into_iter().find(|(session, _)| session == id).map(|(_, turn)| turn);
    // Of one that can only be read nothing is known but its items.
    let all = agent.tasks(id).unwrap_or_default();
    let open = hunks(connection, HunkQuery { session: Some(id), ..HunkQuery::default() }).await;
    let mut files: Vec<String> = open.iter().map(|hunk| hunk.view.shown.clone()).collect();
    files.dedup();
    let last = items.iter().map(|item| item.turn).max();
    let state = State {
        running,
        interrupted: last.filter(|turn| Some(*turn) != running && was_interrupted(items, *turn)),
        hunks: open.len(),
        files,
        at_work: all.iter().filter(|task| task.runs()).cloned().collect(),
        lost: all.into_iter().filter(|task| task.state == TaskState::Lost && seen(items, task)).collect(),
        asked: items.iter().filter(|item| Some(item.turn) == last).filter_map(lost_question).collect(),
    };
    let told = |tasks: &[Task]| tasks.iter().map(|task| tasks::told(id, task)).collect();
    Ok(ext::SessionLeft {
        message: message(&state),
        interrupted: state.interrupted.map(|turn| turn.to_string()),
        hunks: state.hunks,
        running_tasks: told(&state.at_work),
        lost_tasks: told(&state.lost),
        files: state.files,
    })
}

struct State {
    running: Option<TurnId>,
    interrupted: Option<TurnId>,
    hunks: usize,
    files: Vec<String>,
    at_work: Vec<Task>,
    lost: Vec<Task>,
    /// Questions that nobody can answer any more.
    asked: Vec<String>,
}

fn was_interrupted(items: &[Item], turn: TurnId) -> bool {
    let end = items.iter().rev().filter(|item| item.turn == turn).find_map(|item| match &item.body {
        ItemBody::TurnEnded { status, .. } => Some(*status),
        _ => None,
    });
    end == Some(TurnStatus::Interrupted)
}

/// Whether the end of a task is told by one of these items.
fn seen(items: &[Item], task: &Task) -> bool {
    items.iter().any(|item| matches!(&item.body, ItemBody::Task { id, .. } if *id == task.id))
}

fn lost_question(item: &Item) -> Option<String> {
    match &item.body {
        ItemBody::Context(ContextItem::Asked { title, lost: true, .. }) => Some(title.clone()),
        _ => None,
    }
}

fn message(state: &State) -> String {
    let mut parts = Vec::new();
    if let Some(turn) = state.running {
        parts.push(format!("{turn} is running."));
    }
    if let Some(turn) = state.interrupted {
        parts.push(format!("{turn} was interrupted; what it had done until then stands."));
    }
    if !state.asked.is_empty() {
        let named = listed(&state.asked);
        parts.push(format!("Nobody answered, and nobody is asked any more: {named}."));
    }
    match state.hunks {
        0 => {}
        1 => parts.push(format!("One hunk waits for a decision: {}.", listed(&state.files))),
        more => parts.push(format!("{more} hunks wait for a decision: {}.", listed(&state.files))),
    }
    let names = |tasks: &[Task]| tasks.iter().map(tasks::name).collect::<Vec<_>>();
    if !state.at_work.is_empty() {
        parts.push(format!("At work: task {}.", listed(&names(&state.at_work))));
    }
    if !state.lost.is_empty() {
        parts.push(format!("Lost with the server: task {}.", listed(&names(&state.lost))));
    }
    if parts.is_empty() { "Nothing is pending.".to_owned() } else { parts.join(" ") }
}

fn listed(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMED).cloned().collect();
    match names.len().saturating_sub(NAMED) {
        0 => {}
        more => shown.push(format!("and {more} more")),
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State {
            running: None,
            interrupted: None,
            hunks: 0,
            files: Vec::new(),
            at_work: Vec::new(),
            lost: Vec::new(),
            asked: Vec::new(),
        }
    }

    #[test]
    fn messages() {
        let check = |state: State, wanted: &str| assert_eq!(message(&state), wanted);
        check(state(), "Nothing is pending.");
        check(
            State { interrupted: Some(TurnId(3)), hunks: 1, files: vec!["a.rs".to_owned()], ..state() },
            "T-3 was interrupted; what it had done until then stands. One hunk waits for a decision: a.rs.",
        );
        let files = (1..=7).map(|at| format!("{at}.rs")).collect();
        check(
            State { running: Some(TurnId(9)), hunks: 12, files, ..state() },
            "T-9 is running. 12 hunks wait for a decision: 1.rs, 2.rs, 3.rs, 4.rs, 5.rs, and 2 more.",
        );
        check(
            State { asked: vec!["Run make?".to_owned()], ..state() },
            "Nobody answered, and nobody is asked any more: Run make?.",
        );
    }
}
