//! What stands where in a transcript, by its text alone: turns, their parts, code blocks, lines of ours. Texts of others cannot
//! look like ours (`markdown`), so nothing else has to be known. Pure.

use crate::chat::turn::is_ours;
use crate::markdown::{Fences, Place};
use glossator_session::TurnId;

/// The parts of a transcript. Lines are counted from 0; the `end` of anything is the line behind it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// In order.
    pub turns: Vec<TurnPart>,
    /// Code blocks of answers.
    pub blocks: Vec<Block>,
    /// Runs of lines of ours.
    pub runs: Vec<(usize, usize)>,
}

/// A turn.
#[derive(Debug, PartialEq, Eq)]
pub struct TurnPart {
    pub id: TurnId,
    /// The line of its heading.
    pub line: usize,
    pub end: usize,
    /// What its heading says behind its id.
    pub detail: String,
    /// The parts of its speakers.
    pub speakers: Vec<Speaker>,
}

/// The part of a speaker.
#[derive(Debug, PartialEq, Eq)]
pub struct Speaker {
    /// `You`, `Glossator`, or the agent's name.
    pub name: String,
    pub line: usize,
    pub end: usize,
    /// The first words that the user says.
    pub words: String,
}

impl Speaker {
    /// Whether it is the user.
    pub fn is_user(&self) -> bool {
        self.name == "You" || self.name.starts_with("You · ")
    }
}

/// A code block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of its opening fence.
    pub line: usize,
    /// The line behind its closing fence.
    pub end: usize,
    /// What follows the opening fence.
    pub info: String,
}

impl Outline {
    /// The parts of `text`.
    pub fn of(text: &str) -> Outline {
        let mut found = Outline::default();
        let mut fences = Fences::default();
        let mut count = 0;
        for (line, content) in text.lines().enumerate() {
            count = line + 1;
            match fences.line(content) {
                Place::Opens(info) => {
                    found.blocks.push(Block { line, end: line + 1, info: info.to_owned() });
                }
                Place::Inside | Place::Closes => {
                    if let Some(block) = found.blocks.last_mut() {
                        block.end = line + 1;
                    }
                }
                Place::Outside => found.text(line, content),
            }
        }
        found.close(count);
        found
    }

    fn text(&mut self, line: usize, content: &str) {
        if let Some((id, detail)) = turn_heading(content) {
            self.close(line);
            self.turns.push(TurnPart { id, line, end: line, detail, speakers: Vec::new() });
        } else if let Some(name) = content.strip_prefix("### ") {
            if let Some(turn) = self.turns.last_mut() {
                close(&mut turn.speakers, line);
                turn.speakers.push(Speaker {
                    name: name.trim().to_owned(),
                    line,
                    end: line,
                    words: String::new(),
                });
            }
        } else if let Some(words) = content.strip_prefix("> ") {
            let speaker = self.turns.last_mut().and_then(|turn| turn.speakers.last_mut());
            if let Some(speaker) = speaker.filter(|speaker| speaker.is_user() && speaker.words.is_empty()) {
                speaker.words = words.trim().to_owned();
            }
        } else if is_ours(content) || content.starts_with("  - [") {
            match self.runs.last_mut().filter(|(_, end)| *end == line) {
                Some((_, end)) => *end = line + 1,
                None => self.runs.push((line, line + 1)),
            }
        }
    }

    /// The turn that is last ends before `line`.
    fn close(&mut self, line: usize) {
        if let Some(turn) = self.turns.last_mut() {
            turn.end = line;
            close(&mut turn.speakers, line);
        }
    }

    /// The turn that a line is of.
    pub fn turn_at(&self, line: usize) -> Option<&TurnPart> {
        self.turns.iter().find(|turn| (turn.line..turn.end).contains(&line))
    }

    /// The code block that a line is in.
    pub fn block_at(&self, line: usize) -> Option<&Block> {
        self.blocks.iter().find(|block| (block.line..block.end).contains(&line))
    }
}

fn close(speakers: &mut [Speaker], line: usize) {
    if let Some(last) = speakers.last_mut() {
        last.end = line;
    }
}

/// The turn of a heading, and what it says of it.
fn turn_heading(line: &str) -> Option<(TurnId, String)> {
    let rest = line.strip_prefix("## ")?;
    let (id, detail) = rest.split_once(" · ").unwrap_or((rest, ""));
    Some((TurnId::try_from(id.trim().to_owned()).ok()?, detail.trim().to_owned()))
}

/// The text of a code block, with its line breaks.
pub fn code_of(text: &str, block: &Block) -> String {
    let closed = text
        .lines()
        .nth(block.end.saturating_sub(1))
        .is_some_and(|line| line.trim_start().starts_with(['`', '~']));
    let last = if closed && block.end > block.line + 1 { block.end - 1 } else { block.end };
    let lines = text.lines().skip(block.line + 1).take(last.saturating_sub(block.line + 1));
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\nhead\n\n## T-4 · done · 14:03\n\n### You\n\n> Fix it\n> ## T-9\n\n### Glossator\n\n- ▸ exec → ok (S1.1)\n  - ▸ read (S1.2)\n\nText\n\n```rust src/a.rs\n## T-7\nfn a() {}\n```\n\n### You · 14:05\n\n> More\n\n## T-5 · running\n";

    #[test]
    fn parts_are_found_by_the_text() {
        let found = Outline::of(PAGE);
        let turns: Vec<_> = found.turns.iter().map(|turn| (turn.id.0, turn.line, turn.end)).collect();
        assert_eq!(turns, [(4, 4, 27), (5, 27, 28)]);
        assert_eq!(found.turns[0].detail, "done · 14:03");
        let speakers: Vec<_> = found.turns[0]
            .speakers
            .iter()
            .map(|one| (one.name.as_str(), one.line, one.end, one.words.as_str()))
            .collect();
        assert_eq!(
            speakers,
            [("You", 6, 11, "Fix it"), ("Glossator", 11, 23, ""), ("You · 14:05", 23, 27, "More")]
        );
        assert_eq!(found.runs, [(13, 15)]);
        let block = found.block_at(19).unwrap();
        assert_eq!((block.line, block.end, block.info.as_str()), (18, 22, "rust src/a.rs"));
        assert_eq!(code_of(PAGE, block), "## T-7\nfn a() {}\n");
        assert_eq!(found.turn_at(20).unwrap().id, TurnId(4));
        assert!(found.turn_at(0).is_none() && found.block_at(22).is_none());
        assert_eq!(Outline::of(""), Outline::default());
        let open = Outline::of("```\na\nb");
        assert_eq!(code_of("```\na\nb", &open.blocks[0]), "a\nb\n");
        assert_eq!(code_of("```", &Outline::of("```").blocks[0]), "");
    }
}
