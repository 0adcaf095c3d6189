//! How edits are reviewed and how commands see unsaved text, as settings say it. Data only.

use crate::Copies;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// When the user looks at edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewMode {
    /// They are made at once; each hunk waits for *keep* or *reject*.
    #[default]
    After,
    /// Nothing is made before the user has accepted it, hunk by hunk.
    Before,
}

/// How commands see text that is not saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BuffersMode {
    /// What works: `overlay` where the system can, else `wait` where the user can save, else `disk`.
    #[default]
    Auto,
    /// Commands run on an overlay of the workspace that holds the unsaved text; what they change comes back for review.
    Overlay,
    /// Commands wait until the files in question are saved, or the user lets them run on the disk's text.
    Wait,
    /// Commands run on the disk's text at once; the result names the files that they saw older.
    Disk,
    /// Buffers that the agent changed are saved through the editor before a command runs.
    Save,
}

/// How commands are run.
#[derive(Debug, Clone, Default)]
pub struct ExecSetup {
    /// What holds for every process.
    pub config: Arc<glossator_exec::Config>,
    /// How they see text that is not saved.
    pub buffers: BuffersMode,
    /// A private folder on disk for overlays; without one there are none.
    pub scratch: Option<PathBuf>,
    /// Whether the command outlives its script: such a one never runs on an overlay.
    pub detached: bool,
    /// Texts of files before a command changed them, kept from one command to the next.
    pub copies: Arc<Copies>,
}
