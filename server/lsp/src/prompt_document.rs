//! The prompt document: a Markdown file of ours in which a user of any editor writes a prompt, to be sent by a code action or
//! `glossator.send`. What its text says, and what each of one connection is about; the text itself is the editor's.

use crate::markdown::{Fences, Place};
use crate::ours::{Folders, Kind, Ours};
use glossator_session::TurnId;
use glossator_text::Range;
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

/// The line that stands above the prompt; it is not sent.
pub const HEADING: &str = "<!-- Glossator: write below what should be done, then run the code action \"Send to Glossator\" (or \
                           glossator.send). While a turn runs, that adds to it; \"Queue\" (glossator.queue) waits for its end. -->";
/// What every line of ours begins with, but for the answers that are offered.
const OURS: &str = "<!-- Glossator";
/// What the line begins with that says what a prompt is about.
const ABOUT: &str = "<!-- Glossator: about ";

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
        } else if is_ours(trimmed) {
            found.has_about |= trimmed.starts_with(ABOUT);
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
    let is_kept = |line: &&str| fences.line(line) != Place::Outside || !is_ours(line.trim());
    text.lines().filter(is_kept).collect::<Vec<_>>().join("\n").trim().to_owned()
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
    if !is_ask_id(id) {
        return None;
    }
    let rest = rest.trim_start_matches([':', ' ', '\t']).trim();
    // Words behind an id without a colon are a sentence, but for how long a yes holds.
    let is_sentence = !rest.is_empty() && line.find(':').is_none() && verb != Verb::Allow;
    (!is_sentence).then(|| AnswerLine { verb, id: id.to_owned(), rest: rest.to_owned() })
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

/// The prompt documents of one connection, by URI, and the transcripts that are kept up to date.
#[derive(Default)]
pub struct Prompts {
    /// Where our documents are.
    pub folders: Folders,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: BTreeSet<String>,
    about: HashMap<String, About>,
    /// What was sent from each last, until its turn is known to have begun well.
    sent: HashMap<String, Sent>,
    /// What waits to be stored as a draft: since when, and when it was changed last.
    drafts: HashMap<String, (Instant, Instant)>,
    followed: HashSet<String>,
}

/// A prompt that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub turn: TurnId,
    pub text: String,
    pub about: Option<About>,
}

impl Prompts {
    /// Those whose documents lie in `folders`.
    pub fn new(folders: Folders) -> Prompts {
        Prompts { folders, state: Mutex::default() }
    }

    /// The prompt document `uri`, if it is one.
    pub fn document(&self, uri: &str) -> Option<Ours> {
        self.folders.document(uri).filter(|ours| ours.kind == Kind::Prompt)
    }

    pub fn is_prompt(&self, uri: &str) -> bool {
        self.document(uri).is_some()
    }

    /// The editor has opened a prompt document.
    pub fn opened(&self, uri: &str) {
        self.state.lock().open.insert(uri.to_owned());
    }

    /// The editor has closed a document.
    pub fn closed(&self, uri: &str) {
        self.state.lock().open.remove(uri);
    }

    /// The prompt documents that are open.
    pub fn open(&self) -> Vec<String> {
        self.state.lock().open.iter().cloned().collect()
    }

    /// A prompt document is about something from now on, or about nothing.
    pub fn set_about(&self, uri: &str, about: Option<About>) {
        let mut state = self.state.lock();
        match about {
            Some(about) => state.about.insert(uri.to_owned(), about),
            None => state.about.remove(uri),
        };
    }

    /// What the prompt at `uri` is about.
    pub fn about(&self, uri: &str) -> Option<About> {
        self.state.lock().about.get(uri).cloned()
    }

    /// What was sent from a prompt document last.
    pub fn sent(&self, uri: &str, sent: Sent) {
        self.state.lock().sent.insert(uri.to_owned(), sent);
    }

    /// What was sent from it with this turn; once.
    pub fn take_sent(&self, uri: &str, turn: TurnId) -> Option<Sent> {
        let mut state = self.state.lock();
        state.sent.get(uri).filter(|sent| sent.turn == turn)?;
        state.sent.remove(uri)
    }

    /// A prompt document was changed: `true` the first time since its draft was stored.
    pub fn touch(&self, uri: &str) -> bool {
        let now = Instant::now();
        let mut is_first = false;
        let mut state = self.state.lock();
        let times = state.drafts.entry(uri.to_owned()).or_insert_with(|| {
            is_first = true;
            (now, now)
        });
        times.1 = now;
        is_first
    }

    /// Since when a draft waits to be stored, and when it was changed last.
    pub fn touched(&self, uri: &str) -> Option<(Instant, Instant)> {
        self.state.lock().drafts.get(uri).copied()
    }

    /// A draft is being stored: what is changed from now on is stored anew.
    pub fn untouch(&self, uri: &str) -> bool {
        self.state.lock().drafts.remove(uri).is_some()
    }

    /// `true` for the first: a document of ours that is kept up to date, by whoever asks.
    pub fn follow(&self, uri: &str) -> bool {
        self.state.lock().followed.insert(uri.to_owned())
    }

    /// It is not any more.
    pub fn unfollow(&self, uri: &str) {
        self.state.lock().followed.remove(uri);
    }
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
    fn answers_are_taken_out_of_the_text() {
        let found =
            written("deny A1: no\n\nAlso do this\n```\nallow A2\n<!-- Glossator: x -->\n```\n  allow A2\n");
        assert_eq!(found.text, "Also do this\n```\nallow A2\n<!-- Glossator: x -->\n```");
        let ids: Vec<&str> = found.answers.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["A1", "A2"]);
    }

    #[test]
    fn a_prompt_that_was_sent_comes_back_once_and_only_with_its_turn() {
        let prompts = Prompts::default();
        let sent = Sent { turn: TurnId(3), text: "x".to_owned(), about: None };
        prompts.sent("u", sent.clone());
        assert_eq!(prompts.take_sent("u", TurnId(2)), None);
        assert_eq!(prompts.take_sent("u", TurnId(3)), Some(sent));
        assert_eq!(prompts.take_sent("u", TurnId(3)), None);
        assert!(prompts.touch("u") && !prompts.touch("u") && prompts.untouch("u") && prompts.touch("u"));
        assert!(prompts.follow("c") && !prompts.follow("c"));
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
