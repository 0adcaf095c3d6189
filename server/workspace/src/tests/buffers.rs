//! The overlay: order, encodings, strange clients, and speed.

use super::support::{folder, opening};
use crate::{Change, Overlay, OverlayError};
use glossator_text::{Position, PositionEncoding, Range};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn at(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
    let place = |(line, character)| Position { line, character };
    Change { range: Some(Range { start: place(from), end: place(to) }), text: text.to_owned() }
}

fn check(encoding: PositionEncoding, text: &str, changes: &[Change], expected: &str) {
    let overlay = Overlay::new(encoding);
    overlay.open("u", opening(None, 0, text));
    overlay.change("u", 7, changes).unwrap();
    let buffer = overlay.by_uri("u").unwrap();
    assert_eq!(buffer.text.to_string(), expected);
    assert_eq!((buffer.version, buffer.dirty), (7, !changes.is_empty()));
}

#[test]
fn changes() {
    use PositionEncoding::{Utf8, Utf16, Utf32};
    check(Utf16, "a\nb\n", &[], "a\nb\n");
    check(Utf16, "a\nb\n", &[at((1, 0), (1, 1), "x")], "a\nx\n");
    check(Utf16, "a\nb\n", &[at((0, 0), (0, 0), "1"), at((0, 0), (0, 1), "2")], "2a\nb\n");
    check(Utf16, "a", &[Change { range: None, text: "whole".into() }], "whole");
    check(Utf16, "😀x", &[at((0, 2), (0, 3), "y")], "😀y");
    check(Utf8, "😀x", &[at((0, 4), (0, 5), "y")], "😀y");
    check(Utf32, "😀x", &[at((0, 1), (0, 2), "y")], "😀y");
    // Half a surrogate pair rounds down; past the end is clamped; a reversed range is put right.
    check(Utf16, "😀x", &[at((0, 1), (0, 2), "")], "x");
    check(Utf16, "ab\r\ncd", &[at((0, 99), (0, 99), "!")], "ab!\r\ncd");
    check(Utf16, "ab", &[at((9, 9), (99, 0), "!")], "ab!");
    check(Utf16, "abc", &[at((0, 2), (0, 1), "-")], "a-c");
    check(Utf16, "", &[at((u32::MAX, u32::MAX), (u32::MAX, u32::MAX), "x")], "x");
}

#[test]
fn a_change_before_the_opening() {
    let overlay = Overlay::new(PositionEncoding::Utf16);
    let early = overlay.change("u", 1, &[at((0, 0), (0, 0), "new text\n")]);
    assert_eq!(early, Err(OverlayError::UnknownDocument));
    overlay.open("u", opening(None, 0, ""));
    let buffer = overlay.by_uri("u").unwrap();
    assert_eq!((buffer.text.to_string().as_str(), buffer.version, buffer.dirty), ("new text\n", 1, true));
    // If the opening has the change already, it is not made twice.
    overlay.change("v", 1, &[at((0, 0), (0, 0), "x")]).unwrap_err();
    overlay.open("v", opening(None, 1, "x"));
    assert_eq!(overlay.by_uri("v").unwrap().text.to_string(), "x");
    // Closing forgets; so much is kept and no more.
    overlay.change("w", 1, &[at((0, 0), (0, 0), "x")]).unwrap_err();
    overlay.close("w");
    overlay.open("w", opening(None, 0, ""));
    assert_eq!(overlay.by_uri("w").unwrap().text.to_string(), "");
    for n in 0..10_000 {
        overlay.change(&format!("x{n}"), 1, &[]).unwrap_err();
    }
}

#[test]
fn dirty_until_saved_and_every_event_is_told() {
    let overlay = Overlay::new(PositionEncoding::Utf16);
    let changed = overlay.changed();
    overlay.open("u", opening(None, 0, "a"));
    assert!(!overlay.by_uri("u").unwrap().dirty);
    overlay.change("u", 1, &[at((0, 0), (0, 0), "b")]).unwrap();
    assert!(overlay.by_uri("u").unwrap().dirty);
    overlay.saved("u");
    assert!(!overlay.by_uri("u").unwrap().dirty);
    overlay.close("u");
    assert_eq!(*changed.borrow(), 4);
    assert!(overlay.all().is_empty());
    overlay.saved("nobody");
    overlay.close("nobody");
}

#[test]
fn a_buffer_is_found_by_where_its_path_leads() {
    let folder = folder(&[("real.txt", "disk")]);
    std::os::unix::fs::symlink("real.txt", folder.path("link.txt")).unwrap();
    folder.overlay.open("file:///link", opening(Some(folder.path("link.txt")), 1, "buffer"));
    assert_eq!(folder.buffer("real.txt"), "buffer");
    assert!(folder.overlay.by_path(&PathBuf::from("/elsewhere")).is_none());
}

#[test]
fn ten_thousand_changes_of_a_megabyte() {
    let overlay = Overlay::new(PositionEncoding::Utf16);
    let line = "some line of a long file, with an ä in it\n";
    let text = line.repeat((1 << 20) / line.len());
    overlay.open("u", opening(None, 0, &text));
    let started = Instant::now();
    let mut snapshots = Vec::new();
    for n in 0..10_000u32 {
        let place = (n * 7 % 20_000, n % 30);
        overlay.change("u", 1 + n as i32, &[at(place, place, "x")]).unwrap();
        if n % 100 == 0 {
            snapshots.push(overlay.by_uri("u").unwrap());
        }
    }
    let took = started.elapsed();
    assert_eq!(overlay.by_uri("u").unwrap().text.len_bytes(), text.len() + 10_000);
    assert_eq!(snapshots[1].text.len_bytes(), text.len() + 101);
    // Unoptimised and on a busy machine; anything that touches the whole text would take minutes.
    assert!(took < Duration::from_secs(60), "{took:?}");
}
