//! The Ollama wire: its encoder, its decoder and its constants. Facts from `wire-formats.md` section 7.

pub(crate) mod decode;
pub(crate) mod encode;
mod messages;
mod options;
mod schema;
#[cfg(test)]
mod tests;

/// The endpoint.
pub(super) const PATH: &str = "/api/chat";

/// Headers of every request.
pub(super) const HEADERS: &[(&str, &str)] =
    &[("content-type", "application/json"), ("accept", "application/x-ndjson")];

/// The wire's name in [`glossator_session::Raw`].
const NAME: &str = "ollama";
