//! The queue of a session: what is next, what is held, and what a restart finds at each step of a start.
#![allow(clippy::disallowed_methods, reason = "the tests play a disk that fails")]

use super::*;
use crate::session::tests::Bench;
use crate::session::{End, Manner};
use crate::spent::Spent;
use futures::FutureExt;
use glossator_session::{TurnId, TurnStatus};
use glossator_store::Sync;

fn starter(of: usize) -> Starter {
    let (make, ready) = (Arc::new(|_| async { None }.boxed()), Arc::new(|_| async { false }.boxed()));
    Starter { of, make, ready }
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
    run_queued(session, text, None)
}

fn run_queued(session: &Session, text: &str, queued: Option<u64>) -> TurnId {
    let (turn, _) = session.begin_turn().unwrap();
    let body = ItemBody::UserMessage { input: words(text), to: Vec::new(), queued };
    // A log that cannot be written is what some tests are about.
    let _ = session.record(turn, body, Sync::No);
    turn
}

/// The session as a new process finds it.
fn reopened(bench: &Bench) -> Arc<Session> {
    let (session, store) = (bench.reopen(), bench.store());
    match store.queue(session.id()) {
        Ok(queue) => session.queue_found(&store, queue),
        Err(error) => session.queue_unread(&error.to_string()),
    }
    session
}

/// The prompts in the file.
fn stored(bench: &Bench) -> Vec<u64> {
    bench.store().queue(&"s-1".into()).unwrap().prompts.into_iter().map(|one| one.number).collect()
}

/// The file can be neither read nor written, until it is put back.
struct Broken {
    file: std::path::PathBuf,
    text: Option<String>,
}

fn break_file(bench: &Bench) -> Broken {
    let file = bench.queue_file();
    let text = std::fs::read_to_string(&file).ok();
    drop(std::fs::remove_file(&file));
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    Broken { file, text }
}

impl Broken {
    fn mend(self) {
        std::fs::remove_dir_all(&self.file).unwrap();
        if let Some(text) = self.text {
            std::fs::write(&self.file, text).unwrap();
        }
    }
}

fn notices(events: &mut crate::Events) -> Vec<String> {
    let texts = std::iter::from_fn(|| events.try_next()).filter_map(|event| match event.kind {
        EventKind::Notice { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
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
    session.put_back(1, Some(Waits::ForTheUser("no".to_owned())));
    assert_eq!(session.queued().1, None, "it was started");
    assert_eq!(session.take_out(Some(&store), 3).unwrap(), Some(words("three")));
    assert_eq!(session.take_out(Some(&store), 3).unwrap(), None);
    assert_eq!(store.queue(session.id()).unwrap().prompts.len(), 1);
    // No number is given twice, and what goes to the front is the next.
    let front = session.enqueue(Some(&store), (words("now"), Wishes::default()), starter(2), true).unwrap();
    assert_eq!((front, waiting(&session)), (4, vec!["Q4".to_owned(), "Q2".to_owned()]));
    session.enqueue(Some(&store), (words("then"), Wishes::default()), starter(2), true).unwrap();
    assert_eq!(waiting(&session), ["Q4", "Q5", "Q2"]);
    assert_eq!(session.next_prompt().map(|due| due.number), Some(4));
    session.enqueue(Some(&store), (words("last"), Wishes::default()), starter(2), true).unwrap();
    assert_eq!(waiting(&session), ["Q5", "Q6", "Q2"]);
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
    session.put_back(due.number, Some(Waits::ForTheUser("no such pack".to_owned())));
    assert_eq!(session.queued().1.as_deref(), Some("no such pack"));
    put(&session, &store, "two");
    assert_eq!((session.queued().1, session.next_prompt().map(|due| due.number)), (None, Some(1)));
}

/// What a restart finds when the process died after each step of a start, and how it goes on.
#[test]
fn a_crash_at_any_step_neither_loses_a_prompt_nor_leaves_it_twice() {
    for step in 0..5 {
        let bench = Bench::new();
        let (session, store) = (bench.begin(), bench.store());
        put(&session, &store, "one");
        put(&session, &store, "one");
        if step > 0 {
            session.next_prompt().unwrap();
        }
        if step > 1 {
            let (turn, _) = session.begin_turn().unwrap();
            if step > 2 {
                let body = ItemBody::UserMessage { input: words("one"), to: Vec::new(), queued: Some(1) };
                session.record(turn, body, Sync::No).unwrap();
            }
        }
        if step > 3 {
            session.has_started(Some(&store), 1);
        }
        drop(session);
        for again in 0..2 {
            let session = reopened(&bench);
            let expected: &[&str] = if step < 3 { &["Q1", "Q2"] } else { &["Q2"] };
            assert_eq!(waiting(&session), expected, "step {step}, opened {again} times before");
            assert_eq!(session.queued().1.as_deref(), Some("Glossator was started anew"));
            assert_eq!(stored(&bench).len(), expected.len(), "step {step}");
        }
    }
}

/// As above, where the file cannot be written at the steps of the start: what the log tells of does not wait, however old
/// the file is that a restart finds.
#[test]
fn a_file_that_cannot_be_written_starts_nothing_twice() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    put(&session, &store, "two");
    let mut events = session.watch().0;
    let broken = break_file(&bench);
    for number in [1, 2] {
        assert_eq!(session.next_prompt().map(|due| due.number), Some(number));
        let turn = run_queued(&session, "some", Some(number));
        session.has_started(Some(&store), number);
        end(&session, turn);
        session.store_queue(Some(&store));
    }
    assert!(waiting(&session).is_empty() && session.next_prompt().is_none());
    assert_eq!(notices(&mut events), Vec::<String>::new(), "nothing can be lost of it");
    drop(session);
    broken.mend();
    assert_eq!(stored(&bench), [1, 2]);
    assert!(waiting(&reopened(&bench)).is_empty());
    assert!(stored(&bench).is_empty());
}

#[test]
fn a_prompt_whose_turn_is_not_in_the_log_stays_in_the_file() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    put(&session, &store, "two");
    session.next_prompt().unwrap();
    session.let_go("no space left".to_owned());
    let turn = run_queued(&session, "one", Some(1));
    session.has_started(Some(&store), 1);
    assert_eq!(waiting(&session), ["Q2"], "it has begun, as far as this process goes");
    session.take_out(Some(&store), 2).unwrap();
    put(&session, &store, "three");
    end(&session, turn);
    assert_eq!(session.next_prompt().map(|due| due.number), Some(3));
    drop(session);
    assert_eq!(stored(&bench), [1, 3]);
    assert_eq!(waiting(&reopened(&bench)), ["Q1", "Q3"]);
}

#[test]
fn a_prompt_that_cannot_be_stored_waits_in_memory_and_that_is_told_once() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    let mut events = session.watch().0;
    let broken = break_file(&bench);
    put(&session, &store, "two");
    put(&session, &store, "three");
    assert_eq!(waiting(&session), ["Q1", "Q2", "Q3"]);
    let told = notices(&mut events);
    assert!(
        told.len() == 1 && told[0].contains("cannot be stored") && told[0].contains("Q2 waits"),
        "{told:?}"
    );
    // One that is in the file cannot be taken out of it; one that is not, can.
    assert!(matches!(session.take_out(Some(&store), 1), Err(AgentError::Store(_))));
    assert_eq!(session.take_out(Some(&store), 2).unwrap(), Some(words("two")));
    assert_eq!(waiting(&session), ["Q1", "Q3"]);
    broken.mend();
    session.store_queue(Some(&store));
    assert_eq!(stored(&bench), [1, 3]);
    // The next time it is told again.
    let broken = break_file(&bench);
    put(&session, &store, "four");
    assert_eq!(notices(&mut events).len(), 1);
    broken.mend();
}

#[test]
fn a_file_that_cannot_be_read_is_left_as_it_is() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    drop(session);
    let broken = break_file(&bench);
    let session = reopened(&bench);
    let refused = session.enqueue(Some(&store), (words("two"), Wishes::default()), starter(1), false);
    assert!(matches!(refused, Err(AgentError::Store(_))), "{refused:?}");
    broken.mend();
    assert_eq!(put(&session, &store, "two"), 2);
    assert_eq!((waiting(&session), stored(&bench)), (vec!["Q1".to_owned(), "Q2".to_owned()], vec![1, 2]));
}

#[test]
fn no_number_is_given_twice_even_where_the_file_is_lost() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    session.next_prompt().unwrap();
    let turn = run_queued(&session, "one", Some(1));
    session.has_started(Some(&store), 1);
    end(&session, turn);
    drop(session);
    std::fs::remove_file(bench.queue_file()).unwrap();
    let session = reopened(&bench);
    assert_eq!(put(&session, &store, "two"), 2);
    drop(session);
    assert_eq!(waiting(&reopened(&bench)), ["Q2"]);
}

#[test]
fn what_waits_for_a_key_goes_on_when_there_is_one_and_what_waits_for_the_user_does_not() {
    let bench = Bench::new();
    let (session, store) = (bench.begin(), bench.store());
    put(&session, &store, "one");
    let due = session.next_prompt().unwrap();
    session.put_back(due.number, Some(Waits::ToBeReady("no key".to_owned())));
    assert_eq!((session.queued().1.as_deref(), session.next_prompt()), (Some("no key"), None));
    assert_eq!(session.unready().as_ref(), Some(&due));
    session.release_ready();
    assert_eq!((session.unready(), session.next_prompt()), (None, Some(due.clone())));
    session.put_back(due.number, Some(Waits::ForTheUser("T-1 failed".to_owned())));
    session.release_ready();
    assert_eq!((session.unready(), session.next_prompt()), (None, None));
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
