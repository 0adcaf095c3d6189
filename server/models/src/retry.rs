//! When a failed request is sent again, and after how long. Pure but for the random part of a pause.

use crate::Wire;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Statuses that say that the same request will fail again, whatever a header claims.
const NEVER: &[u16] = &[400, 401, 402, 403, 404, 413, 422];
/// Statuses below 500 that may pass.
const PASSING: &[u16] = &[408, 409, 429];
/// Codes of limits that do not go away by waiting a little.
const FINAL_CODES: &[&str] = &[
    "contract_spend_limit_reached",
    "credit_balance_exhausted",
    "enforced_spend_limit_reached",
    "insufficient_quota",
    "subscription_sharing_usage_limit_exceeded",
    "subscription_sharing_usage_unavailable",
    "usage_limit_reached",
    "usage_not_included",
];
/// Words after which some providers put how long to wait: `Please try again in 1.898s.`
const WAIT_WORDS: &str = "try again in ";
/// Longest pause that is waited out on the wires of OpenAI, whose own clients take a longer one for a mistake.
const LONGEST_OF_OPENAI: Duration = Duration::from_secs(60);

/// Whether a code names such a limit.
pub(crate) fn is_final(code: Option<&str>) -> bool {
    code.is_some_and(|code| FINAL_CODES.contains(&code))
}

/// Whether a request that got `status` may be sent again; `should_retry` is the provider's own word on it.
pub(crate) fn is_retryable(status: u16, should_retry: Option<bool>, code: Option<&str>) -> bool {
    if NEVER.contains(&status) || is_final(code) {
        return false;
    }
    should_retry.unwrap_or(PASSING.contains(&status) || status >= 500)
}

/// The pause that is kept of the one that was `told`: on the wires of OpenAI none above a minute.
pub(crate) fn kept_wait(told: Option<Duration>, wire: Wire) -> Option<Duration> {
    let of_openai = matches!(wire, Wire::Responses | Wire::Chat);
    told.filter(|told| !of_openai || *told <= LONGEST_OF_OPENAI)
}

/// The pause that an error's words ask for.
pub(crate) fn wait_in_words(message: &str) -> Option<Duration> {
    let (_, rest) = message.split_once(WAIT_WORDS)?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    let number: f64 = rest[..end].parse().ok()?;
    let unit = rest[end..].trim_start();
    let seconds = match unit {
        _ if unit.starts_with("ms") || unit.starts_with("milli") => number / 1000.0,
        _ if unit.starts_with('s') => number,
        _ if unit.starts_with('m') => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// How long the provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date. `now` is in
/// milliseconds since the Unix epoch.
pub(crate) fn told_wait(millis: Option<&str>, after: Option<&str>, now: i64) -> Option<Duration> {
    let number = |text: &str, unit: f64| {
        let seconds = text.trim().parse::<f64>().ok()? / unit;
        Duration::try_from_secs_f64(seconds).ok()
    };
    millis.and_then(|text| number(text, 1000.0)).or_else(|| {
        let after = after?;
        number(after, 1.0).or_else(|| {
            let until = jiff::fmt::rfc2822::parse(after.trim()).ok()?.timestamp().as_millisecond();
            Some(Duration::from_millis(u64::try_from(until - now).unwrap_or(0)))
        })
    })
}

/// The pause before retry number `attempt` (from 1): doubles from `base` up to `cap`, less up to a quarter by chance,
/// so that many clients do not come back at the same moment.
pub(crate) fn backoff(base: Duration, cap: Duration, attempt: u32) -> Duration {
    let full = base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(cap);
    let chance = u32::try_from(RandomState::new().build_hasher().finish() % 1000).unwrap_or(0);
    full - full.mul_f64(0.25 * f64::from(chance) / 1000.0)
}
