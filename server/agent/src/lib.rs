//! The agent: sessions by id, and the turn loop. State of a session is a fold over its log; fronts see events.
//! Never knows the editor protocol, provider JSON or where settings come from.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agent;
mod asks;
mod environment;
mod error;
mod fold;
mod recorder;
mod round;
mod session;
mod turn;

pub use agent::{Agent, Parts};
pub use asks::Pending;
pub use error::AgentError;
pub use session::{Snapshot, Standing};

pub use turn::{Calling, Front, RequestConfig, TurnConfig, TurnLimits};
