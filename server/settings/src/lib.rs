//! Settings: layers of TOML and JSON to one checked value, and to the small configs of the crates that use them.
//! A bad key never stops anything: it is left out and reported with its file, line and what was expected.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod auth;
mod folders;
mod keys;
mod layers;
mod listing;
mod model;
mod script;
mod sessions;
mod source;
mod turn;

pub use auth::{AuthSettings, StoreSetting};
pub use folders::Folders;
pub use keys::{Environment, ProviderKey, key_file, key_stores, provider_keys};
pub use layers::{Layer, Problem, merge};
pub use listing::{KnownModel, Listing, ProviderModels, answers, model_list};
pub use model::{ModelSettings, ProviderSettings, Settings, ThinkingSetting, WireName, json_schema};
pub use script::{ConsoleSettings, ScriptSettings};
pub use sessions::{
    AgentSettings, ContextSettings, CoreSettings, FsyncSetting, OnDisconnect, SessionsSettings,
};
pub use source::{Loaded, Source};
pub use turn::{http_config, provider, turn_config};

#[cfg(test)]
mod tests;
