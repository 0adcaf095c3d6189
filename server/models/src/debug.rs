//! Decodes a recorded stream, for `glossator debug decode` and for tests. No network.

use crate::frames::frames;
use crate::sse::SseError;
use crate::{Assembled, ErrorKind, FinishedBlock, ModelError, ModelEvent, StopReason, Wire, WireNames};
use futures::{FutureExt, StreamExt, stream};
use glossator_session::{Cost, Usage};
use serde::Serialize;
use serde_json::Value;
use std::convert::Infallible;
use std::fmt;

/// A decoded stream. Its text form is one JSON line for each event and a last line for the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The events, in order.
    pub events: Vec<ModelEvent>,
    /// What they come to.
    pub result: Assembled,
    /// Why the answer is not complete, when it is not.
    pub error: Option<ModelError>,
}

#[derive(Serialize)]
struct LastLine<'a> {
    result: Summary<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: &'a Option<ModelError>,
}

/// The answer in short.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    /// As far as it came.
    text: String,
    /// As far as it came.
    reasoning: String,
    tool_calls: Vec<Call<'a>>,
    usage: Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: &'a Option<Cost>,
    stop: &'a Option<StopReason>,
}

/// A finished call.
#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    name: &'a str,
    arguments: Option<&'a Value>,
    /// The model's text where that is no JSON, or was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid: Option<&'a str>,
}

impl Decoded {
    fn summary(&self) -> Summary<'_> {
        let (mut text, mut reasoning) = (String::new(), String::new());
        for event in &self.events {
            match event {
                // What came before it is void.
                ModelEvent::Started { .. } => (text, reasoning) = Default::default(),
                ModelEvent::Text { delta, .. } => text.push_str(delta),
                ModelEvent::Reasoning { delta, .. } => reasoning.push_str(delta),
                _ => {}
            }
        }
        let Assembled { blocks, usage, cost, stop, .. } = &self.result;
        let tool_calls = blocks.iter().filter_map(call).collect();
        Summary { text, reasoning, tool_calls, usage: *usage, cost, stop }
    }
}

fn call(block: &FinishedBlock) -> Option<Call<'_>> {
    let FinishedBlock::ToolCall { id, name, arguments } = block else { return None };
    let invalid = arguments.as_ref().err().map(String::as_str);
    Some(Call { id: &id.0, name, arguments: arguments.as_ref().ok(), invalid })
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            writeln!(f, "{}", serde_json::to_string(event).map_err(|_| fmt::Error)?)?;
        }
        let last = LastLine { result: self.summary(), error: &self.error };
        writeln!(f, "{}", serde_json::to_string(&last).map_err(|_| fmt::Error)?)
    }
}

/// Decodes the bytes of a whole stream of `wire`. A broken stream is no error here: it is what [`Decoded`] tells.
///
/// # Errors
/// When there is no such wire; the message lists those there are.
pub fn decode_all(wire: &str, bytes: &[u8]) -> Result<Decoded, String> {
    decode_chunks(wire, [bytes])
}

/// As [`decode_all`], with the bytes in the pieces in which they come; the result does not depend on the cuts.
///
/// # Errors
/// When there is no such wire; the message lists those there are.
pub fn decode_chunks<'a>(
    wire: &str,
    chunks: impl IntoIterator<Item = &'a [u8], IntoIter: Send>,
) -> Result<Decoded, String> {
    let wire = Wire::named(wire)?;
    let chunks = stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
    // Never waits: all bytes are there.
    let frames = frames(wire.framing(), chunks).collect::<Vec<_>>().now_or_never().unwrap_or_default();
    let mut decoder = wire.decoder("", WireNames::default());
    let mut decoded = Decoded { events: Vec::new(), result: Assembled::default(), error: None };
    for frame in frames {
        let pushed = match frame {
            Ok(data) => decoder.push(&data),
            Err(SseError::Framing(why)) => Err(ModelError::new(ErrorKind::Protocol, why)),
            Err(SseError::Transport(never)) => match never {},
        };
        match pushed {
            Ok(events) => decoded.events.extend(events),
            Err(error) => {
                decoded.error = Some(error);
                break;
            }
        }
    }
    if decoded.error.is_none() {
        match decoder.finish() {
            Ok(events) => decoded.events.extend(events),
            Err(error) => decoded.error = Some(error),
        }
    }
    for event in &decoded.events {
        decoded.result.push(event);
    }
    Ok(decoded)
}
