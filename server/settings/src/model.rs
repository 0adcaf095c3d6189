//! What can be set: one serde type per section. Doc comments are the text of the generated JSON schema.

use glossator_agent::Calling;
use glossator_tools::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settings of Glossator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `provider/model id`: everything after the first slash is sent to the provider exactly as written.
    pub model: Option<String>,
    /// The tools a new session gets: `core`, `files` or `read-only`.
    pub pack: String,
    /// What the agent may do without asking.
    pub policy: Policy,
    /// Who serves models, by slug. `anthropic` is built in.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// Facts and wishes about single models, by `provider/model id`.
    pub models: BTreeMap<String, ModelSettings>,
    /// How the model calls tools.
    pub tools: ToolsSettings,
    /// Limits of a turn.
    pub turn: TurnSettings,
    /// How questions to the user are asked.
    pub ask: AskSettings,
    /// Limits of scripts.
    pub script: ScriptSettings,
    /// How providers are reached.
    pub http: HttpSettings,
}

impl Default for Settings {
    fn default() -> Self {
        let anthropic = ProviderSettings {
            wire: WireName::Messages,
            base_url: "https://api.anthropic.com".to_owned(),
            key_env: Some("ANTHROPIC_API_KEY".to_owned()),
            headers: BTreeMap::new(),
        };
        Settings {
            model: None,
            pack: "core".to_owned(),
            policy: Policy::default(),
            providers: BTreeMap::from([("anthropic".to_owned(), anthropic)]),
            models: BTreeMap::new(),
            tools: ToolsSettings::default(),
            turn: TurnSettings::default(),
            ask: AskSettings::default(),
            script: ScriptSettings::default(),
            http: HttpSettings::default(),
        }
    }
}

/// Someone who serves models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// The protocol it speaks.
    pub wire: WireName,
    /// Its address, without the path of the protocol: `https://api.anthropic.com`.
    pub base_url: String,
    /// The environment variable that holds the key. Without one, requests carry no key.
    pub key_env: Option<String>,
    /// More headers for every request.
    pub headers: BTreeMap<String, String>,
}

/// The protocols that this version speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum WireName {
    /// Anthropic Messages.
    #[default]
    Messages,
}

/// Wishes about one model. What is not set is left to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// The most tokens of an answer.
    pub max_output: Option<u32>,
    /// How the model thinks.
    pub thinking: Option<ThinkingSetting>,
    /// How hard it tries, in the provider's own words: `low`, `medium`, `high`, ...
    pub effort: Option<String>,
    /// Sampling temperature. Newer models refuse any.
    pub temperature: Option<f64>,
}

/// How a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ThinkingSetting {
    /// `"off"` or `"adaptive"`.
    Mode(ThinkingMode),
    /// The most tokens it may think, for older models (at least 1024).
    Budget(u32),
}

/// Whether a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ThinkingMode {
    /// Not at all.
    Off,
    /// As much as it finds right.
    Adaptive,
}

/// How the model calls tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ToolsSettings {
    /// `script`: by `<tool-calls>` blocks; `native`: by the provider's own tool calls; `both`.
    pub calling: Calling,
}

/// Limits of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TurnSettings {
    /// Model requests at the most.
    pub max_rounds: u32,
    /// Identical rounds in a row after which the turn is paused.
    pub max_repeats: u32,
}

impl Default for TurnSettings {
    fn default() -> Self {
        TurnSettings { max_rounds: 50, max_repeats: 3 }
    }
}

/// How questions to the user are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct AskSettings {
    /// Seconds after which an open question counts as refused; without it, questions wait as long as their turn.
    pub timeout_s: Option<u64>,
}

/// Limits of scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScriptSettings {
    /// Seconds of the script's own running; waiting for tools does not count.
    pub wall_s: u64,
    /// Seconds of processor time.
    pub cpu_s: u64,
    /// Megabytes (2^20 bytes) of memory.
    pub memory_mb: usize,
    /// Tool calls of one script.
    pub max_calls: u32,
    /// Tool calls at once.
    pub max_concurrent_calls: usize,
}

impl Default for ScriptSettings {
    fn default() -> Self {
        let limits = glossator_script::Limits::default();
        ScriptSettings {
            wall_s: limits.wall.as_secs(),
            cpu_s: limits.cpu.as_secs(),
            memory_mb: limits.memory_bytes >> 20,
            max_calls: limits.calls,
            max_concurrent_calls: limits.concurrent_calls,
        }
    }
}

/// How providers are reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Seconds to connect.
    pub connect_timeout_s: u64,
    /// Seconds without a byte after which a connection counts as dead.
    pub idle_timeout_s: u64,
    /// How often a failed request is sent again.
    pub max_retries: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        HttpSettings { connect_timeout_s: 15, idle_timeout_s: 300, max_retries: 4 }
    }
}

/// The JSON schema of a settings file.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Settings).to_value()
}
