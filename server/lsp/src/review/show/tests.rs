//! Tests of how hunks are shown: one line a case, through one `check` each.

use super::*;
use crate::review::hunks::Place;
use glossator_agent::HunkView;
use glossator_session::{SessionId, TurnId};
use tower_lsp::lsp_types::Position;
use url::Url;

fn hunk(part: HunkPart, base: &str, proposed: &str, state: HunkState) -> Shown {
    let at = |line, character| Position { line, character };
    let lines = Range { start: at(4, 0), end: at(5, 3) };
    Shown {
        view: HunkView {
            session: SessionId::from("s"),
            turn: TurnId(7),
            id: "C3.2".into(),
            path: "/w/a.rs".into(),
            shown: "a.rs".to_owned(),
            part,
            state,
            base: base.to_owned(),
            proposed: proposed.to_owned(),
            current: proposed.to_owned(),
            text: None,
            range: None,
        },
        uri: Url::parse("file:///w/a.rs").unwrap(),
        version: None,
        is_open: true,
        over: Vec::new(),
        place: Some(Place { range: lines, lines, first_line: Range { start: at(4, 0), end: at(4, 9) } }),
    }
}

fn lines(base: &str, proposed: &str) -> Shown {
    hunk(HunkPart::Lines, base, proposed, HunkState::Pending)
}

#[test]
fn messages() {
    let check = |hunk: Shown, message: &str| assert_eq!(diagnostic(&hunk).unwrap().message, message);
    check(lines("a\n", "b\nc\nd\n"), "Glossator changed 3 lines (T-7, pending)");
    check(lines("", "b\n"), "Glossator added 1 line (T-7, pending)");
    check(lines("a\nb", ""), "Glossator removed 2 lines (T-7, pending)");
    check(hunk(HunkPart::Lines, "a\n", "b\n", HunkState::Amended), "Glossator changed 1 line (T-7, amended)");
    check(
        hunk(HunkPart::Create, "", "b\nc\n", HunkState::Pending),
        "Glossator created this file (T-7, pending)",
    );
    check(
        hunk(HunkPart::Move { from: "/w/old.rs".into() }, "", "", HunkState::Pending),
        "Glossator moved this file, which was old.rs (T-7, pending)",
    );
}

#[test]
fn diagnostics_name_their_hunk() {
    let shown = lines("a\n", "b\n");
    let found = diagnostic(&shown).unwrap();
    assert_eq!(found.severity, Some(DiagnosticSeverity::HINT));
    assert_eq!(found.code, Some(NumberOrString::String("C3.2".to_owned())));
    assert_eq!(found.data, Some(json!({ "session": "s", "hunk": "C3.2" })));
    assert_eq!((found.range.start.line, found.range.end.line), (4, 5));
    // A new file is marked by its first line, and what has no place is not marked at all.
    let whole = diagnostic(&hunk(HunkPart::Create, "", "b\nc\n", HunkState::Pending)).unwrap();
    assert_eq!((whole.range.start.line, whole.range.end.line), (4, 4));
    let lost = Shown { place: None, ..shown };
    assert_eq!((diagnostic(&lost), hover(&lost, true), lenses(&lost).len()), (None, None, 0));
}

#[test]
fn hovers() {
    let check = |hunk: &Shown, markdown: bool, parts: &[&str], absent: &[&str]| {
        let HoverContents::Markup(markup) = hover(hunk, markdown).unwrap().contents else { panic!() };
        assert_eq!(markup.kind == MarkupKind::Markdown, markdown);
        for part in parts {
            assert!(markup.value.contains(part), "no {part:?} in {}", markup.value);
        }
        for part in absent {
            assert!(!markup.value.contains(part), "{part:?} in {}", markup.value);
        }
    };
    let pending = lines("a\r\nb", "c\n");
    check(
        &pending,
        true,
        &["changed 1 line (C3.2, T-7, pending)", "```diff\n-a\n-b\n```", "keepHunk"],
        &["+c"],
    );
    check(&pending, false, &["\n-a\n-b\n"], &["```"]);
    let amended = hunk(HunkPart::Lines, "a\n", "b\n", HunkState::Amended);
    check(&amended, true, &["-a", "It was changed since", "```diff\n+b\n```"], &[]);
    check(&lines("", "c\n"), true, &["added 1 line"], &["```"]);
    check(&lines("x ```` y\n", "c\n"), true, &["`````diff\n-x ```` y\n`````"], &[]);
    let merged = Shown { over: vec![TurnId(2), TurnId(5)], ..lines("a\n", "b\n") };
    check(&merged, false, &["took over what T-2 and T-5 had changed here"], &[]);
    let long: String = (0..100).map(|n| format!("{n}{}\n", "é".repeat(500))).collect();
    check(&lines(&long, ""), true, &["\n-39", "-… 60 more lines"], &["\n-40"]);
}

#[test]
fn lenses_of_hunks_and_of_files() {
    let titles =
        |hunk: Shown| lenses(&hunk).into_iter().map(|lens| lens.command.unwrap().title).collect::<Vec<_>>();
    assert_eq!(titles(lines("a\n", "b\n")), ["Keep", "Reject", "Diff"]);
    let merged = Shown { over: vec![TurnId(2)], ..lines("a\n", "b\n") };
    assert_eq!(titles(merged), ["Keep", "Reject with T-2", "Diff"]);
    assert_eq!(
        titles(hunk(HunkPart::Create, "", "b\n", HunkState::Pending)),
        ["Keep file", "Reject file", "Diff"]
    );
}
