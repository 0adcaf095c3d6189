//! Pieces of texts, with what was found shown between brackets.

use super::*;
use proptest::prelude::*;

fn shown(text: &str, typed: &str) -> String {
    let phrases: Vec<Phrase> = typed.split(' ').filter_map(|word| Phrase::of(word, true)).collect();
    let snippet = snippet(text, &phrases);
    let mut out = snippet.text.clone();
    for mark in snippet.marks.iter().rev() {
        out.insert(mark.end, ']');
        out.insert(mark.start, '[');
    }
    out
}

#[test]
fn what_was_found_is_marked() {
    let cases = [
        ("Fix the parser.", "pars", "Fix the [parser]."),
        ("two\n\n  lines \t here", "line her", "two [lines] [here]"),
        ("call parseDate(x)", "date", "call parse[Date](x)"),
        ("call parseDate(x)", "parsedate", "call [parseDate](x)"),
        ("Die Änderungen sind größer", "anderung", "Die [Änderungen] sind größer"),
        ("これは日本語です", "日本語", "これは[日本語]です"),
        ("running tests", "run test", "[running] [tests]"),
        ("nothing of it", "other", "nothing of it"),
        ("", "x", ""),
    ];
    for (text, typed, expected) in cases {
        assert_eq!(shown(text, typed), expected, "{text}");
    }
}

#[test]
fn the_piece_with_most_of_the_words_is_shown() {
    let far = "lorem ipsum ".repeat(40);
    let text = format!("a needle alone {far} the needle in the haystack {far}");
    let shown = shown(&text, "needle haystack");
    assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
    assert!(shown.contains("the [needle] in the [haystack]") && !shown.contains("alone"), "{shown}");
}

proptest! {
    #[test]
    fn marks_are_places_in_the_piece(text in "[a-z \\n日ä…_A]{0,400}", typed in "[a-z日ä]{1,3}") {
        let snippet = snippet(&text, &Phrase::of(&typed, true).into_iter().collect::<Vec<_>>());
        prop_assert!(!snippet.text.contains('\n'));
        let mut last = 0;
        for mark in snippet.marks {
            prop_assert!(mark.start >= last && mark.end > mark.start && snippet.text.get(mark.clone()).is_some());
            last = mark.end;
        }
    }
}
