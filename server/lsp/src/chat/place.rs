//! Lines of an open document, and ranges in them as the client counts.

use crate::connection::Connection;
use crate::convert;
use glossator_text::{PositionEncoding, byte_range, position_at};
use ropey::Rope;
use std::ops::Range;
use tower_lsp::lsp_types as lsp;
use url::Url;

/// The lines of a document as the editor has it.
pub struct Lines {
    text: Rope,
    encoding: PositionEncoding,
}

impl Lines {
    /// Those of an open document.
    pub fn of(connection: &Connection, uri: &Url) -> Option<Lines> {
        let overlay = connection.workspace.overlay();
        let buffer = overlay.by_uri(uri.as_str()).filter(|buffer| !buffer.out_of_step)?;
        Some(Lines { text: buffer.text, encoding: overlay.encoding() })
    }

    /// All of it, with LF as the only line break.
    pub fn text(&self) -> String {
        let text = self.text.to_string();
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
    }

    /// A line without its line break; empty behind the last.
    pub fn line(&self, number: usize) -> String {
        let line = self.text.get_line(number).map(|line| line.to_string()).unwrap_or_default();
        line.trim_end_matches(['\n', '\r']).to_owned()
    }

    /// Bytes of a line as the client counts them.
    pub fn range(&self, number: usize, bytes: Range<usize>) -> lsp::Range {
        let start = self.text.try_line_to_byte(number).unwrap_or(self.text.len_bytes());
        let at = |byte: usize| {
            let at = position_at(&self.text, start + byte, self.encoding);
            lsp::Position { line: at.line, character: at.character }
        };
        lsp::Range { start: at(bytes.start), end: at(bytes.end) }
    }

    /// Whole lines, the one behind the last left out.
    pub fn lines(&self, first: usize, end: usize) -> lsp::Range {
        let last = end.saturating_sub(1).max(first);
        lsp::Range {
            start: self.range(first, 0..0).start,
            end: self.range(last, 0..self.line(last).len()).end,
        }
    }

    /// The byte of a position in its line.
    pub fn byte(&self, at: lsp::Position) -> usize {
        let point = convert::position(at);
        let bytes = byte_range(&self.text, glossator_text::Range { start: point, end: point }, self.encoding);
        let start = self.text.try_line_to_byte(at.line as usize).unwrap_or(self.text.len_bytes());
        bytes.start.saturating_sub(start)
    }
}
