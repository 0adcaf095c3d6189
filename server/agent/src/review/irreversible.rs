//! What a turn's commands changed and no undo can restore: a fold over the items.

use glossator_session::{Item, ItemBody, TurnId};
use serde_json::Value;

/// One line for each file that a command of `turn` changed and that was not kept.
pub(crate) fn irreversible(items: &[Item], turn: TurnId) -> Vec<String> {
    let outputs = items.iter().filter(|item| item.turn == turn).filter_map(|item| match &item.body {
        ItemBody::ToolOutput { outcome: Ok(output), .. } => output.value.get("notReversible")?.as_array(),
        _ => None,
    });
    let line = |entry: &Value| {
        let path = entry.get("path").unwrap_or(entry).as_str()?;
        let why = entry.get("why").and_then(Value::as_str);
        Some(format!(
            "{path}: {}",
            why.unwrap_or("a command changed it, and what it held before was not kept")
        ))
    };
    let mut lines: Vec<String> = outputs.flatten().filter_map(line).collect();
    lines.sort();
    lines.dedup();
    lines
}
