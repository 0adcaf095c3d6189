//! The OpenAI Responses wire: its encoder, its decoder and its constants. Facts from `wire-formats.md` section 3.

pub(crate) mod decode;
pub(crate) mod encode;
mod input;
mod item;
mod open;
mod reasoning;
mod report;

#[cfg(test)]
mod tests;

/// The endpoint.
pub(super) const PATH: &str = "/v1/responses";

/// Headers of every request.
pub(super) const HEADERS: &[(&str, &str)] =
    &[("content-type", "application/json"), ("accept", "text/event-stream")];

/// The wire's name in [`glossator_session::Raw`].
pub(super) const NAME: &str = "responses";
