//! Mentions as they are written in a prompt: `@src/a.rs`, `@src/a.rs:12-20`, `@src/a.rs#walk`, `@"my file.md"`,
//! `@diagnostics`, `@session:<id>`. Says what each may mean; whether there is such a thing is found out elsewhere. Pure.

/// Mentions of one text that are looked at.
const MOST: usize = 50;

/// What may stand behind a mention: it is not of it, unless there is a file of that very name.
const PUNCTUATION: &[char] =
    &['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'', '`', '*', '…', '。', '，', '）'];

/// What a mention may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// What other language servers found.
    Diagnostics,
    /// Another session, by its id.
    Session(String),
    /// A file or folder, by its path.
    Path(String, Part),
}

/// The part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Lines, from 1, both included.
    Lines(u32, u32),
    /// A symbol, by its name.
    Symbol(String),
}

/// The mentions of a text in their order; of each what it may mean, likeliest first. What stands in code is none.
pub fn mentions(text: &str) -> Vec<Vec<Target>> {
    let mut found = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (&fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, Some(mark)) => fence = Some(mark.to_owned()),
            (None, None) => found.extend(in_line(line)),
        }
        if found.len() >= MOST {
            found.truncate(MOST);
            break;
        }
    }
    found
}

fn in_line(line: &str) -> Vec<Vec<Target>> {
    let mut found = Vec::new();
    let mut code = false;
    let mut rest_from = 0;
    for (at, c) in line.char_indices() {
        if at < rest_from {
            continue;
        }
        if c == '`' {
            code = !code;
        }
        if c != '@' || code || !may_begin(line, at) {
            continue;
        }
        let written = token(&line[at + 1..]);
        if written.is_empty() {
            continue;
        }
        rest_from = at + 1 + written.len();
        found.push(meanings(written));
    }
    found
}

/// Whether a mention may begin at byte `at` of `text`: not in the middle of a word, as in an address.
pub fn may_begin(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| c.is_whitespace() || "([{<\"'*_".contains(c))
}

/// What is written behind the `@`, up to the next blank; with quotes up to the closing one, and what follows without a blank.
fn token(rest: &str) -> &str {
    let quoted = rest.strip_prefix('"').and_then(|inner| inner.find('"')).map(|end| end + 2);
    let from = quoted.unwrap_or(0);
    let end = rest[from..].find(char::is_whitespace).map_or(rest.len(), |end| from + end);
    &rest[..end]
}

fn meanings(written: &str) -> Vec<Target> {
    if let Some(inner) = written.strip_prefix('"')
        && let Some((path, rest)) = inner.split_once('"')
    {
        return with_part(path, rest.trim_end_matches(PUNCTUATION));
    }
    let mut found = Vec::new();
    let mut rest = written;
    loop {
        for target in bare(rest) {
            if !found.contains(&target) {
                found.push(target);
            }
        }
        let Some(shorter) = rest.strip_suffix(PUNCTUATION) else { return found };
        if shorter.is_empty() {
            return found;
        }
        rest = shorter;
    }
}

fn bare(written: &str) -> Vec<Target> {
    if written == "diagnostics" {
        return vec![Target::Diagnostics, Target::Path(written.to_owned(), Part::Whole)];
    }
    if let Some(id) = written.strip_prefix("session:").filter(|id| !id.is_empty()) {
        return vec![Target::Session(id.to_owned())];
    }
    let mut found = vec![Target::Path(written.to_owned(), Part::Whole)];
    if let Some((path, lines)) = written.rsplit_once(':') {
        found.extend(lines_of(lines).map(|part| Target::Path(path.to_owned(), part)));
    }
    if let Some((path, symbol)) =
        written.split_once('#').filter(|(path, symbol)| !path.is_empty() && !symbol.is_empty())
    {
        found.push(Target::Path(path.to_owned(), Part::Symbol(symbol.to_owned())));
    }
    found
}

/// A path in quotes, and what follows.
fn with_part(path: &str, rest: &str) -> Vec<Target> {
    let part = match (rest.strip_prefix(':'), rest.strip_prefix('#')) {
        (Some(lines), _) => lines_of(lines),
        (_, Some(symbol)) if !symbol.is_empty() => Some(Part::Symbol(symbol.to_owned())),
        _ => None,
    };
    vec![Target::Path(path.to_owned(), part.unwrap_or(Part::Whole))]
}

/// `12` or `12-20`.
fn lines_of(written: &str) -> Option<Part> {
    let (first, last) = written.split_once('-').unwrap_or((written, written));
    let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && last >= first).then_some(Part::Lines(first, last))
}

/// A path as it is written behind an `@`.
pub fn quoted(path: &str) -> String {
    let plain = !path.is_empty() && !path.contains(|c: char| c.is_whitespace() || c == '"' || c == '#');
    // A mark at its end would be taken for one of the sentence, if there were such a file.
    if plain || path.contains('"') { path.to_owned() } else { format!("\"{path}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(path: &str, part: Part) -> Target {
        Target::Path(path.to_owned(), part)
    }

    fn check(text: &str, expected: &[&[Target]]) {
        assert_eq!(mentions(text), expected, "{text}");
    }

    #[test]
    fn what_mentions_may_mean() {
        use Part::{Lines, Symbol, Whole};
        check("Look at @src/a.rs please", &[&[path("src/a.rs", Whole)]]);
        check("@a:12", &[&[path("a:12", Whole), path("a", Lines(12, 12))]]);
        check("(@a:3-9)", &[&[path("a:3-9)", Whole), path("a:3-9", Whole), path("a", Lines(3, 9))]]);
        check("@a#b.c", &[&[path("a#b.c", Whole), path("a", Symbol("b.c".to_owned()))]]);
        check("@a.", &[&[path("a.", Whole), path("a", Whole)]]);
        check("@\"my file.md\":2, and", &[&[path("my file.md", Lines(2, 2))]]);
        check("@\"my file.md\"#Intro", &[&[path("my file.md", Symbol("Intro".to_owned()))]]);
        check("@diagnostics", &[&[Target::Diagnostics, path("diagnostics", Whole)]]);
        check("@session:01a?", &[&[Target::Session("01a?".to_owned()), Target::Session("01a".to_owned())]]);
        check("@a @b\n@c", &[&[path("a", Whole)], &[path("b", Whole)], &[path("c", Whole)]]);
        check("@src/", &[&[path("src/", Whole)]]);
    }

    #[test]
    fn addresses_and_code_mention_nothing() {
        check("me@example.org @ x @", &[]);
        check("`@a` and\n```py\n@property\n```\n@b", &[&[path("b", Part::Whole)]]);
        check("~~~\n```\n@a\n", &[]);
        check("@a:0", &[&[path("a:0", Part::Whole)]]);
        check("@a:9-3", &[&[path("a:9-3", Part::Whole)]]);
    }

    #[test]
    fn paths_come_back_as_they_are_quoted() {
        for name in ["src/a.rs", "my file.md", "a#b", "ü/é.rs", "tab\tname"] {
            let text = format!("see @{} now", quoted(name));
            assert!(mentions(&text)[0].contains(&path(name, Part::Whole)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "[@a\"#: .`\n\u{1F600}é0-9-]{0,60}") {
            for one in mentions(&text) {
                prop_assert!(!one.is_empty());
            }
        }

        #[test]
        fn any_path_without_quotes_comes_back(name in "[^\"\n\r`]{1,20}") {
            prop_assume!(!name.starts_with('"') && !name.trim().is_empty());
            let text = format!("see @{} now", quoted(&name));
            let found = mentions(&text);
            prop_assume!(!found.is_empty());
            prop_assert!(found[0].contains(&path(&name, Part::Whole)), "{text:?} {found:?}");
        }
    }
}
