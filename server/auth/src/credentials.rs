//! Owns the way from the places where a key may stand to a request header, and their order.
//! Here is the only door to the process environment for secrets; a test hands in its own lookup instead.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::dotenv;
use crate::key::{ApiKey, AuthError};
use crate::key_file::KeyFile;
use crate::known;

/// Looks up one environment variable; `None` when it is not set. What is not Unicode is replaced, so it fails the check.
pub type EnvLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The lookup in the environment of this process.
#[allow(clippy::disallowed_methods, reason = "this is the door to the environment for credentials")]
pub fn process_env() -> EnvLookup {
    Arc::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

/// Where a key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The provider's environment variable.
    Environment,
    /// The file of stored keys.
    File,
    /// The same variable in the `.env` file of a trusted workspace.
    Dotenv,
}

/// Where keys are looked for, in this order.
#[derive(Clone)]
pub struct Places {
    /// The environment.
    pub env: EnvLookup,
    /// The file of stored keys.
    pub file: Option<KeyFile>,
    /// The `.env` file of a workspace that the user trusts.
    pub dotenv: Option<PathBuf>,
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

/// The credentials of one provider. Looks at all places at every use, so a key is never kept here.
#[derive(Clone)]
pub struct Credentials {
    provider: String,
    variable: Option<String>,
    places: Places,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("provider", &self.provider)
            .field("variable", &self.variable)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// The credentials of `provider`, whose key may stand in the environment variable `variable`. Without a variable it needs
    /// no key, but is sent one that was stored for it.
    pub fn new(provider: &str, variable: Option<&str>, places: Places) -> Credentials {
        Credentials { provider: provider.to_owned(), variable: variable.map(str::to_owned), places }
    }

    /// Where the key stands, or `None` for a provider that needs none and has none.
    ///
    /// # Errors
    /// [`AuthError`] when there is none, or when the first that is found cannot be sent.
    pub fn source(&self) -> Result<Option<KeySource>, AuthError> {
        Ok(self.find()?.map(|(source, _)| source))
    }

    /// The key, or `None` for a provider that needs none and has none.
    ///
    /// # Errors
    /// [`AuthError`] when there is none, or when the first that is found cannot be sent.
    pub fn key(&self) -> Result<Option<ApiKey>, AuthError> {
        Ok(self.find()?.map(|(_, key)| key))
    }

    /// The header that carries the key, or `None` for a provider that needs none and has none.
    ///
    /// # Errors
    /// [`AuthError`] when there is none, or when the first that is found cannot be sent.
    pub fn header(&self, style: HeaderStyle) -> Result<Option<SecretHeader>, AuthError> {
        let (name, prefix) = match style {
            HeaderStyle::XApiKey => ("x-api-key", ""),
            HeaderStyle::Bearer => ("authorization", "Bearer "),
        };
        let key = self.key()?;
        Ok(key.map(|key| SecretHeader { name, value: key.header_value(prefix) }))
    }

    /// Has the keys that stand in the environment and in `.env` known to this process ([`crate::without_keys`]).
    pub fn remember(&self) {
        let keys = [self.in_environment(), self.in_dotenv()];
        keys.into_iter().flatten().for_each(|(_, raw)| known::remember(&raw));
    }

    fn find(&self) -> Result<Option<(KeySource, ApiKey)>, AuthError> {
        if let Some((place, raw)) = self.in_environment() {
            known::remember(&raw);
            return Ok(Some((KeySource::Environment, ApiKey::found(&place, raw)?)));
        }
        let Some(variable) = &self.variable else {
            // A provider that needs no key is not kept from its work by a bad file.
            return Ok(self.in_file().unwrap_or_default());
        };
        if let Some(found) = self.in_file()? {
            return Ok(Some(found));
        }
        match self.in_dotenv() {
            Some((place, raw)) => {
                known::remember(&raw);
                Ok(Some((KeySource::Dotenv, ApiKey::found(&place, raw)?)))
            }
            None => Err(AuthError::Missing { provider: self.provider.clone(), variable: variable.clone() }),
        }
    }

    fn in_environment(&self) -> Option<(String, String)> {
        let variable = self.variable.as_ref()?;
        let raw = (self.places.env)(variable).filter(|raw| !raw.is_empty())?;
        Some((format!("the environment variable {variable}"), raw))
    }

    fn in_file(&self) -> Result<Option<(KeySource, ApiKey)>, AuthError> {
        let Some(file) = &self.places.file else { return Ok(None) };
        let Some(raw) = file.key(&self.provider)? else { return Ok(None) };
        Ok(Some((KeySource::File, ApiKey::found(&file.path().display().to_string(), raw)?)))
    }

    fn in_dotenv(&self) -> Option<(String, String)> {
        let (variable, path) = (self.variable.as_ref()?, self.places.dotenv.as_ref()?);
        Some((path.display().to_string(), dotenv::value(path, variable)?))
    }
}
