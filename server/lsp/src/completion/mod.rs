//! What may be written at a place of a prompt: files, symbols, sessions, agents, commands. Answers LSP's completion in prompt
//! documents and `glossator/prompt/complete` alike; what is offered is found by `sources`.

mod explain;
mod items;
mod place;
mod requests;
mod sources;

use crate::connection::Connection;
use glossator_protocol_ext::PromptItemKind;
use items::{list, prompt_items};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a prompt that is looked at.
const MOST_BYTES: usize = 1 << 20;

/// What may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What lists show.
    pub label: String,
    /// What it is.
    pub kind: PromptItemKind,
    /// More about it, in one line.
    pub detail: Option<String>,
    /// What is written.
    pub insert: String,
    /// What the letters that were typed are found in.
    pub filter: String,
    /// What there is to explain of it.
    pub about: Option<About>,
}

/// What an offer is of, so that it can be explained later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "camelCase")]
pub enum About {
    /// A file, as the user knows it, from a line on, counted from 0.
    File { path: String, line: usize },
    /// A session.
    Session { id: String },
    /// An agent.
    Agent { name: String },
    /// A command, by its word.
    Command { word: String },
}

/// What may be written in the place of a part of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// The part, in bytes.
    pub range: Range<usize>,
    /// Best first.
    pub offers: Vec<Offer>,
    /// Whether there is more, to be asked for when more is written.
    pub incomplete: bool,
}

/// What may be written at byte `at` of the prompt `text`; `None`: nothing that is known.
async fn offers(connection: &Arc<Connection>, text: &str, at: usize) -> Option<Offers> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let place = place::place(text, at)?;
    let (offers, incomplete) = sources::offers(connection, &place.wanted).await;
    Some(Offers { range: place.start..at, offers, incomplete })
}
