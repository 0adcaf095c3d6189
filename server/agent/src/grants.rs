//! What the user allowed for a session: listed and taken back. Who asks, and when, is dispatch's.

use crate::session::SessionGrant;
use crate::{Agent, AgentError};
use glossator_session::SessionId;

impl Agent {
    /// What was allowed for a session, oldest first; without one, for every session that is open.
    ///
    /// # Errors
    /// No such session.
    pub fn grants(&self, id: Option<&SessionId>) -> Result<Vec<(SessionId, SessionGrant)>, AgentError> {
        let sessions = match id {
            Some(id) => vec![self.session(id)?],
            None => self.sessions(),
        };
        let of = |one: &std::sync::Arc<crate::session::Session>| {
            let id = one.id().clone();
            one.grants().into_iter().map(move |grant| (id.clone(), grant)).collect::<Vec<_>>()
        };
        let mut grants: Vec<_> = sessions.iter().flat_map(of).collect();
        grants.sort_by_key(|(_, grant)| grant.at);
        Ok(grants)
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
