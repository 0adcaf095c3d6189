//! Opening a session from its log: what a crash left open is closed, and the user is told of it.

use crate::journal::Log;
use crate::session::Session;
use crate::{hunks, task_log};
use glossator_session::{ChangeState, ItemBody, NoticeLevel, TaskState, TurnStatus, Usage};
use glossator_store::{Replay, Sync};
use std::sync::Arc;

/// The session over `log`. A turn without an end, an edit without an outcome and a task without either are what a crash
/// leaves.
pub(crate) fn open(log: Log, mut replay: Replay) -> Arc<Session> {
    let told: Vec<String> = replay.healed.take().into_iter().chain(replay.notices.drain(..)).collect();
    let session = Arc::new(Session::new(log, replay));
    close_what_a_crash_left_open(&session, told);
    session
}

fn close_what_a_crash_left_open(session: &Session, told: Vec<String>) {
    let (turn, _) = session.place();
    if turn.0 == 0 {
        return;
    }
    let (ended, edits, tasks) = session.with_items(|items| {
        let end = |body: &ItemBody| matches!(body, ItemBody::TurnEnded { .. });
        let ended = items.iter().any(|item| item.turn == turn && end(&item.body));
        (ended, hunks::unfinished(items), task_log::unfinished(items))
    });
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
    if !ended {
        let message = Some("Glossator was stopped while this turn was running.".to_owned());
        let (status, usage) = (TurnStatus::Interrupted, Usage::default());
        record(ItemBody::TurnEnded { status, usage, cost: None, message }, Sync::Now);
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
