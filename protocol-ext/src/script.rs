//! `glossator/script/check`: what a script would be told, without running it for real.

use serde::{Deserialize, Serialize};

/// What becomes of the scripts of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum ScriptMode {
    /// They run.
    Enabled,
    /// They run with tools that check and list calls and give back placeholders; nothing has an effect.
    DryRun,
    /// They do not run.
    Disabled,
}

/// Parameters of `glossator/script/check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CheckScriptParams {
    /// The script, without its tags.
    pub source: String,
    /// The pack whose tools it has; left out: the one in the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
    /// How far to go; `check` when left out.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<CheckMode>", optional))]
    pub mode: CheckMode,
}

/// How far a script is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum CheckMode {
    /// Only whether it can be read: nothing of it runs.
    #[default]
    Check,
    /// It runs with tools that have no effect; the calls it would make are listed.
    DryRun,
}

/// Result of `glossator/script/check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CheckScriptResult {
    /// Whether nothing is wrong with it.
    pub ok: bool,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub error: Option<ScriptError>,
    /// The calls it would make, in its own order; given with `dry-run`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub calls: Option<Vec<ScriptCall>>,
    /// The whole matter as the model would read it.
    pub text: String,
}

/// What is wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ScriptError {
    /// One of the names in `docs/errors.md`.
    pub name: String,
    /// What happened, why, and what to do.
    pub message: String,
    /// Line in the script, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub line: Option<u32>,
    /// Column in the line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub column: Option<u32>,
    /// The line with a caret under the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub excerpt: Option<String>,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub hint: Option<String>,
}

/// A call that a script would make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ScriptCall {
    /// The tool.
    pub name: String,
    /// The call in one line.
    pub line: String,
    /// For people: `would run`, `would ask: ...`, `would be refused: ...` or `could not be checked: ...`.
    pub verdict: String,
}
