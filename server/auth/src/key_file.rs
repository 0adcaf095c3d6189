//! Owns `credentials.json` in the config folder: the keys that the user had stored, by provider. Plain text that only the
//! user can read; never encrypted, and never said to be.

use crate::files::{self, FileError, Locked};
use crate::key::{ApiKey, AuthError};
use crate::known;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Its name.
const NAME: &str = "credentials.json";
/// Bytes of the largest that is read.
const LIMIT: u64 = 256 << 10;
/// The version that is written; one of a higher version is read and not changed.
const VERSION: u32 = 1;

/// The file of stored keys. Read anew at each use, so that a key which another process stored is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
}

/// What became of a key that was to be stored in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The file it lies in now.
    pub path: PathBuf,
    /// Where the file that was there before was moved to, if it could not be understood.
    pub aside: Option<PathBuf>,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    keys: BTreeMap<String, String>,
}

impl Drop for Content {
    fn drop(&mut self) {
        self.keys.values_mut().for_each(Zeroize::zeroize);
    }
}

impl KeyFile {
    /// The file in the user's config folder `folder`; it need not exist.
    pub fn in_folder(folder: &Path) -> KeyFile {
        KeyFile { path: folder.join(NAME) }
    }

    /// Where it is, or would be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The stored key of `provider`, as it stands there.
    ///
    /// # Errors
    /// When the file is a link, can be read by others, or cannot be understood.
    pub(crate) fn key(&self, provider: &str) -> Result<Option<String>, FileError> {
        Ok(self.read()?.keys.get(provider).cloned().filter(|key| !key.is_empty()))
    }

    /// The providers that have a stored key.
    ///
    /// # Errors
    /// When the file is a link, can be read by others, or cannot be understood.
    pub fn providers(&self) -> Result<Vec<String>, FileError> {
        Ok(self.read()?.keys.keys().cloned().collect())
    }

    /// Has all stored keys known to this process ([`crate::without_keys`]). What cannot be read has none.
    pub fn remember(&self) {
        drop(self.read());
    }

    /// Stores the key of `provider`, as a person typed or pasted it, over an earlier one; from now on it is known to this process
    /// ([`crate::without_keys`]). A file that cannot be understood is moved aside first. Waits up to 5 s for another process
    /// that stores.
    ///
    /// # Errors
    /// When it is no key, when the folder cannot be written, or the file is a link, can be read by others, or is of a newer
    /// version.
    pub fn store(&self, provider: &str, key: &str) -> Result<Filed, AuthError> {
        // Also one that is refused.
        known::remember(key);
        let key = ApiKey::given(key)?;
        let lock = files::lock(&self.path)?;
        let (mut content, aside) = match self.read() {
            Ok(content) => (content, None),
            Err(error) if error.is_broken => (Content::default(), Some(files::put_aside(&self.path)?)),
            Err(error) => return Err(error.into()),
        };
        content.keys.insert(provider.to_owned(), key.expose().to_owned());
        self.write(content, &lock)?;
        Ok(Filed { path: self.path.clone(), aside })
    }

    /// Removes the stored key of `provider`; `false`: there was none.
    ///
    /// # Errors
    /// As [`KeyFile::store`], and when the file cannot be understood.
    pub fn remove(&self, provider: &str) -> Result<bool, FileError> {
        // Nothing is made where there is nothing.
        if !self.read()?.keys.contains_key(provider) {
            return Ok(false);
        }
        let lock = files::lock(&self.path)?;
        let mut content = self.read()?;
        let Some(mut key) = content.keys.remove(provider) else { return Ok(false) };
        key.zeroize();
        match content.keys.is_empty() {
            true => files::remove(&self.path)?,
            false => self.write(content, &lock)?,
        }
        Ok(true)
    }

    fn read(&self) -> Result<Content, FileError> {
        let Some(text) = files::read_private(&self.path, LIMIT)? else { return Ok(Content::default()) };
        // The parser's own words would repeat what stands there.
        let content: Content = serde_json::from_str(&text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            let todo = "`glossator login PROVIDER` begins a new one and keeps this one beside it.";
            FileError::broken(
                &self.path,
                &format!("it is not what Glossator wrote there (at {place}). {todo}"),
            )
        })?;
        content.keys.values().for_each(|key| known::remember(key));
        Ok(content)
    }

    fn write(&self, mut content: Content, _lock: &Locked) -> Result<(), FileError> {
        if content.version > VERSION {
            let why = "it was written by a newer version of Glossator, and is not changed by this one.";
            return Err(FileError::new(&self.path, why));
        }
        content.version = VERSION;
        // Room for all of it at once, so that no copies are left behind; a byte is at most six in JSON.
        let room =
            64 + content.keys.iter().map(|(slug, key)| 16 + 6 * (slug.len() + key.len())).sum::<usize>();
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        serde_json::to_writer_pretty(&mut *bytes, &content)
            .map_err(|_| FileError::new(&self.path, "the keys could not be put into words."))?;
        bytes.push(b'\n');
        if bytes.len() as u64 > LIMIT {
            return Err(FileError::new(
                &self.path,
                "it would grow too large. Remove keys that are not needed.",
            ));
        }
        files::replace(&self.path, &bytes)
    }
}
