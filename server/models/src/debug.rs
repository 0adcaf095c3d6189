//! Decodes a recorded stream, for `glossator debug decode` and for tests. No network.

use crate::sse::{self, SseError};
use crate::{Assembled, ErrorKind, ModelError, ModelEvent, Wire, WireNames};
use futures::{FutureExt, StreamExt, stream};
use serde::Serialize;
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
    kind: &'static str,
    text: String,
    #[serde(flatten)]
    result: &'a Assembled,
    error: &'a Option<ModelError>,
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            writeln!(f, "{}", serde_json::to_string(event).map_err(|_| fmt::Error)?)?;
        }
        let last =
            LastLine { kind: "result", text: self.result.text(), result: &self.result, error: &self.error };
        writeln!(f, "{}", serde_json::to_string(&last).map_err(|_| fmt::Error)?)
    }
}

/// Decodes the bytes of a whole stream of `wire`. A broken stream is no error here: it is what [`Decoded`] tells.
///
/// # Errors
/// When there is no such wire; the message lists those there are.
pub fn decode_all(wire: &str, sse: &[u8]) -> Result<Decoded, String> {
    let wire = Wire::named(wire)?;
    let chunk = stream::iter([Ok::<_, Infallible>(sse)]);
    // Never waits: all bytes are there.
    let frames = sse::events(chunk).collect::<Vec<_>>().now_or_never().unwrap_or_default();
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
        decoded.error = decoder.finish().err();
    }
    for event in &decoded.events {
        decoded.result.push(event);
    }
    Ok(decoded)
}
