//! Titles: what a session is called after its first prompt, and what becomes of a title that a model or a person gives. Pure.

use glossator_session::InputPart;

/// Characters of a title at the most.
const MOST: usize = 60;
/// Characters of one that a person gave.
const MOST_GIVEN: usize = 200;
/// Characters of a prompt that are looked at.
const LOOKED_AT: usize = 4000;

/// The title of a session that begins with `input`; empty if it says nothing.
pub(crate) fn of_prompt(input: &[InputPart]) -> String {
    let texts = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    let title = texts.map(of_text).find(|title| !title.is_empty());
    title.unwrap_or_else(|| cut(&input.iter().filter_map(shown).collect::<Vec<_>>().join(", ")))
}

/// A title of a model's or a person's as it is shown: one line, without quotes and marks around it, not too long.
pub(crate) fn clean(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.trim_start_matches(['#', '*', '-', '>', ' ']);
    let line = line.strip_prefix("Title:").or_else(|| line.strip_prefix("title:")).unwrap_or(line);
    let marks = |c: char| c.is_whitespace() || "\"'`*_.\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(c);
    cut(&words(line.trim_matches(marks)))
}

/// A title that a person gave, in one line.
pub(crate) fn given(text: &str) -> String {
    words(text).chars().take(MOST_GIVEN).collect()
}

/// The title that a text gives: its first sentence that is more than code.
fn of_text(text: &str) -> String {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let prose = without_blocks(&text);
    let lines = prose.lines().map(str::trim).filter(|line| !line.is_empty());
    let sentence = |line: &str| words(&first_sentence(&without_code(line)));
    let mut titles = lines.map(|line| clean(&sentence(line.trim_start_matches(['#', '>', '*', '-', ' ']))));
    let found = titles.find(|title| title.chars().any(char::is_alphanumeric));
    // Nothing but code: its first words are better than none.
    found.unwrap_or_else(|| clean(&words(&text.replace("```", " "))))
}

/// The text without blocks between fences.
fn without_blocks(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            inside = !inside;
        } else if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Marks of code go, long paths are named by their last part, addresses by their host.
fn without_code(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches('`');
        let (path, rest) = match bare.find(|c: char| ",;:!?)".contains(c)) {
            Some(at) if !bare.contains("://") => bare.split_at(at),
            _ => (bare, ""),
        };
        if let Some((_, address)) = path.split_once("://") {
            return address.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        }
        match path.trim_end_matches('/').rsplit_once(['/', '\\']) {
            Some((_, name)) if path.len() > 20 && !name.is_empty() => format!("{name}{rest}"),
            _ => bare.to_owned(),
        }
    };
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Up to the first end of a sentence behind a few words.
fn first_sentence(line: &str) -> String {
    let mut places = line.char_indices().peekable();
    while let Some((at, c)) = places.next() {
        let ends = match c {
            '.' | '!' | '?' => places.peek().is_none_or(|(_, next)| next.is_whitespace()),
            '\u{3002}' | '\u{ff01}' | '\u{ff1f}' => true,
            _ => false,
        };
        let before = &line[..at];
        // `e.g.` and `Dr.` end no sentence.
        let word = before.rsplit(' ').next().unwrap_or_default();
        let short = c == '.' && (word.contains('.') || word.chars().count() <= 2) && before.contains(' ');
        if ends && !short && before.chars().count() >= 4 {
            let question = if c == '?' { "?" } else { "" };
            return format!("{before}{question}");
        }
    }
    line.to_owned()
}

/// What stands for a part that is not text.
fn shown(part: &InputPart) -> Option<String> {
    match part {
        InputPart::Text { .. } => None,
        InputPart::Mention { uri, range, .. } => {
            let path = uri.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
            let name = path.rsplit('/').next().unwrap_or_default();
            let line = range.as_ref().map(|range| format!(":{}", range.start.line + 1)).unwrap_or_default();
            Some(format!("{name}{line}"))
        }
        InputPart::Image { name, .. } if name.trim().is_empty() => Some("an image".to_owned()),
        InputPart::Image { name, .. } => Some(name.clone()),
    }
}

/// One line of single spaces, without control characters and marks that turn the direction of writing.
fn words(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most as long as a title may be, cut between words where that is possible.
fn cut(text: &str) -> String {
    let text = words(text);
    let Some((end, _)) = text.char_indices().nth(MOST) else { return text };
    let (room, _) = text.char_indices().nth(MOST - 1).unwrap_or((end, ' '));
    let short = &text[..room];
    let at = short.rfind(' ').filter(|at| *at > MOST / 2).unwrap_or(room);
    format!("{}\u{2026}", short[..at].trim_end_matches([' ', ',', ';', ':', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::{Position, Range};

    fn text(text: &str) -> InputPart {
        InputPart::Text { text: text.to_owned() }
    }

    #[test]
    fn titles_of_prompts() {
        let long = "Move the parser out of the server and give it tests of its own so that it can be fuzzed";
        for (prompt, title) in [
            ("Fix the parser", "Fix the parser"),
            ("Fix the parser. Then run the tests.", "Fix the parser"),
            ("Why does it fail? I see nothing.", "Why does it fail?"),
            ("  \n\n# Clean up the tests\n\nThey are slow.", "Clean up the tests"),
            ("Rename `parseDate` to `readDate`!", "Rename parseDate to readDate"),
            ("```rust\nfn main() {}\n```\nWhat does this do?", "What does this do?"),
            ("```\ncargo test\n```", "cargo test"),
            ("Look at server/agent/src/session/recording.rs, it is slow", "Look at recording.rs, it is slow"),
            ("Read https://example.org/a/b?c=d and do that", "Read example.org and do that"),
            (
                "Use v1.2.3 of it, e.g. as in main.rs, everywhere. Now",
                "Use v1.2.3 of it, e.g. as in main.rs, everywhere",
            ),
            ("a\u{7}b\u{202e}c\td", "a b c d"),
            ("Gr\u{fc}\u{df}e an die Welt. Und mehr.", "Gr\u{fc}\u{df}e an die Welt"),
            (
                "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{30c6}\u{30b9}\u{30c8}\u{3002}\u{6b21}",
                "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{30c6}\u{30b9}\u{30c8}",
            ),
            (long, "Move the parser out of the server and give it tests of its\u{2026}"),
            ("", ""),
            (" \n ", ""),
            ("?!", "?!"),
            ("...", ""),
        ] {
            assert_eq!(of_prompt(&[text(prompt)]), title, "{prompt:?}");
        }
    }

    #[test]
    fn what_is_pointed_at_names_a_prompt_without_words() {
        let at = |line| Position { line, character: 0 };
        let mention = |ranged: bool| InputPart::Mention {
            uri: "file:///a/b/parser.rs".to_owned(),
            range: ranged.then(|| Range { start: at(6), end: at(9) }),
            text: None,
        };
        assert_eq!(of_prompt(&[text(" "), mention(true), mention(false)]), "parser.rs:7, parser.rs");
        assert_eq!(of_prompt(&[mention(false), text("Explain")]), "Explain");
        assert_eq!(of_prompt(&[]), "");
    }

    #[test]
    fn titles_of_models_are_cleaned() {
        for (given, title) in [
            ("\"Parser clean-up\"\n", "Parser clean-up"),
            ("\n\n## **Parser clean-up.**", "Parser clean-up"),
            ("Title: Parser clean-up", "Parser clean-up"),
            ("one\ntwo", "one"),
            ("\u{1b}[31mred", "[31mred"),
        ] {
            assert_eq!(clean(given), title, "{given:?}");
        }
    }

    #[test]
    fn titles_of_people_are_theirs() {
        assert_eq!(given(" # A\u{7} name:\n`x` "), "# A name: `x`");
        assert_eq!(given(&"x".repeat(500)).len(), MOST_GIVEN);
    }

    #[test]
    fn a_title_is_one_short_line_whatever_is_typed() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 33
        };
        let alphabet: Vec<char> =
            "ab .?!`/\\:\n\r\t#*\u{202e}\u{0}\u{1f600}\u{e4}\u{3002}\"".chars().collect();
        for _ in 0..3000 {
            let length = next() % 200;
            let prompt: String = (0..length).map(|_| alphabet[next() as usize % alphabet.len()]).collect();
            for title in [of_prompt(&[text(&prompt)]), clean(&prompt)] {
                assert!(title.chars().count() <= MOST, "{prompt:?} {title:?}");
                assert!(!title.chars().any(|c| c.is_control() || c == '\u{202e}'), "{prompt:?} {title:?}");
                assert_eq!(title.trim(), title, "{prompt:?}");
            }
        }
    }
}
