//! The model that was chosen last in a workspace where no setting names one: new sessions begin with it. Any setting, and what
//! is chosen for a session, comes before it.

use super::{Connection, not_started};
use glossator_agent::AgentError;
use serde_json::Map;

/// Where it lies, with the workspace.
const NAME: &str = "model.txt";

impl Connection {
    /// The model that was chosen last, if one was. Reads a file.
    pub(super) fn remembered_model(&self) -> Option<String> {
        let path = self.agent()?.document(None, NAME).ok()?;
        let text = self.workspace.read_blocking(&path).ok()?.text;
        Some(text.trim().to_owned()).filter(|model| !model.is_empty())
    }

    /// A model was chosen for a session: new ones begin with it, where no setting names another. `true`: so it is. Blocks.
    pub fn remember_model(&self, model: &str) -> Result<bool, AgentError> {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        if self.source(&identity, Map::new()).load(self.trusted()).settings.model.is_some() {
            return Ok(false);
        }
        let agent = self.agent().ok_or_else(not_started)?;
        agent.write_document(None, (NAME, model.trim()))?;
        Ok(!model.trim().is_empty())
    }
}
