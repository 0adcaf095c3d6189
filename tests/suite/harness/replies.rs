//! What the scripted model says, in short words.

use glossator_models::scripted::Reply;
use serde_json::{Value, json};

/// An answer with one script.
pub fn script(source: &str) -> Reply {
    Reply::Text(format!("I will do it.\n\n<tool-calls>\n{source}\n</tool-calls>\n"))
}

/// The steps of a turn: a script, then words.
pub fn script_and(source: &str) -> Vec<Reply> {
    vec![script(source), Reply::Text("Done.".to_owned())]
}

/// A thinking block.
pub fn thinking(text: &str, signature: &str) -> Value {
    json!({ "type": "thinking", "thinking": text, "signature": signature })
}

/// An answer of native calls: id, name, input.
pub fn calls(all: &[(&str, &str, Value)]) -> Reply {
    let block = |(id, name, input): &(&str, &str, Value)| json!({ "type": "tool_use", "id": id, "name": name, "input": input });
    Reply::Blocks(all.iter().map(block).collect())
}

/// A script statement that patches one file: old lines out, new lines in.
pub fn patch(file: &str, old: &[&str], new: &[&str]) -> String {
    let lines =
        |sign: char, lines: &[&str]| lines.iter().map(|line| format!("{sign}{line}\n")).collect::<String>();
    let text = format!(
        "*** Begin Patch\n*** Update File: {file}\n@@\n{}{}*** End Patch\n",
        lines('-', old),
        lines('+', new)
    );
    format!("await tools.applyPatch({{ patch: {} }});", json!(text))
}
