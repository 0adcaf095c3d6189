//! What is being written at a place of a prompt: a mention, a part of one, or a command. Pure.

use crate::mentions::may_begin;

/// What is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The byte where it begins: the `@` or the `/`.
    pub start: usize,
    /// What it is, as far as it is written.
    pub wanted: Wanted<'a>,
}

/// What may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// A file, a folder or anything else behind an `@`. `first`: it begins the prompt.
    Mention { query: &'a str, first: bool },
    /// A symbol of a file; of no file in particular where the path is empty.
    Symbol { path: &'a str, query: &'a str },
    /// A session.
    Session { query: &'a str },
    /// A command.
    Command { query: &'a str },
}

/// What is being written before byte `at` of `text`; `None`: nothing that could be helped with.
pub fn place(text: &str, at: usize) -> Option<Place<'_>> {
    let text = text.get(..at)?;
    let line = text.rfind('\n').map_or(0, |end| end + 1);
    command(text, line).or_else(|| mention(text, line))
}

fn command(text: &str, line: usize) -> Option<Place<'_>> {
    let written = &text[line..];
    let start = line + (written.len() - written.trim_start().len());
    let query = text[start..].strip_prefix('/')?;
    let is_word = query.chars().all(|c| c.is_ascii_alphabetic());
    // It is a command only where it is the whole prompt.
    let begins = without_comments(&text[..line]).trim().is_empty();
    (is_word && begins).then_some(Place { start, wanted: Wanted::Command { query } })
}

fn mention(text: &str, line: usize) -> Option<Place<'_>> {
    let written = &text[line..];
    let starts = written.char_indices().rev().filter(|(at, c)| *c == '@' && may_begin(written, *at));
    let (start, inner) =
        starts.map(|(at, _)| (line + at, &written[at + 1..])).find(|(_, inner)| is_open(inner))?;
    let inner = inner.strip_prefix('"').unwrap_or(inner);
    let wanted = match (inner.strip_prefix("session:"), inner.split_once('#')) {
        (Some(query), _) => Wanted::Session { query },
        (None, Some((path, query))) => Wanted::Symbol { path: path.trim_end_matches('"'), query },
        (None, None) => {
            let first = without_comments(&text[..start]).trim().is_empty();
            Wanted::Mention { query: inner, first }
        }
    };
    Some(Place { start, wanted })
}

/// Whether what is written behind an `@` may go on.
fn is_open(inner: &str) -> bool {
    match inner.strip_prefix('"').map(|quoted| quoted.split_once('"')) {
        Some(None) => true,
        Some(Some((_, rest))) => !rest.contains(char::is_whitespace),
        None => !inner.contains(char::is_whitespace),
    }
}

/// A text without `<!-- ... -->`.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The place of the bar in `marked`.
    fn check(marked: &str, expected: Option<(usize, Wanted)>) {
        let at = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let expected = expected.map(|(start, wanted)| Place { start, wanted });
        assert_eq!(place(&text, at), expected, "{marked}");
    }

    fn mention(query: &str, first: bool) -> Wanted<'_> {
        Wanted::Mention { query, first }
    }

    #[test]
    fn mentions() {
        check("@|", Some((0, mention("", true))));
        check("look at @src/a|.rs", Some((8, mention("src/a", false))));
        check("<!-- heading -->\n\n@rev|", Some((18, mention("rev", true))));
        check("é (@a|", Some((4, mention("a", false))));
        check("@a b|", None);
        check("a@b|", None);
        check("|@a", None);
        check("@\"my fi|", Some((0, mention("my fi", true))));
        check("@\"my file\" x|", None);
        check("@a @b|", Some((3, mention("b", false))));
        check("@src/a.rs#wa|", Some((0, Wanted::Symbol { path: "src/a.rs", query: "wa" })));
        check("@\"my file.rs\"#wa|", Some((0, Wanted::Symbol { path: "my file.rs", query: "wa" })));
        check("@#wa|", Some((0, Wanted::Symbol { path: "", query: "wa" })));
        check("@session:par|", Some((0, Wanted::Session { query: "par" })));
    }

    #[test]
    fn commands_begin_the_prompt() {
        check("/|", Some((0, Wanted::Command { query: "" })));
        check("<!-- a\nb -->\n\n  /com|", Some((16, Wanted::Command { query: "com" })));
        check("text\n/com|", None);
        check("/model a|", None);
        check("/usr/|", None);
        check("a /com|", None);
    }

    proptest! {
        #[test]
        fn it_begins_before_the_place(text in "[@/\"# a\né\u{1F600}<!>-]{0,40}", at in 0usize..60) {
            if let Some(found) = place(&text, at) {
                prop_assert!(found.start < at && text.is_char_boundary(found.start));
                prop_assert!("@/".contains(&text[found.start..=found.start]));
            }
        }
    }
}
