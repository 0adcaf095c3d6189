//! Words of our documents that stand for something: turns, outputs, hunks, texts under keys, questions, other documents. Pure.

use crate::chat::entry::is_own;
use crate::ours::page_number;
use glossator_session::{AskId, CallId, ChangeSetId, FileKey, HunkId, TurnId};
use std::ops::Range;

/// What a word stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `T-12`
    Turn(TurnId),
    /// `T-12.diff`
    Review(TurnId),
    /// `T-12-context.md`
    Context(TurnId),
    /// `chat.md`
    Transcript,
    /// `chat-3.md`
    Page(u32),
    /// `prompt.md`
    Prompt,
    /// `S12-1-1`, `S12-1-1.2`: a script or a call of one, and its turn.
    Call(TurnId, CallId),
    /// `#57`: an item of the turn that is told of.
    Item(u64),
    /// `C3.2`
    Hunk(HunkId),
    /// `C3`
    Change(ChangeSetId),
    /// `K3`, `F2`
    Text(FileKey),
    /// `B2`
    Board(String),
    /// `A3`, `A3-0f6f5f3f2a11`
    Ask(AskId),
}

impl Target {
    /// What `word` stands for, if it looks like something.
    pub fn of(word: &str) -> Option<Target> {
        match word {
            "chat.md" => return Some(Target::Transcript),
            "prompt.md" => return Some(Target::Prompt),
            _ => {}
        }
        if let Some(page) = page_number(word) {
            return Some(Target::Page(page));
        }
        if let Some(turn) = word.strip_suffix(".diff").and_then(turn) {
            return Some(Target::Review(turn));
        }
        if let Some(turn) = word.strip_suffix("-context.md").and_then(turn) {
            return Some(Target::Context(turn));
        }
        if let Some(turn) = turn(word) {
            return Some(Target::Turn(turn));
        }
        if is_own(word) {
            let number = word.get(1..)?.split(['-', '.']).next()?.parse().ok()?;
            return Some(Target::Call(TurnId(number), CallId::from(word)));
        }
        let rest = word.get(1..)?;
        match word.as_bytes().first()? {
            b'#' => number(rest).map(Target::Item),
            b'C' => match rest.split_once('.') {
                Some((set, hunk)) => number(set).and(number(hunk)).map(|_| Target::Hunk(HunkId::from(word))),
                None => number(rest).map(|_| Target::Change(ChangeSetId::from(word))),
            },
            b'K' | b'F' => number(rest).map(|_| Target::Text(FileKey::from(word))),
            b'B' => number(rest).map(|_| Target::Board(word.to_owned())),
            b'A' => {
                let (digits, tail) = rest.split_once('-').unwrap_or((rest, "0"));
                let is_hex = !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_hexdigit());
                number(digits).filter(|_| is_hex).map(|_| Target::Ask(AskId::from(word)))
            }
            _ => None,
        }
    }
}

fn turn(word: &str) -> Option<TurnId> {
    let digits = word.strip_prefix("T-")?;
    number(digits).and_then(|number| u32::try_from(number).ok()).map(TurnId)
}

/// A number from 1, written in the one usual way.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty()
        && digits.len() < 16
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The words of a line that may stand for something, with their bytes.
pub fn words(line: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '#');
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let start = at + rest.find(is_part)?;
        let len = line[start..].find(|c: char| !is_part(c)).unwrap_or(line.len() - start);
        at = start + len;
        let word = line[start..at].trim_end_matches(['.', '-', '_']);
        Some((start..start + word.len(), word))
    })
}

/// What stands at byte `at` of a line.
pub fn at(line: &str, at: usize) -> Option<(Range<usize>, Target)> {
    let (range, word) = words(line).find(|(range, _)| range.start <= at && at <= range.end)?;
    // A part of another word is none.
    let before = line[..range.start].chars().next_back();
    let is_alone = before.is_none_or(|c| !c.is_alphanumeric() && c != '/' && c != '\\');
    Target::of(word).filter(|_| is_alone).map(|target| (range, target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_words_stand_for() {
        let hunk = |id: &str| Some(Target::Hunk(id.into()));
        for (word, expected) in [
            ("T-12", Some(Target::Turn(TurnId(12)))),
            ("T-12.diff", Some(Target::Review(TurnId(12)))),
            ("T-12-context.md", Some(Target::Context(TurnId(12)))),
            ("chat.md", Some(Target::Transcript)),
            ("chat-3.md", Some(Target::Page(3))),
            ("prompt.md", Some(Target::Prompt)),
            ("S12-1-1.2", Some(Target::Call(TurnId(12), "S12-1-1.2".into()))),
            ("S4-1-1", Some(Target::Call(TurnId(4), "S4-1-1".into()))),
            ("#57", Some(Target::Item(57))),
            ("C3.2", hunk("C3.2")),
            ("C3", Some(Target::Change("C3".into()))),
            ("K3", Some(Target::Text("K3".into()))),
            ("F12", Some(Target::Text("F12".into()))),
            ("B2", Some(Target::Board("B2".to_owned()))),
            ("A3", Some(Target::Ask("A3".into()))),
            ("A3-0f6f", Some(Target::Ask("A3-0f6f".into()))),
        ] {
            assert_eq!(Target::of(word), expected, "{word}");
        }
        for word in [
            "",
            "T",
            "T-",
            "T-0",
            "T-01",
            "T-x",
            "T-99999999999",
            "C",
            "C3.",
            "C3.0",
            "C3.2.1",
            "K",
            "Kx",
            "A3-",
            "A3-xyz",
            "é",
            "#",
            "#x",
            "chat-0.md",
            "x.diff",
            "S",
            "Sx",
        ] {
            assert_eq!(Target::of(word), None, "{word}");
        }
    }

    #[test]
    fn words_under_the_cursor() {
        let line = "- ▸ edit C3: see T-12.diff (S1-1-1.2), C3.2. xT-4 a/T-5";
        let found: Vec<&str> = words(line).map(|(_, word)| word).collect();
        assert_eq!(found, ["", "edit", "C3", "see", "T-12.diff", "S1-1-1.2", "C3.2", "xT-4", "a", "T-5"]);
        let target = |part: &str| at(line, line.find(part).unwrap() + 1).map(|(_, target)| target);
        assert_eq!(target("C3:"), Some(Target::Change("C3".into())));
        assert_eq!(target("S1-"), Some(Target::Call(TurnId(1), "S1-1-1.2".into())));
        assert_eq!(target("C3.2"), Some(Target::Hunk("C3.2".into())));
        assert_eq!(target("xT-4"), None);
        assert_eq!(target("T-5"), None);
        assert_eq!(at(line, 9999), None);
        assert_eq!(at("", 0), None);
    }

    proptest! {
        #[test]
        fn any_line_can_be_read(line in "\\PC{0,40}", at_byte in 0_usize..60) {
            for (range, word) in words(&line) {
                prop_assert_eq!(&line[range], word);
            }
            let _ = at(&line, at_byte);
        }
    }
}
