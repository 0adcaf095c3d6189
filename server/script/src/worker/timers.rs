//! The sleeps of one script: which end when. Pure but for the clock.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Timers by due time and number.
#[derive(Default)]
pub struct Timers {
    waiting: BTreeSet<(Instant, u32)>,
    last: u32,
}

impl Timers {
    /// Starts one; its number.
    pub fn start(&mut self, millis: f64) -> u32 {
        self.last = self.last.wrapping_add(1);
        let wait = Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default();
        self.waiting.insert((Instant::now() + wait, self.last));
        self.last
    }

    /// When the next is due.
    pub fn next(&self) -> Option<Instant> {
        self.waiting.first().map(|(due, _)| *due)
    }

    /// Takes one that is due.
    pub fn due(&mut self) -> Option<u32> {
        let first = self.waiting.first().copied().filter(|(due, _)| *due <= Instant::now())?;
        self.waiting.remove(&first);
        Some(first.1)
    }
}
