//! Courses of several runs, as words: what each run was seen to do, and what follows.

use super::*;

/// A run: `c`ontinue, `d`one, `q`uestion, `-` no status, `?` an unclear one, `f` and `g` failures, `l`imited, `b`udget,
/// `i`nterrupted; then `+` something was changed, `t` tasks are open, `L` the log lost lines.
fn seen(number: usize, word: &str) -> Seen {
    let mut letters = word.chars();
    let (status, message) = match letters.next() {
        Some('f') => (TurnStatus::Failed, Some("no route".to_owned())),
        Some('g') => (TurnStatus::Failed, Some("no key".to_owned())),
        Some('l') => (TurnStatus::Limited, Some("after 100 rounds".to_owned())),
        Some('b') => (TurnStatus::Limited, Some("at its budget ([budget] session_tokens)".to_owned())),
        Some('i') => (TurnStatus::Interrupted, None),
        _ => (TurnStatus::Done, None),
    };
    let said = match word.chars().next() {
        Some('c') => Said::Status(Status::Continue),
        Some('d') => Said::Status(Status::Done),
        Some('q') => Said::Status(Status::Question("Which?".to_owned())),
        Some('?') => Said::Unclear("STATUS: hm".to_owned()),
        _ => Said::Nothing,
    };
    let has = |letter: char| word.contains(letter);
    let log = match has('L') {
        true => Moved::Lost { lines: 3, new: String::new(), restored: String::new() },
        false => Moved::Grown { new: "x".to_owned(), at_end: true },
    };
    Seen {
        number: number as u32 + 1,
        end: (status, message),
        said,
        log: Some(log),
        tasks: Tasks { done: 1, all: if has('t') { 3 } else { 1 } },
        tasks_moved: Some(false),
        tasks_gone: false,
        epic_changed: false,
        files: has('+').then(|| "a.rs".to_owned()).into_iter().collect(),
        refused: 0,
    }
}

/// What follows from runs in a row: the name of the end and the run it came with, or what the next run is told.
fn course(words: &str) -> Result<String, (usize, &'static str)> {
    let mut course = Course::default();
    let mut told = Vec::new();
    for (at, word) in words.split_whitespace().enumerate() {
        match course.after(&seen(at, word)) {
            Next::Again(notes) => told = notes,
            Next::Stop(stop) => return Err((at + 1, stop.name())),
        }
    }
    Ok(told.join("\n"))
}

#[test]
fn courses_that_end() {
    let check = |words: &str, run: usize, end: &str| assert_eq!(course(words), Err((run, end)), "{words}");
    check("c+ c+ d+", 3, "done");
    check("d", 1, "done");
    check("q+", 1, "question");
    check("b+", 1, "budget");
    check("i+", 1, "interrupted");
    // Done with open tasks: one more run is told, then it is believed.
    check("dt dt", 2, "done");
    check("dt+ ct+ dt+ dt+", 4, "done");
    // Three in a row that change nothing.
    check("c c c", 3, "no progress");
    check("c+ c c c+ c c l", 7, "no progress");
    check("- ? c", 3, "no progress");
    // The same error twice in a row.
    check("f f", 2, "failed");
    check("f+ g+ f+ f+", 4, "failed");
    check("f g f", 3, "no progress");
}

#[test]
fn what_the_next_run_is_told() {
    let check = |words: &str, expected: &[&str]| {
        let told = course(words).unwrap_or_else(|end| panic!("{words}: {end:?}"));
        expected.iter().for_each(|part| assert!(told.contains(part), "{words}: no {part:?} in {told}"));
    };
    check("c+", &["run 1, ended with `continue`.", "It changed a.rs."]);
    check("-+", &["without a status line"]);
    check("?+", &["STATUS: hm", "counts as `continue`"]);
    check("c", &["It changed neither"]);
    check("c c", &["The last 2 runs changed neither"]);
    check("dt", &["2 of 3 tasks are open", "it is believed"]);
    check("f", &["failed: no route"]);
    check("l+", &["after 100 rounds"]);
    check("c+L", &["took 3 lines out of the log"]);
}

#[test]
fn what_is_not_known_is_not_told() {
    let unknown = Seen { log: None, tasks_moved: None, ..seen(0, "c") };
    let Next::Again(notes) = Course::default().after(&unknown) else { panic!("it goes on") };
    assert_eq!(notes.len(), 1, "{notes:?}");
}
