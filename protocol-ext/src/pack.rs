//! `glossator/packs/list` and `glossator/tools/list`: which tools there are, and in which packs.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/packs/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListPacksParams {}

/// Result of `glossator/packs/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListPacksResult {
    /// The packs, the built-in ones first.
    pub packs: Vec<Pack>,
}

/// A named choice of tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Pack {
    /// What is written in settings and in `pack`.
    pub slug: String,
    /// Names of its tools; none where there is a problem.
    pub tools: Vec<String>,
    /// Whether it comes with Glossator; `false`: it is defined in settings.
    pub built_in: bool,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub problem: Option<String>,
}

/// Parameters of `glossator/tools/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ListToolsParams {
    /// The session whose tools are meant: of one that has begun they are those of its pack, as it was begun with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// The pack; left out: that of the session, else the one in the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
}

/// Result of `glossator/tools/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListToolsResult {
    /// The pack.
    #[serde(default)]
    pub pack: String,
    /// The tools, in the order in which the model is told of them.
    pub tools: Vec<Tool>,
}

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name; dots are namespaces.
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// What it does, all of it.
    pub description: String,
    /// What a call may do to the world.
    pub effect: Effect,
    /// Its declaration in TypeScript, doc comments included.
    pub declaration: String,
}

/// What a call may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Looks only.
    Read,
    /// Changes files of the user.
    Write,
    /// Starts processes.
    Run,
    /// Reaches out to the network.
    Network,
    /// Starts other agents or model calls.
    Agent,
}
