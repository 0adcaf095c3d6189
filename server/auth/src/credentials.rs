//! Owns the way from the places where a key may stand to a request header, and their order.
//! Here is the only door to the process environment for secrets; a test hands in its own lookup instead.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::dotenv;
use crate::key::{ApiKey, AuthError};
use crate::key_stores::{KeySource, KeyStores};
use crate::known;

/// Looks up one environment variable; `None` when it is not set. What is not Unicode is replaced, so it fails the check.
pub type EnvLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The lookup in the environment of this process.
#[allow(clippy::disallowed_methods, reason = "this is the door to the environment for credentials")]
pub fn process_env() -> EnvLookup {
    Arc::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

/// Where keys are looked for, in this order.
#[derive(Clone)]
pub struct Places {
    /// The environment.
    pub env: EnvLookup,
    /// Where keys are stored.
    pub stores: KeyStores,
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

/// The credentials of one provider. Looks at all places at every use, so a key is never kept here. A look may wait for the
/// keyring, 2 s at the most, and only once where that does not answer.
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
        let mut note = String::new();
        match self.in_keyring() {
            Ok(Some(found)) => return Ok(Some(found)),
            Err(AuthError::Keyring { fault }) if !fault.is_absence() => {
                note = format!(" The keyring of the system could not be asked: {fault}.");
            }
            Err(AuthError::Keyring { .. }) | Ok(None) => {}
            Err(error) => return Err(error),
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
            None => {
                Err(AuthError::Missing { provider: self.provider.clone(), variable: variable.clone(), note })
            }
        }
    }

    fn in_keyring(&self) -> Result<Option<(KeySource, ApiKey)>, AuthError> {
        let Some(keyring) = &self.places.stores.keyring else { return Ok(None) };
        let raw = keyring.key(&self.provider).map_err(|fault| AuthError::Keyring { fault })?;
        let Some(raw) = raw else { return Ok(None) };
        let key = ApiKey::found("the keyring of the system", raw.expose_secret().to_owned())?;
        Ok(Some((KeySource::Keyring, key)))
    }

    fn in_environment(&self) -> Option<(String, String)> {
        let variable = self.variable.as_ref()?;
        let raw = (self.places.env)(variable).filter(|raw| !raw.is_empty())?;
        Some((format!("the environment variable {variable}"), raw))
    }

    fn in_file(&self) -> Result<Option<(KeySource, ApiKey)>, AuthError> {
        let Some(file) = &self.places.stores.file else { return Ok(None) };
        let Some(raw) = file.key(&self.provider)? else { return Ok(None) };
        Ok(Some((KeySource::File, ApiKey::found(&file.path().display().to_string(), raw)?)))
    }

    fn in_dotenv(&self) -> Option<(String, String)> {
        let (variable, path) = (self.variable.as_ref()?, self.places.dotenv.as_ref()?);
        Some((path.display().to_string(), dotenv::value(path, variable)?))
    }
}
