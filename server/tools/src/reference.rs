//! The tool reference of the prompt: TypeScript declarations of a session's tools, generated, never written by hand.

use crate::Registry;

/// The `declare` block that stands in the prompt for the tools of `registry`.
pub fn tool_reference(registry: &Registry) -> String {
    let mut text = String::from("```ts\ndeclare const tools: {\n");
    for spec in registry.specs() {
        for line in spec.declaration.lines() {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
    }
    text.push_str(GLOBALS);
    text.push_str("```\n");
    text
}

/// What a script has beside the tools.
const GLOBALS: &str = r#"};
/** A failed call rejects with an Error whose `name` is ToolNotFound, ToolArguments, ToolDenied, ToolFailed, ToolTimeout or ToolCancelled, with `tool`, `message`, `retryable` and `details`. */
declare const context: { sessionId: string; turnId: string; workspaceFolders: string[]; workingDirectory: string; openBuffers: { path: string; language: string; dirty: boolean }[]; model: string; limits: Record<string, number> };
declare const console: { log(...values: unknown[]): void; info(...values: unknown[]): void; warn(...values: unknown[]): void; error(...values: unknown[]): void };
declare function sleep(milliseconds: number): Promise<void>;
"#;
