//! The queue of a session: what is next, what is held, and what a restart finds at each step of a start.

use super::*;
use crate::session::tests::Bench;
use crate::session::{End, Manner};
use crate::spent::Spent;
use futures::FutureExt;
use glossator_session::TurnStatus;
use glossator_store::Sync;

fn starter(of: usize) -> Starter {
    Starter { of, make: Arc::new(|_| async { None }.boxed()) }
}

fn words(text: &str) -> Vec<InputPart> {
    vec![InputPart::Text { text: text.to_owned() }]
}

fn put(session: &Session, store: &Store, text: &str) -> u64 {
    session.enqueue(Some(store), (words(text), Wishes::default()), starter(1), false).unwrap()
}

fn waiting(session: &Session) -> Vec<String> {
    session.queued().0.into_iter().map(|one| one.id).collect()
}

fn run(session: &Session, text: &str) -> TurnId {
    let (turn, _) = session.begin_turn().unwrap();
    let body = ItemBody::UserMessage { input: words(text), to: Vec::new() };
    session.record(turn, body, Sync::No).unwrap();
    turn
}

fn end(session: &Session, turn: TurnId) {
    let (status, spent) = (TurnStatus::Done, Spent::default());
    session.end_turn(turn, End { status, spent, message: None });
}

#[test]
fn prompts_are_started_one_after_the_other() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    let turn = run(&session, "first");
    for text in ["one", "two", "three"] {
        put(&session, &store, text);
    }
    assert_eq!(waiting(&session), ["Q1", "Q2", "Q3"]);
    assert_eq!(session.next_prompt(), None, "a turn runs");
    end(&session, turn);
    let due = session.next_prompt().unwrap();
    assert_eq!((due.number, &due.input), (1, &words("one")));
    assert_eq!((waiting(&session), session.next_prompt()), (vec!["Q2".to_owned(), "Q3".to_owned()], None));
    // One that is being started cannot be taken out; one that was not started waits again.
    assert_eq!(session.take_out(Some(&store), 1).unwrap(), None);
    session.put_back(1, None);
    assert_eq!(session.place_in_queue(1), 1);
    session.next_prompt().unwrap();
    session.has_started(Some(&store), 1);
    session.put_back(1, Some("no".to_owned()));
    assert_eq!(session.queued().1, None, "it was started");
    assert_eq!(session.take_out(Some(&store), 3).unwrap(), Some(words("three")));
    assert_eq!(session.take_out(Some(&store), 3).unwrap(), None);
    assert_eq!(store.queue(session.id()).unwrap().prompts.len(), 1);
    // No number is given twice, and what goes to the front is the next.
    let front = session.enqueue(Some(&store), (words("now"), Wishes::default()), starter(2), true).unwrap();
    assert_eq!((front, waiting(&session)), (4, vec!["Q4".to_owned(), "Q2".to_owned()]));
}

#[test]
fn a_queue_that_is_held_waits_until_the_user_says_something() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    session.hold_queue("T-1 failed".to_owned());
    assert_eq!(session.queued().1, None, "nothing waits");
    put(&session, &store, "one");
    session.hold_queue("T-1 failed".to_owned());
    assert_eq!(session.queued().1.as_deref(), Some("T-1 failed"));
    assert_eq!(session.next_prompt(), None);
    session.release_queue();
    let due = session.next_prompt().unwrap();
    session.put_back(due.number, Some("no such pack".to_owned()));
    assert_eq!(session.queued().1.as_deref(), Some("no such pack"));
    put(&session, &store, "two");
    assert_eq!((session.queued().1, session.next_prompt().map(|due| due.number)), (None, Some(1)));
}

/// What a restart finds when the process died after each step of a start.
#[test]
fn a_crash_at_any_step_neither_loses_a_prompt_nor_leaves_it_twice() {
    for step in 0..4 {
        let bench = Bench::new();
        let (session, store) = (bench.begin(), bench.store());
        put(&session, &store, "one");
        put(&session, &store, "one");
        let due = session.next_prompt().unwrap();
        if step > 0 {
            session.starts_as(Some(&store), due.number, TurnId(1));
        }
        if step > 1 {
            run(&session, "one");
        }
        if step > 2 {
            session.has_started(Some(&store), due.number);
        }
        drop(session);
        let session = bench.reopen();
        session.queue_found(&store, store.queue(session.id()).unwrap());
        let expected: &[&str] = if step < 2 { &["Q1", "Q2"] } else { &["Q2"] };
        assert_eq!(waiting(&session), expected, "step {step}");
        assert_eq!(session.queued().1.as_deref(), Some("Glossator was started anew"));
        assert!(store.queue(session.id()).unwrap().prompts.iter().all(|one| one.starts.is_none()));
    }
}

#[test]
fn another_prompt_in_the_turn_that_was_meant_takes_none_away() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    let number = put(&session, &store, "one");
    session.starts_as(Some(&store), number, TurnId(1));
    run(&session, "another");
    drop(session);
    let session = bench.reopen();
    session.queue_found(&store, store.queue(session.id()).unwrap());
    assert_eq!(waiting(&session), ["Q1"]);
}

#[test]
fn who_queued_starts_and_else_who_came_last() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    let number = put(&session, &store, "one");
    session.serve_queue(starter(2));
    session.serve_queue(starter(3));
    session.serve_queue(starter(2));
    let order = |session: &Session| -> Vec<usize> {
        session.starters(number).into_iter().map(|one| one.of).collect()
    };
    assert_eq!(order(&session), [1, 2, 3]);
    session.lose_starter(1);
    assert_eq!(order(&session), [2, 3]);
}

#[test]
fn wishes_and_secrets() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    let redact = Arc::new(|text: &str| text.replace("sk-1", "[key]"));
    session.set_manner(Manner { fsync: Default::default(), redact });
    let wishes =
        Wishes { pack: Some("read-only".to_owned()), mode: Some(Mode::DryRun), agents: vec!["a".into()] };
    session.enqueue(Some(&store), (words("use sk-1"), wishes.clone()), starter(1), false).unwrap();
    drop(session);
    let session = bench.reopen();
    session.queue_found(&store, store.queue(session.id()).unwrap());
    session.release_queue();
    let due = session.next_prompt().unwrap();
    assert_eq!((due.wishes, due.input), (wishes, words("use [key]")));
}
