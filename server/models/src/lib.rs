//! The only door to language models: a prompt goes in, a stream of [`ModelEvent`]s comes out.
//! Owns the wires (provider JSON), SSE framing, retries and the errors people read about them. Never sees where a key
//! comes from (it is handed ready headers), never keeps history, never runs a tool.

#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid sockets everywhere but here.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod client;
mod config;
mod debug;
mod error;
mod event;
mod failure;
mod job;
mod provider;
mod request;
mod retry;
pub mod scripted;
mod sse;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Client, ModelStream};
pub use config::Config;
pub use debug::{Decoded, decode_all};
pub use error::{ErrorKind, ModelError};
pub use event::{Assembled, FinishedBlock, ModelEvent, StopReason};
pub use provider::{Auth, Provider, SecretHeader};
pub use request::{Request, Thinking};
pub use wire::{Decoder, Encoded, WIRES, Wire, WireNames};
