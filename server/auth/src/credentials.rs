//! Owns the way from a key source (so far: an environment variable) to a request header.
//! Here is the only door to the process environment for secrets; a test hands in its own lookup instead.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::key::{ApiKey, AuthError, redact};

/// Looks up one environment variable; `None` when it is not set. What is not Unicode is replaced, so it fails the check.
pub type EnvLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The lookup in the environment of this process.
#[allow(clippy::disallowed_methods, reason = "this is the door to the environment for credentials")]
pub fn process_env() -> EnvLookup {
    Arc::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

/// Where a provider's key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The environment variable of this name.
    Env(String),
    /// The provider needs no key (a model on this machine).
    None,
}

/// How a provider wants its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderStyle {
    /// `x-api-key: KEY` (Anthropic Messages).
    XApiKey,
    /// `authorization: Bearer KEY` (most others).
    Bearer,
}

/// A header ready to be sent. `Debug` shows the name only.
#[derive(Debug, Clone)]
pub struct SecretHeader {
    /// Lower-case header name.
    pub name: &'static str,
    value: SecretString,
}

impl SecretHeader {
    /// The value, for the request that is being built and nothing else. Visible ASCII and at most one space.
    pub fn expose_value(&self) -> &str {
        self.value.expose_secret()
    }
}

/// The credentials of one provider. Looks its source up at every use, so a key is never kept here.
#[derive(Clone)]
pub struct Credentials {
    source: KeySource,
    env: EnvLookup,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Credentials from `source`, read through `env` (see [`process_env`]).
    pub fn new(source: KeySource, env: EnvLookup) -> Credentials {
        Credentials { source, env }
    }

    /// Credentials for a provider that needs none.
    pub fn none() -> Credentials {
        Credentials { source: KeySource::None, env: Arc::new(|_| None) }
    }

    /// The source, to name it in messages.
    pub fn source(&self) -> &KeySource {
        &self.source
    }

    /// The variable that child processes must not inherit, if there is one.
    pub fn variable(&self) -> Option<&str> {
        match &self.source {
            KeySource::Env(name) => Some(name),
            KeySource::None => None,
        }
    }

    /// The key, or `None` for a provider that needs none.
    ///
    /// # Errors
    /// [`AuthError`] when the variable is unset, empty, or cannot be sent.
    pub fn key(&self) -> Result<Option<ApiKey>, AuthError> {
        let KeySource::Env(variable) = &self.source else {
            return Ok(None);
        };
        let raw = (self.env)(variable).unwrap_or_default();
        ApiKey::new(variable, raw).map(Some)
    }

    /// The header that carries the key, or `None` for a provider that needs none.
    ///
    /// # Errors
    /// [`AuthError`] when the variable is unset, empty, or cannot be sent.
    pub fn header(&self, style: HeaderStyle) -> Result<Option<SecretHeader>, AuthError> {
        let (name, prefix) = match style {
            HeaderStyle::XApiKey => ("x-api-key", ""),
            HeaderStyle::Bearer => ("authorization", "Bearer "),
        };
        let key = self.key()?;
        Ok(key.map(|key| SecretHeader { name, value: key.header_value(prefix) }))
    }

    /// `text` with the secret replaced by `[redacted]`, also one that is not fit to be sent. For errors, logs
    /// and tool output. Secrets under four bytes are not looked for.
    pub fn redact(&self, text: &str) -> String {
        let KeySource::Env(variable) = &self.source else {
            return text.to_owned();
        };
        let raw = (self.env)(variable).unwrap_or_default();
        redact(&redact(text, &raw), raw.trim())
    }
}
