//! What a provider says about its rate limits in the head of an answer, in one shape for all families of headers.
//! Knows no sockets and no clock.

use serde::Serialize;

/// Limits as they stood when an answer began.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimits {
    /// Each window told of, in the order of the headers.
    pub windows: Vec<RateWindow>,
    /// The provider's own verdict on a subscription (`allowed`, `allowed_warning`, `rejected`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// One limit over one span of time. What was not told is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateWindow {
    /// What is counted (`requests`, `tokens`, `input`, `output`), or the span (`5h`, `7d`, `primary`).
    pub name: String,
    /// How much there is in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How much is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// How much is used, from 0 to 1 (more where the provider lets it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<f64>,
    /// When it is full again, in milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_at_millis: Option<u64>,
}

/// Families that name the counted thing last: `x-ratelimit-remaining-tokens`.
const PLAIN: &str = "x-ratelimit-";
/// Families that name it first: `anthropic-ratelimit-tokens-remaining`.
const NAMED: &[&str] =
    &["anthropic-ratelimit-unified-", "anthropic-ratelimit-", "anthropic-priority-", "x-codex-"];
/// The last words of the second kind.
const FIELDS: &[&str] = &["limit", "remaining", "reset", "reset-at", "utilization", "used-percent", "status"];
/// What providers count -> our word for it.
const COUNTED: &[(&str, &str)] = &[
    ("", "requests"),
    ("input-tokens", "input"),
    ("output-tokens", "output"),
    ("requests-day", "requests per day"),
    ("tokens-day", "tokens per day"),
];
/// Most windows that are kept; far above any real number.
const MAX_WINDOWS: usize = 16;

impl RateLimits {
    /// What `headers` (names in lower case) say; `None` when that is nothing. `now` is in milliseconds since the Unix
    /// epoch. Values that cannot be read are passed over.
    pub(crate) fn read<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>, now: i64) -> Option<Self> {
        let mut limits = Self::default();
        for (header, value) in headers {
            if let Some((family, name, field)) = split(header) {
                limits.take(&(window_name(family, name), field), value.trim(), now);
            }
        }
        limits.windows.retain(|window| {
            window.limit.is_some()
                || window.remaining.is_some()
                || window.used.is_some()
                || window.reset_at_millis.is_some()
        });
        (limits != Self::default()).then_some(limits)
    }

    fn take(&mut self, (name, field): &(String, &str), value: &str, now: i64) {
        if *field == "status" {
            if name.is_empty() {
                self.status = Some(value.to_owned());
            }
            return;
        }
        let at = match self.windows.iter().position(|window| window.name == *name) {
            Some(at) => at,
            None if self.windows.len() < MAX_WINDOWS => {
                self.windows.push(RateWindow { name: name.clone(), ..RateWindow::default() });
                self.windows.len() - 1
            }
            None => return,
        };
        let window = &mut self.windows[at];
        let number = || value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        // Saturates; some gateways send counts with a fraction.
        let count = || number().map(|number| number as u64);
        match *field {
            "limit" => window.limit = count().or(window.limit),
            "remaining" => window.remaining = count().or(window.remaining),
            "utilization" => window.used = number().or(window.used),
            "used-percent" => window.used = number().map(|percent| percent / 100.0).or(window.used),
            _ => window.reset_at_millis = reset_at(value, now).or(window.reset_at_millis),
        }
    }
}

/// A header's family, the name of its window and what it says of that.
fn split(header: &str) -> Option<(&str, &str, &str)> {
    if let Some(rest) = header.strip_prefix(PLAIN) {
        let (field, name) = rest.split_once('-').unwrap_or((rest, ""));
        return FIELDS.contains(&field).then_some((PLAIN, name, field));
    }
    let family = NAMED.iter().find(|family| header.starts_with(**family))?;
    let rest = &header[family.len()..];
    if FIELDS.contains(&rest) {
        return Some((family, "", rest));
    }
    let ends = |field: &&&str| rest.strip_suffix(**field).is_some_and(|name| name.ends_with('-'));
    let field = FIELDS.iter().filter(ends).max_by_key(|field| field.len())?;
    Some((family, &rest[..rest.len() - field.len() - 1], field))
}

fn window_name(family: &str, name: &str) -> String {
    if family == "anthropic-ratelimit-unified-" {
        return name.to_owned();
    }
    let ours = COUNTED.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours);
    if family == "anthropic-priority-" { format!("priority {ours}") } else { ours.to_owned() }
}

/// A moment, however it is told: a date, a span (`6m0s`, `17ms`, `2.5`), or seconds or milliseconds since the epoch.
fn reset_at(value: &str, now: i64) -> Option<u64> {
    if let Ok(date) = value.parse::<jiff::Timestamp>() {
        return u64::try_from(date.as_millisecond()).ok();
    }
    let now = u64::try_from(now).ok()?;
    let millis = match value.parse::<f64>() {
        Ok(number) if !(0.0..1e15).contains(&number) => return None,
        Ok(number) if number >= 1e11 => return Some(number as u64),
        Ok(number) if number >= 1e9 => return Some((number * 1000.0) as u64),
        Ok(number) => number * 1000.0,
        Err(_) => span(value)?,
    };
    now.checked_add(millis as u64)
}

/// The milliseconds of `1h6m0.5s`.
fn span(text: &str) -> Option<f64> {
    const UNITS: &[(&str, f64)] =
        &[("ms", 1.0), ("d", 86_400_000.0), ("h", 3_600_000.0), ("m", 60_000.0), ("s", 1000.0)];
    let mut rest = text;
    let mut millis = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|byte: char| !byte.is_ascii_digit() && byte != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest[digits..].starts_with(unit))?;
        millis += number * factor;
        rest = &rest[digits + unit.len()..];
    }
    (!text.is_empty() && millis < 1e13).then_some(millis)
}
