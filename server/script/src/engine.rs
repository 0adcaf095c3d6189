//! Runs scripts: one worker process each, with some kept ready. The host side of the wall.
//! Trusts nothing a worker says; a worker that is late, silent or confused is killed.

#[cfg(unix)]
mod calls;
#[cfg(unix)]
mod drive;
#[cfg(unix)]
mod erased;
#[cfg(unix)]
mod link;
#[cfg(unix)]
mod pool;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod ready;
#[cfg(unix)]
mod spawn;
#[cfg(target_os = "linux")]
mod zygote;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::{ErrorName, Host, Isolation, Job, Limits, Outcome, ScriptError, Status};

/// How a worker is started: a program that calls [`crate::worker_main`] when it gets these arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram {
    /// The binary; usually our own.
    pub path: PathBuf,
    /// Its arguments; usually [`crate::WORKER_ARGUMENT`] alone.
    pub args: Vec<String>,
}

impl WorkerProgram {
    /// The program that runs, as a worker. On Linux such workers stay this very program, whatever becomes of its file.
    pub fn this() -> WorkerProgram {
        let named = || PathBuf::from(std::env::args_os().next().unwrap_or_else(|| "glossator".into()));
        let path = std::env::current_exe().unwrap_or_else(|_| {
            let named = named();
            // A bare name is looked up by the system; a path must not depend on the folder we are in later.
            if named.components().count() > 1 { std::path::absolute(&named).unwrap_or(named) } else { named }
        });
        WorkerProgram { path, args: vec![crate::WORKER_ARGUMENT.to_owned()] }
    }
}

/// How workers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workers {
    /// Whether they are forked by one prepared process where the system can; else, and elsewhere, each is started.
    pub forked: bool,
    /// How many wait for a script when little is going on, 8 at most. More do after scripts have run together.
    pub idle: usize,
    /// How long they wait, all together, before they are ended.
    pub idle_life: Duration,
}

impl Default for Workers {
    fn default() -> Workers {
        Workers { forked: true, idle: 2, idle_life: Duration::from_secs(120) }
    }
}

/// Runs scripts. Cheap to keep: no process exists before [`Engine::prestart`] or [`Engine::run`].
pub struct Engine {
    program: WorkerProgram,
    limits: Limits,
    #[cfg(unix)]
    pool: pool::Pool,
    #[cfg(unix)]
    erased: erased::Erased,
}

impl Engine {
    /// An engine whose scripts never get more than `limits`, whatever their job says.
    pub fn new(program: WorkerProgram, limits: Limits) -> Engine {
        Engine::with_workers(program, limits, Workers::default())
    }

    /// Like [`Engine::new`], with workers kept as told.
    #[cfg_attr(not(unix), allow(unused_variables))]
    pub fn with_workers(program: WorkerProgram, limits: Limits, workers: Workers) -> Engine {
        #[cfg(unix)]
        let pool = pool::Pool::new(spawn::Launch::new(program.clone()), workers);
        Engine {
            program,
            limits,
            #[cfg(unix)]
            pool,
            #[cfg(unix)]
            erased: erased::Erased::default(),
        }
    }

    /// The same engine, whose scripts live in the time zone that the variable `TZ` of the user's environment names. Call it
    /// before any script runs: workers that wait already are ended. What is no time zone is left out.
    #[must_use]
    #[cfg_attr(not(unix), allow(unused_mut, unused_variables))]
    pub fn in_time_zone(mut self, zone: Option<&str>) -> Engine {
        #[cfg(unix)]
        {
            self.pool = self.pool.in_time_zone(zone);
        }
        self
    }

    /// The bounds that a script which asks for `limits` really gets.
    pub fn bounded(&self, limits: &Limits) -> Limits {
        limits.at_most(&self.limits)
    }

    /// Makes idle workers ahead of need, unless there are enough. They end by themselves after two minutes without
    /// use. Must be called inside a tokio runtime; does nothing elsewhere, or when no worker can be made (the next
    /// run will say why).
    pub fn prestart(&self) {
        #[cfg(unix)]
        self.pool.fill();
    }

    /// How scripts are isolated here, as a worker that is made for it (or waits already) finds out by trying.
    pub async fn isolation(&self) -> Isolation {
        #[cfg(unix)]
        {
            Isolation::of(match self.pool.take(false).await {
                Ok(worker) => {
                    let walls = worker.walls.clone();
                    self.pool.put_back(worker);
                    Ok(walls)
                }
                Err(error) => Err(cannot_start(&self.program, &error).message),
            })
        }
        #[cfg(not(unix))]
        Isolation::of(Err(self.unsupported()))
    }

    /// The ids of the processes that wait for a script: idle workers, and what forks them, last.
    pub fn processes(&self) -> Vec<u32> {
        #[cfg(unix)]
        {
            self.pool.processes()
        }
        #[cfg(not(unix))]
        Vec::new()
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
        job.limits = self.bounded(&job.limits);
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
        let _running = self.pool.enter();
        let mut last = None;
        for attempt in 0..2 {
            let taken = tokio::select! {
                biased;
                () = cancel.cancelled() => return failed(drive::cancelled()),
                // What killed the first may have killed those that wait.
                taken = self.pool.take(attempt > 0) => taken,
            };
            let worker = match taken {
                Ok(worker) => worker,
                Err(error) => return failed(cannot_start(&self.program, &error)),
            };
            let order = drive::Order { job: &job, host: Arc::clone(&host), erased: &self.erased };
            let drive::Ran { outcome, acted } = drive::drive(worker, order, cancel.child_token()).await;
            let ours = outcome.error.as_ref().is_some_and(|error| error.name == ErrorName::HarnessFailure);
            // What was called, printed or stored would happen twice.
            if !ours || acted {
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
        failed(
            ScriptError::plain(ErrorName::HarnessFailure, self.unsupported())
                .hint("Use native tool calls: set `tools.calling = \"native\"`."),
        )
    }

    #[cfg(not(unix))]
    fn unsupported(&self) -> String {
        format!("Scripts cannot run on this system yet ({})", self.program.path.display())
    }
}

#[cfg(unix)]
fn cannot_start(program: &WorkerProgram, error: &pool::StartError) -> ScriptError {
    let path = program.path.display();
    let (message, hint) = match error {
        pool::StartError::Unlocked(breach) => (
            format!(
                "The script worker {path} is not locked down: {breach}. No script is run without its walls"
            ),
            "The system lacks what locks a worker, usually seccomp: tell the user to run `glossator doctor`, and to set \
             `tools.calling = \"native\"` until that is mended.",
        ),
        pool::StartError::OtherBuild(which) => (
            format!("The script worker {path} is another build of Glossator: {which}"),
            "The program was replaced while this server runs: tell the user to restart the server (or the editor).",
        ),
        pool::StartError::Io(error) => (
            format!("The script worker {path} cannot be started: {error}"),
            "This is a fault of the installation, not of the script: tell the user to run `glossator doctor`.",
        ),
    };
    ScriptError::plain(ErrorName::HarnessFailure, message).hint(hint)
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
