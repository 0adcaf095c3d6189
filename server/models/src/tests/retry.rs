//! The tables of retrying and of error words.

use crate::failure::{Origin, ProviderError};
use crate::retry::{backoff, is_retryable, told_wait};
use crate::{ErrorKind, ModelError};
use std::time::Duration;

#[test]
fn who_is_asked_again() {
    let rows: &[(u16, Option<bool>, Option<&str>, bool)] = &[
        (400, None, None, false),
        (401, None, None, false),
        (402, None, None, false),
        (403, None, None, false),
        (404, None, None, false),
        (408, None, None, true),
        (409, None, None, true),
        (413, None, None, false),
        (418, None, None, false),
        (422, None, None, false),
        (429, None, None, true),
        (500, None, None, true),
        (503, None, None, true),
        (529, None, None, true),
        (400, Some(true), None, false),
        (401, Some(true), None, false),
        (418, Some(true), None, true),
        (429, Some(false), None, false),
        (529, Some(false), None, false),
        (429, None, Some("ramp_limit_exceeded"), true),
        (429, None, Some("enforced_spend_limit_reached"), false),
        (429, Some(true), Some("contract_spend_limit_reached"), false),
        (429, None, Some("insufficient_quota"), false),
    ];
    for &(status, should_retry, code, want) in rows {
        assert_eq!(is_retryable(status, should_retry, code), want, "{status} {should_retry:?} {code:?}");
    }
}

#[test]
fn how_long_the_provider_asks_to_wait() {
    let now = 1_792_000_000_000; // 2026-10-14T17:46:40Z
    let rows: &[(Option<&str>, Option<&str>, Option<u64>)] = &[
        (None, None, None),
        (Some("250"), None, Some(250)),
        (Some("250"), Some("9"), Some(250)),
        (Some("soon"), Some("2"), Some(2000)),
        (None, Some("1.5"), Some(1500)),
        (None, Some(" 0 "), Some(0)),
        (None, Some("Wed, 14 Oct 2026 17:46:47 GMT"), Some(7000)),
        (None, Some("Wed, 14 Oct 2026 17:46:33 GMT"), Some(0)),
        (None, Some("-5"), None),
        (None, Some("NaN"), None),
        (None, Some("inf"), None),
        (None, Some("1e300"), None),
        (None, Some("tomorrow"), None),
        (None, Some(""), None),
    ];
    for &(millis, after, want) in rows {
        assert_eq!(told_wait(millis, after, now), want.map(Duration::from_millis), "{millis:?} {after:?}");
    }
}

#[test]
fn pauses_double_up_to_their_cap() {
    let (base, cap) = (Duration::from_millis(500), Duration::from_secs(8));
    for (attempt, full) in
        [(1, 500), (2, 1000), (3, 2000), (4, 4000), (5, 8000), (6, 8000), (4_000_000_000, 8000)]
    {
        let pause = backoff(base, cap, attempt).as_millis();
        assert!((full * 3 / 4..=full).contains(&pause), "attempt {attempt}: {pause}");
    }
}

fn answered(status: u16, body: &str) -> ModelError {
    let origin = Origin { provider: "anthropic", model: "claude-x", status: Some(status) };
    ProviderError::parse(body.as_bytes()).answered(status, None, &origin)
}

#[test]
fn statuses_and_bodies_become_errors() {
    use ErrorKind::{Auth, Billing, Invalid, NotFound, Overloaded, Permission, RateLimited, TooLong};
    let own = |kind: &str, message: &str| {
        format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}}}}"#)
    };
    let coded = r#"{"error":{"type":"rate_limit_error","message":"limit","details":{"error_code":"enforced_spend_limit_reached"}}}"#;
    let rows = [
        (
            401,
            own("authentication_error", "invalid x-api-key"),
            Auth,
            false,
            "refused the key (HTTP 401): invalid x-api-key. Check the key",
        ),
        (402, own("billing_error", "no credit"), Billing, false, "no credit"),
        (403, own("billing_error", "no credit"), Billing, false, "no credit"),
        (403, own("permission_error", "no"), Permission, false, "no"),
        (
            404,
            own("not_found_error", "model: claude-x"),
            NotFound,
            false,
            "model: claude-x. Check the model id ('claude-x')",
        ),
        (
            400,
            own("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
            TooLong,
            false,
            "210000 tokens",
        ),
        (400, own("invalid_request_error", "bad effort"), Invalid, false, "bad effort"),
        (413, own("request_too_large", "32 MB"), TooLong, false, "32 MB"),
        (422, "{}".to_owned(), Invalid, false, "(HTTP 422): {}"),
        (429, own("rate_limit_error", "slow"), RateLimited, true, "asks to slow down"),
        (429, coded.to_owned(), Billing, false, "limit"),
        (409, own("conflict_error", "again"), Overloaded, true, "again"),
        (500, own("api_error", "Internal"), Overloaded, true, "Internal"),
        (529, own("overloaded_error", "Overloaded"), Overloaded, true, "Overloaded"),
        (500, String::new(), Overloaded, true, "it gave no reason"),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>".to_owned(),
            Overloaded,
            true,
            "a web page, \"502 Bad Gateway\"",
        ),
        (404, "Not\n found".to_owned(), NotFound, false, "(HTTP 404): Not found."),
        (404, r#"{"error":"model \"x\" not found"}"#.to_owned(), NotFound, false, "model \"x\" not found"),
        (400, r#"{"detail":"no"}"#.to_owned(), Invalid, false, "no"),
        (400, r#"[1]"#.to_owned(), Invalid, false, "[1]"),
    ];
    for (status, body, kind, retryable, words) in rows {
        let error = answered(status, &body);
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{status} {body}: {error}");
        assert!(error.message.contains(words), "{status} {body}: {error}");
        assert!(error.message.starts_with("Provider 'anthropic' "), "{error}");
        assert!(!error.message.contains('{') || body.contains("{}"), "a place was not filled in: {error}");
    }
}

#[test]
fn a_huge_error_is_shortened_and_its_request_is_named() {
    let body = format!(r#"{{"error":{{"message":"{}"}},"request_id":"req_1"}}"#, "é".repeat(40_000));
    let error = answered(500, &body);
    assert!(error.message.len() < 2000, "{}", error.message.len());
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
}
