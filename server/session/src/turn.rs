//! How turns end.

use serde::{Deserialize, Serialize};

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnStatus {
    /// The model stopped by itself.
    Done,
    /// It could not go on.
    Failed,
    /// The user stopped it, or the server went down in mid-turn.
    Interrupted,
    /// A limit (rounds, loop guard) stopped it.
    Limited,
}
