//! The tool reference of the prompt: TypeScript declarations of a session's tools and of all that a script has beside
//! them. Generated, never written by hand where a type exists; as long for ten thousand tools as for one that is not listed.

use crate::Registry;
use crate::declare::{property, taken_apart};
use glossator_session::ToolSpec;
use std::collections::BTreeMap;

/// Namespaces that are counted by name.
const NAMESPACES: usize = 10;

/// The `declare` block that stands in the prompt for the tools of `registry`.
pub fn tool_reference(registry: &Registry) -> String {
    let mut root = Node::default();
    for spec in registry.listed() {
        root.place(spec);
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
    tool: Option<&'a ToolSpec>,
    below: Vec<(&'a str, Node<'a>)>,
}

impl<'a> Node<'a> {
    fn place(&mut self, spec: &'a ToolSpec) {
        let mut node = self;
        for part in spec.name.split('.') {
            let found = node.below.iter().position(|(name, _)| *name == part);
            let at = found.unwrap_or_else(|| {
                node.below.push((part, Node::default()));
                node.below.len() - 1
            });
            node = &mut node.below[at].1;
        }
        node.tool = Some(spec);
    }

    fn write(&self, depth: usize, text: &mut String) {
        let pad = "  ".repeat(depth);
        for (name, node) in &self.below {
            let name = property(name);
            let member =
                node.tool.map(|spec| taken_apart(&spec.name, &spec.declaration).unwrap_or(UNDECLARED));
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

/// How many tools are not declared, and in which namespaces.
fn counted(registry: &Registry) -> String {
    let mut spaces: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = 0;
    for spec in registry.unlisted() {
        all += 1;
        if let Some(space) = namespace(&spec.name) {
            *spaces.entry(space.to_owned()).or_default() += 1;
        }
    }
    if all == 0 {
        return "all tools stand above".to_owned();
    }
    let mut largest: Vec<(String, usize)> = spaces.into_iter().collect();
    largest.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    let more = largest.len().saturating_sub(NAMESPACES);
    let shown: Vec<String> =
        largest.iter().take(NAMESPACES).map(|(space, count)| format!("{space} {count}")).collect();
    let more = if more > 0 { format!(", {more} more namespaces") } else { String::new() };
    let shown = if shown.is_empty() { String::new() } else { format!(" ({}{more})", shown.join(", ")) };
    format!("{all} are not declared here{shown}; declarations it gives can be called at once")
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
const TOOLS: &str = r#"/** A call that goes on when its script and its turn are over; you are told of its end. */
interface Task<R> { readonly id: string; /** Waits for the result; rejects as the call would. */ readonly done: Promise<R> }
interface TaskInfo { id: string; tool: string; line: string; state: "running" | "done" | "failed" | "cancelled" | "lost"; millis?: number; summary?: string; /** The kept result, as JSON. */ fileKey?: string; bytes?: number; error?: { name: string; message: string; retryable: boolean } }
type Spawn<T> = { [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Task<R> : Spawn<T[K]> };
declare const tools: Tools & {
  /** Finds tools by words, best first, at most 20: COUNTED. */
  search(query: string): Promise<{ name: string; summary: string; declaration: string }[]>;
  /** Any tool, started at once as a task: `const task = tools.spawn.NAME(args)`. */
  spawn: Spawn<Tools> & {
    list(): Promise<TaskInfo[]>;
    status(id: string): Promise<TaskInfo>;
    /** ToolFailed (retryable) while it runs. */
    result(id: string): Promise<unknown>;
    /** ToolTimeout after `timeoutMs`; the task goes on. */
    wait(id: string, options?: { timeoutMs?: number }): Promise<unknown>;
    cancel(id: string): Promise<TaskInfo>;
  };
};
"#;

/// What a script has beside `tools`.
const GLOBALS: &str = r#"/** What a failed call rejects with. */
interface ToolError extends Error { name: "ToolNotFound" | "ToolArguments" | "ToolDenied" | "ToolFailed" | "ToolTimeout" | "ToolCancelled"; tool: string; code: string; retryable: boolean; details?: unknown }
type Position = { line: number; character: number };
declare const context: { sessionId: string; turnId: string; workspaceFolders: string[]; workingDirectory: string; openBuffers: { path: string; language: string; dirty: boolean }[]; /** What the user points at; lines and characters from 0. */ selection: { path: string; range: { start: Position; end: Position }; text: string | null } | null; limits: Record<string, number>; mode: "enabled" | "dry-run"; model: string; env: Record<string, string>; /** Shown to the user. */ progress(text: string): void };
/** JSON values for later scripts of this session. */
declare const store: { get(key: string): any; set(key: string, value: unknown): void; delete(key: string): void; keys(): string[] };
declare const console: Record<"log" | "info" | "warn" | "error", (...values: unknown[]) => void>;
declare function sleep(ms: number): Promise<void>;
// Also: structuredClone, TextEncoder, TextDecoder, atob, btoa, URL, URLSearchParams. A returned value that is too long is kept: `{ fileKey, bytes, head, tail }`.
"#;
