//! Rate-limit headers of every family -> one shape, and how the client takes them.

use super::client::{ask_with, config, provider};
use crate::scripted::{Reply, ScriptedServer};
use crate::{ModelEvent, Provider, RateLimits, Wire};
use serde_json::{Value, json};

const NOW: i64 = 1_792_000_000_000; // 2026-10-14T17:46:40Z

/// So many milliseconds after [`NOW`].
fn at(more: u64) -> u64 {
    NOW.unsigned_abs() + more
}

fn check(name: &str, headers: &[(&str, &str)], want: Value) {
    let limits = RateLimits::read(headers.iter().copied(), NOW);
    assert_eq!(serde_json::to_value(limits).unwrap(), want, "{name}");
}

#[test]
fn headers_of_anthropic() {
    check("nothing", &[("content-type", "x"), ("x-request-id", "1")], Value::Null);
    check(
        "anthropic, key",
        &[
            ("anthropic-ratelimit-requests-limit", "4000"),
            ("anthropic-ratelimit-requests-remaining", "3999"),
            ("anthropic-ratelimit-requests-reset", "2026-10-14T17:46:41Z"),
            ("anthropic-ratelimit-input-tokens-limit", "2000000"),
            ("anthropic-ratelimit-input-tokens-remaining", "1999000"),
            ("anthropic-ratelimit-output-tokens-remaining", "9"),
            ("anthropic-ratelimit-tokens-limit", "12"),
            ("anthropic-priority-input-tokens-limit", "5"),
        ],
        json!({"windows": [
            {"name": "requests", "limit": 4000, "remaining": 3999, "resetAtMillis": at(1000)},
            {"name": "input", "limit": 2_000_000, "remaining": 1_999_000},
            {"name": "output", "remaining": 9},
            {"name": "tokens", "limit": 12},
            {"name": "priority input", "limit": 5},
        ]}),
    );
    check(
        "anthropic, subscription",
        &[
            ("anthropic-ratelimit-unified-status", "allowed_warning"),
            ("anthropic-ratelimit-unified-5h-status", "allowed"),
            ("anthropic-ratelimit-unified-5h-utilization", "0.25"),
            ("anthropic-ratelimit-unified-5h-reset", "1792000007"),
            ("anthropic-ratelimit-unified-7d_oi-utilization", "1.02"),
            ("anthropic-ratelimit-unified-reset", "1792000001"),
            ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
            ("anthropic-ratelimit-unified-overage-status", "rejected"),
        ],
        json!({"status": "allowed_warning", "windows": [
            {"name": "5h", "used": 0.25, "resetAtMillis": at(7000)},
            {"name": "7d_oi", "used": 1.02},
            {"name": "", "resetAtMillis": at(1000)},
        ]}),
    );
}

#[test]
fn headers_of_openai_and_openrouter() {
    check(
        "openai",
        &[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "6m0s"),
            ("x-ratelimit-limit-tokens", "200000"),
            ("x-ratelimit-remaining-tokens", "199000.5"),
            ("x-ratelimit-reset-tokens", "17ms"),
        ],
        json!({"windows": [
            {"name": "requests", "limit": 500, "remaining": 499, "resetAtMillis": at(360_000)},
            {"name": "tokens", "limit": 200_000, "remaining": 199_000, "resetAtMillis": at(17)},
        ]}),
    );
    check(
        "openrouter",
        &[
            ("x-ratelimit-limit", "20"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1792000060000"),
        ],
        json!({"windows": [{"name": "requests", "limit": 20, "remaining": 0, "resetAtMillis": at(60_000)}]}),
    );
    check(
        "a plan of ChatGPT",
        &[
            ("x-codex-primary-used-percent", "12.5"),
            ("x-codex-primary-window-minutes", "300"),
            ("x-codex-primary-reset-at", "1792000007"),
            ("x-codex-credits-balance", "3"),
        ],
        json!({"windows": [{"name": "primary", "used": 0.125, "resetAtMillis": at(7000)}]}),
    );
}

#[test]
fn odd_values_are_passed_over() {
    for value in ["", "-1", "NaN", "inf", "1e400", "soon", "é", "5x", "1.2.3s", "99999999999999999999d"] {
        check(value, &[("x-ratelimit-reset-tokens", value)], Value::Null);
        if value != "é" {
            let headers =
                [("x-ratelimit-limit-tokens", value), ("anthropic-ratelimit-unified-5h-utilization", value)];
            check(value, &headers, Value::Null);
        }
    }
    check(
        "a name that is only a family",
        &[("x-ratelimit-", "1"), ("anthropic-ratelimit-", "1"), ("x-codex-limit", "1")],
        json!({"windows": [{"name": "requests", "limit": 1}]}),
    );
    let names: Vec<String> = (0..100).map(|at| format!("x-ratelimit-limit-w{at}")).collect();
    let many = RateLimits::read(names.iter().map(|name| (name.as_str(), "1")), NOW).unwrap();
    assert_eq!(many.windows.len(), 16);
}

fn refused(code: u16, headers: &[(&str, &str)], message: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Reply::Status { code, headers, body: json!({"error": {"message": message}}).to_string() }
}

#[tokio::test]
async fn limits_are_told_before_anything_else_of_an_answer() {
    let limited =
        refused(429, &[("anthropic-ratelimit-requests-remaining", "0"), ("retry-after-ms", "3")], "slow");
    let server = ScriptedServer::start(vec![limited, Reply::Text("good".to_owned())]).await.unwrap();
    let outcome = ask_with(config(), &provider(&server.base_url())).await;
    assert_eq!((outcome.result.text().as_str(), outcome.error), ("good", None));
    let ModelEvent::RateLimits(limits) = &outcome.events[0] else { panic!("{:?}", outcome.events[0]) };
    assert_eq!((limits.windows[0].name.as_str(), limits.windows[0].remaining), ("requests", Some(0)));
    assert!(matches!(outcome.events[1], ModelEvent::Retrying { .. }), "{:?}", outcome.events[1]);
    let told = outcome.events.iter().filter(|event| matches!(event, ModelEvent::RateLimits(_)));
    assert_eq!(told.count(), 1, "nothing is told where nothing came");
}

#[tokio::test]
async fn pauses_by_header_and_by_words() {
    let rows = [
        (
            "a minute and more is a mistake to OpenAI",
            Wire::Chat,
            refused(429, &[("retry-after", "61")], "m"),
            0..11,
        ),
        ("milliseconds", Wire::Chat, refused(429, &[("retry-after-ms", "23")], "m"), 23..24),
        ("in words", Wire::Chat, refused(429, &[], "Please try again in 31ms."), 31..32),
        (
            "the header wins",
            Wire::Messages,
            refused(429, &[("retry-after", "0.017")], "try again in 31ms."),
            17..18,
        ),
        ("far too long in words", Wire::Messages, refused(429, &[], "Please try again in 600m."), 0..11),
    ];
    for (name, wire, reply, want) in rows {
        let server = ScriptedServer::start(vec![reply, Reply::Text("good".to_owned())]).await.unwrap();
        let provider = Provider { wire, ..provider(&server.base_url()) };
        let outcome = ask_with(config(), &provider).await;
        assert_eq!((outcome.result.text().as_str(), &outcome.error), ("good", &None), "{name}");
        let waited: Vec<u128> = outcome.retries().iter().map(std::time::Duration::as_millis).collect();
        assert!(waited.len() == 1 && want.contains(&waited[0]), "{name}: {waited:?}");
    }
}
