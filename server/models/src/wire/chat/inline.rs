//! Thinking that a model writes as `<think>...</think>` at the start of its text, told apart from the text, however the
//! pieces are cut.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// A piece of the text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Thought(String),
    Text(String),
}

/// Where in the text we are.
#[derive(Debug)]
pub(super) enum Inline {
    /// It may yet begin with a tag; what came is held back.
    Start(String),
    /// Within the tags; what may be the beginning of the closing one is held back.
    Thinking(String),
    /// After the closing tag, before the text.
    Between,
    /// No tags are looked for.
    Text,
}

impl Default for Inline {
    fn default() -> Self {
        Self::Start(String::new())
    }
}

impl Inline {
    /// Thinking came in another way, so the text has no tags of that kind.
    pub fn give_up(&mut self) {
        if matches!(self, Self::Start(held) if held.is_empty()) {
            *self = Self::Text;
        }
    }

    /// Takes in a fragment; no piece is empty.
    pub fn push(&mut self, fragment: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = fragment.to_owned();
        while !rest.is_empty() {
            rest = self.step(rest, &mut pieces);
        }
        pieces
    }

    /// What was held back when the text has ended.
    pub fn finish(&mut self) -> Option<Piece> {
        match std::mem::replace(self, Self::Text) {
            Self::Start(held) if !held.is_empty() => Some(Piece::Text(held)),
            Self::Thinking(held) if !held.is_empty() => Some(Piece::Thought(held)),
            _ => None,
        }
    }

    /// Takes in the fragment up to the next change of state; gives what is left of it.
    fn step(&mut self, fragment: String, pieces: &mut Vec<Piece>) -> String {
        match self {
            Self::Text => pieces.push(Piece::Text(fragment)),
            Self::Between => {
                let text = fragment.trim_start();
                if !text.is_empty() {
                    *self = Self::Text;
                }
                return text.to_owned();
            }
            Self::Start(held) => {
                held.push_str(&fragment);
                let begun = held.trim_start();
                if let Some(rest) = begun.strip_prefix(OPEN) {
                    let rest = rest.to_owned();
                    *self = Self::Thinking(String::new());
                    return rest;
                }
                if !OPEN.starts_with(begun) {
                    let text = std::mem::take(held);
                    *self = Self::Text;
                    return text;
                }
            }
            Self::Thinking(held) => {
                held.push_str(&fragment);
                if let Some((thought, rest)) = held.split_once(CLOSE) {
                    let (thought, rest) = (thought.to_owned(), rest.to_owned());
                    *self = Self::Between;
                    pieces.extend((!thought.is_empty()).then_some(Piece::Thought(thought)));
                    return rest;
                }
                let sure = held.len() - begun_close(held);
                let thought: String = held.drain(..sure).collect();
                pieces.extend((!thought.is_empty()).then_some(Piece::Thought(thought)));
            }
        }
        String::new()
    }
}

/// How many bytes at the end may be the beginning of the closing tag.
fn begun_close(text: &str) -> usize {
    (1..CLOSE.len()).rev().find(|length| text.ends_with(&CLOSE[..*length])).unwrap_or(0)
}
