//! The prompt document: a Markdown file of ours in which a user of any editor writes a prompt, to be sent by a code action or
//! `glossator.send`. What its text says; the text itself is the editor's.

use crate::markdown::{Fences, Place, one_line};
use glossator_session::{Ask, AskId, AskSubject, Grant};
use glossator_text::Range;

/// The line that stands above the prompt; it is not sent.
pub const HEADING: &str = "<!-- Glossator: write below what to do. Code action: Send (glossator.send). -->";
/// What every version of it begins with.
const HEADED: &str = "<!-- Glossator: write below";
/// What every line of ours begins with, but for the answers that are offered.
const OURS: &str = "<!-- Glossator";
/// What the line begins with that says what a prompt is about.
const ABOUT: &str = "<!-- Glossator: about ";

/// What stands for all questions that the document offers to allow.
pub const ALL: &str = "all";
/// Characters of an answer that is offered.
const ANSWER: usize = 200;

/// What a prompt is about.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    pub uri: String,
    pub range: Range,
}

/// A line that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    pub verb: Verb,
    /// The question, which may be cut at its dash.
    pub id: String,
    /// What follows.
    pub rest: String,
}

/// What is done with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Allow,
    Deny,
    Answer,
}

/// What is written in a prompt document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// What is to be sent, trimmed.
    pub text: String,
    /// Answers to questions, in order.
    pub answers: Vec<AnswerLine>,
    /// Questions that lines of ours offer to allow, by their names there.
    pub offered: Vec<String>,
    /// Whether the line is there that says what it is about.
    pub has_about: bool,
}

impl Written {
    /// Whether there is nothing to be sent.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.answers.is_empty()
    }
}

/// What the text of a prompt document says.
pub fn written(text: &str) -> Written {
    let mut found = Written::default();
    let mut kept: Vec<&str> = Vec::new();
    let mut fences = Fences::default();
    for line in text.lines() {
        if fences.line(line) != Place::Outside {
            kept.push(line);
            continue;
        }
        let trimmed = line.trim();
        if let Some(answer) = answer_line(trimmed) {
            found.answers.push(answer);
        } else if let Some(typed) = typed_into_heading(trimmed) {
            kept.push(typed);
        } else if is_ours(trimmed) {
            found.has_about |= trimmed.starts_with(ABOUT);
            found
                .offered
                .extend(offered_answer(trimmed).filter(|one| one.verb == Verb::Allow).map(|one| one.id));
        } else {
            kept.push(line);
        }
    }
    found.text = kept.join("\n").trim().to_owned();
    found
}

/// The prompt in the text of a document: without our lines, trimmed. Answers to questions are a part of it here.
pub fn prompt_in(text: &str) -> String {
    let mut fences = Fences::default();
    let kept = text.lines().filter_map(|line| match fences.line(line) {
        Place::Outside => typed_into_heading(line.trim()).or_else(|| (!is_ours(line.trim())).then_some(line)),
        _ => Some(line),
    });
    kept.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What a user typed within the line above the prompt, or on it, instead of below.
fn typed_into_heading(line: &str) -> Option<&str> {
    let same = |(a, b): &(char, char)| a == b;
    let begin: usize = line.chars().zip(HEADING.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let rest = HEADING.get(begin..)?;
    let typed = line.get(begin..)?.strip_suffix(rest)?;
    (!typed.is_empty()).then_some(typed)
}

/// Whether a line is ours: a heading, a note, or an answer that is only offered.
fn is_ours(line: &str) -> bool {
    let Some(inner) = line.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->")) else {
        return false;
    };
    line.starts_with(OURS)
        || line.starts_with("<!-- Write what should be done")
        || answer_line(inner.trim()).is_some()
}

/// The answer that a line of ours offers.
fn offered_answer(line: &str) -> Option<AnswerLine> {
    answer_line(line.strip_prefix("<!--")?.strip_suffix("-->")?.trim())
}

/// The answer that a line is.
fn answer_line(line: &str) -> Option<AnswerLine> {
    let (word, rest) = line.split_once(char::is_whitespace)?;
    let verb = match word.trim_end_matches(':') {
        "allow" | "Allow" => Verb::Allow,
        "deny" | "Deny" => Verb::Deny,
        "answer" | "Answer" => Verb::Answer,
        _ => return None,
    };
    let rest = rest.trim();
    let end = rest.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(rest.len());
    let (id, rest) = rest.split_at(end);
    let is_all = line == "allow all" && id == ALL;
    if !is_ask_id(id) && !is_all {
        return None;
    }
    let rest = rest.trim_start_matches([':', ' ', '\t']).trim();
    // Words behind an id without a colon are a sentence, but for how long a yes holds.
    let is_sentence = !rest.is_empty() && line.find(':').is_none() && verb != Verb::Allow;
    (!is_sentence).then(|| AnswerLine { verb, id: id.to_owned(), rest: rest.to_owned() })
}

/// A proposed answer as it can stand behind such a line, in a comment of ours: one line that ends no comment.
pub fn offered(answer: &str) -> String {
    one_line(answer, ANSWER).replace("--", "\u{2010}\u{2010}")
}

/// What people are told as the name of a question: what stands before the dash, where that is a name.
pub fn short(id: &AskId) -> &str {
    id.0.split_once('-').map(|(short, _)| short).filter(|short| is_ask_id(short)).unwrap_or(&id.0)
}

/// Whether `allow all` may answer a question: none that is asked anew each time.
pub fn is_common(ask: &Ask) -> bool {
    !matches!(ask.subject, AskSubject::Question { .. }) && ask.grants.contains(&Grant::Session)
}

/// Whether a question is called this: by its id, or by what stands before its dash.
pub fn is_called(id: &AskId, word: &str) -> bool {
    id.0 == word || id.0.split_once('-').is_some_and(|(short, _)| short == word)
}

/// Whether a word looks like the id of a question: `A3`, `A3-0f6f5f3f2a11`, `ask-1`.
fn is_ask_id(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = word.strip_prefix("ask-") {
        return digits(number);
    }
    let Some(rest) = word.strip_prefix('A') else { return false };
    let (number, tail) = rest.split_once('-').unwrap_or((rest, "0"));
    digits(number) && !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// As [`composed`], of a document that is there: whoever has taken the line above the prompt out of it gets none again.
pub fn recomposed(before: &str, about: Option<&str>, notes: &[String], text: &str) -> String {
    let composed = composed(about, notes, text);
    let is_heading = |line: &str| {
        let was_ours = line.starts_with(HEADED) && is_ours(line);
        was_ours || typed_into_heading(line).is_some()
    };
    let has_heading = before.lines().any(|line| is_heading(line.trim()));
    let bare = composed.strip_prefix(HEADING).map(|rest| rest.trim_start_matches('\n'));
    match bare {
        Some(bare) if !has_heading => bare.to_owned(),
        _ => composed,
    }
}

/// A prompt document with these notes above what is written in it; `about` says what it is about: `src/a.rs, lines 3 to 9`.
pub fn composed(about: Option<&str>, notes: &[String], text: &str) -> String {
    let mut out = format!("{HEADING}\n");
    let about = about.map(|about| format!("{ABOUT}{about}. Take this line out to leave it out. -->"));
    for line in about.iter().chain(notes) {
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
    if !text.is_empty() {
        out.push_str(text);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: Option<&str> = Some("a, lines 3 to 9");

    #[test]
    fn lines_of_ours_are_not_sent() {
        let notes =
            ["<!-- Glossator asks A3: Run it? -->".to_owned(), "<!-- deny A3: say why -->".to_owned()];
        let text = composed(LINES, &notes, "Fix it\n\n<!-- a comment of mine -->");
        let found = written(&text);
        assert_eq!(found.text, "Fix it\n\n<!-- a comment of mine -->");
        assert!(found.has_about && found.answers.is_empty());
        assert_eq!(prompt_in(&text), found.text);
        assert!(!written(&composed(None, &[], "")).has_about);
        assert!(written(&composed(None, &[], "")).is_empty());
        assert_eq!(written("\r\nx\r\n").text, "x");
    }

    #[test]
    fn what_is_typed_into_the_heading_is_not_lost() {
        for at in [0, 4, HEADING.len() / 2, HEADING.len() - 3, HEADING.len()] {
            let (begin, end) = HEADING.split_at(at);
            let text = format!("{begin}plan ünd more{end}\n\nFix it\n");
            assert_eq!(prompt_in(&text).trim(), "plan ünd more\n\nFix it", "{at}");
            assert_eq!(written(&text).text, prompt_in(&text), "{at}");
        }
        // What was taken out of it is no prompt.
        assert_eq!(prompt_in(&HEADING[..HEADING.len() - 40]), HEADING[..HEADING.len() - 40].trim());
    }

    #[test]
    fn a_heading_that_was_taken_out_stays_out() {
        let check =
            |before: &str, wanted: &str| assert_eq!(recomposed(before, None, &[], "x"), wanted, "{before}");
        check(&composed(None, &[], "y"), &composed(None, &[], "x"));
        check("", "x\n");
        check("y\n", "x\n");
        check(&format!("{HEADING}typed\n"), &composed(None, &[], "x"));
        check("<!-- Glossator: write below, said an older version. -->\n\ny\n", &composed(None, &[], "x"));
        assert_eq!(
            recomposed("y", None, &["<!-- Glossator: n -->".to_owned()], "x"),
            "<!-- Glossator: n -->\n\nx\n"
        );
        assert_eq!(recomposed("y", None, &[], ""), "");
    }

    #[test]
    fn lines_that_answer() {
        let check = |line: &str, expected: Option<(Verb, &str, &str)>| {
            let found = answer_line(line);
            let found = found.as_ref().map(|one| (one.verb, one.id.as_str(), one.rest.as_str()));
            assert_eq!(found, expected, "{line}");
        };
        check("allow A3", Some((Verb::Allow, "A3", "")));
        check("Allow A3 session", Some((Verb::Allow, "A3", "session")));
        check(
            "deny A3-0f6f5f3f2a11: use nextest: it is faster",
            Some((Verb::Deny, "A3-0f6f5f3f2a11", "use nextest: it is faster")),
        );
        check("deny A3", Some((Verb::Deny, "A3", "")));
        check("allow all", Some((Verb::Allow, "all", "")));
        check("allow all users in", None);
        check("deny all", None);
        check("Allow all", None);
        check("deny: A3: no", Some((Verb::Deny, "A3", "no")));
        check("answer ask-2: the new one", Some((Verb::Answer, "ask-2", "the new one")));
        for words in [
            "allow it",
            "deny A3 because",
            "answer me",
            "Allow all of A3",
            "allow",
            "deny Ax",
            "deny A3-",
            "allow A3-zz",
            "deny ask-x",
            "allowed A3",
        ] {
            check(words, None);
        }
    }

    #[test]
    fn what_is_offered_stays_a_comment_until_it_is_uncommented() {
        for answer in ["the new one", "with --force", "a --> b", "line\nbreak"] {
            let offer = format!("answer A3: {}", offered(answer));
            assert!(written(&format!("<!-- {offer} -->")).is_empty(), "{answer}");
            let found = written(&offer);
            assert_eq!((found.answers.len(), found.answers[0].rest.as_str()), (1, offered(answer).as_str()));
        }
        assert!(written("<!-- answer A3: -->").is_empty());
    }

    #[test]
    fn answers_are_taken_out_of_the_text() {
        let found =
            written("deny A1: no\n\nAlso do this\n```\nallow A2\n<!-- Glossator: x -->\n```\n  allow A2\n");
        assert_eq!(found.text, "Also do this\n```\nallow A2\n<!-- Glossator: x -->\n```");
        let ids: Vec<&str> = found.answers.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["A1", "A2"]);
    }

    proptest! {
        #[test]
        fn what_is_written_comes_through(text in "[a-z#> \n`*-]{0,80}") {
            let composed = composed(LINES, &["<!-- allow A1 -->".to_owned()], text.trim());
            let found = written(&composed);
            prop_assert_eq!(found.text, text.trim());
            prop_assert!(found.answers.is_empty() && found.has_about);
        }
    }
}
