//! Whether a script merely repeats text that the model was shown in this turn: a page, a file, the output of a command,
//! an entry of the board.
//! Pure. Blanks, comments, quotes and the ways of escaping do not count; it never judges what a script does.

mod plain;
#[cfg(test)]
mod tests;

use self::plain::{Reading, plain};
use glossator_context::board_at;
use glossator_session::{InputPart, Item, ItemBody, TurnId};
use serde_json::Value;
use std::collections::VecDeque;

/// Shorter scripts, in characters that count, are likely to be alike by chance: they count only when they stood between
/// our tags in what was shown.
const SHORT: usize = 40;
/// Bytes of the values of tools that are looked at, newest first. What of them was shown also stands in the results of
/// scripts, which are looked at whatever their number.
const MOST: usize = 16 << 20;
const TAG: &str = "tool-calls";
/// What a script holds that edits files.
const PATCH: &str = "*** Begin Patch";
/// Places of one text at which the middle of a script is looked at.
const PLACES: usize = 100;

/// Whether `source` repeats something shown in `turn`: values and errors of tools, results of scripts, selections, the
/// board. What the user typed and the model's own answers and scripts are no such thing.
pub(crate) fn is_quoted(source: &str, items: &[Item], turn: TurnId) -> bool {
    let script = Script::of(source);
    if script.code.is_empty() {
        return false;
    }
    // The board shows in this turn what came from outside in an earlier one.
    if board_at(items, turn).iter().any(|entry| script.repeats(&entry.text)) {
        return true;
    }
    let mut left = MOST;
    let of_turn = items.iter().rev().filter(|item| item.turn == turn);
    of_turn.map(|item| (&item.body, shown(&item.body))).any(|(body, text)| {
        if matches!(body, ItemBody::ToolOutput { .. }) {
            let Some(rest) = left.checked_sub(text.len()) else {
                return false;
            };
            left = rest;
        }
        script.repeats(&text)
    })
}

/// Texts that scripts of a turn were given and that its items do not hold whole: the newest 16 MiB.
#[derive(Default)]
pub(crate) struct Given {
    texts: VecDeque<String>,
    bytes: usize,
}

impl Given {
    /// Notes a value.
    pub fn add(&mut self, value: &Value) {
        let mut text = String::new();
        strings(&mut text, value);
        if text.len() > MOST {
            text.truncate(text.floor_char_boundary(MOST));
        }
        self.bytes += text.len();
        self.texts.push_back(text);
        while self.bytes > MOST
            && let Some(oldest) = self.texts.pop_front()
        {
            self.bytes -= oldest.len();
        }
    }

    /// Whether `source` repeats one of them.
    pub fn hold(&self, source: &str) -> bool {
        let script = Script::of(source);
        !script.code.is_empty() && self.texts.iter().any(|text| script.repeats(text))
    }
}

/// A script by what counts of it.
struct Script {
    /// With its comments.
    whole: String,
    /// Without.
    code: String,
    /// The middle of the code, by which a script is found that has words of its own before or behind what it repeats;
    /// empty for short scripts, and for patches, whose text is the file's by nature.
    middle: String,
}

impl Script {
    fn of(source: &str) -> Script {
        let code = plain(source, Reading::Code);
        let quarter = code.len() / 4;
        // What is left of code is ASCII.
        let middle = code.get(quarter..code.len() - quarter).unwrap_or_default();
        let counts = middle.len() >= SHORT && !source.contains(PATCH);
        let middle = if counts { middle.to_owned() } else { String::new() };
        Script { whole: plain(source, Reading::Whole), code, middle }
    }

    /// Whether most of the code stands in `shown` in one piece.
    fn mostly_in(&self, shown: &str) -> bool {
        if self.middle.is_empty() {
            return false;
        }
        let start = self.code.len() / 4;
        let (head, tail) =
            (&self.code.as_bytes()[..start], &self.code.as_bytes()[start + self.middle.len()..]);
        shown.match_indices(&self.middle).take(PLACES).any(|(at, _)| {
            let (before, behind) = (&shown.as_bytes()[..at], &shown.as_bytes()[at + self.middle.len()..]);
            let head =
                head.iter().rev().zip(before.iter().rev()).take_while(|(own, other)| own == other).count();
            let tail = tail.iter().zip(behind).take_while(|(own, other)| own == other).count();
            (head + self.middle.len() + tail) * 10 >= self.code.len() * 6
        })
    }

    fn repeats(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        let long = self.code.len() >= SHORT;
        let code = || {
            let shown = plain(text, Reading::Code);
            shown.contains(&self.code) || self.mostly_in(&shown)
        };
        let repeated = long && (plain(text, Reading::Whole).contains(&self.whole) || code());
        repeated || self.stood_between_tags(text, long)
    }

    /// Each block is read for itself, so that a comment opened before it cannot hide it.
    fn stood_between_tags(&self, text: &str, long: bool) -> bool {
        let small = text.to_ascii_lowercase();
        let starts: Vec<usize> = small.match_indices(TAG).map(|(at, tag)| at + tag.len()).collect();
        let ends = starts.iter().skip(1).map(|start| start - TAG.len()).chain([text.len()]);
        starts.iter().zip(ends).any(|(start, end)| {
            let block = plain(&text[*start..end], Reading::Code);
            let block = block.trim_start_matches('>').trim_end_matches(['/', '<']);
            block == self.code || long && block.contains(&self.code)
        })
    }
}

/// What the model was shown of an item, if it came from outside.
fn shown(body: &ItemBody) -> String {
    let mut text = String::new();
    match body {
        ItemBody::UserMessage { input, .. } => {
            for part in input {
                if let InputPart::Mention { text: Some(selection), .. } = part {
                    add(&mut text, selection);
                }
            }
        }
        ItemBody::ToolOutput { outcome: Ok(output), .. } => strings(&mut text, &output.value),
        ItemBody::ToolOutput { outcome: Err(error), .. } => {
            add(&mut text, &error.message);
            error.details.iter().for_each(|details| strings(&mut text, details));
        }
        ItemBody::ScriptOutput { text: results, ok, .. } => match ok {
            true => add(&mut text, results),
            false => without_excerpts(&mut text, results),
        },
        _ => {}
    }
    text
}

/// Texts are laid end to end: a list of lines is read as the text they make.
fn add(text: &mut String, part: &str) {
    text.push_str(part);
    text.push('\n');
}

fn strings(text: &mut String, value: &Value) {
    match value {
        Value::String(string) => add(text, string),
        Value::Array(values) => values.iter().for_each(|value| strings(text, value)),
        Value::Object(fields) => fields.values().for_each(|value| strings(text, value)),
        _ => {}
    }
}

/// The results of a failed script without the lines of its own code that stand above a caret. (A tool's output that looks
/// like such a line is not lost: it is an item of its own.)
fn without_excerpts(text: &mut String, results: &str) {
    let mut lines = results.lines().peekable();
    while let Some(line) = lines.next() {
        let caret = lines
            .peek()
            .and_then(|next| next.split_once(" | "))
            .is_some_and(|(number, caret)| number.trim().is_empty() && caret.trim() == "^");
        if !caret {
            text.push_str(line);
            text.push('\n');
        }
    }
}
