//! The section `[auth]`: where keys are stored. Types only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where keys of providers are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// `auto`: in the keyring of the system where one answers, else in a file; `keyring`: there only; `file`: in the file
    /// only. Keys are looked for in the same places.
    pub store: StoreSetting,
}

/// Where keys are stored and looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum StoreSetting {
    /// In the keyring of the system where one answers, else in the file.
    #[default]
    Auto,
    /// In the keyring of the system only.
    Keyring,
    /// In the file only.
    File,
}
