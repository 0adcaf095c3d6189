//! The only door to language models: a prompt goes in, a stream of [`ModelEvent`]s comes out.
//! Owns the wires (provider JSON), SSE framing, retries and the errors people read about them. Never sees where a key
//! comes from (it is handed ready headers), never keeps history, never runs a tool.

#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid sockets everywhere but here.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod catalogue;
mod client;
mod config;
mod cost;
mod debug;
mod dialect;
mod error;
mod event;
mod exchange;
mod facts;
mod failure;
mod frames;
#[doc(hidden)]
pub mod fuzzing;
mod head;
mod job;
mod limits;
mod list;
pub mod ollama;
mod peer;
mod provider;
mod request;
mod retry;
pub mod scripted;
mod sse;
pub mod tokens;
mod transport;
mod wire;

#[cfg(test)]
mod tests;

pub use client::{Client, ModelStream};
pub use config::Config;
pub use cost::cost;
pub use debug::{Decoded, decode_all, decode_chunks};
pub use dialect::{Dialect, LimitField, ReasoningField, known as known_dialect};
pub use error::{ErrorKind, ModelError};
pub use event::{Assembled, FinishedBlock, ModelEvent, StopReason};
pub use facts::{Facts, LongPrice, Price, ThinkingStyle};
pub use limits::{RateLimits, RateWindow};
pub use list::{ListedModel, list_models};
pub use provider::{Auth, Provider, SecretHeader};
pub use request::{Request, Thinking};
pub use wire::{Decoder, Encoded, WIRES, Wire, WireNames};
