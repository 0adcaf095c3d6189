//! The line that a run ends with, and how many tasks of a list are done: what a model wrote, read with patience. Pure.

/// How a run says that it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// There is more to do.
    Continue,
    /// The epic is done.
    Done,
    /// It cannot go on without an answer to this.
    Question(String),
}

/// What a text says of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Status(Status),
    /// Nothing.
    Nothing,
    /// A line that says none of the three.
    Unclear(String),
}

/// Characters of a line or of a question that are shown.
const SHOWN: usize = 2_000;
/// What models put around a line or a word.
const DECORATION: &[char] = &['*', '_', '`', '#', '>', '-', '"', '\'', ' ', '\t', '\r'];

/// What the last line of `text` that begins with `STATUS:` says.
pub fn read(text: &str) -> Said {
    let lines: Vec<&str> = text.lines().collect();
    let found = lines.iter().enumerate().rev().find_map(|(at, line)| Some((at, after_status(line)?)));
    let Some((at, rest)) = found else { return Said::Nothing };
    let unclear = || Said::Unclear(lines[at].trim().chars().take(SHOWN).collect());
    let rest = rest.trim_matches(DECORATION);
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (word, more) = rest.split_at(end);
    let more = more.trim_matches(DECORATION);
    match word.to_lowercase().as_str() {
        "question" => {
            let own = more.trim_start_matches(':').trim();
            let all = std::iter::once(own).chain(lines[at + 1..].iter().map(|line| line.trim()));
            let question: Vec<&str> = all.filter(|line| !line.is_empty()).collect();
            let question: String = question.join("\n").trim_matches(DECORATION).chars().take(SHOWN).collect();
            if question.is_empty() { unclear() } else { Said::Status(Status::Question(question)) }
        }
        "continue" if is_comment(more) => Said::Status(Status::Continue),
        "done" if is_comment(more) => Said::Status(Status::Done),
        _ => unclear(),
    }
}

/// What follows `STATUS:` on a line that begins so.
fn after_status(line: &str) -> Option<&str> {
    const WORD: &str = "status";
    let line = line.trim_start_matches(DECORATION);
    let (word, rest) = line.split_at_checked(WORD.len())?;
    let rest = rest.trim_start_matches(DECORATION);
    word.eq_ignore_ascii_case(WORD).then(|| rest.strip_prefix(':')).flatten()
}

/// Whether what stands behind a status leaves it as it is: "done | continue" and "done with the first half" do not.
fn is_comment(more: &str) -> bool {
    !more.contains('|') && !more.starts_with(char::is_alphanumeric)
}

/// How many tasks of a list are done, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tasks {
    pub done: usize,
    pub all: usize,
}

impl Tasks {
    /// Of a Markdown list; `- [ ]` lines in fences are examples.
    pub fn of(text: &str) -> Tasks {
        let mut tasks = Tasks::default();
        let mut fenced = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("```") || line.starts_with("~~~") {
                fenced = !fenced;
            }
            let ticked = item(line).filter(|_| !fenced).and_then(|item| match item.as_bytes() {
                [b'[', b' ', b']', ..] => Some(false),
                [b'[', b'x' | b'X', b']', ..] => Some(true),
                _ => None,
            });
            tasks.all += usize::from(ticked.is_some());
            tasks.done += usize::from(ticked == Some(true));
        }
        tasks
    }

    pub fn open(self) -> usize {
        self.all - self.done
    }
}

/// What stands in an item of a list.
fn item(line: &str) -> Option<&str> {
    let bullet = line.strip_prefix(['-', '*', '+']);
    let numbered = || {
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        line[digits..].strip_prefix(['.', ')']).filter(|_| digits > 0)
    };
    bullet.or_else(numbered)?.strip_prefix(' ').map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines() {
        let status = |status| Said::Status(status);
        let question = |text: &str| Said::Status(Status::Question(text.to_owned()));
        let unclear = |text: &str| Said::Unclear(text.to_owned());
        let check = |text: &str, expected: Said| assert_eq!(read(text), expected, "{text:?}");
        check("All is well.\nSTATUS: done", status(Status::Done));
        check("STATUS: continue\n", status(Status::Continue));
        check("**Status: Done.**\r\n\r\n", status(Status::Done));
        check("- `STATUS: continue`", status(Status::Continue));
        check("**STATUS**: done", status(Status::Done));
        check("> status : done (all 7 tasks)", status(Status::Done));
        check("STATUS: continue\nmore\nSTATUS: done", status(Status::Done));
        check("STATUS: question: Which port?", question("Which port?"));
        check("STATUS: question\n\nWhich port?\nOr none?", question("Which port?\nOr none?"));
        check("STATUS: Question: *Which?*", question("Which?"));
        check("STATUS: question:", unclear("STATUS: question:"));
        check("STATUS: continue | done | question: ...", unclear("STATUS: continue | done | question: ..."));
        check("STATUS: done with the first half", unclear("STATUS: done with the first half"));
        check("STATUS: donemaybe", unclear("STATUS: donemaybe"));
        check("STATUS:", unclear("STATUS:"));
        check("STATUS: фертиг", unclear("STATUS: фертиг"));
        check("The status is done.", Said::Nothing);
        check("I will say STATUS: done later", Said::Nothing);
        check("statüs: done", Said::Nothing);
        check("", Said::Nothing);
    }

    #[test]
    fn tasks_are_counted() {
        let check = |text: &str, done: usize, all: usize| {
            assert_eq!(Tasks::of(text), Tasks { done, all }, "{text:?}");
        };
        check("", 0, 0);
        check("# Tasks\n- [ ] a\n- [x] b\n  * [X] c\n1. [ ] d\n12) [x] e\n", 3, 5);
        check("- []\n- [y] a\n-[ ] b\n[ ] c\n", 0, 0);
        check("```\n- [ ] example\n```\n- [x] real\n", 1, 1);
        assert_eq!(Tasks { done: 1, all: 3 }.open(), 2);
    }
}

#[cfg(test)]
mod any {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_is_too_much(text in "\\PC{0,80}|[-*#`>sStTaAuU: \\ndoneD|\\[\\]x]{0,80}") {
            read(&text);
            let tasks = Tasks::of(&text);
            prop_assert!(tasks.done <= tasks.all);
        }
    }
}
