//! The capability object by which a client opts into the extension and the server answers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the extension that this crate describes.
pub const VERSION: u32 = 1;

/// What the server offers of it, for `features`.
pub const FEATURES: &[&str] = &[
    "sessions",
    "turns",
    "updates",
    "approvals",
    "undo",
    "trust",
    "tasks",
    "scripts",
    "packs",
    "review",
    "save",
    "context",
    "board",
    "cabinet",
    "usage",
    "editor",
    "steer",
    "queue",
    "models",
    "tools",
    "grants",
    "auth",
    "complete",
    "input",
    "diagnostics",
    "symbols",
];

/// `capabilities.experimental.glossator`, the same object in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Capability {
    /// The version spoken, from 1.
    pub version: u32,
    /// Names of what is offered (server) or handled (client). A client that handles `approvals` is sent
    /// `glossator/approval/ask`, one that handles `review` `glossator/changeSet/show`, one that handles `save`
    /// `glossator/buffers/save`; an empty list means everything of the version. Only one that names `editor` is sent
    /// `glossator/editor/state`, since each prompt waits for its answer; only one that names `input`, `diagnostics` or
    /// `symbols` is sent `glossator/input/ask`, `glossator/diagnostics/read` or `glossator/symbols/read`.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub features: Vec<String>,
}

impl Capability {
    /// What the server announces.
    pub fn server() -> Self {
        Self { version: VERSION, features: FEATURES.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// Reads a client's `capabilities.experimental` value. `None`: the client did not opt in, or in a way that cannot
    /// be read (no positive `version`). Wrongly typed `features` count as an empty list: an empty Lua table, for one,
    /// may arrive as `{}`.
    pub fn of_client(experimental: &Value) -> Option<Self> {
        let object = experimental.get("glossator")?.as_object()?;
        let version = object.get("version")?.as_u64().filter(|version| *version > 0)?;
        let features = object.get("features").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            version: u32::try_from(version).unwrap_or(u32::MAX),
            features: features.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }

    /// Whether `feature` is named.
    pub fn names(&self, feature: &str) -> bool {
        self.features.iter().any(|name| name == feature)
    }

    /// Whether `feature` is handled: it is named, or nothing is (everything of the version).
    pub fn handles(&self, feature: &str) -> bool {
        self.features.is_empty() || self.names(feature)
    }
}
