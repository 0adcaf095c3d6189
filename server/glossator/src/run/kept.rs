//! What is kept beside the session of a run: which session it is, how far it came, and what the log held. Small, written
//! whole before each step, so that a run that was killed at any moment is gone on with.

use glossator_store::{HeldRun, StoreError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const STATE: &str = "run.json";
const LOG: &str = "log.md";
const TASKS: &str = "tasks.md";

/// What is kept of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    /// The epic, for people who look here.
    pub epic: PathBuf,
    /// Its session; empty: there is none.
    pub session: String,
    /// Whether a turn of it came to an end that was seen.
    pub begun: bool,
    /// The run that is under way: what became of task list and log is not looked at yet. 0: none is.
    pub running: u32,
    /// Whether the model said that the epic is done, and was believed.
    pub finished: bool,
}

/// The state of the runs of one epic, held by this process.
pub struct Kept {
    held: HeldRun,
    pub state: State,
}

impl Kept {
    /// What there is. A state that cannot be understood is an error: nothing is begun over it unasked.
    pub fn of(held: HeldRun, epic: &Path, anew: bool) -> Result<Kept, String> {
        let text = held.read(STATE).map_err(words)?.filter(|_| !anew);
        let state = match text {
            None => State { epic: epic.to_owned(), ..State::default() },
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                format!("what is kept of earlier runs cannot be understood ({error}); --new begins anew")
            })?,
        };
        Ok(Kept { held, state })
    }

    /// The session that is to be gone on with.
    pub fn unfinished(&self) -> Option<&str> {
        Some(self.state.session.as_str()).filter(|session| !session.is_empty() && !self.state.finished)
    }

    /// Run `number` begins with this task list and this log.
    pub fn begin(&mut self, number: u32, (tasks, log): (&str, &str)) -> Result<(), String> {
        self.held.write(TASKS, tasks).map_err(words)?;
        self.held.write(LOG, log).map_err(words)?;
        self.state.running = number;
        self.save()
    }

    /// Task list and log as the run found them that was not seen to its end, if that is run `last`: one that was about to begin
    /// changed nothing.
    pub fn before(&self, last: u32) -> Result<Option<(String, String)>, String> {
        if self.state.running == 0 || last < self.state.running {
            return Ok(None);
        }
        let (tasks, log) = (self.held.read(TASKS).map_err(words)?, self.held.read(LOG).map_err(words)?);
        Ok(tasks.zip(log))
    }

    /// Puts a text aside for good; gives where it is.
    pub fn put_aside(&self, number: u32, log: &str) -> Result<PathBuf, String> {
        self.held.write(&format!("log-before-run-{number}.md"), log).map_err(words)
    }

    pub fn save(&self) -> Result<(), String> {
        let text = serde_json::to_string_pretty(&self.state).map_err(|error| error.to_string())?;
        self.held.write(STATE, &text).map(drop).map_err(words)
    }
}

fn words(error: StoreError) -> String {
    error.to_string()
}
