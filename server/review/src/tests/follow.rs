//! Following texts: one table of what happens and what the hunks are then.

use super::*;
use glossator_session::HunkVerdict;

/// An agent's edit, the texts that follow, and the hunks after each.
struct Case {
    name: &'static str,
    before: String,
    after: String,
    then: Vec<(String, Vec<&'static str>)>,
}

fn case(name: &'static str, before: &str, after: &str, then: &[(&str, &[&'static str])]) -> Case {
    let then = then.iter().map(|(text, hunks)| (lines(text), hunks.to_vec())).collect();
    Case { name, before: lines(before), after: lines(after), then }
}

fn raw(name: &'static str, before: &str, after: &str, then: &[(&str, &[&'static str])]) -> Case {
    let then = then.iter().map(|(text, hunks)| ((*text).to_owned(), hunks.to_vec())).collect();
    Case { name, before: before.to_owned(), after: after.to_owned(), then }
}

fn check(cases: Vec<Case>) {
    for Case { name, before, after, then } in cases {
        let mut review = review(&before, &after);
        for (now, expected) in then {
            let was = shown(&review);
            let changed = review.follow(text(&now));
            assert_sound(&review);
            let shown = shown(&review);
            assert_eq!(shown, expected, "{name}: at {now:?}");
            for (old, new) in was.iter().zip(&shown).filter(|(old, new)| old != new) {
                let number = new.split(' ').next().unwrap();
                assert!(changed.contains(&id(&format!("C{number}"))), "{name}: {old} became {new}, unsaid");
            }
        }
    }
}

#[test]
fn edits_beside_and_inside() {
    check(vec![
        case(
            "typed above, below, inside",
            "abcde",
            "abXde",
            &[
                ("1abXde", &["1.1 pending X"]),
                ("1abXde2", &["1.1 pending X"]),
                ("1abYde2", &["1.1 amended Y"]),
                ("1abXde2", &["1.1 pending X"]),
                ("1abcde2", &["1.1 undone c"]),
                ("1abXde2", &["1.1 pending X"]),
            ],
        ),
        case(
            "lines put inside",
            "abcde",
            "abXYde",
            &[
                ("abX1Yde", &["1.1 amended X1Y"]),
                ("abXYde", &["1.1 pending XY"]),
                ("abX12de", &["1.1 amended X12"]),
            ],
        ),
        case(
            "typed at the borders",
            "abcde",
            "abXde",
            &[("ab1Xde", &["1.1 pending X"]), ("ab1X2de", &["1.1 pending X"])],
        ),
        case(
            "border lines changed",
            "abcde",
            "abXde",
            &[
                ("aBXde", &["1.1 pending X"]),
                ("aBXDe", &["1.1 pending X"]),
                ("aBXD", &["1.1 pending X"]),
                ("", &["1.1 amended "]),
            ],
        ),
        case("undone with a neighbour line", "abcde", "abXde", &[("abNcde", &["1.1 amended Nc"])]),
    ]);
}

#[test]
fn several_and_borders() {
    check(vec![
        case(
            "two hunks, one undone",
            "abcde",
            "aBcDe",
            &[
                ("abcDe", &["1.1 undone b", "1.2 pending D"]),
                ("aBcDe", &["1.1 pending B", "1.2 pending D"]),
                ("abcde", &["1.1 undone b", "1.2 undone d"]),
                ("aBcde", &["1.1 pending B", "1.2 undone d"]),
            ],
        ),
        case(
            "lines across a border deleted and back",
            "abcdef",
            "abXYef",
            &[
                ("aYef", &["1.1 amended Y"]),
                ("abXYef", &["1.1 pending XY"]),
                ("af", &["1.1 amended "]),
                ("abXYef", &["1.1 pending XY"]),
            ],
        ),
    ]);
}

#[test]
fn insertions_and_deletions() {
    check(vec![
        case(
            "an insertion undone and redone",
            "abc",
            "abXc",
            &[("abc", &["1.1 undone "]), ("abNc", &["1.1 undone "]), ("abXNc", &["1.1 pending X"])],
        ),
        case(
            "an amended insertion taken out and back",
            "abc",
            "abXc",
            &[("abYc", &["1.1 amended Y"]), ("abc", &["1.1 undone "]), ("abYc", &["1.1 amended Y"])],
        ),
        case(
            "a deletion undone and redone",
            "abc",
            "ac",
            &[("aNc", &["1.1 pending "]), ("abNc", &["1.1 undone b"]), ("aNc", &["1.1 pending "])],
        ),
        case(
            "a line among equal ones",
            "a}}}c",
            "a}}}}c",
            &[
                ("a}}}c", &["1.1 undone "]),
                ("a}}}}c", &["1.1 pending }"]),
                ("1a}}}}c", &["1.1 pending }"]),
                ("12a}}}c", &["1.1 undone "]),
                ("123a}}}}c", &["1.1 pending }"]),
            ],
        ),
        case(
            "a deletion among equal ones",
            "a}}}}c",
            "a}}}c",
            &[("1a}}}}c", &["1.1 undone }"]), ("12a}}}c", &["1.1 pending "])],
        ),
        case(
            "the end of a block of equal ends",
            "a{x}b",
            "a{x}{y}b",
            &[("1a{x}b", &["1.1 undone "]), ("12a{x}{y}b", &["1.1 pending {y}"])],
        ),
        case("a line beside like the last of the hunk", "ab", "aX}}b", &[("aX}}}b1", &["1.1 pending X}}"])]),
    ]);
}

#[test]
fn ends_of_files_and_line_endings() {
    check(vec![
        raw(
            "CRLF and back",
            "a\nb\nc\n",
            "a\nX\nY\nc\n",
            &[
                ("a\r\nX\r\nY\r\nc\r\n", &["1.1 pending X\rY\r"]),
                ("a\r\nb\r\nc\r\n", &["1.1 undone b\r"]),
                ("a\nb\nc\n", &["1.1 undone b"]),
                ("a\nX\nY\nc\n", &["1.1 pending XY"]),
            ],
        ),
        raw(
            "a mixed file made one",
            "a\r\nb\nc\n",
            "a\r\nX\nc\n",
            &[("a\nX\nc\n", &["1.1 pending X"]), ("a\r\nX\r\nc\r\n", &["1.1 pending X\r"])],
        ),
        raw(
            "endings are what changed",
            "a\r\nb\r\n",
            "a\nb\n",
            &[
                ("a\r\nb\r\n", &["1.1 undone a\rb\r"]),
                ("a\nb\n", &["1.1 pending ab"]),
                ("a\r\nb\n", &["1.1 amended a\rb"]),
            ],
        ),
        raw(
            "a final break added",
            "a\nb",
            "a\nX",
            &[
                ("a\nX\n", &["1.1 pending X"]),
                ("a\nX\nmore\n", &["1.1 pending X"]),
                ("a\nb\nmore\n", &["1.1 undone b"]),
            ],
        ),
        raw(
            "a final break is what changed",
            "a",
            "a\n",
            &[("a", &["1.1 undone a"]), ("a\n", &["1.1 pending a"])],
        ),
        raw("emptied", "a\n", "", &[("x\n", &["1.1 pending "]), ("a\nx\n", &["1.1 undone a"])]),
    ]);
}

#[test]
fn formatters() {
    check(vec![
        raw(
            "all indented anew",
            "fn a() {\n  x();\n  y();\n}\n",
            "fn a() {\n  x();\n  z();\n}\n",
            &[("fn a() {\n    x();\n    z();\n}\n", &["1.1 amended     z();"])],
        ),
        raw(
            "a line before split",
            "foo(a, b);\nold();\nbar(1);\n",
            "foo(a, b);\nnew();\nbar(1);\n",
            &[("foo(\n  a,\n  b\n);\n  new();\nbar( 1 );\n", &["1.1 amended   new();"])],
        ),
        raw(
            "joined with the line before",
            "if a\nold();\nbar(1);\n",
            "if a\nnew();\nbar(1);\n",
            &[
                ("if a new();\nbar( 1 );\n", &["1.1 amended if a new();"]),
                ("if a\nnew();\nbar(1);\n", &["1.1 pending if anew();"]),
                ("if a\nold();\nbar(1);\n", &["1.1 undone if aold();"]),
            ],
        ),
        raw(
            "two hunks in one block",
            "aa\nbb\ncc\ndd\nee\n",
            "aa\nBB\ncc\nDD\nee\n",
            &[(" aa\n BB\n cc\n DD\n ee\n", &["1.1 amended  BB", "1.2 amended  DD"])],
        ),
    ]);
}

/// A whole file indented anew, with a line put in: too much to compare word by word.
#[test]
fn a_large_file_formatted() {
    let before: String = (0..6000).map(|number| format!("  call_number({number});\n")).collect();
    let after =
        before.replace("  call_number(1000);", "  first();").replace("  call_number(5000);", "  second();");
    let mut review = review(&before, &after);
    let now = after.replace("  ", "\t").replace("\tcall_number(3000);", "\tput_in();\n\tcall_number(3000);");
    review.follow(text(&now));
    assert_sound(&review);
    assert_eq!(shown(&review), ["1.1 amended \tfirst();", "1.2 amended \tsecond();"]);
    let now = now.replace("\tsecond();", "\tput_in();\n  second();").replace("\tcall", "    call");
    review.follow(text(&now));
    assert_eq!(shown(&review), ["1.1 amended \tfirst();", "1.2 pending   second();"]);
}

#[test]
fn verdicts() {
    let mut review = review(&lines("abc"), &lines("aXc"));
    let hunk = id("C1.1");
    review.decide(&hunk, Some(HunkVerdict::Rejected));
    review.follow(text(&lines("abc")));
    assert_eq!(shown(&review), ["1.1 rejected b"]);
    review.follow(text(&lines("aNc")));
    assert_eq!(shown(&review), ["1.1 rejected N"], "what the user writes himself");
    review.follow(text(&lines("aXc")));
    assert_eq!(shown(&review), ["1.1 pending X"], "what was rejected is back");
    assert_eq!(review.hunks()[0].verdict, None);
    review.follow(text(&lines("aYc")));
    review.decide(&hunk, Some(HunkVerdict::Rejected));
    review.follow(text(&lines("abc")));
    review.follow(text(&lines("aYc")));
    assert_eq!(shown(&review), ["1.1 amended Y"]);
    review.decide(&hunk, Some(HunkVerdict::Kept));
    review.follow(text(&lines("abc")));
    assert_eq!(shown(&review), ["1.1 kept b"]);
    review.decide(&hunk, None);
    assert_eq!(shown(&review), ["1.1 undone b"]);
}

#[test]
fn what_is_written_where_a_hunk_was_undone_is_not_the_agents() {
    let mut review = review(&lines("abc"), &lines("aXc"));
    review.follow(text(&lines("abc")));
    review.follow(text(&lines("aNc")));
    assert_eq!(shown(&review), ["1.1 undone N"]);
    review.follow(text(&lines("aMc")));
    assert_eq!(shown(&review), ["1.1 undone M"]);
    let again = FileReview::load(Path::new(PATH), text(&lines("aMc")), &review.records(&ids(&review)));
    assert_eq!(shown(&again), ["1.1 undone M"], "after a restart, too");
    // The editor's redo still brings it back, as amended as it was.
    review.follow(text(&lines("aXc")));
    assert_eq!(shown(&review), ["1.1 pending X"]);
    review.follow(text(&lines("aYc")));
    review.follow(text(&lines("abc")));
    review.follow(text(&lines("aNc")));
    review.follow(text(&lines("abc")));
    review.follow(text(&lines("aYc")));
    assert_eq!(shown(&review), ["1.1 amended Y"]);
}

#[test]
fn files_come_and_go() {
    let load = |before: Option<&str>, after: Option<&str>| {
        FileReview::load(Path::new(PATH), after.map(Arc::from), &records("C1", before, after))
    };
    let mut created = load(None, Some("new\n"));
    assert_eq!(shown(&created), ["1.1 pending new"]);
    created.follow(text("newer\n"));
    assert_eq!(shown(&created), ["1.1 amended newer"]);
    assert_eq!(created.follow(None), ids(&created));
    assert_eq!(shown(&created), ["1.1 undone "]);
    created.follow(text("new\r\n"));
    assert_eq!(states(&created), [HunkState::Pending]);

    let mut deleted = load(Some("old\n"), None);
    assert_eq!(shown(&deleted), ["1.1 pending "]);
    deleted.follow(text("older\n"));
    assert_eq!(shown(&deleted), ["1.1 amended older"]);
    deleted.follow(text("old\n"));
    assert_eq!(shown(&deleted), ["1.1 undone old"]);

    let mut edited = review(&lines("abcde"), &lines("abXde"));
    edited.follow(None);
    assert_eq!(shown(&edited), ["1.1 amended? X"]);
    assert!(edited.edits(&ids(&edited), crate::Side::Base).1[0].1.contains("its file is gone"));
    edited.follow(text(&lines("1abXde")));
    assert_eq!(shown(&edited), ["1.1 pending X"]);
}

#[test]
fn edits_bring_a_side_back() {
    let mut review = review(&lines("abcde"), &lines("aBcDDe"));
    review.follow(text(&lines("1aBcDxe")));
    let (edits, refused) = review.edits(&ids(&review), crate::Side::Base);
    assert!(refused.is_empty());
    assert_eq!(edits.len(), 2);
    assert_eq!(apply(edits, &lines("1aBcDxe")), lines("1abcde"));
    let (edits, _) = review.edits(&[id("C1.2"), id("C1.2")], crate::Side::Proposed);
    assert_eq!(apply(edits, &lines("1aBcDxe")), lines("1aBcDDe"));
    let (edits, refused) = review.edits(&[id("C9.1")], crate::Side::Base);
    assert!(edits.is_empty() && refused[0].1.contains("no hunk C9.1"));
    let hunks: Vec<bool> = review.hunks().iter().map(|hunk| review.is_as_written(hunk)).collect();
    assert_eq!(hunks, [true, false]);
}

#[test]
fn edits_keep_lines_whole() {
    // What stood at the end without a line break goes back between lines, and the other way round.
    for (before, after, now, expected) in [
        ("a\nb", "a\nX", "a\nX\nmore\n", "a\nb\nmore\n"),
        ("a\nb", "a\nX", "a\nX\n", "a\nb\n"),
        ("a\nb\n", "a\n", "a", "a\nb\n"),
        ("a\nb\n", "a\nX", "a\nX\n", "a\nb\n"),
        ("a\r\nb", "a\r\nX", "a\r\nX\r\nmore", "a\r\nb\r\nmore"),
    ] {
        let mut review = review(before, after);
        review.follow(text(now));
        let (edits, _) = review.edits(&ids(&review), crate::Side::Base);
        assert_eq!(apply(edits, now), expected, "{before:?} {after:?} {now:?}");
    }
}
