//! The two clocks that bound a script inside the worker: CPU time, and wall time of its own running.

use std::time::{Duration, Instant};

use rustix::process::{Pid, getppid};
use rustix::time::{ClockId, clock_gettime};

use crate::Limits;

/// Which clock ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    Cpu,
    Wall,
    /// The host has gone.
    Orphan,
}

/// Wall time stands still while host calls are pending; CPU time never does.
#[derive(Debug)]
pub struct Clock {
    cpu_limit: Duration,
    wall_limit: Duration,
    cpu_start: Duration,
    wall_used: Duration,
    /// Since when the wall clock runs; `None` while it stands still.
    running: Option<Instant>,
    parent: Option<Pid>,
    /// When the clocks that cost a system call were last read.
    looked: Instant,
    trip: Option<Trip>,
}

/// How often the clocks that cost a system call are read. CPU time never runs faster than this clock.
const LOOK: Duration = Duration::from_millis(1);

impl Clock {
    pub fn start(limits: &Limits) -> Clock {
        Clock {
            cpu_limit: limits.cpu,
            wall_limit: limits.wall,
            cpu_start: cpu_now(),
            wall_used: Duration::ZERO,
            running: Some(Instant::now()),
            parent: getppid(),
            looked: Instant::now(),
            trip: None,
        }
    }

    /// Ends the run for that reason.
    pub fn stop(&mut self, trip: Trip) {
        self.trip.get_or_insert(trip);
    }

    /// Stops the wall clock while `waiting` for the host, else lets it run.
    pub fn wait(&mut self, waiting: bool) {
        match (waiting, self.running) {
            (true, Some(since)) => {
                self.wall_used += since.elapsed();
                self.running = None;
            }
            (false, None) => self.running = Some(Instant::now()),
            _ => {}
        }
    }

    /// Looks at both clocks. Once one has run out it stays so.
    pub fn check(&mut self) -> Option<Trip> {
        if self.trip.is_none() {
            self.trip = if self.wall_left().is_some_and(|left| left.is_zero()) {
                Some(Trip::Wall)
            } else if self.looked.elapsed() < LOOK {
                None
            } else {
                self.look()
            };
        }
        self.trip
    }

    fn look(&mut self) -> Option<Trip> {
        self.looked = Instant::now();
        if cpu_now().saturating_sub(self.cpu_start) >= self.cpu_limit {
            Some(Trip::Cpu)
        } else if getppid() != self.parent {
            Some(Trip::Orphan)
        } else {
            None
        }
    }

    /// Wall time that is left; `None` while the clock stands still.
    pub fn wall_left(&self) -> Option<Duration> {
        let since = self.running?;
        Some(self.wall_limit.saturating_sub(self.wall_used + since.elapsed()))
    }
}

/// CPU time of this process so far.
pub fn cpu_now() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(now.tv_nsec).unwrap_or(0))
}
