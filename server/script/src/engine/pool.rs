//! Workers ahead of need: as many as ran together lately, none when nobody needed one for a while.
//! Hands each out once; starts, forks and drops them, and never talks to one about scripts.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Workers;
use super::link::{Worker, hello};
use super::process::Process;
pub use super::ready::StartError;
use super::ready::{START_GRACE, checked, not_ready};
use super::spawn::{Death, Launch, pair};
#[cfg(target_os = "linux")]
use super::zygote::Zygote;
use crate::protocol::FrameError;

/// Most workers that wait at once.
const MOST_IDLE: usize = 8;
/// How long it counts how many scripts ran together.
const LATELY: Duration = Duration::from_secs(30);
/// How long a zygote, which only has to fork, may take until a worker speaks.
#[cfg(target_os = "linux")]
const FORK_GRACE: Duration = Duration::from_secs(10);
/// How long no zygote is tried after one could not be had.
#[cfg(target_os = "linux")]
const REFUSAL: Duration = Duration::from_secs(60);

/// The workers of one engine. Dropping it ends all that wait.
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    launch: Launch,
    workers: Workers,
    state: Mutex<State>,
    /// One starts a zygote, the others wait for it.
    #[cfg(target_os = "linux")]
    gate: tokio::sync::Mutex<()>,
}

struct State {
    idle: Vec<Worker>,
    /// Idle ones that are being made.
    coming: usize,
    running: usize,
    /// Most that ran together lately, and when that was.
    peak: (usize, Instant),
    used: Instant,
    watched: bool,
    closed: bool,
    #[cfg(target_os = "linux")]
    zygote: Option<Arc<Zygote>>,
    #[cfg(target_os = "linux")]
    no_zygote_until: Option<Instant>,
}

/// One script that is running, as the pool counts it.
pub struct Running<'p>(&'p Pool);

impl Pool {
    /// Nothing is started.
    pub fn new(launch: Launch, mut workers: Workers) -> Pool {
        workers.idle = workers.idle.min(MOST_IDLE);
        let now = Instant::now();
        let state = State {
            idle: Vec::new(),
            coming: 0,
            running: 0,
            peak: (0, now),
            used: now,
            watched: false,
            closed: false,
            #[cfg(target_os = "linux")]
            zygote: None,
            #[cfg(target_os = "linux")]
            no_zygote_until: None,
        };
        Pool {
            shared: Arc::new(Shared {
                launch,
                workers,
                state: Mutex::new(state),
                #[cfg(target_os = "linux")]
                gate: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Another of the same kind, whose workers live in that time zone.
    pub fn in_time_zone(&self, zone: Option<&str>) -> Pool {
        Pool::new(self.shared.launch.in_time_zone(zone), self.shared.workers.clone())
    }

    /// Makes workers in the background until enough wait. Does nothing outside a tokio runtime.
    pub fn fill(&self) {
        self.shared.state().used = Instant::now();
        fill(&self.shared);
    }

    /// Counts a script, until the value is dropped.
    pub fn enter(&self) -> Running<'_> {
        let mut state = self.shared.state();
        state.running += 1;
        state.used = Instant::now();
        let running = state.running;
        if running >= state.peak.0 || state.peak.1.elapsed() > LATELY {
            state.peak = (running, Instant::now());
        }
        Running(self)
    }

    /// A worker that waits or, when none does or a `fresh` one is wanted, a new one.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn take(&self, fresh: bool) -> Result<Worker, StartError> {
        if !fresh {
            loop {
                let (worker, last) = {
                    let mut state = self.shared.state();
                    (state.idle.pop(), state.idle.is_empty())
                };
                let Some(worker) = worker else { break };
                if worker.is_waiting() {
                    if last {
                        // Others may come while this script runs; else the end of the run is early enough.
                        fill(&self.shared);
                    }
                    return Ok(worker);
                }
            }
        }
        self.shared.make().await
    }

    /// Takes back a worker that was not used.
    pub fn put_back(&self, worker: Worker) {
        self.shared.keep(worker);
        watch(&self.shared);
    }

    /// The ids of the processes that wait: idle workers first, then the zygote.
    pub fn processes(&self) -> Vec<u32> {
        let state = self.shared.state();
        let mut ids: Vec<u32> = state.idle.iter().map(|worker| worker.walls.pid).collect();
        #[cfg(target_os = "linux")]
        ids.extend(state.zygote.iter().map(|zygote| zygote.walls.pid));
        ids
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.closed = true;
        state.end_all();
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.shared.state();
        state.running = state.running.saturating_sub(1);
        state.used = Instant::now();
        drop(state);
        fill(&self.0.shared);
    }
}

impl State {
    /// How many more should wait.
    fn wanted(&self, least: usize) -> usize {
        let together = if self.peak.1.elapsed() > LATELY { self.running } else { self.peak.0 };
        let most = least.max(together.min(MOST_IDLE));
        if self.closed { 0 } else { most.saturating_sub(self.idle.len() + self.coming) }
    }

    fn end_all(&mut self) {
        self.idle.clear();
        #[cfg(target_os = "linux")]
        self.zygote.take();
    }
}

/// Makes workers in the background until enough wait.
fn fill(shared: &Arc<Shared>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let wanted = {
        let mut state = shared.state();
        let wanted = state.wanted(shared.workers.idle);
        state.coming += wanted;
        wanted
    };
    for _ in 0..wanted {
        let coming = Coming(Arc::clone(shared));
        runtime.spawn(async move {
            match coming.0.make().await {
                Ok(worker) => coming.0.keep(worker),
                // The next run will say it aloud.
                Err(error) => tracing::warn!(%error, "no idle script worker"),
            }
        });
    }
    watch(shared);
}

/// Counts a worker that is being made, also when the runtime ends before it is.
struct Coming(Arc<Shared>);

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.state().coming -= 1;
    }
}

/// Ends everything once nothing was used for a while.
fn watch(shared: &Arc<Shared>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let life = shared.workers.idle_life;
    if std::mem::replace(&mut shared.state().watched, true) {
        return;
    }
    let shared: Weak<Shared> = Arc::downgrade(shared);
    runtime.spawn(async move {
        let mut rest = life;
        loop {
            tokio::time::sleep(rest).await;
            let Some(shared) = shared.upgrade() else { return };
            let mut state = shared.state();
            rest = life.saturating_sub(state.used.elapsed());
            if state.running > 0 || state.coming > 0 {
                rest = life;
            } else if rest.is_zero() {
                state.end_all();
                state.watched = false;
                return;
            }
        }
    });
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, worker: Worker) {
        let mut state = self.state();
        if !state.closed && state.idle.len() < MOST_IDLE {
            state.idle.push(worker);
        }
    }

    /// A new worker, forked if that can be.
    async fn make(&self) -> Result<Worker, StartError> {
        #[cfg(target_os = "linux")]
        if self.workers.forked {
            match self.fork().await {
                Ok(worker) => return Ok(worker),
                Err(StartError::Io(error)) => tracing::info!(%error, "script worker not forked but started"),
                Err(error) => return Err(error),
            }
        }
        self.start().await
    }

    /// A process of its own.
    async fn start(&self) -> Result<Worker, StartError> {
        let (mut stream, theirs) = pair()?;
        let launch = self.launch.clone();
        // Starting a process blocks for about a millisecond.
        let started = tokio::task::spawn_blocking(move || launch.start(None, theirs));
        let child = started.await.map_err(io::Error::other)??;
        let said = tokio::time::timeout(START_GRACE, hello(&mut stream)).await;
        match said {
            Ok(Ok(walls)) => {
                checked(&walls)?;
                Ok(Worker::new(child.into(), stream, walls))
            }
            Ok(Err(error)) => {
                let death = Process::from(child).death().await;
                let reason = match death {
                    Death::Code(code) => crate::worker::reason(code),
                    _ => None,
                };
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                let message = format!("it left before it was ready{reason} ({error}; {death:?})");
                Err(io::Error::other(message).into())
            }
            Err(_late) => Err(not_ready(START_GRACE)),
        }
    }

    /// A child of the zygote; a second zygote when the first turns out to be gone.
    #[cfg(target_os = "linux")]
    async fn fork(&self) -> Result<Worker, StartError> {
        let mut last = None;
        for _ in 0..2 {
            let zygote = self.zygote().await?;
            match fork_from(&zygote).await {
                Err(StartError::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    self.give_up(&zygote);
                    return Err(error.into());
                }
                Err(StartError::Io(error)) => last = Some(error),
                done => return done,
            }
            if zygote.is_there() {
                break;
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::BrokenPipe.into()).into())
    }

    /// Ends a zygote that does not answer; for a while workers are started one by one.
    #[cfg(target_os = "linux")]
    fn give_up(&self, zygote: &Arc<Zygote>) {
        tracing::warn!("the script zygote does not answer; it is given up");
        zygote.give_up();
        let mut state = self.state();
        state.zygote.take_if(|known| Arc::ptr_eq(known, zygote));
        state.no_zygote_until = Some(Instant::now() + REFUSAL);
    }

    /// The zygote, started if there is none.
    #[cfg(target_os = "linux")]
    async fn zygote(&self) -> Result<Arc<Zygote>, StartError> {
        let _only_one = self.gate.lock().await;
        {
            let mut state = self.state();
            state.zygote.take_if(|zygote| !zygote.is_there());
            if let Some(zygote) = &state.zygote {
                return Ok(Arc::clone(zygote));
            }
            if state.no_zygote_until.is_some_and(|until| Instant::now() < until) {
                return Err(io::Error::other("no zygote could be had a moment ago").into());
            }
        }
        let started = tokio::time::timeout(START_GRACE, Zygote::start(self.launch.clone())).await;
        let started = started.map_err(|_late| not_ready(START_GRACE)).and_then(|zygote| Ok(zygote?));
        let mut state = self.state();
        match started {
            Ok(zygote) => {
                checked(&zygote.walls)?;
                let zygote = Arc::new(zygote);
                if !state.closed {
                    state.zygote = Some(Arc::clone(&zygote));
                }
                state.no_zygote_until = None;
                Ok(zygote)
            }
            Err(error) => {
                state.no_zygote_until = Some(Instant::now() + REFUSAL);
                Err(error)
            }
        }
    }
}

#[cfg(target_os = "linux")]
async fn fork_from(zygote: &Zygote) -> Result<Worker, StartError> {
    let asked = tokio::time::timeout(FORK_GRACE, zygote.fork()).await;
    let (mut forked, mut stream) = asked.map_err(|_late| not_ready(FORK_GRACE))??;
    let said = tokio::time::timeout(FORK_GRACE, hello(&mut stream)).await;
    match said {
        Ok(Ok(walls)) => {
            checked(&walls)?;
            Ok(Worker::new(forked.into(), stream, walls))
        }
        Ok(Err(FrameError::Io(error))) => {
            let refused = tokio::time::timeout(Duration::from_secs(1), forked.refused()).await;
            Err(refused.ok().flatten().unwrap_or(error).into())
        }
        Ok(Err(error)) => Err(io::Error::other(error.to_string()).into()),
        Err(_late) => Err(not_ready(FORK_GRACE)),
    }
}
