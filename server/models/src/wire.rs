//! The wires: which provider dialects exist, and one face for all of them. Pure: bytes and events, no sockets.

mod chat;
mod history;
mod messages;
mod names;
mod ollama;
mod responses;

pub use names::WireNames;

use crate::frames::Framing;
use crate::{Dialect, ModelError, ModelEvent, Request};
use serde::Serialize;

/// A dialect that providers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Wire {
    /// Anthropic Messages.
    Messages,
    /// OpenAI Responses.
    Responses,
    /// Chat Completions, as OpenAI and many others speak it.
    Chat,
    /// Ollama's own.
    Ollama,
}

/// Every wire with its name in settings, logs and commands.
pub const WIRES: &[(&str, Wire)] = &[
    ("messages", Wire::Messages),
    ("responses", Wire::Responses),
    ("chat", Wire::Chat),
    ("ollama", Wire::Ollama),
];

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
            Self::Responses => responses::PATH,
            Self::Chat => chat::PATH,
            Self::Ollama => ollama::PATH,
        }
    }

    /// Headers of every request; the provider's own replace them.
    pub(crate) fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Messages => messages::HEADERS,
            Self::Responses => responses::HEADERS,
            Self::Chat => chat::HEADERS,
            Self::Ollama => ollama::HEADERS,
        }
    }

    /// How answers are cut into pieces.
    pub(crate) fn framing(self) -> Framing {
        match self {
            Self::Messages | Self::Responses | Self::Chat => Framing::Events,
            Self::Ollama => Framing::Lines,
        }
    }

    /// The request as this wire puts it; `dialect` matters to Chat Completions only.
    ///
    /// # Errors
    /// When nothing is left to be sent, or it cannot be expressed.
    pub fn encode(self, request: &Request, dialect: &Dialect) -> Result<Encoded, ModelError> {
        match self {
            Self::Messages => messages::encode::encode(request),
            Self::Responses => responses::encode::encode(request, dialect),
            Self::Chat => chat::encode::encode(request, dialect),
            Self::Ollama => ollama::encode::encode(request, dialect),
        }
    }

    /// A decoder for one answer to a request for `model`.
    pub fn decoder(self, model: &str, names: WireNames) -> Decoder {
        Decoder(match self {
            Self::Messages => Each::Messages(messages::decode::Decoder::new(model, names)),
            Self::Responses => Each::Responses(responses::decode::Decoder::new(model, names)),
            Self::Chat => Each::Chat(chat::decode::Decoder::new(model, names)),
            Self::Ollama => Each::Ollama(ollama::decode::Decoder::new(model, names)),
        })
    }
}

/// Reads one answer: is pushed its pieces, and tells what they mean.
pub struct Decoder(Each);

enum Each {
    Messages(messages::decode::Decoder),
    Responses(responses::decode::Decoder),
    Chat(chat::decode::Decoder),
    Ollama(ollama::decode::Decoder),
}

impl Decoder {
    /// Takes in one piece (the data of an event, or a line). What comes after the end of the answer is ignored.
    ///
    /// # Errors
    /// When the provider reports an error inside the stream, or the piece is not of this wire. The answer is over then.
    pub fn push(&mut self, data: &str) -> Result<Vec<ModelEvent>, ModelError> {
        match &mut self.0 {
            Each::Messages(decoder) => decoder.push(data),
            Each::Responses(decoder) => decoder.push(data),
            Each::Chat(decoder) => decoder.push(data),
            Each::Ollama(decoder) => decoder.push(data),
        }
    }

    /// To be called when the bytes have ended; some wires tell the end only so.
    ///
    /// # Errors
    /// When the answer is not complete.
    pub fn finish(&mut self) -> Result<Vec<ModelEvent>, ModelError> {
        match &mut self.0 {
            Each::Messages(decoder) => decoder.finish().map(|()| Vec::new()),
            Each::Responses(decoder) => decoder.finish(),
            Each::Chat(decoder) => decoder.finish(),
            Each::Ollama(decoder) => decoder.finish(),
        }
    }
}
