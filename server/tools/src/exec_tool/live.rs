//! What of a command's output is shown while it runs: so much of it that whoever watches slowly cannot be flooded.

use crate::Turn;
use parking_lot::Mutex;
use std::sync::Arc;

/// Pieces and bytes that are shown live of one call; the result has the rest.
const MOST_PIECES: usize = 10_000;
const MOST_BYTES: usize = 1024 * 1024;
/// What is shown in place of more.
const MORE: &str = "\n… more output, see the result\n";

/// The live output of one call.
pub(super) struct Live {
    turn: Arc<dyn Turn>,
    stream: String,
    left: Mutex<Left>,
}

/// What may still be shown.
struct Left {
    pieces: usize,
    bytes: usize,
}

impl Live {
    pub(super) fn new(turn: Arc<dyn Turn>, stream: String) -> Live {
        Live { turn, stream, left: Mutex::new(Left { pieces: MOST_PIECES, bytes: MOST_BYTES }) }
    }

    /// Shows `text`, or its start and a last line, or nothing.
    pub(super) fn show(&self, text: &str) {
        let mut left = self.left.lock();
        if left.pieces == 0 {
            return;
        }
        let end = text.floor_char_boundary(left.bytes);
        left.pieces -= 1;
        left.bytes -= end;
        if end > 0 {
            self.turn.delta(&self.stream, &text[..end]);
        }
        if end < text.len() || left.pieces == 0 {
            left.pieces = 0;
            self.turn.delta(&self.stream, MORE);
        }
    }
}
