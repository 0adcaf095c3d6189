//! The tables of retrying and of error words.

use crate::failure::{Origin, ProviderError};
use crate::retry::{backoff, is_retryable, kept_wait, told_wait, wait_in_words};
use crate::{ErrorKind, ModelError, Wire};
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
fn the_wires_of_openai_ignore_a_pause_above_a_minute() {
    let seconds =
        |wire, seconds| kept_wait(Some(Duration::from_secs(seconds)), wire).map(|wait| wait.as_secs());
    for wire in [Wire::Responses, Wire::Chat] {
        assert_eq!((seconds(wire, 60), seconds(wire, 61)), (Some(60), None));
    }
    for wire in [Wire::Messages, Wire::Ollama] {
        assert_eq!((seconds(wire, 60), seconds(wire, 6100)), (Some(60), Some(6100)));
    }
}

#[test]
fn a_pause_may_stand_in_the_words() {
    let rows = [
        ("Rate limit reached. Please try again in 1.898s. Visit", Some(1898)),
        ("Please try again in 20ms.", Some(20)),
        ("Please try again in 2m.", Some(120_000)),
        ("try again in 3 seconds", Some(3000)),
        ("try again in a while", None),
        ("try again in 5", None),
        ("try again in 5 hours", None),
        ("try again in .s", None),
        ("try again in ", None),
        ("Try later", None),
    ];
    for (words, want) in rows {
        assert_eq!(wait_in_words(words), want.map(Duration::from_millis), "{words}");
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
        (400, own("invalid_request_error", "bad effort"), Invalid, false, "bad effort. Change what it names"),
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
fn words_tell_what_a_request_was_refused_for() {
    let report = |message: &str| {
        serde_json::json!({"error": {"type": "invalid_request_error", "message": message}}).to_string()
    };
    let coded =
        r#"{"error":{"code":"invalid_encrypted_content","type":"invalid_request_error","message":"m"}}"#;
    let again = "sends the conversation again without it";
    let signature = "messages.1.content.0: Invalid `signature` in `thinking` block";
    check_reports([
        (400, report(signature), ErrorKind::Thinking, false, again),
        (400, report(&signature.replace('`', "")), ErrorKind::Thinking, false, again),
        (400, coded.to_owned(), ErrorKind::Thinking, false, again),
        (
            400,
            report("The model 'x' does not exist"),
            ErrorKind::NotFound,
            false,
            "the model id ('claude-x')",
        ),
        (400, report("thinking.type: Field required"), ErrorKind::Invalid, false, "Change what it names"),
    ]);
}

#[test]
fn tuning_is_only_blamed_where_there_is_some() {
    let origin = Origin { provider: "p", model: "m", status: Some(400) };
    let check = |body: &str, blamed: bool| {
        let report = ProviderError::parse(br#"{"error":{"message":"no"}}"#).of_request(body.as_bytes());
        let error = report.answered(400, None, &origin);
        assert_eq!(error.message.contains("If thinking, effort or temperature"), blamed, "{body}: {error}");
    };
    for body in
        ["", "[]", "{", r#"{"model":"m"}"#, r#"{"output_config":{"format":1},"options":{"num_ctx":1}}"#]
    {
        check(body, false);
    }
    for body in
        [r#"{"temperature":1}"#, r#"{"output_config":{"effort":"low"}}"#, r#"{"options":{"top_p":1}}"#]
    {
        check(body, true);
    }
}

#[test]
fn a_huge_error_is_shortened_and_its_request_is_named() {
    let body = format!(r#"{{"error":{{"message":"{}"}},"request_id":"req_1"}}"#, "é".repeat(40_000));
    let error = answered(500, &body);
    assert!(error.message.len() < 2000, "{}", error.message.len());
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
}

type ReportRow = (u16, String, ErrorKind, bool, &'static str);

fn check_reports(rows: impl IntoIterator<Item = ReportRow>) {
    for (status, body, kind, retryable, words) in rows {
        let error = answered(status, &body);
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{status} {body}: {error}");
        assert!(error.message.contains(words), "{status} {body}: {error}");
    }
}

#[test]
fn reports_of_openai_are_understood() {
    use ErrorKind::{Auth, Billing, Invalid, Network, NotFound, Overloaded, RateLimited, TooLong};
    let openai = |kind: &str, code: &str| {
        format!(r#"{{"error":{{"message":"Because","type":"{kind}","param":null,"code":{code}}}}}"#)
    };
    let plain = |body: &str| body.to_owned();
    check_reports([
        (400, openai("invalid_request_error", "null"), Invalid, false, "Because"),
        (400, openai("invalid_request_error", "\"context_length_exceeded\""), TooLong, false, "Because"),
        (401, openai("invalid_request_error", "\"invalid_api_key\""), Auth, false, "Because"),
        (401, openai("invalid_request_error", "null"), Auth, false, "Because"),
        (404, openai("invalid_request_error", "\"model_not_found\""), NotFound, false, "Because"),
        (429, openai("tokens", "\"rate_limit_exceeded\""), RateLimited, true, "Because"),
        (429, openai("insufficient_quota", "null"), Billing, false, "Because"),
        (429, openai("x", "\"credit_balance_exhausted\""), Billing, false, "Because"),
        (
            429,
            plain(r#"{"error":{"type":"usage_limit_reached","plan_type":"plus"}}"#),
            Billing,
            false,
            "plus",
        ),
        (500, openai("server_error", "null"), Overloaded, true, "Because"),
        (503, openai("x", "\"slow_down\""), Overloaded, true, "Because"),
        (413, openai("invalid_request_error", "null"), TooLong, false, "Because"),
        (402, plain(r#"{"error":{"code":402,"message":"m"}}"#), Billing, false, "m"),
        (407, plain("Proxy Authentication Required"), Network, false, "proxy"),
    ]);
}

#[test]
fn reports_of_gateways_and_servers_at_home_are_understood() {
    use ErrorKind::{Auth, Invalid, NotFound, Overloaded, Permission, TooLong};
    let plain = |body: &str| body.to_owned();
    check_reports([
        (
            400,
            plain(
                r#"{"error":{"code":400,"message":"google/gemini-2.0-flash-001 is not a valid model ID"},"user_id":"u"}"#,
            ),
            NotFound,
            false,
            "google/gemini-2.0-flash-001 is not a valid model ID",
        ),
        (
            502,
            plain(
                r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"provider_name":"X","raw":"{\"error\":{\"message\":\"down\"}}","error_type":"provider_unavailable"}}}"#,
            ),
            Overloaded,
            true,
            "Provider returned error (X: down)",
        ),
        (
            403,
            plain(
                r#"{"error":{"code":403,"message":"m","metadata":{"error_type":"content_policy_violation"}}}"#,
            ),
            Permission,
            false,
            "m",
        ),
        (
            400,
            plain(
                r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"request (2009 tokens) exceeds the available context size (512 tokens)"}}"#,
            ),
            TooLong,
            false,
            "2009 tokens",
        ),
        (
            400,
            plain(r#"{"object":"error","message":"old","type":"BadRequestError","code":400}"#),
            Invalid,
            false,
            "old",
        ),
        (
            422,
            plain(r#"{"detail":[{"loc":["body"],"msg":"field required","type":"x"}]}"#),
            Invalid,
            false,
            "field required",
        ),
        (401, plain(r#"{"detail":{"error_code":"invalid_token"}}"#), Auth, false, "invalid_token"),
        (404, plain(r#"{"error":"model 'x' not found"}"#), NotFound, false, "model 'x' not found"),
        (500, plain(r#"{"error":{"code":"\u0000","message":7}}"#), Overloaded, true, "7"),
        (400, plain(r#"{"error":{"metadata":{"raw":""},"message":"m"}}"#), Invalid, false, ": m."),
    ]);
}

#[test]
fn reports_inside_a_stream_are_found_wherever_they_stand() {
    let rows = [
        (
            r#"{"type":"error","code":"rate_limit_exceeded","message":"m","param":null}"#,
            ErrorKind::RateLimited,
            true,
        ),
        (
            r#"{"type":"error","error":{"type":"x","code":"server_error","message":"m"}}"#,
            ErrorKind::Overloaded,
            true,
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"insufficient_quota","message":"m"}}}"#,
            ErrorKind::Billing,
            false,
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"invalid_prompt","message":"m"}}}"#,
            ErrorKind::Invalid,
            false,
        ),
        (r#"{"error":{"code":502,"message":"m"},"choices":[]}"#, ErrorKind::Overloaded, true),
        (r#"{"error":"m"}"#, ErrorKind::Stream, true),
    ];
    for (event, kind, retryable) in rows {
        let report = ProviderError::parse(event.as_bytes());
        assert!(report.is_report, "{event}");
        let error = report.in_stream();
        assert_eq!((error.kind, error.retryable), (kind, retryable), "{event}: {error}");
        assert!(error.message.contains(": m."), "{event}: {error}");
    }
    for event in [r#"{"type":"response.completed","response":{"error":null}}"#, "{}", "[]", "5", "null", ""] {
        assert!(!ProviderError::parse(event.as_bytes()).is_report, "{event}");
    }
}
