//! Owns the API key: checked when made, hidden in debug output, wiped on drop.
//! Never says where a key comes from, and never puts one into an error.

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

/// Keys shorter than this (bytes) are not looked for in text: replacing them would eat ordinary words.
const SHORTEST_REDACTED: usize = 4;

/// An API key that can be sent in a header: one or more visible ASCII characters. `Debug` hides it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    secret: SecretString,
}

/// Why no usable key could be had. No variant and no message carries any part of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The variable is not set, or is empty.
    #[error(
        "no API key: the environment variable {variable} is not set. Set it where the editor is started \
         (for example: export {variable}=your-key) and restart the editor, or name another variable in the \
         provider's settings. `glossator demo` needs no key"
    )]
    Missing {
        /// Name of the environment variable that was looked up.
        variable: String,
    },
    /// The variable is set, but its value cannot be a header value.
    #[error(
        "the API key in the environment variable {variable} cannot be used: it contains {problem}. \
         Copy the key again, without quotes, spaces or line breaks around it, and restart the editor"
    )]
    Malformed {
        /// Name of the environment variable that was looked up.
        variable: String,
        /// What is wrong, in words, without the key.
        problem: &'static str,
    },
}

impl ApiKey {
    /// Checks `raw` as the value of the environment variable `variable`.
    ///
    /// # Errors
    /// [`AuthError::Missing`] when empty; [`AuthError::Malformed`] when any character is not visible ASCII.
    pub fn new(variable: &str, raw: String) -> Result<ApiKey, AuthError> {
        if raw.is_empty() {
            return Err(AuthError::Missing { variable: variable.to_owned() });
        }
        match problem(&raw) {
            Some(problem) => Err(AuthError::Malformed { variable: variable.to_owned(), problem }),
            None => Ok(ApiKey { secret: SecretString::from(raw) }),
        }
    }

    /// A header value: `prefix` followed by the key.
    pub(crate) fn header_value(&self, prefix: &str) -> SecretString {
        SecretString::from(format!("{prefix}{}", self.secret.expose_secret()))
    }

    /// `text` with every occurrence of the key replaced by `[redacted]`.
    pub fn redact(&self, text: &str) -> String {
        redact(text, self.secret.expose_secret())
    }
}

/// `text` with every occurrence of `secret` replaced; secrets too short to be told from words stay.
pub(crate) fn redact(text: &str, secret: &str) -> String {
    if secret.len() < SHORTEST_REDACTED {
        return text.to_owned();
    }
    let clean = text.replace(secret, REDACTED);
    // As it stands in JSON, where that is written otherwise.
    match secret.contains(['"', '\\']) {
        true => clean.replace(&secret.replace('\\', "\\\\").replace('"', "\\\""), REDACTED),
        false => clean,
    }
}

/// What makes `raw` unfit for a header, or `None`.
fn problem(raw: &str) -> Option<&'static str> {
    if raw.contains(['\n', '\r']) {
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
