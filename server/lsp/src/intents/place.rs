//! What stands at a place of an open file: a selection, a comment, a definition. By the look of the text.

use crate::connection::Connection;
use crate::language::{Definition, around, comment_at, language, outline};
use glossator_text::{Position, Range};
use glossator_workspace::Buffer;
use tower_lsp::lsp_types as lsp;

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Here {
    /// The comment.
    pub comment: Option<Range>,
    /// The innermost definition: its name and its lines.
    pub definition: Option<(String, Range)>,
}

/// What stands at line `line`, from 0, of a document; nothing where its text is not known.
pub fn here(buffer: &Buffer, line: u32) -> Here {
    if buffer.out_of_step {
        return Here::default();
    }
    let text = buffer.text.to_string();
    let language = language(&buffer.language, buffer.path.as_deref());
    let line = line as usize;
    let definitions = language.map(|language| outline(&text, language)).unwrap_or_default();
    let named = |one: &Definition| (one.name.clone(), whole_lines(one.first, one.last));
    Here {
        comment: comment_at(&text, line, language).map(|(first, last)| whole_lines(first, last)),
        definition: around(&definitions, line).map(named),
    }
}

/// Lines, from 0, both included.
fn whole_lines(first: usize, last: usize) -> Range {
    let at = |line: usize| Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: 0 };
    Range { start: at(first), end: at(last + 1) }
}

/// Whether a document is one that a place of can be worked with: not one of ours, and not in a scheme of its own.
pub fn is_workable(connection: &Connection, uri: &lsp::Url) -> bool {
    let path = connection.workspace.overlay().by_uri(uri.as_str()).and_then(|buffer| buffer.path);
    let path = path.or_else(|| crate::convert::path_of(uri));
    ["file", "untitled"].contains(&uri.scheme()) && !connection.is_ours(path.as_deref())
}
