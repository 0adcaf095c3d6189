//! Framing: every cut of the bytes gives the same events.

use crate::sse::{SseError, events};
use futures::{FutureExt, StreamExt, stream};
use proptest::prelude::*;
use std::convert::Infallible;
use std::time::Instant;

fn frames(chunks: &[&[u8]]) -> Vec<String> {
    let chunks: Vec<Result<Vec<u8>, Infallible>> = chunks.iter().map(|chunk| Ok(chunk.to_vec())).collect();
    let frames = events(stream::iter(chunks)).map(|frame| frame.unwrap()).collect::<Vec<_>>();
    frames.now_or_never().unwrap()
}

const ROWS: &[(&str, &[u8], &[&str])] = &[
    ("LF", b"event: a\ndata: 1\n\ndata: 2\n\n", &["1", "2"]),
    ("CRLF", b"event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", &["1", "2"]),
    ("CR", b"event: a\rdata: 1\r\rdata: 2\r\r", &["1", "2"]),
    ("mixed ends", b"data: 1\r\n\ndata: 2\n\r\ndata: 3\r\r\n", &["1", "2", "3"]),
    ("byte order mark", b"\xef\xbb\xbfdata: 1\n\n", &["1"]),
    ("byte order mark and nothing", b"\xef\xbb\xbf", &[]),
    ("only the first byte order mark", b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\ndata: 2\n\n", &["2"]),
    ("comments", b": keep-alive\n\n:\ndata: 1\n: x\n\n", &["1"]),
    ("several data lines", b"data: 1\ndata: 2\ndata\ndata: 3\n\n", &["1\n2\n\n3"]),
    ("several data lines, CRLF", b"data: 1\r\ndata: 2\r\n\r\n", &["1\n2"]),
    ("one space is dropped", b"data:1\n\ndata:  2\n\n", &["1", " 2"]),
    ("no data", b"event: a\n\nid: 3\n\ndata:\n\ndata: 1\n\n", &["1"]),
    ("unknown fields", b"foo: 1\nretry: 5\ndata: 1\nbar\n\n", &["1"]),
    ("no last blank line", b"data: 1\n\ndata: 2\n", &["1", "2"]),
    ("no last line end", b"data: 1\n\ndata: 2", &["1", "2"]),
    ("many bytes per character", "data: Grüße 🦀 𝄞\n\n".as_bytes(), &["Grüße 🦀 𝄞"]),
    ("line separators of Unicode are text", "data: a\u{2028}b\u{85}c\n\n".as_bytes(), &["a\u{2028}b\u{85}c"]),
    ("broken UTF-8", b"data: a\xffb\n\ndata: 2\n\n", &["a\u{fffd}b", "2"]),
    ("zero byte", b"data: a\0b\n\n", &["a\0b"]),
    ("nothing", b"", &[]),
];

#[test]
fn every_row_at_every_cut() {
    for (name, bytes, want) in ROWS {
        assert_eq!(frames(&[bytes]), *want, "{name}, whole");
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(frames(&single), *want, "{name}, byte by byte");
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(frames(&[left, right]), *want, "{name}, cut at {cut}");
        }
    }
}

#[test]
fn a_long_event_takes_linear_time() {
    let mut bytes = b"data: ".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 4 << 20));
    // And one of very many lines.
    bytes.extend_from_slice(b"\n\n");
    bytes.extend(b"data: y\n".repeat(100_000));
    let chunks: Vec<&[u8]> = bytes.chunks(1400).collect();
    let begun = Instant::now();
    let frames = frames(&chunks);
    assert_eq!(frames.iter().map(String::len).collect::<Vec<_>>(), [4 << 20, 199_999]);
    assert!(begun.elapsed().as_secs() < 60, "took {:?}", begun.elapsed());
}

#[test]
fn a_broken_transport_ends_the_events() {
    let chunks = vec![Ok("data: 1\n\ndata: 2"), Err("gone")];
    let frames = events(stream::iter(chunks)).collect::<Vec<_>>().now_or_never().unwrap();
    assert_eq!(frames, [Ok("1".to_owned()), Err(SseError::Transport("gone"))]);
}

#[test]
fn an_endless_event_is_refused() {
    let chunk = vec![b'x'; 1 << 20];
    let chunks = std::iter::repeat_with(|| Ok::<_, Infallible>(chunk.clone()));
    let last = events(stream::iter(chunks)).collect::<Vec<_>>().now_or_never().unwrap().pop();
    assert!(matches!(last, Some(Err(SseError::Framing(_)))), "{last:?}");
}

proptest! {
    #[test]
    fn any_bytes_in_any_cut_give_the_same_events(
        pieces in prop::collection::vec(prop_oneof![
            Just(b"\n".to_vec()), Just(b"\r".to_vec()), Just(b"\r\n".to_vec()), Just(b"data".to_vec()),
            Just(b":".to_vec()), Just(b" ".to_vec()), Just("ü🦀".as_bytes().to_vec()), Just(b"\xef\xbb\xbf".to_vec()),
            prop::collection::vec(any::<u8>(), 0..4),
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
        prop_assert_eq!(frames(&chunks), frames(&[&bytes]));
    }
}
