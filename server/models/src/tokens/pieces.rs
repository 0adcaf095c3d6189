//! Cuts text where the vocabularies of OpenAI cut it before they look anything up: words with the sign before them, numbers
//! of three digits, signs, white space. Pure and linear; one pass, no memory.

/// What a piece is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, at most one sign before them.
    Word,
    /// Letters beyond ASCII, at most one sign before them.
    Foreign,
    /// At most three digits.
    Number,
    /// Signs, at most one space before them and line ends after them.
    Signs,
    /// White space.
    Space,
}

/// The pieces of a text, each with its kind and text.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn take(&mut self, kind: Kind, length: usize) -> Option<(Kind, &'a str)> {
        let (piece, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((kind, piece))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (Kind, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.chars().next()?;
        if let Some((kind, length)) = word(self.rest, first) {
            return self.take(kind, length);
        }
        if first.is_numeric() {
            let digits = self.rest.chars().take(3).take_while(|digit| digit.is_numeric());
            let length = digits.map(char::len_utf8).sum();
            return self.take(Kind::Number, length);
        }
        if let Some(length) = signs(self.rest) {
            return self.take(Kind::Signs, length);
        }
        let length = space(self.rest);
        self.take(Kind::Space, length)
    }
}

/// A word: capitals, then small letters; a capital after those begins the next one.
fn word(rest: &str, first: char) -> Option<(Kind, usize)> {
    let prefix = match first {
        letter if letter.is_alphabetic() => 0,
        '\r' | '\n' => return None,
        digit if digit.is_numeric() => return None,
        sign => sign.len_utf8(),
    };
    let (mut length, mut small, mut ascii) = (prefix, false, true);
    for letter in rest[prefix..].chars().take_while(|letter| letter.is_alphabetic()) {
        if small && letter.is_uppercase() {
            break;
        }
        small |= letter.is_lowercase();
        ascii &= letter.is_ascii();
        length += letter.len_utf8();
    }
    (length > prefix).then_some((if ascii { Kind::Word } else { Kind::Foreign }, length))
}

fn is_sign(character: char) -> bool {
    !character.is_whitespace() && !character.is_alphabetic() && !character.is_numeric()
}

fn signs(rest: &str) -> Option<usize> {
    let space = usize::from(rest.starts_with(' '));
    let signs: usize = rest[space..].chars().take_while(|sign| is_sign(*sign)).map(char::len_utf8).sum();
    let ends = || rest[space + signs..].bytes().take_while(|byte| b"\r\n/".contains(byte)).count();
    (signs > 0).then(|| space + signs + ends())
}

/// White space up to its last line end; else all but the last space, which belongs to what follows.
fn space(rest: &str) -> usize {
    let run = rest.find(|character: char| !character.is_whitespace()).unwrap_or(rest.len());
    if let Some(end) = rest[..run].rfind(['\n', '\r']) {
        return end + 1;
    }
    let last = rest[..run].chars().next_back().map_or(0, char::len_utf8);
    if run < rest.len() && run > last { run - last } else { run }
}
