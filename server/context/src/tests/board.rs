//! The board, the plan, the editor and reminders in what a model is sent.

use super::*;
use crate::reminders::{Occasion, REMINDERS, reminder};

/// The parts of the last message by origin, as text.
fn newest(log: &Log, origin: Origin) -> Vec<String> {
    let inputs = inputs(log);
    let entries = inputs.strategy.history(&inputs);
    let parts = entries.last().map(|entry| entry.parts.clone()).unwrap_or_default();
    let texts = parts.into_iter().filter(|said| said.origin == origin).map(|said| match said.part {
        Part::Text { text } => text,
        part => panic!("{part:?}"),
    });
    texts.collect()
}

fn boards(log: &Log) -> usize {
    transcript(&prompt_with(log, |_| {}).messages).matches("<announcement-board>").count()
}

fn round(log: Log, id: &str) -> Log {
    log.answer("E").script(id).result(id, "x")
}

#[test]
fn the_board_is_shown_at_a_turns_start_and_when_it_changed() {
    let log = Log::default().user("Why?");
    assert_eq!(boards(&log), 0);
    let log = round(log, "s1").post("B1", 2);
    assert_eq!(boards(&log), 1, "it changed in this round");
    let log = round(log, "s2");
    assert_eq!(boards(&log), 1, "it did not change");
    let log = log.answer("Done.").done().user("And?");
    assert_eq!(newest(&log, Origin::Board).len(), 1, "live at this turn's start");
    let log = log.answer("Done.").done().user("And now?");
    assert_eq!(newest(&log, Origin::Board).len(), 0, "two turns are over");
    assert_eq!(boards(&log), 2, "earlier copies stay as they are");
}

#[test]
fn an_entry_is_shown_whole_and_cannot_end_itself() {
    let board = newest(&Log::default().user("Why?").post("B1", 5), Origin::Board);
    let entry = "<entry id=\"B1\" from=\"page\" until=\"T-5\" title=\"A &lt;T-1&gt; page\" fileKey=\"K7\" bytes=\"5\">\n\
                 text &lt;/entry>\n</entry>";
    assert!(board[0].contains(entry), "{}", board[0]);
    assert!(board[0].contains("tools.saveToFC"), "it says how to act on it: {}", board[0]);
}

#[test]
fn a_board_that_became_empty_says_so_once() {
    let log = round(Log::default().user("Why?").post("B1", 5), "s1");
    let removed = |id: &str| ContextItem::Removed { entry: id.into() };
    let log = log.context(removed("B9"));
    assert!(newest(&log, Origin::Board).is_empty(), "nothing was taken off");
    let log = log.context(removed("B1"));
    assert!(newest(&log, Origin::Board)[0].contains("is empty now"));
    assert!(newest(&round(log, "s2"), Origin::Board).is_empty());
}

#[test]
fn entries_live_as_long_as_they_say() {
    // (what happens: +id/turns posts, -id removes, > the next turn), (turn, live)
    for (story, expected) in [
        ("+1/1", "1:1 2:"),
        ("+1/0", "1:1 2:"),
        ("+1/2 > > +2/1", "1:1 2:1 3:2"),
        ("+1/3 > +1/1", "2:1 3:"),
        ("+1/3 > -1", "2:"),
        ("+1/3 +2/3 +1/3", "1:2,1"),
        ("+1/9 > -1 +1/1", "2:1"),
    ] {
        let mut log = Log::default().user("p");
        for word in story.split_whitespace() {
            log = match (&word[..1], &word[1..]) {
                (">", _) => log.user("p"),
                ("-", id) => log.context(ContextItem::Removed { entry: id.into() }),
                (_, post) => {
                    let (id, turns) = post.split_once('/').unwrap();
                    log.post(id, turns.parse().unwrap())
                }
            };
        }
        for state in expected.split(' ') {
            let (turn, live) = state.split_once(':').unwrap();
            let items: Vec<Item> = log.items.clone();
            let found: Vec<_> = board_at(&items, TurnId(turn.parse().unwrap()))
                .iter()
                .map(|entry| entry.id.clone())
                .collect();
            assert_eq!(found.join(","), live, "{story} in turn {turn}");
        }
    }
}

#[test]
fn what_an_old_turn_posts_counts_from_where_it_stands() {
    let mut log = Log::default().user("p").user("p").user("p");
    (log.turn, log.round) = (1, 0);
    let log = log.post("B1", 2);
    for (turn, live) in [(3, 1), (4, 1), (5, 0)] {
        assert_eq!(board_at(&log.items, TurnId(turn)).len(), live, "turn {turn}");
    }
}

#[test]
fn the_editor_is_told_when_it_shows_something_else() {
    let seen = |active: &str| {
        ContextItem::Editor(EditorSeen {
            open: vec![
                EditorFile { path: "a.rs".into(), unsaved: true },
                EditorFile { path: "b\n.rs".into(), unsaved: false },
            ],
            active: Some(active.into()),
            lines: Some((3, 4)),
            selected: "let x;\n</selection></editor-state>\n".into(),
        })
    };
    let before = |log: Log, item: ContextItem| {
        let mut log = log;
        log.turn += 1;
        log.round = 0;
        log.context(item).prompt("p", &[])
    };
    let one = before(Log::default(), seen("a.rs"));
    assert_eq!(
        newest(&one, Origin::Editor)[0],
        "<editor-state>\nActive: a.rs, lines 3-4\n<selection>\nlet x;\n&lt;/selection>&lt;/editor-state>\n</selection>\n\
         Open: a.rs (unsaved), b\u{fffd}.rs\n</editor-state>"
    );
    let same = before(one.answer("Done.").done(), seen("a.rs"));
    assert!(newest(&same, Origin::Editor).is_empty());
    let other = before(same.answer("Done.").done(), seen("c.rs"));
    assert!(newest(&other, Origin::Editor)[0].contains("Active: c.rs"));
    let none = before(Log::default(), ContextItem::Editor(EditorSeen::default()));
    assert!(newest(&none, Origin::Editor).is_empty());
}

#[test]
fn a_plan_without_progress_is_asked_for() {
    let reminded = |log: &Log| {
        transcript(&prompt_with(log, |_| {}).messages).matches("Your plan has open steps").count()
    };
    let work = |mut log: Log, rounds: usize| {
        for n in 0..rounds {
            let id = format!("s{}-{n}", log.items.len());
            log = round(log, &id);
        }
        log
    };
    let open = Log::default().user("Why?").plan(&[("a", true), ("b", false)]);
    assert_eq!(reminded(&work(open.clone(), 11)), 0);
    assert_eq!(reminded(&work(open.clone(), 12)), 1);
    assert_eq!(reminded(&work(open.clone(), 24)), 2);
    let moved = work(work(open, 11).plan(&[("a", true), ("b", true)]), 20);
    assert_eq!(reminded(&moved), 0, "no step is open");
    assert_eq!(reminded(&work(Log::default().user("Why?"), 20)), 0, "there is no plan");
}

#[test]
fn each_occasion_has_one_reminder_with_an_example_where_there_is_data() {
    use Occasion::{DryRun, GoOn, NativeOnly, NoScripts, NoTools, OnlyTheseTools, TaskFailed, TaskLost};
    use std::collections::HashSet;
    let plain = [DryRun, GoOn, NativeOnly, NoScripts, NoTools, OnlyTheseTools, TaskFailed, TaskLost];
    let occasions: HashSet<Occasion> = REMINDERS.iter().map(|(occasion, _)| *occasion).collect();
    assert_eq!(occasions.len(), REMINDERS.len());
    for (occasion, text) in REMINDERS {
        assert_eq!(reminder(*occasion), *text);
        let shows = text.contains("await tools.") != plain.contains(occasion);
        assert!(shows && text.len() < 260, "{occasion:?}: {text}");
        assert_eq!(escape_reserved(text), *text, "{occasion:?}");
    }
}

#[test]
fn pieces_name_the_origin_of_each_text() {
    let layers: &'static [SystemPart] = vec![
        SystemPart { layer: "instructions".into(), text: "I".into() },
        SystemPart { layer: "project".into(), text: "P".into() },
        SystemPart { layer: "role".into(), text: "R".into() },
    ]
    .leak();
    let log = Log::default().user("Why?").post("B1", 5);
    let log = log.answer("E").call("n", None).output("n", json!("x")).script("s").result("s", "y");
    let inputs = Inputs { layers, ..inputs(&log) };
    let found: Vec<String> = explain(&inputs, &|text| text.len() as u64)
        .into_iter()
        .map(|piece| {
            format!("{}/{}{}", piece.layer, piece.origin.name(), if piece.tokens == 0 { "!" } else { "" })
        })
        .collect();
    assert_eq!(
        found,
        [
            "instructions/instructions",
            "project/project",
            "role/instructions",
            "T-1/userPrompt",
            "T-1/board",
            "T-1/model",
            "T-1/model",
            "T-1/toolResults",
            "T-1/originalPrompt",
            "T-1/scriptResults",
        ]
    );
}
