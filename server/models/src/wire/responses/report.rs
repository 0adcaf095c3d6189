//! How a Responses answer ends: errors in all their shapes, stop reasons, usage. Pure.

use crate::failure::ProviderError;
use crate::{ErrorKind, ModelError, StopReason};
use glossator_session::{Cost, Usage};
use serde_json::{Value, json};

/// The error that an event reports, nested (`error: {...}`) or flat.
pub(super) fn of_event(data: &str) -> ModelError {
    let event: Value = serde_json::from_str(data).unwrap_or_default();
    let mut failure = of_error(if event["error"].is_null() { &event } else { &event["error"] });
    failure.request_id = event["request_id"].as_str().map(ToOwned::to_owned);
    failure
}

/// The error of an answer that ended as `failed`.
pub(super) fn of_response(response: &Value) -> ModelError {
    of_error(&response["error"])
}

fn of_error(error: &Value) -> ModelError {
    let mut error = if error.is_null() { json!({}) } else { error.clone() };
    if let Some(fields) = error.as_object_mut() {
        let code = fields.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        if fields.get("type").is_none_or(|kind| kind.is_null() || kind == "error") {
            let kind = if is_our_fault(&code) { "invalid_request_error" } else { "" };
            fields.insert("type".to_owned(), json!(kind));
        }
        if fields.get("message").and_then(Value::as_str).is_none_or(str::is_empty) {
            let words = if code.is_empty() { "it gave no reason" } else { &code };
            fields.insert("message".to_owned(), json!(words));
        }
    }
    ProviderError::parse(json!({ "error": error }).to_string().as_bytes()).in_stream()
}

/// Whether a code told without a type names a fault of the request: there are many for images alone.
fn is_our_fault(code: &str) -> bool {
    code.starts_with("invalid_") || code.contains("image") || code == "previous_response_not_found"
}

/// The provider itself cancelled the answer.
pub(super) fn cancelled() -> ModelError {
    let message = "The provider cancelled the answer before it was complete. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

/// The bytes ended before the answer did.
pub(super) fn incomplete() -> ModelError {
    let message = "The answer is incomplete: the connection ended before the model was done. Ask again.";
    ModelError::passing(ErrorKind::Stream, message)
}

/// The data is no event of this wire.
pub(super) fn foreign(error: &serde_json::Error, data: &str) -> ModelError {
    // The last event of a stream that was cut within it, perhaps within a number.
    let at_end = data.lines().last().is_some_and(|line| error.column() >= line.len());
    if error.is_eof() || (at_end && data.ends_with(['.', '-', '+', 'e', 'E'])) {
        return incomplete();
    }
    let start: String = data.chars().take(120).collect();
    let message = format!(
        "The provider sent an event that is not of the Responses wire ({error}): {start}. Check that the provider's \
         base_url and wire belong together."
    );
    ModelError::new(ErrorKind::Protocol, message)
}

/// Why an incomplete answer stopped.
pub(super) fn cut(response: &Value) -> StopReason {
    match response["incomplete_details"]["reason"].as_str().unwrap_or_default() {
        "max_output_tokens" | "max_tokens" => StopReason::MaxTokens,
        "content_filter" => {
            let category = Some("content_filter".to_owned());
            StopReason::Refusal { category, explanation: None }
        }
        "" => StopReason::Other { name: "incomplete".to_owned() },
        name => StopReason::Other { name: name.to_owned() },
    }
}

/// Usage in our terms: here cached and written tokens are part of the input.
pub(super) fn usage(told: &Value) -> Option<Usage> {
    if !told.is_object() {
        return None;
    }
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let (input, details) = (number(&told["input_tokens"]), &told["input_tokens_details"]);
    let cache_read = number(&details["cached_tokens"]).min(input);
    let cache_write = number(&details["cache_write_tokens"]).min(input - cache_read);
    Some(Usage {
        input: input - cache_read - cache_write,
        cache_read,
        cache_write,
        output: number(&told["output_tokens"]),
        reasoning: number(&told["output_tokens_details"]["reasoning_tokens"]),
    })
}

/// What a gateway says that the answer costs, in US dollars there.
pub(super) fn cost(told: &Value) -> Option<Cost> {
    // Far above any cost, and exact: beyond this a cast would not be.
    const MOST: f64 = 9e15;
    let micro_usd = told["cost"].as_f64().map(|usd| (usd * 1e6).round())?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let micro_usd = (0.0..MOST).contains(&micro_usd).then_some(micro_usd as u64)?;
    Some(Cost { micro_usd, prices_of: "provider".to_owned() })
}
