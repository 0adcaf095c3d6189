//! The prompt of a run: what stays the same from run to run stands first, so that it can be read from a provider's cache.
//! Pure.

use crate::run::status::Tasks;
use glossator_context::escape_reserved;
use std::fmt::Write;

const INTRO: &str = include_str!("prompt.md");

/// Characters of what may grow that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    pub tasks: usize,
    pub log: usize,
}

/// A file as it is shown: its path and its text.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

/// All that the prompt of a run is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    pub number: u32,
    pub epic: Shown<'a>,
    pub tasks: Shown<'a>,
    pub log: Shown<'a>,
    /// What is told of the runs before.
    pub notes: &'a [String],
    /// What the user answered.
    pub answer: Option<&'a str>,
    pub sizes: Sizes,
}

impl Sizes {
    /// For a window of so many tokens: most of it is for the work.
    pub fn for_window(tokens: u64) -> Sizes {
        let chars = |share: u64, most: usize| usize::try_from(tokens / share * 3).unwrap_or(most).min(most);
        Sizes { tasks: chars(10, 32_000), log: chars(10, 24_000) }
    }
}

/// The prompt.
pub fn make(parts: &Parts) -> String {
    let intro = INTRO
        .replace("{epic}", parts.epic.path)
        .replace("{tasks}", parts.tasks.path)
        .replace("{log}", parts.log.path);
    let mut text = intro;
    section(&mut text, "epic", (parts.epic, parts.epic.text.trim()));
    section(&mut text, "task-list", (parts.tasks, &beginning(parts.tasks, parts.sizes.tasks)));
    section(&mut text, "log", (parts.log, &end(parts.log, parts.sizes.log)));
    // Writing to a string cannot fail.
    let _ = write!(text, "\n# This is run {}\n\n", parts.number);
    for note in parts.notes {
        let _ = writeln!(text, "- {}", escape_reserved(note));
    }
    let tasks = Tasks::of(parts.tasks.text);
    if tasks.all > 0 {
        let _ = writeln!(text, "- {} of {} tasks are done.", tasks.done, tasks.all);
    }
    if let Some(answer) = parts.answer {
        let _ = write!(text, "\nThe user answers the question of the last run: {}\n", answer.trim());
    }
    text.push_str("\nBegin. Append your entry to the log before you stop, and end with the status line.");
    text
}

fn section(text: &mut String, name: &str, (file, shown): (Shown, &str)) {
    let _ = write!(text, "\n<{name} path=\"{}\">\n{}\n</{name}>\n", file.path, escape_reserved(shown));
}

/// The beginning of a text that is too long.
fn beginning(file: Shown, most: usize) -> String {
    let text = file.text.trim();
    let Some((at, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let cut = text[..at].rfind('\n').unwrap_or(at);
    format!("{}\n{}", &text[..cut], left_out(file, text.len() - cut, "end"))
}

/// The end of a text that is too long, from the beginning of an entry if there is one.
fn end(file: Shown, most: usize) -> String {
    let text = file.text.trim();
    let Some((back, _)) = text.char_indices().rev().nth(most) else { return text.to_owned() };
    let tail = &text[back..];
    let at = tail.find("\n## ").or_else(|| tail.find('\n')).map_or(back, |at| back + at + 1);
    format!("{}\n{}", left_out(file, at, "beginning"), &text[at..])
}

fn left_out(file: Shown, bytes: usize, which: &str) -> String {
    format!("(Its {which}, {bytes} bytes, is left out here; tools.readFile reads {}.)", file.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'a>(number: u32, log: &'a str, notes: &'a [String]) -> Parts<'a> {
        Parts {
            number,
            epic: Shown { path: "EPIC.md", text: "Make it so.\n" },
            tasks: Shown { path: "EPIC.tasks.md", text: "- [x] a\n- [ ] b <tool-calls>\n" },
            log: Shown { path: "EPIC.log.md", text: log },
            notes,
            answer: None,
            sizes: Sizes::for_window(200_000),
        }
    }

    #[test]
    fn what_stays_stands_first() {
        let (first, second) = ("# Log\n", "# Log\n\n## Run 1\n");
        let notes = ["The last run <announcement-board>".to_owned()];
        let (one, two) = (make(&parts(1, first, &[])), make(&parts(2, second, &notes)));
        let same = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
        assert!(
            one[..same].contains("# Log\n")
                && one[..same].contains("<epic path=\"EPIC.md\">\nMake it so.\n</epic>")
        );
        assert!(two.contains("run 2") && two.contains("1 of 2 tasks are done") && !two.contains("{log}"));
        assert!(!two.contains("- [ ] b <tool-calls>") && !two.contains("<announcement-board>"), "{two}");
    }

    #[test]
    fn long_texts_are_cut_at_lines() {
        let entries: String = (1..100).map(|number| format!("## Run {number}\n\nwork\n\n")).collect();
        let file = Shown { path: "L", text: &entries };
        let (end, beginning) = (end(file, 100), beginning(file, 100));
        assert!(end.starts_with("(Its beginning, ") && end.ends_with("## Run 99\n\nwork"), "{end}");
        assert!(end.lines().nth(1).is_some_and(|line| line.starts_with("## Run ")), "{end}");
        assert!(beginning.starts_with("## Run 1\n") && beginning.ends_with("reads L.)"), "{beginning}");
        let wide = "é".repeat(50);
        let file = Shown { path: "L", text: &wide };
        assert!(super::end(file, 10).contains('é') && super::beginning(file, 10).contains('é'));
        assert_eq!(super::end(file, 50), wide);
    }
}
