//! Whom prompts are for: the agents that they name. Pure.

use crate::OWN_AGENT;
use glossator_session::AgentId;

/// Whether a prompt to these agents is for `agent`. The session's own agent is also called `session` and `main`.
pub fn addresses(to: &[AgentId], agent: Option<&AgentId>) -> bool {
    let own = |id: &AgentId| id.0 == OWN_AGENT || id.0 == "main";
    match agent {
        None => to.is_empty() || to.iter().any(own),
        Some(agent) => to.contains(agent),
    }
}

/// Whom a turn is for that was for `to` when the user says something more to `others`; nobody named: for the same.
pub(crate) fn joined(to: &[AgentId], others: &[AgentId]) -> Vec<AgentId> {
    let mut all = to.to_vec();
    if all.is_empty() && !others.is_empty() {
        all.push(AgentId::from(OWN_AGENT));
    }
    for other in others {
        if !addresses(&all, Some(other).filter(|other| !addresses(std::slice::from_ref(other), None))) {
            all.push(other.clone());
        }
    }
    all
}
