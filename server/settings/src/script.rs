//! What can be set about scripts. Doc comments are the text of the generated JSON schema.

use glossator_script::Limits;
use glossator_tools::Mode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether scripts act, and their limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptSettings {
    /// `enabled`; `dry-run`: calls are checked, listed and answered with placeholders, and nothing has an effect;
    /// `disabled`: a session that begins so calls tools natively.
    pub mode: Mode,
    /// The longest script, in units of 2^10 bytes.
    pub source_kb: usize,
    /// Seconds of the script's own running; waiting for tools does not count.
    pub wall_s: u64,
    /// Seconds of processor time.
    pub cpu_s: u64,
    /// Megabytes (2^20 bytes) of memory.
    pub memory_mb: usize,
    /// Stack of the engine, in units of 2^10 bytes.
    pub stack_kb: usize,
    /// Tool calls of one script.
    pub max_calls: u32,
    /// Tool calls at once.
    pub max_concurrent_calls: usize,
    /// The longest value that a script gives back whole, in units of 2^10 bytes; a longer one is kept under a file key.
    pub result_kb: usize,
    /// What the console keeps and at what pace.
    pub console: ConsoleSettings,
    /// All that scripts of one session may keep in `store`, in units of 2^10 bytes.
    pub store_kb: usize,
    /// Detached tasks of one session that may run at once.
    pub max_tasks: usize,
}

impl Default for ScriptSettings {
    fn default() -> Self {
        let limits = Limits::default();
        ScriptSettings {
            mode: Mode::default(),
            source_kb: limits.source_bytes >> 10,
            wall_s: limits.wall.as_secs(),
            cpu_s: limits.cpu.as_secs(),
            memory_mb: limits.memory_bytes >> 20,
            stack_kb: limits.stack_bytes >> 10,
            max_calls: limits.calls,
            max_concurrent_calls: limits.concurrent_calls,
            result_kb: limits.result_bytes >> 10,
            console: ConsoleSettings::default(),
            store_kb: limits.store_bytes >> 10,
            max_tasks: 32,
        }
    }
}

/// The console of scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleSettings {
    /// Lines of one script that are kept; later ones are counted and dropped.
    pub lines: u32,
    /// Lines in a second that are shown live; the others are only kept.
    pub per_second: u32,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        let limits = Limits::default();
        ConsoleSettings { lines: limits.console_lines, per_second: limits.console_per_second }
    }
}
