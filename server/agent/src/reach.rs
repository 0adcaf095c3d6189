//! How a session is come by: from memory, from its log, or read only where another process writes that. Opens each once.

mod at_end;

use crate::AgentError;
use crate::days;
use crate::earlier::Earlier;
use crate::following;
use crate::journal::Log;
use crate::opening;
use crate::queue;
use crate::session::Session;
use crate::shared::Shared;
use at_end::after_turn;
use glossator_session::SessionId;
use glossator_store::{Replay, SessionLog, Store, StoreError};
use std::sync::Arc;

/// Turns that are read of a session which another process writes.
const TURNS: usize = 30;

/// What was found of a session's log.
type Reached = (SessionLog, Earlier, Replay);

/// The session, opened when it is not yet. Blocks then.
///
/// # Errors
/// No such session, and a log that cannot be read.
pub(crate) fn reach(shared: &Arc<Shared>, id: &SessionId) -> Result<Arc<Session>, AgentError> {
    let known = || shared.sessions.lock().get(id).cloned();
    if let Some(session) = known() {
        return Ok(session);
    }
    // Reading a long log takes time: others go on meanwhile, and nobody opens the same one twice.
    let _opening = shared.opening.lock();
    if let Some(session) = known() {
        return Ok(session);
    }
    let store = shared.store.as_ref().map_err(|_| AgentError::NoSession(id.clone()))?;
    let session = match open_log(store, id) {
        Ok((log, before, replay)) => opening::open(Log::from(log), before, replay),
        Err(StoreError::Missing { .. } | StoreError::BadId { .. }) => {
            return Err(AgentError::NoSession(id.clone()));
        }
        Err(why) => read_only(store, id, why)?,
    };
    enroll(shared, &session);
    tidy_soon(&session);
    shared.sessions.lock().insert(id.clone(), session.clone());
    Ok(session)
}

/// The session, to go on with it: one that another process wrote is taken over where that has let go of it. Blocks then.
///
/// # Errors
/// As [`reach`], and a session that can only be read.
pub(crate) fn writable(shared: &Arc<Shared>, id: &SessionId) -> Result<Arc<Session>, AgentError> {
    let session = reach(shared, id)?;
    if session.read_only().is_none() {
        return Ok(session);
    }
    let _opening = shared.opening.lock();
    let old = shared.sessions.lock().get(id).cloned().unwrap_or(session);
    if old.read_only().is_none() {
        return Ok(old);
    }
    let store = shared.store.as_ref().map_err(|error| AgentError::Store(error.to_string()))?;
    let (log, before, replay) =
        open_log(store, id).map_err(|error| AgentError::ReadOnly(error.to_string()))?;
    let session = opening::go_on(Log::from(log), before, (replay, &old));
    enroll(shared, &session);
    tidy_soon(&session);
    shared.sessions.lock().insert(id.clone(), session.clone());
    Ok(session)
}

/// A session that was opened without a checkpoint, or with an old one, gets one, so that the next opening is fast.
fn tidy_soon(session: &Arc<Session>) {
    if session.read_only().is_some() || !session.is_untidy() {
        return;
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let session = Arc::downgrade(session);
    runtime.spawn_blocking(move || {
        if let Some(session) = session.upgrade() {
            session.tidy();
        }
    });
}

/// What a session needs of its surroundings beside its log.
pub(crate) fn enroll(shared: &Arc<Shared>, session: &Arc<Session>) {
    if let Ok(store) = &shared.store
        && session.begun().is_some()
        && let Ok(meta) = store.meta(session.id())
    {
        session.set_meta(meta);
        find_queue(store, session);
    }
    let shared = Arc::downgrade(shared);
    let follower = shared.clone();
    session.at_end(Box::new(move |session| {
        if let Some(shared) = shared.upgrade() {
            after_turn(&shared, session);
        }
    }));
    session.follow_up(Box::new(move |session, ended, last| {
        if let Some(shared) = follower.upgrade() {
            queue::after_turn(shared, session, ended, last);
        }
    }));
}

/// What waited for its turn when the session was open last.
fn find_queue(store: &Store, session: &Session) {
    if session.read_only().is_some() {
        return;
    }
    match store.queue(session.id()) {
        Ok(queue) => session.queue_found(store, queue),
        Err(error) => session.queue_unread(&error.to_string()),
    }
}

/// Takes in what another process wrote by now. Blocks.
pub(crate) fn catch_up(shared: &Shared, session: &Session) {
    let Ok(store) = &shared.store else { return };
    if session.read_only().is_none() {
        return;
    }
    match store.follow(session.id(), session.last_item()) {
        Ok(items) => session.arrive(items),
        // What is known is shown.
        Err(error) => tracing::debug!(%error, "a session cannot be followed at the moment"),
    }
}

/// Shows what another process writes into the log of a session.
pub(crate) fn follow(shared: &Shared, session: &Arc<Session>) {
    if let Ok(store) = &shared.store
        && session.read_only().is_some()
    {
        following::follow(store, session);
    }
}

fn open_log(store: &Store, id: &SessionId) -> Result<Reached, StoreError> {
    let (log, replay) = store.open_session(id)?;
    let (before, replay) = opening::before(store, replay)?;
    days::catch_up(store, id, &replay.items);
    Ok((log, before, replay))
}

/// The latest turns of a session that cannot be written, for the reason `why`.
fn read_only(store: &Store, id: &SessionId, why: StoreError) -> Result<Arc<Session>, AgentError> {
    // Of a log without a head nothing may be left.
    let page = store.page(id, None, TURNS).ok().filter(|page| !page.items.is_empty());
    let page = page.ok_or_else(|| AgentError::Store(why.to_string()))?;
    let upto = page.items.first().map_or(0, |item| item.id.0.saturating_sub(1));
    let next_id = page.items.last().map_or(1, |item| item.id.0 + 1);
    let before = if page.more { Earlier::upto(upto) } else { Earlier::default() };
    let replay =
        Replay { head: page.head, items: page.items, fold: None, next_id, healed: None, notices: Vec::new() };
    Ok(Session::new(Log::Followed(why.to_string()), before, replay))
}
