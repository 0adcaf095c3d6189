//! Undo and redo of turns: whole, in part, after later edits, through creations, deletions and moves, and back again.

use super::bench::{Bench, told};
use crate::AgentError;
use crate::Resolution::{Keep, Reject};
use glossator_session::TurnId;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";

/// All texts of a bench's files, by name.
fn texts(bench: &Bench, paths: &[&str]) -> Vec<Option<String>> {
    let text = |path: &&str| match bench.overlay.by_path(&bench.path(path)) {
        Some(buffer) => Some(buffer.text.to_string()),
        None => bench.disk(path),
    };
    paths.iter().map(text).collect()
}

async fn nothing(bench: &Bench, redo: bool) -> String {
    let (agent, front) = (bench.agent(), bench.front.clone());
    let result = match redo {
        true => agent.redo_edits(&bench.id, None, front).await,
        false => agent.undo_edits(&bench.id, None, front).await,
    };
    match result {
        Err(AgentError::NothingToUndo(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// A turn of every kind of edit over closed or open files: undone, redone and undone again, every time to the letter.
#[tokio::test]
async fn a_turn_goes_back_and_forth() {
    for open in [true, false] {
        let paths = ["a.txt", "b.txt", "gone.sh", "new/made.txt", "old.txt", "now.txt"];
        let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT), ("gone.sh", "run\n"), ("old.txt", TEXT)]);
        fs::set_permissions(bench.path("gone.sh"), fs::Permissions::from_mode(0o700)).unwrap();
        if open {
            ["a.txt", "gone.sh", "old.txt"].iter().for_each(|path| bench.open(path));
        }
        let before = texts(&bench, &paths);
        let turn = bench.turn();
        let first = vec![
            bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")]),
            bench.create("new/made.txt", "made\n"),
            bench.delete("gone.sh"),
        ];
        bench.commit(turn, first).await.unwrap();
        let second = vec![
            bench.update("a.txt", &[("TWO\nthree", "ZWEI\nDREI"), ("one", "ONE")]),
            bench.update("b.txt", &[("eight\n", "")]),
            bench.moved(bench.update("old.txt", &[("five", "FIVE")]), "now.txt"),
            bench.update("new/made.txt", &[("made", "made well")]),
        ];
        bench.commit(turn, second).await.unwrap();
        bench.end(turn);
        let after = texts(&bench, &paths);
        assert_ne!(before, after);
        assert!(nothing(&bench, true).await.contains("nothing to redo"));
        for round in 0..3 {
            let undone = bench.undo().await;
            let failed: Vec<_> =
                told(&undone.hunks).into_iter().filter(|line| !line.ends_with(" undone")).collect();
            assert_eq!(failed, Vec::<String>::new(), "{round}");
            assert_eq!(texts(&bench, &paths), before, "{round}: {:#?}", bench.log());
            assert_eq!(fs::metadata(bench.path("gone.sh")).unwrap().permissions().mode() & 0o777, 0o700);
            assert!(!bench.path("new").exists());
            assert_eq!(bench.views(false).await, [], "{round}");
            assert!(nothing(&bench, false).await.contains("nothing to undo"));
            let redone = bench.redo().await;
            let failed: Vec<_> = redone.hunks.iter().filter(|one| one.outcome.is_err()).collect();
            assert!(failed.is_empty(), "{round}: {failed:#?}");
            assert_eq!(texts(&bench, &paths), after, "{round}");
            assert!(nothing(&bench, true).await.contains("nothing to redo"));
        }
        let notes = bench.told();
        assert!(notes.is_empty(), "the history tells of whole undos: {notes:#?}");
    }
}

#[tokio::test]
async fn an_undo_is_told_by_the_history_and_one_in_part_hunk_by_hunk() {
    let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    bench.open("a.txt");
    let files = vec![
        bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")]),
        bench.update("b.txt", &[("two", "TWO")]),
    ];
    bench.edit(files).await;
    bench.resolve(&[("C1.1", Keep)]).await;
    bench.retype("a.txt", "SIX", "Six");
    bench.retype("a.txt", "one", "zero\none");
    let undone = bench.undo().await;
    assert_eq!(undone.turn.0, 1);
    assert_eq!(undone.files, ["a.txt", "b.txt"]);
    assert_eq!(
        told(&undone.hunks),
        [
            "C1.1 a.txt:3 undone",
            "C1.2 a.txt:7 failed: it was changed since, and is left as it is now",
            "C1.3 b.txt:2 undone"
        ]
    );
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("six", "Six").replace("one", "zero\none"));
    assert_eq!(bench.disk("b.txt").unwrap(), TEXT);
    assert!(!bench.log().contains(&"C1 undone".to_owned()), "a part stands");
    let lines = bench.told();
    assert!(
        lines.iter().any(|line| line.starts_with("hunk C1.1 (a.txt:3): the user undid it")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("hunk C1.3 (b.txt:2): the user undid it")),
        "{lines:#?}"
    );
    assert!(!lines.iter().any(|line| line.contains("C1.2")), "{lines:#?}");

    // The rest, once the user has decided.
    bench.resolve(&[("C1.2", Reject)]).await;
    assert!(nothing(&bench, false).await.contains("no edit of this session stands"));
    let redone = bench.redo().await;
    assert_eq!(told(&redone.hunks), ["C1.1 a.txt:3 kept", "C1.3 b.txt:2 pending"], "as it had been decided");
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("two", "TWO").replace("one", "zero\none"));
    assert_eq!(bench.disk("b.txt").unwrap(), TEXT.replace("two", "TWO"));
}

#[tokio::test]
async fn later_edits_elsewhere_stay() {
    for open in [true, false] {
        let bench = Bench::new(&[("a.txt", TEXT)]);
        if open {
            bench.open("a.txt");
        }
        bench.edit(vec![bench.update("a.txt", &[("two", "TWO"), ("five\n", "")])]).await;
        let mine = |text: &str| text.replace("eight", "eight\nnine").replace("one", "zero\none");
        let edited = mine(&texts(&bench, &["a.txt"])[0].clone().unwrap());
        if open {
            bench.type_over("a.txt", &edited);
        } else {
            bench.write("a.txt", &edited);
        }
        let undone = bench.undo().await;
        assert_eq!(told(&undone.hunks), ["C1.1 a.txt:3 undone", "C1.2 a.txt:6 undone"]);
        assert_eq!(texts(&bench, &["a.txt"]), [Some(mine(TEXT))]);
        let redone = bench.redo().await;
        assert_eq!(told(&redone.hunks), ["C1.1 a.txt:3 pending", "C1.2 a.txt:6 pending"]);
        assert_eq!(texts(&bench, &["a.txt"]), [Some(edited)]);
    }
}

#[tokio::test]
async fn a_later_turn_in_the_same_lines_is_undone_first() {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    bench.open("a.txt");
    let first = bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    bench.edit(vec![bench.update("a.txt", &[("TWO", "ZWEI")])]).await;
    assert_eq!(bench.states().await, ["C2.1 a.txt pending"]);
    // The older one is part of the later.
    let undone = bench.agent().undo_edits(&bench.id, Some(first), bench.front.clone()).await.unwrap();
    assert_eq!(
        told(&undone.hunks),
        ["C1.1 a.txt:2 failed: its lines are part of another edit (C2.1); decide about that one"]
    );
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("two", "ZWEI"));
    // The later one gives way to the older, which is open again.
    let undone = bench.undo().await;
    assert_eq!((undone.turn.0, told(&undone.hunks)), (2, vec!["C2.1 a.txt:2 undone".to_owned()]));
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("two", "TWO"));
    assert_eq!(bench.states().await, ["C1.1 a.txt pending"]);
    let redone = bench.redo().await;
    assert_eq!((redone.turn.0, told(&redone.hunks)), (2, vec!["C2.1 a.txt:2 pending".to_owned()]));
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("two", "ZWEI"));
    assert_eq!(bench.states().await, ["C2.1 a.txt pending"]);
    let view = &bench.views(false).await[0];
    assert_eq!((view.base.as_str(), view.proposed.as_str()), ("two\n", "ZWEI\n"));
    bench.undo().await;
    bench.undo().await;
    assert_eq!(bench.buffer("a.txt"), TEXT);
    assert!(nothing(&bench, false).await.contains("nothing to undo"));
    // Redo goes back the same way.
    assert_eq!(bench.redo().await.turn.0, 1);
    assert_eq!(bench.redo().await.turn.0, 2);
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("two", "ZWEI"));
}

#[tokio::test]
async fn what_the_user_took_back_himself_needs_nothing() {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    bench.open("a.txt");
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")])]).await;
    bench.retype("a.txt", "TWO", "two");
    let undone = bench.undo().await;
    assert_eq!(told(&undone.hunks), ["C1.2 a.txt:6 undone"]);
    assert_eq!(bench.buffer("a.txt"), TEXT);
    assert!(bench.log().contains(&"C1 undone".to_owned()), "{:?}", bench.log());
    assert!(nothing(&bench, false).await.contains("nothing to undo"));
    let redone = bench.redo().await;
    assert_eq!(told(&redone.hunks), ["C1.2 a.txt:6 pending"], "what the undo put back");
    assert_eq!(bench.buffer("a.txt"), TEXT.replace("six", "SIX"));
}

#[tokio::test]
async fn whole_files_that_were_changed_since_are_left() {
    let bench = Bench::new(&[("gone.txt", "was\n"), ("old.txt", TEXT)]);
    let files = vec![
        bench.create("new.txt", "made\n"),
        bench.delete("gone.txt"),
        bench.moved(bench.update("old.txt", &[("two", "TWO")]), "now.txt"),
    ];
    bench.edit(files).await;
    bench.write("new.txt", "made, and mine\n");
    bench.write("gone.txt", "another\n");
    bench.write("now.txt", &TEXT.replace("two", "TWO").replace("eight", "eight\nnine"));
    let undone = bench.undo().await;
    let lines = told(&undone.hunks);
    let left = "failed: it was changed since, and is left as it is now";
    assert!(lines.contains(&format!("C1.1 new.txt:1 {left}")), "{lines:#?}");
    assert!(lines.contains(&format!("C1.2 gone.txt:1 {left}")), "{lines:#?}");
    assert!(lines.contains(&"C1.3 now.txt:1 undone".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"C1.4 now.txt:2 undone".to_owned()), "{lines:#?}");
    assert_eq!(bench.disk("old.txt").unwrap(), TEXT.replace("eight", "eight\nnine"));
    assert_eq!(
        (bench.disk("new.txt").unwrap().as_str(), bench.disk("gone.txt").unwrap().as_str()),
        ("made, and mine\n", "another\n")
    );
    let redone = bench.redo().await;
    assert!(redone.hunks.iter().all(|one| one.outcome.is_ok()), "{redone:#?}");
    assert_eq!(bench.disk("now.txt").unwrap(), TEXT.replace("two", "TWO").replace("eight", "eight\nnine"));
    assert_eq!(bench.disk("old.txt"), None);
}

#[tokio::test]
async fn one_file_that_is_refused_does_not_hold_the_others() {
    let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    bench.open("b.txt");
    bench
        .edit(vec![bench.update("a.txt", &[("two", "TWO")]), bench.update("b.txt", &[("two", "TWO")])])
        .await;
    bench.write("b.txt", "else\n");
    let undone = bench.undo().await;
    let lines = told(&undone.hunks);
    assert!(lines[1].starts_with("C1.2 b.txt:2 failed: ") && lines[1].contains("on disk"), "{lines:?}");
    assert_eq!(
        (lines[0].as_str(), undone.files.as_slice()),
        ("C1.1 a.txt:2 undone", ["a.txt".to_owned()].as_slice())
    );
    bench.save("b.txt");
    let undone = bench.undo().await;
    assert_eq!(told(&undone.hunks), ["C1.2 b.txt:2 undone"]);
    assert!(bench.log().contains(&"C1 undone".to_owned()), "{:?}", bench.log());
}

#[tokio::test]
async fn undo_and_redo_survive_a_restart() {
    let mut bench = Bench::new(&[("a.txt", TEXT)]);
    bench.open("a.txt");
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    bench.restart();
    assert_eq!(told(&bench.undo().await.hunks), ["C1.1 a.txt:2 undone"]);
    bench.restart();
    assert_eq!(bench.states().await, ["C1.1 a.txt undone"]);
    assert!(nothing(&bench, false).await.contains("nothing to undo"));
    assert_eq!(told(&bench.redo().await.hunks), ["C1.1 a.txt:2 pending"]);
    bench.restart();
    assert_eq!(told(&bench.undo().await.hunks), ["C1.1 a.txt:2 undone"]);
    assert_eq!(bench.buffer("a.txt"), TEXT);
}

#[tokio::test]
async fn while_edits_are_taken_back_nothing_is_decided() {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    let session = bench.session();
    let undoing = session.begin_undo().unwrap();
    let refused = bench.agent().resolve(&bench.id, vec![("C1.1".into(), Keep)], bench.front.clone()).await;
    assert_eq!(refused, Err(AgentError::Undoing));
    let busy = bench.agent().undo_edits(&bench.id, None, bench.front.clone()).await;
    assert_eq!(busy, Err(AgentError::Undoing));
    drop(undoing);
    // While a turn runs there is no undo, but hunks can be decided.
    let turn = bench.turn();
    assert_eq!(told(&bench.resolve(&[("C1.1", Keep)]).await), ["C1.1 a.txt:2 kept"]);
    let busy = bench.agent().undo_edits(&bench.id, None, bench.front.clone()).await;
    assert!(matches!(busy, Err(AgentError::Busy(_))), "{busy:?}");
    bench.end(turn);
    bench.undo().await;
    assert_eq!(bench.disk("a.txt").unwrap(), TEXT);
}

#[tokio::test]
async fn a_turn_that_is_not_there_is_not_called_undone() {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    let refused = async |turn: u32| {
        let undone = bench.agent().undo_edits(&bench.id, Some(TurnId(turn)), bench.front.clone()).await;
        undone.unwrap_err().to_string()
    };
    assert!(refused(3).await.starts_with("This session has no T-3. It has no turn yet;"));
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    assert!(refused(3).await.starts_with("This session has no T-3. Its latest turn is T-1;"));
    bench.undo().await;
    assert!(refused(1).await.starts_with("no edit of T-1 stands"));
}

#[tokio::test]
async fn what_commands_changed_for_good_is_named() {
    use glossator_session::{ItemBody, ToolOutput};
    let bench = Bench::new(&[("a.txt", TEXT)]);
    let turn = bench.turn();
    bench.commit(turn, vec![bench.update("a.txt", &[("two", "TWO")])]).await.unwrap();
    let value = serde_json::json!({ "exitCode": 0, "notReversible": ["logo.png", { "path": "b.bin", "why": "it is binary" }] });
    let outcome = Ok(ToolOutput { value, summary: String::new() });
    let body = ItemBody::ToolOutput { call: "S1.1".into(), outcome, millis: 1 };
    bench.session().record(turn, body, glossator_store::Sync::No).unwrap();
    bench.end(turn);
    let undone = bench.undo().await;
    let expected =
        ["b.bin: it is binary", "logo.png: a command changed it, and what it held before was not kept"];
    assert_eq!(undone.irreversible, expected);
}

#[tokio::test]
async fn files_that_moved_on_go_back_step_by_step() {
    let paths = ["a.txt", "b/b.txt", "c/c.txt"];
    for open in [true, false] {
        let bench = Bench::new(&[("a.txt", TEXT)]);
        if open {
            bench.open("a.txt");
        }
        let mut known = vec![texts(&bench, &paths)];
        bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
        known.push(texts(&bench, &paths));
        bench.edit(vec![bench.moved(bench.update("a.txt", &[("six", "SIX")]), "b/b.txt")]).await;
        known.push(texts(&bench, &paths));
        bench.edit(vec![bench.moved(bench.update("b/b.txt", &[("SIX", "sechs")]), "c/c.txt")]).await;
        let last = texts(&bench, &paths);
        assert_eq!(
            bench.views(false).await.len(),
            3,
            "a move, and two of lines: {:#?}",
            bench.states().await
        );
        for before in known.iter().rev() {
            let undone = bench.undo().await;
            assert!(undone.hunks.iter().all(|one| one.outcome.is_ok()), "{undone:#?}");
            assert_eq!(&texts(&bench, &paths), before, "{undone:#?}");
        }
        assert_eq!((bench.path("b").exists(), bench.path("c").exists()), (false, false));
        for _ in 0..3 {
            let redone = bench.redo().await;
            assert!(redone.hunks.iter().all(|one| one.outcome.is_ok()), "{redone:#?}");
        }
        assert_eq!(texts(&bench, &paths), last);
    }
}
