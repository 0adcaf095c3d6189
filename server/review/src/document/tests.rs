//! Tests of the review document: what is written, what is read back, what a line belongs to.

use super::*;
use crate::{FileReview, hunks_of};
use glossator_session::ChangeSetId;
use glossator_text::{Action, Base, FileChange, FileFormat};
use proptest::prelude::*;
use std::path::Path;

/// A page of one file that the agent edited from `before` to `after`, as it is `now`.
fn page(path: &str, (before, after): (Option<&str>, Option<&str>), now: Option<&str>) -> Page {
    let action = Action::Update { edits: Vec::new(), move_to: None };
    let change = FileChange::new(path.into(), Base::Absent, action, FileFormat::default());
    let records = hunks_of(&ChangeSetId::from("C1"), &mut 1, &change, (before, after));
    let mut review = FileReview::load(Path::new(path), after.map(Arc::from), &records);
    review.follow(now.map(Arc::from));
    let hunks = review.hunks().iter().map(|hunk| PageHunk {
        id: hunk.id.clone(),
        part: hunk.part.clone(),
        state: review.state(hunk),
        base: hunk.base.clone(),
        current: review.current(hunk).to_owned(),
        range: (!hunk.lost).then(|| hunk.range.clone()),
    });
    let file =
        PageFile { path: path.to_owned(), from: None, text: now.map(Arc::from), hunks: hunks.collect() };
    Page { turn: "T-7".to_owned(), files: vec![file] }
}

fn body(page: &Page) -> String {
    let text = render(page);
    text[text.find("diff --git").unwrap_or(text.len())..].to_owned()
}

const BEFORE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";
const AFTER: &str = "one\ntwo\nTHREE\nfour\nfive\nsix\nseven\neight\nnine\nmore\nten\n";

fn usual_page() -> Page {
    page("src/a.rs", (Some(BEFORE), Some(AFTER)), Some(AFTER))
}

#[test]
fn shape() {
    assert_eq!(
        render(&usual_page()),
        "# T-7: 2 hunks in 1 file, 2 to decide.\n\
         # Keep or reject them by code action, each for itself, by file or all. Or edit this document and then Apply it:\n\
         # - change + lines: that text is put there and kept\n\
         # - write keep or reject in place of a hunk's state, or delete the whole hunk to reject it\n\
         # Lines that begin with - or a blank must stay as they are.\n\
         diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n\
         @@ -1,6 +1,6 @@ C1.1 pending\n one\n two\n-three\n+THREE\n four\n five\n six\n\
         @@ -7,4 +7,5 @@ C1.2 pending\n seven\n eight\n nine\n+more\n ten\n"
    );
}

#[test]
fn states_and_places() {
    let now = AFTER.replace("THREE", "3").replace("one\n", "zero\none\n");
    let text = body(&page("a", (Some(BEFORE), Some(AFTER)), Some(&now)));
    assert!(
        text.contains(
            "@@ -1,7 +1,7 @@ C1.1 amended: + lines are what stands there now\n zero\n one\n two\n-three\n+3\n"
        ),
        "{text}"
    );
    let undone = body(&page("a", (Some(BEFORE), Some(AFTER)), Some(BEFORE)));
    assert!(undone.contains("C1.1 undone\n one\n two\n-three\n+three\n four\n"), "{undone}");
    // Hunks close to each other share the lines between them.
    let near = body(&page("a", (Some("a\nb\nc\nd\ne\n"), Some("A\nb\nc\nd\nE\n")), Some("A\nb\nc\nd\nE\n")));
    assert!(near.ends_with("C1.1 pending\n-a\n+A\n b\n c\n d\n@@ -5 +5 @@ C1.2 pending\n-e\n+E\n"), "{near}");
}

#[test]
fn ends_and_whole_files() {
    for (before, after, expected) in [
        (
            Some("a"),
            Some("b"),
            "@@ -1 +1 @@ C1.1 pending\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
        ),
        (Some("a\r\nb\r\n"), Some("a\r\nX\r\n"), "@@ -1,2 +1,2 @@ C1.1 pending\n a\r\n-b\r\n+X\r\n"),
        (Some("a\rb\r"), Some("a\rX\r"), "@@ -1,2 +1,2 @@ C1.1 pending\n a\r\n-b\r\n+X\r\n"),
        (
            None,
            Some("n\n"),
            "new file mode 100644\n--- /dev/null\n+++ b/a b\t\n@@ -0,0 +1 @@ C1.1 pending\n+n\n",
        ),
        (
            Some("o\n"),
            None,
            "deleted file mode 100644\n--- a/a b\t\n+++ /dev/null\n@@ -1 +0,0 @@ C1.1 pending\n-o\n",
        ),
        (None, Some(""), "diff --git a/a b b/a b\nnew file mode 100644\n"),
    ] {
        let text = render(&page("a b", (before, after), after));
        assert!(text.ends_with(expected), "{text}");
    }
    let empty = render(&page("a b", (None, Some("")), Some("")));
    assert!(empty.contains("\n# C1.1 pending: a b: a new file, which is empty\ndiff"), "{empty}");
}

/// What an edit of the document decides, or the first problem and its line.
fn check(page: &Page, edit: impl Fn(&str) -> String, expected: Result<&[(&str, Choice)], (usize, &str)>) {
    let text = edit(&render(page));
    match (read(&text, page), expected) {
        (Ok(found), Ok(expected)) => {
            let found: Vec<(&str, Choice)> =
                found.iter().map(|decision| (decision.id.0.as_str(), decision.choice.clone())).collect();
            assert_eq!(found, expected, "{text}");
        }
        (Err(found), Err((line, part))) => {
            let first = &found[0];
            assert!(first.line == line && first.message.contains(part), "{found:?}\n{text}");
        }
        (found, expected) => panic!("{found:?} but {expected:?}\n{text}"),
    }
}

#[test]
fn decisions() {
    let page = usual_page();
    let replace = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from));
            text.replacen(from, to, 1)
        }
    };
    let edit = |text: &str| Choice::Edit(text.to_owned());
    let second = |text: &str| text[..text.find("@@ -7").unwrap()].to_owned();
    check(&page, str::to_owned, Ok(&[]));
    check(&page, |text| text.replace('\n', "\r\n"), Ok(&[]));
    check(&page, |text| format!("{text}\n\n"), Ok(&[]));
    check(&page, replace("+THREE\n", "+3\n+3b\n"), Ok(&[("C1.1", edit("3\n3b\n"))]));
    check(&page, replace("+THREE\n", ""), Ok(&[("C1.1", edit(""))]));
    check(&page, replace("+THREE\n", "+three\n"), Ok(&[("C1.1", Choice::Reject)]));
    check(&page, replace("-three\n+THREE\n", "+3\n-three\n"), Ok(&[("C1.1", edit("3\n"))]));
    check(&page, replace("C1.1 pending", "C1.1 keep"), Ok(&[("C1.1", Choice::Keep)]));
    check(&page, replace("C1.2 pending", "C1.2 Rejected"), Ok(&[("C1.2", Choice::Reject)]));
    check(&page, replace("+more", "+much more"), Ok(&[("C1.2", edit("much more\n"))]));
    check(&page, second, Ok(&[("C1.2", Choice::Reject)]));
    check(&page, replace("@@ -1,6 +1,6 @@", "@@ @@"), Ok(&[]));
    check(&page, replace("# Lines that", "# my note: that"), Ok(&[]));
    check(&page, replace("C1.1 pending", "C1.1 maybe"), Err((8, "'maybe' is no decision")));
    check(&page, replace("C1.1 pending", "C1.9 pending"), Err((8, "no hunk C1.9")));
    check(&page, replace("C1.2 pending", "C1.1 pending"), Err((16, "twice")));
    check(&page, replace("@@ C1.1 pending", ""), Err((8, "names no hunk")));
    check(&page, replace("-three", "-3"), Err((11, "not what stood here")));
    check(&page, replace(" two\n", " 2\n"), Err((10, "not what stood here")));
    check(&page, replace(" six\n", ""), Err((8, "lacks the line 'six'")));
    check(&page, replace(" two\n", "+2\n two\n"), Err((10, "only where the hunk's own are")));
    check(&page, replace("+THREE\n", "+THREE\nnaked\n"), Err((13, "no sign")));
    check(&page, replace("diff", "stray\ndiff"), Err((5, "belongs to no file")));
    check(&page, |_| String::new(), Err((0, "Reject all")));
}

#[test]
fn blank_lines_and_endings() {
    let (before, after) = ("a\r\n\r\nb\r\nc\r\n\r\n", "a\r\n\r\nX\r\nY\r\nc\r\n\r\n");
    let page = page("a", (Some(before), Some(after)), Some(after));
    // An editor that takes blanks away and writes one kind of line break.
    check(&page, |text| text.replace("\r\n", "\n").replace("\n \n", "\n\n"), Ok(&[]));
    let edit = Choice::Edit("X\r\nZ\r\n".to_owned());
    check(&page, |text| text.replace("\r\n", "\n").replace("+Y", "+Z"), Ok(&[("C1.1", edit)]));
    let bare = self::page("a", (Some("a\nb"), Some("a\nX")), Some("a\nX"));
    check(&bare, |text| text.replace("+X", "+Z"), Ok(&[("C1.1", Choice::Edit("Z".to_owned()))]));
    let broken = |text: &str| text.strip_suffix("\\ No newline at end of file\n").unwrap().to_owned();
    check(&bare, broken, Ok(&[("C1.1", Choice::Edit("X\n".to_owned()))]));
}

#[test]
fn lines_like_headers() {
    let before = "-- a/x\nold\n++ b/x\n";
    let after = "-- a/x\n@@ -1 +1 @@ C1.1 keep\ndiff --git a/b b/b\n# note\n++ b/x\n-- more\n";
    let page = page("x", (Some(before), Some(after)), Some(after));
    check(&page, str::to_owned, Ok(&[]));
}

#[test]
fn spots() {
    let text = render(&usual_page());
    let spot = |hunk: Option<&str>, line| {
        Some(Spot { path: "src/a.rs".to_owned(), hunk: hunk.map(HunkId::from), line })
    };
    for (line, expected) in [
        (0, None),
        (4, None),
        (5, spot(None, None)),
        (7, spot(None, None)),
        (8, spot(Some("C1.1"), Some(0))),
        (9, spot(Some("C1.1"), Some(0))),
        (11, spot(Some("C1.1"), Some(2))),
        (12, spot(Some("C1.1"), Some(2))),
        (13, spot(Some("C1.1"), Some(3))),
        (16, spot(Some("C1.2"), Some(6))),
        (20, spot(Some("C1.2"), Some(9))),
        (21, spot(Some("C1.2"), Some(10))),
        (22, None),
    ] {
        assert_eq!(at_line(&text, line), expected, "line {line}");
    }
    let moved = PageHunk {
        id: HunkId::from("C2.1"),
        part: HunkPart::Move { from: "/p/old.rs".into() },
        state: HunkState::Pending,
        base: String::new(),
        current: String::new(),
        range: Some(0..0),
    };
    let mut page = usual_page();
    page.files[0].from = Some("src/old.rs".to_owned());
    page.files[0].hunks.insert(0, moved);
    let text = render(&page);
    assert!(
        text.contains("rename from src/old.rs\nrename to src/a.rs\n--- a/src/old.rs\n+++ b/src/a.rs\n"),
        "{text}"
    );
    assert_eq!(at_line(&text, 5), spot(Some("C2.1"), None));
    assert_eq!(at_line(&text, 6), spot(None, None));
    check(&page, str::to_owned, Ok(&[]));
    check(&page, |text| text.replace("C2.1 pending", "C2.1 reject"), Ok(&[("C2.1", Choice::Reject)]));
}

#[test]
fn names_in_quotes() {
    let page = page("ä\"b\\\n\u{1b}", (Some("a\n"), Some("b\n")), Some("b\n"));
    let text = render(&page);
    assert!(text.contains("+++ \"b/ä\\\"b\\\\\\n\\033\"\n"), "{text}");
    assert_eq!(at_line(&text, 9).unwrap().path, "ä\"b\\\n\u{1b}");
    check(&page, str::to_owned, Ok(&[]));
}

fn wild() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[a-c ]{0,3}",
        Just("@@ x".to_owned()),
        Just("-- y".to_owned()),
        Just("ü\u{2028}—".to_owned())
    ];
    let ending = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    (prop::collection::vec((line, ending), 0..12), "[ab]{0,2}").prop_map(|(lines, rest)| {
        let lines: String = lines.into_iter().map(|(line, ending)| line + ending).collect();
        lines + &rest
    })
}

proptest! {
    #[test]
    fn unedited_decides_nothing(
        before in prop::option::weighted(0.9, wild()),
        after in prop::option::weighted(0.9, wild()),
        now in prop::option::weighted(0.9, wild()),
        same in any::<bool>(),
    ) {
        let now = if same { &after } else { &now };
        let page = page("a/b.txt", (before.as_deref(), after.as_deref()), now.as_deref());
        let text = render(&page);
        prop_assert_eq!(read(&text, &page), Ok(Vec::new()), "{}", text);
        prop_assert_eq!(read(&text.replace("\r\n", "\n"), &page), Ok(Vec::new()), "{}", text);
    }

    #[test]
    fn edited_lines_read_back(
        before in wild(),
        after in wild(),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        new in prop::collection::vec("[x-z+@ -]{0,4}", 0..4),
    ) {
        let (before, after) = (crate::endings::with_ending(&before, ending), crate::endings::with_ending(&after, ending));
        let page = page("a", (Some(&before), Some(&after)), Some(&after));
        let text = render(&page);
        let parsed = parsed::parse(&text);
        let Some(entry) = parsed.entries.first() else { return Ok(()) };
        let hunk = &page.files[0].hunks[0];
        let has_break = [&before, &after].iter().any(|text| text.contains(ending));
        prop_assume!(has_break || ending == "\n");
        let usual = if hunk.base.contains(ending) || after.contains(ending) { ending } else { "\n" };
        let old: Vec<usize> = entry.lines.iter().filter(|part| part.sign == parsed::Sign::New).map(|part| part.line).collect();
        let at = entry.lines.iter().rev().find(|part| part.sign == parsed::Sign::Old).map(|part| part.line);
        let at = old.first().copied().or(at.map(|at| at + 1)).unwrap_or(entry.line + 1);
        let is_mark = |line: usize| glossator_text::lines(&text).nth(line).is_some_and(|line| line.starts_with('\\'));
        let at = if old.is_empty() && is_mark(at) { at + 1 } else { at };
        let mut out = String::new();
        for (number, line) in glossator_text::lines(&text).enumerate() {
            if number == at {
                new.iter().for_each(|line| out.push_str(&format!("+{line}\n")));
            }
            // The mark after the last of the old + lines goes with it.
            let is_mark = line.starts_with('\\') && old.contains(&(number.wrapping_sub(1)));
            if !old.contains(&number) && !is_mark {
                out.push_str(line);
            }
        }
        if at >= glossator_text::lines(&text).count() {
            new.iter().for_each(|line| out.push_str(&format!("+{line}\n")));
        }
        let expected: String = new.iter().map(|line| format!("{line}{usual}")).collect();
        let expected = match &expected {
            text if *text == hunk.current => Vec::new(),
            text if *text == hunk.base => vec![Decision { id: hunk.id.clone(), choice: Choice::Reject }],
            text => vec![Decision { id: hunk.id.clone(), choice: Choice::Edit(text.clone()) }],
        };
        prop_assert_eq!(read(&out, &page), Ok(expected), "{}\nwas\n{}", out, text);
    }

    #[test]
    fn nothing_panics(before in wild(), after in wild(), cut in any::<prop::sample::Index>(), put in "[-+@# \\\\a\n\r]{0,6}", line in 0..60usize) {
        let page = page("a", (Some(&before), Some(&after)), Some(&after));
        let mut text = render(&page);
        let mut at = cut.index(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, &put);
        let _ = read(&text, &page);
        let _ = at_line(&text, line);
        let _ = read(&text[at..], &page);
    }
}
