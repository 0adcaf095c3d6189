//! Prompt-cache marks: on the system text and the newest messages of the user, for models that want them.

use super::messages::WireMessage;
use super::parts::{CacheControl, Content, WirePart};

/// How many of the newest messages that are not the model's carry a mark.
const MARKED_MESSAGES: usize = 2;

/// Sets the marks. Results of calls and what is said after them are one message for the model, so they count as one.
pub(super) fn set(messages: &mut [WireMessage<'_>]) {
    let mut left = MARKED_MESSAGES;
    let mut inside = false;
    for message in messages.iter_mut().rev() {
        match message {
            WireMessage::User { content } | WireMessage::Tool { content, .. } => {
                if !inside && left > 0 {
                    inside = mark_last(content);
                    left -= usize::from(inside);
                }
            }
            WireMessage::System { content } | WireMessage::Developer { content } => {
                mark_last(content);
            }
            WireMessage::Assistant { .. } => inside = false,
        }
    }
}

/// Marks the last text that is not empty; whether there is one.
fn mark_last(content: &mut Content<'_>) -> bool {
    let Content::Parts(parts) = content else { return false };
    let slot = parts.iter_mut().rev().find_map(|part| match part {
        WirePart::Text { text, cache_control } if !text.is_empty() => Some(cache_control),
        _ => None,
    });
    slot.map(|slot| *slot = Some(CacheControl::Ephemeral)).is_some()
}
