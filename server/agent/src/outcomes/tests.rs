//! What is told of hunks, as items come.

use super::*;
use glossator_session::HunkPlace;

fn record(id: &str, current: Option<&str>, verdict: Option<HunkVerdict>) -> HunkRecord {
    HunkRecord {
        id: id.into(),
        path: "/w/a.rs".into(),
        part: HunkPart::Lines,
        base: "old\n".to_owned(),
        proposed: "new\nlines\n".to_owned(),
        current: current.map(str::to_owned),
        place: HunkPlace { line: Some(40), ..HunkPlace::default() },
        verdict,
    }
}

fn reviewed(by: ReviewedBy, hunks: Vec<HunkRecord>) -> (ChangeSetId, ChangeState) {
    ("C3".into(), ChangeState::Reviewed { hunks, by })
}

fn intended(id: &str, undoes: Option<&str>) -> (ChangeSetId, ChangeState) {
    let (change, inverse, hunks) = Default::default();
    (id.into(), ChangeState::Intended { change, inverse, undoes: undoes.map(ChangeSetId::from), hunks })
}

/// What is told of the last of `items`.
fn last(items: &[(ChangeSetId, ChangeState)]) -> Vec<String> {
    let words = Words {
        path: &|path| path.strip_prefix("/w").unwrap_or(path).display().to_string(),
        redact: &|text| text.replace("secret", "***"),
    };
    let mut outcomes = Outcomes::default();
    let mut told = Vec::new();
    for (id, state) in items {
        told = outcomes.take(id, state, &words);
    }
    told
}

#[test]
fn one_line_for_each_outcome() {
    use HunkVerdict::{Kept, Merged, Rejected};
    use ReviewedBy::{Edit, Policy, Seen, User};
    let check = |by, current: Option<&str>, verdict: Option<HunkVerdict>, expected: &str| {
        let told = last(&[reviewed(by, vec![record("C3.2", current, verdict)])]);
        let expected: Vec<String> = match expected {
            "" => Vec::new(),
            text => vec![format!("hunk C3.2 (a.rs:40): {text}")],
        };
        assert_eq!(told, expected);
    };
    let base = Some("old\n");
    check(User, None, Some(Kept), "the user kept it");
    check(User, base, Some(Rejected), "the user rejected it; the lines are as they were before");
    check(User, base, Some(Kept), "the user put back what stood there before and kept that");
    check(
        User,
        Some("new\nwith a secret\n"),
        Some(Kept),
        "the user changed it and kept that:\n new\n-lines\n+with a ***",
    );
    check(User, None, None, "");
    check(Seen, base, None, "it was undone in the editor; what stood there before stands there again");
    check(Seen, Some("mine\n"), None, "");
    check(Edit, base, None, "the user undid it; what stood there before stands there again");
    check(Edit, None, Some(Merged { into: "C4.1".into() }), "");
    check(Policy, None, Some(Kept), "");
}

#[test]
fn what_is_known_is_not_said_again() {
    use ReviewedBy::{Seen, User};
    let one = |by, current, verdict| reviewed(by, vec![record("C3.1", current, verdict)]);
    let kept = || one(User, None, Some(HunkVerdict::Kept));
    assert_eq!(last(&[kept(), kept()]), Vec::<String>::new());
    let undone = || one(Seen, Some("old\n"), None);
    assert_eq!(last(&[undone(), undone()]), Vec::<String>::new());
    assert_eq!(
        last(&[undone(), one(Seen, None, None)]),
        ["hunk C3.1 (a.rs:40): it was made again in the editor; it stands"]
    );
    assert_eq!(
        last(&[kept(), one(User, None, None)]),
        ["hunk C3.1 (a.rs:40): the user took that decision back; it is open again"]
    );
}

#[test]
fn whole_undos_are_told_by_the_history() {
    use ReviewedBy::Edit;
    let undone = |by| reviewed(by, vec![record("C3.1", Some("old\n"), None)]);
    let mark = |id: &str| (ChangeSetId::from(id), ChangeState::Undone);
    assert_eq!(last(&[intended("C4", Some("C3")), mark("C3"), undone(Edit)]), Vec::<String>::new());
    let again = || reviewed(Edit, vec![record("C3.1", None, None)]);
    let redo = [intended("C5", Some("C4")), mark("C4"), ("C3".into(), ChangeState::Committed), again()];
    let mut items = vec![intended("C4", Some("C3")), mark("C3"), undone(Edit)];
    items.extend(redo);
    assert_eq!(last(&items), Vec::<String>::new());
    // In part.
    let items = [intended("C4", Some("C3")), undone(Edit), intended("C5", Some("C4")), again()];
    assert_eq!(last(&items), ["hunk C3.1 (a.rs:40): the user took the undoing of it back; it stands again"]);
}

#[test]
fn many_are_told_together_and_long_diffs_are_cut() {
    let rejected = |number| record(&format!("C3.{number}"), Some("old\n"), Some(HunkVerdict::Rejected));
    let mut hunks: Vec<HunkRecord> = (1..=20).map(rejected).collect();
    hunks.push(HunkRecord { path: "/w/b\n.rs".into(), ..rejected(21) });
    let told = last(&[reviewed(ReviewedBy::User, hunks)]);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("hunks C3.1, C3.2, ") && told[0].contains(" and 8 more (a.rs), of each: "),
        "{told:?}"
    );
    assert!(told[1].starts_with("hunk C3.21 (b\u{fffd}.rs:40): "), "{told:?}");
    let long: String = (0..1000).map(|line| format!("größer {line}\n")).collect();
    let kept = record("C3.1", Some(&long), Some(HunkVerdict::Kept));
    let told = last(&[reviewed(ReviewedBy::User, vec![kept])]);
    assert!(told[0].len() < DIFF_BYTES + 200 && told[0].ends_with("... (cut; read the file)"), "{told:?}");
}
