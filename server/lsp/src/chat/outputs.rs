//! What a call, a script, a thought or a prompt was, whole, as a text to be shown. Pure.

use crate::chat::entry::is_own;
use crate::chat::figures::length;
use glossator_session::{CallId, InputPart, Item, ItemBody, ToolCall, TurnId};
use serde_json::Value;
use std::fmt::Write;

/// What is wanted of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Call(CallId),
    Item(u64),
}

/// The name of its document.
pub fn name(turn: TurnId, wanted: &Wanted) -> String {
    match wanted {
        Wanted::Call(id) if is_own(&id.0) => format!("{turn}-{id}.txt"),
        // Ids of providers hold anything.
        Wanted::Call(id) => {
            format!("{turn}-{}.txt", glossator_text::text_hash(&id.0).chars().take(16).collect::<String>())
        }
        Wanted::Item(number) => format!("{turn}-{number}.txt"),
    }
}

/// Its text; `None`: the turn has no such thing.
pub fn text(items: &[Item], wanted: &Wanted) -> Option<String> {
    let is_it = |item: &&Item| match (wanted, &item.body) {
        (Wanted::Item(number), _) => item.id.0 == *number,
        (Wanted::Call(id), ItemBody::ToolCall { call, .. }) => call.id == *id,
        (Wanted::Call(id), ItemBody::Script { id: script, .. }) => script == id,
        _ => false,
    };
    let item = items.iter().find(is_it)?;
    Some(match &item.body {
        ItemBody::ToolCall { call, .. } => of_call(items, item, call),
        ItemBody::Script { id, source } => of_script(items, item, id, source),
        ItemBody::UserMessage { input, .. } => {
            let words = input.iter().filter_map(|part| match part {
                InputPart::Text { text } => Some(text.as_str()),
                _ => None,
            });
            format!("{}\n", words.collect::<Vec<_>>().join("\n\n").trim_end())
        }
        ItemBody::Reasoning { text, .. } => format!("Thoughts of {}\n\n{}\n", item.turn, text.trim_end()),
        _ => return None,
    })
}

fn of_call(items: &[Item], item: &Item, call: &ToolCall) -> String {
    let mut out = format!("{} of {}: {}\n\n", call.id, item.turn, call.name);
    let _ = writeln!(out, "called with\n{}", indented(&readable(&call.arguments)));
    let outcome = items.iter().find_map(|item| match &item.body {
        ItemBody::ToolOutput { call: id, outcome, millis } if *id == call.id => Some((outcome, *millis)),
        _ => None,
    });
    match outcome {
        None => out.push_str("no outcome yet\n"),
        Some((Ok(output), millis)) => {
            let took = length(i64::try_from(millis).unwrap_or(i64::MAX));
            let _ =
                writeln!(out, "after {took}: {}\n\n{}", output.summary, readable(&output.value).trim_end());
        }
        Some((Err(error), millis)) => {
            let took = length(i64::try_from(millis).unwrap_or(i64::MAX));
            let _ = writeln!(out, "failed after {took}: {error}");
            if let Some(details) = &error.details {
                let _ = writeln!(out, "\n{}", readable(details).trim_end());
            }
        }
    }
    out
}

fn of_script(items: &[Item], item: &Item, id: &CallId, source: &str) -> String {
    let mut out = format!("Script {id} of {}\n\n{}\n", item.turn, source.trim_matches('\n'));
    let result = items.iter().find_map(|item| match &item.body {
        ItemBody::ScriptOutput { script, text, .. } if script == id => Some(text),
        _ => None,
    });
    match result {
        Some(text) => {
            let _ = writeln!(out, "\nWhat the model was told of it:\n\n{}", text.trim_end());
        }
        None => out.push_str("\nIt has no outcome yet.\n"),
    }
    out
}

/// A value for people: texts as they are, and first.
fn readable(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::String(text) => out.push_str(text),
        Value::Object(fields) => {
            let is_long = |value: &Value| matches!(value, Value::String(text) if text.contains('\n'));
            let (long, short): (Vec<_>, Vec<_>) = fields.iter().partition(|(_, value)| is_long(value));
            for (name, value) in long {
                let text = value.as_str().unwrap_or_default().trim_end_matches('\n');
                let _ = writeln!(out, "{name}:\n{text}\n");
            }
            for (name, value) in short {
                let shown = match value {
                    Value::String(text) => text.clone(),
                    Value::Array(_) | Value::Object(_) => pretty(value),
                    other => other.to_string(),
                };
                let _ = writeln!(out, "{name}: {shown}");
            }
        }
        other => out.push_str(&pretty(other)),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "    {line}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, ToolError, ToolOutput};
    use serde_json::json;

    fn item(id: u64, body: ItemBody) -> Item {
        Item { id: ItemId(id), turn: TurnId(4), round: 1, at: 0, agent: None, body }
    }

    #[test]
    fn outputs_are_shown_whole() {
        let call = |id: &str| ToolCall {
            id: id.into(),
            name: "exec".to_owned(),
            arguments: json!({ "command": "ls" }),
        };
        let output = ToolOutput {
            value: json!({ "output": "a\nb\n", "exitCode": 0 }),
            summary: "exit code 0".to_owned(),
        };
        let items = [
            item(1, ItemBody::ToolCall { call: call("S4-1-1.1"), script: Some("S4-1-1".into()) }),
            item(2, ItemBody::ToolOutput { call: "S4-1-1.1".into(), outcome: Ok(output), millis: 1200 }),
            item(3, ItemBody::ToolCall { call: call("toolu_1"), script: None }),
            item(
                4,
                ItemBody::ToolOutput {
                    call: "toolu_1".into(),
                    outcome: Err(ToolError::failed("no")),
                    millis: 5,
                },
            ),
            item(5, ItemBody::Reasoning { text: "Hm.\n".to_owned(), raw: None }),
            item(6, ItemBody::Script { id: "S4-1-1".into(), source: "\na();\n".to_owned() }),
        ];
        let shown = |wanted| text(&items, &wanted).unwrap_or_default();
        assert_eq!(
            shown(Wanted::Call("S4-1-1.1".into())),
            "S4-1-1.1 of T-4: exec\n\ncalled with\n    command: ls\n\nafter 1.2 s: exit code 0\n\noutput:\na\nb\n\nexitCode: 0\n"
        );
        assert!(shown(Wanted::Item(3)).contains("failed after 0.0 s: ToolFailed: no"));
        assert_eq!(shown(Wanted::Item(5)), "Thoughts of T-4\n\nHm.\n");
        assert!(shown(Wanted::Call("S4-1-1".into())).ends_with("a();\n\nIt has no outcome yet.\n"));
        assert_eq!(text(&items, &Wanted::Item(2)), None);
        assert_eq!(text(&items, &Wanted::Item(99)), None);
    }

    #[test]
    fn names_are_names_of_files() {
        let turn = TurnId(4);
        assert_eq!(name(turn, &Wanted::Call("S4-1-1.2".into())), "T-4-S4-1-1.2.txt");
        assert_eq!(name(turn, &Wanted::Item(57)), "T-4-57.txt");
        let odd = name(turn, &Wanted::Call("../a b|c".into()));
        assert!(odd.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.'), "{odd}");
    }
}
