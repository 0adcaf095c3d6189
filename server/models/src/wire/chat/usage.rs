//! Usage as servers of Chat Completions count it -> as we count it. Pure.

use glossator_session::{Cost, Usage};
use serde_json::Value;

/// The usage in `json`, and what the provider says that it costs; `None` when it is no object.
///
/// Input tokens include what was read from and written to a cache. Output tokens include reasoning, but for servers
/// whose total shows that they do not.
pub(super) fn usage(json: &str) -> Option<(Usage, Option<Cost>)> {
    let told: Value = serde_json::from_str(json).ok().filter(Value::is_object)?;
    let number = |value: &Value| value.as_u64().or_else(|| value.as_f64().and_then(whole)).unwrap_or(0);
    let prompt = number(&told["prompt_tokens"]);
    let details = &told["prompt_tokens_details"];
    let cached = number(&details["cached_tokens"]).max(number(&told["prompt_cache_hit_tokens"]));
    let cache_read = cached.min(prompt);
    let cache_write = number(&details["cache_write_tokens"]).min(prompt - cache_read);
    let completion = number(&told["completion_tokens"]);
    let reasoning = number(&told["completion_tokens_details"]["reasoning_tokens"]);
    let apart = prompt.saturating_add(completion).saturating_add(reasoning);
    let output = if reasoning > 0 && number(&told["total_tokens"]) == apart {
        completion.saturating_add(reasoning)
    } else {
        completion
    };
    let usage =
        Usage { input: prompt - cache_read - cache_write, cache_read, cache_write, output, reasoning };
    let micro_usd = told["cost"].as_f64().and_then(|usd| whole(usd * 1e6));
    let cost = micro_usd.map(|micro_usd| Cost { micro_usd, prices_of: "provider".to_owned() });
    Some((usage, cost))
}

/// The nearest whole number; `None` for what is none or below nothing.
fn whole(value: f64) -> Option<u64> {
    // Far above any count, and exact: beyond this a cast would not be.
    const MOST: f64 = 9e15;
    let fits = value.is_finite() && (0.0..MOST).contains(&value);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fits.then(|| value.round() as u64)
}
