//! What the user of one connection looks at, as far as LSP tells: when a key was pressed last, which file was worked in last,
//! and the place in it that requests named. Documents of ours are not what the user works in.

use crate::ours::Folders;
use glossator_text::Range;
use parking_lot::Mutex;
use ropey::Rope;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long the text of an edit of ours is waited for.
const EXPECTED: Duration = Duration::from_secs(10);

/// Where the user is.
#[derive(Default)]
pub struct Looking {
    ours: Folders,
    typed: Mutex<Option<Instant>>,
    at: Mutex<Option<At>>,
    /// Documents that we are about to change: their text when that is done, and until when it may come.
    expected: Mutex<HashMap<String, (String, Instant)>>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct At {
    pub uri: String,
    /// What is selected there; empty: the cursor.
    pub selection: Option<Range>,
}

impl Looking {
    /// Where documents in `ours` do not count.
    pub fn new(ours: Folders) -> Looking {
        Looking { ours, ..Looking::default() }
    }

    /// A document of ours is about to hold this text, by our own doing.
    pub fn expect(&self, uri: &str, text: &str) {
        let until = Instant::now() + EXPECTED;
        self.expected.lock().insert(uri.to_owned(), (text.to_owned(), until));
    }

    /// A document was changed and holds `now`; unless that is our own doing, a key was pressed in it: what was selected there
    /// is no more.
    pub fn changed(&self, uri: &str, now: Option<&Rope>) {
        if self.is_expected(uri, now) {
            return;
        }
        *self.typed.lock() = Some(Instant::now());
        self.at(uri, None);
    }

    fn is_expected(&self, uri: &str, now: Option<&Rope>) -> bool {
        let mut expected = self.expected.lock();
        if expected.is_empty() {
            return false;
        }
        let instant = Instant::now();
        expected.retain(|_, (_, until)| *until > instant);
        let is_it = expected.get(uri).zip(now).is_some_and(|((text, _), now)| *now == text.as_str());
        if is_it {
            expected.remove(uri);
        }
        is_it
    }

    /// When a key was pressed last.
    pub fn last_typed(&self) -> Option<Instant> {
        *self.typed.lock()
    }

    /// The user is in this document, at this place if it is known.
    pub fn at(&self, uri: &str, selection: Option<Range>) {
        if !self.ours.hold_uri(uri) {
            *self.at.lock() = Some(At { uri: uri.to_owned(), selection });
        }
    }

    /// A document is no longer open.
    pub fn closed(&self, uri: &str) {
        self.at.lock().take_if(|at| at.uri == uri);
        self.expected.lock().remove(uri);
    }

    /// The place in a file of the user's where the user was last.
    pub fn last(&self) -> Option<At> {
        self.at.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::Position;
    use std::path::Path;

    #[test]
    fn the_last_place_holds_until_it_is_typed_over_or_closed() {
        let looking = Looking::default();
        let here =
            Range { start: Position { line: 1, character: 0 }, end: Position { line: 2, character: 0 } };
        looking.at("file:///a", Some(here));
        assert_eq!(looking.last().unwrap().selection, Some(here));
        assert!(looking.last_typed().is_none());
        looking.changed("file:///a", None);
        let at = looking.last().unwrap();
        assert_eq!((at.uri.as_str(), at.selection), ("file:///a", None));
        assert!(looking.last_typed().is_some());
        looking.closed("file:///b");
        assert!(looking.last().is_some());
        looking.closed("file:///a");
        assert!(looking.last().is_none());
    }

    #[test]
    fn documents_of_ours_are_not_worked_in_and_what_we_do_to_them_is_not_typed() {
        let looking = Looking::new(Folders::of(Path::new("/state")));
        looking.at("file:///a", None);
        looking.at("file:///state/chat.md", None);
        assert_eq!(looking.last().unwrap().uri, "file:///a");
        looking.expect("file:///state/chat.md", "now");
        looking.changed("file:///state/chat.md", Some(&Rope::from_str("now")));
        assert!(looking.last_typed().is_none());
        // Once only, and only this text.
        looking.changed("file:///state/chat.md", Some(&Rope::from_str("now")));
        assert!(looking.last_typed().is_some());
        let looking = Looking::new(Folders::of(Path::new("/state")));
        looking.expect("file:///state/chat.md", "now");
        looking.changed("file:///state/chat.md", Some(&Rope::from_str("now, typed")));
        assert!(looking.last_typed().is_some());
        assert!(looking.last().is_none());
    }
}
