//! Layers 1 and 2: instructions, tool reference, project guidance, environment. Frozen for the life of a session.

use crate::escape::{attribute, escape_also};
use glossator_session::SystemPart;

/// A guidance file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDoc {
    /// Its path as the user knows it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Where the work happens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// Absolute paths of the workspace folders; the first is the working folder.
    pub folders: Vec<String>,
    /// Operating system: `linux`, `macos`, ...
    pub os: String,
    /// The shell that commands run in.
    pub shell: String,
    /// The day as `2026-11-20`.
    pub date: String,
    /// The git branch, if there is one.
    pub git_branch: Option<String>,
    /// The policy in force: `ask`, ...
    pub mode: String,
    /// More facts, one line each, name and value.
    pub more: Vec<(String, String)>,
}

/// The system parts, most stable first; empty ones are left out. What a session keeps of them (`Inputs::frozen`) is the
/// result of this call when it starts.
pub fn system(
    instructions: &str,
    tool_reference: &str,
    project: &[ProjectDoc],
    environment: &Environment,
) -> Vec<SystemPart> {
    let layers = [
        ("instructions", instructions.trim().to_owned()),
        ("toolReference", tool_reference_text(tool_reference)),
        ("project", project_text(project)),
        ("environment", environment_text(environment)),
    ];
    layers
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(layer, text)| SystemPart { layer: layer.to_owned(), text })
        .collect()
}

fn tool_reference_text(reference: &str) -> String {
    if reference.trim().is_empty() {
        return String::new();
    }
    format!(
        "# Tools\n\nWhat a script in `<tool-calls>` can call, as TypeScript declarations:\n\n{}",
        escape_also(reference.trim(), &[])
    )
}

fn project_text(project: &[ProjectDoc]) -> String {
    if project.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "# Project guidance\n\nThe project's own guidance for work in its folders. Of two that disagree the later one holds; \
         what the user says stands above both.",
    );
    for doc in project {
        let (path, body) = (attribute(&doc.path), escape_also(doc.text.trim_end(), &[]));
        text.push_str(&format!("\n\n<project-guidance path=\"{path}\">\n{body}\n</project-guidance>"));
    }
    text
}

fn environment_text(environment: &Environment) -> String {
    let Environment { folders, os, shell, date, git_branch, mode, more } = environment;
    let mut facts: Vec<(&str, &str)> = Vec::new();
    for (at, folder) in folders.iter().enumerate() {
        facts.push((if at == 0 { "Working folder" } else { "Workspace folder" }, folder));
    }
    facts.extend([
        ("Operating system", os.as_str()),
        ("Shell", shell),
        ("Date at the session's start", date),
    ]);
    facts.push(("Git branch at the session's start", git_branch.as_deref().unwrap_or_default()));
    facts.push(("Policy", mode));
    facts.extend(more.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let lines: Vec<String> = facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("- {name}: {}", one_line(value)))
        .collect();
    if lines.is_empty() { String::new() } else { format!("# Environment\n\n{}", lines.join("\n")) }
}

/// A value on one line: folder and branch names come from outside.
fn one_line(value: &str) -> String {
    let line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    escape_also(&line, &[]).into_owned()
}
