//! What can be done with the stored sessions of a workspace: listed, searched, read by pages, forked, named, put away,
//! deleted, written out and taken in. Everything here but [`Agent::missed`] blocks on the disk.

mod settings;

use crate::reach::writable;
use crate::session::{Session, now};
use crate::shared::Shared;
use crate::watchers::Missed;
use crate::{Agent, AgentError, titles};
use glossator_session::{Cost, SessionId, TurnId, Usage};
use glossator_store::{
    Deleted, ExportFormat, Found, ListQuery, Page, PromptQueue, SearchQuery, SessionHead, SessionMeta,
    SessionPage, Store, StoreError,
};
use serde_json::value::{RawValue, to_raw_value};
use std::io::{BufRead, Write};
use std::sync::Arc;

/// What a session has spent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionUsage {
    /// Tokens of all turns that have ended.
    pub usage: Usage,
    /// What that cost, where a price is known.
    pub cost: Option<Cost>,
    /// Its turns.
    pub turns: u32,
}

impl Agent {
    /// The sessions that match, the last used first. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be read.
    pub fn list(&self, query: &ListQuery) -> Result<SessionPage, AgentError> {
        let page = self.store()?.list(query).map_err(store_error)?;
        self.shared().upkeep.index_in_background(self.store()?);
        Ok(page)
    }

    /// Where words stand in the sessions of the workspace, best first. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be read.
    pub fn search(&self, query: &SearchQuery) -> Result<Found, AgentError> {
        self.store()?.search(query).map_err(store_error)
    }

    /// The newest `turns` turns of a session before `before` (all: before the end). Does not open it. Blocks.
    ///
    /// # Errors
    /// No such session, and a log that cannot be read.
    pub fn page(&self, id: &SessionId, before: Option<TurnId>, turns: usize) -> Result<Page, AgentError> {
        let open = self.shared().sessions.lock().get(id).cloned();
        if let Some(page) = open.and_then(|session| session.page(before, turns)) {
            return Ok(page);
        }
        let store = self.store().map_err(|_| AgentError::NoSession(id.clone()))?;
        let mut page = store.page(id, before, turns).map_err(|error| named(id, error))?;
        if let Ok(SessionMeta { title: Some(title), .. }) = store.meta(id) {
            page.head.title = title;
        }
        Ok(page)
    }

    /// As [`Agent::page`], with each item as JSON, which is only passed on: a long page is not taken apart for that.
    ///
    /// # Errors
    /// As [`Agent::page`].
    pub fn page_json(
        &self,
        id: &SessionId,
        before: Option<TurnId>,
        turns: usize,
    ) -> Result<Page<Box<RawValue>>, AgentError> {
        let open = self.shared().sessions.lock().get(id).cloned();
        if let Some(page) = open.and_then(|session| session.page(before, turns)) {
            let Page { head, items, first, more } = page;
            let items = items.iter().filter_map(|item| to_raw_value(item).ok()).collect();
            return Ok(Page { head, items, first, more });
        }
        let store = self.store().map_err(|_| AgentError::NoSession(id.clone()))?;
        store.page_json(id, before, turns).map_err(|error| named(id, error))
    }

    /// What was told of a session behind event number `seq`; `None` where it is not all known any more, so that the session
    /// has to be read anew.
    ///
    /// # Errors
    /// No such session.
    pub fn missed(&self, id: &SessionId, seq: u64) -> Result<Option<Missed>, AgentError> {
        Ok(self.session(id)?.missed(seq))
    }

    /// Begins a session that goes on behind a turn of another (its last one that has ended, if none is named), whose items up
    /// to there are also its own. Blocks.
    ///
    /// # Errors
    /// No such session, a turn that has not ended, and a state folder that cannot be written.
    pub fn fork(
        &self,
        id: &SessionId,
        turn: Option<TurnId>,
        title: Option<String>,
    ) -> Result<SessionHead, AgentError> {
        let session = self.session(id)?;
        let ended = session.last_ended_turn();
        let turn = turn.unwrap_or(ended);
        if turn > ended {
            let why = format!("{turn} has not ended in this session; fork it at a turn up to {ended}");
            return Err(AgentError::Refused(why));
        }
        if session.begun().is_none() {
            return Err(AgentError::Refused(
                "this session has no turn yet; there is nothing to fork".to_owned(),
            ));
        }
        let new = SessionId(uuid::Uuid::now_v7().to_string());
        let store = self.store()?;
        let mut head = store.fork(id, turn, new, now()).map_err(store_error)?;
        let given = title.map(|title| titles::given(&title)).filter(|title| !title.is_empty());
        let title = given.unwrap_or_else(|| forked(&session.title(), turn));
        let meta = SessionMeta {
            title: Some(title.clone()),
            settings: session.meta().settings,
            ..Default::default()
        };
        store.set_meta(&head.id, &meta).map_err(store_error)?;
        store.indexed(&head.id);
        head.title = title;
        Ok(head)
    }

    /// Calls a session `title`; an empty one gives it the title back that it had by itself. Blocks.
    ///
    /// # Errors
    /// No such session, and a state folder that cannot be written.
    pub fn rename(&self, id: &SessionId, title: &str) -> Result<(), AgentError> {
        let title = Some(titles::given(title)).filter(|title| !title.is_empty());
        self.change_meta(id, |meta| meta.title = title)
    }

    /// Puts a session away, or takes it out again: lists leave it out. Blocks.
    ///
    /// # Errors
    /// As [`Agent::rename`].
    pub fn archive(&self, id: &SessionId, archived: bool) -> Result<(), AgentError> {
        self.change_meta(id, |meta| meta.archived = archived)
    }

    /// Deletes a session with all that is kept with it. Blocks.
    ///
    /// # Errors
    /// No such session, one that is at work here or is written by another process, and a state folder that cannot be
    /// written.
    pub fn delete(&self, id: &SessionId) -> Result<Deleted, AgentError> {
        let forks = self.forks_of(id);
        let deleted = {
            let _opening = self.shared().opening.lock();
            self.delete_alone(id, &forks)
        };
        let left = forks.iter().map(|fork| fork.id()).chain(deleted.is_err().then_some(id));
        for id in left {
            // One that cannot be gone on with says so when it is used.
            if let Err(error) = writable(self.shared(), id) {
                tracing::debug!(%error, "a session is not gone on with behind a deletion");
            }
        }
        deleted
    }

    /// The open forks of a session. They are written anew when it goes.
    fn forks_of(&self, id: &SessionId) -> Vec<Arc<Session>> {
        let is_fork = |session: &Arc<Session>| {
            session.begun().and_then(|head| head.parent).is_some_and(|parent| parent.session == *id)
        };
        let mut forks = self.sessions();
        forks.retain(is_fork);
        forks
    }

    fn delete_alone(&self, id: &SessionId, forks: &[Arc<Session>]) -> Result<Deleted, AgentError> {
        let open = self.shared().sessions.lock().get(id).cloned();
        let all = || open.iter().chain(forks);
        all().try_for_each(|session| is_idle(session))?;
        if let Some(fork) = forks.iter().find(|fork| fork.owes()) {
            return Err(AgentError::Refused(format!(
                "session {}, which is a fork of it, is not all written to the disk yet; make room there first",
                fork.id()
            )));
        }
        all().try_for_each(|session| {
            session.set_aside("a session is being deleted; try again in a moment".to_owned())
        })?;
        let is_stored = open.as_ref().is_none_or(|session| session.begun().is_some());
        let deleted = match self.store() {
            Ok(store) if is_stored => store.delete(id).map_err(|error| named(id, error))?,
            Err(error) if open.is_none() => return Err(error),
            _ => Deleted::default(),
        };
        if let (false, Ok(store)) = (is_stored, self.store()) {
            // What waited in it goes with it.
            store.set_unborn_queue(id, &PromptQueue::default()).map_err(|error| named(id, error))?;
        }
        if let Some(session) = open {
            session.let_go("the session was deleted".to_owned());
            self.shared().sessions.lock().remove(id);
        }
        Ok(deleted)
    }

    /// Whether there is something of a session to be written out. Blocks.
    ///
    /// # Errors
    /// No such session, and one in which nothing was said yet.
    pub fn can_export(&self, id: &SessionId) -> Result<(), AgentError> {
        match self.session(id)?.begun() {
            Some(_) => Ok(()),
            None => Err(AgentError::Refused(
                "nothing was said in this session yet, so there is nothing to export; send a prompt first"
                    .to_owned(),
            )),
        }
    }

    /// Writes a session out. Blocks.
    ///
    /// # Errors
    /// As [`Agent::can_export`], and whatever the disk or `out` says.
    pub fn export(
        &self,
        id: &SessionId,
        format: ExportFormat,
        out: &mut dyn Write,
    ) -> Result<(), AgentError> {
        self.can_export(id)?;
        self.store()?.export(id, format, out).map_err(|error| named(id, error))
    }

    /// Takes an export in as a new session; `clean` takes known secrets out of its texts. Blocks.
    ///
    /// # Errors
    /// What is no export, and whatever the disk says.
    pub fn import(
        &self,
        from: &mut dyn BufRead,
        clean: glossator_store::Clean<'_>,
    ) -> Result<SessionHead, AgentError> {
        let store = self.store()?;
        let head = store.import(from, clean).map_err(store_error)?;
        store.indexed(&head.id);
        Ok(head)
    }

    /// What a session has spent. Blocks where it is not open yet.
    ///
    /// # Errors
    /// No such session.
    pub fn usage(&self, id: &SessionId) -> Result<SessionUsage, AgentError> {
        let session = self.session(id)?;
        let spent = session.spent();
        Ok(SessionUsage { usage: spent.usage, cost: spent.cost, turns: session.place().0.0 })
    }

    /// The store, or why there is none.
    pub(crate) fn store(&self) -> Result<&Store, AgentError> {
        self.shared().store.as_ref().map_err(|error| AgentError::Store(error.to_string()))
    }

    /// Changes what of a session can change beside its log, and tells who watches it.
    pub(super) fn change_meta(
        &self,
        id: &SessionId,
        change: impl FnOnce(&mut SessionMeta),
    ) -> Result<(), AgentError> {
        change_meta(self.shared(), &self.session(id)?, change)
    }
}

/// Calls a session as a model says, unless it has a title that was given to it.
pub(crate) fn retitle(shared: &Shared, session: &Arc<Session>, title: &str) {
    let title = titles::clean(title);
    if title.is_empty() || session.meta().title.is_some() {
        return;
    }
    if let Err(error) = change_meta(shared, session, |meta| meta.title = Some(title)) {
        tracing::warn!(%error, "a title could not be stored");
    }
}

fn change_meta(
    shared: &Shared,
    session: &Arc<Session>,
    change: impl FnOnce(&mut SessionMeta),
) -> Result<(), AgentError> {
    let stored = shared.store.as_ref().ok().filter(|_| session.begun().is_some());
    // Another process may have changed it meanwhile.
    let mut meta = stored.and_then(|store| store.meta(session.id()).ok()).unwrap_or_else(|| session.meta());
    change(&mut meta);
    if let Some(store) = stored {
        store.set_meta(session.id(), &meta).map_err(store_error)?;
        store.indexed(session.id());
    }
    session.set_meta(meta);
    session.has_changed();
    Ok(())
}

/// Whether nothing goes on in a session that needs its log.
fn is_idle(session: &Session) -> Result<(), AgentError> {
    if let Some(turn) = session.running() {
        return Err(AgentError::Busy(turn));
    }
    match session.tasks.running() {
        0 => Ok(()),
        count => Err(AgentError::Refused(format!(
            "{count} task(s) of session {} still run; stop them (glossator.tasks) or wait until they end",
            session.id()
        ))),
    }
}

/// What a fork is called.
fn forked(title: &str, turn: TurnId) -> String {
    let plain = title.rsplit_once(" (fork of T-").map_or(title, |(plain, _)| plain);
    format!("{plain} (fork of {turn})").trim_start().to_owned()
}

fn store_error(error: StoreError) -> AgentError {
    AgentError::Store(error.to_string())
}

/// As [`store_error`], for what concerns one session.
fn named(id: &SessionId, error: StoreError) -> AgentError {
    match error {
        StoreError::Missing { .. } | StoreError::BadId { .. } => AgentError::NoSession(id.clone()),
        other => store_error(other),
    }
}

#[cfg(test)]
mod tests;
