//! Text reduced to what counts when two texts are compared: ASCII without blanks, quotes and separators, with escapes and
//! entities undone. Pure, linear. Both sides are reduced by the same rules, so the rules may be crude.

/// What is left out beside what never counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing more.
    Whole,
    /// Comments, and what stands at the start of quoted and numbered lines.
    Code,
}

/// `text` reduced.
pub(super) fn plain(text: &str, reading: Reading) -> String {
    let mut reader = Reader {
        out: Vec::with_capacity(text.len()),
        place: Place::Code,
        quote: 0,
        before: 0,
        line_start: true,
        comments: reading == Reading::Code,
        blocks: true,
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        reader.read(bytes, at);
        match reader.place {
            // A comment that is never closed is none: read on behind where it seemed to begin.
            Place::Block(start) => {
                reader.blocks = false;
                reader.place = Place::Code;
                reader.put(b'/');
                reader.put(b'*');
                reader.before = b'*';
                at = start;
            }
            _ => break,
        }
    }
    // Only ASCII was put there.
    String::from_utf8(reader.out).unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    /// A comment up to the end of its line.
    Line,
    /// A comment whose text begins at this byte.
    Block(usize),
}

struct Reader {
    out: Vec<u8>,
    place: Place,
    /// The quote that is open on this line; 0 where none is.
    quote: u8,
    /// What was read before this, blanks included.
    before: u8,
    /// Nothing that counts so far on this line.
    line_start: bool,
    /// Comments and the starts of lines are left out.
    comments: bool,
    /// So are comments that may take more than one line.
    blocks: bool,
}

impl Reader {
    /// Reads from `at` to the end.
    fn read(&mut self, bytes: &[u8], mut at: usize) {
        while let Some(&byte) = bytes.get(at) {
            let (read, length) = match byte {
                b'\\' => escape(&bytes[at..]),
                b'&' => entity(&bytes[at..]),
                byte => (byte, 1),
            };
            at += length;
            self.take(read, at);
        }
    }

    /// Takes one character; `next` is where the one behind it begins.
    fn take(&mut self, byte: u8, next: usize) {
        let before = std::mem::replace(&mut self.before, byte);
        if matches!(byte, b'\n' | b'\r') {
            self.quote = 0;
            self.line_start = true;
            if self.place == Place::Line {
                self.place = Place::Code;
            }
            return;
        }
        match self.place {
            Place::Line => {}
            Place::Block(start) => {
                if (before, byte) == (b'*', b'/') && next > start + 1 {
                    self.place = Place::Code;
                    self.before = 0;
                }
            }
            Place::Code if self.comments && self.quote == 0 && before == b'/' && byte == b'/' => {
                self.out.pop();
                self.place = Place::Line;
            }
            Place::Code
                if self.comments && self.blocks && self.quote == 0 && before == b'/' && byte == b'*' =>
            {
                self.out.pop();
                self.place = Place::Block(next);
            }
            Place::Code => self.put(byte),
        }
    }

    fn put(&mut self, byte: u8) {
        if self.comments && self.line_start {
            if matches!(byte, b'0'..=b'9' | b'>' | b'|' | b'+' | b':') || byte <= b' ' {
                return;
            }
            self.line_start = false;
        }
        match byte {
            b'"' | b'\'' | b'`' if self.quote == byte => self.quote = 0,
            b'"' | b'\'' | b'`' if self.quote == 0 => self.quote = byte,
            b'"' | b'\'' | b'`' | b',' | b';' | 0..=b' ' | 0x7f.. => {}
            byte => self.out.push(byte),
        }
    }
}

/// What a run of backslashes and the character behind it stand for, however often they were escaped, and their length.
/// A character that keeps its meaning is left to be read.
fn escape(bytes: &[u8]) -> (u8, usize) {
    let run = bytes.iter().take_while(|byte| **byte == b'\\').count();
    match bytes.get(run) {
        Some(b'n' | b'r') => (b'\n', run + 1),
        Some(b't') => (b' ', run + 1),
        Some(b'u') => {
            let hex = bytes.get(run + 1..run + 5).and_then(|hex| std::str::from_utf8(hex).ok());
            let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
            match code {
                Some(code) => (u8::try_from(code).unwrap_or(b' '), run + 5),
                None => (b' ', run),
            }
        }
        _ => (b' ', run),
    }
}

/// Entities in place of characters that scripts are full of, by what stands behind the `&`.
const ENTITIES: &[(&str, u8)] = &[
    ("lt;", b'<'),
    ("gt;", b'>'),
    ("quot;", b'"'),
    ("apos;", b'\''),
    ("#39;", b'\''),
    ("#34;", b'"'),
    ("#x27;", b'\''),
    ("#x22;", b'"'),
    ("nbsp;", b' '),
];

/// What an `&` and the characters behind it stand for, however often they were escaped, and their length.
fn entity(bytes: &[u8]) -> (u8, usize) {
    let mut at = 1;
    while bytes[at..].starts_with(b"amp;") {
        at += 4;
    }
    let found = ENTITIES.iter().find(|(name, _)| bytes[at..].starts_with(name.as_bytes()));
    found.map_or((b'&', at), |(name, byte)| (*byte, at + name.len()))
}
