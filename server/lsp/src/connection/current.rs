//! Which session one connection works in, which it is told of, and what it is about to do with one.

use super::{Connection, not_started};
use glossator_agent::{Agent, AgentError, ListQuery};
use glossator_session::SessionId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OwnedMutexGuard;
use tower_lsp::lsp_types::MessageType;

/// Within this time a command that is run again is a yes.
const AGAIN: Duration = Duration::from_secs(60);

/// Sessions among which one is looked for that can be gone on with.
const LOOKED_AT: usize = 20;

#[derive(Default)]
pub(super) struct Sessions {
    /// The session that commands without one go to.
    current: Option<SessionId>,
    /// Sessions whose events are forwarded to this client.
    forwarded: HashSet<SessionId>,
    /// The packs that were chosen when sessions were made.
    pub packs: HashMap<SessionId, String>,
    /// The session that the user was asked about deleting, and when.
    to_confirm: Option<(SessionId, Instant)>,
    /// Held while a prompt is on its way.
    order: Arc<tokio::sync::Mutex<()>>,
}

impl Connection {
    /// The session that commands go to; made when there is none.
    pub fn current_session(&self) -> Result<SessionId, AgentError> {
        let agent = self.agent().ok_or_else(not_started)?;
        self.leave_deleted(agent);
        let mut sessions = self.sessions.lock();
        Ok(sessions.current.get_or_insert_with(|| agent.new_session("").id).clone())
    }

    /// Forgets the session it works in when somebody else has deleted it, and says so.
    fn leave_deleted(&self, agent: &Agent) {
        let Some(current) = self.peek_session() else { return };
        if matches!(agent.session_settings(&current), Err(AgentError::NoSession(_))) {
            self.forget_session(&current);
            let text =
                "Glossator: the session you worked in was deleted elsewhere; another one is gone on with.";
            self.show(MessageType::WARNING, text.to_owned());
        }
    }

    /// Waits until the prompts that this client gave before are on their way; held while the next one is.
    pub async fn in_order(&self) -> OwnedMutexGuard<()> {
        let order = self.sessions.lock().order.clone();
        order.lock_owned().await
    }

    pub fn peek_session(&self) -> Option<SessionId> {
        self.sessions.lock().current.clone()
    }

    /// The session of this connection; without one the newest of the workspace that can be gone on with, as after a
    /// restart of the editor. Blocks.
    pub fn last_session(&self) -> Option<SessionId> {
        let agent = self.agent()?;
        self.leave_deleted(agent);
        let stored = || {
            let query = ListQuery { archived: Some(false), limit: LOOKED_AT, ..ListQuery::default() };
            let mut followed = None;
            for id in agent.list(&query).ok()?.sessions.into_iter().map(|one| one.id) {
                match agent.read(&id) {
                    Ok(read) if read.read_only.is_none() => return Some(id),
                    // One that another process writes is better than none.
                    Ok(_) => followed = followed.or(Some(id)),
                    Err(_) => {}
                }
            }
            followed
        };
        let found = self.peek_session().or_else(stored)?;
        self.set_current(found.clone());
        Some(found)
    }

    pub fn set_current(&self, id: SessionId) {
        self.sessions.lock().current = Some(id);
    }

    /// `true` the first time: the caller then forwards the session's events.
    pub fn claim_forwarding(&self, id: &SessionId) -> bool {
        self.sessions.lock().forwarded.insert(id.clone())
    }

    /// The events of a session have ended.
    pub fn release_forwarding(&self, id: &SessionId) {
        self.sessions.lock().forwarded.remove(id);
    }

    /// The sessions that this client was told of, the current one first.
    pub fn known_sessions(&self) -> Vec<SessionId> {
        let sessions = self.sessions.lock();
        let current = sessions.current.iter();
        let others = sessions.forwarded.iter().filter(|id| sessions.current.as_ref() != Some(*id));
        current.chain(others).cloned().collect()
    }

    /// The tools of a session that has not begun are those of `pack`.
    pub fn choose_pack(&self, id: &SessionId, pack: String) {
        self.sessions.lock().packs.insert(id.clone(), pack);
    }

    /// A session is gone.
    pub fn forget_session(&self, id: &SessionId) {
        let mut sessions = self.sessions.lock();
        sessions.current.take_if(|current| current == id);
        sessions.forwarded.remove(id);
        sessions.packs.remove(id);
    }

    /// The user is asked whether a session is to be deleted.
    pub fn ask_to_confirm(&self, id: SessionId) {
        self.sessions.lock().to_confirm = Some((id, Instant::now()));
    }

    /// Whether the user was asked that just now: it was said again, which is a yes.
    pub fn confirms(&self, id: &SessionId) -> bool {
        let asked = self.sessions.lock().to_confirm.take();
        asked.is_some_and(|(of, at)| of == *id && at.elapsed() < AGAIN)
    }
}
