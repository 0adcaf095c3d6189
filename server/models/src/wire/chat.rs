//! The Chat Completions wire: its encoder, its decoder and its constants. Facts from `wire-formats.md` sections 5 and 6;
//! what differs between servers is in [`crate::Dialect`].

mod answer;
mod calls;
mod chunk;
pub(crate) mod decode;
mod details;
pub(crate) mod encode;
mod inline;
mod usage;

#[cfg(test)]
mod tests;

/// The endpoint.
pub(super) const PATH: &str = "/v1/chat/completions";

/// Headers of every request.
pub(super) const HEADERS: &[(&str, &str)] =
    &[("content-type", "application/json"), ("accept", "text/event-stream")];

/// The wire's name in [`glossator_session::Raw`].
pub(super) const NAME: &str = "chat";
