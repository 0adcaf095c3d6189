//! Lines and items: every item comes back from its line, whatever its strings look like, and edits are short.

use super::head;
use super::making::{answer, body, edit};
use crate::blobs::BlobRef;
use crate::codec::{self, LONG};
use crate::*;
use glossator_session::*;
use glossator_text::{
    Action, Base, ChangeSet, FileChange, FileEncoding, FileFormat, LineEnding, Replacement,
};
use proptest::prelude::*;
use std::collections::HashMap;

/// Through a line and back; gives the line.
fn through(item: &Item) -> (Vec<u8>, usize) {
    let encoded = codec::encode(item).unwrap();
    assert_eq!(encoded.line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let blobs: HashMap<BlobRef, String> = encoded.blobs.into_iter().collect();
    let read = |blob: &BlobRef| blobs.get(blob).cloned().ok_or_else(|| "gone".to_owned());
    let (back, lost) = codec::decode(&encoded.line, &read).unwrap();
    assert_eq!(lost, Vec::<String>::new());
    assert_eq!(&back, item, "{}", String::from_utf8_lossy(&encoded.line));
    let (id, turn, json) = codec::json(&encoded.line, &read).unwrap();
    let json: serde_json::Value = serde_json::from_str(json.get()).unwrap();
    assert_eq!((id, turn, json), (item.id, item.turn, serde_json::to_value(item).unwrap()));
    (encoded.line, blobs.len())
}

fn reference() -> String {
    BlobRef::to("x").reference("x", true)
}

#[test]
fn strings_that_look_like_references_come_back() {
    let one = reference();
    let cases = [
        one.clone(),
        format!("\\{one}"),
        format!("\\\\{one}"),
        format!("{one} and more"),
        format!(" {one}"),
        "glossator-blob:".to_owned(),
        "\\glossator-blob:\"".to_owned(),
        "x".repeat(LONG),
        "x".repeat(LONG + 1),
        format!("{one}{}", "é\n\"".repeat(LONG)),
        format!("\\{one}{}", "y".repeat(LONG)),
    ];
    for text in cases {
        let (line, blobs) = through(&answer(1, 1, &text));
        assert_eq!(blobs, usize::from(text.len() > LONG));
        assert!(line.len() < LONG * 2, "{}", line.len());
        let value = serde_json::json!({ "glossator-blob:": [text, { "k": text }] });
        let call = ToolCall { id: "c".into(), name: "t".into(), arguments: value };
        through(&body(1, 1, ItemBody::ToolCall { call, script: None }));
    }
}

#[test]
fn blobs_are_named_and_counted_in_lines() {
    let long = "ü".repeat(LONG);
    let encoded = codec::encode(&answer(1, 1, &long)).unwrap();
    let mut names = Vec::new();
    crate::blobs::names_in(&encoded.line, |name| names.push(name.to_owned()));
    let expected = BlobRef::to(&long);
    assert_eq!(names, [expected.hash.as_str()]);
    let text: serde_json::Value = serde_json::from_slice(&encoded.line).unwrap();
    assert_eq!(blob_of(text["text"].as_str().unwrap()), Some(expected));
    for no in
        ["", "x", "glossator-blob:", "glossator-blob:ab:1", &format!("glossator-blob:{}:1", "G".repeat(64))]
    {
        assert_eq!(blob_of(no), None, "{no}");
    }
}

#[test]
fn frozen_layers_are_blobs_and_come_back() {
    let long = FrozenLayer { layer: "toolReference".into(), text: "a line\n".repeat(1000) };
    let mut head = head("s-1");
    head.layers.push(long.clone());
    let encoded = codec::encode_header(&head).unwrap();
    assert!(encoded.line.len() < 700, "{}", encoded.line.len());
    let (header, lost) = codec::decode_header(&encoded.line, &|_| Ok(long.text.clone())).unwrap();
    assert_eq!((header.head, lost.len()), (head, 0));
    let compaction = |text: &str| {
        let compaction = Compaction {
            cause: CompactionCause::Window,
            summary: Some("short".into()),
            ledger: Ledger::default(),
            prompt: Vec::new(),
            to: Vec::new(),
            board: Vec::new(),
            told: Vec::new(),
            layers: vec![FrozenLayer { layer: "instructions".into(), text: text.to_owned() }],
            tokens_before: 1,
            tokens_after: 2,
        };
        body(1, 1, ItemBody::Context(ContextItem::Compaction(Box::new(compaction))))
    };
    assert_eq!(through(&compaction(&long.text)).1, 1);
    assert_eq!(through(&compaction("brief")).1, 0);
}

#[test]
fn what_is_lost_is_said_and_never_taken_for_the_whole() {
    let long = "z".repeat(LONG + 1);
    let lost = |body_: ItemBody| {
        let line = codec::encode(&body(1, 1, body_)).unwrap().line;
        let (item, lost) = codec::decode(&line, &|_| Err("b is missing".to_owned())).unwrap();
        assert!(!lost.is_empty());
        item.body
    };
    let ItemBody::Answer { text, raw } = lost(ItemBody::Answer {
        text: long.clone(),
        raw: Some(Raw { wire: "w".into(), model: "m".into(), json: long.clone() }),
    }) else {
        panic!()
    };
    assert!(text.starts_with("zzz") && text.contains("lost: b is missing"), "{text}");
    assert_eq!(raw, None);
    for (before, after) in [("a\n", format!("{long}\n")), ("a\n", "b\n".to_owned())] {
        let mut body_ = edit("/f", before, &after);
        if let ItemBody::ChangeSet { state: ChangeState::Intended { change, .. }, .. } = &mut body_ {
            change.files[0].action = Action::Delete { text: long.clone() };
        }
        let ItemBody::ChangeSet { state: ChangeState::Failed { message }, .. } = lost(body_) else {
            panic!()
        };
        assert!(message.contains("cannot be undone"), "{message}");
    }
    let image = Image { media_type: "image/png".into(), data: long.clone() };
    let input = vec![InputPart::Image { image, name: "shot".into() }];
    let ItemBody::UserMessage { input, .. } =
        lost(ItemBody::UserMessage { input, to: Vec::new(), queued: None })
    else {
        panic!()
    };
    assert!(matches!(&input[0], InputPart::Text { text } if text.contains("shot is lost")), "{input:?}");
}

#[test]
fn a_one_line_edit_is_short() {
    let line = |n: usize| format!("    let value_{n} = compute_something({n});\n");
    let before: String = (0..40).map(line).collect();
    let after = before.replace("value_20 = compute_something(20)", "value_20 = compute_other(20)");
    let item = body(123, 12, edit("/home/user/projects/thing/src/lib.rs", &before, &after));
    let (line, _) = through(&item);
    assert!(serde_json::to_vec(&item).unwrap().len() > 1700);
    assert!(line.len() < 700, "{} bytes: {}", line.len(), String::from_utf8_lossy(&line));
    assert!(line.windows(13).any(|part| part == b"\"kind\":\"edit\""));
}

#[test]
fn an_ask_for_an_edit_is_no_short_edit() {
    let ask = Ask {
        id: "a".into(),
        call: "c".into(),
        title: "t".into(),
        reason: String::new(),
        subject: AskSubject::Edit { files: Vec::new(), diff: String::new(), hunks: Vec::new() },
        grants: Vec::new(),
    };
    let answer = Answer { decision: Decision::Allow, grant: Grant::Once, message: None, hunks: None };
    through(&body(1, 1, ItemBody::Approval { ask, answer }));
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a\n".to_owned()),
        Just("b\n".to_owned()),
        Just("long line with words\n".to_owned()),
        Just("ü\r\n".to_owned()),
        Just("\\glossator-blob:".to_owned()),
        Just("no end".to_owned()),
        Just(reference()),
        Just("x".repeat(LONG)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![Just("/w/a.rs".to_owned()), Just("/w/b c.rs".to_owned()), Just("/w/ü\"\n".to_owned())]
}

fn base() -> impl Strategy<Value = Base> {
    prop_oneof![
        Just(Base::Absent),
        "[0-9a-f]{0,4}".prop_map(|hash| Base::Disk { hash }),
        ("[0-9a-f]{0,4}", any::<i32>()).prop_map(|(hash, version)| Base::Buffer { version, hash }),
    ]
}

fn replacements() -> impl Strategy<Value = Vec<Replacement>> {
    let start = prop_oneof![0..40usize, Just(usize::MAX)];
    let one = (start, text(), text()).prop_map(|(start, old, new)| Replacement { start, old, new });
    prop::collection::vec(one, 0..3)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        text().prop_map(|text| Action::Create { text }),
        text().prop_map(|text| Action::Delete { text }),
        (replacements(), prop::option::of(path().prop_map(Into::into)))
            .prop_map(|(edits, move_to)| Action::Update { edits, move_to }),
    ]
}

fn file() -> impl Strategy<Value = FileChange> {
    let format = prop_oneof![
        Just(FileFormat::default()),
        Just(FileFormat { encoding: FileEncoding::Latin1, bom: true, line_ending: LineEnding::CrLf }),
    ];
    let folders = prop::collection::vec(path().prop_map(Into::into), 0..2);
    (path(), base(), action(), format, prop::option::of(0..0o777u32), folders).prop_map(
        |(path, base, action, format, mode, made_folders)| FileChange {
            mode,
            made_folders,
            ..FileChange::new(path.into(), base, action, format)
        },
    )
}

fn hunk() -> impl Strategy<Value = HunkRecord> {
    let part = prop_oneof![
        Just(HunkPart::Lines),
        Just(HunkPart::Create),
        Just(HunkPart::Delete),
        Just(HunkPart::Move { from: "/w/a.rs".into() }),
    ];
    let place = (text(), 0..50usize, prop::option::of(1..9usize), text(), text())
        .prop_map(|(text, start, line, above, below)| HunkPlace { text, start, line, above, below });
    let verdict = prop::option::of(Just(HunkVerdict::Kept));
    ("C1\\.[1-3]", path(), part, text(), text(), prop::option::of(text()), place, verdict).prop_map(
        |(id, path, part, base, proposed, current, place, verdict)| HunkRecord {
            id: HunkId(id),
            path: path.into(),
            part,
            base,
            proposed,
            current,
            place,
            verdict,
        },
    )
}

proptest! {
    /// A line that was damaged is passed on as JSON only if it is an item, and then as one that any reader takes.
    #[test]
    fn damaged_lines_are_passed_on_as_they_are_read(
        text in text(),
        at in any::<prop::sample::Index>(),
        damage in "[\\[\\]{}\",:0-9eE\\\\ud]{0,6}",
        over in 0..4usize,
    ) {
        let mut line = codec::encode(&answer(7, 3, &text)).unwrap().line;
        let at = at.index(line.len());
        let end = (at + over).min(line.len());
        line.splice(at..end, damage.bytes());
        let none = |_: &BlobRef| Err("gone".to_owned());
        let read = codec::decode(&line, &none).ok().map(|(item, _)| item);
        if let Some((id, turn, json)) = codec::json(&line, &none) {
            let read = read.unwrap();
            prop_assert_eq!((id, turn), (read.id, read.turn));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(json.get()).unwrap(), serde_json::to_value(&read).unwrap());
        } else {
            prop_assert!(read.is_none());
        }
    }

    #[test]
    fn answers_come_back(text in text()) {
        through(&answer(7, 3, &text));
    }

    /// Edits as they are made: all of them short, and whole.
    #[test]
    fn edits_come_back(before in text(), after in text(), path in path()) {
        let item = body(1, 1, edit(&path, &before, &after));
        let (line, _) = through(&item);
        prop_assert!(line.windows(13).any(|part| part == b"\"kind\":\"edit\""));
        if before != after {
            prop_assert!(!String::from_utf8_lossy(&line).contains("\"proposed\""), "{}", String::from_utf8_lossy(&line));
        }
    }

    /// Edits that nobody would make.
    #[test]
    fn any_change_set_comes_back(
        files in prop::collection::vec(file(), 0..3),
        inverse in prop::option::of(prop::collection::vec(file(), 0..3)),
        hunks in prop::collection::vec(hunk(), 0..3),
        undoes in prop::option::of(Just(ChangeSetId("C0".into()))),
    ) {
        let change = ChangeSet { files };
        let sane = change.files.iter().all(|file| match &file.action {
            Action::Update { edits, .. } => edits.iter().all(|edit| edit.start < 100),
            _ => true,
        });
        let inverse = match inverse {
            Some(files) => ChangeSet { files },
            None if sane => change.inverse(|_| Some("ab".to_owned())),
            None => ChangeSet::default(),
        };
        let state = ChangeState::Intended { change, inverse, undoes, hunks };
        through(&body(1, 1, ItemBody::ChangeSet { id: "C1".into(), state }));
    }
}
