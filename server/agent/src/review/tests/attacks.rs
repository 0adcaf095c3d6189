//! What must hold against bad luck: decisions made twice, other connections' texts, lost files, very many hunks.

use super::bench::{Bench, told};
use crate::Resolution::{Edit, Keep, Reject, Reopen};
use crate::config::Front;
use crate::{AgentError, HunkQuery};
use glossator_session::HunkState;
use glossator_text::PositionEncoding;
use glossator_workspace::{Change, Opened, Overlay, Workspace};
use parking_lot::RwLock;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
const AFTER: &str = "one\nTWO\nthree\nfour\nfive\nSIX\nseven\neight\n";

async fn two_hunks(open: bool) -> Bench {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    if open {
        bench.open("a.txt");
    }
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")])]).await;
    bench
}

#[tokio::test]
async fn a_decision_is_told_once() {
    let bench = two_hunks(true).await;
    bench.retype("a.txt", "SIX", "Six");
    for _ in 0..3 {
        bench.resolve(&[("C1.1", Reject), ("C1.2", Keep)]).await;
    }
    let expected = [
        "hunk C1.2 (a.txt:6): the user changed it and kept that:\n-SIX\n+Six",
        "hunk C1.1 (a.txt:2): the user rejected it; the lines are as they were before",
    ];
    let mut told = bench.told();
    told.sort_by_key(|line| std::cmp::Reverse(line.clone()));
    assert_eq!(told, expected);
    // What is changed after that and kept again is news.
    bench.retype("a.txt", "Six", "6");
    bench.resolve(&[("C1.2", Keep)]).await;
    assert_eq!(bench.told().len(), 3);
}

/// What the user had written into a hunk is not lost with its rejection, wherever the file is.
#[tokio::test]
async fn a_rejection_is_taken_back_with_what_stood_there() {
    for restarts in [false, true] {
        for open in [false, true] {
            let mut bench = two_hunks(open).await;
            let text = AFTER.replace("SIX\n", "Six\nand mine\n");
            match open {
                true => bench.type_over("a.txt", &text),
                false => bench.write("a.txt", &text),
            }
            bench.resolve(&[("C1.1", Reject), ("C1.2", Reject)]).await;
            let now = |bench: &Bench| if open { bench.buffer("a.txt") } else { bench.disk("a.txt").unwrap() };
            assert_eq!(now(&bench), TEXT);
            if restarts {
                bench.restart();
            }
            let again = bench.resolve(&[("C1.1", Reopen), ("C1.2", Reopen)]).await;
            assert_eq!(told(&again), ["C1.1 a.txt:2 pending", "C1.2 a.txt:6 amended"], "{open} {restarts}");
            assert_eq!(now(&bench), text);
            bench.resolve(&[("C1.1", Reject), ("C1.2", Reject)]).await;
            assert_eq!(now(&bench), TEXT);
        }
    }
}

#[tokio::test]
async fn a_rejected_file_comes_back_as_the_user_had_it() {
    for restarts in [false, true] {
        let mut bench = Bench::new(&[("gone.txt", "gone\n"), ("old.txt", TEXT)]);
        bench
            .edit(vec![
                bench.create("new/new.txt", "made\n"),
                bench.delete("gone.txt"),
                bench.moved(bench.update("old.txt", &[]), "moved.txt"),
            ])
            .await;
        bench.write("new/new.txt", "made\nand hours of mine\n");
        let all = |what: &crate::Resolution| ["C1.1", "C1.2", "C1.3"].map(|id| (id, what.clone()));
        bench.resolve(&all(&Reject)).await;
        let texts =
            |bench: &Bench| ["new/new.txt", "gone.txt", "old.txt", "moved.txt"].map(|path| bench.disk(path));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(texts(&bench), [None, some("gone\n"), some(TEXT), None]);
        if restarts {
            bench.restart();
        }
        let again = bench.resolve(&all(&Reopen)).await;
        assert!(again.iter().all(|one| one.outcome.as_ref().is_ok_and(|state| state.is_open())), "{again:?}");
        assert_eq!(texts(&bench), [some("made\nand hours of mine\n"), None, None, some(TEXT)]);
        // A decision that changed nothing is taken back without a change.
        bench.resolve(&all(&Keep)).await;
        bench.resolve(&all(&Reopen)).await;
        assert_eq!(texts(&bench), [some("made\nand hours of mine\n"), None, None, some(TEXT)]);
    }
}

/// A file of the user's that was deleted does not get lost when another new file comes to its place.
#[tokio::test]
async fn another_file_moved_onto_a_deleted_one() {
    for (open, one_turn) in [(false, false), (false, true), (true, false), (true, true)] {
        let bench = Bench::new(&[("a.txt", TEXT)]);
        if open {
            bench.open("a.txt");
        }
        let turn = bench.turn();
        bench.commit(turn, vec![bench.create("b.txt", "other\n")]).await.unwrap();
        bench.commit(turn, vec![bench.delete("a.txt")]).await.unwrap();
        let turn = match one_turn {
            true => turn,
            false => {
                bench.end(turn);
                bench.turn()
            }
        };
        bench.commit(turn, vec![bench.moved(bench.update("b.txt", &[]), "a.txt")]).await.unwrap();
        bench.end(turn);
        assert_eq!(bench.disk("a.txt").unwrap(), "other\n");
        let open_ones = bench.views(false).await;
        let ids: Vec<_> = open_ones.iter().map(|view| (view.id.0.as_str(), Reject)).collect();
        let done = bench.resolve(&ids).await;
        assert!(done.iter().all(|one| one.outcome.is_ok()), "{done:?}");
        let now = (
            bench.front.workspace.read_blocking(&bench.path("a.txt")).map(|one| one.text),
            bench.disk("b.txt"),
        );
        assert_eq!(now.0.ok().as_deref(), Some(TEXT), "{open} {one_turn} {}", bench.log_in_short());
        assert_eq!(now.1, None);
    }
}

/// Each connection sees and decides where its own text says.
#[tokio::test]
async fn two_connections_with_different_texts() {
    let bench = two_hunks(true).await;
    bench.type_over("a.txt", AFTER);
    bench.type_over("a.txt", &format!("zero\n{AFTER}"));
    let path = bench.path("a.txt");
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
    let uri = format!("file://{}", path.display());
    let text = format!("a\nb\nc\n{AFTER}");
    overlay.open(
        &uri,
        Opened { path: Some(path.clone()), language: "text".to_owned(), version: 1, text: text.clone() },
    );
    let roots = Arc::new(RwLock::new(bench.front.workspace.roots()));
    let other = Front {
        workspace: Workspace::new(roots, overlay.clone(), None),
        trusted: true,
        interactive: true,
        editor: None,
        presence: Default::default(),
    };
    for round in 0..3 {
        for (front, before) in [(&bench.front, "zero\n"), (&other, "a\nb\nc\n")] {
            let query = HunkQuery { path: Some(&path), ..HunkQuery::default() };
            let views = bench.agent().hunks(query, front).await;
            let places: Vec<_> = views.iter().map(|view| view.range.clone().unwrap().start).collect();
            assert_eq!(places, [before.len() + 4, before.len() + 24], "round {round} {before:?}");
            assert!(views.iter().all(|view| view.state == HunkState::Pending));
        }
    }
    overlay.change(&uri, 2, &[Change { range: None, text: text.replace("TWO", "two") }]).unwrap();
    let query = HunkQuery { path: Some(&path), ..HunkQuery::default() };
    assert_eq!(bench.agent().hunks(query.clone(), &other).await.len(), 1);
    assert_eq!(bench.agent().hunks(query, &bench.front).await.len(), 2);
}

#[tokio::test]
async fn an_undo_that_runs_says_so() {
    let bench = two_hunks(false).await;
    let session = bench.session();
    let undoing = session.begin_undo().unwrap();
    let busy = bench.agent().undo_edits(&bench.id, None, bench.front.clone()).await;
    assert_eq!(busy, Err(AgentError::Undoing));
    // A turn waits for it.
    let (turn, _) = session.begin_turn().unwrap();
    drop(undoing);
    bench.end(turn);
}

#[tokio::test]
async fn many_at_once_decide_the_same() {
    let bench = two_hunks(true).await;
    let resolve = |what: crate::Resolution| {
        bench.agent().resolve(&bench.id, vec![("C1.1".into(), what)], bench.front.clone())
    };
    let (one, two, three) = tokio::join!(resolve(Reject), resolve(Reject), resolve(Keep));
    for done in [one, two, three] {
        assert!(done.unwrap()[0].outcome.is_ok());
    }
    assert_eq!(bench.buffer("a.txt"), AFTER.replace("TWO", "two"));
}

/// A patch's worth of hunks, all in one file. Quadratic work would take minutes.
#[tokio::test]
async fn ten_thousand_hunks() {
    let line = |number: usize| format!("line {number} of the file\n");
    let text: String = (0..30_000).map(line).collect();
    let bench = Bench::new(&[("a.txt", &text)]);
    bench.open("a.txt");
    let after: String = (0..30_000)
        .map(|number| if number % 3 == 1 { format!("changed {number}\n") } else { line(number) })
        .collect();
    bench.edit(vec![bench.update("a.txt", &[(text.as_str(), after.as_str())])]).await;
    let path = bench.path("a.txt");
    let query = || HunkQuery { path: Some(&path), ..HunkQuery::default() };
    assert_eq!(bench.agent().hunks(query(), &bench.front).await.len(), 10_000);
    // The quickest of some: a busy machine is late now and then, but not each time.
    let quickest = async |all: bool, each: &dyn Fn(usize)| {
        let mut best = Duration::MAX;
        for round in 0..5 {
            let started = Instant::now();
            each(round);
            bench.agent().hunks(HunkQuery { all, ..query() }, &bench.front).await;
            best = best.min(started.elapsed());
        }
        best
    };
    let mut times = vec![("look", quickest(false, &|_| {}).await)];
    let ids: Vec<String> = bench.views(false).await.into_iter().map(|view| view.id.0).collect();
    let all: Vec<_> = ids.iter().map(|id| (id.as_str(), Reject)).collect();
    let started = Instant::now();
    bench.resolve(&all).await;
    times.push(("reject", started.elapsed()));
    assert_eq!(bench.buffer("a.txt"), text);
    times.push(("look at all", quickest(true, &|_| {}).await));
    let type_in = |round: usize| {
        let number = 15_000 + round;
        bench.retype("a.txt", &format!("line {number} "), &format!("Line {number} "));
    };
    times.push(("a keystroke", quickest(true, &type_in).await));
    // What is looked at on each key took 1.2 s where it was quadratic.
    let most = |what: &str| Duration::from_millis(if what == "reject" { 30_000 } else { 900 });
    assert!(times.iter().all(|(what, time)| *time < most(what)), "{times:?}");
}

/// What a long session has kept costs those who look for open hunks nothing to speak of.
#[tokio::test]
async fn kept_hunks_cost_nothing() {
    let mut bench = Bench::new(&[]);
    bench.keeps = true;
    let text: String = (0..2_000).map(|number| format!("line {number}\n")).collect();
    for number in 0..100 {
        let edits = vec![bench.create(&format!("{number}.txt"), &text)];
        bench.edit(edits).await;
    }
    bench.keeps = false;
    bench.edit(vec![bench.update("1.txt", &[("line 7\n", "LINE 7\n")])]).await;
    let look = async || {
        let started = Instant::now();
        for _ in 0..10 {
            assert_eq!(bench.agent().hunks(HunkQuery::default(), &bench.front).await.len(), 1);
        }
        started.elapsed() / 10
    };
    let mut times = Vec::new();
    for _ in 0..6 {
        times.push(look().await);
    }
    // The quickest, as machines are busy now and then.
    assert!(times.iter().min() < Some(&Duration::from_millis(30)), "{times:?}");
}

/// Bytes that the log holds of change sets.
fn log_bytes(bench: &Bench) -> usize {
    use glossator_session::ItemBody;
    let bytes = |body: &ItemBody| match body {
        ItemBody::ChangeSet { .. } => serde_json::to_string(body).unwrap().len(),
        _ => 0,
    };
    bench.session().with_items(|items| items.iter().map(|item| bytes(&item.body)).sum())
}

/// What review adds to the log stays small beside what undo needs.
#[tokio::test]
async fn the_log_grows_by_what_was_changed() {
    let text: String = (0..2_000).map(|number| format!("line {number} of a file that is long\n")).collect();
    let bench = Bench::new(&[("a.txt", &text)]);
    let edit = async |path: &str, number: usize| {
        let before = log_bytes(&bench);
        let (old, new) = (format!("line {number} of"), format!("LINE {number} of"));
        bench.edit(vec![bench.update(path, &[(&old, &new)])]).await;
        log_bytes(&bench) - before
    };
    let bytes = edit("a.txt", 700).await;
    assert!(bytes < 2_000, "a line in a file of the user's: {bytes}");
    let before = log_bytes(&bench);
    bench.edit(vec![bench.create("new.txt", &text)]).await;
    let bytes = (log_bytes(&bench) - before) / text.len();
    assert!(bytes < 4, "a new file: {bytes} times its size");
    for number in 0..3 {
        let bytes = edit("new.txt", 10 + number).await / text.len();
        assert!(bytes < 2, "a line in it: {bytes} times its size");
    }
    bench.undo().await;
    bench.redo().await;
    bench.undo().await;
    bench.undo().await;
    assert_eq!(bench.disk("new.txt").unwrap(), text.replace("line 10 of", "LINE 10 of"));
}

/// A file of the user's that was moved to the place of one that was deleted: neither is written over.
#[tokio::test]
async fn a_users_file_moved_onto_a_deleted_one() {
    for open in [false, true] {
        for by_undo in [false, true] {
            let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", "hours of mine\n")]);
            if open {
                bench.open("a.txt");
                bench.open("b.txt");
            }
            let turn = bench.turn();
            bench.commit(turn, vec![bench.delete("a.txt")]).await.unwrap();
            bench.commit(turn, vec![bench.moved(bench.update("b.txt", &[]), "a.txt")]).await.unwrap();
            bench.end(turn);
            let read = |path: &str| {
                bench.front.workspace.read_blocking(&bench.path(path)).map(|one| one.text).unwrap_or_default()
            };
            let alone = bench.resolve(&[("C1.1", Reject)]).await;
            assert!(alone[0].outcome.is_err(), "{alone:?}");
            assert_eq!((read("a.txt").as_str(), read("b.txt").as_str()), ("hours of mine\n", ""));
            match by_undo {
                true => drop(bench.undo().await),
                false => drop(bench.resolve(&[("C1.1", Reject), ("C2.1", Reject)]).await),
            }
            assert_eq!(
                (read("a.txt").as_str(), read("b.txt").as_str()),
                (TEXT, "hours of mine\n"),
                "{open} {by_undo}"
            );
        }
    }
}

/// What stands in the place of a rejected file is another's: opening the hunk again does not make it the agent's.
#[tokio::test]
async fn a_rejected_file_does_not_take_over_what_came_to_its_place() {
    let bench = Bench::new(&[]);
    bench.edit(vec![bench.create("new.txt", "made\n")]).await;
    bench.resolve(&[("C1.1", Reject)]).await;
    bench.write("new.txt", "hours of mine\n");
    let again = bench.resolve(&[("C1.1", Reopen)]).await;
    assert!(again[0].outcome.is_err(), "{again:?}");
    bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(bench.disk("new.txt").unwrap(), "hours of mine\n");
}

/// A hunk that the user had taken back himself comes to nothing when its rejection is taken back.
#[tokio::test]
async fn what_the_user_took_back_before_stays_as_it_is() {
    let bench = Bench::new(&[("old.txt", TEXT), ("gone.txt", "gone\n"), ("a.txt", TEXT)]);
    let files = vec![
        bench.create("new.txt", "made\n"),
        bench.moved(bench.update("old.txt", &[]), "moved.txt"),
        bench.delete("gone.txt"),
        bench.update("a.txt", &[("two", "TWO")]),
    ];
    bench.edit(files).await;
    std::fs::remove_file(bench.path("new.txt")).unwrap();
    std::fs::rename(bench.path("moved.txt"), bench.path("old.txt")).unwrap();
    bench.write("gone.txt", "gone\n");
    bench.write("a.txt", TEXT);
    let ids = ["C1.1", "C1.2", "C1.3", "C1.4"];
    let now =
        |bench: &Bench| ["new.txt", "moved.txt", "old.txt", "gone.txt", "a.txt"].map(|path| bench.disk(path));
    let before = now(&bench);
    bench.resolve(&ids.map(|id| (id, Reject))).await;
    let again = bench.resolve(&ids.map(|id| (id, Reopen))).await;
    assert_eq!(now(&bench), before, "{again:?}");
    assert!(again.iter().all(|one| one.outcome == Ok(HunkState::Undone)), "{again:?}");
}

#[tokio::test]
async fn an_edit_behind_a_line_without_a_break_is_a_line_of_its_own() {
    let bench = Bench::new(&[("a.txt", "one\ntwo\n")]);
    bench.open("a.txt");
    bench.edit(vec![bench.update("a.txt", &[("two\n", "")])]).await;
    bench.type_over("a.txt", "one");
    let done = bench.resolve(&[("C1.1", Edit("deux\n".to_owned()))]).await;
    assert!(done[0].outcome.is_ok(), "{done:?}");
    assert!(bench.buffer("a.txt").starts_with("one\ndeux"), "{:?}", bench.buffer("a.txt"));
}
