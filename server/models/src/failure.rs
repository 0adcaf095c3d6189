//! A provider's own error report: read leniently from whatever it sent, told to people with what to do next.
//! Knows no sockets and no retry timing.

use crate::retry;
use crate::{ErrorKind, ModelError};
use serde_json::Value;

/// Longest piece of a provider's words that is shown, in characters.
const LONGEST_QUOTE: usize = 600;

/// What providers call a failure, in `code`, `type` or elsewhere: kind, and whether the same request may succeed later.
const NAMES: &[(&str, ErrorKind, bool)] = &[
    // Messages
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
    ("organization_on_hold", ErrorKind::Permission, false),
    // OpenAI
    ("context_length_exceeded", ErrorKind::TooLong, false),
    ("invalid_api_key", ErrorKind::Auth, false),
    ("invalid_token", ErrorKind::Auth, false),
    ("model_not_found", ErrorKind::NotFound, false),
    ("unsupported_country_region_territory", ErrorKind::Permission, false),
    ("rate_limit_exceeded", ErrorKind::RateLimited, true),
    ("server_error", ErrorKind::Overloaded, true),
    ("server_is_overloaded", ErrorKind::Overloaded, true),
    ("slow_down", ErrorKind::Overloaded, true),
    ("invalid_encrypted_content", ErrorKind::Thinking, false),
    ("invalid_prompt", ErrorKind::Invalid, false),
    ("bio_policy", ErrorKind::Permission, false),
    ("cyber_policy", ErrorKind::Permission, false),
    ("misalignment_policy_violation", ErrorKind::Permission, false),
    // OpenRouter
    ("provider_overloaded", ErrorKind::Overloaded, true),
    ("provider_unavailable", ErrorKind::Overloaded, true),
    ("timeout", ErrorKind::Overloaded, true),
    ("payment_required", ErrorKind::Billing, false),
    ("content_policy_violation", ErrorKind::Permission, false),
    ("refusal", ErrorKind::Permission, false),
    ("invalid_request", ErrorKind::Invalid, false),
    // llama.cpp and vLLM
    ("exceed_context_size_error", ErrorKind::TooLong, false),
    ("BadRequestError", ErrorKind::Invalid, false),
    ("NotFoundError", ErrorKind::NotFound, false),
];

/// HTTP status, first and last: kind, where the type says nothing.
const STATUSES: &[(u16, u16, ErrorKind)] = &[
    (300, 400, ErrorKind::Invalid),
    (401, 401, ErrorKind::Auth),
    (402, 402, ErrorKind::Billing),
    (403, 403, ErrorKind::Permission),
    (404, 404, ErrorKind::NotFound),
    (407, 407, ErrorKind::Network),
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
    "available context size",
    "the context length",
];

/// Words by which providers say of a request that they do not know its model.
const UNKNOWN_MODEL: &[&str] =
    &["is not a valid model", "unknown model", "no such model", "model not found", "invalid model id"];

/// Words by which providers refuse thinking that goes back to them, without the marks around names.
const FOREIGN_THINKING: &[&str] =
    &["invalid signature in thinking block", "invalid signature in redacted_thinking block"];

/// What stands in place of a call's arguments where the output limit cut the answer.
pub(crate) const CUT: &str =
    "the answer was cut at the output limit, so this call was not made; make it again, with less at once";

/// What to do when a request is refused that asks for something a model may not take.
const UNTUNE: &str = "If thinking, effort or temperature is set for this model, try without it.";

/// Where a body says so.
const TUNING: &[&str] = &[
    "/thinking",
    "/think",
    "/reasoning",
    "/reasoning_effort",
    "/chat_template_kwargs",
    "/output_config/effort",
    "/temperature",
    "/top_p",
    "/options/temperature",
    "/options/top_p",
];

/// Kind: what the provider did, and what to do next (`{provider}` and `{model}` are filled in).
const WORDS: &[(ErrorKind, &str, &str)] = &[
    (
        ErrorKind::Auth,
        "refused the key",
        "Check the key: `glossator login {provider}`, or signing in from the editor, stores another one; a key in the variable that \
         key_env in [providers.{provider}] of the settings names comes before it.",
    ),
    (
        ErrorKind::Billing,
        "wants credit or a higher spending limit",
        "Look at the account's credit and limits.",
    ),
    (
        ErrorKind::Permission,
        "does not allow this",
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
    (ErrorKind::Invalid, "refused the request", "Change what it names, or ask another model."),
    (
        ErrorKind::Thinking,
        "refuses the session's earlier thinking (was it made with another key or for another organisation?)",
        "Glossator sends the conversation again without it.",
    ),
    (
        ErrorKind::Network,
        "is behind a proxy that refused",
        "Check the proxy's address and password (HTTPS_PROXY, or proxy in [http] of the settings).",
    ),
    (ErrorKind::Stream, "broke off its answer", "Ask again."),
];

/// What a provider said about a failure.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ProviderError {
    /// Whether the text was an error report at all.
    pub is_report: bool,
    /// What it calls the failure, the most telling name first.
    names: Vec<String>,
    message: String,
    request_id: Option<String>,
    /// Whether the request asked for thinking, effort or sampling.
    tuned: bool,
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
        let (error, is_report) = report(&json);
        let names = [
            &error["details"]["error_code"],
            &error["code"],
            &error["metadata"]["error_type"],
            &json["detail"]["error_code"],
            &error["type"],
        ];
        let message = [&error["message"], error, &json["message"], &json["detail"]]
            .into_iter()
            .chain([&json["detail"]["message"], &json["detail"][0]["msg"]])
            .find_map(word);
        let message = message.unwrap_or_else(|| json.to_string());
        Self {
            is_report,
            names: names.into_iter().filter_map(word).collect(),
            message: shorten(&upstream(error).map_or(message.clone(), |more| format!("{message} ({more})"))),
            request_id: word(&json["request_id"]),
            tuned: false,
        }
    }

    /// With what the `body` of the refused request asked for.
    pub(crate) fn of_request(self, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let tuned = TUNING.iter().any(|pointer| body.pointer(pointer).is_some());
        Self { tuned, ..self }
    }

    /// The error of an answer that had begun: no status tells more.
    pub(crate) fn in_stream(self) -> ModelError {
        let status = self.names.iter().find_map(|name| name.parse().ok());
        let status = status.filter(|status| (400..600).contains(status));
        let (kind, retryable) = match (self.known(), status) {
            (Some(known), _) => known,
            (None, Some(status)) => (of_status(status), retry::is_retryable(status, None, None)),
            (None, None) => (ErrorKind::Stream, true),
        };
        let retryable = retryable && self.final_code().is_none();
        let origin = Origin { provider: "", model: "", status: None };
        self.into_error(kind, retryable, &origin)
    }

    /// The error of an answer with an HTTP error status.
    pub(crate) fn answered(self, status: u16, should_retry: Option<bool>, origin: &Origin<'_>) -> ModelError {
        let kind = match self.known() {
            // Some say that of every request that they do not serve.
            Some((ErrorKind::Invalid, _)) | None => of_status(status),
            Some((kind, _)) => kind,
        };
        let retryable = retry::is_retryable(status, should_retry, self.final_code());
        self.into_error(kind, retryable, origin)
    }

    fn known(&self) -> Option<(ErrorKind, bool)> {
        let row = |name: &String| NAMES.iter().find(|(known, ..)| known == name);
        self.names.iter().find_map(row).map(|(_, kind, retryable)| (*kind, *retryable))
    }

    /// The name of a limit that waiting does not lift.
    fn final_code(&self) -> Option<&str> {
        self.names.iter().map(String::as_str).find(|name| retry::is_final(Some(name)))
    }

    fn into_error(self, kind: ErrorKind, retryable: bool, origin: &Origin<'_>) -> ModelError {
        let kind = match kind {
            ErrorKind::Invalid => refusal(&self.message),
            _ if self.final_code().is_some() => ErrorKind::Billing,
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
        let next = if kind == ErrorKind::Invalid && self.tuned { UNTUNE } else { next };
        let next = match origin.provider {
            "" if next.contains('{') => "Check the settings of this provider.".to_owned(),
            slug => next.replace("{provider}", slug).replace("{model}", origin.model),
        };
        let message = format!("{who} {did}{status}: {own}. {next}");
        ModelError { kind, message, request_id: self.request_id, retryable }
    }
}

/// What a refused request was refused for, by the provider's words.
fn refusal(message: &str) -> ErrorKind {
    let lower = message.to_lowercase().replace(['`', '\'', '"'], "");
    let says = |table: &[&str]| table.iter().any(|words| lower.contains(words));
    let no_model = lower.contains("model") && lower.contains("does not exist");
    match () {
        () if says(TOO_LONG) => ErrorKind::TooLong,
        () if says(FOREIGN_THINKING) => ErrorKind::Thinking,
        () if no_model || says(UNKNOWN_MODEL) => ErrorKind::NotFound,
        () => ErrorKind::Invalid,
    }
}

/// Where the report stands within `json`, and whether there is one: on its own (`error`), in a failed response, or flat.
fn report(json: &Value) -> (&Value, bool) {
    let nested = [&json["error"], &json["response"]["error"]].into_iter().find(|error| !error.is_null());
    match nested {
        Some(error) => (error, true),
        None if json["type"] == "error" || json["object"] == "error" => (json, true),
        None => (&json["error"], false),
    }
}

/// A text that says something, or a number.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a gateway tells of the words of the provider behind it.
fn upstream(error: &Value) -> Option<String> {
    let raw = word(&error["metadata"]["raw"])?;
    let inner: Option<Value> = serde_json::from_str(&raw).ok();
    let own =
        inner.as_ref().and_then(|inner| word(&inner["error"]["message"]).or_else(|| word(&inner["message"])));
    let own = own.unwrap_or(raw);
    Some(word(&error["metadata"]["provider_name"]).map_or(own.clone(), |name| format!("{name}: {own}")))
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
