//! Sessions over a real log: where items stand, what a restart finds, and what is kept beside them.

use super::*;
use crate::AgentError;
use crate::earlier::tests::{Dice, log_of};
use crate::opening::{before, open};
use crate::outcomes::Words;
use glossator_session::{
    ChangeSetId, ChangeState, EventKind, FileKey, InputPart, ItemBody, ItemId, NoticeLevel, TaskState,
    ToolError, TurnStatus, Usage,
};
use glossator_store::{Store, Sync};
use glossator_text::ChangeSet;
use serde_json::json;
use tempfile::TempDir;

fn reminders(items: &[Item]) -> Vec<glossator_context::Reminder> {
    let words = Words { path: &|path| path.display().to_string(), redact: &str::to_owned };
    crate::told::reminders((&crate::hunks::Ledger::default(), items), None, &words)
}

/// As [`reminders`], of a session that does not hold all of its items.
fn reminders_of(session: &Session, items: &[Item]) -> Vec<glossator_context::Reminder> {
    let words = Words { path: &|path| path.display().to_string(), redact: &str::to_owned };
    crate::told::reminders((&session.before().hunks, items), None, &words)
}

pub(crate) struct Bench {
    dir: TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { dir: tempfile::tempdir().unwrap() }
    }

    pub fn store(&self) -> Store {
        Store::open(&self.dir.path().join("state"), self.dir.path()).unwrap()
    }

    pub fn begin(&self) -> Arc<Session> {
        self.begin_as("")
    }

    /// With a history that is told as `strategy` says.
    fn begin_as(&self, strategy: &str) -> Arc<Session> {
        let head = SessionHead { strategy: strategy.to_owned(), ..head() };
        let log = self.store().create(&head).unwrap();
        open(Log::from(log), Earlier::default(), Replay { head, ..replay() })
    }

    /// The file of the queue.
    pub fn queue_file(&self) -> std::path::PathBuf {
        let folder = self.store().folder().join("sessions").join("s-1");
        folder.join("queue.json")
    }

    pub fn reopen(&self) -> Arc<Session> {
        let store = self.store();
        let (log, replay) = store.open_session(&"s-1".into()).unwrap();
        let (before, replay) = before(&store, replay).unwrap();
        open(Log::from(log), before, replay)
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
        strategy: String::new(),
        parent: None,
        layers: Vec::new(),
    }
}

fn replay() -> Replay {
    Replay { head: head(), items: Vec::new(), fold: None, next_id: 1, healed: None, notices: Vec::new() }
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
    session.record(turn, ItemBody::UserMessage { input, to: Vec::new(), queued: None }, Sync::No).unwrap();
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
    assert_eq!(session.table().ledger.unfinished(), []);
}

fn messages(items: &[Item], current: TurnId) -> Vec<glossator_session::Message> {
    messages_with(items, current, &reminders(items))
}

fn messages_with(
    items: &[Item],
    current: TurnId,
    reminders: &[glossator_context::Reminder],
) -> Vec<glossator_session::Message> {
    let prompt = glossator_context::assemble(&glossator_context::Inputs {
        layers: &[],
        native_tools: &[],
        items,
        current,
        round: u32::MAX,
        reader: glossator_context::Reader { model: "m", wire: "w", sees_images: true, agent: None },
        folders: &[],
        reminders,
        user_prompt_cap_chars: 1000,
        strategy: &glossator_context::Regular { percent: 0 },
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
    let session = open(Log::Unborn, Earlier::default(), replay());
    assert_eq!(session.begun(), None);
    session.born(head(), |head| Log::from(bench.store().create(head).unwrap()));
    assert_eq!(session.begun(), Some(head()));
    let key = session.kept.keep("kept").unwrap();
    drop(session);
    assert_eq!(bench.reopen().kept.read(&key).unwrap(), "kept");
    let session = open(Log::Refused("no disk".to_owned()), Earlier::default(), replay());
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

/// What can be seen of a session that does not hold all of its items.
fn seen(session: &Session) -> Value {
    let next = TurnId(session.place().0.0 + 1);
    let prompt = ItemBody::UserMessage {
        input: vec![InputPart::Text { text: "on".to_owned() }],
        to: Vec::new(),
        queued: None,
    };
    let mut items = session.with_items(<[Item]>::to_vec);
    let id = ItemId(session.last_item().0 + 1);
    items.push(Item { id, turn: next, round: 0, at: 0, agent: None, body: prompt });
    let all_told = reminders_of(session, &items);
    let told: Vec<_> = all_told.iter().filter(|one| one.turn >= next).map(|one| &one.text).collect();
    let state = session.state.lock();
    let tail = state.live.tail();
    let keep = state.live.surplus(crate::config::History::Regular);
    let board = glossator_context::board_at(&items, next);
    let board: Vec<_> = board.iter().map(|entry| &entry.id).collect();
    json!({
        "tail": tail[keep..],
        "sent": messages_with(&items, next, &all_told),
        "told": told,
        "board": board,
        "facts": state.now,
        "next": [state.next_item],
    })
}

/// A session that let items go and was opened from its checkpoint is the same as one that was read whole.
#[test]
fn a_checkpoint_says_what_the_whole_log_says() {
    for seed in 0..24 {
        let bench = Bench::new();
        let session = bench.begin();
        for item in log_of(&mut Dice(seed), 12) {
            let body = item.body.clone();
            if let ItemBody::UserMessage { .. } = &body {
                session.begin_turn().unwrap();
            }
            while session.place().1 < item.round {
                session.begin_round();
            }
            let ended = matches!(body, ItemBody::TurnEnded { .. });
            session.record(item.turn, body, Sync::No).unwrap();
            if ended {
                session.state.lock().running = None;
                session.tidy();
            }
        }
        let cut = session.before().upto;
        drop(session);
        let store = bench.store();
        let reopened = bench.reopen();
        // With what opening it recorded: tasks and questions that are lost.
        let whole = store.read(&"s-1".into()).unwrap();
        assert_eq!(reopened.before().upto, cut, "seed {seed}");
        let all = Session::new(Log::Refused("only read".to_owned()), Earlier::default(), whole);
        let (one, other) = (seen(&reopened), seen(&all));
        for key in ["tail", "sent", "told", "board", "facts", "next"] {
            assert_eq!(one[key], other[key], "seed {seed}: {key}");
        }
        let ledger = |session: &Session| serde_json::to_value(&session.table().ledger).unwrap();
        assert_eq!(ledger(&reopened), ledger(&all), "seed {seed}");
        let tasks = |session: &Session| session.tasks.list();
        assert_eq!(tasks(&reopened), tasks(&all));
        assert_eq!(reopened.fresh_change_id(), all.fresh_change_id());
        assert_eq!(reopened.fresh_ask_id(), all.fresh_ask_id());
        assert_eq!(reopened.fresh_board_id(), all.fresh_board_id());
        assert_eq!(reopened.touched(), all.touched());
    }
}

#[test]
fn memory_is_bounded_by_what_the_model_is_sent() {
    let bench = Bench::new();
    let session = bench.begin();
    let mut most = 0;
    for number in 0..400 {
        let turn = begin_turn(&session);
        session.begin_round();
        for at in 0..6 {
            let text = format!("{number} {at} {}", "x".repeat(200));
            session.record(turn, ItemBody::Answer { text, raw: None }, Sync::No).unwrap();
        }
        if number % 20 == 19 {
            session.record(turn, crate::earlier::tests::compaction(), Sync::No).unwrap();
        }
        session.end_turn(turn, End { status: TurnStatus::Done, spent: Spent::default(), message: None });
        session.tidy();
        most = most.max(session.with_items(<[Item]>::len));
    }
    assert!(most < 22 * 10, "{most} items are held");
    let (snapshot, place) = (session.snapshot(), session.place());
    assert!(snapshot.more && snapshot.first.0 >= 399, "{:?}", snapshot.first);
    assert_eq!(place.0, TurnId(400));
    // Pages come from memory where that holds them, and not half of one.
    assert!(session.page(None, 2).is_some_and(|page| page.first == TurnId(399) && page.more));
    assert!(session.page(None, 3).is_none() && session.page(Some(TurnId(9)), 1).is_none());
    drop(session);
    let session = bench.reopen();
    assert!(session.with_items(<[Item]>::len) < 22 * 10);
    assert_eq!(session.snapshot().items, snapshot.items);
}

#[test]
fn questions_that_a_crash_leaves_open_are_named_once() {
    let bench = Bench::new();
    let session = bench.begin();
    let turn = begin_turn(&session);
    let asked = |id: &str, lost: bool| {
        let (ask, title) = (AskId(id.to_owned()), "Run make?".to_owned());
        ItemBody::Context(glossator_session::ContextItem::Asked { ask, title, lost })
    };
    session.record(turn, asked("A1-s", false), Sync::No).unwrap();
    drop(session);
    for _ in 0..2 {
        let session = bench.reopen();
        let gone = |item: &&Item| matches!(&item.body, ItemBody::Notice { text, .. } if text.contains("A1-s (Run make?) is gone"));
        assert_eq!(session.with_items(|items| items.iter().filter(gone).count()), 1);
        assert_eq!(
            session.with_items(|items| items.iter().filter(|item| item.body == asked("A1-s", true)).count()),
            1
        );
        // The name is not given away again.
        assert!(session.fresh_ask_id().0.starts_with("A2-"));
    }
}

#[tokio::test]
async fn a_question_that_waits_is_written_down() {
    let bench = Bench::new();
    let session = bench.begin();
    let turn = begin_turn(&session);
    let ask = |id: &str| glossator_session::Ask {
        id: AskId(id.to_owned()),
        call: CallId("S1".to_owned()),
        title: "Run key make?".to_owned(),
        reason: String::new(),
        subject: glossator_session::AskSubject::Script { source: String::new() },
        grants: Vec::new(),
    };
    let redact = |text: &str| text.replace("key", "*");
    session.set_manner(Manner { fsync: Fsync::default(), redact: Arc::new(redact) });
    let _slow = session.asks.open(turn, ask("A1"), &[]);
    session.emit(Some(turn), EventKind::Ask { ask: Box::new(ask("A1")) });
    drop(session.asks.open(turn, ask("A2"), &[]));
    session.emit(Some(turn), EventKind::Ask { ask: Box::new(ask("A2")) });
    session.asks.withdraw(&AskId("A2".to_owned()));
    tokio::time::sleep(std::time::Duration::from_millis(1300)).await;
    assert_eq!(session.open_asks(), [(AskId("A1".to_owned()), "Run * make?".to_owned())]);
}

#[tokio::test]
async fn a_turn_behind_an_undo_waits_for_it() {
    let bench = Bench::new();
    let session = bench.begin();
    let undoing = session.begin_undo().unwrap();
    assert!(matches!(session.begin_undo(), Err(AgentError::Undoing)));
    let (turn, cancel) = session.begin_turn().unwrap();
    assert!(matches!(session.begin_turn(), Err(AgentError::Busy(_))));
    let soon = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, session.after_undo(&cancel)).await.is_err());
    let waiting = tokio::spawn({
        let (session, cancel) = (session.clone(), cancel.clone());
        async move { session.after_undo(&cancel).await }
    });
    tokio::task::yield_now().await;
    drop(undoing);
    waiting.await.unwrap();
    assert!(matches!(session.begin_undo(), Err(AgentError::Busy(_))));
    end_turn(&session, turn);
    let undoing = session.begin_undo().unwrap();
    session.interrupt().unwrap();
    assert!(undoing.cancel.is_cancelled());
    session.after_undo(&undoing.cancel).await;
}

/// Each turn of a one-shot session has a context of its own, so that nothing has to be compacted for old turns to go.
#[test]
fn one_shot_runs_let_go_of_the_runs_before() {
    let bench = Bench::new();
    let session = bench.begin_as("one-shot");
    let entry = |id: &str, turns: u32| {
        let entry =
            json!({ "id": id, "source": "note", "title": "t", "text": "x", "bytes": 1, "turns": turns });
        ItemBody::Context(glossator_session::ContextItem::Posted {
            entry: serde_json::from_value(entry).unwrap(),
        })
    };
    for number in 1..=40 {
        let turn = begin_turn(&session);
        session.begin_round();
        session.record(turn, notice(), Sync::No).unwrap();
        if number == 2 {
            session.record(turn, entry("B1", 60), Sync::No).unwrap();
            session.record(turn, entry("B2", 3), Sync::No).unwrap();
        }
        end_turn(&session, turn);
        session.tidy();
        assert!(session.with_items(<[Item]>::len) < 12);
    }
    let board = |session: &Session| {
        let live = session.with_items(|items| {
            glossator_context::board_at(items, TurnId(40)).into_iter().map(|entry| entry.id.clone()).collect()
        });
        let live: Vec<String> = live;
        live
    };
    assert_eq!(board(&session), ["B1"]);
    assert_eq!(session.snapshot().first, TurnId(39));
    drop(session);
    let session = bench.reopen();
    assert_eq!((session.snapshot().first, board(&session)), (TurnId(39), vec!["B1".to_owned()]));
}

/// Whoever opens a long session may be gone at once: the next opening must not read all of it again.
#[test]
fn a_long_log_has_a_checkpoint_as_soon_as_it_is_open() {
    let bench = Bench::new();
    let session = bench.begin();
    for number in 0..12 {
        let turn = begin_turn(&session);
        session.begin_round();
        for _ in 0..200 {
            session.record(turn, notice(), Sync::No).unwrap();
        }
        if number == 10 {
            session.record(turn, crate::earlier::tests::compaction(), Sync::No).unwrap();
        }
        end_turn(&session, turn);
    }
    let all = session.last_item();
    drop(session);
    let read = || {
        let (log, replay) = bench.store().open_session(&"s-1".into()).unwrap();
        (log, replay.items.len() as u64, replay)
    };
    assert_eq!(read().1, all.0);
    let opened = bench.reopen();
    assert!(opened.snapshot().more && opened.with_items(<[Item]>::len) < 700);
    let snapshot = opened.snapshot();
    drop(opened);
    assert!(read().1 < 700, "{} items are read again", read().1);
    assert_eq!(bench.reopen().snapshot().items, snapshot.items);
}
