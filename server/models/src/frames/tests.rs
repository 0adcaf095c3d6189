//! Lines: every cut of the bytes gives the same ones.

use super::{Framing, MAX_LINE, frames};
use crate::sse::SseError;
use futures::{FutureExt, StreamExt, stream};
use proptest::prelude::*;
use std::convert::Infallible;
use std::time::Instant;

fn lines(chunks: &[&[u8]]) -> Vec<String> {
    let chunks: Vec<Result<Vec<u8>, Infallible>> = chunks.iter().map(|chunk| Ok(chunk.to_vec())).collect();
    let lines = frames(Framing::Lines, stream::iter(chunks)).map(|line| line.unwrap()).collect::<Vec<_>>();
    lines.now_or_never().unwrap()
}

const ROWS: &[(&str, &[u8], &[&str])] = &[
    ("LF", b"{\"a\":1}\n{\"b\":2}\n", &["{\"a\":1}", "{\"b\":2}"]),
    ("CRLF", b"1\r\n2\r\n", &["1", "2"]),
    ("a lone CR is no end", b"1\r2\n", &["1\r2"]),
    ("blank lines", b"\n\n1\n\r\n \t\n2\n\n", &["1", "2"]),
    ("no last line end", b"1\n2", &["1", "2"]),
    ("white space around a line", b"  1 \n\t2\t", &["1", "2"]),
    ("byte order mark", b"\xef\xbb\xbf1\n2\n", &["1", "2"]),
    ("many bytes per character", "Grüße 🦀\n𝄞".as_bytes(), &["Grüße 🦀", "𝄞"]),
    ("line separators of Unicode are text", "a\u{2028}b\u{85}\n".as_bytes(), &["a\u{2028}b\u{85}"]),
    ("broken UTF-8", b"a\xffb\n\xf0\x9f\n2\n", &["a\u{fffd}b", "\u{fffd}", "2"]),
    ("cut within a character", b"1\na\xf0\x9f\xa6", &["1", "a"]),
    ("cut within a byte order mark", b"\xef\xbb", &[]),
    ("broken at the end", b"a\xff", &["a\u{fffd}"]),
    ("zero byte", b"a\0b\n", &["a\0b"]),
    ("nothing", b"", &[]),
    ("only ends", b"\n\r\n\n", &[]),
];

#[test]
fn every_row_at_every_cut() {
    for (name, bytes, want) in ROWS {
        assert_eq!(lines(&[bytes]), *want, "{name}, whole");
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(lines(&single), *want, "{name}, byte by byte");
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(lines(&[left, right]), *want, "{name}, cut at {cut}");
        }
    }
}

#[test]
fn many_small_chunks_of_a_long_line_take_linear_time() {
    let mut bytes = vec![b'x'; 8 << 20];
    bytes.push(b'\n');
    // And very many short lines in one chunk.
    let short = b"y\n".repeat(400_000);
    let mut chunks: Vec<&[u8]> = bytes.chunks(16).collect();
    chunks.push(&short);
    let begun = Instant::now();
    let lines = lines(&chunks);
    assert_eq!((lines.len(), lines[0].len(), lines[1].as_str()), (400_001, 8 << 20, "y"));
    assert!(begun.elapsed().as_secs() < 60, "took {:?}", begun.elapsed());
}

#[test]
fn an_endless_line_is_refused_and_what_came_before_is_not_lost() {
    let chunk = vec![b'x'; 1 << 20];
    let first = stream::iter([Ok::<_, Infallible>(b"1\n".to_vec())]);
    let chunks = first.chain(stream::iter(std::iter::repeat_with(move || Ok(chunk.clone()))));
    let all = frames(Framing::Lines, chunks).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(all[0], Ok("1".to_owned()));
    assert!(
        matches!(&all[1..], [Err(SseError::Framing(why))] if why.contains(&MAX_LINE.to_string())),
        "{all:?}"
    );
}

#[test]
fn a_broken_transport_ends_the_lines() {
    let chunks = vec![Ok("1\n2"), Err("gone"), Ok("3\n")];
    let all = frames(Framing::Lines, stream::iter(chunks)).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(all, [Ok("1".to_owned()), Err(SseError::Transport("gone"))]);
}

proptest! {
    #[test]
    fn any_bytes_in_any_cut_give_the_same_lines(
        pieces in prop::collection::vec(prop_oneof![
            Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b" ".to_vec()), Just("ü🦀".as_bytes().to_vec()),
            Just(b"{\"a\":1}".to_vec()), Just(b"\xef\xbb\xbf".to_vec()), prop::collection::vec(any::<u8>(), 0..4),
        ], 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let bytes = pieces.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut from = 0;
        for cut in cuts {
            chunks.push(&bytes[from..cut]);
            from = cut;
        }
        chunks.push(&bytes[from..]);
        let whole = lines(&[&bytes]);
        prop_assert_eq!(&lines(&chunks), &whole);
        prop_assert!(whole.iter().all(|line| !line.trim_matches([' ', '\r', '\n']).is_empty()));
    }
}
