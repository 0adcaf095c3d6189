//! What the user of one connection looks at, as far as LSP tells: when a key was pressed last, which document was worked in
//! last, and the place in it that requests named.

use glossator_text::Range;
use parking_lot::Mutex;
use std::time::Instant;

/// Where the user is.
#[derive(Default)]
pub struct Looking {
    typed: Mutex<Option<Instant>>,
    at: Mutex<Option<At>>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct At {
    pub uri: String,
    /// What is selected there; empty: the cursor.
    pub selection: Option<Range>,
}

impl Looking {
    /// A key was pressed in a document: what was selected there is no more.
    pub fn typed(&self, uri: &str) {
        *self.typed.lock() = Some(Instant::now());
        self.at(uri, None);
    }

    /// When a key was pressed last.
    pub fn last_typed(&self) -> Option<Instant> {
        *self.typed.lock()
    }

    /// The user is in this document, at this place if it is known.
    pub fn at(&self, uri: &str, selection: Option<Range>) {
        *self.at.lock() = Some(At { uri: uri.to_owned(), selection });
    }

    /// A document is no longer open.
    pub fn closed(&self, uri: &str) {
        self.at.lock().take_if(|at| at.uri == uri);
    }

    /// Where the user was last.
    pub fn last(&self) -> Option<At> {
        self.at.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::Position;

    #[test]
    fn the_last_place_holds_until_it_is_typed_over_or_closed() {
        let looking = Looking::default();
        let here =
            Range { start: Position { line: 1, character: 0 }, end: Position { line: 2, character: 0 } };
        looking.at("file:///a", Some(here));
        assert_eq!(looking.at.lock().clone().unwrap().selection, Some(here));
        assert!(looking.last_typed().is_none());
        looking.typed("file:///a");
        let at = looking.at.lock().clone().unwrap();
        assert_eq!((at.uri.as_str(), at.selection), ("file:///a", None));
        assert!(looking.last_typed().is_some());
        looking.closed("file:///b");
        assert!(looking.at.lock().is_some());
        looking.closed("file:///a");
        assert!(looking.at.lock().is_none());
    }
}
