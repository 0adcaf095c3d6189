//! Sessions of a real store through the agent: forked, named, deleted, taken over, followed, with old edits read again.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the test that measures looks at files, and prints"
)]

use crate::review::tests::bench::Bench;
use crate::session::{End, Session};
use crate::spent::Spent;
use crate::{Agent, AgentError, Parts};
use glossator_script::{Engine, Limits, WorkerProgram};
use glossator_session::{EventKind, Item, ItemBody, TaskState, TurnId, TurnStatus};
use glossator_store::{ListQuery, Store, Sync};
use std::sync::Arc;
use std::time::Duration;

/// As if another process worked in the same folder.
fn another(bench: &Bench) -> Agent {
    let engine = Arc::new(Engine::new(WorkerProgram::this(), Limits::default()));
    let state = bench.root.parent().unwrap().join("state");
    Agent::new(Parts { store: Store::open(&state, &bench.root), engine })
}

fn answer(session: &Session, turn: TurnId, text: &str) {
    session.record(turn, ItemBody::Answer { text: text.to_owned(), raw: None }, Sync::No).unwrap();
}

fn talk(bench: &Bench, session: &Session, text: &str) -> TurnId {
    let turn = bench.turn_of(session);
    answer(session, turn, text);
    session.end_turn(turn, End { status: TurnStatus::Done, spent: Spent::default(), message: None });
    turn
}

fn texts(items: &[Item]) -> Vec<String> {
    let text = |item: &Item| match &item.body {
        ItemBody::Answer { text, .. } => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}

#[tokio::test]
async fn forks_go_on_by_themselves() {
    let bench = Bench::new(&[]);
    let (agent, session) = (bench.agent(), bench.session());
    for text in ["one", "two", "three"] {
        talk(&bench, &session, text);
    }
    agent.rename(&bench.id, "A talk").unwrap();
    let running = bench.turn_of(&session);
    let fork = agent.fork(&bench.id, Some(TurnId(2)), None).unwrap();
    assert_eq!(fork.title, "A talk (fork of T-2)");
    // The turn that runs is not forked.
    let latest = agent.fork(&bench.id, None, Some("Mine".to_owned())).unwrap();
    assert_eq!(latest.parent.as_ref().map(|parent| parent.turn), Some(TurnId(3)));
    assert!(
        matches!(agent.fork(&bench.id, Some(running), None), Err(AgentError::Refused(why)) if why.contains("T-4 has not ended"))
    );
    bench.end(running);
    let branch = agent.session(&fork.id).unwrap();
    assert_eq!(branch.place().0, TurnId(2));
    talk(&bench, &branch, "another three");
    assert_eq!(texts(&agent.read(&fork.id).unwrap().items), ["one", "two", "another three"]);
    assert_eq!(texts(&agent.page(&fork.id, None, 2).unwrap().items), ["two", "another three"]);
    let again = agent.fork(&fork.id, None, None).unwrap();
    assert_eq!(again.title, "A talk (fork of T-3)");
    let titles: Vec<String> =
        agent.list(&ListQuery::default()).unwrap().sessions.into_iter().map(|one| one.title).collect();
    for title in ["A talk", "A talk (fork of T-2)", "Mine", "A talk (fork of T-3)"] {
        assert!(titles.iter().any(|one| one == title), "{title} of {titles:?}");
    }
    // What is deleted takes nothing from its forks.
    agent.delete(&bench.id).unwrap();
    assert!(matches!(agent.read(&bench.id), Err(AgentError::NoSession(_))));
    assert_eq!(texts(&agent.read(&again.id).unwrap().items), ["one", "two", "another three"]);
}

#[tokio::test]
async fn what_goes_on_in_the_parent_stays_there() {
    let bench = Bench::new(&[("a.txt", "one\n")]);
    let session = bench.session();
    let turn = bench.turn();
    bench.commit(turn, vec![bench.update("a.txt", &[("one", "ONE")])]).await.unwrap();
    let state = TaskState::Running { tool: "exec".to_owned(), line: "exec make".to_owned() };
    session.record(turn, ItemBody::Task { id: "S1.1".into(), state }, Sync::No).unwrap();
    bench.end(turn);
    let fork = bench.agent().fork(&bench.id, None, None).unwrap().id;
    let branch = bench.agent().session(&fork).unwrap();
    assert_eq!(bench.states().await, ["C1.1 a.txt pending"]);
    let of_all = bench.agent().hunks(crate::HunkQuery::default(), &bench.front).await;
    assert_eq!(of_all.iter().map(|hunk| &hunk.session).collect::<Vec<_>>(), [&bench.id]);
    assert_eq!(branch.open_tasks(), []);
    assert_eq!(session.open_tasks().len(), 1);
    // What both share can be undone in either.
    let undone = bench.agent().undo_edits(&fork, None, bench.front.clone()).await.unwrap();
    assert!(undone.hunks[0].outcome.is_ok(), "{undone:?}");
    assert_eq!(bench.disk("a.txt").as_deref(), Some("one\n"));
}

#[tokio::test]
async fn a_session_that_has_not_begun_cannot_be_forked_but_named_and_deleted() {
    let bench = Bench::new(&[]);
    let agent = bench.agent();
    let new = agent.new_session("").id;
    assert!(matches!(agent.fork(&new, None, None), Err(AgentError::Refused(_))));
    agent.rename(&new, " A\n name ").unwrap();
    assert_eq!(agent.read(&new).unwrap().head.title, "A name");
    agent.delete(&new).unwrap();
    assert!(matches!(agent.read(&new), Err(AgentError::NoSession(_))));
    assert!(matches!(agent.delete(&new), Err(AgentError::NoSession(_))));
}

#[tokio::test]
async fn a_session_at_work_is_not_deleted() {
    let bench = Bench::new(&[]);
    let turn = bench.turn();
    let refused = bench.agent().delete(&bench.id).unwrap_err();
    assert!(refused.to_string().contains("T-1 is still running"), "{refused}");
    bench.end(turn);
    let other = another(&bench);
    let refused = other.delete(&bench.id).unwrap_err();
    assert!(refused.to_string().contains("being written by"), "{refused}");
    bench.agent().delete(&bench.id).unwrap();
}

/// A turn that begins in the moment in which its session's log is let go of would be written nowhere.
#[tokio::test]
async fn nothing_begins_where_the_log_was_let_go_of() {
    let bench = Bench::new(&[]);
    let session = bench.session();
    talk(&bench, &session, "one");
    let running = bench.turn_of(&session);
    assert!(matches!(session.set_aside("later".to_owned()), Err(AgentError::Busy(turn)) if turn == running));
    bench.end(running);
    session.set_aside("later".to_owned()).unwrap();
    assert!(matches!(session.begin_turn(), Err(AgentError::ReadOnly(why)) if why == "later"));
    assert!(matches!(session.begin_undo().map(drop), Err(AgentError::ReadOnly(_))));
    let taken_up = bench.agent().writable(&bench.id).unwrap();
    talk(&bench, &taken_up, "two");
    assert_eq!(texts(&bench.agent().read(&bench.id).unwrap().items), ["one", "two"]);
}

#[tokio::test]
async fn names_are_told_and_kept() {
    let mut bench = Bench::new(&[]);
    talk(&bench, &bench.session(), "one");
    let mut events = bench.agent().watch(&bench.id).unwrap();
    bench.agent().rename(&bench.id, "First").unwrap();
    bench.agent().archive(&bench.id, true).unwrap();
    let changed = |kind: EventKind| match kind {
        EventKind::SessionChanged { title, archived } => Some((title, archived)),
        _ => None,
    };
    let told: Vec<_> =
        std::iter::from_fn(|| events.try_next()).filter_map(|event| changed(event.kind)).collect();
    assert_eq!(told, [("First".to_owned(), false), ("First".to_owned(), true)]);
    bench.restart();
    let snapshot = bench.agent().read(&bench.id).unwrap();
    assert_eq!((snapshot.head.title.as_str(), snapshot.archived), ("First", true));
    // A model's title does not take the place of one that was given.
    super::retitle(bench.agent().shared(), &bench.session(), "Second");
    assert_eq!(bench.session().title(), "First");
    bench.agent().rename(&bench.id, "").unwrap();
    super::retitle(bench.agent().shared(), &bench.session(), "\"Second\"");
    assert_eq!(bench.session().title(), "Second");
}

#[tokio::test]
async fn what_another_process_writes_is_followed_and_then_gone_on_with() {
    let mut bench = Bench::new(&[]);
    let session = bench.session();
    talk(&bench, &session, "one");
    let other = another(&bench);
    let id = bench.id.clone();
    let snapshot = other.read(&id).unwrap();
    assert_eq!(texts(&snapshot.items), ["one"]);
    assert!(snapshot.read_only.is_some_and(|why| why.contains("being written by")));
    let mut events = other.watch(&id).unwrap();
    let turn = bench.turn_of(&session);
    answer(&session, turn, "two");
    let mut seen = Vec::new();
    while !matches!(seen.last(), Some(EventKind::ItemCompleted { item }) if matches!(item.body, ItemBody::Answer { .. }))
    {
        let event = tokio::time::timeout(Duration::from_secs(60), events.recv()).await.unwrap().unwrap();
        seen.push(event.kind);
    }
    assert_eq!(seen[0], EventKind::TurnStarted);
    assert_eq!(other.read(&id).unwrap().running, Some(turn));
    assert!(matches!(other.interrupt(&id), Err(AgentError::ReadOnly(_))));
    assert!(
        matches!(other.writable(&id), Err(AgentError::ReadOnly(why)) if why.contains("being written by"))
    );
    // The other process dies in mid-turn.
    drop(session);
    bench.agent = None;
    let before = other.read(&id).unwrap().seq;
    let session = other.writable(&id).unwrap();
    assert_eq!(session.read_only(), None);
    let mut kinds = Vec::new();
    while let Some(event) = events.try_next() {
        assert!(event.seq > before);
        kinds.push(event.kind);
    }
    let ended = |kind: &EventKind| matches!(kind, EventKind::ItemCompleted { item } if matches!(item.body, ItemBody::TurnEnded { .. }));
    assert!(kinds.iter().any(ended), "{kinds:?}");
    assert_eq!(talk(&bench, &session, "three"), TurnId(3));
    assert_eq!(texts(&other.read(&id).unwrap().items), ["one", "two", "three"]);
}

/// Turns after which nothing of what was before is in memory.
fn go_far(bench: &Bench) {
    let session = bench.session();
    for number in 0..60 {
        let turn = bench.turn_of(&session);
        if number % 10 == 5 {
            session.record(turn, crate::earlier::tests::compaction(), Sync::No).unwrap();
        }
        session.end_turn(turn, End { status: TurnStatus::Done, spent: Spent::default(), message: None });
        session.tidy();
    }
    assert!(session.before().upto > 0);
}

#[tokio::test]
async fn edits_of_long_ago_can_be_undone_and_made_again() {
    for restart in [false, true] {
        let mut bench = Bench::new(&[("a.txt", "one\ntwo\n"), ("b.txt", "b\n")]);
        let first = bench
            .edit(vec![bench.update("a.txt", &[("one", "ONE")]), bench.create("new.txt", "new\n")])
            .await;
        let deleted = bench.edit(vec![bench.delete("b.txt")]).await;
        let keep = [("C1.1", crate::Resolution::Keep), ("C1.2", crate::Resolution::Keep)];
        bench.resolve(&keep).await;
        go_far(&bench);
        if restart {
            bench.restart();
        }
        let (agent, front) = (bench.agent(), bench.front.clone());
        // An open hunk is known however old it is; what is kept of its file is read again.
        let reports = bench.resolve(&[("C2.1", crate::Resolution::Reject)]).await;
        assert!(reports[0].outcome.is_ok(), "{reports:?}");
        assert_eq!(bench.disk("b.txt").as_deref(), Some("b\n"), "restart {restart}");
        let _ = deleted;
        let report = agent.undo_edits(&bench.id, Some(first), front.clone()).await.unwrap();
        assert!(report.hunks.iter().all(|hunk| hunk.outcome.is_ok()), "{report:?}");
        assert_eq!((bench.disk("a.txt").as_deref(), bench.disk("new.txt")), (Some("one\ntwo\n"), None));
        agent.redo_edits(&bench.id, Some(first), front).await.unwrap();
        assert_eq!(bench.disk("a.txt").as_deref(), Some("ONE\ntwo\n"));
        assert_eq!(bench.disk("new.txt").as_deref(), Some("new\n"));
    }
}

#[tokio::test]
async fn a_lost_checkpoint_is_written_again() {
    let mut bench = Bench::new(&[]);
    go_far(&bench);
    let file =
        bench.agent().store().unwrap().folder().join("sessions").join(&bench.id.0).join("checkpoint.json");
    // What is done behind the last turn holds its session.
    tokio::time::sleep(Duration::from_millis(500)).await;
    bench.agent = None;
    std::fs::remove_file(&file).unwrap();
    bench.agent = Some(another(&bench));
    let session = bench.session();
    assert_eq!(session.read_only(), None);
    for _ in 0..500 {
        if file.exists() && session.before().upto > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there is no checkpoint");
}

/// Memory of this process in megabytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Figures: time to open a long session with its checkpoint and without, memory while it grows.
/// `cargo nextest run -p glossator-agent --run-ignored only figures_of_long_sessions --no-capture`
#[tokio::test]
#[ignore = "measures"]
async fn figures_of_long_sessions() {
    for megabytes in [20_u64, 100, 200] {
        let mut bench = Bench::new(&[]);
        let session = bench.session();
        let (mut written, mut since, mut turns) = (0, 0, 0);
        let before = resident();
        let mut most = 0;
        while written < megabytes << 20 {
            let turn = bench.turn_of(&session);
            turns += 1;
            for number in 0..20 {
                // Below the size from which texts lie beside the log.
                let text = format!("{turn} {number} {}", "lorem ipsum dolor ".repeat(500));
                written += text.len() as u64;
                since += text.len() as u64;
                answer(&session, turn, &text);
            }
            if since > 1 << 20 {
                since = 0;
                session.record(turn, crate::earlier::tests::compaction(), Sync::No).unwrap();
            }
            session.end_turn(turn, End { status: TurnStatus::Done, spent: Spent::default(), message: None });
            session.tidy();
            most = most.max(resident().saturating_sub(before));
        }
        drop(session);
        let log = bench.agent().store().unwrap().folder().join("sessions").join(&bench.id.0);
        // What is done behind the last turn holds its session.
        tokio::time::sleep(Duration::from_secs(2)).await;
        bench.agent = None;
        let started = std::time::Instant::now();
        bench.agent = Some(another(&bench));
        bench.session();
        let with = started.elapsed();
        assert!(bench.session().before().upto > 0);
        bench.agent = None;
        tokio::time::sleep(Duration::from_millis(300)).await;
        std::fs::remove_file(log.join("checkpoint.json")).unwrap();
        let started = std::time::Instant::now();
        bench.agent = Some(another(&bench));
        bench.session();
        let without = started.elapsed();
        let all = resident();
        println!(
            "{megabytes} MB, {turns} turns: opened in {with:?}, without its checkpoint in {without:?}; grew by {most} MB while \
             it was written, {all} MB when read whole"
        );
    }
}
