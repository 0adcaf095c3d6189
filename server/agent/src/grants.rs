//! What the user allowed, for a session and for good: listed and taken back. Who asks, and when, is dispatch's.

use crate::{Agent, AgentError};
use glossator_session::SessionId;
use glossator_store::SavedGrant;

/// Something that the user allowed, and is not asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Its id: `G2` in its session, `W2` in the workspace.
    pub id: String,
    /// The session that it holds for; `None`: it is saved, and holds for the workspace.
    pub session: Option<SessionId>,
    /// What is allowed, in one line.
    pub what: String,
    /// When: milliseconds since the Unix epoch.
    pub at: i64,
}

impl Agent {
    /// What was allowed for a session and what is saved for the workspace, oldest first, and why what is saved cannot be
    /// read; without a session, for every one that is open.
    ///
    /// # Errors
    /// No such session.
    pub fn grants(&self, id: Option<&SessionId>) -> Result<(Vec<Granted>, Option<String>), AgentError> {
        let sessions = match id {
            Some(id) => vec![self.session(id)?],
            None => self.sessions(),
        };
        let mut grants = Vec::new();
        for one in sessions {
            let of_session = |grant: crate::session::SessionGrant| Granted {
                session: Some(one.id().clone()),
                id: grant.id,
                what: grant.what,
                at: grant.at,
            };
            grants.extend(one.grants().into_iter().map(of_session));
        }
        let of_workspace =
            |one: SavedGrant| Granted { session: None, id: one.id, what: one.what, at: one.at };
        let mut damaged = None;
        match self.shared().store.as_ref().map(|store| store.saved_grants()) {
            Ok(Ok(saved)) => grants.extend(saved.into_iter().map(of_workspace)),
            Ok(Err(error)) => damaged = Some(error.to_string()),
            Err(_) => {}
        }
        grants.sort_by_key(|grant| grant.at);
        Ok((grants, damaged))
    }

    /// Takes back what is saved for the workspace as `grant`. The next call of the kind is asked about again, in every session.
    ///
    /// # Errors
    /// There is none of that id, or it cannot be taken back.
    pub fn revoke_saved(&self, grant: &str) -> Result<usize, AgentError> {
        let failed = |error: glossator_store::StoreError| AgentError::Store(error.to_string());
        let store = self.store()?;
        if store.revoke_saved_grant(grant).map_err(failed)? {
            return Ok(1);
        }
        let known = store.saved_grants().map_err(failed)?.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
        Err(AgentError::Refused(format!("nothing is saved as {grant} in this workspace; known: {known}")))
    }

    /// Takes back what was allowed for a session, one grant of it or all; gives how many. The next call of the kind is asked
    /// about again, also in the turn that runs.
    ///
    /// # Errors
    /// No such session, or no such grant in it.
    pub fn revoke(&self, id: &SessionId, grant: Option<&str>) -> Result<usize, AgentError> {
        let session = self.session(id)?;
        let known: Vec<String> = session.grants().into_iter().map(|grant| grant.id).collect();
        match (session.revoke(grant), grant) {
            (0, Some(grant)) => {
                let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
                Err(AgentError::Refused(format!(
                    "nothing was allowed as {grant} in this session; known: {known}"
                )))
            }
            (count, _) => Ok(count),
        }
    }
}
