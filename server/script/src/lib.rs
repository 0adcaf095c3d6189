//! Scripts in answers: found (`scan`), turned from TypeScript to JavaScript (`erase`), run in a worker process (`Engine`).
//! Never hears of tools, sessions or editors: whatever a script may do goes through the `Host` trait.
#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(
    clippy::result_large_err,
    reason = "a host error carries JSON; calls take milliseconds, its size does not matter"
)]

mod build_id;
#[cfg(target_os = "linux")]
mod control;
mod engine;
mod erase;
mod excerpt;
mod fit;
mod host;
mod isolation;
mod ledger;
mod limits;
mod nearest;
mod outcome;
mod protocol;
mod scan;
mod worker;

#[doc(hidden)]
pub use build_id::build_id;
pub use engine::{Engine, WorkerProgram, Workers};
pub use erase::{SyntaxError, erase};
pub use fit::fit;
pub use host::{Host, HostCall, HostError, Job};
pub use isolation::{Door, Isolation, Made, Walls};
pub use limits::Limits;
pub use outcome::{CallRecord, ConsoleLine, ErrorName, Outcome, ScriptError, Status};
pub use scan::{Piece, Scanner, Unclosed};
#[cfg(unix)]
pub use worker::worker_main_with;
pub use worker::{WORKER_ARGUMENT, worker_main};
