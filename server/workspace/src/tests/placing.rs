//! Carrying edits over to texts that moved on.

use super::support::opening;
use crate::flight::positioned;
use crate::rebase::{invert, minimal, rebase, splice, widen};
use crate::{Change, Overlay};
use glossator_text::{PositionEncoding, Replacement, line_replacements};
use proptest::prelude::*;

const BASE: &str = "fn one() {\n    1\n}\n\nfn two() {\n    2\n}\n\nfn three() {\n    3\n}\n";

/// `old` (its first occurrence in `text`) becomes `new`.
fn edit(text: &str, old: &str, new: &str) -> Replacement {
    Replacement { start: text.find(old).unwrap(), old: old.to_owned(), new: new.to_owned() }
}

/// What becomes of an edit planned on `base` when the text is `now`: with the base known, and without.
fn check(
    edit: &Replacement,
    (base, now): (&str, &str),
    known: Result<&str, &str>,
    unknown: Result<&str, &str>,
) {
    for (base, expected) in [(Some(base), known), (None, unknown)] {
        let got = rebase(std::slice::from_ref(edit), base, now).map(|edits| splice(&edits, now).unwrap());
        match (&got, expected) {
            (Ok(got), Ok(expected)) => assert_eq!(got, expected, "base known: {}", base.is_some()),
            (Err(got), Err(part)) => assert!(got.contains(part), "{got}"),
            _ => panic!("base known: {}: {got:?}, expected {expected:?}", base.is_some()),
        }
    }
}

#[test]
fn edits_move_along() {
    let two = edit(BASE, "2", "22");
    let body = edit(BASE, "fn two() {\n    2\n}", "fn two() {\n    22\n}");
    let above = format!("// new\n\n{BASE}");
    let done = above.replace("    2", "    22");
    let missing = Err("no longer there");
    check(&two, (BASE, &above), Ok(&done), missing);
    check(&body, (BASE, &above), Ok(&done), Ok(&done));
    // The line below and the line above were edited.
    let around = BASE.replace("fn two() {", "fn second() {").replace("2\n}", "2\n} // two");
    check(&two, (BASE, &around), Ok(&around.replace("    2", "    22")), missing);
    // The very line was edited.
    let same = BASE.replace("    2", "    2 + 0");
    let shown = Err("lines 6-6 are now:\n    2 + 0\nRead it again");
    check(&two, (BASE, &same), shown, missing);
    check(&body, (BASE, &same), shown, missing);
    // The line was removed, and what stands there twice is no place.
    check(&body, (BASE, &BASE.replace("    2\n", "")), Err("removed at line 6"), missing);
    let twice = format!("{BASE}{BASE}");
    check(&body, (BASE, &twice), Ok(&twice.replacen("    2", "    22", 1)), Err("in 2 places"));
}

#[test]
fn insertions_and_ends() {
    let end = Replacement { start: 3, old: String::new(), new: "\nb".to_owned() };
    // What was typed at the end of the last line counts as typed into it.
    check(&end, ("abc", "abcd"), Err("lines 1-1 are now:\nabcd"), Err("no longer there"));
    check(&end, ("abc", "x\nabc"), Ok("x\nabc\nb"), Err("no longer there"));
    let between = Replacement { start: 2, old: String::new(), new: "new\n".to_owned() };
    check(&between, ("a\nb\n", "0\na\nb\n1\n"), Ok("0\na\nnew\nb\n1\n"), Err("no longer there"));
    check(&between, ("a\nb\n", "a changed\nb\n"), Ok("a changed\nnew\nb\n"), Err("no longer there"));
    let empty = Replacement { start: 0, old: String::new(), new: "x".to_owned() };
    check(&empty, ("", ""), Ok("x"), Err("no longer there"));
}

#[test]
fn edits_that_do_not_fit_their_own_base() {
    let wrong = Replacement { start: 0, old: "nothing like it".to_owned(), new: String::new() };
    check(&wrong, (BASE, BASE), Err("not what the edit was planned on"), Err("no longer there"));
    for start in [1, 5000, usize::MAX] {
        let outside = Replacement { start, old: "ä".to_owned(), new: "b".to_owned() };
        assert!(rebase(std::slice::from_ref(&outside), Some("ä"), "ä").is_err());
    }
    let overlap = [edit(BASE, "fn one", "x"), edit(BASE, "one", "y")];
    assert!(rebase(&overlap, Some(BASE), BASE).is_err());
}

#[test]
fn a_widened_inverse_finds_its_place_without_its_base() {
    let edits = [edit(BASE, "1", "10"), edit(BASE, "    3\n", "")];
    let after = splice(&edits, BASE).unwrap();
    let inverse = widen(&invert(&edits), &after);
    assert_eq!(splice(&inverse, &after).unwrap(), BASE);
    for (now, expected) in [
        (after.clone(), BASE.to_owned()),
        (format!("// top\n{after}// end\n"), format!("// top\n{BASE}// end\n")),
        (after.replace("fn two", "fn second"), BASE.replace("fn two", "fn second")),
        (
            after.replace("}\n\nfn two", "}\n// typed\n\nfn two"),
            BASE.replace("}\n\nfn two", "}\n// typed\n\nfn two"),
        ),
    ] {
        assert_eq!(rebase(&inverse, None, &now).map(|edits| splice(&edits, &now).unwrap()), Ok(expected));
    }
    assert!(rebase(&inverse, None, &after.replace("    10", "    11")).is_err());
    // Undoing is as small as the edit was.
    let small: Vec<usize> = minimal(&inverse).iter().map(|edit| edit.old.len() + edit.new.len()).collect();
    assert_eq!(small, [1, 6]);
}

/// What becomes of the stored inverse of `old` -> `new` in `base` when the text has become `now`.
fn check_undo(base: &str, (old, new): (&str, &str), now: &str, expected: Result<&str, &str>) {
    let edits = [edit(base, old, new)];
    let after = splice(&edits, base).unwrap();
    let inverse = widen(&invert(&edits), &after);
    let got = rebase(&inverse, None, now).map(|edits| splice(&edits, now).unwrap());
    match (&got, expected) {
        (Ok(got), Ok(expected)) => assert_eq!(got, expected),
        (Err(got), Err(part)) => assert!(got.contains(part), "{got}"),
        _ => panic!("{got:?}, expected {expected:?}, in {now:?}"),
    }
}

#[test]
fn an_undo_never_edits_another_place() {
    const C: &str = "int f() {\n    return 1;\n}\n\nint g() {\n    return 2;\n}\n";
    let one = ("return 1;", "return 0;");
    let (gone, uncertain) = (Err("no longer there"), Err("its place is not certain"));
    let after = C.replace("return 1;", "return 0;");
    check_undo(C, one, &after, Ok(C));
    check_undo(C, one, &format!("int x;\n{after}"), Ok(&format!("int x;\n{C}")));
    // The function is gone or rewritten, and another one has the same line, alone or between the same braces.
    check_undo(C, one, "int g() {\n    return 0;\n}\n", uncertain);
    check_undo(C, one, "int f() {\n    return 7;\n}\n\nint h() {\n    return 0;\n}\n", uncertain);
    let nested = "if (a) {\n    b\n  }\n}\n{\n    return 1;\n}\n";
    check_undo(nested, one, "x\n}\n{\n    return 0;\n}\ny\n", gone);
    // One side is enough to know it by, but the other must not be all new.
    check_undo(C, one, &after.replace("int f", "long f"), gone);
    check_undo(C, one, &after.replace("int g", "long g"), Ok(&C.replace("int g", "long g")));
    // Twice, also where the two overlap.
    check_undo(C, one, &format!("{after}{after}"), Err("stands in 2 places"));
    check_undo("a b\nx y\na b\n", ("x y", "a b"), "a b\na b\na b\na b\n", Err("in 2 places"));
    // Only whole lines are places.
    check_undo("word\nold\nend\n", ("old", "new"), "sword\nnew\nend\n", gone);
    check_undo("word\nold\nend", ("old", "new"), "word\nnew\nending", gone);
    // The start and the end of a file are places, as long as nothing came before or after.
    check_undo("old line\nb\n", ("old line", "new line"), "new line\nb\nc\n", Ok("old line\nb\nc\n"));
    check_undo("old line\nb\n", ("old line", "new line"), "a\nnew line\nb\n", gone);
    check_undo(
        "a\nb\nold line\n",
        ("old line", "new line"),
        "0\na\nb\nnew line\n",
        Ok("0\na\nb\nold line\n"),
    );
    check_undo("a\nb\nold line\n", ("old line", "new line"), "a\nb\nnew line\nc\n", gone);
    check_undo("old line\n", ("old line", "new line"), "a\nnew line\nc\n", gone);
    // Blank lines tell nothing.
    let blank = "first\n\n\n\n    old line\n\n\n\nlast\n";
    check_undo(blank, ("old line", "new line"), "x\n\n\n\n    new line\n\n\n\ny\n", uncertain);
}

#[test]
fn many_equal_lines_are_searched_quickly() {
    let base = "a b c\n".repeat(200_000);
    let wide = Replacement { start: 0, old: base[..600_000].to_owned(), new: String::new() };
    let started = std::time::Instant::now();
    assert!(rebase(&[wide], None, &base).is_err());
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn inverses_of_everything() {
    for edits in [
        vec![edit(BASE, BASE, "")],
        vec![edit(BASE, "fn one", "ä"), edit(BASE, "two", ""), edit(BASE, "}\n\nfn three", "x\r\ny")],
    ] {
        let after = splice(&edits, BASE).unwrap();
        assert_eq!(splice(&invert(&edits), &after).unwrap(), BASE);
        assert_eq!(splice(&widen(&invert(&edits), &after), &after).unwrap(), BASE);
    }
}

#[test]
fn a_hundred_thousand_lines_are_quick() {
    let base: String = (0..100_000).map(|n| format!("line {n}\n")).collect();
    let edits: Vec<Replacement> = (0..100_000)
        .step_by(100)
        .map(|n| edit(&base, &format!("line {n}\n"), &format!("edited {n}\n")))
        .collect();
    let now = format!("new\n{}", base.replace("line 77777\n", "typed\n"));
    let started = std::time::Instant::now();
    let moved = rebase(&edits, Some(&base), &now).unwrap();
    assert!(splice(&moved, &now).unwrap().starts_with("new\nedited 0\nline 1\n"));
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

/// Texts of few different lines, with every kind of line break, wide characters, and no break at the end at times.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec!["a", "b", "long line", "ä😀", "\n", "\r\n", "\r", "\n\n", " "]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_edit_on_any_text(base in text(), after in text(), now in text()) {
        let edits = line_replacements(&base, &after);
        let same = rebase(&edits, Some(&base), &base).unwrap();
        prop_assert_eq!(&splice(&same, &base).unwrap(), &after);
        // On another text it fits or is refused.
        if let Ok(moved) = rebase(&edits, Some(&base), &now) {
            prop_assert!(splice(&moved, &now).is_ok());
        }
        let inverse = widen(&invert(&edits), &after);
        prop_assert_eq!(&splice(&inverse, &after).unwrap(), &base);
        prop_assert_eq!(&splice(&rebase(&inverse, Some(&after), &after).unwrap(), &after).unwrap(), &base);
        // Without its base it finds the very place or none.
        if let Ok(found) = rebase(&inverse, None, &after) {
            prop_assert_eq!(&splice(&found, &after).unwrap(), &base);
        }
        let _ = rebase(&inverse, None, &now);
    }

    #[test]
    fn what_the_editor_is_sent_gives_the_expected_text(base in text(), from in 0usize..60, to in 0usize..60, new in text()) {
        let cut = |at: usize| (0..=at.min(base.len())).rev().find(|&at| base.is_char_boundary(at)).unwrap();
        let (from, to) = (cut(from.min(to)), cut(from.max(to)));
        let edits = [Replacement { start: from, old: base[from..to].to_owned(), new }];
        let expected = splice(&edits, &base).unwrap();
        for encoding in [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32] {
            let overlay = Overlay::new(encoding);
            overlay.open("u", opening(None, 0, &base));
            let sent = positioned(&overlay.by_uri("u").unwrap().text, &edits, encoding);
            let changes: Vec<Change> =
                sent.into_iter().rev().map(|(range, text)| Change { range: Some(range), text }).collect();
            overlay.change("u", 1, &changes).unwrap();
            prop_assert_eq!(overlay.by_uri("u").unwrap().text.to_string(), expected.clone());
        }
    }
}
