//! Our own transport for tower-lsp: frames in arrival order to the service, answers and messages in order to the
//! client. It survives whatever arrives; it knows no method but `initialize`, `shutdown`, `exit` and `$/cancelRequest`.

mod connection;
mod frame;
mod message;
mod output;
mod ready;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use connection::serve;
pub(crate) use frame::{Decoder as FrameDecoder, Event as FrameEvent};
pub use ready::{Ready, Written};

/// Sees the JSON of every message that passes, without frame headers.
pub type Tap = Arc<dyn Fn(Direction, &[u8]) + Send + Sync>;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    In,
    /// From the server to the client.
    Out,
}

/// How one connection is served.
#[derive(Clone)]
pub struct Options {
    /// Largest body of a message, in bytes; a longer one is skipped and answered with an error.
    pub max_frame: usize,
    /// Called when `initialize` has succeeded, with the client's parameters as they came. The object it returns is merged
    /// into `result.capabilities`. Both for what the LSP types of tower-lsp do not know; anything but an object changes
    /// nothing.
    pub initialize_extra: Arc<dyn Fn(&Value) -> Value + Send + Sync>,
    /// Called with every message, for a traffic log; must be quick and must not panic.
    pub tap: Option<Tap>,
    /// Methods that reach the service under another name: tower-lsp drops a notification whose parameters it cannot read,
    /// and has no handler of ours for the names it knows.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Bytes that may wait for a client that does not read them. Behind that nothing more is read of it, and the server's own
    /// messages wait where they are made; answers are never dropped.
    pub max_waiting: usize,
    /// How long a client behind that bound is waited for that reads nothing at all; then it counts as lost.
    pub patience: Duration,
    /// Where handlers put answers that they have written themselves.
    pub ready: Arc<Ready>,
    /// Called when a message could not be read at all and may have been a notification; must be quick.
    pub unreadable: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Options {
    /// Messages of 128 MiB, 64 MiB that wait, 10 minutes; nothing merged, no log, no other names.
    fn default() -> Self {
        Self {
            max_frame: 128 << 20,
            initialize_extra: Arc::new(|_| Value::Null),
            tap: None,
            renamed: &[],
            max_waiting: 64 << 20,
            patience: Duration::from_mins(10),
            ready: Arc::default(),
            unreadable: Arc::new(|| {}),
        }
    }
}

/// Why [`serve`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client sent `exit`.
    Exit {
        /// It sent `shutdown` before, as it should: the process ends with 0, else with 1.
        after_shutdown: bool,
    },
    /// The client's messages ended without `exit`.
    InputClosed,
    /// The client no longer takes messages.
    OutputLost,
}
