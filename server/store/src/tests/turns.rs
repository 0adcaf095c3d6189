//! Sessions as a whole: pages, followers, checkpoints, forks and deletions, all against a model that simply remembers.

use super::making::{answer, append_turn, turn};
use super::{Bench, head};
use crate::*;
use glossator_session::{Item, ItemId, SessionId, TurnId};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

const LONG: usize = 20 << 10;

#[derive(Debug, Clone)]
enum Step {
    Turn(usize, Vec<usize>),
    Checkpoint(usize, usize),
    Fork(usize, u32),
    Delete(usize),
    Reopen,
    Collect,
    Forget(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![0..200usize, Just(LONG)];
    prop_oneof![
        4 => (any::<usize>(), prop::collection::vec(length, 0..4)).prop_map(|(at, texts)| Step::Turn(at, texts)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(at, from)| Step::Checkpoint(at, from)),
        3 => (any::<usize>(), 0..6u32).prop_map(|(at, turn)| Step::Fork(at, turn)),
        1 => any::<usize>().prop_map(Step::Delete),
        1 => Just(Step::Reopen),
        1 => Just(Step::Collect),
        1 => any::<usize>().prop_map(Step::Forget),
    ]
}

/// What every session should hold, and the logs that are open.
struct Model {
    bench: Bench,
    sessions: BTreeMap<SessionId, (Vec<Item>, u32)>,
    logs: BTreeMap<SessionId, SessionLog>,
    made: usize,
}

impl Model {
    fn new() -> Model {
        let bench = Bench::new();
        let log = bench.store.create(&head("s-0")).unwrap();
        let mut model = Model { bench, sessions: BTreeMap::new(), logs: BTreeMap::new(), made: 0 };
        model.sessions.insert("s-0".into(), (Vec::new(), 0));
        model.logs.insert("s-0".into(), log);
        model
    }

    fn pick(&self, at: usize) -> Option<SessionId> {
        let count = self.sessions.len();
        (count > 0).then(|| self.sessions.keys().nth(at % count).unwrap().clone())
    }

    fn log(&mut self, id: &SessionId) -> &mut SessionLog {
        let store = &self.bench.store;
        self.logs.entry(id.clone()).or_insert_with(|| store.open_session(id).unwrap().0)
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Turn(at, lengths) => {
                let Some(id) = self.pick(at) else { return };
                let number = self.sessions[&id].1 + 1;
                let texts: Vec<String> =
                    lengths.iter().map(|length| "t".repeat(*length) + &(length % 7).to_string()).collect();
                let items = append_turn(self.log(&id), number, &texts);
                let (all, turns) = self.sessions.get_mut(&id).unwrap();
                all.extend(items);
                *turns = number;
            }
            Step::Checkpoint(at, from) => {
                let Some(id) = self.pick(at) else { return };
                let from = 1 + from % (self.sessions[&id].0.len() + 1);
                self.log(&id).checkpoint(ItemId(from as u64), &json!({ "before": from - 1 })).unwrap();
            }
            Step::Fork(at, turn) => self.fork(at, turn),
            Step::Delete(at) => {
                let Some(id) = self.pick(at) else { return };
                self.logs.remove(&id);
                let busy = self.bench.store.forks_of(&id).iter().any(|fork| self.logs.contains_key(&fork.0));
                let deleted = self.bench.store.delete(&id);
                assert_eq!(deleted.is_err(), busy, "{deleted:?}");
                if !busy {
                    self.sessions.remove(&id);
                }
            }
            Step::Reopen => self.logs.clear(),
            Step::Collect => {
                self.bench.store.collect().unwrap();
            }
            Step::Forget(at) => {
                let Some(id) = self.pick(at) else { return };
                let _ = fs::remove_file(self.bench.session_folder(&id.0).join("checkpoint.json"));
            }
        }
    }

    fn fork(&mut self, at: usize, turn: u32) {
        let Some(id) = self.pick(at) else { return };
        self.made += 1;
        let new = SessionId(format!("f-{}", self.made));
        let (items, turns) = &self.sessions[&id];
        let forked = self.bench.store.fork(&id, TurnId(turn), new.clone(), 9);
        assert_eq!(forked.is_ok(), turn <= *turns, "{forked:?}");
        if forked.is_ok() {
            let items = items.iter().filter(|item| item.turn.0 <= turn).cloned().collect();
            self.sessions.insert(new, (items, turn));
        }
    }

    fn check(&self) {
        for (id, (items, turns)) in &self.sessions {
            let replay = self.bench.store.read(id).unwrap();
            assert_eq!(&replay.items, items, "{id}");
            assert_eq!((replay.notices, &replay.head.id), (vec![], id));
            assert_eq!(replay.next_id, items.len() as u64 + 1);
            for size in [1, 2, 100] {
                assert_eq!(&pages(&self.bench.store, id, size), items, "{id} by {size} of {turns}");
            }
            let half = items.len() / 2;
            assert_eq!(self.bench.store.follow(id, ItemId(half as u64)).unwrap(), items[half..]);
            assert_eq!(self.bench.store.follow(id, ItemId(items.len() as u64)).unwrap(), []);
            if self.logs.contains_key(id) {
                continue;
            }
            let (log, replay) = self.bench.store.open_session(id).unwrap();
            let from = items.len() - replay.items.len();
            assert_eq!(replay.items, items[from..], "{id}");
            assert_eq!((log.next_id(), replay.notices), (items.len() as u64 + 1, vec![]), "{id}");
            match replay.fold {
                Some(state) => assert_eq!(state, json!({ "before": from })),
                None => assert_eq!(from, 0),
            }
        }
        if self.sessions.is_empty() {
            self.bench.store.collect().unwrap();
        }
    }

    /// Every blob that is there is needed, once nothing is written any more.
    fn check_blobs(&mut self) {
        self.logs.clear();
        self.bench.store.collect().unwrap();
        let long = self
            .sessions
            .values()
            .flat_map(|(items, _)| items)
            .filter(|item| serde_json::to_string(item).unwrap().len() > LONG);
        let wanted: std::collections::BTreeSet<String> =
            long.map(|item| format!("{:?}", item.body)).collect();
        assert_eq!(blobs(&self.bench), wanted.len());
    }
}

pub(crate) fn blobs(bench: &Bench) -> usize {
    let folders = fs::read_dir(bench.store.folder().join("blobs")).into_iter().flatten().flatten();
    folders.map(|folder| fs::read_dir(folder.path()).unwrap().count()).sum()
}

/// All items by pages of `size` turns, from the end.
fn pages(store: &Store, id: &SessionId, size: usize) -> Vec<Item> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = store.page(id, before, size).unwrap();
        let turns: std::collections::BTreeSet<u32> = page.items.iter().map(|item| item.turn.0).collect();
        assert!(turns.len() <= size);
        let json = store.page_json(id, before, size).unwrap();
        let read = json.items.iter().map(|item| Item::from_json(item.get().as_bytes()).unwrap());
        assert_eq!(read.collect::<Vec<_>>(), page.items);
        assert_eq!((json.head, json.first, json.more), (page.head.clone(), page.first, page.more));
        all.splice(0..0, page.items);
        before = Some(page.first);
        if !page.more {
            return all;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn sessions_hold_what_they_were_given(steps in prop::collection::vec(step(), 1..14)) {
        let mut model = Model::new();
        for step in steps {
            model.apply(step);
            model.check();
        }
        model.check_blobs();
    }
}

#[test]
fn a_page_is_what_stands_between_two_turns() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    assert_eq!(bench.store.page(&id, None, 3).unwrap().items, []);
    for number in 1..=5 {
        append_turn(&mut log, number, &[]);
        // Written behind the end, as the end of a task is; of an older turn, as an undo's.
        log.append(&answer(log.next_id(), number, "late"), Sync::No).unwrap();
        log.append(&answer(log.next_id(), 1, "old"), Sync::No).unwrap();
    }
    let page = |before: Option<u32>, turns| {
        let page = bench.store.page(&id, before.map(TurnId), turns).unwrap();
        let ids: Vec<u64> = page.items.iter().map(|item| item.id.0).collect();
        (page.first.0, page.more, ids.first().copied().unwrap_or(0), ids.last().copied().unwrap_or(0))
    };
    assert_eq!(page(None, 1), (5, true, 17, 20));
    assert_eq!(page(None, 0), (5, true, 17, 20));
    assert_eq!(page(None, 5), (1, false, 1, 20));
    assert_eq!(page(Some(5), 2), (3, true, 9, 16));
    assert_eq!(page(Some(3), 9), (1, false, 1, 8));
    assert_eq!(page(Some(1), 2), (0, false, 0, 0));
    assert_eq!(page(Some(99), 1), (5, true, 17, 20));
    assert!(matches!(bench.store.page(&"none".into(), None, 1), Err(StoreError::Missing { .. })));
    assert!(matches!(bench.store.follow(&"none".into(), ItemId(0)), Err(StoreError::Missing { .. })));
}

#[test]
fn a_follower_sees_items_once_they_are_whole() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    assert_eq!(bench.store.follow(&id, ItemId(0)).unwrap(), []);
    let first = append_turn(&mut log, 1, &["x".repeat(LONG)]);
    assert_eq!(bench.store.follow(&id, ItemId(0)).unwrap(), first);
    let whole = fs::read(bench.log_path("s-1")).unwrap();
    fs::write(bench.log_path("s-1"), [&whole[..], b"{\"id\":4,\"tur"].concat()).unwrap();
    assert_eq!(bench.store.follow(&id, ItemId(3)).unwrap(), []);
    // Written anew in its place: what was known of it is forgotten.
    let other = Bench::new();
    other.session("s-1", 40);
    fs::write(bench.log_path("s-1"), fs::read(other.log_path("s-1")).unwrap()).unwrap();
    assert_eq!(bench.store.follow(&id, ItemId(38)).unwrap().len(), 2);
}

/// A checkpoint whose log was changed by something else is said to be wrong, and everything is read.
#[test]
fn a_checkpoint_is_compared_with_its_log() {
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change, usize); 7] = [
        ("nothing", |_| {}, 0),
        (
            "appended to",
            |log| log.extend(b"{\"id\":10,\"turn\":\"T-9\",\"round\":0,\"at\":1,\"kind\":\"x\"}\n"),
            0,
        ),
        ("cut short", |log| log.truncate(log.len() - 30), 1),
        ("cut much shorter", |log| log.truncate(log.len() / 2), 1),
        ("a line inserted", |log| drop(log.splice(0..0, *b"\n")), 1),
        ("its title changed", |log| log[30] ^= 1, 1),
        (
            "a line before changed",
            |log| {
                let at = log.windows(12).position(|part| part == b"prompt of 2\"").unwrap();
                log[at] = b'P';
            },
            1,
        ),
    ];
    for (what, change, notices) in cases {
        let bench = Bench::new();
        let id: SessionId = "s-1".into();
        let mut log = bench.store.create(&head("s-1")).unwrap();
        for number in 1..=3 {
            append_turn(&mut log, number, &["some text".to_owned()]);
        }
        // Before the answer of the second turn, so that the line before it is that turn's prompt.
        log.checkpoint(ItemId(5), &json!("state")).unwrap();
        drop(log);
        let mut bytes = fs::read(bench.log_path("s-1")).unwrap();
        change(&mut bytes);
        if what != "nothing" {
            fs::write(bench.log_path("s-1"), &bytes).unwrap();
        }
        let opened = bench.store.open_session(&id);
        let (log, replay) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error}");
                continue;
            }
        };
        assert_eq!(replay.fold.is_none(), notices > 0, "{what}");
        assert_eq!(replay.items[0].id.0, if notices > 0 { 1 } else { 5 }, "{what}");
        let told = replay.notices.iter().filter(|told| told.contains("read anew")).count();
        assert_eq!(told, notices, "{what}: {:?}", replay.notices);
        assert_eq!(bench.store.read(&id).unwrap().items.last(), replay.items.last(), "{what}");
        drop(log);
    }
}

/// Nobody who remembers the beginning of a log that was changed goes on with it, forks of it neither.
#[test]
fn what_was_changed_in_the_middle_of_a_log_is_told_once() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    for number in 1..=3 {
        append_turn(&mut log, number, &["some text".to_owned()]);
    }
    log.checkpoint(ItemId(7), &json!("state")).unwrap();
    // It goes on behind its checkpoint, as sessions do.
    append_turn(&mut log, 4, &["some text".to_owned()]);
    bench.store.fork(&id, TurnId(3), "f".into(), 9).unwrap();
    drop(log);
    let opened = |id: &SessionId| {
        let (_log, replay) = bench.store.open_session(id).unwrap();
        (replay.fold.is_some(), replay.items[0].id.0, replay.notices.len())
    };
    let fork: SessionId = "f".into();
    assert_eq!((opened(&id), opened(&fork)), ((true, 7, 0), (true, 7, 0)));
    let mut bytes = fs::read(bench.log_path("s-1")).unwrap();
    let at = bytes.windows(9).position(|part| part == b"some text").unwrap();
    bytes[at] = b'S';
    fs::write(bench.log_path("s-1"), &bytes).unwrap();
    assert_eq!(opened(&id), (false, 1, 1));
    assert_eq!((opened(&id), opened(&fork)), ((false, 1, 0), (false, 1, 0)));
    // A stamp that is lost or no stamp says nothing.
    for stamp in ["", "x", "1 2\n"] {
        fs::write(bench.session_folder("s-1").join("log.stamp"), stamp).unwrap();
        assert_eq!(opened(&id), (false, 1, 0));
    }
}

#[test]
fn what_a_killed_fork_leaves_goes() {
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &["text".to_owned()]);
    let make = |name: &str, file: &str| {
        let folder = bench.session_folder(name);
        fs::create_dir_all(folder.join("kept")).unwrap();
        fs::write(folder.join(file), "12345").unwrap();
        folder
    };
    let left = [
        ("killed", "lock", true),
        ("in-mid-write", "log.part-1-1", true),
        ("draft", "prompt.md", false),
        ("new", "lock", false),
    ];
    let age = |name: &str, minutes: u64| {
        let at = std::time::SystemTime::now() - std::time::Duration::from_mins(minutes);
        fs::File::open(bench.session_folder(name)).unwrap().set_modified(at).unwrap();
    };
    let by: [fn(&Bench); 2] = [
        |bench| assert!(bench.store.collect().unwrap().bytes > 0),
        |bench| drop(bench.store.fork(&"s-1".into(), TurnId(1), "f".into(), 9).unwrap()),
    ];
    for tidy in by {
        for (name, file, _) in left {
            make(name, file);
            age(name, if name == "new" { 9 } else { 11 });
        }
        tidy(&bench);
        for (name, _, goes) in left {
            assert_eq!(bench.session_folder(name).exists(), !goes, "{name}");
        }
        assert!(bench.log_path("s-1").exists());
    }
}

#[test]
fn bad_checkpoints_are_noticed_and_harmless() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    let items = append_turn(&mut log, 1, &["text".to_owned()]);
    log.checkpoint(ItemId(3), &json!(1)).unwrap();
    assert!(log.checkpoint(ItemId(0), &json!(1)).is_err());
    drop(log);
    let path = bench.session_folder("s-1").join("checkpoint.json");
    let good = fs::read_to_string(&path).unwrap();
    let cases = [
        String::new(),
        "{}".to_owned(),
        good[..good.len() / 2].to_owned(),
        good.replace("\"from\":3", "\"from\":2"),
        good.replace("\"from\":3", "\"from\":0"),
        good.replace("\"from\":3", "\"from\":18446744073709551615"),
        good.replace("\"format\":2", "\"format\":3"),
        good.replace("\"session\":\"s-1\"", "\"session\":\"s-2\""),
        good.replace("\"turns\":[[1,1,", "\"turns\":[[1,1,9"),
    ];
    for bad in cases {
        assert_ne!(bad, good);
        fs::write(&path, &bad).unwrap();
        let (_, replay) = bench.store.open_session(&id).unwrap();
        assert_eq!((replay.items, replay.fold, replay.notices.len()), (items.clone(), None, 1), "{bad}");
        assert_eq!(bench.store.page(&id, None, 1).unwrap().items, items, "{bad}");
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(bench.store.open_session(&id).unwrap().1.fold, Some(json!(1)));
}

/// A cut at every byte of what was appended since the checkpoint: its beginning is still not read again.
#[test]
fn a_tail_behind_a_checkpoint_heals_as_any() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &[]);
    append_turn(&mut log, 2, &[]);
    log.checkpoint(ItemId(4), &json!("kept")).unwrap();
    let from = fs::read(bench.log_path("s-1")).unwrap().len();
    let items = append_turn(&mut log, 3, &["x".repeat(LONG)]);
    drop(log);
    let whole = fs::read(bench.log_path("s-1")).unwrap();
    for cut in from..=whole.len() {
        fs::write(bench.log_path("s-1"), &whole[..cut]).unwrap();
        // Each is a death of its own: the one before left the log as it wanted it, and of the same length at times.
        fs::remove_file(bench.session_folder("s-1").join("log.stamp")).unwrap();
        let (mut log, replay) = bench.store.open_session(&id).unwrap();
        assert_eq!((replay.fold.as_ref(), replay.notices.len()), (Some(&json!("kept")), 0));
        let kept = replay.items.len() - 1;
        assert_eq!(replay.items[1..], items[..kept], "cut at {cut}");
        let next = answer(5 + kept as u64, 4, "next");
        log.append(&next, Sync::Now).unwrap();
        drop(log);
        assert_eq!(bench.store.read(&id).unwrap().items.last(), Some(&next));
    }
}

#[test]
fn a_fork_at_the_beginning_of_a_fork_stays_empty_when_that_one_goes() {
    let mut model = Model::new();
    for step in [Step::Turn(0, Vec::new()), Step::Fork(0, 1), Step::Reopen] {
        model.apply(step);
    }
    let (first, second): (SessionId, SessionId) = ("f-1".into(), "f-2".into());
    model.bench.store.fork(&first, TurnId(0), second.clone(), 9).unwrap();
    assert_eq!(model.bench.store.read(&second).unwrap().items, []);
    model.bench.store.delete(&first).unwrap();
    assert_eq!(model.bench.store.read(&second).unwrap().items, []);
}

#[test]
fn a_turn_that_runs_is_no_place_for_a_fork() {
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    let first = append_turn(&mut log, 1, &[]);
    for item in &turn(3, 2, &["text".to_owned()])[..2] {
        log.append(item, Sync::No).unwrap();
    }
    let error = bench.store.fork(&id, TurnId(2), "f".into(), 9).unwrap_err().to_string();
    assert!(error.contains("has not ended"), "{error}");
    let error = bench.store.fork(&id, TurnId(3), "f".into(), 9).unwrap_err().to_string();
    assert!(error.contains("no turn T-3"), "{error}");
    assert!(!bench.session_folder("f").exists());
    let fork = bench.store.fork(&id, TurnId(1), "f".into(), 9).unwrap();
    assert_eq!((fork.created_at, fork.model.as_str()), (9, "scripted/any"));
    assert_eq!(bench.store.read(&"f".into()).unwrap().items, first);
    assert!(matches!(bench.store.fork(&id, TurnId(1), "f".into(), 9), Err(StoreError::Exists { .. })));
    assert!(matches!(bench.store.fork(&id, TurnId(1), "../f".into(), 9), Err(StoreError::BadId { .. })));
    assert!(matches!(
        bench.store.fork(&"none".into(), TurnId(1), "g".into(), 9),
        Err(StoreError::Missing { .. })
    ));
}

#[test]
fn a_fork_whose_parent_is_gone_opens_with_what_it_has() {
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &[]);
    bench.store.fork(&"s-1".into(), TurnId(1), "f".into(), 9).unwrap();
    let (mut fork, _) = bench.store.open_session(&"f".into()).unwrap();
    let own = append_turn(&mut fork, 2, &[]);
    drop((log, fork));
    let parent = fs::read(bench.log_path("s-1")).unwrap();
    for damage in ["gone", "cut", "no header", "itself"] {
        match damage {
            "gone" => fs::remove_dir_all(bench.session_folder("s-1")).unwrap(),
            "cut" => {
                fs::create_dir(bench.session_folder("s-1")).unwrap();
                let end = parent.iter().position(|byte| *byte == b'\n').unwrap();
                fs::write(bench.log_path("s-1"), &parent[..end + 1]).unwrap();
            }
            "no header" => fs::write(bench.log_path("s-1"), "junk\n").unwrap(),
            _ => {
                let text = fs::read_to_string(bench.log_path("f")).unwrap();
                fs::write(bench.log_path("s-1"), text.replace("\"id\":\"f\"", "\"id\":\"s-1\"")).unwrap();
            }
        }
        let (mut log, replay) = bench.store.open_session(&"f".into()).unwrap();
        assert!(!replay.notices.is_empty(), "{damage}");
        assert!(replay.items.ends_with(&own), "{damage}");
        assert_eq!(log.next_id(), 5);
        log.sync().unwrap();
        assert!(bench.store.page(&"f".into(), None, 9).unwrap().items.ends_with(&own), "{damage}");
    }
}

#[test]
fn kept_texts_go_with_a_fork_and_outlive_the_parent() {
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &[]);
    let key = log.kept().unwrap().keep("a long text").unwrap();
    bench.store.fork(&"s-1".into(), TurnId(1), "f".into(), 9).unwrap();
    let (fork, _) = bench.store.open_session(&"f".into()).unwrap();
    let texts = fork.kept().unwrap();
    assert_eq!(texts.read(&key).unwrap(), "a long text");
    assert_eq!(texts.keep("of the fork").unwrap(), "K2".into());
    assert!(log.kept().unwrap().read(&"K2".into()).is_err());
    let busy = bench.store.delete(&"s-1".into()).unwrap_err();
    assert!(matches!(busy, StoreError::Busy { .. }), "{busy}");
    drop(log);
    let busy = bench.store.delete(&"s-1".into()).unwrap_err().to_string();
    assert!(busy.contains("session f goes on from it") && busy.contains("nothing was deleted"), "{busy}");
    drop(fork);
    bench.store.delete(&"s-1".into()).unwrap();
    assert!(!bench.session_folder("s-1").exists());
    let (fork, replay) = bench.store.open_session(&"f".into()).unwrap();
    assert_eq!((replay.items.len(), replay.head.parent, replay.notices), (2, None, vec![]));
    assert_eq!(fork.kept().unwrap().read(&key).unwrap(), "a long text");
}

#[test]
fn a_deletion_frees_what_nobody_else_needs() {
    let bench = Bench::new();
    let (shared, own) = ("s".repeat(LONG), "o".repeat(LONG));
    for (id, texts) in [("s-1", [&shared, &own]), ("s-2", [&shared, &shared])] {
        let mut log = bench.store.create(&head(id)).unwrap();
        append_turn(&mut log, 1, &texts.map(Clone::clone));
    }
    assert_eq!(blobs(&bench), 2);
    let deleted = bench.store.delete(&"s-1".into()).unwrap();
    assert_eq!(deleted.blobs, 1);
    assert!(deleted.bytes > LONG as u64 && deleted.bytes < 2 * LONG as u64, "{deleted:?}");
    assert_eq!(blobs(&bench), 1);
    assert!(matches!(bench.store.delete(&"s-1".into()), Err(StoreError::Missing { .. })));
    assert_eq!(bench.store.read(&"s-2".into()).unwrap().notices, Vec::<String>::new());
    assert_eq!(bench.store.collect().unwrap(), Deleted::default());
    // What a killed process left.
    fs::create_dir(bench.store.folder().join("sessions/.deleted-x")).unwrap();
    fs::write(bench.store.folder().join("sessions/.deleted-x/log.jsonl"), "12345").unwrap();
    fs::create_dir_all(bench.store.folder().join("blobs/ab")).unwrap();
    fs::write(bench.store.folder().join("blobs/ab/half.part-1-1"), "123").unwrap();
    let hour = std::time::Duration::from_secs(3700);
    for (name, at) in [("log.part-1-1", 0), ("meta.part-1-2", 1), ("checkpoint.part-1-3", 2)] {
        let now = std::time::SystemTime::now();
        let file = fs::File::create(bench.session_folder("s-2").join(name)).unwrap();
        file.set_len(100).unwrap();
        file.set_modified([now - hour, now, now + hour][at]).unwrap();
    }
    assert_eq!(bench.store.collect().unwrap(), Deleted { blobs: 1, bytes: 108 });
    assert!(bench.session_folder("s-2").join("meta.part-1-2").exists(), "somebody may be writing it");
    assert!(bench.session_folder("s-2").join("checkpoint.part-1-3").exists(), "the clock was set back");
    fs::create_dir(bench.session_folder("i")).unwrap();
    fs::write(bench.session_folder("i").join("log.part"), "12345").unwrap();
    assert_eq!(bench.store.collect().unwrap(), Deleted { blobs: 0, bytes: 5 });
    assert!(!bench.session_folder("i").exists());
    let nothing = Bench::new();
    assert_eq!(nothing.store.collect().unwrap(), Deleted::default());
}

#[test]
fn numbers_that_somebody_wrote_do_not_overflow() {
    const MOST: &str = "18446744073709551615";
    let bench = Bench::new();
    let id: SessionId = "s-1".into();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    let items = append_turn(&mut log, 1, &["text".to_owned()]);
    log.checkpoint(ItemId(3), &json!(1)).unwrap();
    drop(log);
    let path = bench.session_folder("s-1").join("checkpoint.json");
    let good = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"lines\":4", "\"lines\":"),
        ("\"beforeLines\":3", "\"beforeLines\":"),
        ("\"last\":3", "\"last\":"),
    ] {
        assert!(good.contains(from), "{good}");
        fs::write(&path, good.replace(from, &format!("{to}{MOST}"))).unwrap();
        let (log, replay) = bench.store.open_session(&id).unwrap();
        assert_eq!(replay.items.last(), items.last(), "{from}");
        drop(log);
        bench.store.page(&id, None, 1).unwrap();
        bench.store.follow(&id, ItemId(u64::MAX)).unwrap();
    }
    fs::remove_file(&path).unwrap();
    let text = fs::read_to_string(bench.log_path("s-1")).unwrap();
    let parent =
        format!("\"parent\":{{\"session\":\"s-0\",\"turn\":\"T-4294967295\",\"item\":{MOST}}},\"layers\":");
    fs::write(bench.log_path("s-1"), text.replacen("\"layers\":", &parent, 1)).unwrap();
    let replay = bench.store.read(&id).unwrap();
    // Nothing can go on from there: the session is one to be read.
    assert_eq!((replay.items, replay.next_id), (items, 4));
    assert!(replay.notices[0].contains("cannot go on from item"), "{:?}", replay.notices);
    assert!(matches!(bench.store.open_session(&id), Err(StoreError::Damaged { .. })));
    bench.store.page(&id, None, 1).unwrap();
    assert!(bench.store.fork(&id, TurnId(1), "f".into(), 1).is_err());
    bench.store.delete(&id).unwrap();
}
