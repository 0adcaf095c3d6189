//! The detached calls of one session as its client is shown them: progress once their turn has ended, a word at their end.
//! It never asks anything of them; it learns of them by the items of the log.

use crate::connection::Connection;
use crate::progress::{Progress, Work};
use crate::tasks;
use glossator_session::{CallId, Item, ItemBody, SessionId, TaskState};
use glossator_tools::Task;
use std::collections::BTreeMap;
use tower_lsp::Client;
use tower_lsp::lsp_types::MessageType;

/// The tasks of one session that run, as far as its items told.
#[derive(Default)]
pub struct Board {
    running: BTreeMap<CallId, (Task, Option<Progress>)>,
}

impl Board {
    /// Takes an item in; what a task item tells of its task. `known` finds one that began before this board did.
    pub fn take_in(&mut self, item: &Item, known: impl Fn(&CallId) -> Option<Task>) -> Option<Seen> {
        let ItemBody::Task { id, state } = &item.body else { return None };
        if let TaskState::Running { tool, line } = state {
            let task = Task {
                id: id.clone(),
                tool: tool.clone(),
                line: line.clone(),
                state: state.clone(),
                started_at: item.at,
                millis: None,
            };
            self.running.insert(id.clone(), (task.clone(), None));
            return Some(Seen { task, progress: None });
        }
        let (begun, progress) = match self.running.remove(id) {
            Some((task, progress)) => (Some(task), progress),
            None => (known(id), None),
        };
        let millis = begun.as_ref().map(|task| item.at.saturating_sub(task.started_at).max(0).unsigned_abs());
        let task = Task {
            id: id.clone(),
            tool: begun.as_ref().map(|task| task.tool.clone()).unwrap_or_default(),
            line: begun.as_ref().map(|task| task.line.clone()).unwrap_or_default(),
            state: state.clone(),
            started_at: begun.map_or(item.at, |task| task.started_at),
            // When a lost one ended is not known: its item was written at the next start.
            millis: millis.filter(|_| *state != TaskState::Lost),
        };
        Some(Seen { task, progress })
    }

    /// No turn runs: what still does has a progress of its own from now on.
    pub fn go_on(&mut self, client: &Client, session: &SessionId) {
        for (id, (task, progress)) in &mut self.running {
            let work = Work::Task(session.clone(), id.clone());
            progress
                .get_or_insert_with(|| Progress::begin(client, &work, format!("task {}", tasks::name(task))));
        }
    }
}

/// A task after one of its items, with the progress that an ended one had.
pub struct Seen {
    pub task: Task,
    progress: Option<Progress>,
}

impl Seen {
    /// Shows that the task has ended; `extended` clients were told by an update.
    pub async fn show(self, connection: &Connection, extended: bool) {
        if self.task.runs() {
            return;
        }
        let text = format!("task {} {}", tasks::name(&self.task), tasks::outcome(&self.task));
        if let Some(progress) = self.progress {
            progress.end(text.clone()).await;
        }
        if extended {
            return;
        }
        let text = format!("Glossator: {text}");
        match tasks::went_wrong(&self.task) {
            true => connection.client.show_message(MessageType::WARNING, text).await,
            false => connection.client.log_message(MessageType::INFO, text).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, ToolError, TurnId};

    fn item(at: i64, id: &str, state: TaskState) -> Item {
        let body = ItemBody::Task { id: CallId::from(id), state };
        Item { id: ItemId(1), turn: TurnId(1), round: 1, at, agent: None, body }
    }

    fn start(board: &mut Board, id: &str, at: i64) -> Task {
        let state = TaskState::Running { tool: "exec".to_owned(), line: format!("make {id}") };
        board.take_in(&item(at, id, state), |_| None).unwrap().task
    }

    #[test]
    fn an_end_knows_its_beginning() {
        let mut board = Board::default();
        let (one, two) = (start(&mut board, "S1.1", 1000), start(&mut board, "S1.2", 1001));
        assert_eq!((one.started_at, two.line.as_str(), one.millis), (1000, "make S1.2", None));
        let failed = TaskState::Failed { error: ToolError::failed("no") };
        let seen = board.take_in(&item(1500, "S1.2", failed.clone()), |_| None).unwrap().task;
        assert_eq!(seen, Task { state: failed, millis: Some(499), ..two });
        assert!(board.running.contains_key(&one.id) && board.running.len() == 1);
        let seen = board.take_in(&item(900, "S1.1", TaskState::Lost), |_| None).unwrap().task;
        assert_eq!(seen, Task { state: TaskState::Lost, ..one });
        assert!(board.running.is_empty());
    }

    #[test]
    fn ends_of_tasks_that_began_earlier() {
        let mut board = Board::default();
        let state = TaskState::Done { summary: String::new(), file_key: None, bytes: 2 };
        let earlier = start(&mut Board::default(), "S1.1", 10);
        let known = |id: &CallId| (*id == earlier.id).then(|| earlier.clone());
        let seen = board.take_in(&item(30, "S1.1", state.clone()), known).unwrap().task;
        assert_eq!(seen, Task { state: state.clone(), millis: Some(20), ..earlier.clone() });
        let seen = board.take_in(&item(30, "S9.1", state), known).unwrap().task;
        assert_eq!((seen.tool.as_str(), seen.started_at, seen.millis), ("", 30, None));
        let other = ItemBody::Context(glossator_session::ContextItem::Told {
            text: String::new(),
            about: String::new(),
        });
        let other = Item { body: other, ..item(1, "x", TaskState::Lost) };
        assert!(board.take_in(&other, known).is_none());
    }
}
