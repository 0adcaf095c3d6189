//! What follows from a run: another one, and what it is told of the last, or the end. Pure.

use crate::run::entries::Moved;
use crate::run::status::{Said, Status, Tasks};
use glossator_session::TurnStatus;

/// Runs in a row that may change nothing.
const IDLE: u32 = 3;
/// Files that are named.
const NAMED: usize = 12;
/// Budgets that end more than the run in which they are used up, as the agent names them.
const WHOLE_BUDGETS: &[&str] = &["([budget] session_", "([budget] day_"];

/// What was seen of a run.
#[derive(Debug, Clone)]
pub struct Seen {
    pub number: u32,
    /// How its turn ended, and why.
    pub end: (TurnStatus, Option<String>),
    pub said: Said,
    /// What became of the log; `None`: nobody knows what it held.
    pub log: Option<Moved>,
    pub tasks: Tasks,
    /// Whether the task list is another; `None`: nobody knows.
    pub tasks_moved: Option<bool>,
    /// The task list was gone.
    pub tasks_gone: bool,
    pub epic_changed: bool,
    /// The other files that were changed.
    pub files: Vec<String>,
    /// Calls that nobody was there to allow.
    pub refused: usize,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Another run, which is told this.
    Again(Vec<String>),
    Stop(Stop),
}

/// Why there is no further run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The model says that the epic is done; so many tasks are open all the same.
    Done(usize),
    Question(String),
    Budget(String),
    Idle,
    Interrupted,
    Failed(String),
    Usage(String),
}

impl Stop {
    /// The exit code of the program.
    pub fn code(&self) -> u8 {
        match self {
            Self::Done(_) => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Question(_) => 3,
            Self::Budget(_) => 4,
            Self::Idle => 5,
            Self::Interrupted => 130,
        }
    }

    /// In one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
            Self::Usage(_) => "usage",
            Self::Question(_) => "question",
            Self::Budget(_) => "budget",
            Self::Idle => "no progress",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What is remembered from run to run.
#[derive(Debug, Default)]
pub struct Course {
    idle: u32,
    error: Option<String>,
    told_of_open_tasks: bool,
}

impl Course {
    /// What follows from a run.
    pub fn after(&mut self, seen: &Seen) -> Next {
        let (status, message) = &seen.end;
        let why = message.as_deref().unwrap_or("it is not known why");
        let failed = (*status == TurnStatus::Failed).then(|| why.to_owned());
        let again = failed.is_some() && failed == self.error;
        self.error.clone_from(&failed);
        let moved = seen.tasks_moved.is_none_or(|moved| moved) || !seen.files.is_empty();
        self.idle = if moved { 0 } else { self.idle + 1 };
        match (status, failed) {
            (TurnStatus::Interrupted, _) => return Next::Stop(Stop::Interrupted),
            (_, Some(why)) if again => {
                return Next::Stop(Stop::Failed(format!("two runs failed in the same way: {why}")));
            }
            (TurnStatus::Limited, _) if WHOLE_BUDGETS.iter().any(|budget| why.contains(budget)) => {
                return Next::Stop(Stop::Budget(why.to_owned()));
            }
            _ => {}
        }
        let mut notes = notes(seen);
        // Words of a turn that did not come to its end say nothing of the whole.
        let said = if *status == TurnStatus::Done { &seen.said } else { &Said::Nothing };
        match said {
            Said::Status(Status::Question(question)) => return Next::Stop(Stop::Question(question.clone())),
            Said::Status(Status::Done) if seen.tasks.open() == 0 || self.told_of_open_tasks => {
                return Next::Stop(Stop::Done(seen.tasks.open()));
            }
            Said::Status(Status::Done) => {
                self.told_of_open_tasks = true;
                notes.push(open_tasks(seen.tasks));
            }
            _ => self.told_of_open_tasks = false,
        }
        if self.idle >= IDLE {
            return Next::Stop(Stop::Idle);
        }
        if self.idle > 0 {
            notes.push(idle_note(self.idle));
        }
        Next::Again(notes)
    }
}

fn open_tasks(tasks: Tasks) -> String {
    format!(
        "It said `done`, but {} of {} tasks are open. Do them; take out of the list what is not wanted any more, and say in the \
         log why. If you say `done` once more, it is believed.",
        tasks.open(),
        tasks.all
    )
}

fn idle_note(idle: u32) -> String {
    let runs = if idle == 1 { "It".to_owned() } else { format!("The last {idle} runs") };
    format!(
        "{runs} changed neither the task list nor any other file of the workspace. Choose a task that you can do; where \
         none is left, ask with the status line. After {IDLE} such runs there is no further one."
    )
}

/// What the next run is told of this one.
pub fn notes(seen: &Seen) -> Vec<String> {
    let mut notes = vec![format!("The last run, run {}, {}", seen.number, ended(seen))];
    if !seen.files.is_empty() {
        let named = seen.files.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = seen.files.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.push(format!("It changed {named}{more}."));
    }
    notes.extend(seen.log.as_ref().and_then(log_note));
    if seen.tasks_gone {
        notes.push("It left no task list; the list was put back as it stood before that run.".to_owned());
    }
    if seen.epic_changed {
        notes.push("The epic was changed during it; what stands above is the epic as it is now.".to_owned());
    }
    if seen.refused > 0 {
        notes.push(format!(
            "{} calls of it were refused, since nobody was there to allow them.",
            seen.refused
        ));
    }
    notes
}

fn ended(seen: &Seen) -> String {
    let why = seen.end.1.as_deref().unwrap_or("it is not known why");
    match (seen.end.0, &seen.said) {
        (TurnStatus::Failed, _) => format!("failed: {why}"),
        (TurnStatus::Limited, _) => format!("was ended: {why}"),
        (TurnStatus::Interrupted, _) => {
            format!(
                "was broken off ({why}): what it did until then stands, and it may not have written of it."
            )
        }
        (TurnStatus::Done, Said::Status(Status::Continue)) => "ended with `continue`.".to_owned(),
        (TurnStatus::Done, Said::Status(Status::Done)) => "ended with `done`.".to_owned(),
        (TurnStatus::Done, Said::Status(Status::Question(_))) => "ended with a question.".to_owned(),
        (TurnStatus::Done, Said::Nothing) => {
            "ended without a status line, which counts as `continue`. End with one.".to_owned()
        }
        (TurnStatus::Done, Said::Unclear(line)) => format!(
            "ended with a status line that says none of the three ({line}), which counts as `continue`. Write it as it is \
             asked for."
        ),
    }
}

fn log_note(log: &Moved) -> Option<String> {
    match log {
        Moved::Grown { at_end: true, .. } => None,
        Moved::Grown { at_end: false, .. } => {
            Some("It wrote to the log, but not at its end. Append your entry behind all others.".to_owned())
        }
        Moved::Not => {
            Some("It wrote nothing to the log; what it knew is lost. Look at what it changed.".to_owned())
        }
        Moved::Lost { lines, .. } => Some(format!(
            "It took {lines} lines out of the log. They were put back, and what it had written stands behind them. Only append \
             to the log."
        )),
    }
}

#[cfg(test)]
mod tests;
