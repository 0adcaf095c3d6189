//! Owns where keys are stored: the system's keyring, and the file where no keyring answers. Says in words what was done, and
//! never repeats a key.

use crate::key::{ApiKey, AuthError};
use crate::key_file::KeyFile;
use crate::keyring::Keyring;
use crate::known;
use crate::vault::Fault;
use std::collections::BTreeSet;

/// Where a key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The provider's environment variable.
    Environment,
    /// The keyring of the operating system.
    Keyring,
    /// The file of stored keys.
    File,
    /// The same variable in the `.env` file of a trusted workspace.
    Dotenv,
}

/// The places that keys are stored in, in the order in which they are tried; what is `None` is not used.
#[derive(Debug, Clone, Default)]
pub struct KeyStores {
    /// The keyring of the operating system.
    pub keyring: Option<Keyring>,
    /// The file of keys.
    pub file: Option<KeyFile>,
}

/// What became of a key that was to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies now: [`KeySource::Keyring`] or [`KeySource::File`].
    pub place: KeySource,
    /// That, for people.
    pub message: String,
}

/// What became of a stored key that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Whether there was one.
    pub removed: bool,
    /// That, for people.
    pub message: String,
}

impl KeyStores {
    /// Stores the key of `provider`, as a person typed or pasted it, over an earlier one: in the keyring where one answers,
    /// which then is the only place it lies in, else in the file. May take as long as the user needs to unlock the keyring,
    /// a minute at the most.
    ///
    /// # Errors
    /// When it is no key, and when no place takes it.
    pub fn store(&self, provider: &str, key: &str) -> Result<Stored, AuthError> {
        // Also one that is refused.
        known::remember(key);
        let key = ApiKey::given(key)?;
        let fault = match self.keyring.as_ref().map(|keyring| keyring.store(provider, key.expose())) {
            Some(Ok(())) => return Ok(self.in_keyring(provider)),
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        let Some(file) = &self.file else {
            return Err(AuthError::Keyring { fault: fault.unwrap_or_else(Fault::broken) });
        };
        let filed = file.store(provider, key.expose())?;
        let mut message = format!(
            "The key of {provider} is stored in {}, which only you can read. It is not encrypted.",
            filed.path.display()
        );
        if let Some(fault) = fault {
            message.push_str(&format!(" The keyring of the system was not used: {fault}."));
        }
        if let Some(aside) = filed.aside {
            let aside = aside.display();
            message.push_str(&format!(
                " The file that was there could not be understood; it is kept as {aside}."
            ));
        }
        Ok(Stored { place: KeySource::File, message })
    }

    fn in_keyring(&self, provider: &str) -> Stored {
        let mut message = format!("The key of {provider} is stored in the keyring of the system.");
        match self.file.as_ref().map(|file| (file.path().display(), file.remove(provider))) {
            Some((path, Ok(true))) => message.push_str(&format!(" The older one was removed from {path}.")),
            Some((_, Err(error))) => {
                message.push_str(&format!(" Whether an older one lies in the file is not known: {error}"));
            }
            Some((_, Ok(false))) | None => {}
        }
        Stored { place: KeySource::Keyring, message }
    }

    /// Removes the stored key of `provider` wherever it lies. Waits as [`KeyStores::store`] does.
    ///
    /// # Errors
    /// When the file cannot be read or written; the keyring's key is gone then all the same.
    pub fn remove(&self, provider: &str) -> Result<Removed, AuthError> {
        let mut places = Vec::new();
        let mut doubt = None;
        match self.keyring.as_ref().map(|keyring| keyring.remove(provider)) {
            Some(Ok(true)) => places.push("the keyring of the system".to_owned()),
            Some(Err(fault)) if !fault.is_absence() => doubt = Some(fault),
            _ => {}
        }
        if let Some(file) = &self.file
            && file.remove(provider)?
        {
            places.push(file.path().display().to_string());
        }
        let mut message = match places.is_empty() {
            true => format!("No key of {provider} is stored."),
            false => format!("The key of {provider} is removed from {}.", places.join(" and from ")),
        };
        if let Some(fault) = doubt {
            message.push_str(&format!(
                " The keyring of the system could not be asked: {fault}. One may still lie there."
            ));
        }
        Ok(Removed { removed: !places.is_empty(), message })
    }

    /// The providers that have a stored key: all that are in the file, and those of `asked` that are in the keyring.
    ///
    /// # Errors
    /// When the file is a link, can be read by others, or cannot be understood.
    pub fn providers(&self, asked: &[&str]) -> Result<Vec<String>, AuthError> {
        let mut found: BTreeSet<String> = match &self.file {
            Some(file) => file.providers()?.into_iter().collect(),
            None => BTreeSet::new(),
        };
        if let Some(keyring) = &self.keyring {
            let is_there = |slug: &&&str| keyring.key(slug).is_ok_and(|key| key.is_some());
            found.extend(asked.iter().filter(is_there).map(|slug| (*slug).to_owned()));
        }
        Ok(found.into_iter().collect())
    }

    /// Has all stored keys known to this process ([`crate::without_keys`]): all of the file, and those of `asked` in the
    /// keyring. Hardly waits; what cannot be read has none.
    pub fn remember(&self, asked: &[&str]) {
        self.file.iter().for_each(KeyFile::remember);
        self.keyring.iter().for_each(|keyring| keyring.remember(asked));
    }
}
