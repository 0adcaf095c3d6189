//! Tests of positions, file formats, diffs and change sets: tables for the corners, properties for the rest.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use ropey::Rope;

use crate::*;

const ENCODINGS: [PositionEncoding; 3] =
    [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];

/// Texts made of what breaks naive code: all line breaks, wide characters, repeated short lines.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\n", "\r\n", "\r", "a", "b", "ab", "é", "€", "😀", "\u{2028}", "\u{b}", "}", "  ", "x\n", "\n\n",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn position(line: u32, character: u32) -> Position {
    Position { line, character }
}

#[test]
fn positions_past_the_end_and_inside_characters() {
    // (text, line, character, byte in UTF-8, UTF-16, UTF-32)
    let cases = [
        ("", 0, 0, [0, 0, 0]),
        ("", 7, 7, [0, 0, 0]),
        ("ab\ncd", 0, 99, [2, 2, 2]),
        ("ab\ncd", 1, 99, [5, 5, 5]),
        ("ab\ncd", 2, 0, [5, 5, 5]),
        ("ab\r\ncd", 0, 3, [2, 2, 2]),
        ("ab\rcd", 0, 3, [2, 2, 2]),
        ("ab\rcd", 1, 1, [4, 4, 4]),
        ("\r\r\n\n", 1, 5, [1, 1, 1]),
        ("\r\r\n\n", 2, 5, [3, 3, 3]),
        ("a\u{2028}b\nc", 0, 3, [1, 5, 5]),
        ("x😀y", 0, 2, [1, 1, 5]),
        ("x😀y", 0, 3, [1, 5, 6]),
        ("x😀y", 0, u32::MAX, [6, 6, 6]),
        ("x\n", u32::MAX, u32::MAX, [2, 2, 2]),
    ];
    for (text, line, character, expected) in cases {
        let rope = Rope::from_str(text);
        for (encoding, expected) in ENCODINGS.into_iter().zip(expected) {
            let at = position(line, character);
            let range = byte_range(&rope, Range { start: at, end: at }, encoding);
            assert_eq!(range, expected..expected, "{text:?} {at:?} {encoding:?}");
        }
    }
}

#[test]
fn reversed_range_is_turned_round() {
    let rope = Rope::from_str("ab\ncd");
    let range = Range { start: position(1, 1), end: position(0, 1) };
    assert_eq!(byte_range(&rope, range, PositionEncoding::Utf16), 1..4);
}

#[test]
fn decoding_finds_the_format() {
    use FileEncoding::{Latin1, Utf8, Utf16Be, Utf16Le};
    use LineEnding::{Cr, CrLf, Lf};
    let cases: [(&[u8], &str, FileEncoding, bool, LineEnding); 10] = [
        (b"", "", Utf8, false, Lf),
        (b"a\r\nb\r\nc\n", "a\r\nb\r\nc\n", Utf8, false, CrLf),
        (b"a\rb\r", "a\rb\r", Utf8, false, Cr),
        (b"a\nb\r\n", "a\nb\r\n", Utf8, false, Lf),
        (b"\xef\xbb\xbfa", "a", Utf8, true, Lf),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\u{feff}a", Utf8, true, Lf),
        (b"\xff\xfea\0\r\0\n\0", "a\r\n", Utf16Le, true, CrLf),
        (b"\xfe\xff\xd8\x3d\xde\x00", "😀", Utf16Be, true, Lf),
        (b"caf\xe9\n", "café\n", Latin1, false, Lf),
        (b"\xef\xbb\xbf\xe9", "ï»¿é", Latin1, false, Lf),
    ];
    for (bytes, text, encoding, bom, line_ending) in cases {
        let format = FileFormat { encoding, bom, line_ending };
        let file = FileText::decode(bytes).unwrap();
        assert_eq!(file, FileText { text: text.into(), format }, "{bytes:?}");
        assert_eq!(format.encode(text).unwrap(), bytes);
    }
    assert_eq!(FileText::decode(b"a\0b"), Err(DecodeError::Binary));
    assert_eq!(FileText::decode(b"\xff\xfe\0\0a\0"), Err(DecodeError::Binary));
    assert_eq!(FileText::decode(b"\xff\xfea"), Err(DecodeError::Utf16));
    assert_eq!(FileText::decode(b"\xff\xfe\x3d\xd8"), Err(DecodeError::Utf16));
    let latin1 = FileFormat { encoding: Latin1, ..FileFormat::default() };
    assert_eq!(latin1.encode("a€b"), Err('€'));
}

#[test]
fn replacements_are_minimal_and_keep_crlf_whole() {
    type Edit = (usize, &'static str, &'static str);
    let cases: [(&str, &str, &[Edit]); 8] = [
        ("a\nb\nc\n", "a\nB\nc\n", &[(2, "b", "B")]),
        ("a\nb\n", "a\nx\nb\n", &[(2, "", "x\n")]),
        ("a\nb\n", "a\n", &[(2, "b\n", "")]),
        ("a", "a\nb", &[(1, "", "\nb")]),
        ("a\r\nb", "a\nb", &[(1, "\r\n", "\n")]),
        ("a\nb", "a\r\nb", &[(1, "\n", "\r\n")]),
        ("é\n", "è\n", &[(0, "é", "è")]),
        ("one\n2\n3\n4\nfive\n", "ONE\n2\n3\n4\nfIve\n", &[(0, "one", "ONE"), (11, "i", "I")]),
    ];
    for (before, after, expected) in cases {
        let found = line_replacements(before, after);
        let found: Vec<_> = found.iter().map(|r| (r.start, r.old.as_str(), r.new.as_str())).collect();
        assert_eq!(found, expected, "{before:?} -> {after:?}");
    }
}

#[test]
fn hunks_count_whole_lines() {
    let hunks = diff_lines("a\nb\nc\n", "a\nB\nB2\nc");
    let found: Vec<_> = hunks.iter().map(|hunk| (hunk.old.clone(), hunk.new.clone())).collect();
    assert_eq!(found, [(1..3, 1..4)]);
}

#[test]
fn unified_diffs_read_like_those_of_diff() {
    let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12";
    let after = "1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n11\n12\n";
    let expected = "--- a/f\n+++ b/f\n@@ -1,7 +1,7 @@\n 1\n 2\n 3\n-4\n+four\n 5\n 6\n 7\n\
                    @@ -9,4 +9,4 @@\n 9\n 10\n 11\n-12\n\\ No newline at end of file\n+12\n";
    assert_eq!(unified_diff("f", Some(before), Some(after)), expected);
    assert_eq!(unified_diff("f", None, Some("x\n")), "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n");
    assert_eq!(unified_diff("f", Some("x\n"), None), "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
    assert_eq!(unified_diff("f", Some("x\n"), Some("x\n")), "");
}

#[test]
fn huge_different_texts_end_soon() {
    let text = |step: usize| (0..60_000).map(|n| format!("{}\n", (n * step) % 977)).collect::<String>();
    let (before, after) = (text(7), text(13));
    let started = std::time::Instant::now();
    let edits = line_replacements(&before, &after);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert_eq!(apply(edits, &before).unwrap(), after);
}

fn apply(edits: Vec<Replacement>, before: &str) -> Result<String, String> {
    Action::Update { edits, move_to: None }.apply(Some(before)).map(Option::unwrap)
}

#[test]
fn edits_on_another_base_are_refused() {
    let edit = |start, old: &str| vec![Replacement { start, old: old.into(), new: "x".into() }];
    let error = apply(edit(2, "b"), "a\nc\n").unwrap_err();
    assert!(error.contains("line 2") && error.contains("\"b\"") && error.contains("\"c\""), "{error}");
    for (start, old) in [(99, "b"), (usize::MAX, "b"), (1, "é"), (1, "")] {
        assert!(apply(edit(start, old), "é").is_err(), "{start} {old:?}");
    }
    let overlapping = [edit(0, "ab"), edit(1, "b")].concat();
    assert!(apply(overlapping, "abc").is_err());
    assert!(Action::Create { text: String::new() }.apply(Some("")).is_err());
    assert!(Action::Delete { text: "a".into() }.apply(Some("b")).is_err());
    assert!(Action::Delete { text: "a".into() }.apply(None).is_err());
}

#[test]
fn inverse_of_a_move_goes_back() {
    let (from, to) = (PathBuf::from("/a"), PathBuf::from("/b"));
    let change = ChangeSet {
        files: vec![FileChange::new(
            from.clone(),
            Base::Buffer { version: 4, hash: text_hash("x") },
            Action::Update { edits: line_replacements("x", "y"), move_to: Some(to.clone()) },
            FileFormat::default(),
        )],
    };
    let inverse = change.inverse(|path| (path == to).then(|| text_hash("y")));
    assert_eq!(inverse.files[0].path, to);
    assert_eq!(inverse.files[0].base, Base::Buffer { version: 4, hash: text_hash("y") });
    assert_eq!(inverse.files[0].action.apply(Some("y")).unwrap().unwrap(), "x");
    assert_eq!(inverse.inverse(|_| Some(text_hash("x"))), change);
}

#[test]
fn change_sets_survive_json() {
    let action = Action::Create { text: "x\r\n".into() };
    let plain = FileChange::new("/a/b".into(), Base::Absent, action, FileFormat::of_text("x\r\n"));
    let full = FileChange { mode: Some(0o640), made_folders: vec!["/a".into()], ..plain.clone() };
    for file in [&plain, &full] {
        let change = ChangeSet { files: vec![file.clone()] };
        let json = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<ChangeSet>(&json).unwrap(), change, "{json}");
        // What was stored before these two were known can be read.
        let bare = file == &plain;
        assert_eq!(json.contains("mode") || json.contains("made_folders"), !bare, "{json}");
    }
}

#[test]
fn the_inverse_of_a_deletion_keeps_the_permissions() {
    let action = Action::Delete { text: "x".into() };
    let file =
        FileChange::new("/a".into(), Base::Disk { hash: text_hash("x") }, action, FileFormat::default());
    let change = ChangeSet { files: vec![FileChange { mode: Some(0o600), ..file }] };
    assert_eq!(change.inverse(|_| None).files[0].mode, Some(0o600));
}

fn one_file(action: Action, before: Option<&str>) -> ChangeSet {
    let base = before.map_or(Base::Absent, |text| Base::Disk { hash: text_hash(text) });
    ChangeSet { files: vec![FileChange::new("/f".into(), base, action, FileFormat::default())] }
}

proptest! {
    #[test]
    fn every_character_has_a_position(text in text()) {
        let rope = Rope::from_str(&text);
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let between = byte > 0 && text.as_bytes()[byte - 1] == b'\r' && text.as_bytes().get(byte) == Some(&b'\n');
            let expected = if between { byte - 1 } else { byte };
            for encoding in ENCODINGS {
                let at = position_at(&rope, byte, encoding);
                let range = byte_range(&rope, Range { start: at, end: at }, encoding);
                prop_assert_eq!(range, expected..expected, "byte {} {:?} {:?}", byte, at, encoding);
            }
        }
    }

    #[test]
    fn any_position_is_a_place_in_the_text(text in text(), a in any::<(u8, u8)>(), b in any::<(u32, u32)>()) {
        let rope = Rope::from_str(&text);
        for encoding in ENCODINGS {
            for (a, b) in [((a.0 % 8).into(), (a.1 % 8).into()), b].into_iter().zip([b, (a.0.into(), 0)]) {
                let range = byte_range(&rope, Range { start: position(a.0, a.1), end: position(b.0, b.1) }, encoding);
                prop_assert!(range.start <= range.end && text.get(range).is_some());
            }
        }
        for byte in [a.0 as usize, b.0 as usize, usize::MAX] {
            position_at(&rope, byte, PositionEncoding::Utf16);
        }
    }

    #[test]
    fn lines_join_to_the_text_as_the_rope_cuts_it(text in text()) {
        let rope = Rope::from_str(&text);
        let mut expected: Vec<String> = rope.lines().map(|line| line.to_string()).collect();
        if expected.last().is_some_and(String::is_empty) {
            expected.pop();
        }
        prop_assert_eq!(lines(&text).collect::<Vec<_>>(), expected);
        prop_assert_eq!(text_hash(&text), rope_hash(&rope));
    }

    #[test]
    fn replacements_apply_and_invert(before in text(), after in text()) {
        let edits = line_replacements(&before, &after);
        for edit in &edits {
            for at in [edit.start, edit.start + edit.old.len()] {
                let crlf = at > 0 && before.as_bytes()[at - 1] == b'\r' && before.as_bytes().get(at) == Some(&b'\n');
                prop_assert!(!crlf, "splits a CRLF: {:?}", edit);
            }
            prop_assert!(edit.old != edit.new);
        }
        let change = one_file(Action::Update { edits, move_to: None }, Some(&before));
        let there = change.files[0].action.apply(Some(&before)).unwrap().unwrap();
        prop_assert_eq!(&there, &after);
        let inverse = change.inverse(|path: &Path| (path == Path::new("/f")).then(|| text_hash(&after)));
        prop_assert_eq!(&inverse.files[0].base, &Base::Disk { hash: text_hash(&after) });
        let back = inverse.files[0].action.apply(Some(&after)).unwrap().unwrap();
        prop_assert_eq!(&back, &before);
    }

    #[test]
    fn creation_and_deletion_invert(text in text()) {
        let change = one_file(Action::Create { text: text.clone() }, None);
        let inverse = change.inverse(|_| None);
        prop_assert_eq!(inverse.files[0].action.apply(Some(&text)), Ok(None));
        prop_assert_eq!(&inverse.files[0].base, &Base::Disk { hash: text_hash(&text) });
        prop_assert_eq!(inverse.inverse(|_| None), change);
    }

    #[test]
    fn bytes_survive_decoding(bytes in prop::collection::vec(any::<u8>(), 0..40), bom in 0..4_usize) {
        let bom: &[u8] = [&b""[..], b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"][bom];
        let bytes = [bom, &bytes].concat();
        if let Ok(file) = FileText::decode(&bytes) {
            prop_assert_eq!(file.format.encode(&file.text), Ok(bytes));
        }
    }

    #[test]
    fn texts_survive_encoding(text in text(), bom in any::<bool>()) {
        for encoding in [FileEncoding::Utf8, FileEncoding::Utf16Le, FileEncoding::Utf16Be] {
            let format = FileFormat { encoding, bom: bom || encoding != FileEncoding::Utf8, ..FileFormat::of_text(&text) };
            let bytes = format.encode(&text).unwrap();
            prop_assert_eq!(FileText::decode(&bytes), Ok(FileText { text: text.clone(), format }));
        }
    }

    #[test]
    fn long_equal_ends_change_nothing(
        (above, below) in (0..250_usize, 0..250_usize),
        (old, new) in ("[ab\n]{0,12}", "[ab\n]{0,12}"),
    ) {
        let text = |middle: &str| "a\n".repeat(above) + middle + "\n" + &"b\n".repeat(below);
        let (old, new) = (text(&old), text(&new));
        let action = Action::Update { edits: line_replacements(&old, &new), move_to: None };
        prop_assert_eq!(action.apply(Some(&old)), Ok(Some(new.clone())));
        let hunks = diff_lines(&old, &new);
        let count = |text: &str| crate::lines(text).count();
        let grown: isize = hunks.iter().map(|hunk| hunk.new.len() as isize - hunk.old.len() as isize).sum();
        prop_assert_eq!(count(&old) as isize + grown, count(&new) as isize);
    }
}
