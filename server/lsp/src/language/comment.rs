//! The comment at a line of a text, by the look of the line and of those beside it. Pure.

use super::Language;

/// Lines before a place that are looked through for the beginning of a comment.
const FAR: usize = 200;

/// What comments begin with where the language is not known.
const USUAL: &[&str] = &["//", "#", "--", ";"];

/// The lines of the comment at line `at`, from 0, both included; `None` where none is, or where it says nothing. Comments
/// behind code on their line count, those that follow each other line by line are one.
pub fn comment_at(text: &str, at: usize, language: Option<&Language>) -> Option<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let here = lines.get(at)?;
    let marks: Vec<&str> = match language {
        Some(language) => language.line.iter().map(String::as_str).collect(),
        None => USUAL.to_vec(),
    };
    let found = if own_line(here, &marks) {
        let mut first = at;
        while first > 0 && own_line(lines[first - 1], &marks) {
            first -= 1;
        }
        let more = lines[at + 1..].iter().take_while(|line| own_line(line, &marks)).count();
        Some((first, at + more))
    } else {
        block(&lines, at, language).or_else(|| behind_code(here, &marks).then_some((at, at)))
    };
    found.filter(|(first, last)| lines[*first..=*last].iter().any(|line| says_something(line)))
}

/// Whether a line is a comment and nothing else.
fn own_line(line: &str, marks: &[&str]) -> bool {
    let line = line.trim_start();
    // `#!/bin/sh`, `#[derive]`, `#include`: marks of other things.
    let other = ["#!", "#[", "#include", "#define", "#if", "#endif", "#pragma"];
    marks.iter().any(|mark| line.starts_with(mark)) && !other.iter().any(|mark| line.starts_with(mark))
}

/// Whether a comment stands behind code.
fn behind_code(line: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| {
        let spaced = [format!(" {mark} "), format!("\t{mark} ")];
        spaced.iter().any(|mark| line.rfind(mark.as_str()).is_some_and(|at| !in_string(&line[..at])))
    })
}

/// Whether a quote is open at the end of `before`.
fn in_string(before: &str) -> bool {
    let mut open = None;
    let mut escaped = false;
    for c in before.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (None, '"' | '`') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            _ => {}
        }
    }
    open.is_some()
}

fn block(lines: &[&str], at: usize, language: Option<&Language>) -> Option<(usize, usize)> {
    let usual = [("/*".to_owned(), "*/".to_owned()), ("<!--".to_owned(), "-->".to_owned())];
    let marks = language.map_or(&usual[..], |language| &language.block);
    marks.iter().find_map(|(open, close)| {
        let from = at.saturating_sub(FAR);
        let first = (from..=at).rev().find(|line| {
            // Nothing may end it before the place.
            let ended = *line < at && lines[*line + 1..at].iter().any(|line| line.contains(close.as_str()));
            let begun = lines[*line].rfind(open.as_str());
            let closed_there =
                |begun: usize| *line < at && lines[*line][begun + open.len()..].contains(close.as_str());
            !ended && begun.is_some_and(|begun| !closed_there(begun) && !in_string(&lines[*line][..begun]))
        })?;
        let after_open = lines[first].rfind(open.as_str())? + open.len();
        if lines[first][after_open..].contains(close.as_str()) {
            return Some((first, first));
        }
        let more = lines[first + 1..].iter().position(|line| line.contains(close.as_str()))?;
        Some((first, first + 1 + more)).filter(|(first, last)| (*first..=*last).contains(&at))
    })
}

fn says_something(line: &str) -> bool {
    line.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::language;
    use proptest::prelude::*;

    fn check(id: &str, text: &str, at: usize, expected: Option<(usize, usize)>) {
        let found = comment_at(text, at, language(id, None));
        assert_eq!(found, expected, "{id} line {at} of {text:?}");
    }

    #[test]
    fn comments_of_one_line_and_of_several() {
        let rust = "fn a() {\n    // Sort them,\n    // largest first.\n    let x = 1; // then print\n    let y = \"a // b\";\n}\n// ---\n";
        check("rust", rust, 0, None);
        check("rust", rust, 1, Some((1, 2)));
        check("rust", rust, 2, Some((1, 2)));
        check("rust", rust, 3, Some((3, 3)));
        check("rust", rust, 4, None);
        check("rust", rust, 6, None);
        check("rust", rust, 99, None);
        check("python", "#!/usr/bin/python\n# Read the file\n", 0, None);
        check("python", "#!/usr/bin/python\n# Read the file\n", 1, Some((1, 1)));
        check("lua", "-- make it so\n", 0, Some((0, 0)));
        check("", "; make it so\nx\n", 0, Some((0, 0)));
        check("", "x\n", 0, None);
        check("rust", "#[derive(Debug)]\n", 0, None);
    }

    #[test]
    fn blocks() {
        let c = "/* Walk\n * the tree\n */\nint a; /* and back */ int b;\nint c;\n";
        check("c", c, 0, Some((0, 2)));
        check("c", c, 1, Some((0, 2)));
        check("c", c, 2, Some((0, 2)));
        check("c", c, 3, Some((3, 3)));
        check("c", c, 4, None);
        check("html", "<p>\n<!-- put a table\nhere -->\n</p>\n", 2, Some((1, 2)));
        check("html", "<p>\n<!-- put a table\nhere -->\n</p>\n", 3, None);
        check("c", "/* never ended\nint a;\n", 1, None);
        check("c", "char *a = \"/*\";\nint b;\n/* later */\n", 1, None);
    }

    proptest! {
        #[test]
        fn a_comment_holds_its_line(text in "(//|/\\*|\\*/|abc|#|\"|é| |\n){0,60}", at in 0usize..20, which in 0usize..4) {
            let id = ["rust", "c", "python", ""][which];
            if let Some((first, last)) = comment_at(&text, at, language(id, None)) {
                prop_assert!(first <= at && at <= last && last < text.lines().count());
            }
        }
    }
}
