//! Whether scripts act. Data only: what a mode means is done by dispatch and by whoever runs a script.

use serde::{Deserialize, Serialize};

/// What becomes of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It does not run.
    Disabled,
    /// It runs with tools that check and list calls and give back placeholders; nothing has an effect.
    DryRun,
    /// It runs.
    #[default]
    Enabled,
}

impl Mode {
    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::DryRun => "dry-run",
            Self::Enabled => "enabled",
        }
    }
}
