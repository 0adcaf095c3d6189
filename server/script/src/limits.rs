//! The bounds of one script. Numbers only: who enforces which is written at each field.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bounds of one script run. [`Limits::default`] holds the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest script, in bytes of UTF-8. Checked by the host before a worker is asked. Default 20 KiB.
    pub source_bytes: usize,
    /// Heap of the engine, in bytes. Enforced inside the worker. Default 96 MiB.
    pub memory_bytes: usize,
    /// Stack of the engine, in bytes. Must stay far below the worker thread's own stack. Default 512 KiB.
    pub stack_bytes: usize,
    /// Wall time of the script's own running; it stands still while any host call is pending. Default 30 s.
    pub wall: Duration,
    /// CPU time of the script. Default 10 s.
    pub cpu: Duration,
    /// Host calls per script. Default 256.
    pub calls: u32,
    /// Host calls that run at once; the rest queue. Default 16.
    pub concurrent_calls: usize,
    /// Longest result, in bytes of JSON; a longer one is kept by the host, or comes back as head and tail. Default
    /// 128 KiB.
    pub result_bytes: usize,
    /// Console lines kept per script; later ones are counted and dropped. Default 200.
    pub console_lines: u32,
    /// Console lines per second that are shown live; the others are only kept. Default 20.
    pub console_per_second: u32,
    /// All that scripts of one session may keep in `store`, in bytes of JSON. Default 256 KiB.
    pub store_bytes: usize,
    /// How long host calls that outlive the script's own promise may still take. Default 250 ms.
    pub orphan_grace: Duration,
}

/// Bounds on the bounds: what the engine and the protocol can still hold.
const MEMORY: (usize, usize) = (2 * 1024 * 1024, 512 * 1024 * 1024);
const STACK: (usize, usize) = (64 * 1024, 8 * 1024 * 1024);
/// Deeply nested text of this length still fits the parsers' stack.
const MAX_SOURCE: usize = 64 * 1024;
/// Far below the longest frame.
const MAX_RESULT: usize = 8 * 1024 * 1024;
const MAX_COUNT: u32 = 100_000;
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Limits {
    /// The smaller of both, bound by bound, and nothing that would switch a bound off (for the engine, 0 bytes
    /// means "no limit").
    pub(crate) fn at_most(&self, most: &Limits) -> Limits {
        let time = |own: Duration, most: Duration| own.min(most).min(LONGEST);
        Limits {
            source_bytes: self.source_bytes.min(most.source_bytes).min(MAX_SOURCE),
            memory_bytes: self.memory_bytes.min(most.memory_bytes).clamp(MEMORY.0, MEMORY.1),
            stack_bytes: self.stack_bytes.min(most.stack_bytes).clamp(STACK.0, STACK.1),
            wall: time(self.wall, most.wall),
            cpu: time(self.cpu, most.cpu),
            calls: self.calls.min(most.calls).min(MAX_COUNT),
            concurrent_calls: self.concurrent_calls.min(most.concurrent_calls).max(1),
            result_bytes: self.result_bytes.min(most.result_bytes).min(MAX_RESULT),
            console_lines: self.console_lines.min(most.console_lines).min(MAX_COUNT),
            console_per_second: self.console_per_second.min(most.console_per_second),
            store_bytes: self.store_bytes.min(most.store_bytes).min(MAX_RESULT),
            orphan_grace: time(self.orphan_grace, most.orphan_grace),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            source_bytes: 20 * 1024,
            memory_bytes: 96 * 1024 * 1024,
            stack_bytes: 512 * 1024,
            wall: Duration::from_secs(30),
            cpu: Duration::from_secs(10),
            calls: 256,
            concurrent_calls: 16,
            result_bytes: 128 * 1024,
            console_lines: 200,
            console_per_second: 20,
            store_bytes: 256 * 1024,
            orphan_grace: Duration::from_millis(250),
        }
    }
}
