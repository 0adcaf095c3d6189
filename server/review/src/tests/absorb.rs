//! The agent's next edits: what merges, what stays, what is lost.

use super::*;
use crate::Side;
use glossator_session::{HunkPart, HunkVerdict};

/// Takes the next edit of the agent in.
fn edit(review: &mut FileReview, set: &str, after: Option<&str>) -> Vec<HunkId> {
    let before = review.text().cloned();
    let records = records(set, before.as_deref(), after);
    let changed = review.absorb(&records, (before, after.map(Arc::from)));
    assert_sound(review);
    changed
}

fn into(review: &FileReview, name: &str) -> Option<HunkVerdict> {
    review.records(&[id(name)]).remove(0).verdict
}

fn merged(name: &str) -> Option<HunkVerdict> {
    Some(HunkVerdict::Merged { into: id(name) })
}

#[test]
fn lines() {
    let l = super::lines;
    for (name, texts, expected, base) in [
        ("elsewhere", ["abcde", "aBcde", "aBcDe"], vec!["1.1 pending B", "2.1 pending D"], "abcde"),
        ("the same line", ["abcde", "aBcde", "a2cde"], vec!["2.1 pending 2"], "abcde"),
        ("next to it", ["abcde", "aBcde", "aBCde"], vec!["2.1 pending BC"], "abcde"),
        ("above it", ["abcde", "abCde", "aBCde"], vec!["2.1 pending BC"], "abcde"),
        ("around it", ["abcde", "abCde", "a2e"], vec!["2.1 pending 2"], "abcde"),
        ("back again", ["abcde", "aBcde", "abcde"], vec!["2.1 undone? b"], "abcde"),
        ("partly back", ["abcde", "aBCDe", "aBcde"], vec!["2.1 pending B"], "abcde"),
        ("two by one", ["abcde", "aBcDe", "aBCDe"], vec!["2.1 pending BCD"], "abcde"),
        ("one by two", ["abcde", "aBCDe", "a1C2e"], vec!["2.1 pending 1C2"], "abcde"),
        ("a deletion filled", ["abcde", "acde", "aXcde"], vec!["2.1 pending X"], "abcde"),
        ("an insertion taken out", ["abcde", "abXcde", "abcde"], vec!["2.1 undone? "], "abcde"),
    ] {
        let [first, second, third] = texts.map(l);
        let mut review = review(&first, &second);
        edit(&mut review, "C2", Some(&third));
        assert_eq!(shown(&review), expected, "{name}");
        let open: Vec<HunkId> = ids(&review);
        let (edits, _) = review.edits(&open, Side::Base);
        assert_eq!(apply(edits, &third), l(base), "{name}");
    }
}

#[test]
fn what_is_told_of_a_merge() {
    let l = super::lines;
    let mut review = review(&l("abcde"), &l("aBcDe"));
    let changed = edit(&mut review, "C2", Some(&l("a2cDe")));
    assert_eq!(changed, [id("C1.1"), id("C2.1")]);
    assert_eq!(into(&review, "C1.1"), merged("C2.1"));
    let record = review.records(&[id("C2.1")]).remove(0);
    assert_eq!((record.base, record.proposed, record.current), (l("b"), l("2"), None));
    assert!(review.edits(&[id("C1.1")], Side::Base).1[0].1.contains("C2.1"));
    review.decide(&id("C1.1"), None);
    assert_eq!(into(&review, "C1.1"), merged("C2.1"));
}

#[test]
fn decided_ones() {
    let l = super::lines;
    for (verdict, now, expected) in [
        (Some(HunkVerdict::Kept), "aBcde", vec!["2.1 pending 2", "1.1 kept? B"]),
        (Some(HunkVerdict::Rejected), "abcde", vec!["2.1 pending 2", "1.1 rejected? b"]),
        (None, "abcde", vec!["2.1 pending 2", "1.1 undone? b"]),
    ] {
        let mut review = review(&l("abcde"), &l("aBcde"));
        review.decide(&id("C1.1"), verdict);
        review.follow(text(&l(now)));
        let changed = edit(&mut review, "C2", Some(&l("a2cde")));
        assert_eq!(shown(&review), expected);
        assert!(changed.contains(&id("C1.1")));
        // It is not found again after a restart either, even where its old text would be back.
        let records = review.records(&ids(&review));
        let again = FileReview::load(Path::new(PATH), text(&l("a2cde")), &records);
        assert_eq!(shown(&again), expected);
    }
    let mut review = review(&l("abcde"), &l("aBcde"));
    review.decide(&id("C1.1"), Some(HunkVerdict::Kept));
    edit(&mut review, "C2", Some(&l("aBCde")));
    assert_eq!(shown(&review), ["1.1 kept B", "2.1 pending C"], "a kept neighbour stays");
}

#[test]
fn amended_ones() {
    let l = super::lines;
    let mut review = review(&l("abcde"), &l("aBcde"));
    let records = records("C2", Some(&l("aUcde")), Some(&l("a2cde")));
    review.absorb(&records, (text(&l("aUcde")), text(&l("a2cde"))));
    assert_eq!(shown(&review), ["2.1 pending 2"]);
    assert_eq!(review.hunks()[0].base, l("b"));
}

#[test]
fn without_the_text_before() {
    let l = super::lines;
    let mut review = review(&l("abcde"), &l("aBcde"));
    review.absorb(&records("C2", Some(&l("1aBcde")), Some(&l("1a2cde"))), (None, text(&l("1a2cde"))));
    assert_eq!(shown(&review), ["2.1 pending 2"]);
    assert_eq!(review.hunks()[0].base, l("b"));
    // Neither text is what the records say: the new hunk is looked for, the old one must give way.
    let mut other = super::review(&l("abcde"), &l("aBcde"));
    let records = records("C2", Some(&l("aBcde")), Some(&l("a2cde")));
    other.absorb(&records, (None, text(&l("xa2cdey"))));
    assert_eq!(shown(&other), ["2.1 pending 2", "1.1 amended? 2"]);
    assert_sound(&other);
}

#[test]
fn whole_files() {
    let load = |before: Option<&str>, after: Option<&str>| {
        FileReview::load(Path::new(PATH), after.map(Arc::from), &records("C1", before, after))
    };
    let mut created = load(None, Some("a\n"));
    created.follow(text("a\nuser\n"));
    edit(&mut created, "C2", Some("a\nb\nuser\n"));
    assert_eq!(shown(&created), ["2.1 pending abuser"]);
    assert_eq!(created.hunks()[0].part, HunkPart::Create);
    assert_eq!(into(&created, "C1.1"), merged("C2.1"));
    edit(&mut created, "C3", None);
    assert_eq!(shown(&created), ["3.1 undone? "]);

    let mut deleted = load(Some("a\nb\n"), None);
    edit(&mut deleted, "C2", Some("a\nc\n"));
    assert_eq!(shown(&deleted), ["2.1 pending ac"]);
    assert_eq!((deleted.hunks()[0].part.clone(), &*deleted.hunks()[0].base), (HunkPart::Lines, "a\nb\n"));

    let l = super::lines;
    let mut edited = review(&l("abcde"), &l("aBcDe"));
    edited.decide(&id("C1.2"), Some(HunkVerdict::Kept));
    edit(&mut edited, "C2", None);
    assert_eq!(shown(&edited), ["2.1 pending ", "1.2 kept? D"]);
    assert_eq!(edited.hunks()[0].base, l("abcDe"));
    edited.follow(text(&l("abcDe")));
    assert_eq!(shown(&edited), ["2.1 undone abcDe", "1.2 kept D"]);
}

#[test]
fn moves() {
    let l = super::lines;
    let moved = |set: &str, from: &str| HunkRecord {
        id: id(&format!("{set}.1")),
        path: PATH.into(),
        part: HunkPart::Move { from: from.into() },
        base: String::new(),
        proposed: String::new(),
        current: None,
        place: Default::default(),
        verdict: None,
    };
    let mut review = review(&l("abc"), &l("aXc"));
    review.move_to(Path::new("/project/b.txt"));
    let now = review.text().cloned();
    review.absorb(&[moved("C2", PATH)], (now.clone(), now.clone()));
    assert_eq!(shown(&review), ["2.1 pending aXc", "1.1 pending X"].map(|line| line.replace("aXc", "")));
    review.move_to(Path::new(PATH));
    review.absorb(&[moved("C3", "/project/b.txt")], (now.clone(), now.clone()));
    assert_eq!(shown(&review), ["1.1 pending X", "3.1 undone? "]);
    assert_eq!(into(&review, "C2.1"), merged("C3.1"));

    let mut created = FileReview::load(Path::new(PATH), text("a\n"), &records("C1", None, Some("a\n")));
    created.move_to(Path::new("/project/b.txt"));
    created.absorb(&[moved("C2", PATH)], (text("a\n"), text("a\n")));
    assert_eq!(shown(&created), ["2.1 pending a"]);
    assert_eq!(created.hunks()[0].part, HunkPart::Create);
}

#[test]
fn what_is_settled_does_not_come_back_with_an_edit_from_elsewhere() {
    let check = |typed: &str, verdict: Option<HunkVerdict>, after: &str, expected: &[&str]| {
        let mut review = review(&super::lines("abcde"), &super::lines("aBcDe"));
        if let Some(verdict) = verdict {
            review.decide(&"C1.1".into(), Some(verdict));
        }
        review.follow(text(&super::lines(typed)));
        review.settle(&super::lines(after));
        review.follow(text(&super::lines(after)));
        assert_sound(&review);
        assert_eq!(shown(&review), expected, "{typed} {after}");
    };
    // The same edit again, another one in its lines, and one beside it.
    check("abcDe", None, "aBcDe", &["1.2 pending D", "1.1 undone? b"]);
    check("abcDe", Some(HunkVerdict::Rejected), "aBcDe", &["1.2 pending D", "1.1 rejected? b"]);
    check("abcDe", None, "aXcDe", &["1.2 pending D", "1.1 undone? b"]);
    check("abcDe", None, "abXDe", &["1.1 undone b", "1.2 pending D"]);
    // What waits is followed as ever, and so is what was kept.
    check("aBcDe", None, "aXcDe", &["1.1 amended X", "1.2 pending D"]);
    check("aBcDe", Some(HunkVerdict::Kept), "aXcDe", &["1.1 kept X", "1.2 pending D"]);
}
