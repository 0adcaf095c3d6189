//! What a session is run with: its own choices over the settings.

use serde::{Deserialize, Serialize};

/// What the next turn of a session will be run with: its own choices over the settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct SessionSettings {
    /// The model that is asked: `provider/model`.
    pub model: String,
    /// The pack of tools.
    pub pack: String,
    /// The policy: `ask`, `auto-edit`, ...
    pub policy: String,
    /// The agents that prompts go to, where others than the session's own were chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub agents: Vec<String>,
}
