//! Which hunks an edit has, and what is left of it when some are accepted: as data, and for any texts and answers.

use super::*;
use glossator_text::{Base, FileFormat};
use proptest::prelude::*;
use std::path::PathBuf;

/// A file of an edit: name, text before and after; `to` another name where it moves.
#[derive(Debug, Clone)]
struct File {
    name: &'static str,
    to: Option<&'static str>,
    before: Option<String>,
    after: Option<String>,
}

fn file(name: &'static str, before: Option<&str>, after: Option<&str>) -> File {
    File { name, to: None, before: before.map(str::to_owned), after: after.map(str::to_owned) }
}

fn moved(name: &'static str, to: &'static str, before: &str, after: &str) -> File {
    File { to: Some(to), ..file(name, Some(before), Some(after)) }
}

fn piece(file: &File) -> Piece {
    let path = |name: &str| PathBuf::from("/w").join(name);
    let action = match (&file.before, &file.after) {
        (None, Some(text)) => Action::Create { text: text.clone() },
        (Some(text), None) => Action::Delete { text: text.clone() },
        (before, after) => Action::Update {
            edits: glossator_text::line_replacements(
                before.as_deref().unwrap_or_default(),
                after.as_deref().unwrap_or_default(),
            ),
            move_to: file.to.map(path),
        },
    };
    Piece {
        change: FileChange::new(path(file.name), Base::Absent, action, FileFormat::default()),
        from: file.name.to_owned(),
        to: file.to.unwrap_or(file.name).to_owned(),
        before: file.before.as_deref().map(Arc::from),
        after: file.after.as_deref().map(Arc::from),
    }
}

fn proposal(files: &[File]) -> Proposal {
    Proposal::new(files.iter().map(piece).collect())
}

/// The text of each file after `accepted`, by the path it then has; `None`: it is gone.
fn texts(files: &[File], accepted: &Accepted) -> Vec<(String, Option<String>)> {
    let text = |file: &File| {
        let path = PathBuf::from("/w").join(file.name);
        match accepted.change.files.iter().find(|change| change.path == path) {
            Some(change) => {
                let name = change.path_after().file_name().unwrap().to_str().unwrap().to_owned();
                (name, change.action.apply(file.before.as_deref()).unwrap())
            }
            None => (file.name.to_owned(), file.before.clone()),
        }
    };
    files.iter().map(text).collect()
}

const SIX: &str = "one\ntwo\nthree\nfour\nfive\nsix\n";

/// Files of every kind: three places in one, then a new file, one that goes, one that moves.
fn several() -> Vec<File> {
    vec![
        file("a", Some(SIX), Some("zero\none\ntwo\nTHREE\nfour\nfive\n")),
        file("new", None, Some("x\ny\n")),
        file("old", Some("o\n"), None),
        moved("here", "there", "1\n2\n3\n", "1\nzwei\n3\n"),
    ]
}

#[test]
fn hunks_are_numbered_in_the_order_of_files_and_places() {
    let hunks = proposal(&several()).hunks();
    let seen: Vec<(&str, usize, &str, &str)> = hunks
        .iter()
        .map(|hunk| (hunk.path.as_str(), hunk.line, hunk.base.as_str(), hunk.proposed.as_str()))
        .collect();
    let expected = [
        ("a", 1, "", "zero\n"),
        ("a", 3, "three\n", "THREE\n"),
        ("a", 6, "six\n", ""),
        ("new", 1, "", "x\ny\n"),
        ("old", 1, "o\n", ""),
        ("here", 1, "1\n2\n3\n", "1\nzwei\n3\n"),
    ];
    assert_eq!(seen, expected);
}

/// What is left of [`several`]: the text of `a`, the names of files that change, and the rejected ones.
fn check(numbers: &[usize], a: &str, changed: &[&str], rejected: &[(&str, usize)]) {
    let files = several();
    let left = proposal(&files).accepted(numbers);
    assert_eq!(texts(&files, &left)[0].1.as_deref(), Some(a), "{numbers:?}");
    let names: Vec<String> = left
        .files
        .iter()
        .map(|file| {
            let from = file.moved_from.as_deref().map(|from| format!("{from} to ")).unwrap_or_default();
            format!("{:?} {from}{} +{} -{}", file.kind, file.path, file.added, file.removed)
        })
        .collect();
    assert_eq!(names, changed, "{numbers:?}");
    assert_eq!(left.change.files.len(), left.files.len());
    let seen: Vec<(&str, usize)> = left.rejected.iter().map(|one| (one.path.as_str(), one.line)).collect();
    assert_eq!(seen, rejected, "{numbers:?}");
}

#[test]
fn what_is_left_of_an_edit() {
    let others = [("new", 1), ("old", 1), ("here", 1)];
    let without = |a: &[(&'static str, usize)]| [a, &others].concat();
    check(
        &[1, 2, 3, 4, 5, 6],
        "zero\none\ntwo\nTHREE\nfour\nfive\n",
        &["Update a +2 -2", "Add new +2 -0", "Delete old +0 -1", "Move here to there +1 -1"],
        &[],
    );
    check(&[], SIX, &[], &without(&[("a", 1), ("a", 3), ("a", 6)]));
    check(&[2], "one\ntwo\nTHREE\nfour\nfive\nsix\n", &["Update a +1 -1"], &without(&[("a", 1), ("a", 6)]));
    check(&[3, 1], "zero\none\ntwo\nthree\nfour\nfive\n", &["Update a +1 -1"], &without(&[("a", 3)]));
    check(&[4], SIX, &["Add new +2 -0"], &[("a", 1), ("a", 3), ("a", 6), ("old", 1), ("here", 1)]);
    check(&[5], SIX, &["Delete old +0 -1"], &[("a", 1), ("a", 3), ("a", 6), ("new", 1), ("here", 1)]);
    check(&[6], SIX, &["Move here to there +1 -1"], &[("a", 1), ("a", 3), ("a", 6), ("new", 1), ("old", 1)]);
}

#[test]
fn places_of_what_is_left_are_those_in_the_new_text() {
    let left = proposal(&several()).accepted(&[1, 2]);
    let lines: Vec<(usize, usize, usize)> =
        left.files[0].hunks.iter().map(|hunk| (hunk.start_line, hunk.old_lines, hunk.new_lines)).collect();
    assert_eq!(lines, [(1, 0, 1), (4, 1, 1)]);
}

#[test]
fn an_edit_carries_the_lines_around_it() {
    let left = proposal(&several()).accepted(&[1, 2]);
    let Action::Update { edits, .. } = &left.change.files[0].action else { panic!() };
    let seen: Vec<(usize, &str, &str)> =
        edits.iter().map(|edit| (edit.start, edit.old.as_str(), edit.new.as_str())).collect();
    let expected =
        [(0, "one\ntwo\n", "zero\none\ntwo\n"), (8, "three\nfour\nfive\nsix\n", "THREE\nfour\nfive\nsix\n")];
    assert_eq!(seen, expected);
}

#[test]
fn long_texts_are_shown_by_their_ends() {
    let long = "line\n".repeat(100_000);
    let hunks = proposal(&[file("a", None, Some(&long)), file("b", Some(&long), Some("x"))]).hunks();
    for text in [&hunks[0].proposed, &hunks[1].base] {
        assert!(text.len() < 66_000 && text.starts_with("line\n") && text.ends_with("line\n"));
        assert!(text.contains("bytes left out"));
    }
}

/// Lines of few kinds, so that hunks come near each other; the last may lack its end.
fn text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["a\n", "b\n", "c\n", "é\r\n", "\n"]);
    (prop::collection::vec(line, 0..12), any::<bool>())
        .prop_map(|(lines, end)| if end { lines.concat() + "z" } else { lines.concat() })
}

fn files() -> impl Strategy<Value = Vec<File>> {
    let of = |name: &'static str, to: &'static str| {
        (text(), text(), 0..5).prop_map(move |(before, after, kind)| match kind {
            0 => file(name, None, Some(&after)),
            1 => file(name, Some(&before), None),
            2 => moved(name, to, &before, &after),
            _ => file(name, Some(&before), Some(&after)),
        })
    };
    (of("a", "a2"), of("b", "b2")).prop_map(|(a, b)| vec![a, b])
}

proptest! {
    #[test]
    fn all_is_the_whole_and_none_is_nothing(files in files()) {
        let count = proposal(&files).hunks().len();
        let all: Vec<usize> = (1..=count).collect();
        let left = proposal(&files).accepted(&all);
        let whole: Vec<_> = files
            .iter()
            .map(|file| (file.to.unwrap_or(file.name).to_owned(), file.after.clone()))
            .collect();
        prop_assert_eq!(texts(&files, &left), whole);
        prop_assert!(left.rejected.is_empty());
        let left = proposal(&files).accepted(&[]);
        prop_assert!(left.change.files.is_empty() && left.files.is_empty());
        prop_assert_eq!(left.rejected.len(), count);
    }

    /// One after the other or all at once: what is accepted stands, what is not is as it was.
    #[test]
    fn each_hunk_is_made_or_not_by_itself(files in files(), chosen in any::<u32>()) {
        let hunks = proposal(&files).hunks();
        let taken = |number: &usize| chosen >> (number % 32) & 1 == 1;
        let numbers: Vec<usize> = (1..=hunks.len()).filter(taken).collect();
        let left = proposal(&files).accepted(&numbers);
        prop_assert_eq!(left.rejected.len() + numbers.len(), hunks.len());
        for (file, (name, text)) in files.iter().zip(texts(&files, &left)) {
            let mine = |number: &usize| hunks[number - 1].path == file.name;
            if file.to.is_some() || file.before.is_none() || file.after.is_none() {
                let whole = numbers.iter().any(mine);
                let expected = if whole { file.to.unwrap_or(file.name) } else { file.name };
                prop_assert_eq!(&name, expected);
                prop_assert_eq!(&text, if whole { &file.after } else { &file.before });
                continue;
            }
            // Put together from the lines of the hunks themselves.
            let before: Vec<&str> = lines(file.before.as_deref().unwrap()).collect();
            let (mut expected, mut at) = (String::new(), 0);
            for number in (1..=hunks.len()).filter(mine) {
                let hunk = &hunks[number - 1];
                expected.extend(before[at..hunk.line - 1].iter().copied());
                expected.push_str(if taken(&number) { &hunk.proposed } else { &hunk.base });
                at = hunk.line - 1 + lines(&hunk.base).count();
            }
            expected.extend(before[at..].iter().copied());
            prop_assert_eq!(text.unwrap(), expected);
        }
    }
}
