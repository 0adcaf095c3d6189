//! The tool reference of the prompt: TypeScript declarations of a session's tools and of all that a script has beside
//! them. Generated, never written by hand where a type exists; as long for ten thousand tools as for one that is not listed.

use crate::Registry;
use crate::declare::{property, taken_apart};
use std::collections::BTreeMap;

/// Namespaces that are counted by name.
const NAMESPACES: usize = 10;

/// The `declare` block that stands in the prompt for the tools of `registry`.
pub fn tool_reference(registry: &Registry) -> String {
    let mut root = Node::default();
    for (name, declaration) in registry.declared() {
        root.place(name, declaration);
    }
    let mut text = String::from("```ts\ninterface Tools {\n");
    root.write(1, &mut text);
    text.push_str("}\n");
    text.push_str(&TOOLS.replace("COUNTED", &counted(registry)));
    text.push_str(GLOBALS);
    text.push_str("```\n");
    text
}

/// A namespace, a tool, or both.
#[derive(Default)]
struct Node<'a> {
    /// The name of the tool and its declaration.
    tool: Option<(&'a str, &'a str)>,
    below: Vec<(&'a str, Node<'a>)>,
}

impl<'a> Node<'a> {
    fn place(&mut self, name: &'a str, declaration: &'a str) {
        let mut node = self;
        for part in name.split('.') {
            let found = node.below.iter().position(|(name, _)| *name == part);
            let at = found.unwrap_or_else(|| {
                node.below.push((part, Node::default()));
                node.below.len() - 1
            });
            node = &mut node.below[at].1;
        }
        node.tool = Some((name, declaration));
    }

    fn write(&self, depth: usize, text: &mut String) {
        let pad = "  ".repeat(depth);
        for (name, node) in &self.below {
            let name = property(name);
            let member =
                node.tool.map(|(name, declaration)| taken_apart(name, declaration).unwrap_or(UNDECLARED));
            match (member, node.below.is_empty()) {
                (Some((doc, signature)), true) => {
                    text.push_str(&format!("{pad}{doc}\n{pad}{name}{signature}\n"))
                }
                (member, _) => {
                    text.push_str(&format!("{pad}{name}: {{\n"));
                    if let Some((doc, signature)) = member {
                        text.push_str(&format!("{pad}  {doc}\n{pad}  {signature}\n"));
                    }
                    node.write(depth + 1, text);
                    text.push_str(&format!("{pad}}};\n"));
                }
            }
        }
    }
}

/// How many tools are not declared, in which namespaces, and the names of those that are in none.
fn counted(registry: &Registry) -> String {
    let mut spaces: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = 0;
    for spec in registry.unlisted() {
        all += 1;
        let space = namespace(&spec.name);
        *spaces.entry(space.unwrap_or(&spec.name).to_owned()).or_default() += usize::from(space.is_some());
    }
    if all == 0 {
        return "all stand above".to_owned();
    }
    let mut largest: Vec<(String, usize)> = spaces.into_iter().collect();
    largest.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    let more = largest.len().saturating_sub(NAMESPACES);
    let named = |(space, count): &(String, usize)| match count {
        0 => space.clone(),
        count => format!("{space} {count}"),
    };
    let shown: Vec<String> = largest.iter().take(NAMESPACES).map(named).collect();
    let more = if more > 0 { format!(", {more} more namespaces") } else { String::new() };
    let shown = if shown.is_empty() { String::new() } else { format!(" ({}{more})", shown.join(", ")) };
    format!("{all} are not declared here{shown}")
}

/// `mcp.<server>` of what comes from a server, else the first part of a dotted name.
fn namespace(name: &str) -> Option<&str> {
    let first = name.find('.')?;
    let second = name[first + 1..].find('.').map(|at| first + 1 + at);
    match (&name[..first], second) {
        ("mcp", Some(second)) => Some(&name[..second]),
        (space, _) => Some(space),
    }
}

/// The doc comment and signature of a tool that says nothing that is understood here.
const UNDECLARED: (&str, &str) = ("/** */", "(args?: unknown): Promise<unknown>;");

/// What stands in `tools` beside the tools.
const TOOLS: &str = r#"interface Task { readonly id: string; /** The call's result. */ readonly done: Promise<any> }
interface TaskInfo { id: string; line: string; state: "running" | "done" | "failed" | "cancelled" | "lost"; summary?: string; fileKey?: string }
declare const tools: Tools & {
  /** Finds tools by words and gives their declarations whole (above, rare fields are left out), at most 20: COUNTED. */
  search(query: string): Promise<{ name: string; summary: string; declaration: string }[]>;
  /** Starts any tool as a task: `const task = tools.spawn.NAME(args)`. */
  spawn: Record<keyof Tools, (args: any) => Task> & { list(): Promise<TaskInfo[]>; status(id: string): Promise<TaskInfo>; result(id: string): Promise<unknown>; wait(id: string, options?: { timeoutMs?: number }): Promise<unknown>; cancel(id: string): Promise<TaskInfo> };
};
"#;

/// What a script has beside `tools`.
const GLOBALS: &str = r#"/** What a failed call rejects with. */
interface ToolError extends Error { name: "ToolNotFound" | "ToolArguments" | "ToolDenied" | "ToolFailed" | "ToolTimeout" | "ToolCancelled"; retryable: boolean; details?: unknown }
type Position = { line: number; character: number }; // from 0
declare const context: { workspaceFolders: string[]; workingDirectory: string; openBuffers: { path: string; dirty: boolean }[]; selection: { path: string; range: { start: Position; end: Position }; text: string | null } | null; progress(text: string): void };
declare const store: { get(key: string): any; set(key: string, value: unknown): void; delete(key: string): void; keys(): string[] };
declare function sleep(ms: number): Promise<void>;
// Also: console, structuredClone, TextEncoder, TextDecoder, atob, btoa, URL, URLSearchParams. A returned value that is too long is kept: `{ fileKey, bytes, head, tail }`.
"#;
