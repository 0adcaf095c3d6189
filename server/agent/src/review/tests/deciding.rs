//! Keep, reject, edit and reopen: of lines, files and moves, of amended and merged hunks, open and closed.

use super::bench::{Bench, told};
use crate::Resolution::{Edit, Keep, Reject, Reopen};
use glossator_session::HunkState;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
/// `two` and `six` changed.
const AFTER: &str = "one\nTWO\nthree\nfour\nfive\nSIX\nseven\neight\n";

async fn two_hunks(open: bool) -> Bench {
    let bench = Bench::new(&[("a.txt", TEXT)]);
    if open {
        bench.open("a.txt");
    }
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO"), ("six", "SIX")])]).await;
    bench
}

impl Bench {
    fn text(&self, path: &str, open: bool) -> String {
        if open { self.buffer(path) } else { self.disk(path).unwrap_or_default() }
    }
}

#[tokio::test]
async fn hunks_are_pending_until_they_are_decided() {
    for open in [true, false] {
        let bench = two_hunks(open).await;
        assert_eq!(bench.text("a.txt", open), AFTER);
        let views = bench.views(false).await;
        let shown: Vec<_> =
            views.iter().map(|one| (one.base.as_str(), one.current.as_str(), one.state)).collect();
        assert_eq!(shown, [("two\n", "TWO\n", HunkState::Pending), ("six\n", "SIX\n", HunkState::Pending)]);
        let view = &views[1];
        assert_eq!(&view.text.as_ref().unwrap()[view.range.clone().unwrap()], "SIX\n");
        assert_eq!((view.shown.as_str(), view.id.0.as_str(), view.turn.0), ("a.txt", "C1.2", 1));

        let kept = bench.resolve(&[("C1.1", Keep)]).await;
        assert_eq!(told(&kept), ["C1.1 a.txt:2 kept"]);
        let rejected = bench.resolve(&[("C1.2", Reject)]).await;
        assert_eq!(told(&rejected), ["C1.2 a.txt:6 rejected"]);
        assert_eq!(bench.text("a.txt", open), AFTER.replace("SIX", "six"));
        assert_eq!(bench.states().await, ["C1.1 a.txt kept", "C1.2 a.txt rejected"]);
        assert_eq!(bench.views(false).await, []);
        let log = [
            "C1 intended",
            "C1 committed",
            "C1 reviewed user",
            "C2 intended",
            "C2 committed",
            "C1 reviewed user",
        ];
        assert_eq!(bench.log(), log);
        assert_eq!(
            bench.told(),
            [
                "hunk C1.1 (a.txt:2): the user kept it",
                "hunk C1.2 (a.txt:6): the user rejected it; the lines are as they were before"
            ]
        );
    }
}

#[tokio::test]
async fn what_was_decided_can_be_decided_anew() {
    let bench = two_hunks(true).await;
    bench.resolve(&[("C1.1", Keep), ("C1.2", Reject)]).await;
    let again = bench.resolve(&[("C1.1", Reopen), ("C1.2", Reopen)]).await;
    assert_eq!(told(&again), ["C1.1 a.txt:2 pending", "C1.2 a.txt:6 pending"]);
    assert_eq!(bench.buffer("a.txt"), AFTER);
    let third = bench.resolve(&[("C1.1", Reject), ("C1.2", Keep), ("C1.9", Keep), ("C1.1", Keep)]).await;
    assert_eq!(
        told(&third),
        ["C1.1 a.txt:2 kept", "C1.2 a.txt:6 kept", "C1.9  failed: there is no such hunk in this session"],
        "the last word counts"
    );
    assert_eq!(bench.buffer("a.txt"), AFTER);
    let rejected = bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(told(&rejected), ["C1.1 a.txt:2 rejected"], "a kept one, too");
    assert_eq!(bench.buffer("a.txt"), AFTER.replace("TWO", "two"));
}

#[tokio::test]
async fn amended_text_is_kept_or_goes_with_its_hunk() {
    let bench = two_hunks(true).await;
    bench.retype("a.txt", "TWO", "Two, mine");
    bench.retype("a.txt", "SIX", "Six\nand more");
    bench.retype("a.txt", "one", "zero\none");
    bench.retype("a.txt", "eight", "eight!");
    assert_eq!(bench.states().await, ["C1.1 a.txt amended", "C1.2 a.txt amended"]);
    let done = bench.resolve(&[("C1.1", Keep), ("C1.2", Reject)]).await;
    assert_eq!(told(&done), ["C1.1 a.txt:3 kept", "C1.2 a.txt:7 rejected"]);
    let expected = "zero\none\nTwo, mine\nthree\nfour\nfive\nsix\nseven\neight!\n";
    assert_eq!(bench.buffer("a.txt"), expected);
    let told = bench.told();
    assert_eq!(told[0], "hunk C1.1 (a.txt:3): the user changed it and kept that:\n-TWO\n+Two, mine");
    assert!(told[1].starts_with("hunk C1.2 (a.txt:7): the user rejected it"), "{told:#?}");
}

#[tokio::test]
async fn a_hunk_is_edited() {
    for (text, expected) in [("Deux\n", "Deux\n"), ("Deux", "Deux\n"), ("", ""), ("a\nb\n", "a\nb\n")] {
        let bench = two_hunks(true).await;
        let done = bench.resolve(&[("C1.1", Edit(text.to_owned()))]).await;
        assert_eq!(told(&done), ["C1.1 a.txt:2 kept"]);
        assert_eq!(bench.buffer("a.txt"), AFTER.replace("TWO\n", expected));
    }
    // Of two beside each other, in one step.
    let bench = two_hunks(true).await;
    bench.resolve(&[("C1.2", Edit("Sechs\n".to_owned())), ("C1.1", Reject)]).await;
    assert_eq!(bench.buffer("a.txt"), AFTER.replace("TWO", "two").replace("SIX", "Sechs"));
    assert_eq!(bench.log().iter().filter(|one| one.ends_with("intended")).count(), 2);
}

/// Each in the editor and on disk: rejecting puts the files back with their permissions and folders.
#[tokio::test]
async fn whole_files_and_moves_are_rejected() {
    for open in [true, false] {
        let bench = Bench::new(&[("gone.sh", "run\n"), ("old.txt", TEXT)]);
        fs::set_permissions(bench.path("gone.sh"), fs::Permissions::from_mode(0o750)).unwrap();
        if open {
            bench.open("gone.sh");
            bench.open("old.txt");
        }
        let files = vec![
            bench.create("new/dir/made.txt", "made\n"),
            bench.delete("gone.sh"),
            bench.moved(bench.update("old.txt", &[("two", "TWO")]), "moved/now.txt"),
        ];
        bench.edit(files).await;
        assert_eq!((bench.disk("gone.sh"), bench.disk("old.txt")), (None, None));
        assert_eq!(
            bench.states().await,
            [
                "C1.2 gone.sh pending",
                "C1.3 moved/now.txt pending",
                "C1.4 moved/now.txt pending",
                "C1.1 new/dir/made.txt pending"
            ]
        );
        let moved = bench.resolve(&[("C1.3", Reject)]).await;
        assert_eq!(told(&moved), ["C1.3 moved/now.txt:1 rejected"]);
        assert!(!bench.path("moved").exists());
        assert_eq!(bench.text("old.txt", open), TEXT.replace("two", "TWO"));
        let lines = bench.views(false).await.into_iter().find(|view| view.id.0 == "C1.4").unwrap();
        assert_eq!((lines.shown.as_str(), lines.state), ("old.txt", HunkState::Pending), "it went along");

        let rest = bench.resolve(&[("C1.1", Reject), ("C1.2", Reject), ("C1.4", Reject)]).await;
        assert_eq!(
            told(&rest),
            ["C1.1 new/dir/made.txt:1 rejected", "C1.2 gone.sh rejected", "C1.4 old.txt:2 rejected"]
        );
        assert!(!bench.path("new").exists());
        assert_eq!(bench.disk("gone.sh").unwrap(), "run\n");
        assert_eq!(fs::metadata(bench.path("gone.sh")).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(bench.text("old.txt", open), TEXT);
        assert_eq!(bench.disk("old.txt").unwrap(), TEXT);
        assert_eq!(bench.views(false).await, []);
    }
}

#[tokio::test]
async fn a_new_file_goes_with_what_the_user_wrote_into_it() {
    let bench = Bench::new(&[]);
    bench.edit(vec![bench.create("new.txt", "made\n")]).await;
    bench.open("new.txt");
    bench.type_over("new.txt", "made\nand mine\n");
    assert_eq!(bench.states().await, ["C1.1 new.txt amended"]);
    bench.save("new.txt");
    let done = bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(told(&done), ["C1.1 new.txt:1 rejected"]);
    assert_eq!(bench.disk("new.txt"), None);
}

#[tokio::test]
async fn later_edits_of_the_agent_merge_with_open_hunks() {
    let bench = two_hunks(true).await;
    bench.resolve(&[("C1.2", Keep)]).await;
    bench.edit(vec![bench.update("a.txt", &[("TWO\nthree", "ZWEI\nDREI"), ("SIX", "SECHS")])]).await;
    assert_eq!(bench.log()[3..], ["C2 intended", "C2 committed", "C1 reviewed edit", "C2 reviewed edit"]);
    let views = bench.views(false).await;
    let bases: Vec<_> = views.iter().map(|view| (view.id.0.as_str(), view.base.as_str())).collect();
    assert_eq!(bases, [("C2.1", "two\nthree\n"), ("C2.2", "SIX\n")], "what was kept is the user's");
    let old = bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(told(&old), ["C1.1 a.txt:2 failed: a later edit took it over; decide about C2.1"]);
    bench.resolve(&[("C2.1", Reject), ("C2.2", Reject)]).await;
    assert_eq!(bench.buffer("a.txt"), AFTER.replace("TWO", "two"));
    assert!(bench.told().iter().all(|line| !line.contains("C1.1")), "{:?}", bench.told());
}

#[tokio::test]
async fn a_policy_keeps_at_once() {
    let mut bench = Bench::new(&[("a.txt", TEXT)]);
    bench.keeps = true;
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    assert_eq!(bench.states().await, ["C1.1 a.txt kept"]);
    assert_eq!(bench.log(), ["C1 intended", "C1 committed", "C1 reviewed policy"]);
    assert_eq!(bench.told(), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_done_is_reported_and_the_rest_is_done() {
    let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT), ("c.txt", TEXT)]);
    bench.open("b.txt");
    let change = |path| bench.update(path, &[("two", "TWO")]);
    bench.edit(vec![change("a.txt"), change("b.txt"), change("c.txt")]).await;
    // Changed behind the editor's back, over unsaved text: checking refuses it.
    bench.write("b.txt", "else\n");
    let done = told(&bench.resolve(&[("C1.1", Reject), ("C1.2", Reject), ("C1.3", Keep)]).await);
    assert_eq!((done[0].as_str(), done[2].as_str()), ("C1.1 a.txt:2 rejected", "C1.3 c.txt:2 kept"));
    assert!(done[1].starts_with("C1.2 b.txt:2 failed: ") && done[1].contains("on disk"), "{done:?}");
    assert_eq!(bench.disk("a.txt").unwrap(), TEXT);
    assert_eq!(bench.states().await, ["C1.1 a.txt rejected", "C1.2 b.txt pending", "C1.3 c.txt kept"]);
    bench.write("b.txt", &bench.buffer("b.txt"));

    // Refused by the editor: nothing of it is decided.
    bench.editor.refuses.lock().push("b.txt".to_owned());
    let done = told(&bench.resolve(&[("C1.3", Reject), ("C1.2", Reject)]).await);
    assert!(
        done[0].starts_with("C1.3 c.txt:2 failed") && done[1].contains("the buffer is read-only"),
        "{done:?}"
    );
    assert_eq!(bench.states().await, ["C1.1 a.txt rejected", "C1.2 b.txt pending", "C1.3 c.txt kept"]);
    assert_eq!(bench.disk("c.txt").unwrap(), TEXT.replace("two", "TWO"));
}

#[tokio::test]
async fn hunks_are_found_by_what_is_asked_for() {
    use crate::HunkQuery;
    let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    bench.edit(vec![bench.update("a.txt", &[("two", "TWO")])]).await;
    bench
        .edit(vec![bench.update("b.txt", &[("two", "TWO")]), bench.update("a.txt", &[("six", "SIX")])])
        .await;
    let check = async |query: HunkQuery<'_>, expected: &[&str]| {
        let views = bench.agent().hunks(query, &bench.front).await;
        let ids: Vec<&str> = views.iter().map(|view| view.id.0.as_str()).collect();
        assert_eq!(ids, expected);
    };
    let any = HunkQuery::default;
    check(any(), &["C1.1", "C2.2", "C2.1"]).await;
    check(HunkQuery { turn: Some(glossator_session::TurnId(1)), ..any() }, &["C1.1"]).await;
    check(HunkQuery { change_set: Some(&"C2".into()), ..any() }, &["C2.2", "C2.1"]).await;
    check(HunkQuery { path: Some(&bench.path("b.txt")), ..any() }, &["C2.1"]).await;
    check(HunkQuery { path: Some(&bench.path("none")), ..any() }, &[]).await;
    check(HunkQuery { session: Some(&"other".into()), ..any() }, &[]).await;
    bench.resolve(&[("C2.2", Keep)]).await;
    check(any(), &["C1.1", "C2.1"]).await;
    check(HunkQuery { all: true, ..any() }, &["C1.1", "C2.2", "C2.1"]).await;
}

/// An editor that deletes nothing goes on showing what is gone.
#[tokio::test]
async fn a_buffer_that_is_left_over_is_no_file() {
    let bench = Bench::new(&[("a.txt", TEXT), ("b.txt", TEXT)]);
    bench.editor.resources.store(false, std::sync::atomic::Ordering::Relaxed);
    bench.open("a.txt");
    bench.open("b.txt");
    let turn = bench.turn();
    bench.commit(turn, vec![bench.delete("a.txt"), bench.delete("b.txt")]).await.unwrap();
    bench.look().await;
    assert_eq!(bench.states().await, ["C1.1 a.txt pending", "C1.2 b.txt pending"]);
    bench.end(turn);
    let done = bench.resolve(&[("C1.1", Reject)]).await;
    assert_eq!(told(&done), ["C1.1 a.txt rejected"]);
    assert_eq!(bench.disk("a.txt").unwrap(), TEXT);
    bench.undo().await;
    assert_eq!(bench.disk("b.txt").unwrap(), TEXT);
    assert_eq!(bench.told().len(), 1, "{:?}", bench.told());
}

#[tokio::test]
async fn line_endings_stay_as_they_are() {
    let text = TEXT.replace('\n', "\r\n");
    for open in [true, false] {
        let bench = Bench::new(&[("a.txt", &text)]);
        if open {
            bench.open("a.txt");
        }
        bench
            .edit(vec![
                bench.update("a.txt", &[("two\r\n", "2\r\n2\r\n"), ("six", "SIX"), ("eight\r\n", "end")]),
            ])
            .await;
        bench
            .resolve(&[("C1.1", Reject), ("C1.2", Edit("Sechs\nSieben".to_owned())), ("C1.3", Reject)])
            .await;
        let expected = text.replace("six\r\n", "Sechs\r\nSieben\r\n");
        assert_eq!(bench.text("a.txt", open), expected, "{open}");
    }
}

/// A new file that later edits of the agent went into is still one new file, with its folder.
#[tokio::test]
async fn a_new_file_stays_one_hunk() {
    let bench = Bench::new(&[]);
    bench.edit(vec![bench.create("new/a.txt", "one\ntwo\n")]).await;
    bench.edit(vec![bench.update("new/a.txt", &[("two", "TWO")])]).await;
    let views = bench.views(false).await;
    assert_eq!(views.len(), 1, "{views:#?}");
    assert_eq!((views[0].id.0.as_str(), views[0].proposed.as_str()), ("C2.1", "one\nTWO\n"));
    bench.resolve(&[("C2.1", Reject)]).await;
    assert!(!bench.path("new").exists());
}

/// An edit of which it was not known at first whether it stands.
#[tokio::test]
async fn what_is_found_late_to_stand_is_reviewed_too() {
    for keeps in [true, false] {
        let mut bench = two_hunks(true).await;
        bench.restart();
        let turn = bench.turn();
        bench.commit(turn, vec![bench.update("a.txt", &[("four", "FOUR")])]).await.unwrap();
        // As if the door had been told of it without its texts.
        *bench.session().hunks.table.lock() = Default::default();
        let session = bench.session();
        let at = (&**bench.agent().shared(), &*session);
        crate::looks::look(at, &bench.front.workspace, keeps.then_some(turn)).await;
        let state = if keeps { "kept" } else { "pending" };
        let expected =
            ["C1.1 a.txt pending".to_owned(), format!("C2.1 a.txt {state}"), "C1.2 a.txt pending".to_owned()];
        assert_eq!(bench.states().await, expected);
    }
}
