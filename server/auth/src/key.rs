//! Owns the API key: checked when made, hidden in debug output, wiped on drop.
//! Never says where a key comes from, and never puts one into an error.

use crate::files::FileError;
use crate::vault::Fault;
use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// Keys shorter than this (bytes) are not looked for in text: replacing them would eat ordinary words.
pub(crate) const SHORTEST_REDACTED: usize = 4;

/// How deep in JSON that is a text of JSON a secret is looked for.
const NESTED: usize = 3;

/// Bytes of the longest key; far above any real one.
const LONGEST: usize = 8 << 10;

/// An API key that can be sent in a header: one or more visible ASCII characters. `Debug` hides it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    secret: SecretString,
}

/// Why no usable key could be had. No variant and no message carries any part of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// There is none anywhere.
    #[error(
        "There is no API key for {provider}. Store one with the command glossator.login in the editor, or with `glossator \
         login {provider}` in a terminal: the next prompt finds it. Or set the variable {variable} where the editor is \
         started (export {variable}=your-key) and restart the editor. `glossator demo` needs no key.{note}"
    )]
    Missing {
        /// The provider's slug.
        provider: String,
        /// Name of the environment variable that was looked up.
        variable: String,
        /// More to know, with a blank before it; may be empty.
        note: String,
    },
    /// There is one, but it cannot be a header value.
    #[error(
        "The API key in {place} cannot be used: it contains {problem}. Copy the key again, without quotes, spaces or line \
         breaks around it; after a change of the environment restart the editor."
    )]
    Malformed {
        /// Where it was found: `the environment variable X`, or a file.
        place: String,
        /// What is wrong, in words, without the key.
        problem: &'static str,
    },
    /// What was given to be stored is no key.
    #[error("This is no API key: it {problem}. Copy the key again, alone and whole. Nothing was stored.")]
    Unfit {
        /// What is wrong, in words, without the key.
        problem: String,
    },
    /// The keyring did not take the key, and nothing else may.
    #[error(
        "The key was not stored: {fault}. With auth.store = \"keyring\" keys lie in the keyring of the system only; unlock or \
         start it, or set auth.store to \"auto\"."
    )]
    Keyring {
        /// Why it did not.
        fault: Fault,
    },
    /// The file of keys cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ApiKey {
    /// Checks `raw`, which was found in `place` ("the environment variable X").
    ///
    /// # Errors
    /// [`AuthError::Malformed`] when any character is not visible ASCII, or when there is none.
    pub(crate) fn found(place: &str, raw: String) -> Result<ApiKey, AuthError> {
        match problem(&raw) {
            Some(problem) => Err(AuthError::Malformed { place: place.to_owned(), problem }),
            None => Ok(ApiKey { secret: SecretString::from(raw) }),
        }
    }

    /// Checks `raw`, which a person typed or pasted; blanks and line ends around it do not count.
    ///
    /// # Errors
    /// [`AuthError::Unfit`] when there is nothing, when any character is not visible ASCII, or above 8 KiB.
    pub(crate) fn given(raw: &str) -> Result<ApiKey, AuthError> {
        let key = raw.trim();
        let unfit = |problem: String| Err(AuthError::Unfit { problem });
        if key.len() > LONGEST {
            return unfit(format!("has {} bytes, at most {LONGEST} can be stored", key.len()));
        }
        match problem(key) {
            Some(problem) => unfit(format!("contains {problem}")),
            None => Ok(ApiKey { secret: SecretString::from(key) }),
        }
    }

    /// A header value: `prefix` followed by the key.
    pub(crate) fn header_value(&self, prefix: &str) -> SecretString {
        SecretString::from(format!("{prefix}{}", self.secret.expose_secret()))
    }

    /// The key, to be stored.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// `text` with every occurrence of `secret` replaced; secrets too short to be told from words stay.
pub(crate) fn redact(text: String, secret: &str) -> String {
    if secret.len() < SHORTEST_REDACTED {
        return text;
    }
    let without = |text: String, secret: &str| match text.contains(secret) {
        true => text.replace(secret, REDACTED),
        false => text,
    };
    let mut clean = without(text, secret);
    if secret.contains(['"', '\\']) {
        // As it stands in JSON, and in JSON in JSON, where that is written otherwise.
        let mut written = secret.to_owned();
        for _ in 0..NESTED {
            written = written.replace('\\', "\\\\").replace('"', "\\\"");
            clean = without(clean, &written);
        }
    }
    clean
}

/// What makes `raw` unfit for a header, or `None`.
fn problem(raw: &str) -> Option<&'static str> {
    if raw.is_empty() {
        Some("nothing")
    } else if raw.contains(['\n', '\r']) {
        Some("a line break")
    } else if raw.contains(char::is_whitespace) {
        Some("white space")
    } else if !raw.is_ascii() {
        Some("a character outside ASCII")
    } else if raw.contains(|c: char| c.is_ascii_control()) {
        Some("a control character")
    } else {
        None
    }
}
