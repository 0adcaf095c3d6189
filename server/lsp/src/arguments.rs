//! The arguments of `workspace/executeCommand`, as lenient as editors are different. Pure.

use glossator_protocol_ext::COMMANDS;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The first argument as `T`; `None` when there is none. An editor may send the object as JSON text.
pub fn argument<T: DeserializeOwned>(value: Option<Value>, name: &str) -> Result<Option<T>, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let inner =
        value.as_str().filter(|text| text.trim_start().starts_with('{')).map(serde_json::from_str::<Value>);
    let value = match inner {
        Some(Ok(inner)) => inner,
        _ => value,
    };
    let examples = || {
        let row = COMMANDS.iter().find(|row| row.name == name);
        row.map(|row| row.examples.join(" or ")).unwrap_or_default()
    };
    serde_json::from_value(value)
        .map(Some)
        .map_err(|_| format!("The argument of {name} should be one of: {}", examples()))
}
