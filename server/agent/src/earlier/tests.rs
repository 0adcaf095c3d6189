//! Folds over a log that is cut anywhere: what is remembered of the first part and the rest say together what the whole says.

use super::*;
use glossator_session::{
    Answer, Ask, AskId, AskSubject, BoardEntry, BoardSource, CallId, ChangeSetId, Compaction,
    CompactionCause, Decision, Grant, HunkId, HunkPart, HunkPlace, HunkRecord, HunkVerdict, Ledger as Kept,
    ReviewedBy, StepStatus, TurnStatus, Usage,
};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat};
use serde_json::json;

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(pub u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

pub(crate) fn compaction() -> ItemBody {
    ItemBody::Context(ContextItem::Compaction(Box::new(Compaction {
        cause: CompactionCause::Window,
        summary: Some("what was done".to_owned()),
        ledger: Kept::default(),
        prompt: Vec::new(),
        to: Vec::new(),
        board: Vec::new(),
        told: Vec::new(),
        layers: Vec::new(),
        tokens_before: 100,
        tokens_after: 10,
    })))
}

/// A log of some turns in which everything happens that a session remembers.
pub(crate) fn log_of(dice: &mut Dice, turns: u32) -> Vec<Item> {
    let mut log = Log { items: Vec::new(), place: (0, 0), tasks: Vec::new(), sets: Vec::new() };
    for turn in 1..=turns {
        log.place = (turn, 0);
        let input = vec![InputPart::Text { text: format!("prompt {turn}") }];
        let queued = (dice.below(3) == 0).then(|| u64::from(turn));
        log.add(ItemBody::UserMessage { input, to: Vec::new(), queued });
        let rounds = dice.below(3) as u32 + 1;
        for round in 1..=rounds {
            log.place = (turn, round);
            if dice.below(6) == 0 {
                log.add(compaction());
            }
            let script = CallId(format!("S{turn}-{round}-1"));
            log.add(ItemBody::Answer { text: format!("answer {turn} {round}"), raw: None });
            if round < rounds {
                log.add(ItemBody::Script { id: script.clone(), source: "x".to_owned() });
                for _ in 0..dice.below(6) {
                    log.something(dice);
                }
                log.add(ItemBody::ScriptOutput { script, text: format!("result {turn} {round}"), ok: true });
            }
        }
        let usage = Usage { input: u64::from(turn), output: 1, ..Usage::default() };
        let status = TurnStatus::Done;
        log.add(ItemBody::TurnEnded { status, usage, cost: None, message: None });
        for _ in 0..dice.below(3) {
            log.something_late(dice);
        }
    }
    log.items
}

struct Log {
    items: Vec<Item>,
    place: (u32, u32),
    tasks: Vec<CallId>,
    sets: Vec<HunkRecord>,
}

impl Log {
    fn add(&mut self, body: ItemBody) {
        let id = ItemId(self.items.len() as u64 + 1);
        let (turn, round) = (TurnId(self.place.0), self.place.1);
        self.items.push(Item { id, turn, round, at: id.0 as i64, agent: None, body });
    }

    fn something(&mut self, dice: &mut Dice) {
        let number = self.items.len();
        let context = |item: ContextItem| ItemBody::Context(item);
        let body = match dice.below(9) {
            0 => {
                let value = (dice.below(3) > 0).then(|| json!(number));
                context(ContextItem::Stored { key: format!("k{}", dice.below(4)), value })
            }
            1 => {
                let step =
                    glossator_session::PlanStep { text: format!("p{number}"), status: StepStatus::Pending };
                context(ContextItem::Plan { steps: vec![step], explanation: String::new() })
            }
            2 => context(ContextItem::Posted { entry: entry(dice) }),
            3 => context(ContextItem::Removed { entry: format!("B{}", dice.below(6)) }),
            4 => {
                let id = CallId(format!("S{number}.1"));
                self.tasks.push(id.clone());
                let state = TaskState::Running { tool: "exec".to_owned(), line: format!("exec {number}") };
                ItemBody::Task { id, state }
            }
            5 => context(ContextItem::Asked {
                ask: AskId(format!("A{number}")),
                title: "?".to_owned(),
                lost: false,
            }),
            6 => approval(number),
            7 => context(ContextItem::Kept {
                key: FileKey(format!("K{}", number)),
                what: "text".to_owned(),
                bytes: 1,
                prompt: false,
            }),
            _ => return self.edit(dice),
        };
        self.add(body);
    }

    fn something_late(&mut self, dice: &mut Dice) {
        if dice.below(2) == 0 && !self.tasks.is_empty() {
            let at = dice.below(self.tasks.len() as u64) as usize;
            let id = self.tasks.remove(at);
            let key = Some(FileKey(format!("K{}", self.items.len())));
            let state = TaskState::Done { summary: "ok".to_owned(), file_key: key, bytes: 1 };
            return self.add(ItemBody::Task { id, state });
        }
        let Some(last) = self.sets.len().checked_sub(1) else { return };
        let mut record = self.sets[dice.below(last as u64 + 1) as usize].clone();
        let (verdict, by) = match dice.below(4) {
            0 => (Some(HunkVerdict::Kept), ReviewedBy::User),
            1 => (Some(HunkVerdict::Rejected), ReviewedBy::User),
            2 => (None, ReviewedBy::User),
            _ => (None, ReviewedBy::Seen),
        };
        record.current = (dice.below(2) == 0).then(|| record.base.clone());
        record.verdict = verdict;
        let id = record.id.change_set();
        self.add(ItemBody::ChangeSet { id, state: ChangeState::Reviewed { hunks: vec![record], by } });
    }

    fn edit(&mut self, dice: &mut Dice) {
        let number = self.sets.len() + 1;
        let (id, path) = (ChangeSetId(format!("C{number}")), format!("/w/{}.txt", dice.below(3)));
        let file = |action: Action| {
            FileChange::new(path.clone().into(), Base::Absent, action, FileFormat::default())
        };
        let set = |action: Action| ChangeSet { files: vec![file(action)] };
        let record = HunkRecord {
            id: HunkId(format!("{}.1", id.0)),
            path: path.clone().into(),
            part: HunkPart::Lines,
            base: "old\n".to_owned(),
            proposed: format!("new {number}\n"),
            current: None,
            place: HunkPlace::default(),
            verdict: None,
        };
        self.sets.push(record.clone());
        let change = set(Action::Create { text: record.proposed.clone() });
        let inverse = set(Action::Delete { text: record.proposed.clone() });
        let state = ChangeState::Intended { change, inverse, undoes: None, hunks: vec![record] };
        self.add(ItemBody::ChangeSet { id: id.clone(), state });
        self.add(ItemBody::ChangeSet { id, state: ChangeState::Committed });
    }
}

fn entry(dice: &mut Dice) -> BoardEntry {
    BoardEntry {
        id: format!("B{}", dice.below(6)),
        source: BoardSource::Note,
        title: "note".to_owned(),
        text: "text".to_owned(),
        key: None,
        bytes: 0,
        turns: dice.below(5) as u32 + 1,
    }
}

fn approval(number: usize) -> ItemBody {
    let ask = Ask {
        // Of those that wait, every other one is answered.
        id: AskId(format!("A{}", number.saturating_sub(1))),
        call: CallId("S1".to_owned()),
        title: "?".to_owned(),
        reason: String::new(),
        subject: AskSubject::Script { source: String::new() },
        grants: Vec::new(),
    };
    let answer = Answer { decision: Decision::Allow, grant: Grant::Once, message: None, hunks: None };
    ItemBody::Approval { ask, answer }
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn a_log_cut_anywhere_says_the_same() {
    for seed in 0..6 {
        let items = log_of(&mut Dice(seed), 10);
        let mut facts = Facts::default();
        items.iter().for_each(|item| facts.add(item));
        let mut ledger = Ledger::default();
        ledger.catch_up(&items);
        let now = facts.place.0;
        let board = |items: &[Item]| json_of(&glossator_context::board_at(items, now));
        let whole = board(&items);
        for cut in 0..=items.len() {
            let mut earlier = Earlier::default();
            // In two steps, as checkpoints follow each other.
            let (one, two) = items[..cut].split_at(cut / 2);
            earlier.take_in(one);
            earlier.take_in(two);
            let Some(mut earlier) = Earlier::read(json_of(&earlier)) else { panic!("it cannot be read") };
            let mut live = earlier.carried.clone();
            live.extend_from_slice(&items[cut..]);
            assert!(live.windows(2).all(|pair| pair[0].id < pair[1].id), "seed {seed}, cut {cut}");
            items[cut..].iter().for_each(|item| earlier.facts.add(item));
            earlier.hunks.catch_up(&live);
            assert_eq!(earlier.facts, facts, "seed {seed}, cut {cut}");
            assert_eq!(json_of(&earlier.hunks), json_of(&ledger), "seed {seed}, cut {cut}");
            // What is let go stands before a compaction, which holds the board.
            if items[cut..].iter().any(|item| item.body == compaction()) {
                assert_eq!(board(&live), whole, "seed {seed}, cut {cut}");
            }
        }
    }
}

#[test]
fn what_was_decided_long_ago_is_left_out() {
    let mut items = log_of(&mut Dice(3), 200);
    let mut earlier = Earlier::default();
    earlier.take_in(&items);
    let mut whole = Ledger::default();
    whole.catch_up(&items);
    assert!(earlier.hunks.sets().len() < whole.sets().len());
    let open = |ledger: &Ledger| {
        let open = ledger.sets().iter().flat_map(|set| &set.hunks);
        let open = open.filter(|id| {
            let record = &ledger.known(id).unwrap().record;
            crate::hunks::recorded_state(record).is_open()
        });
        open.cloned().collect::<Vec<_>>()
    };
    assert_eq!(open(&earlier.hunks), open(&whole));
    let young = |ledger: &Ledger| ledger.sets().iter().filter(|set| set.turn.0 > 150).count();
    assert_eq!(young(&earlier.hunks), young(&whole));
    // Its size does not grow with the session.
    let size = |earlier: &Earlier| json_of(earlier).to_string().len();
    let before = size(&earlier);
    let more = log_of(&mut Dice(4), 10);
    let last = items.len() as u64;
    items = more
        .into_iter()
        .map(|item| Item { id: ItemId(item.id.0 + last), turn: TurnId(item.turn.0 + 200), ..item })
        .collect();
    items.retain(|item| !matches!(item.body, ItemBody::ChangeSet { .. } | ItemBody::Task { .. }));
    earlier.take_in(&items);
    assert!(size(&earlier) < before + before / 4, "{} of {before}", size(&earlier));
}

/// Of an edit before it nothing may be left in the log, and its id must not be given away again.
#[test]
fn edits_are_counted_by_their_numbers() {
    let mut facts = Facts::default();
    let (change, inverse) = (ChangeSet::default(), ChangeSet::default());
    let intended = ChangeState::Intended { change, inverse, undoes: None, hunks: Vec::new() };
    for (id, state, expected) in [
        ("C2", intended.clone(), 2),
        ("C7", ChangeState::Committed, 7),
        ("C5", intended.clone(), 7),
        ("odd", intended, 7),
    ] {
        let body = ItemBody::ChangeSet { id: ChangeSetId(id.to_owned()), state };
        facts.add(&Item { id: ItemId(1), turn: TurnId(1), round: 0, at: 0, agent: None, body });
        assert_eq!(facts.counts.changes, expected, "{id}");
    }
}

#[test]
fn what_cannot_be_read_is_not_taken() {
    let mut earlier = Earlier::default();
    earlier.take_in(&log_of(&mut Dice(1), 3));
    let good = json_of(&earlier);
    assert!(Earlier::read(good.clone()).is_some());
    for (key, value) in
        [("version", json!(99)), ("facts", json!({})), ("hunks", json!(7)), ("upto", json!("x"))]
    {
        let mut bad = good.clone();
        bad[key] = value;
        assert!(Earlier::read(bad).is_none(), "{key}");
    }
    assert!(Earlier::read(json!([])).is_none());
}
