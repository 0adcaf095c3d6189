//! `glossator/auth/...`: signing in. Keys travel to the server here and never back.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/auth/status`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AuthStatusParams {}

/// Result of `glossator/auth/status`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AuthStatusResult {
    /// The providers, the one of the model that is asked first.
    pub providers: Vec<AuthProvider>,
    /// Whether the model that is asked can be asked.
    pub ready: bool,
    /// All of this for people: what is ready, and else what to do next.
    pub message: String,
}

/// How one provider stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthProvider {
    /// Its slug.
    pub id: String,
    /// The protocol that is spoken with it: `responses`, `chat`, `messages` or `ollama`.
    pub wire: String,
    /// Where it is asked.
    pub base_url: String,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// Whether it can be asked as things are.
    pub ready: bool,
    /// Where its key comes from; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub source: Option<KeySource>,
    /// The environment variable that its key may stand in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub key_env: Option<String>,
    /// For people: what to do for it to be ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub next: Option<String>,
}

/// What is missing for a turn to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Missing {
    /// A model that can be asked: none is chosen, or its provider is not set up.
    NoModel,
    /// A key that the model's provider takes.
    NoKey,
}

/// `data` of the error where a turn cannot begin for want of a model or a key: answers to `glossator/turn/start` and
/// `glossator/turn/steer`, and to commands of clients with the feature `turns`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RefusedData {
    /// What is missing.
    pub kind: Missing,
    /// That in one sentence for people; it names no command.
    pub message: String,
    /// The provider that wants a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub provider: Option<String>,
    /// How things stand.
    pub sign_in: AuthStatusResult,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum KeySource {
    /// An environment variable.
    Environment,
    /// The keyring of the operating system.
    Keyring,
    /// Glossator's own file of keys.
    File,
    /// A command that the settings name.
    Settings,
    /// A `.env` file.
    Dotenv,
}

/// Parameters of `glossator/auth/login`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LoginParams {
    /// The provider's slug.
    pub provider: String,
    /// Its key; left out: the answer's `message` lists the ways to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub key: Option<String>,
}

/// Names the provider and whether there is a key, never the key.
impl std::fmt::Debug for LoginParams {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|_| "(a key)");
        out.debug_struct("LoginParams").field("provider", &self.provider).field("key", &key).finish()
    }
}

/// Result of `glossator/auth/login`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LoginResult {
    /// The provider.
    pub provider: String,
    /// Where the key was stored: `keyring` or `file`; left out where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub stored: Option<KeySource>,
    /// Whether the provider can be asked now.
    pub ready: bool,
    /// For people: what was done, or which ways there are.
    pub message: String,
}

/// Parameters of `glossator/auth/logout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LogoutParams {
    /// The provider's slug.
    pub provider: String,
}

/// Result of `glossator/auth/logout`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LogoutResult {
    /// Whether there was a stored key.
    pub removed: bool,
    /// For people: what was done, and whether a key is still found elsewhere.
    pub message: String,
}
