//! One answer to "which models are there" -> entries, whoever sent it: Anthropic, OpenAI, OpenRouter, a ChatGPT plan, vLLM,
//! llama.cpp and others. Pure; what cannot be read is taken for not told.

use super::{ListedModel, text};
use crate::facts::EFFORTS;
use crate::{Facts, Price, ThinkingStyle};
use serde_json::Value;

/// Where providers put how many tokens fit.
const WINDOWS: &[&str] = &[
    "/max_input_tokens",
    "/top_provider/context_length",
    "/context_length",
    "/context_window",
    "/max_model_len",
    "/meta/n_ctx",
    "/meta/n_ctx_train",
];
/// Where they put how many an answer may have.
const OUTPUTS: &[&str] =
    &["/max_tokens", "/top_provider/max_completion_tokens", "/max_completion_tokens", "/max_output_tokens"];

/// The entries of a list, or `None` when it is none. Entries without an id, and those that the provider hides, are left
/// out. `today` is the day the prices are of.
pub(super) fn list(answer: &Value, today: &str) -> Option<Vec<ListedModel>> {
    let entries = [answer, &answer["data"], &answer["models"]].into_iter().find_map(Value::as_array)?;
    Some(entries.iter().filter_map(|entry| listed(entry, today)).collect())
}

fn listed(entry: &Value, today: &str) -> Option<ListedModel> {
    let id = ["id", "slug", "name"].iter().find_map(|key| text(&entry[*key])).or_else(|| text(entry))?;
    if entry["visibility"].as_str().is_some_and(|visibility| visibility != "list") {
        return None;
    }
    let number = |paths: &[&str]| {
        let mut found = paths.iter().filter_map(|path| entry.pointer(path)?.as_u64());
        found.find(|number| *number > 0)
    };
    let modalities = entry["architecture"]["input_modalities"].as_array();
    let parameters = entry["supported_parameters"].as_array();
    let has = |list: Option<&Vec<Value>>, name: &str| list.map(|list| list.iter().any(|one| one == name));
    let efforts = efforts(entry);
    let facts = Facts {
        context_window: number(WINDOWS),
        max_output: number(OUTPUTS),
        images: has(modalities, "image").or_else(|| supported(&entry["capabilities"]["image_input"])),
        thinking: thinking(entry, &efforts),
        sampling: has(parameters, "temperature"),
        native_tools: has(parameters, "tools"),
        price: price(&entry["pricing"], today),
        efforts,
    };
    let name = text(&entry["display_name"]).or_else(|| text(&entry["name"])).filter(|name| *name != id);
    let ends = text(&entry["expiration_date"]).map(|date| date.chars().take(10).collect());
    Some(ListedModel { id, name, facts, ends })
}

/// `true`, or `{"supported": true}`.
fn supported(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value["supported"].as_bool())
}

/// The efforts a model takes, least first.
fn efforts(entry: &Value) -> Vec<String> {
    let of_messages = &entry["capabilities"]["effort"];
    let told = [&entry["reasoning"]["supported_efforts"], &entry["supported_reasoning_levels"]];
    let told = told.into_iter().find_map(Value::as_array);
    let named = |effort: &str| {
        let one = |level: &Value| level == effort || level["effort"] == effort;
        told.is_some_and(|levels| levels.iter().any(one)) || supported(&of_messages[effort]) == Some(true)
    };
    EFFORTS.iter().filter(|effort| named(effort)).map(|effort| (*effort).to_owned()).collect()
}

fn thinking(entry: &Value, efforts: &[String]) -> ThinkingStyle {
    let types = &entry["capabilities"]["thinking"]["types"];
    if types.is_object() {
        let can = |name: &str| supported(&types[name]) == Some(true);
        return match (can("adaptive"), can("enabled"), can("disabled")) {
            (true, _, true) => ThinkingStyle::Adaptive,
            (true, _, false) => ThinkingStyle::Always,
            (false, true, _) => ThinkingStyle::Budget,
            (false, false, _) => ThinkingStyle::None,
        };
    }
    let reasoning = &entry["reasoning"];
    let parameters = entry["supported_parameters"].as_array();
    match reasoning["mandatory"].as_bool() {
        Some(true) => ThinkingStyle::EffortAlways,
        Some(false) if efforts.first().is_some_and(|least| least == "none") => ThinkingStyle::Effort,
        None if parameters.is_some_and(|names| names.iter().all(|name| name != "reasoning")) => {
            ThinkingStyle::None
        }
        _ => ThinkingStyle::Unknown,
    }
}

/// Prices in dollars per token, as texts; a negative one stands for "it depends".
fn price(pricing: &Value, today: &str) -> Option<Price> {
    let of = |name: &str| {
        let per_token: f64 = match &pricing[name] {
            Value::String(text) => text.parse().ok()?,
            other => other.as_f64()?,
        };
        // Per million tokens, with what binary fractions add cut off again.
        (per_token.is_finite() && per_token >= 0.0).then(|| (per_token * 1e12).round() / 1e6)
    };
    Some(Price {
        input: of("prompt")?,
        output: of("completion")?,
        cache_read: of("input_cache_read"),
        cache_write: of("input_cache_write"),
        as_of: today.to_owned(),
        long: None,
    })
}
