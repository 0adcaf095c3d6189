//! The prompt document: a Markdown file of ours in which a user of any editor writes a prompt, to be sent by a code
//! action or `glossator.send`. Holds what each of them is about; the text itself is the editor's.

use glossator_text::Range;
use parking_lot::Mutex;
use std::collections::HashMap;

/// The line that stands above the prompt; it is not sent.
pub const HEADING: &str =
    "<!-- Write what should be done, then run the code action \"Send to Glossator\" (or glossator.send). -->";

/// What a prompt is about.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    pub uri: String,
    pub range: Range,
}

/// The prompt documents of one connection, by URI.
#[derive(Default)]
pub struct Prompts {
    open: Mutex<HashMap<String, Option<About>>>,
}

impl Prompts {
    /// Remembers a prompt document.
    pub fn opened(&self, uri: String, about: Option<About>) {
        self.open.lock().insert(uri, about);
    }

    pub fn is_prompt(&self, uri: &str) -> bool {
        self.open.lock().contains_key(uri)
    }

    /// The only prompt document, or `None` when there are none or several.
    pub fn only(&self) -> Option<String> {
        let open = self.open.lock();
        let mut uris = open.keys();
        uris.next().filter(|_| open.len() == 1).cloned()
    }

    /// What the prompt at `uri` is about; `None` if it is no prompt document.
    pub fn about(&self, uri: &str) -> Option<Option<About>> {
        self.open.lock().get(uri).cloned()
    }
}

/// The prompt in the text of a document: without our heading, trimmed.
pub fn prompt_in(text: &str) -> String {
    text.lines().filter(|line| line.trim() != HEADING).collect::<Vec<_>>().join("\n").trim().to_owned()
}
