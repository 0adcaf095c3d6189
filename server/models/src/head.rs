//! What the head of an answer says beside its body: ids, limits, and the provider's word on trying again.

use crate::RateLimits;
use crate::retry;
use reqwest::Response;
use reqwest::header::HeaderMap;
use std::time::Duration;

/// The head of one answer.
pub(crate) struct Head {
    pub status: u16,
    /// Media type in lower case; empty when none is told.
    pub kind: String,
    /// Where a redirect points.
    pub location: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The provider's word on whether the same request may be sent again.
    pub should_retry: Option<bool>,
    /// How long it asks to wait before that.
    pub wait: Option<Duration>,
    pub limits: Option<RateLimits>,
}

impl Head {
    pub(crate) fn of(response: &Response) -> Self {
        let (headers, status) = (response.headers(), response.status());
        let text = |name: &str| header(headers, name).map(ToOwned::to_owned);
        let now = jiff::Timestamp::now().as_millisecond();
        let readable = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        Self {
            status: status.as_u16(),
            kind: header(headers, "content-type").unwrap_or_default().to_ascii_lowercase(),
            location: text("location").filter(|_| status.is_redirection()),
            request_id: text("request-id").or_else(|| text("x-request-id")),
            should_retry: header(headers, "x-should-retry").and_then(|word| word.parse().ok()),
            wait: retry::told_wait(header(headers, "retry-after-ms"), header(headers, "retry-after"), now),
            limits: RateLimits::read(readable, now),
        }
    }

    /// Whether the body may be an answer of a wire, as far as the head can tell.
    pub(crate) fn is_stream(&self) -> bool {
        (200..300).contains(&self.status) && !self.kind.contains("html") && !is_plain_json(&self.kind)
    }
}

/// One JSON value; lines of JSON (`application/x-ndjson`, `application/jsonl`) are a stream.
fn is_plain_json(kind: &str) -> bool {
    kind.contains("json") && !["ndjson", "jsonl", "json-seq"].iter().any(|lines| kind.contains(lines))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
