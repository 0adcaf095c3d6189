//! The parts of a turn as Markdown, one after the other. Pure but for the time zone; what a part holds is `entry`'s.

use crate::chat::entry::Entry;
use crate::chat::figures::clock;
use crate::markdown::{contained, plain};
use glossator_session::{AgentId, PlanStep, StepStatus};
use std::fmt::Write;

/// Characters of a plan's step, and of an agent's name.
const STEP: usize = 300;
const NAME: usize = 40;

/// Lines and characters of what was said; a few characters more are shown as well.
const SAID_LINES: usize = 60;
const SAID: usize = 12_000;
const SAID_MORE: usize = 400;

/// A part of a turn.
#[derive(Debug, Clone)]
pub enum Block {
    /// What the user said, as it is shown; and when, if not with the turn.
    You(String, Option<i64>),
    /// What an agent said, as it is shown.
    Said(Option<AgentId>, String),
    /// What an agent did.
    Did(Option<AgentId>, Entry),
    /// What happened.
    Line(Entry),
    Plan(Option<AgentId>, Vec<PlanStep>),
}

/// Whose part of a turn it is.
#[derive(PartialEq, Clone)]
enum Speaker {
    Nobody,
    Agent(Option<AgentId>),
}

/// A page that is being written.
pub struct Page {
    pub out: String,
    speaker: Speaker,
    /// Whether the last thing was a line of a list.
    listing: bool,
}

impl Page {
    /// One that begins with a heading.
    pub fn new(heading: String) -> Page {
        Page { out: heading, speaker: Speaker::Nobody, listing: false }
    }

    pub fn block(&mut self, block: &Block) {
        match block {
            Block::You(text, at) => {
                self.speaker = Speaker::Nobody;
                let at = at.map(|at| format!(" · {}", clock(at))).unwrap_or_default();
                self.part(&format!("### You{at}\n\n{text}"));
            }
            Block::Said(agent, text) => {
                self.speaks(agent.as_ref());
                self.part(text);
            }
            Block::Did(agent, entry) => {
                self.speaks(agent.as_ref());
                self.line(entry);
            }
            Block::Line(entry) => self.line(entry),
            Block::Plan(agent, steps) => {
                self.speaks(agent.as_ref());
                self.line(&Entry::note("plan".to_owned()));
                for step in steps {
                    let (mark, bold) = match step.status {
                        StepStatus::Done => ("x", ""),
                        StepStatus::InProgress => (" ", "**"),
                        StepStatus::Pending => (" ", ""),
                    };
                    let _ = writeln!(self.out, "  - [{mark}] {bold}{}{bold}", plain(&step.text, STEP));
                }
            }
        }
    }

    pub fn stream(&mut self, stream: &str, text: &str) {
        let (kind, agent) = stream.split_once('@').unwrap_or((stream, ""));
        let agent = Some(AgentId::from(agent)).filter(|agent| !agent.0.is_empty());
        self.speaks(agent.as_ref());
        let count = text.chars().count();
        match kind {
            "answer" => self.part(&contained(text)),
            "script" => self.line(&Entry::note(format!("writes a script, {count} characters …"))),
            _ => self.line(&Entry::note(format!("thinks, {count} characters …"))),
        }
    }

    /// What follows is of this agent.
    fn speaks(&mut self, agent: Option<&AgentId>) {
        let speaker = Speaker::Agent(agent.cloned());
        if self.speaker == speaker {
            return;
        }
        self.speaker = speaker;
        let name = agent.map_or_else(|| "Glossator".to_owned(), |agent| plain(&agent.0, NAME));
        self.part(&format!("### {name}\n"));
    }

    /// Something that stands by itself; ends with a line break.
    fn part(&mut self, text: &str) {
        self.listing = false;
        if !text.is_empty() {
            self.out.push('\n');
            self.out.push_str(text);
        }
    }

    /// How the questions of a turn are answered: once for all that wait.
    pub fn how_to_answer(&mut self, blocks: &[Block]) {
        let waiting = blocks.iter().filter_map(|block| match block {
            Block::Did(_, entry) | Block::Line(entry) => entry.waits(),
            _ => None,
        });
        if let Some(entry) = Entry::how_to_answer(&waiting.collect::<Vec<_>>()) {
            self.line(&entry);
        }
    }

    pub fn line(&mut self, entry: &Entry) {
        if !self.listing {
            self.out.push('\n');
        }
        self.listing = true;
        entry.write(&mut self.out);
    }
}

/// The beginning of what was said, and how many characters are left out.
pub fn beginning(text: &str) -> (String, usize) {
    let text = text.trim_matches('\n');
    let lines = text.match_indices('\n').nth(SAID_LINES - 1).map_or(text.len(), |(end, _)| end);
    let end = text.char_indices().nth(SAID).map_or(lines, |(end, _)| end.min(lines));
    let left = text[end..].chars().count();
    // A little more is no reason to leave something out.
    if left <= SAID_MORE { (text.to_owned(), 0) } else { (text[..end].to_owned(), left) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_prompts_are_shown_up_to_a_line() {
        assert_eq!(beginning("\na\nb\n"), ("a\nb".to_owned(), 0));
        let lines: String = (0..1000).map(|number| format!("line {number}\n")).collect();
        let (first, left) = beginning(&lines);
        assert!(first.ends_with("line 59") && first.lines().count() == SAID_LINES, "{first}");
        assert_eq!(left, lines.trim_end().chars().count() - first.chars().count());
        let (first, left) = beginning(&"é".repeat(SAID + SAID_MORE));
        assert_eq!((first.chars().count(), left), (SAID + SAID_MORE, 0));
        let (first, left) = beginning(&"é".repeat(SAID + SAID_MORE + 1));
        assert_eq!((first.chars().count(), left), (SAID, SAID_MORE + 1));
    }
}
