//! Runs scripts: one worker process each, with a spare one kept warm. The host side of the wall.
//! Trusts nothing a worker says; a worker that is late, silent or confused is killed.

#[cfg(unix)]
mod calls;
#[cfg(unix)]
mod drive;
#[cfg(unix)]
mod link;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::{ErrorName, Host, Job, Limits, Outcome, ScriptError, Status};

/// How a worker is started: a program that calls [`crate::worker_main`] when it gets these arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram {
    /// The binary; usually our own.
    pub path: PathBuf,
    /// Its arguments; usually [`crate::WORKER_ARGUMENT`] alone.
    pub args: Vec<String>,
}

/// Runs scripts. Cheap to keep: no process exists before [`Engine::prestart`] or [`Engine::run`].
pub struct Engine {
    program: WorkerProgram,
    limits: Limits,
    #[cfg(unix)]
    spare: link::Spare,
}

impl Engine {
    /// An engine whose scripts never get more than `limits`, whatever their job says.
    pub fn new(program: WorkerProgram, limits: Limits) -> Engine {
        Engine {
            program,
            limits,
            #[cfg(unix)]
            spare: link::Spare::default(),
        }
    }

    /// Starts one idle worker ahead of need, unless there is one. It ends by itself after two minutes without
    /// use. Must be called inside a tokio runtime; does nothing elsewhere, or when the worker cannot be started
    /// (the next run will say why).
    pub fn prestart(&self) {
        #[cfg(unix)]
        self.spare.fill(&self.program);
    }

    /// Runs one script to its end. Never fails: what goes wrong is in the outcome. Dropping the future kills the
    /// worker; host calls that are running are then left to end by themselves.
    pub async fn run(&self, job: Job, host: Arc<dyn Host>, cancel: CancellationToken) -> Outcome {
        let started = Instant::now();
        let mut outcome = self.run_checked(job, host, cancel).await;
        outcome.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        outcome
    }

    async fn run_checked(&self, mut job: Job, host: Arc<dyn Host>, cancel: CancellationToken) -> Outcome {
        job.limits = job.limits.at_most(&self.limits);
        let (length, most) = (job.source.len(), job.limits.source_bytes);
        if length > most {
            let message = format!("The script is {length} bytes long; at most {most} are allowed");
            return failed(
                ScriptError::plain(ErrorName::ScriptLimit, message)
                    .hint("Do the work in several scripts, and keep long texts out of them."),
            );
        }
        self.run_in_worker(job, host, cancel).await
    }

    #[cfg(unix)]
    async fn run_in_worker(&self, job: Job, host: Arc<dyn Host>, cancel: CancellationToken) -> Outcome {
        let mut last = None;
        for _attempt in 0..2 {
            if cancel.is_cancelled() {
                return failed(drive::cancelled());
            }
            let worker = match self.spare.take_or_start(&self.program) {
                Ok(worker) => worker,
                Err(error) => return failed(cannot_start(&self.program, &error)),
            };
            let outcome = drive::drive(worker, &job, Arc::clone(&host), cancel.child_token()).await;
            self.prestart();
            let ours = outcome.error.as_ref().is_some_and(|error| error.name == ErrorName::HarnessFailure);
            if !ours || !outcome.calls.is_empty() {
                return outcome;
            }
            last = Some(outcome);
        }
        last.unwrap_or_else(|| {
            failed(ScriptError::plain(ErrorName::HarnessFailure, "No worker could be used"))
        })
    }

    #[cfg(not(unix))]
    async fn run_in_worker(&self, _job: Job, _host: Arc<dyn Host>, _cancel: CancellationToken) -> Outcome {
        let message = format!("Scripts cannot run on this system yet ({})", self.program.path.display());
        failed(
            ScriptError::plain(ErrorName::HarnessFailure, message)
                .hint("Use native tool calls: set `tools.calling = \"native\"`."),
        )
    }
}

#[cfg(unix)]
fn cannot_start(program: &WorkerProgram, error: &std::io::Error) -> ScriptError {
    let message = format!("The script worker {} cannot be started: {error}", program.path.display());
    ScriptError::plain(ErrorName::HarnessFailure, message)
        .hint("This is a fault of the installation, not of the script: tell the user.")
}

/// An outcome in which nothing happened but the error.
fn failed(error: ScriptError) -> Outcome {
    Outcome {
        status: Status::Failed,
        value: None,
        error: Some(error),
        console: Vec::new(),
        calls: Vec::new(),
        millis: 0,
    }
}
