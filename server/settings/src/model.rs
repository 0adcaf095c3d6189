//! What can be set: one serde type per section. Doc comments are the text of the generated JSON schema.

use crate::auth::AuthSettings;
use crate::script::ScriptSettings;
use crate::sessions::{AgentSettings, ContextSettings, CoreSettings, SessionsSettings};
use glossator_agent::Calling;
use glossator_models::{Dialect, Price, ThinkingStyle};
use glossator_tools::{BuffersMode, Mode, Policy, ReviewMode, UserPack};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Settings of Glossator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `provider/model id`: everything after the first slash is sent to the provider exactly as written. Or the slug of
    /// a `[models.slug]` section that has an `id`.
    pub model: Option<String>,
    /// The tools a new session gets: `core`, `files`, `read-only`, `all`, or a pack of your own.
    pub pack: String,
    /// Packs of your own, by slug. A change of one holds in all sessions that began with it.
    pub packs: BTreeMap<String, UserPack>,
    /// What the agent may do without asking.
    pub policy: Policy,
    /// Who serves models, by slug. `anthropic`, `openai`, `openrouter` and `ollama` are built in.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// Where keys are stored.
    pub auth: AuthSettings,
    /// Facts and wishes about single models, by `provider/model id` or by a slug of your own.
    pub models: BTreeMap<String, ModelSettings>,
    /// How the model calls tools.
    pub tools: ToolsSettings,
    /// Limits of a turn.
    pub turn: TurnSettings,
    /// How questions to the user are asked.
    pub ask: AskSettings,
    /// How edits are reviewed.
    pub edits: EditsSettings,
    /// How commands are run.
    pub exec: ExecSettings,
    /// Whether scripts act, and their limits.
    pub script: ScriptSettings,
    /// How providers are reached.
    pub http: HttpSettings,
    /// What may be spent.
    pub budget: BudgetSettings,
    /// How sessions are stored.
    pub sessions: SessionsSettings,
    /// What the model is sent.
    pub context: ContextSettings,
    /// The process that serves all editors of a workspace.
    pub core: CoreSettings,
    /// Agents that prompts can be routed to, by slug.
    pub agents: BTreeMap<String, AgentSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            model: None,
            pack: "core".to_owned(),
            packs: BTreeMap::new(),
            policy: Policy::default(),
            providers: BUILT_IN.iter().map(BuiltIn::entry).collect(),
            auth: AuthSettings::default(),
            models: TEST_MODELS
                .iter()
                .map(|(slug, id)| ((*slug).to_owned(), ModelSettings::test(id)))
                .collect(),
            tools: ToolsSettings::default(),
            turn: TurnSettings::default(),
            ask: AskSettings::default(),
            edits: EditsSettings::default(),
            exec: ExecSettings::default(),
            script: ScriptSettings::default(),
            http: HttpSettings::default(),
            budget: BudgetSettings::default(),
            sessions: SessionsSettings::default(),
            context: ContextSettings::default(),
            core: CoreSettings::default(),
            agents: BTreeMap::new(),
        }
    }
}

/// Small models to try things with, by slug; none of them is asked to think.
const TEST_MODELS: &[(&str, &str)] = &[
    ("test-nano", "openrouter/openai/gpt-5-nano"),
    ("test-haiku", "openrouter/anthropic/claude-haiku-4.5"),
    ("test-flash", "openrouter/google/gemini-2.0-flash-001"),
];

impl ModelSettings {
    fn test(id: &str) -> ModelSettings {
        let thinking = Some(ThinkingSetting::Mode(ThinkingMode::Off));
        ModelSettings { id: Some(id.to_owned()), thinking, ..ModelSettings::default() }
    }
}

/// A provider that needs no settings but a key.
struct BuiltIn {
    slug: &'static str,
    wire: WireName,
    base_url: &'static str,
    key_env: Option<&'static str>,
}

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        slug: "anthropic",
        wire: WireName::Messages,
        base_url: "https://api.anthropic.com",
        key_env: Some("ANTHROPIC_API_KEY"),
    },
    BuiltIn {
        slug: "openai",
        wire: WireName::Responses,
        base_url: "https://api.openai.com",
        key_env: Some("OPENAI_API_KEY"),
    },
    BuiltIn {
        slug: "openrouter",
        wire: WireName::Chat,
        base_url: "https://openrouter.ai/api/v1",
        key_env: Some("OPENROUTER_API_KEY"),
    },
    BuiltIn { slug: "ollama", wire: WireName::Ollama, base_url: "http://localhost:11434", key_env: None },
];

impl BuiltIn {
    fn entry(&self) -> (String, ProviderSettings) {
        let settings = ProviderSettings {
            wire: self.wire,
            base_url: self.base_url.to_owned(),
            key_env: self.key_env.map(str::to_owned),
            ..ProviderSettings::default()
        };
        (self.slug.to_owned(), settings)
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
    /// More query parameters for every request.
    pub query: BTreeMap<String, String>,
    /// Whether scripts act where this provider is asked; wins over `script.mode`.
    pub script: Option<Mode>,
    /// How its Chat Completions differ from what is known of the provider; only the keys that are set change anything.
    #[schemars(with = "Dialect")]
    pub dialect: DialectSettings,
}

/// Keys of a [`Dialect`] that the user set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct DialectSettings {
    set: Map<String, Value>,
}

impl DialectSettings {
    /// `known` with the keys that are set.
    pub fn over(&self, known: Dialect) -> Dialect {
        let mut keys = serde_json::to_value(known).unwrap_or_default();
        if let Value::Object(keys) = &mut keys {
            keys.extend(self.set.clone());
        }
        // The keys were checked when they were read.
        serde_json::from_value(keys).unwrap_or(known)
    }
}

impl TryFrom<Map<String, Value>> for DialectSettings {
    type Error = serde_json::Error;

    fn try_from(set: Map<String, Value>) -> Result<Self, Self::Error> {
        serde_json::from_value::<Dialect>(Value::Object(set.clone()))?;
        Ok(DialectSettings { set })
    }
}

impl From<DialectSettings> for Map<String, Value> {
    fn from(settings: DialectSettings) -> Self {
        settings.set
    }
}

/// The protocols that this version speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum WireName {
    /// Anthropic Messages.
    #[default]
    Messages,
    /// OpenAI Responses.
    Responses,
    /// Chat Completions, as OpenAI and many others speak it.
    Chat,
    /// Ollama's own.
    Ollama,
}

/// Wishes and facts about one model. What is not set is taken from the built-in catalogue, or left to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// `provider/model id`, where the section's name is a slug of your own.
    pub id: Option<String>,
    /// The most tokens of an answer.
    pub max_output: Option<u32>,
    /// How the model thinks.
    pub thinking: Option<ThinkingSetting>,
    /// How hard it tries, in the provider's own words: `low`, `medium`, `high`, ...
    pub effort: Option<String>,
    /// Sampling temperature. Newer models refuse any.
    pub temperature: Option<f64>,
    /// Nucleus sampling. Newer models refuse any.
    pub top_p: Option<f64>,
    /// Tokens that prompt and answer may have together.
    pub context_window: Option<u64>,
    /// Whether it sees images.
    pub images: Option<bool>,
    /// How its thinking is asked for.
    pub thinking_style: Option<ThinkingStyle>,
    /// The effort levels it takes, least first.
    pub efforts: Option<Vec<String>>,
    /// What it costs.
    pub price: Option<PriceSettings>,
}

/// What a model costs, in US dollars per million tokens. What is not set is taken from the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct PriceSettings {
    /// Input that is neither read from nor written to a cache.
    pub input: Option<f64>,
    /// Input read from a cache.
    pub cache_read: Option<f64>,
    /// Input written to a cache.
    pub cache_write: Option<f64>,
    /// Output, reasoning included.
    pub output: Option<f64>,
    /// The day these prices are of: `2026-11-20`.
    pub as_of: Option<String>,
}

impl PriceSettings {
    /// The price with these keys over the catalogue's; `None` while input or output is unknown, since half a price would
    /// count as free.
    pub(crate) fn over(self, known: Option<Price>) -> Option<Price> {
        let known = known.as_ref();
        Some(Price {
            input: self.input.or(known.map(|price| price.input))?,
            output: self.output.or(known.map(|price| price.output))?,
            cache_read: self.cache_read.or(known.and_then(|price| price.cache_read)),
            cache_write: self.cache_write.or(known.and_then(|price| price.cache_write)),
            as_of: self.as_of.unwrap_or_else(|| "settings".to_owned()),
            ..Price::default()
        })
    }
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

/// How edits are reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct EditsSettings {
    /// `after`: edits are made at once, and each hunk waits for *keep* or *reject* (with the policies `auto-edit` and `full`
    /// it is kept at once); `before`: nothing is made before it is accepted, hunk by hunk, whatever the policy.
    pub review: ReviewMode,
}

/// How commands are run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct ExecSettings {
    /// How commands see text that is not saved: `auto`, `overlay`, `wait`, `disk` or `save`.
    pub buffers: BuffersMode,
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
    /// A proxy: `http://`, `https://`, `socks5://` or `socks5h://`. Without it the environment is asked (`HTTPS_PROXY`, ...).
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// A file with more certificates to trust, in PEM.
    pub ca_file: Option<PathBuf>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        HttpSettings {
            connect_timeout_s: 15,
            idle_timeout_s: 300,
            max_retries: 4,
            proxy: None,
            no_proxy: None,
            ca_file: None,
        }
    }
}

/// What may be spent. What is not set is not limited; money counts only where a price is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetSettings {
    /// Tokens of a turn, cached ones included.
    pub turn_tokens: Option<u64>,
    /// Tokens of a session.
    pub session_tokens: Option<u64>,
    /// US dollars of a turn.
    pub turn_usd: Option<f64>,
    /// US dollars of a session.
    pub session_usd: Option<f64>,
    /// Tokens of a day, of all sessions of this user.
    pub day_tokens: Option<u64>,
    /// US dollars of a day, of all sessions of this user.
    pub day_usd: Option<f64>,
}

/// The JSON schema of a settings file.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Settings).to_value()
}
