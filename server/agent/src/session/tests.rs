//! Sessions over a real log: where items stand, what a restart finds, and what is kept beside them.

use super::*;
use crate::opening::open;
use crate::outcomes::Words;
use glossator_session::{CallId, FileKey, InputPart, TaskState, ToolError, Usage};
use glossator_store::Store;
use glossator_text::ChangeSet;
use serde_json::json;
use tempfile::TempDir;

fn reminders(items: &[Item]) -> Vec<glossator_context::Reminder> {
    let words = Words { path: &|path| path.display().to_string(), redact: &str::to_owned };
    crate::told::reminders(items, &words)
}

struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Bench {
        Bench { dir: tempfile::tempdir().unwrap() }
    }

    fn store(&self) -> Store {
        Store::open(&self.dir.path().join("state"), self.dir.path()).unwrap()
    }

    fn begin(&self) -> Arc<Session> {
        let log = self.store().create(&head()).unwrap();
        open(Log::Disk(log), replay())
    }

    fn reopen(&self) -> Arc<Session> {
        let (log, replay) = self.store().open_session(&"s-1".into()).unwrap();
        open(Log::Disk(log), replay)
    }
}

fn head() -> SessionHead {
    SessionHead {
        id: "s-1".into(),
        title: String::new(),
        created_at: 0,
        model: String::new(),
        pack: "core".to_owned(),
        tools: Vec::new(),
        calling: "script".to_owned(),
        parent: None,
        layers: Vec::new(),
    }
}

fn replay() -> Replay {
    Replay { head: head(), items: Vec::new(), next_id: 1, healed: None, notices: Vec::new() }
}

fn task(id: &str, state: TaskState) -> ItemBody {
    ItemBody::Task { id: id.into(), state }
}

fn running() -> TaskState {
    TaskState::Running { tool: "exec".to_owned(), line: "exec make".to_owned() }
}

fn done(key: Option<FileKey>) -> TaskState {
    TaskState::Done { summary: "exit code 0".to_owned(), file_key: key, bytes: 2 }
}

fn begin_turn(session: &Session) -> TurnId {
    let (turn, _) = session.begin_turn().unwrap();
    let input = vec![InputPart::Text { text: "go".to_owned() }];
    session.record(turn, ItemBody::UserMessage { input, to: Vec::new() }, Sync::No).unwrap();
    turn
}

fn end_turn(session: &Session, turn: TurnId) {
    session.end_turn(turn, End { status: TurnStatus::Done, spent: Spent::default(), message: None });
}

fn notice() -> ItemBody {
    ItemBody::Notice { level: NoticeLevel::Info, text: "n".to_owned() }
}

#[test]
fn items_stand_where_they_came() {
    let bench = Bench::new();
    let session = bench.begin();
    let place = |body: ItemBody, turn: u32| {
        session.record(TurnId(turn), body, Sync::No).unwrap();
        session.with_items(|items| items.last().map(|item| (item.turn.0, item.round)).unwrap())
    };
    let first = begin_turn(&session);
    assert_eq!(place(notice(), 1), (1, 0));
    assert_eq!((session.begin_round(), session.begin_round()), (1, 2));
    assert_eq!(place(task("S1", running()), 1), (1, 2));
    end_turn(&session, first);
    // What a task does after its turn is said of that turn; how far it came, where the session stands.
    assert_eq!(place(notice(), 1), (1, 2));
    let second = begin_turn(&session);
    assert_eq!(place(notice(), 1), (1, 0));
    assert_eq!(place(task("S1", done(None)), 1), (2, 0));
    session.begin_round();
    assert_eq!(place(task("S2", TaskState::Failed { error: ToolError::failed("no") }), 1), (2, 1));
    assert!(session.begin_turn().is_err());
    end_turn(&session, second);
    assert_eq!(session.place(), (TurnId(2), 1));
    drop(session);
    assert_eq!(bench.reopen().place(), (TurnId(2), 1));
}

/// What a task does after its turn (calls, edits, questions) is said of that turn, counts, and changes nothing of what
/// the model was sent.
#[test]
fn what_a_task_does_after_its_turn_belongs_to_it() {
    let bench = Bench::new();
    let session = bench.begin();
    let first = begin_turn(&session);
    session.begin_round();
    let record = |turn: TurnId, body: ItemBody| session.record(turn, body, Sync::No).unwrap();
    let script = |turn: TurnId| {
        let id = CallId(format!("S{}", turn.0));
        record(turn, ItemBody::Answer { text: "<tool-calls>x</tool-calls>".to_owned(), raw: None });
        record(turn, ItemBody::Script { id: id.clone(), source: "x".to_owned() });
        record(turn, ItemBody::ScriptOutput { script: id, text: "y".to_owned(), ok: true });
    };
    script(first);
    record(first, task("S1.1", running()));
    session.begin_round();
    record(first, ItemBody::Answer { text: "It runs.".to_owned(), raw: None });
    end_turn(&session, first);
    let late = |number: u32| {
        let (change, inverse) = (ChangeSet::default(), ChangeSet::default());
        let id = ChangeSetId(format!("C{number}"));
        let intended = ChangeState::Intended { change, inverse, undoes: None, hunks: Vec::new() };
        record(first, ItemBody::ChangeSet { id: id.clone(), state: intended });
        record(first, ItemBody::ChangeSet { id, state: ChangeState::Committed });
        let outcome = Err(ToolError::failed("no"));
        record(first, ItemBody::ToolOutput { call: CallId(format!("S1.{number}")), outcome, millis: 1 });
    };
    late(1);
    let second = begin_turn(&session);
    session.begin_round();
    let sent = |turn: TurnId| session.with_sendable(|items| messages(items, turn));
    let before = sent(second);
    late(2);
    assert_eq!(sent(second), before);
    script(second);
    late(3);
    let after = sent(second);
    assert_eq!(after[..before.len()], before);
    record(second, task("S1.1", done(None)));
    let told = format!("{:?}", sent(second));
    assert_eq!(told.matches("task S1.1 (exec make) is done").count(), 1, "{told}");
    end_turn(&session, second);
    let table = crate::looks::table(&session);
    let standing = table.ledger.sets().iter().filter(|set| table.ledger.stands(set));
    let standing: Vec<_> = standing.map(|set| (set.turn.0, set.id.0.clone())).collect();
    drop(table);
    assert_eq!(standing, [1, 2, 3].map(|number| (1, format!("C{number}"))));
    let open = session.with_items(crate::hunks::unfinished);
    assert_eq!(open, []);
}

fn messages(items: &[Item], current: TurnId) -> Vec<glossator_session::Message> {
    let prompt = glossator_context::assemble(&glossator_context::Inputs {
        instructions: "",
        tool_reference: "",
        native_tools: &[],
        project: &[],
        environment: &Default::default(),
        frozen: None,
        items,
        current,
        model: "m",
        wire: "w",
        reminders: &reminders(items),
        user_prompt_cap_chars: 1000,
    });
    prompt.messages
}

#[test]
fn what_a_crash_leaves_is_closed_once() {
    let bench = Bench::new();
    let session = bench.begin();
    let turn = begin_turn(&session);
    session.begin_round();
    for id in ["S1-1-1.1", "S1-1-1.2"] {
        session.record(turn, task(id, running()), Sync::No).unwrap();
    }
    session.record(turn, task("S1-1-1.2", done(None)), Sync::No).unwrap();
    drop(session);
    let session = bench.reopen();
    let states: Vec<_> = session.tasks.list().into_iter().map(|task| (task.id.0, task.state)).collect();
    let expected = [("S1-1-1.1".to_owned(), TaskState::Lost), ("S1-1-1.2".to_owned(), done(None))];
    assert_eq!(states, expected);
    assert_eq!(session.tasks.running(), 0);
    let tail = session.with_items(|items| items[4..].to_vec());
    let kinds: Vec<_> = tail
        .iter()
        .map(|item| match &item.body {
            ItemBody::TurnEnded { status: TurnStatus::Interrupted, .. } => "ended",
            ItemBody::Notice { text, .. } if text.contains("S1-1-1.1 (exec make) is lost") => "notice",
            ItemBody::Task { id, state: TaskState::Lost } if id.0 == "S1-1-1.1" => "lost",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["ended", "notice", "lost"]);
    let count = session.with_items(<[Item]>::len);
    drop(session);
    let session = bench.reopen();
    assert_eq!(session.with_items(<[Item]>::len), count);
    // The model is told with the first request of the next turn.
    begin_turn(&session);
    let told = session.with_items(reminders);
    let lost = told.iter().find(|one| one.text.contains("S1-1-1.1")).unwrap();
    assert_eq!((lost.turn, lost.round), (TurnId(2), 1));
}

#[test]
fn what_is_stored_and_kept_survives_a_restart() {
    let bench = Bench::new();
    let session = bench.begin();
    let turn = begin_turn(&session);
    let store = |session: &Session, key: &str, value: Option<Value>| {
        session
            .record(
                turn,
                ItemBody::Context(glossator_session::ContextItem::Stored { key: key.to_owned(), value }),
                Sync::No,
            )
            .unwrap();
    };
    store(&session, "a", Some(json!([1])));
    store(&session, "b", Some(json!({ "x": 1 })));
    store(&session, "a", None);
    let key = session.kept.keep("{\"a\": 1}").unwrap();
    session.record(turn, task("S1", running()), Sync::No).unwrap();
    session.record(turn, task("S1", done(Some("K9".into()))), Sync::No).unwrap();
    assert_eq!(Value::Object(session.stored()), json!({ "b": { "x": 1 } }));
    drop(session);
    let session = bench.reopen();
    assert_eq!(Value::Object(session.stored()), json!({ "b": { "x": 1 } }));
    assert_eq!(session.kept.read(&key).unwrap(), "{\"a\": 1}");
    // K9 is named by an item, though its file is gone.
    assert_eq!(session.kept.keep("next").unwrap(), "K10".into());
    assert!(session.kept.read(&"K9".into()).is_err());
}

#[test]
fn a_session_is_born_with_a_place_for_texts() {
    let bench = Bench::new();
    let session = open(Log::Unborn, replay());
    assert_eq!(session.begun(), None);
    session.born(head(), |head| Log::Disk(bench.store().create(head).unwrap()));
    assert_eq!(session.begun(), Some(head()));
    let key = session.kept.keep("kept").unwrap();
    drop(session);
    assert_eq!(bench.reopen().kept.read(&key).unwrap(), "kept");
    let session = open(Log::Refused("no disk".to_owned()), replay());
    let key = session.kept.keep("in memory").unwrap();
    assert_eq!(session.kept.read(&key).unwrap(), "in memory");
    assert!(session.record(TurnId(1), notice(), Sync::No).is_err());
}

/// Tasks end at any moment, also in the one in which a request is made up: what that request did not hold must never seem
/// to have been in it.
#[test]
fn a_task_that_ends_while_a_request_is_made_is_told_with_the_next() {
    let bench = Bench::new();
    let session = bench.begin();
    let turns = 8;
    let worker = {
        let session = session.clone();
        std::thread::spawn(move || {
            for number in 0..400 {
                let id = format!("S{number}");
                for state in [running(), done(None)] {
                    session.record(TurnId(1), task(&id, state), Sync::No).unwrap();
                }
            }
        })
    };
    let mut sent = Vec::new();
    for _ in 0..turns {
        let turn = begin_turn(&session);
        for _ in 0..12 {
            let number = session.begin_round();
            let with: Vec<_> = session.with_items(reminders);
            sent.push((turn, number, with));
            let script = CallId(format!("S{}-{number}", turn.0));
            session
                .record(turn, ItemBody::Script { id: script.clone(), source: "x".to_owned() }, Sync::No)
                .unwrap();
            let output = ItemBody::ScriptOutput { script, text: "y".to_owned(), ok: true };
            session.record(turn, output, Sync::No).unwrap();
        }
        let body = ItemBody::TurnEnded {
            status: TurnStatus::Done,
            usage: Usage::default(),
            cost: None,
            message: None,
        };
        session.record(turn, body, Sync::No).unwrap();
        session.interrupt().unwrap();
        session.state.lock().running = None;
    }
    worker.join().unwrap();
    let last = session.with_items(reminders);
    let mut texts: Vec<&str> = last.iter().map(|one| one.text.as_str()).collect();
    texts.dedup();
    assert_eq!(texts.len(), last.len(), "each is told once");
    for (turn, number, with) in sent {
        let up_to = |one: &&glossator_context::Reminder| (one.turn, one.round) <= (turn, number);
        let then: Vec<_> = with.iter().filter(up_to).collect();
        let now: Vec<_> = last.iter().filter(up_to).collect();
        assert_eq!(then, now, "request {number} of {turn}");
    }
}
