//! A door for the fuzz targets (docs/fuzzing.md): framing over any cut of the bytes. Not part of the interface.

use crate::Wire;
use crate::frames::frames;
use crate::sse::SseError;
use futures::{FutureExt, StreamExt, stream};
use std::convert::Infallible;

/// The pieces that a decoder of `wire` would be pushed, and why they end early, if they do.
pub fn pieces(wire: Wire, chunks: &[&[u8]]) -> (Vec<String>, Option<String>) {
    let chunks = stream::iter(chunks.iter().map(|chunk| Ok::<_, Infallible>(*chunk)));
    // Never waits: all bytes are there.
    let frames = frames(wire.framing(), chunks).collect::<Vec<_>>().now_or_never().unwrap_or_default();
    let mut pieces = Vec::with_capacity(frames.len());
    for frame in frames {
        match frame {
            Ok(piece) => pieces.push(piece),
            Err(SseError::Framing(why)) => return (pieces, Some(why)),
            Err(SseError::Transport(never)) => match never {},
        }
    }
    (pieces, None)
}
