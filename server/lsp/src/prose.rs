//! Sentences of ours in our own Markdown: as code what stands in backticks, in lines that narrow windows and editors without
//! soft wrap show whole. Texts of models and files are `markdown`'s. Pure.

use crate::markdown::one_line;

/// Columns of a line.
const WIDTH: usize = 80;

/// Sentences of at most `cap` characters as Markdown, in which nothing is markup but code in backticks. Lines behind the first
/// begin with `indent` blanks.
pub fn prose(text: &str, (cap, indent): (usize, usize)) -> String {
    wrapped(&escaped(&one_line(text, cap)), indent)
}

/// As [`prose`], in one line however long it is.
pub fn line(text: &str, cap: usize) -> String {
    escaped(&one_line(text, cap))
}

/// The first sentence of a text.
pub fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// Markdown of ours in lines of at most 80 columns; those behind the first begin with `indent` blanks. What stands in backticks
/// is not broken, nor a word that is longer than a line.
pub fn wrapped(markdown: &str, indent: usize) -> String {
    let mut out = String::with_capacity(markdown.len() + 16);
    let mut column = 0;
    for word in words(markdown) {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH && !begins_something(&word) {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word);
        column += width;
    }
    out
}

/// The words of a text; code in backticks is one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for part in text.split_whitespace() {
        match words.last_mut().filter(|_| is_open) {
            Some(last) => {
                last.push(' ');
                last.push_str(part);
            }
            None => words.push(part.to_owned()),
        }
        is_open ^= part.matches('`').count() % 2 == 1;
    }
    words
}

/// Whether a word would be more than a word at the beginning of a line.
fn begins_something(word: &str) -> bool {
    let only = |mark: char| word.chars().all(|c| c == mark);
    let number = word.strip_suffix(['.', ')']).unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    word.starts_with(['>', '|'])
        || word.starts_with("```")
        || word.starts_with("~~~")
        || matches!(word, "+" | "*")
        || only('#')
        || only('-')
        || only('=')
        || is_number
}

/// A line in which nothing is markup but code in backticks.
fn escaped(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    let last = pieces.len() - 1;
    let mut out = String::with_capacity(line.len() + 8);
    // The other beginnings are numbers, which may stay, or escaped below.
    let first = line.split(' ').next().unwrap_or_default();
    if first.starts_with(['#', '>', '|', '+', '-', '=']) && begins_something(first) {
        out.push('\\');
    }
    for (at, piece) in pieces.iter().enumerate() {
        match at % 2 {
            // One that is never closed, or holds nothing, is a mark like others.
            1 if at == last || piece.is_empty() => {
                out.push_str("\\`");
                text(&mut out, piece);
                if at < last {
                    out.push_str("\\`");
                }
            }
            1 => {
                out.push('`');
                out.push_str(piece);
                out.push('`');
            }
            _ => text(&mut out, piece),
        }
    }
    out
}

/// Adds text without backticks; only what would be markup where it stands is escaped, since some editors show the marks.
fn text(out: &mut String, piece: &str) {
    let mut before = ' ';
    let mut rest = piece.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let is_markup = match c {
            '\\' | '*' | '<' => true,
            '_' => !before.is_alphanumeric() || !after.is_alphanumeric(),
            ']' => matches!(after, '(' | '[' | ':'),
            '~' => after == '~' || before == '~',
            '&' => after.is_ascii_alphanumeric() || after == '#',
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sentences_are_shown_as_they_are() {
        for (said, shown) in [
            ("Run `glossator login a_b`, or set A_KEY.", "Run `glossator login a_b`, or set A_KEY."),
            ("[providers.a] has no base_url", "[providers.a] has no base_url"),
            ("see [this](there) and [that]: x", "see [this\\](there) and [that\\]: x"),
            ("*bold* _so_ <b> &amp; a & b ~~x~~", "\\*bold\\* \\_so\\_ \\<b> \\&amp; a & b \\~\\~x\\~\\~"),
            ("one ` alone", "one \\` alone"),
            ("none `` here", "none \\`\\` here"),
            ("# not a heading", "\\# not a heading"),
            ("> x", "\\> x"),
            ("a\n\nb", "a b"),
            ("", ""),
        ] {
            assert_eq!(prose(said, (200, 0)), shown, "{said}");
        }
    }

    #[test]
    fn lines_are_broken_between_words_alone() {
        let long = format!("1. {} `code that stays whole` and - more", "word ".repeat(13));
        let shown = wrapped(&long, 3);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].starts_with("   `code that stays whole`") && lines.len() == 2, "{shown}");
        let dash = wrapped(&format!("{} - {}", "x".repeat(79), "y".repeat(10)), 0);
        assert!(!dash.contains("\n-"), "{dash}");
        assert_eq!(wrapped(&"z".repeat(200), 0), "z".repeat(200));
    }

    proptest! {
        #[test]
        fn breaking_lines_changes_no_words(text in "[a-z`#>*=.1 -]{0,300}", indent in 0usize..4) {
            let shown = wrapped(&text, indent);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&shown), words(&text));
            for line in shown.lines().skip(1) {
                let first = line.split_whitespace().next().unwrap_or_default();
                prop_assert!(!begins_something(first), "{:?}", shown);
            }
        }
    }
}
