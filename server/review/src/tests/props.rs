//! Properties over random texts and edits.

use super::*;
use crate::Side;
use proptest::prelude::*;

/// Lines that are much alike, so that diffs have a choice.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("}".to_owned()),
        Just(String::new()),
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("  call(x);".to_owned()),
        "[a-e]{1,2}",
    ]
}

fn ending() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")]
}

fn plain() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..14)
        .prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect())
}

/// A text with all that texts may have.
fn wild() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec((prop_oneof![line(), Just("ü—\u{2028}".to_owned())], ending()), 0..10);
    (lines, "[ab ü]{0,3}").prop_map(|(lines, rest)| {
        let lines: String = lines.into_iter().map(|(line, ending)| line + ending).collect();
        lines + &rest
    })
}

/// `text` with some lines replaced, removed and put in.
fn edited(text: &str, edits: &[(usize, u8, String)]) -> String {
    let mut all: Vec<String> = glossator_text::lines(text).map(str::to_owned).collect();
    for (at, kind, line) in edits {
        let at = if all.is_empty() { 0 } else { at % (all.len() + 1) };
        match kind {
            0 if at < all.len() => drop(all.remove(at)),
            1 if at < all.len() => all[at] = format!("{line}\n"),
            _ => all.insert(at, format!("{line}\n")),
        }
    }
    all.concat()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8, String)>> {
    prop::collection::vec((0..40usize, 0..3u8, line()), 1..5)
}

/// Unique lines put in outside of every hunk, and unique lines of the file changed or removed there.
fn typed_outside(review: &FileReview, typing: &[(usize, u8)], round: usize) -> String {
    let text = review.text().unwrap();
    let mut out = String::new();
    let mut at = 0;
    let taken: Vec<_> = review.hunks().iter().map(|hunk| hunk.range.clone()).collect();
    for (number, line) in glossator_text::lines(text).chain([""]).enumerate() {
        let inside = taken.iter().any(|range| range.contains(&at) || (range.start < at && at < range.end));
        let border = taken.iter().any(|range| range.start == at || range.end == at);
        let kind = typing.iter().find(|(line, _)| *line == number).map(|(_, kind)| *kind);
        if kind == Some(0) && !inside && !border {
            out.push_str(&format!("typed {round} {number}\n"));
        }
        let free = !inside && !line.is_empty();
        match kind {
            Some(1) if free => out.push_str(&format!("changed {round} {number}\n")),
            _ => out.push_str(line),
        }
        at += line.len();
    }
    out
}

proptest! {
    #[test]
    fn edits_outside_change_nothing(
        before in prop::collection::vec("[a-z]{6}", 0..20),
        change in edits(),
        rounds in prop::collection::vec(prop::collection::vec((0..30usize, 0..2u8), 1..4), 1..4),
    ) {
        let before: String = before.iter().map(|line| format!("{line}\n")).collect();
        let after = edited(&before, &change);
        let mut review = review(&before, &after);
        let was = (states(&review), shown(&review));
        for (round, typing) in rounds.iter().enumerate() {
            let now = typed_outside(&review, typing, round);
            let changed = review.follow(text(&now));
            prop_assert_eq!(changed, Vec::<HunkId>::new());
            assert_sound(&review);
            prop_assert_eq!(&(states(&review), shown(&review)), &was);
        }
        let now = review.text().unwrap().to_string();
        let (edits, refused) = review.edits(&ids(&review), Side::Base);
        prop_assert!(refused.is_empty());
        let mut expected = now.clone();
        for hunk in review.hunks().iter().rev() {
            expected.replace_range(hunk.range.clone(), &hunk.base);
        }
        prop_assert_eq!(apply(edits, &now), expected);
    }

    #[test]
    fn undo_and_redo_return(before in plain(), change in edits(), which in any::<u32>(), typed in any::<bool>()) {
        let after = edited(&before, &change);
        let mut review = review(&before, &after);
        if typed {
            let now = format!("typed\n{}", review.text().unwrap());
            review.follow(text(&now));
        }
        let was = shown(&review);
        let some: Vec<HunkId> =
            ids(&review).into_iter().enumerate().filter(|(n, _)| which >> (n % 32) & 1 == 1).map(|(_, id)| id).collect();
        let there = review.text().unwrap().to_string();
        let undone = apply(review.edits(&some, Side::Base).0, &there);
        review.follow(text(&undone));
        assert_sound(&review);
        let expected = review.hunks().iter().filter(|hunk| review.state(hunk) == HunkState::Undone).count();
        prop_assert_eq!(expected, some.len());
        review.follow(text(&there));
        prop_assert_eq!(shown(&review), was);
    }

    #[test]
    fn all_undone_is_the_text_before(before in wild(), after in wild()) {
        let mut review = review(&before, &after);
        let (edits, refused) = review.edits(&ids(&review), Side::Base);
        prop_assert!(refused.is_empty());
        prop_assert_eq!(&apply(edits, &after), &before);
        review.follow(text(&before));
        prop_assert!(states(&review).iter().all(|state| *state == HunkState::Undone));
        let (edits, _) = review.edits(&ids(&review), Side::Proposed);
        prop_assert_eq!(&apply(edits, &before), &after);
    }

    #[test]
    fn rejecting_all_takes_every_edit_back(texts in prop::collection::vec(plain(), 2..6)) {
        let mut review = review(&texts[0], &texts[1]);
        for (number, pair) in texts[1..].windows(2).enumerate() {
            let records = records(&format!("C{}", number + 2), Some(&pair[0]), Some(&pair[1]));
            review.absorb(&records, (text(&pair[0]), text(&pair[1])));
            assert_sound(&review);
        }
        let open: Vec<HunkId> = review.hunks().iter().filter(|hunk| review.state(hunk).is_open()).map(|hunk| hunk.id.clone()).collect();
        let (edits, refused) = review.edits(&open, Side::Base);
        prop_assert!(refused.is_empty(), "{:?}", refused);
        prop_assert_eq!(&apply(edits, texts.last().unwrap()), &texts[0]);
    }

    #[test]
    fn small_edits_taken_back_too(
        before in wild(),
        changes in prop::collection::vec(edits(), 1..5),
    ) {
        let mut texts = vec![before];
        for change in &changes {
            texts.push(edited(texts.last().unwrap(), change));
        }
        let mut review = review(&texts[0], &texts[1]);
        for (number, pair) in texts[1..].windows(2).enumerate() {
            let records = records(&format!("C{}", number + 2), Some(&pair[0]), Some(&pair[1]));
            review.absorb(&records, (None, text(&pair[1])));
            assert_sound(&review);
        }
        let open: Vec<HunkId> = review.hunks().iter().filter(|hunk| review.state(hunk).is_open()).map(|hunk| hunk.id.clone()).collect();
        let (edits, refused) = review.edits(&open, Side::Base);
        prop_assert!(refused.is_empty(), "{:?}", refused);
        prop_assert_eq!(&apply(edits, texts.last().unwrap()), &texts[0]);
    }

    #[test]
    fn records_find_their_places(before in wild(), after in wild(), now in wild()) {
        let mut review = review(&before, &after);
        review.follow(text(&now));
        assert_sound(&review);
        let records = review.records(&ids(&review));
        let again = FileReview::load(Path::new(PATH), text(&now), &records);
        assert_sound(&again);
        prop_assert_eq!(shown(&again), shown(&review));
        prop_assert_eq!(again.records(&ids(&again)), review.records(&ids(&review)));
    }

    #[test]
    fn on_an_older_text_nothing_waits_that_is_not_there(
        count in 6..16usize,
        rounds in prop::collection::vec(prop::collection::vec((0..40usize, 0..3u8), 1..4), 1..5),
    ) {
        // An editor was killed with edits that it had not saved: the file holds an older text.
        let mut texts = vec![(0..count).map(|n| format!("this is line number {n}\n")).collect::<String>()];
        for (round, edits) in rounds.iter().enumerate() {
            let edits: Vec<(usize, u8, String)> = edits
                .iter()
                .enumerate()
                .map(|(n, (at, kind))| (*at, *kind, format!("written in round {round} as edit {n}")))
                .collect();
            let next = edited(texts.last().unwrap(), &edits);
            texts.push(next);
        }
        let mut review = review(&texts[0], &texts[1]);
        for (number, pair) in texts[1..].windows(2).enumerate() {
            let records = records(&format!("C{}", number + 2), Some(&pair[0]), Some(&pair[1]));
            review.absorb(&records, (text(&pair[0]), text(&pair[1])));
        }
        let records = review.records(&ids(&review));
        let again = FileReview::load(Path::new(PATH), text(&texts[0]), &records);
        assert_sound(&again);
        for hunk in again.hunks().iter().filter(|hunk| !hunk.lost && again.state(hunk).is_open()) {
            prop_assert!(false, "{} {:?} in {}", hunk.id, again.current(hunk), texts[0]);
        }
    }

    #[test]
    fn unique_lines_are_found_after_a_restart(
        count in 8..40usize,
        at in prop::collection::hash_set(0..10usize, 1..4),
        typed in prop::collection::vec((0..60usize, 0..2u8), 1..6),
    ) {
        let before: Vec<String> = (0..count).map(|n| format!("this is line number {n}\n")).collect();
        let after: String = before
            .iter()
            .enumerate()
            .map(|(n, line)| if n % 4 == 1 && at.contains(&(n / 4)) { format!("new {line}") } else { line.clone() })
            .collect();
        let first = review(&before.concat(), &after);
        // One line right beside each hunk stays.
        let now = typed_outside(&first, &typed.iter().map(|(n, kind)| (n * 4 + 3, *kind)).collect::<Vec<_>>(), 0);
        let again = FileReview::load(Path::new(PATH), text(&now), &first.records(&ids(&first)));
        prop_assert!(states(&again).iter().all(|state| *state == HunkState::Pending), "{:?}", shown(&again));
        prop_assert!(again.hunks().iter().all(|hunk| !hunk.lost));
    }

    #[test]
    fn in_one_step_or_many(
        count in 4..20usize,
        change in edits(),
        typing in prop::collection::vec((0..30usize, 0..2u8), 2..5),
    ) {
        let before: String = (0..count).map(|number| format!("line {number}\n")).collect();
        let after = edited(&before, &change);
        let mut many = review(&before, &after);
        let mut one = many.clone();
        for (round, typed) in typing.iter().enumerate() {
            let now = typed_outside(&many, &[*typed], round);
            many.follow(text(&now));
        }
        one.follow(many.text().cloned());
        prop_assert_eq!(shown(&one), shown(&many));
        // Where nothing stands, the place between two lines that both changed is not certain.
        let places = |review: &FileReview| review.hunks().iter().map(|hunk| hunk.range.clone()).filter(|range| !range.is_empty()).collect::<Vec<_>>();
        prop_assert_eq!(places(&one), places(&many));
    }

    #[test]
    fn nothing_panics(texts in prop::collection::vec(prop::option::weighted(0.9, wild()), 2..7), road in any::<u32>()) {
        let mut review = FileReview::load(
            Path::new(PATH),
            texts[1].as_deref().map(Arc::from),
            &records("C1", texts[0].as_deref(), texts[1].as_deref()),
        );
        for (number, pair) in texts[1..].windows(2).enumerate() {
            let after = pair[1].as_deref().map(Arc::from);
            match road >> (2 * number) & 3 {
                0 | 1 => drop(review.follow(after)),
                kind => {
                    let before = (kind == 2).then(|| pair[0].as_deref().map(Arc::from)).flatten();
                    let set = format!("C{}", number + 2);
                    drop(review.absorb(&records(&set, pair[0].as_deref(), pair[1].as_deref()), (before, after)));
                }
            }
            prop_assert_eq!(unsound(&review), None);
            prop_assert_eq!(review.text().map(|text| &**text), pair[1].as_deref());
            let ids = ids(&review);
            for side in [Side::Base, Side::Proposed] {
                let (edits, _) = review.edits(&ids, side);
                if let Some(text) = review.text() {
                    apply(edits, text);
                }
            }
            let again = FileReview::load(Path::new(PATH), review.text().cloned(), &review.records(&ids));
            prop_assert_eq!(unsound(&again), None);
        }
    }
}
