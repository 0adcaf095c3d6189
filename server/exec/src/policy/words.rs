//! Owns the reading of one shell word: what it is after quotes are taken away, and whether the shell would change it.
//! Reads the text itself and not the parser's view of it, so that the two check each other. Pure.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::CharIndices;

/// Values of variables that a script sets itself, where they are plain; `None` where they are not.
pub(crate) type Variables = HashMap<String, Option<String>>;

/// How far file names may be put in place of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Glob {
    /// It is no pattern.
    None,
    /// A pattern with a literal start.
    Inside,
    /// A pattern from its first character on: it can become anything, also an option.
    Leading,
}

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word without its quotes. Where something is computed, the source of that stands in it.
    pub(crate) text: String,
    /// Whether the shell passes `text` on as it is (apart from file name patterns).
    pub(crate) plain: bool,
    /// Whether it is a file name pattern.
    pub(crate) glob: Glob,
}

impl Word {
    /// A word that no shell will touch.
    pub(crate) fn literal(text: &str) -> Word {
        Word { text: text.to_owned(), plain: true, glob: Glob::None }
    }
}

/// Reads the source of one word. A computed word can become several; a plain one is always one.
pub(crate) fn read(source: &str, variables: &Variables) -> Vec<Word> {
    let mut reader = Reader {
        chars: source.char_indices().peekable(),
        source,
        variables,
        word: Word::literal(""),
        split: false,
    };
    reader.all();
    let Reader { word, split, .. } = reader;
    if !split {
        return vec![word];
    }
    word.text.split_whitespace().map(|text| Word { text: text.to_owned(), ..word.clone() }).collect()
}

/// As [`read`], for a word that must be exactly one.
pub(crate) fn read_one(source: &str) -> Word {
    let words = read(source, &Variables::new());
    let mut words = words.into_iter();
    match (words.next(), words.next()) {
        (Some(word), None) => word,
        _ => Word { text: source.to_owned(), plain: false, glob: Glob::None },
    }
}

struct Reader<'a> {
    chars: Peekable<CharIndices<'a>>,
    source: &'a str,
    variables: &'a Variables,
    word: Word,
    split: bool,
}

impl Reader<'_> {
    fn all(&mut self) {
        while let Some((at, c)) = self.chars.next() {
            match c {
                '\\' => self.escaped(),
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' => self.dollar(at, false),
                '`' => self.computed(c),
                '*' | '?' | '[' => self.glob(at, c),
                '{' | '}' | '(' | ')' | '<' | '>' | '|' | '&' | ';' => self.computed(c),
                '#' if at == 0 => self.computed(c),
                c if c.is_whitespace() => self.computed(c),
                c => self.word.text.push(c),
            }
        }
    }

    /// A character that makes the shell do something: the word is not plain from here on.
    fn computed(&mut self, c: char) {
        self.word.plain = false;
        self.word.text.push(c);
    }

    fn glob(&mut self, at: usize, c: char) {
        let glob = if at == 0 { Glob::Leading } else { Glob::Inside };
        self.word.glob = self.word.glob.max(glob);
        self.word.text.push(c);
    }

    fn escaped(&mut self) {
        match self.chars.next() {
            Some((_, '\n')) => {}
            Some((_, c)) => self.word.text.push(c),
            None => self.word.plain = false,
        }
    }

    fn single_quoted(&mut self) {
        for (_, c) in self.chars.by_ref() {
            if c == '\'' {
                return;
            }
            self.word.text.push(c);
        }
        self.word.plain = false;
    }

    fn double_quoted(&mut self) {
        while let Some((at, c)) = self.chars.next() {
            match c {
                '"' => return,
                '$' => self.dollar(at, true),
                '`' => self.computed(c),
                '\\' => match self.chars.next() {
                    Some((_, '\n')) => {}
                    Some((_, c @ ('$' | '`' | '"' | '\\'))) => self.word.text.push(c),
                    Some((_, c)) => self.word.text.extend(['\\', c]),
                    None => self.word.plain = false,
                },
                c => self.word.text.push(c),
            }
        }
        self.word.plain = false;
    }

    fn dollar(&mut self, at: usize, quoted: bool) {
        let rest = &self.source[at + 1..];
        match rest.chars().next() {
            Some('\'') if !quoted => {
                self.word.plain = false;
                self.chars.next();
                self.ansi_quoted();
            }
            // `$"..."` is translated text: the string itself follows.
            Some('"') if !quoted => self.word.plain = false,
            Some(c) if c.is_alphanumeric() || "_{(@*#?!$-[".contains(c) => {
                self.word.plain = false;
                self.expansion(rest, quoted);
            }
            _ => self.word.text.push('$'),
        }
    }

    /// `$name` or `${name}` of a known variable becomes its value; anything else stays as it is written.
    fn expansion(&mut self, rest: &str, quoted: bool) {
        let (braced, inner) = match rest.strip_prefix('{') {
            Some(inner) => (true, inner),
            None => (false, rest),
        };
        let length = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let name = &inner[..length];
        let closed = !braced || inner[length..].starts_with('}');
        let value = match self.variables.get(name) {
            Some(Some(value)) if closed => value.clone(),
            _ if name == "IFS" && closed => " ".to_owned(),
            _ => return self.word.text.push('$'),
        };
        self.word.text.push_str(&value);
        self.split |= !quoted && value.contains(char::is_whitespace);
        for _ in 0..length + if braced { 2 } else { 0 } {
            self.chars.next();
        }
    }

    /// `$'...'`, where a name can be hidden behind numbers.
    fn ansi_quoted(&mut self) {
        while let Some((_, c)) = self.chars.next() {
            match c {
                '\'' => return,
                '\\' => self.ansi_escape(),
                c => self.word.text.push(c),
            }
        }
    }

    fn ansi_escape(&mut self) {
        let Some((at, c)) = self.chars.next() else { return };
        let (skip, radix, most) = match c {
            'x' => (1, 16, 2),
            'u' => (1, 16, 4),
            'U' => (1, 16, 8),
            '0'..='7' => (0, 8, 3),
            'n' => return self.word.text.push('\n'),
            't' => return self.word.text.push('\t'),
            'r' => return self.word.text.push('\r'),
            c => return self.word.text.push(c),
        };
        let digits: String =
            self.source[at + skip..].chars().take(most).take_while(|c| c.is_digit(radix)).collect();
        let number = u32::from_str_radix(&digits, radix).ok();
        self.word.text.extend(number.and_then(char::from_u32));
        for _ in 0..(digits.len() + skip).saturating_sub(1) {
            self.chars.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Glob, Variables, read, read_one};

    #[test]
    fn words_lose_their_quotes() {
        for (source, text, plain, glob) in [
            ("ls", "ls", true, Glob::None),
            ("r''m", "rm", true, Glob::None),
            ("\\rm", "rm", true, Glob::None),
            ("\"a b\"'c d'", "a bc d", true, Glob::None),
            ("\"a\\\"b\\n\"", "a\"b\\n", true, Glob::None),
            ("a\\ b", "a b", true, Glob::None),
            ("$'\\x72m'", "rm", false, Glob::None),
            ("$'\\162m\\u0041'", "rmA", false, Glob::None),
            ("$\"x\"", "x", false, Glob::None),
            ("$X", "$X", false, Glob::None),
            ("\"$X\"", "$X", false, Glob::None),
            ("'$X'", "$X", true, Glob::None),
            ("a$", "a$", true, Glob::None),
            ("\"a$\"", "a$", true, Glob::None),
            ("`ls`", "`ls`", false, Glob::None),
            ("*.rs", "*.rs", true, Glob::Leading),
            ("'*'.rs", "*.rs", true, Glob::None),
            ("src/*.rs", "src/*.rs", true, Glob::Inside),
            ("''*", "*", true, Glob::Inside),
            ("{a,b}", "{a,b}", false, Glob::None),
            ("#x", "#x", false, Glob::None),
            ("a#x", "a#x", true, Glob::None),
            ("'open", "open", false, Glob::None),
            ("\"open", "open", false, Glob::None),
            ("end\\", "end", false, Glob::None),
            ("<(ls)", "<(ls)", false, Glob::None),
            ("$'open\\", "open", false, Glob::None),
        ] {
            let word = read_one(source);
            assert_eq!((word.text.as_str(), word.plain, word.glob), (text, plain, glob), "{source}");
        }
    }

    #[test]
    fn known_variables_are_put_in() {
        let variables: Variables =
            [("a".to_owned(), Some("rm -rf".to_owned())), ("b".to_owned(), None)].into_iter().collect();
        for (source, expected) in [
            ("$a", &["rm", "-rf"][..]),
            ("${a}", &["rm", "-rf"]),
            ("\"$a\"", &["rm -rf"]),
            ("${a:-x}", &["${a:-x}"]),
            ("$b", &["$b"]),
            ("rm${IFS}-rf", &["rm", "-rf"]),
            ("x${a}y", &["xrm", "-rfy"]),
        ] {
            let words: Vec<String> = read(source, &variables).into_iter().map(|word| word.text).collect();
            assert_eq!(words, expected, "{source}");
        }
    }
}
