//! Owns how a command is written for people: one line, nothing hidden. Pure.

use std::fmt::Write as _;

use crate::request::CommandLine;

/// The command as one line: arguments quoted for a shell, shell text as it is with line breaks and other control
/// characters made visible (`\n`), so that nothing can hide from the person who is asked.
pub fn display(command: &CommandLine) -> String {
    let line = match command {
        CommandLine::Argv(words) => words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "),
        CommandLine::Shell(text) => text.clone(),
    };
    visible(&line)
}

fn quote(word: &str) -> String {
    match shlex::try_quote(word) {
        Ok(quoted) => quoted.into_owned(),
        // Only a NUL character cannot be quoted; such a command cannot be started either.
        Err(_) => format!("{word:?}"),
    }
}

/// `text` on one line with nothing hidden: control characters, those that turn the direction of text or take no room,
/// and unusual spaces as escapes (`\n`, `\x1b`, `\u{202e}`), and many blanks in a row as their number.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        if blanks > MOST_BLANKS {
            // Writing to a String cannot fail.
            let _ = write!(shown, " [{blanks} blanks] ");
            rest = &rest[blanks..];
            continue;
        }
        show(c, &mut shown);
        rest = &rest[c.len_utf8()..];
    }
    shown
}

/// As [`visible`] for text of many lines, where line ends and tabs stay and blanks are not counted.
pub fn visible_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' if chars.peek() == Some(&'\n') => shown.push(c),
            c => show(c, &mut shown),
        }
    }
    shown
}

/// Blanks in a row that are shown as they are; more could push what follows out of view.
const MOST_BLANKS: usize = 8;

fn show(c: char, shown: &mut String) {
    let written = match c {
        '\n' | '\r' | '\t' => write!(shown, "{}", c.escape_default()),
        c if c.is_ascii_control() => write!(shown, "\\x{:02x}", u32::from(c)),
        c if is_hidden(c) => write!(shown, "{}", c.escape_unicode()),
        c => return shown.push(c),
    };
    // Writing to a String cannot fail.
    let _ = written;
}

/// Characters that change how others are shown, or are not seen themselves.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || c.is_whitespace() && c != ' '
        || HIDDEN.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Format, filler and tag characters, as ranges.
const HIDDEN: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{e0000}', '\u{e0fff}'),
];

#[cfg(test)]
mod tests {
    use super::{display, visible_lines};
    use crate::request::CommandLine;

    fn argv(words: &[&str]) -> CommandLine {
        CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn one_line_for_people() {
        for (command, line) in [
            (argv(&["ls", "-l", "a b"]), "ls -l 'a b'"),
            (argv(&["echo", "it's"]), "echo \"it's\""),
            (argv(&["echo", ""]), "echo ''"),
            (argv(&["echo", "a\0b"]), "echo \"a\\0b\""),
            (argv(&["echo", "a\nb"]), "echo 'a\\nb'"),
            (CommandLine::Shell("ls\n\trm x".to_owned()), "ls\\n\\trm x"),
            (CommandLine::Shell("ls \u{202e}x \u{1b}[2J é".to_owned()), "ls \\u{202e}x \\x1b[2J é"),
            (CommandLine::Shell(format!("ls{}; rm x", " ".repeat(5000))), "ls [5000 blanks] ; rm x"),
            (
                CommandLine::Shell("a\u{a0}b\u{2066}\u{e0041}\u{3164}c\r\0".to_owned()),
                "a\\u{a0}b\\u{2066}\\u{e0041}\\u{3164}c\\r\\x00",
            ),
            (argv(&[]), ""),
        ] {
            assert_eq!(display(&command), line);
        }
    }

    #[test]
    fn many_lines_for_people() {
        let text = "-\ta            b\r\n+\tc\rd\u{1b}[2J\u{202e}\n";
        assert_eq!(visible_lines(text), "-\ta            b\r\n+\tc\\rd\\x1b[2J\\u{202e}\n");
    }
}
