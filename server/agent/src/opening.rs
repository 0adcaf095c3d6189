//! Opening a session from its log: what a crash left open is closed, and the user is told of it.

use crate::config::History;
use crate::earlier::Earlier;
use crate::journal::Log;
use crate::looks;
use crate::session::{Session, surplus};
use crate::spent::Spent;
use glossator_session::{
    ChangeState, ContextItem, HunkRecord, HunkVerdict, Item, ItemBody, ItemId, NoticeLevel, ReviewedBy,
    TaskState, TurnId, TurnStatus,
};
use glossator_store::{Replay, Store, StoreError, Sync};
use std::sync::Arc;

/// Items that are let go of before a session is used: a log that has so many has no checkpoint, or an old one.
const LONG: usize = 1024;

/// The session over `log`. A turn without an end, an edit without an outcome, a task without either and a question without an
/// answer are what a crash leaves.
pub(crate) fn open(mut log: Log, before: Earlier, mut replay: Replay) -> Arc<Session> {
    let told = told(&mut replay);
    let before = fold_what_is_long(&mut log, before, &mut replay);
    let session = Session::new(log, before, replay);
    close_what_a_crash_left_open(&session, told);
    session
}

/// As [`open`], for whoever followed the log as `old` while another process wrote it.
pub(crate) fn go_on(mut log: Log, before: Earlier, (mut replay, old): (Replay, &Session)) -> Arc<Session> {
    let told = told(&mut replay);
    let before = fold_what_is_long(&mut log, before, &mut replay);
    let session = Session::new(log, before, replay);
    session.go_on_for(old);
    close_what_a_crash_left_open(&session, told);
    session
}

/// What the user has to know of the log.
fn told(replay: &mut Replay) -> Vec<String> {
    replay.healed.take().into_iter().chain(replay.notices.drain(..)).collect()
}

/// Lets go of the items that nobody needs, where there are very many of them, and writes a checkpoint at once: whoever opened
/// the session may be gone before that would be done beside their work, and the next opening would take as long again.
fn fold_what_is_long(log: &mut Log, mut before: Earlier, replay: &mut Replay) -> Earlier {
    let Log::Disk(log) = log else { return before };
    let count = surplus(&replay.items, History::named(&replay.head.strategy));
    if count < LONG {
        return before;
    }
    let rest = replay.items.split_off(count);
    before.take_in(&std::mem::replace(&mut replay.items, rest));
    let from = replay.items.first().map_or(replay.next_id, |item| item.id.0);
    let fold = serde_json::to_value(&before).map_err(|error| error.to_string());
    let written =
        fold.and_then(|fold| log.checkpoint(ItemId(from), &fold).map_err(|error| error.to_string()));
    if let Err(why) = written {
        // The log holds everything; the next opening takes longer.
        tracing::warn!(%why, session = %replay.head.id, "no checkpoint could be written");
    }
    before
}

/// What stands before the items of `replay`. Where that was written in another form, all items are read.
pub(crate) fn before(store: &Store, mut replay: Replay) -> Result<(Earlier, Replay), StoreError> {
    let Some(fold) = replay.fold.take() else { return Ok((Earlier::default(), replay)) };
    let first = replay.items.first().map_or(replay.next_id, |item| item.id.0);
    match Earlier::read(fold) {
        Some(earlier) if earlier.upto < first => Ok((earlier, replay)),
        _ => {
            let id = replay.head.id.clone();
            replay.items = store.read(&id)?.items;
            Ok((Earlier::default(), replay))
        }
    }
}

/// What goes on in the session that a new fork was taken from stays there: its tasks, its questions, the review of its edits.
fn leave_to_the_parent(session: &Session, turn: TurnId) {
    // A log that cannot be written is told of by `record`.
    let record = |body: ItemBody| drop(session.record(turn, body, Sync::No));
    for (id, line) in session.open_tasks() {
        let text = format!(
            "The task {id} ({line}) goes on in the session that this one was forked from; its result is told there."
        );
        record(ItemBody::Notice { level: NoticeLevel::Info, text });
        record(ItemBody::Task { id, state: TaskState::Lost });
    }
    for (ask, title) in session.open_asks() {
        record(ItemBody::Context(ContextItem::Asked { ask, title, lost: true }));
    }
    let open = session.table().ledger.open();
    let keep = |record: HunkRecord| HunkRecord { verdict: Some(HunkVerdict::Kept), ..record };
    looks::record(session, (open.into_iter().map(keep).collect(), ReviewedBy::Policy), Sync::No);
}

/// What the requests of a turn came to, of which the log does not hold the sum.
fn spent_in(items: &[Item], turn: TurnId) -> Spent {
    let mut spent = Spent::default();
    for item in items.iter().filter(|item| item.turn == turn) {
        if let ItemBody::Context(ContextItem::Request(record)) = &item.body {
            spent.add(record.usage, record.cost.as_ref());
        }
    }
    spent
}

/// Whether the session is a fork that has nothing of its own yet.
fn is_new_fork(session: &Session) -> bool {
    session.head().parent.is_some_and(|parent| parent.item >= session.last_item())
}

fn close_what_a_crash_left_open(session: &Session, told: Vec<String>) {
    let (turn, _) = session.place();
    if turn.0 == 0 {
        return;
    }
    if is_new_fork(session) {
        leave_to_the_parent(session, turn);
    }
    let edits = session.table().ledger.unfinished();
    let (asks, tasks) = (session.open_asks(), session.open_tasks());
    // A log that cannot be written is told of by `record`.
    let record = |body: ItemBody, sync: Sync| drop(session.record(turn, body, sync));
    let notice = |text: String| {
        session.warn_later(turn, text.clone());
        record(ItemBody::Notice { level: NoticeLevel::Warning, text }, Sync::No);
    };
    told.into_iter().for_each(notice);
    for id in edits {
        notice(format!(
            "Glossator was stopped while it made the edit {id}. Look at the files it names; undo takes back what stands."
        ));
        // Whether it stands is decided by the files: undo re-checks every one of them.
        record(ItemBody::ChangeSet { id, state: ChangeState::Committed }, Sync::No);
    }
    for (ask, title) in asks {
        notice(format!(
            "The question {ask} ({title}) is gone: Glossator was stopped while it waited for the answer. What it asked for was \
             not done; say how to go on."
        ));
        record(ItemBody::Context(ContextItem::Asked { ask, title, lost: true }), Sync::No);
    }
    if session.is_unfinished() {
        let message = Some("Glossator was stopped while this turn was running.".to_owned());
        let spent = session.with_items(|items| spent_in(items, turn));
        let (status, usage) = (TurnStatus::Interrupted, spent.usage);
        record(ItemBody::TurnEnded { status, usage, cost: spent.cost, message }, Sync::Now);
    }
    // Behind the end of the turn: the model is told with the next turn, and nothing that it was sent changes.
    for (id, line) in tasks {
        notice(format!(
            "The task {id} ({line}) is lost: Glossator was stopped while it ran. What it did until then stands; a command \
             of it may still run."
        ));
        record(ItemBody::Task { id, state: TaskState::Lost }, Sync::Now);
    }
}
