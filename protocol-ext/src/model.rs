//! `glossator/models/list`: the models that can be asked.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/models/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ListModelsParams {
    /// Only models of this provider; left out: of every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub provider: Option<String>,
    /// Say which model of this session is asked; left out: as the settings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
}

/// Result of `glossator/models/list`: what the settings name, the catalogue knows and the providers list. Providers are asked
/// for at most 3 s.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListModelsResult {
    /// The models, by provider; the one that is asked first.
    pub models: Vec<ModelInfo>,
    /// For people: which providers did not answer, and why.
    pub notices: Vec<String>,
}

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ModelInfo {
    /// What is written in settings: `provider/model id`.
    pub id: String,
    /// The provider's slug.
    pub provider: String,
    /// What the provider calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// Tokens that prompt and answer may have together, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub context_window: Option<u64>,
    /// The most tokens of an answer, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub max_output: Option<u64>,
    /// US dollars per million tokens of input, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub input_price: Option<f64>,
    /// US dollars per million tokens of output, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub output_price: Option<f64>,
    /// Whether it is the one that is asked now.
    pub current: bool,
    /// Whether it can be asked as things are: its provider is set up and has its key.
    pub usable: bool,
    /// For people: why it cannot be asked, or what to know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub note: Option<String>,
}
