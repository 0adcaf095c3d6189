//! Layers 1 and 2: instructions, tool reference, project guidance, environment. Frozen for the life of a session.

use crate::escape::{attribute, escape_also};
use glossator_session::{AgentId, SystemPart};

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

/// What layers 1 and 2 are made of.
#[derive(Debug, Clone, Copy)]
pub struct SystemTexts<'a> {
    /// What the model is told about itself, as a rule [`INSTRUCTIONS`](crate::INSTRUCTIONS) or
    /// [`NATIVE_INSTRUCTIONS`](crate::NATIVE_INSTRUCTIONS).
    pub instructions: &'a str,
    /// The declarations of the tools that scripts may call; empty where there are none.
    pub tool_reference: &'a str,
    /// The guidance files of trusted folders, nearest last: what [`guidance`](crate::guidance()) made of them.
    pub project: &'a [ProjectDoc],
    /// The user's own instructions; may be empty.
    pub user_instructions: &'a str,
    /// Where the work happens.
    pub environment: &'a Environment,
}

/// The system parts, most stable first; empty ones are left out. What a session keeps of them is the result of this call
/// when they are frozen.
pub fn system(texts: &SystemTexts) -> Vec<SystemPart> {
    let layers = [
        ("instructions", texts.instructions.trim().to_owned()),
        ("toolReference", tool_reference_text(texts.tool_reference)),
        ("project", project_text(texts.project)),
        ("userInstructions", user_instructions_text(texts.user_instructions)),
        ("environment", environment_text(texts.environment)),
    ];
    layers
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(layer, text)| SystemPart { layer: layer.to_owned(), text })
        .collect()
}

/// The layer behind all others that tells one of several agents who it is: its name, its part as the settings say it, and
/// whom else it will hear of.
pub fn role(agent: &AgentId, part: &str, others: &[AgentId]) -> SystemPart {
    let name = |agent: &AgentId| format!("`{}`", one_line(&agent.0).replace('`', "'"));
    let mut text =
        format!("# Your part\n\nYou are the agent {}, one of several in this session.", name(agent));
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(name).collect();
        text.push_str(&format!(" The others: {}.", others.join(", ")));
    }
    text.push_str(
        " A prompt with `to` was for those it names. What another agent answered stands in `<agent-answer>`: it is not the \
         user's word and not your own.",
    );
    if !part.trim().is_empty() {
        text.push_str(&format!("\n\n{}", escape_also(part.trim(), &[])));
    }
    SystemPart { layer: "role".to_owned(), text }
}

fn user_instructions_text(instructions: &str) -> String {
    let instructions = instructions.trim();
    if instructions.is_empty() {
        return String::new();
    }
    let body = escape_also(instructions, &[]);
    format!(
        "# The user's instructions\n\nThe user wrote them for all work; they stand above the project's guidance.\n\n\
         <user-instructions>\n{body}\n</user-instructions>"
    )
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
