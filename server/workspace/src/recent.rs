//! Texts handed out lately, by hash: what a change set was planned on can be looked up when the file has moved on.
//! Bounded; forgetting costs only a less certain re-location.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Texts kept at the most.
const MAX_TEXTS: usize = 64;
/// Bytes kept at the most.
const MAX_BYTES: usize = 4 << 20;

/// The newest texts last.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<(String, Arc<str>)>>);

impl Recent {
    /// Remembers `text` under its `hash`.
    pub(crate) fn remember(&self, hash: &str, text: &str) {
        if text.len() > MAX_BYTES / 2 {
            return;
        }
        let mut texts = self.0.lock();
        if let Some(at) = texts.iter().position(|(other, _)| other == hash) {
            if let Some(known) = texts.remove(at) {
                texts.push_back(known);
            }
            return;
        }
        texts.push_back((hash.to_owned(), text.into()));
        let mut bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
        while texts.len() > MAX_TEXTS || bytes > MAX_BYTES {
            let Some((_, gone)) = texts.pop_front() else { break };
            bytes -= gone.len();
        }
    }

    /// The text with `hash`, if it is still known.
    pub(crate) fn text(&self, hash: &str) -> Option<Arc<str>> {
        self.0.lock().iter().find(|(other, _)| other == hash).map(|(_, text)| text.clone())
    }
}
