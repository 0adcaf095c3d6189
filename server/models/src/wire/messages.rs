//! The Anthropic Messages wire: its encoder, its decoder and its constants. Facts from `wire-formats.md` section 2.

pub(crate) mod blocks;
mod content;
pub(crate) mod decode;
pub(crate) mod encode;
mod options;

/// The endpoint.
pub(super) const PATH: &str = "/v1/messages";

/// The version that gateways know too, and under which a temperature set by the user still works on older models.
pub(super) const HEADERS: &[(&str, &str)] = &[
    ("anthropic-version", "2023-06-01"),
    ("content-type", "application/json"),
    ("accept", "text/event-stream"),
];

/// The wire's name in [`glossator_session::Raw`].
pub(super) const NAME: &str = "messages";
