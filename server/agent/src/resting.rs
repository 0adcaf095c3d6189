//! What goes on at an agent as a whole: whether the process that holds it may end.

use crate::agent::Agent;
use crate::presence::{Presence, Rest};
use std::sync::Arc;

impl Agent {
    /// The connections of this agent.
    pub fn presence(&self) -> &Arc<Presence> {
        &self.shared().presence
    }

    /// What goes on in all sessions: the most of it.
    pub fn rest(&self) -> Rest {
        let of = |session: &crate::session::Session| match session.running() {
            _ if !session.tasks.going_on().is_empty() => Rest::Working,
            _ if session.is_undoing() => Rest::Working,
            Some(turn) => self.presence().rest(session.id(), turn),
            None => Rest::Idle,
        };
        self.sessions().iter().map(|session| of(session)).max().unwrap_or(Rest::Idle)
    }
}
