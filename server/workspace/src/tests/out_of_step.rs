//! Changes that were lost, came early, came late or came twice: the buffer is right, or marked as not known.

use super::support::{folder, opening};
use crate::early::EarlyChanges;
use crate::{Change, Overlay, ReadError};
use glossator_text::{Position, PositionEncoding, Range};
use std::time::{Duration, Instant};

/// `text` typed at the start.
fn typed(text: &str) -> Change {
    let start = Position { line: 0, character: 0 };
    Change { range: Some(Range { start, end: start }), text: text.to_owned() }
}

fn whole(text: &str) -> Change {
    Change { range: None, text: text.to_owned() }
}

enum Said {
    Open(i32, &'static str),
    Type(i32, &'static str),
    Whole(i32, &'static str),
    /// A typed text and after it a whole one, in one notification.
    Both(i32, &'static str),
    Nothing(i32),
    Lost,
    LostSomewhere,
    Save,
    Close,
}

/// What the buffer holds after the editor `said` all this: its text and version, or `None` where it is out of step.
fn check(said: &[Said], expected: Option<(&str, i32)>) {
    let overlay = Overlay::new(PositionEncoding::Utf16);
    overlay.open("other", opening(None, 0, ""));
    let change = |version, changes: &[Change]| {
        let _ = overlay.change("u", version, changes);
    };
    for one in said {
        match one {
            Said::Open(version, text) => overlay.open("u", opening(None, *version, text)),
            Said::Type(version, text) => change(*version, &[typed(text)]),
            Said::Whole(version, text) => change(*version, &[whole(text)]),
            Said::Both(version, text) => change(*version, &[typed("garbage"), whole(text), typed("+")]),
            Said::Nothing(version) => change(*version, &[]),
            Said::Lost => overlay.lost(Some("u")),
            Said::LostSomewhere => overlay.lost(None),
            Said::Save => overlay.saved("u"),
            Said::Close => overlay.close("u"),
        }
    }
    let buffer = overlay.by_uri("u").unwrap();
    assert_eq!(buffer.out_of_step, expected.is_none(), "{buffer:?}");
    if let Some((text, version)) = expected {
        assert_eq!((buffer.text.to_string().as_str(), buffer.version), (text, version));
    }
    let elsewhere = said.iter().any(|said| matches!(said, Said::LostSomewhere));
    assert_eq!(overlay.by_uri("other").unwrap().out_of_step, elsewhere);
}

#[test]
fn what_a_buffer_holds() {
    use Said::*;
    check(&[Open(0, "a"), Type(1, "b"), Type(9, "c")], Some(("cba", 9)));
    // Lost changes, until a whole text comes.
    check(&[Open(0, "a"), Lost], None);
    check(&[Open(0, "a"), LostSomewhere, Type(2, "b"), Type(3, "c"), Save], None);
    check(&[Open(0, "a"), Lost, Type(2, "b"), Whole(3, "whole"), Type(4, "c")], Some(("cwhole", 4)));
    check(&[Open(0, "a"), Lost, Both(2, "whole")], Some(("+whole", 2)));
    check(&[Open(0, "a"), Lost, Open(0, "again")], Some(("again", 0)));
    check(&[Open(0, "a"), Lost, Close, Open(0, "again")], Some(("again", 0)));
    // Versions rise.
    check(&[Open(5, "a"), Type(5, "b")], None);
    check(&[Open(0, "a"), Type(1, "b"), Type(1, "c"), Type(4, "d")], None);
    // A late one has its place where versions left a gap, and only there.
    check(&[Open(0, "a"), Type(3, "b"), Type(2, "c"), Type(4, "d")], Some(("dbca", 4)));
    check(&[Open(0, "a"), Type(1, "1"), Type(4, "4"), Type(2, "2"), Type(3, "3")], Some(("4321a", 4)));
    check(
        &[Open(0, "a"), Type(1, "1"), Type(4, "4"), Type(3, "3"), Type(2, "2"), Type(5, "5")],
        Some(("54321a", 5)),
    );
    check(&[Open(0, "a"), Type(9, "9"), Type(4, "4"), Type(4, "4")], None);
    check(&[Open(0, "a"), Type(2, "2"), Type(3, "3"), Type(3, "x")], None);
    check(&[Open(0, "a"), Type(2, "2"), Whole(3, "whole"), Type(1, "1")], Some(("whole", 3)));
    check(&[Open(0, "a"), Type(2, "2"), Lost, Type(1, "1")], None);
    check(&[Open(0, "a"), Type(2, "2"), Close, Open(1, "b"), Type(2, "c")], Some(("cb", 2)));
    check(&[Open(5, "a"), Whole(4, "whole"), Type(5, "b")], Some(("bwhole", 5)));
    check(&[Open(5, "a"), Nothing(5), Type(6, "b")], Some(("ba", 6)));
    // Before the opening.
    check(&[Type(1, "b"), Type(2, "c"), Open(0, "a")], Some(("cba", 2)));
    check(&[Type(1, "b"), Type(2, "c"), Open(1, "ba")], Some(("cba", 2)));
    check(&[Type(2, "b"), Type(1, "c"), Open(0, "a")], Some(("bca", 2)));
    check(&[Lost, Open(0, "a")], None);
    check(&[Whole(1, "whole"), Lost, Open(0, "a")], None);
    check(&[Whole(1, "whole"), Type(2, "b"), Open(0, "a")], Some(("bwhole", 2)));
    // After the closing: late ones of what was closed.
    check(&[Open(0, "a"), Type(7, "b"), Close, Type(8, "c"), Open(1, "fresh")], Some(("fresh", 1)));
    check(&[Open(0, "a"), Close, Type(8, "c"), Type(9, "d"), Open(0, "fresh")], Some(("fresh", 0)));
    // One that cannot be of what was closed is not kept, but not passed over either.
    check(&[Open(0, "a"), Type(7, "b"), Close, Type(1, "c"), Open(0, "fresh")], None);
    check(&[Open(0, "a"), Type(7, "b"), Close, Type(1, "c"), Open(1, "fresh")], Some(("fresh", 1)));
    // Opened again, all counts anew.
    check(&[Open(0, "a"), Close, Open(0, "b"), Type(1, "c")], Some(("cb", 1)));
}

#[test]
fn early_changes_are_kept_within_bounds() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let mut early = EarlyChanges::default();
    // Too old.
    early.keep("u", 1, &[typed("x")], at(0));
    early.keep("u", 2, &[typed("y")], at(1500));
    let caught = early.opened("u", 0, at(2100));
    assert_eq!((caught.changes.len(), caught.lost), (1, false));
    assert_eq!(early.opened("u", 0, at(2100)).changes, []);
    // Too many changes, too many documents: told for as long as it matters.
    for version in 1..=257 {
        early.keep("u", version, &[], at(3000));
    }
    assert!(!early.opened("u", 257, at(3000)).lost);
    for version in 1..=257 {
        early.keep("u", version, &[], at(3000));
    }
    let caught = early.opened("u", 0, at(3000));
    assert_eq!((caught.changes.len(), caught.lost), (256, true));
    for document in 0..65 {
        early.keep(&document.to_string(), 1, &[], at(4000));
    }
    assert!(early.opened("64", 0, at(4000)).lost);
    assert!(!early.opened("63", 0, at(4000)).lost);
    assert!(!early.opened("65", 0, at(6100)).lost);
}

#[tokio::test]
async fn a_buffer_out_of_step_is_neither_read_nor_edited() {
    let folder = folder(&[("a", "one\ntwo\n")]);
    let uri = folder.open("a");
    let change = folder.update("a", "two", "2");
    let checked = folder.check(vec![change.clone()]).await.unwrap();
    let moving = super::support::moved(change.clone(), folder.path("b"));
    let moving = folder.check(vec![moving]).await.unwrap();
    let delete = folder.check(vec![folder.delete("a")]).await.unwrap();
    folder.overlay.lost(Some(&uri));
    let refused = folder.workspace.read(&folder.path("a")).await.unwrap_err();
    assert!(matches!(refused, ReadError::OutOfStep { .. }));
    let expected = "could not be followed; close and reopen it, or save and reload";
    assert!(refused.to_string().contains(expected), "{refused}");
    assert!(folder.problems(vec![change.clone()]).await.contains(expected));
    // Checked before it was lost.
    assert!(checked.commit("test").await.to_string().contains(expected));
    assert!(moving.commit("test").await.to_string().contains(expected));
    assert!(delete.commit("test").await.to_string().contains("so it is not deleted"));
    assert!(folder.editor.asked.lock().is_empty());
    *folder.editor.resources.lock() = false;
    // The editor sends it whole.
    folder.type_whole("a", "one\ntwo\n");
    let (report, _) = folder.commit(vec![change]).await;
    assert!(report.ok, "{report}");
}

#[test]
fn changes_in_any_order_nearby_end_in_the_same_text() {
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..300 {
        let mut order: Vec<i32> = (1..=20).collect();
        for at in 0..order.len() - 4 {
            order.swap(at, at + random(4));
        }
        let overlay = Overlay::new(PositionEncoding::Utf16);
        overlay.open("u", opening(None, 0, "a"));
        for version in &order {
            overlay.change("u", *version, &[typed(&format!("{version} "))]).unwrap();
        }
        let buffer = overlay.by_uri("u").unwrap();
        let expected: String = (1..=20).rev().map(|version| format!("{version} ")).collect();
        assert_eq!(
            (buffer.text.to_string(), buffer.out_of_step),
            (format!("{expected}a"), false),
            "{order:?}"
        );
    }
}
