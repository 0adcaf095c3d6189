//! The agent: sessions by id, and the turn loop. State of a session is a fold over its log; fronts see events.
//! Never knows the editor protocol, provider JSON or where settings come from.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agent;
mod asks;
mod check;
mod config;
mod environment;
mod error;
mod fold;
mod hunks;
mod journal;
mod kept;
mod looks;
mod merged;
mod opening;
mod outcomes;
mod quoted;
mod recorder;
mod review;
mod round;
mod running;
mod script_context;
mod scripts;
mod session;
mod shared;
mod spent;
mod task_log;
mod told;
mod toolset;
mod turn;
mod watchers;

pub use agent::Agent;
pub use asks::Pending;
pub use check::{Check, CheckError, CheckReport, CheckedCall};
pub use error::AgentError;
pub use review::{HunkQuery, HunkReport, HunkView, Resolution, TurnReport};
pub use script_context::{ScriptFacts, script_context};
pub use session::Snapshot;
pub use shared::Parts;
pub use spent::Budget;

pub use config::{
    AgentSetup, Calling, ContextConfig, Front, Fsync, OnDisconnect, RequestConfig, ScriptConfig, TurnConfig,
    TurnLimits, Wishes,
};
