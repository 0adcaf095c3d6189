//! Whom to ask: a provider as settings describe it, and headers that must not be shown. Never the way to send them.

use crate::{Dialect, ErrorKind, ModelError, Wire};
use reqwest::header::HeaderValue;
use std::fmt;
use std::sync::Arc;

/// Gives the headers that prove who asks, name and value. Called before every attempt, so that a refreshed token is
/// used; must be quick. The error is shown to the user as it is: it says what is missing and how to provide it.
pub type Auth = Arc<dyn Fn() -> Result<Vec<(String, SecretHeader)>, String> + Send + Sync>;

/// A header value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHeader(HeaderValue);

impl SecretHeader {
    /// Wraps a value. White space around it is dropped, as keys are often pasted with a line end.
    ///
    /// # Errors
    /// When the value holds characters that a header cannot carry; the message does not repeat it.
    pub fn new(value: &str) -> Result<Self, String> {
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| {
            "The key holds characters that cannot be sent (a line break or a control character). Set it again.".to_owned()
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// `text` without the value, also where it stands without its scheme (`Bearer ...`).
    pub(crate) fn hide_in(&self, text: &str) -> String {
        let whole = self.0.to_str().unwrap_or_default();
        let bare = whole.rsplit(' ').next().unwrap_or_default();
        // A short one would tear up words.
        if bare.len() < 6 { text.to_owned() } else { text.replace(bare, "(hidden)") }
    }

    /// The value for the transport.
    pub(crate) fn value(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for SecretHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHeader(hidden)")
    }
}

/// Someone who serves models.
#[derive(Clone)]
pub struct Provider {
    /// The name in the settings (`anthropic`).
    pub slug: String,
    /// How it is spoken to.
    pub wire: Wire,
    /// Address without the wire's own path: `https://api.anthropic.com`; a slash or `/v1` at its end does no harm.
    pub base_url: String,
    /// More headers; they replace the wire's own of the same name.
    pub headers: Vec<(String, String)>,
    /// Parameters added to every address (`api-version`).
    pub query: Vec<(String, String)>,
    /// How its Chat Completions differ from the plain ones.
    pub dialect: Dialect,
    /// Gives the headers with the key.
    pub auth: Auth,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither header values nor the address and its parameters: people put keys into all of them.
        f.debug_struct("Provider").field("slug", &self.slug).field("wire", &self.wire).finish_non_exhaustive()
    }
}

impl Provider {
    /// The address of `path` at this provider.
    pub(crate) fn url(&self, path: &str) -> Result<reqwest::Url, ModelError> {
        let base = self.base_url.trim().trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base);
        // An address with a version of its own (`.../v1beta/openai`) is not given another.
        let path = path
            .strip_prefix("/v1")
            .filter(|_| self.takes_versions() && names_a_version(base))
            .unwrap_or(path);
        let mut url = reqwest::Url::parse(&format!("{base}{path}"))
            .map_err(|error| self.bad_url(&format!("is not a valid address ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(self.bad_url("does not begin with http:// or https://"));
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// Whether servers of its wire are found below versions of all kinds.
    fn takes_versions(&self) -> bool {
        matches!(self.wire, Wire::Chat | Wire::Responses)
    }

    fn bad_url(&self, why: &str) -> ModelError {
        let message = format!(
            "The base_url of provider '{0}' {why}. Correct [providers.{0}] in the settings.",
            self.slug
        );
        ModelError::new(ErrorKind::Invalid, message)
    }
}

/// Whether one of the last two parts of the path is a version: `v4`, `v1beta/openai`.
fn names_a_version(base: &str) -> bool {
    let path = base.split_once("://").map_or(base, |(_, rest)| rest);
    path.split('/').skip(1).collect::<Vec<_>>().iter().rev().take(2).any(|part| {
        part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::names_a_version;

    #[test]
    fn versions_in_addresses() {
        let check = |base: &str, expected| assert_eq!(names_a_version(base), expected, "{base}");
        check("https://generativelanguage.googleapis.com/v1beta/openai", true);
        check("https://api.z.ai/api/paas/v4", true);
        check("https://api.openai.com", false);
        check("https://openrouter.ai/api", false);
        check("https://v1.example.org/vision", false);
        check("http://localhost:8000", false);
        check("https://gateway.example.org/v2/teams/blue", false);
    }
}
