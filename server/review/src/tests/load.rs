//! Finding hunks again after a restart, as a table.

use super::*;

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("line {number} of the file\n")).collect()
}

#[test]
fn places() {
    let l = lines;
    for (name, before, after, now, expected) in [
        ("the same text", l("abcde"), l("abXde"), l("abXde"), vec!["1.1 pending X"]),
        ("moved down", l("abcde"), l("abXde"), l("12abXde"), vec!["1.1 pending X"]),
        ("short, one neighbour changed", l("abcde"), l("abXde"), l("aBXde"), vec!["1.1 amended? X"]),
        (
            "one neighbour changed",
            "one\ntwo\nthree\n".into(),
            "one\nthe new line two\nthree\n".into(),
            "ONE\nthe new line two\nthree\n".into(),
            vec!["1.1 pending the new line two"],
        ),
        (
            "a place that only looks alike",
            "fn a() {\n    return 1\n}\n".into(),
            "fn a() {\n    return 0\n}\n".into(),
            "fn a() {\n    count()\n}\nfn b() {\n    return 0\n}\n".into(),
            vec!["1.1 amended?     return 0"],
        ),
        ("undone", l("abcde"), l("abXde"), l("1abcde"), vec!["1.1 undone c"]),
        ("amended", l("abcde"), l("abXde"), l("1abYZde"), vec!["1.1 amended YZ"]),
        ("an insertion", l("abcd"), l("abXcd"), l("1abXcd"), vec!["1.1 pending X"]),
        ("an insertion undone", l("abcd"), l("abXcd"), l("1abcd"), vec!["1.1 undone "]),
        ("a deletion", l("abcd"), l("abd"), l("1abd"), vec!["1.1 pending "]),
        ("a deletion undone", l("abcd"), l("abd"), l("1abcd"), vec!["1.1 undone c"]),
        ("all gone", l("abcde"), l("abXde"), l("123456"), vec!["1.1 amended? X"]),
        ("twice there", l("abcde"), l("abXde"), l("0abXde9abXde"), vec!["1.1 amended? X"]),
        ("at the start", l("abc"), l("Xbc"), l("Xbc9"), vec!["1.1 pending X"]),
        ("at the end", l("abc"), l("abX"), l("9abX"), vec!["1.1 pending X"]),
        (
            "other line endings",
            l("abcde"),
            l("abXde"),
            l("1abXde").replace('\n', "\r\n"),
            vec!["1.1 pending X\r"],
        ),
        ("a final break more", "a\nb".into(), "a\nX".into(), "1\na\nX\n".into(), vec!["1.1 pending X"]),
        ("a final break less", "a\nb\n".into(), "a\nX\n".into(), "1\na\nX".into(), vec!["1.1 pending X"]),
        (
            "two, one between",
            l("abcdefg"),
            l("aBcdeFg"),
            l("1aBcdefg"),
            vec!["1.1 pending B", "1.2 undone f"],
        ),
    ] {
        let again =
            FileReview::load(Path::new(PATH), text(&now), &records("C1", Some(&before), Some(&after)));
        assert_sound(&again);
        assert_eq!(shown(&again), expected, "{name}");
    }
}

#[test]
fn long_lines_and_many() {
    let before: String = numbered(500).concat();
    let changed: Vec<String> = numbered(500)
        .into_iter()
        .enumerate()
        .map(|(number, line)| if number % 20 == 7 { format!("new {line}") } else { line })
        .collect();
    let now: String = ["first\n", &changed.concat(), "last\n"].concat();
    let again =
        FileReview::load(Path::new(PATH), text(&now), &records("C1", Some(&before), Some(&changed.concat())));
    assert_eq!(again.hunks().len(), 25);
    assert!(states(&again).iter().all(|state| *state == HunkState::Pending));

    let long = "ä".repeat(1000);
    let (before, after) = (format!("{long}\nb\n{long}\n"), format!("{long}\nX\n{long}\n"));
    let again = FileReview::load(
        Path::new(PATH),
        text(&format!("1\n{after}")),
        &records("C1", Some(&before), Some(&after)),
    );
    assert_eq!(shown(&again), ["1.1 pending X"]);
}

#[test]
fn the_last_record_counts() {
    let (before, after) = (lines("abc"), lines("aXc"));
    let mut review = review(&before, &after);
    review.follow(text(&lines("aYc")));
    let all = [records("C1", Some(&before), Some(&after)), review.records(&ids(&review))].concat();
    let again = FileReview::load(Path::new(PATH), text(&lines("aYc")), &all);
    assert_eq!(shown(&again), ["1.1 amended Y"]);
}
