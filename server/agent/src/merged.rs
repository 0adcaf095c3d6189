//! Fragments of one moment, merged: a model can write a thousand of them a second, and no screen shows more than sixty.

use glossator_session::{EventKind, TurnId};

/// Fragments that wait to be shown, one entry for each run of the same stream.
#[derive(Default)]
pub(crate) struct Merged {
    waiting: Vec<(TurnId, String, String)>,
}

/// Whether a fragment is the first that waits.
#[derive(PartialEq, Eq)]
pub(crate) enum Added {
    First,
    Later,
}

impl Merged {
    pub fn add(&mut self, turn: TurnId, stream: &str, text: &str) -> Added {
        let first = self.waiting.is_empty();
        match self.waiting.last_mut() {
            Some((at, last, held)) if *at == turn && last == stream => held.push_str(text),
            _ => self.waiting.push((turn, stream.to_owned(), text.to_owned())),
        }
        if first { Added::First } else { Added::Later }
    }

    pub fn take(&mut self) -> impl Iterator<Item = (Option<TurnId>, EventKind)> + use<> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|(turn, stream, text)| (Some(turn), EventKind::ItemDelta { stream, text }))
    }
}
