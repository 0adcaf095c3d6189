//! A provider's own error report: read leniently from whatever it sent, told to people with what to do next.
//! Knows no sockets and no retry timing.

use crate::retry;
use crate::{ErrorKind, ModelError};
use serde_json::Value;

/// Longest piece of a provider's words that is shown, in characters.
const LONGEST_QUOTE: usize = 600;

/// `error.type` of Messages and its relatives: kind, and whether the same request may succeed later.
const TYPES: &[(&str, ErrorKind, bool)] = &[
    ("invalid_request_error", ErrorKind::Invalid, false),
    ("authentication_error", ErrorKind::Auth, false),
    ("billing_error", ErrorKind::Billing, false),
    ("permission_error", ErrorKind::Permission, false),
    ("not_found_error", ErrorKind::NotFound, false),
    ("request_too_large", ErrorKind::TooLong, false),
    ("conflict_error", ErrorKind::Overloaded, true),
    ("rate_limit_error", ErrorKind::RateLimited, true),
    ("timeout_error", ErrorKind::Overloaded, true),
    ("api_error", ErrorKind::Overloaded, true),
    ("overloaded_error", ErrorKind::Overloaded, true),
];

/// HTTP status, first and last: kind, where the type says nothing.
const STATUSES: &[(u16, u16, ErrorKind)] = &[
    (300, 400, ErrorKind::Invalid),
    (401, 401, ErrorKind::Auth),
    (402, 402, ErrorKind::Billing),
    (403, 403, ErrorKind::Permission),
    (404, 404, ErrorKind::NotFound),
    (408, 409, ErrorKind::Overloaded),
    (413, 413, ErrorKind::TooLong),
    (429, 429, ErrorKind::RateLimited),
    (500, 599, ErrorKind::Overloaded),
];

/// Words by which providers say that a prompt does not fit.
const TOO_LONG: &[&str] = &[
    "prompt is too long",
    "exceed context limit",
    "maximum context length",
    "context window",
    "context_length_exceeded",
];

/// Kind: what the provider did, and what to do next (`{provider}` and `{model}` are filled in).
const WORDS: &[(ErrorKind, &str, &str)] = &[
    (
        ErrorKind::Auth,
        "refused the key",
        "Check the key: the variable that key_env in [providers.{provider}] of the settings names.",
    ),
    (
        ErrorKind::Billing,
        "wants credit or a higher spending limit",
        "Look at the account's credit and limits.",
    ),
    (
        ErrorKind::Permission,
        "does not allow this with this key",
        "Use another key or model, or ask whoever manages the account.",
    ),
    (
        ErrorKind::NotFound,
        "does not know the model or the address",
        "Check the model id ('{model}') and the base_url of provider '{provider}' in the settings.",
    ),
    (ErrorKind::TooLong, "finds the prompt too long", "Start a new session or mention less."),
    (ErrorKind::RateLimited, "asks to slow down", "Wait a little and ask again."),
    (ErrorKind::Overloaded, "is overloaded or has a failure of its own", "Ask again later."),
    (
        ErrorKind::Invalid,
        "refused the request",
        "If thinking, effort or temperature is set for this model, try without it.",
    ),
    (ErrorKind::Stream, "broke off its answer", "Ask again."),
];

/// What a provider said about a failure.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ProviderError {
    /// Whether the text was an error report at all.
    pub is_report: bool,
    kind: Option<String>,
    /// The stable code, where there is one.
    pub code: Option<String>,
    message: String,
    request_id: Option<String>,
}

/// Where an error came from.
pub(crate) struct Origin<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    /// `None` inside an answer that had begun well.
    pub status: Option<u16>,
}

impl ProviderError {
    /// Reads a body of any shape.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self { message: plain_text(&String::from_utf8_lossy(body)), ..Self::default() };
        };
        let error = &json["error"];
        let text = |value: &Value| match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let message =
            [&error["message"], error, &json["message"], &json["detail"]].into_iter().find_map(text);
        Self {
            is_report: !error.is_null() || json["type"] == "error",
            kind: text(&error["type"]),
            code: text(&error["details"]["error_code"]).or_else(|| text(&error["code"])),
            message: shorten(&message.unwrap_or_else(|| json.to_string())),
            request_id: text(&json["request_id"]),
        }
    }

    /// The error of an answer that had begun: no status tells more.
    pub(crate) fn in_stream(self) -> ModelError {
        let status =
            self.code.as_ref().and_then(|code| code.parse().ok()).filter(|code| (400..600).contains(code));
        let (kind, retryable) = match (self.known_type(), status) {
            (Some((kind, retryable)), _) => (kind, retryable && !retry::is_final(self.code.as_deref())),
            (None, Some(status)) => (of_status(status), retry::is_retryable(status, None, None)),
            (None, None) => (ErrorKind::Stream, true),
        };
        let origin = Origin { provider: "", model: "", status: None };
        self.into_error(kind, retryable, &origin)
    }

    /// The error of an answer with an HTTP error status.
    pub(crate) fn answered(self, status: u16, should_retry: Option<bool>, origin: &Origin<'_>) -> ModelError {
        let kind = self.known_type().map_or_else(|| of_status(status), |(kind, _)| kind);
        let retryable = retry::is_retryable(status, should_retry, self.code.as_deref());
        self.into_error(kind, retryable, origin)
    }

    fn known_type(&self) -> Option<(ErrorKind, bool)> {
        let kind = self.kind.as_deref()?;
        TYPES.iter().find(|(name, ..)| *name == kind).map(|(_, kind, retryable)| (*kind, *retryable))
    }

    fn into_error(self, kind: ErrorKind, retryable: bool, origin: &Origin<'_>) -> ModelError {
        let lower = self.message.to_lowercase();
        let kind = match kind {
            ErrorKind::Invalid if TOO_LONG.iter().any(|words| lower.contains(words)) => ErrorKind::TooLong,
            _ if retry::is_final(self.code.as_deref()) => ErrorKind::Billing,
            kind => kind,
        };
        let (_, did, next) =
            WORDS.iter().find(|(known, ..)| *known == kind).unwrap_or(&WORDS[WORDS.len() - 1]);
        let who = match origin.provider {
            "" => "The provider".to_owned(),
            slug => format!("Provider '{slug}'"),
        };
        let status = origin.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
        let own = self.message.trim_end_matches('.');
        let own = if own.is_empty() { "it gave no reason" } else { own };
        let next = match origin.provider {
            "" if next.contains('{') => "Check the settings of this provider.".to_owned(),
            slug => next.replace("{provider}", slug).replace("{model}", origin.model),
        };
        let message = format!("{who} {did}{status}: {own}. {next}");
        ModelError { kind, message, request_id: self.request_id, retryable }
    }
}

fn of_status(status: u16) -> ErrorKind {
    let row = STATUSES.iter().find(|(first, last, _)| (*first..=*last).contains(&status));
    row.map_or(ErrorKind::Invalid, |(_, _, kind)| *kind)
}

/// The words of a body that is no JSON; of an HTML page its title.
fn plain_text(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let length = lower[start..].find("</title>")?;
        Some(&body[start..start + length])
    });
    match title {
        Some(title) => shorten(&format!("it sent a web page, \"{}\"", title.trim())),
        None if lower.trim_start().starts_with('<') => "it sent a web page".to_owned(),
        None => shorten(body),
    }
}

fn shorten(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}
