//! Durable state of one workspace: one append-only JSON-lines log per session, in the user's state folder.
//! The only writer of state; never touches files of the user, never decides what an item means.
#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid file access everywhere but here and in the workspace; here it is for state.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod error;
mod folder;
mod format;
mod kept;
mod lock;
mod log;
mod log_file;
mod replay;
mod store;
mod trust;

pub use error::StoreError;
pub use format::{FORMAT_VERSION, ForkPoint, FrozenLayer, SessionHead};
pub use kept::{KEPT_BYTES, KeptTexts};
pub use log::{SessionLog, Sync};
pub use log_file::LogFile;
pub use replay::Replay;
pub use store::{SessionSummary, Store};

#[cfg(test)]
mod tests;
