//! What can be told of a patch before it is whole. Only the values.

use serde::Serialize;

use crate::{ChangeKind, Chunk, ChunkLine};

/// Something of a patch that will not change any more, told in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// What follows is about this file.
    File {
        /// The path as written.
        path: String,
        /// What is done. A SEARCH/REPLACE block that creates its file is an update here: only planning can tell.
        change: ChangeKind,
        /// Where the file moves, as written.
        move_to: Option<String>,
    },
    /// A place of the file told last is whole; for a file that is added, its text.
    Chunk {
        /// Lines that come.
        added: usize,
        /// Lines that go.
        removed: usize,
    },
}

impl Event {
    pub(super) fn chunk(chunk: &Chunk) -> Event {
        let count = |wanted: fn(&ChunkLine) -> bool| chunk.lines.iter().filter(|line| wanted(line)).count();
        Event::Chunk {
            added: count(|line| matches!(line, ChunkLine::Add(_))),
            removed: count(|line| matches!(line, ChunkLine::Remove(_))),
        }
    }
}
