//! Owns what is kept of a process's output: bytes to text across chunk borders, and head plus tail within a limit.
//! Pure: never reads a pipe.

use std::fmt::Write as _;

/// Turns chunks of bytes into text; a character cut by a chunk border is put together again.
#[derive(Debug, Default)]
pub(crate) struct Utf8Decoder {
    pending: Vec<u8>,
}

impl Utf8Decoder {
    /// The text that `chunk` completes; invalid bytes become U+FFFD.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> String {
        self.pending.extend_from_slice(chunk);
        let mut text = String::with_capacity(self.pending.len());
        let mut rest = self.pending.as_slice();
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    rest = &[];
                    break;
                }
                Err(error) => error,
            };
            let (valid, after) = rest.split_at(error.valid_up_to());
            text.push_str(&String::from_utf8_lossy(valid));
            match error.error_len() {
                Some(bad) => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[bad..];
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        self.pending = rest.to_vec();
        text
    }

    /// What is left at the end of the stream: U+FFFD for a character that was never completed.
    pub(crate) fn finish(&mut self) -> String {
        let cut = !std::mem::take(&mut self.pending).is_empty();
        if cut { char::REPLACEMENT_CHARACTER.to_string() } else { String::new() }
    }
}

/// Keeps the first and the last half of a text that may be of any length, within `cap` bytes of JSON: what the text
/// comes to in a log, a frame or a request, where a control character takes up to six bytes.
#[derive(Debug)]
pub(crate) struct HeadTail {
    cap: usize,
    head: String,
    /// What the head takes of `cap`.
    head_cost: usize,
    head_full: bool,
    tail: String,
    total: usize,
}

impl HeadTail {
    /// An empty text that will keep at most `cap` bytes, and in memory at most about 1.5 times that.
    pub(crate) fn new(cap: usize) -> HeadTail {
        HeadTail { cap, head: String::new(), head_cost: 0, head_full: false, tail: String::new(), total: 0 }
    }

    /// Adds `text` at the end.
    pub(crate) fn push(&mut self, text: &str) {
        self.total += text.len();
        let mut rest = text;
        if !self.head_full {
            let at = start_within(text, self.cap / 2 - self.head_cost);
            self.head_full = at < text.len();
            self.head.push_str(&text[..at]);
            self.head_cost += cost(&text[..at]);
            rest = &text[at..];
        }
        let start = end_within(rest, self.tail_cap());
        if start > 0 {
            self.tail.clear();
        }
        self.tail.push_str(&rest[start..]);
        if self.tail.len() > self.tail_cap() * 2 {
            self.trim_tail();
        }
    }

    /// The text and whether something was left out; if so a line in the middle says how many bytes.
    pub(crate) fn finish(mut self) -> (String, bool) {
        self.trim_tail();
        let left_out = self.total - self.head.len() - self.tail.len();
        let mut text = self.head;
        if left_out > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n[... {left_out} bytes left out ...]\n");
        }
        text.push_str(&self.tail);
        (text, left_out > 0)
    }

    /// What the head leaves of the limit.
    fn tail_cap(&self) -> usize {
        self.cap - self.head_cost
    }

    fn trim_tail(&mut self) {
        let start = end_within(&self.tail, self.tail_cap());
        self.tail.drain(..start);
    }
}

/// Bytes that one byte of a text takes in JSON.
fn byte_cost(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

fn cost(text: &str) -> usize {
    text.bytes().map(byte_cost).sum()
}

/// How many bytes of `bytes` together cost no more than `budget`.
fn affordable(bytes: impl Iterator<Item = u8>, budget: usize) -> usize {
    let mut left = budget;
    let fits = |byte: &u8| {
        let rest = left.checked_sub(byte_cost(*byte));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    bytes.take_while(fits).count()
}

/// Where the longest start of `text` ends that costs no more than `budget`.
fn start_within(text: &str, budget: usize) -> usize {
    text.floor_char_boundary(affordable(text.bytes(), budget))
}

/// Where the longest end of `text` starts that costs no more than `budget`.
fn end_within(text: &str, budget: usize) -> usize {
    text.ceil_char_boundary(text.len() - affordable(text.bytes().rev(), budget))
}

#[cfg(test)]
mod tests {
    use super::{HeadTail, Utf8Decoder};

    #[test]
    fn any_chunking_gives_the_same_text() {
        let samples: &[&[u8]] = &[
            "aé€𝄞z".as_bytes(),
            b"a\xffb",
            b"\xf0\x9d\x84",
            b"\xe2\x82\xe2\x82\xac",
            b"",
            b"\xc0\x80\x80",
            b"\xed\xa0\x80x",
        ];
        for bytes in samples {
            let expected = String::from_utf8_lossy(bytes).into_owned();
            for size in 1..=bytes.len().max(1) {
                let mut decoder = Utf8Decoder::default();
                let mut text: String = bytes.chunks(size).map(|chunk| decoder.push(chunk)).collect();
                text.push_str(&decoder.finish());
                assert_eq!(text, expected, "{bytes:?} by {size}");
            }
        }
    }

    #[test]
    fn head_and_tail_are_kept() {
        #[track_caller]
        fn check(cap: usize, pieces: &[&str], expected: &str, cut: bool) {
            let mut kept = HeadTail::new(cap);
            pieces.iter().for_each(|piece| kept.push(piece));
            assert_eq!(kept.finish(), (expected.to_owned(), cut), "{pieces:?}");
        }
        check(8, &["abcd", "efgh"], "abcdefgh", false);
        check(8, &["abcdefgh"], "abcdefgh", false);
        check(8, &["abcdefghi"], "abcd\n[... 1 bytes left out ...]\nfghi", true);
        check(
            8,
            &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"],
            "abcd\n[... 6 bytes left out ...]\nklmn",
            true,
        );
        check(9, &["abc€", "xyz"], "abc€xyz", false);
        check(8, &["abc€", "xyz"], "abc\n[... 3 bytes left out ...]\nxyz", true);
        check(4, &["é€é"], "é\n[... 3 bytes left out ...]\né", true);
        check(0, &["abc"], "\n[... 3 bytes left out ...]\n", true);
        check(8, &[], "", false);
        check(1, &["é"], "\n[... 2 bytes left out ...]\n", true);
        // In JSON a line end takes two bytes, a NUL six.
        check(12, &["a\nb\nc\nd\ne\nf\n"], "a\nb\n\n[... 4 bytes left out ...]\ne\nf\n", true);
        check(24, &["\0\0\0\0"], "\0\0\0\0", false);
        check(24, &["\0\0", "\0\0\0"], "\0\0\n[... 1 bytes left out ...]\n\0\0", true);
        check(
            24,
            &["\"\"\"\"", "\"\"\"\"", "\"\"\"\"", "x"],
            "\"\"\"\"\"\"\n[... 1 bytes left out ...]\n\"\"\"\"\"x",
            true,
        );
    }
}
