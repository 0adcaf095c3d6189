//! The language server face: LSP and `glossator/...` messages in, calls of the agent and the workspace out.
//! Only this crate knows LSP types. Long work never runs in a handler: requests that start it answer at once.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod actions;
mod approvals;
mod arguments;
mod asks;
mod blocking;
mod board;
mod choices;
pub mod client;
mod commands;
mod connection;
mod context;
mod convert;
mod documents;
mod editor;
mod extension;
mod first;
mod harness;
mod looking;
mod offer;
mod present;
mod progress;
mod prompt_document;
mod prompting;
mod review;
mod review_requests;
mod reviewed;
mod seen;
mod server;
mod sessions;
mod showing;
mod tasks;
pub mod transport;
mod words;

pub use connection::{Kit, MakeAgent};
pub use first::{Beginning, First};
pub use server::{Served, serve};
