//! The wires: which provider dialects exist, and one face for all of them. Pure: bytes and events, no sockets.

mod messages;
mod names;

pub use messages::decode::Decoder;
pub use names::WireNames;

use crate::{ModelError, Request};
use serde::Serialize;

/// A dialect that providers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Wire {
    /// Anthropic Messages.
    Messages,
}

/// Every wire with its name in settings, logs and commands.
pub const WIRES: &[(&str, Wire)] = &[("messages", Wire::Messages)];

/// A request ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// The body; the same request always gives the same bytes.
    pub body: Vec<u8>,
    /// How our tool names are called in it; the decoder turns them back.
    pub names: WireNames,
}

impl Wire {
    /// The wire of that name.
    ///
    /// # Errors
    /// A message that lists the names there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = WIRES.iter().find(|(known, _)| *known == name).map(|(_, wire)| *wire);
        found.ok_or_else(|| {
            let known: Vec<&str> = WIRES.iter().map(|(known, _)| *known).collect();
            format!("There is no wire '{name}'. Known: {}.", known.join(", "))
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        WIRES.iter().find(|(_, wire)| *wire == self).map_or("", |(name, _)| name)
    }

    /// Where requests go, after the provider's base address.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Messages => messages::PATH,
        }
    }

    /// Headers of every request; the provider's own replace them.
    pub(crate) fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Messages => messages::HEADERS,
        }
    }

    /// The request as this wire puts it.
    ///
    /// # Errors
    /// When nothing is left to be sent.
    pub fn encode(self, request: &Request) -> Result<Encoded, ModelError> {
        match self {
            Self::Messages => messages::encode::encode(request),
        }
    }

    /// A decoder for one answer to a request for `model`.
    pub fn decoder(self, model: &str, names: WireNames) -> Decoder {
        match self {
            Self::Messages => Decoder::new(model, names),
        }
    }
}
