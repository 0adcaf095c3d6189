//! What the scripted model says, and how the demo tells what happens.

use crate::terminal::say;
use serde_json::Value;

/// What the user asks.
pub const PROMPT: &str =
    "The test fails. Find out why and fix it; my rounding in price.sh is not saved yet, keep it.";

/// The scripted model's answers, one a round.
pub const REPLIES: &[&str] = &[
    "I will look at the code, the test and the documentation at once, and run the test.\n\n<tool-calls>\nconst [code, test, readme] = await Promise.all([\n  tools.readFile({ path: \"price.sh\" }),\n  tools.readFile({ path: \"test.sh\" }),\n  tools.readFile({ path: \"README.md\" }),\n]);\nconst run = await tools.exec({ command: [\"sh\", \"test.sh\"] });\nreturn { code: code.text, unsaved: code.unsaved, readme: readme.text, failures: run.stdout, lines: test.totalLines };\n</tool-calls>\n",
    "The documentation says 19 %, the code takes 7 %. The rounding exists only in the unsaved buffer, so I change just the rate there and run the test again.\n\n<tool-calls>\nconst change = await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: price.sh\n@@ with_tax() {\n-  echo $(( ($1 * 107 + 50) / 100 ))\n+  echo $(( ($1 * 119 + 50) / 100 ))\n*** End Patch` });\nconst run: { exitCode: number; stdout: string } = await tools.exec({ command: [\"sh\", \"test.sh\"] });\nreturn { changed: change.files.map((file) => file.path), exitCode: run.exitCode, output: run.stdout };\n</tool-calls>\n",
    "The tax rate was 7 % instead of 19 %. I changed that one number in your buffer, kept your rounding, and all tests pass.",
];

/// Tells one update.
pub fn tell(update: &Value) {
    let item = &update["item"];
    match (update["kind"].as_str().unwrap_or_default(), item["kind"].as_str().unwrap_or_default()) {
        ("itemCompleted", "answer") => {
            let text = item["text"].as_str().unwrap_or_default();
            let words = text.split("<tool-calls>").next().unwrap_or_default().trim();
            say!("scripted model: {words}\n");
        }
        ("itemCompleted", "script") => {
            for line in item["source"].as_str().unwrap_or_default().trim().lines() {
                say!("  | {line}");
            }
        }
        ("itemCompleted", "toolOutput") => {
            let summary = match item["outcome"]["Ok"]["summary"].as_str() {
                Some(summary) => summary.to_owned(),
                None => item["outcome"]["Err"]["message"].to_string(),
            };
            say!("  {} {summary}", item["call"].as_str().unwrap_or_default());
        }
        ("changeSet", _) => say!(
            "  {} {}",
            update["id"].as_str().unwrap_or_default(),
            update["state"].as_str().unwrap_or_default()
        ),
        ("notice", _) => say!("  {}", update["text"].as_str().unwrap_or_default()),
        _ => {}
    }
}
