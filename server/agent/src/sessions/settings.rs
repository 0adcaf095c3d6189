//! Settings of one session, over those of the user: kept beside its log, for whoever makes the configuration of its turns.
//! Does not know what they mean.

use crate::{Agent, AgentError};
use glossator_session::SessionId;
use serde_json::{Map, Value};

impl Agent {
    /// The settings of this session alone. Blocks where it is not open yet.
    ///
    /// # Errors
    /// No such session.
    pub fn session_settings(&self, id: &SessionId) -> Result<Map<String, Value>, AgentError> {
        Ok(self.session(id)?.meta().settings)
    }

    /// Changes them. Those of a session that has not begun are stored with its first turn. Blocks.
    ///
    /// # Errors
    /// No such session, and a state folder that cannot be written.
    pub fn set_session_settings(
        &self,
        id: &SessionId,
        settings: Map<String, Value>,
    ) -> Result<(), AgentError> {
        self.change_meta(id, |meta| meta.settings = settings)
    }
}
