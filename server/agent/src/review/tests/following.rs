//! Hunks on texts that move on: typed over, undone and redone in the editor, found again after a restart, seen by two.

use super::bench::Bench;
use crate::Resolution::{Keep, Reject};
use std::time::{Duration, Instant};

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

async fn changed() -> Bench {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    bench.open("a.txt");
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")])]).await;
    bench
}

#[tokio::test]
async fn what_is_undone_in_the_editor_is_seen_and_told() {
    let bench = changed().await;
    bench.retype("a.txt", "TWO", "two");
    assert_eq!(bench.states().await, ["C1.1 a.txt undone", "C1.2 a.txt pending"]);
    assert_eq!(bench.log().len(), 2, "looks for showing record nothing");
    bench.look().await;
    assert_eq!(bench.log()[2..], ["C1 reviewed seen"]);
    bench.look().await;
    assert_eq!(bench.log().len(), 3, "nothing new");
    bench.retype("a.txt", "two", "TWO");
    bench.look().await;
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt pending"]);
    assert_eq!(
        bench.told(),
        [
            "hunk C1.1 (a.txt:2): it was undone in the editor; what stood there before stands there again",
            "hunk C1.1 (a.txt:2): it was made again in the editor; it stands"
        ]
    );
    // A rejection that the user takes back in the editor.
    bench.resolve(&[("C1.2", Reject)]).await;
    bench.retype("a.txt", "six", "SIX");
    bench.look().await;
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt pending"]);
}

#[tokio::test]
async fn amended_hunks_are_recorded_and_not_told_before_they_are_decided() {
    let bench = changed().await;
    bench.retype("a.txt", "SIX", "Six");
    bench.look().await;
    assert_eq!((bench.log().len(), bench.told().len()), (3, 0));
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt amended"]);
    let all: Vec<_> = bench.views(false).await.into_iter().map(|view| view.current).collect();
    assert_eq!(all, ["TWO\n", "Six\n"]);
}

/// The editor saves a buffer as many programs write: the file is emptied, or holds `part` of the text in hundredths, and is
/// filled a moment later.
fn save_in_two_steps(bench: &Bench, part: usize) -> std::thread::JoinHandle<()> {
    let (path, overlay) = (bench.path("a.txt"), bench.overlay.clone());
    let (uri, text) =
        (format!("file://{}", path.display()), bench.overlay.by_uri(&format!("file://{}", path.display())));
    let text = text.map_or_else(|| bench.disk("a.txt").unwrap(), |buffer| buffer.text.to_string());
    bench.write("a.txt", &text[..text.len() * part / 100]);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        std::fs::write(&path, text).unwrap();
        overlay.saved(&uri);
    })
}

#[tokio::test]
async fn a_file_that_is_being_written_moves_no_hunk() {
    for stage in 0..6 {
        let bench = changed().await;
        match stage {
            0 => {}
            1 => bench.retype("a.txt", "SIX", "Six"),
            2 => drop(bench.resolve(&[("C1.2", Keep)]).await),
            3 => drop(bench.resolve(&[("C1.2", Reject)]).await),
            // As a formatter does it.
            _ => {
                bench.resolve(&[("C1.2", Reject)]).await;
                bench.retype("a.txt", "six", "  six  ");
            }
        }
        bench.save("a.txt");
        bench.look().await;
        if stage == 5 {
            bench.overlay.close(&format!("file://{}", bench.path("a.txt").display()));
        }
        let (states, log) = (bench.states().await, bench.log());
        for (wait, part) in [(0, 0), (5, 0), (25, 0), (31, 0), (60, 0), (0, 30), (5, 70), (15, 50)] {
            let writer = save_in_two_steps(&bench, part);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            bench.look().await;
            assert_eq!(bench.states().await, states, "stage {stage}, after {wait} ms");
            writer.join().unwrap();
            bench.look().await;
            assert_eq!(bench.states().await, states, "stage {stage}, after {wait} ms, written");
            assert_eq!(bench.log(), log, "stage {stage}, after {wait} ms");
        }
    }
}

#[tokio::test]
async fn a_file_that_was_really_emptied_is_seen_so() {
    let bench = changed().await;
    bench.save("a.txt");
    bench.look().await;
    bench.write("a.txt", "");
    bench.look().await;
    assert!(
        bench.states().await.iter().all(|state| !state.ends_with("pending")),
        "{:?}",
        bench.states().await
    );
}

#[tokio::test]
async fn the_session_that_is_opened_again_has_its_hunks() {
    let mut bench = changed().await;
    bench.resolve(&[("C1.2", Keep)]).await;
    bench.restart();
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt kept"]);
    // What was typed while nobody looked.
    bench.restart();
    bench.retype("a.txt", "one", "zero\none");
    bench.retype("a.txt", "eight", "eight\nnine");
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt kept"]);
    bench.restart();
    bench.retype("a.txt", "TWO", "two");
    bench.look().await;
    assert_eq!(bench.states().await, ["C1.1 a.txt undone", "C1.2 a.txt kept"]);
    assert_eq!(bench.told().len(), 2, "{:?}", bench.told());
    bench.restart();
    assert_eq!(bench.states().await, ["C1.1 a.txt undone", "C1.2 a.txt kept"]);
}

/// Killed between an edit's intent and its effect, where an earlier edit of the same line waits for the user.
#[tokio::test]
async fn an_edit_that_a_crash_kept_from_being_made_hides_no_other() {
    let mut bench = Bench::new(&[("a.txt", TEXT)]);
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    let turn = bench.turn();
    intend(&bench, turn, ("C2", vec![bench.update("a.txt", &[("TWO", "Zwei"), ("four", "FOUR")])])).await;
    bench.restart();
    let expected = ["C1.1 a.txt pending", "C2.1 a.txt undone", "C2.2 a.txt undone"];
    let mut states = bench.states().await;
    states.sort();
    assert_eq!(states, expected);
    bench.look().await;
    bench.restart();
    let mut states = bench.states().await;
    states.sort();
    assert_eq!(states, expected);
    bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(bench.disk("a.txt").unwrap(), TEXT);
}

/// Writes an edit down that is not made.
async fn intend(
    bench: &Bench,
    turn: glossator_session::TurnId,
    (id, files): (&str, Vec<glossator_text::FileChange>),
) {
    let change = glossator_text::ChangeSet { files };
    let checked = bench.front.workspace.check(change).await;
    let checked = checked.unwrap_or_else(|problems| panic!("{problems:?}"));
    let set: glossator_session::ChangeSetId = id.into();
    let mut next = 1;
    let texts = checked.change().files.iter().zip(checked.texts());
    let hunks = texts.flat_map(|(file, (before, after))| {
        glossator_review::hunks_of(&set, &mut next, file, (before.as_deref(), after.as_deref()))
    });
    let state = glossator_session::ChangeState::Intended {
        hunks: hunks.collect(),
        change: checked.change().clone(),
        inverse: checked.inverse().clone(),
        undoes: None,
    };
    let body = glossator_session::ItemBody::ChangeSet { id: set, state };
    bench.session().record(turn, body, glossator_store::Sync::Now).unwrap();
}

/// Killed between an edit's intent and its outcome, with the edit made in one of two files.
#[tokio::test]
async fn what_a_crash_left_open_is_found_by_its_text() {
    let mut bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    let turn = bench.turn();
    let files = vec![bench.update("a.txt", &[("two", "TWO")]), bench.update("b.txt", &[("two", "TWO")])];
    intend(&bench, turn, ("C1", files)).await;
    bench.write("a.txt", &TEXT.replace("two", "TWO"));
    bench.restart();
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 b.txt undone"]);
    let report = bench.undo().await;
    assert_eq!(report.files, ["a.txt"]);
    assert_eq!((bench.disk("a.txt").unwrap().as_str(), bench.disk("b.txt").unwrap().as_str()), (TEXT, TEXT));
}

#[tokio::test]
async fn of_two_sessions_in_one_file_each_has_its_hunks() {
    let bench = changed().await;
    let other = bench.another();
    let session = bench.agent().session(&other).unwrap();
    let turn = bench.turn_of(&session);
    let files = vec![bench.update("a.txt", &[("TWO", "Zwei"), ("four", "FOUR")])];
    bench.commit_in(session, turn, files).await.unwrap();
    bench.look().await;
    assert_eq!(bench.states().await, ["C1.1 a.txt undone", "C1.2 a.txt pending"], "below the newer one");
    let query = crate::HunkQuery { session: Some(&other), ..Default::default() };
    let theirs = bench.agent().hunks(query, &bench.front).await;
    let bases: Vec<_> = theirs.iter().map(|view| view.base.as_str()).collect();
    assert_eq!(bases, ["TWO\n", "four\n"]);
    assert_eq!(bench.agent().hunks(Default::default(), &bench.front).await.len(), 3);
    let refused = bench.resolve(&[("C1.1", Reject)]).await;
    let why = refused[0].outcome.as_ref().unwrap_err();
    assert!(why.contains("C1.1 of T-1 in session") && why.contains("first"), "{why}");
    // What stood there before the newer one waits again.
    let decide = async |how| {
        let done = bench.agent().resolve(&other, vec![("C1.1".into(), how)], bench.front.clone()).await;
        assert!(done.unwrap()[0].outcome.is_ok());
    };
    decide(Reject).await;
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 a.txt pending"]);
    // Kept it settles what lies below it, and nobody is told of that.
    decide(crate::Resolution::Reopen).await;
    assert_eq!(bench.states().await, ["C1.1 a.txt undone", "C1.2 a.txt pending"]);
    decide(Keep).await;
    assert_eq!(bench.states().await, ["C1.1 a.txt kept", "C1.2 a.txt pending"]);
    assert_eq!(bench.told(), [""; 0]);
}

#[tokio::test]
async fn what_is_settled_does_not_come_back_with_an_edit_of_another_session() {
    let bench = changed().await;
    bench.resolve(&[("C1.2", Reject)]).await;
    bench.retype("a.txt", "TWO", "two");
    let other = bench.another();
    let session = bench.agent().session(&other).unwrap();
    let turn = bench.turn_of(&session);
    // As a round of a turn begins.
    crate::looks::look((bench.agent().shared(), &session), &bench.front.workspace, None).await;
    let files = vec![bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")])];
    bench.commit_in(session, turn, files).await.unwrap();
    let settled = ["C1.1 a.txt undone", "C1.2 a.txt rejected"];
    assert_eq!(bench.states().await, settled);
    let decisions = ["C1.1", "C1.2"].map(|id| (id.into(), Reject)).to_vec();
    bench.agent().resolve(&other, decisions, bench.front.clone()).await.unwrap();
    assert_eq!(bench.buffer("a.txt"), TEXT);
    // Also when the user writes it himself.
    bench.retype("a.txt", "two", "TWO");
    bench.retype("a.txt", "six", "SIX");
    assert_eq!(bench.states().await, settled);
}

#[tokio::test]
async fn five_hundred_hunks_in_one_file_are_quick() {
    let line = |number: usize| format!("line {number} of a file that is long enough to be one\n");
    let text: String = (0..20_000).map(line).collect();
    let bench = Bench::new(&[("a.txt", &text)]);
    bench.open("a.txt");
    let edits: Vec<(String, String)> =
        (0..500).map(|number| (line(number * 40 + 7), format!("changed {number}\n"))).collect();
    let edits: Vec<(&str, &str)> = edits.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
    bench.edit(vec![bench.update("a.txt", &edits)]).await;
    assert_eq!(bench.views(false).await.len(), 500);
    let path = bench.path("a.txt");
    let query = || crate::HunkQuery { path: Some(&path), ..Default::default() };
    let started = Instant::now();
    for _ in 0..20 {
        bench.agent().hunks(query(), &bench.front).await;
    }
    let unchanged = started.elapsed() / 20;
    let started = Instant::now();
    bench.retype("a.txt", "line 3 ", "Line 3 ");
    assert_eq!(bench.agent().hunks(query(), &bench.front).await.len(), 500);
    let typed = started.elapsed();
    assert!(
        unchanged < Duration::from_millis(100) && typed < Duration::from_secs(2),
        "{unchanged:?} {typed:?}"
    );
    let ids: Vec<String> = bench.views(false).await.into_iter().map(|view| view.id.0).collect();
    let all: Vec<_> = ids.iter().map(|id| (id.as_str(), Reject)).collect();
    let started = Instant::now();
    let done = bench.resolve(&all).await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert!(done.iter().all(|report| report.outcome.is_ok()));
    assert_eq!(bench.buffer("a.txt"), text.replacen("line 3 ", "Line 3 ", 1));
    let told = bench.told();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("and 488 more (a.txt), of each: the user rejected it"), "{told:?}");
}
