//! What the model is told of where it works: project guidance and facts of the machine, gathered when a session begins.
//! Reads through the workspace only; nothing of an untrusted folder is taken as guidance.

use crate::config::{Calling, Front, TurnConfig};
use glossator_context::{Environment, INSTRUCTIONS, ProjectDoc, system};
use glossator_session::SystemPart;
use glossator_store::FrozenLayer;
use glossator_tools::{Registry, tool_reference};
use std::path::Path;

/// Bytes of one AGENTS.md that are sent; more is cut, with a notice.
const PROJECT_CAP: usize = 32 * 1024;

/// The layers as they are now.
pub struct Facts {
    pub layers: Vec<SystemPart>,
    /// For the user.
    pub notices: Vec<String>,
}

/// Gathers the layers.
pub async fn gather(front: &Front, registry: &Registry, config: &TurnConfig) -> Facts {
    let roots = front.workspace.roots();
    let folders: Vec<String> = roots.folders().iter().map(|folder| folder.display().to_string()).collect();
    let mut notices = Vec::new();
    let mut project = Vec::new();
    for folder in roots.folders() {
        if let Some(doc) = guidance(front, folder, &mut notices).await {
            project.push(doc);
        }
    }
    let environment = Environment {
        folders,
        os: std::env::consts::OS.to_owned(),
        shell: "bash".to_owned(),
        date: jiff::Zoned::now().date().to_string(),
        git_branch: branch(front).await,
        mode: config.policy.name().to_owned(),
        more: calling_note(config.request.calling).into_iter().collect(),
    };
    let reference = match config.request.calling {
        Calling::Native => String::new(),
        Calling::Script | Calling::Both => tool_reference(registry),
    };
    let mut layers = system(INSTRUCTIONS, &reference, &project, &environment);
    for part in &mut layers {
        part.text = (config.redact)(&part.text);
    }
    Facts { layers, notices }
}

/// What the model must know where tools are not (only) called by scripts.
fn calling_note(calling: Calling) -> Option<(String, String)> {
    let how = match calling {
        Calling::Script => return None,
        Calling::Native => "by your native tool calls only; scripts are not run in this session",
        Calling::Both => "by <tool-calls> blocks or by your native tool calls, whichever fits",
    };
    Some(("Tool calls".to_owned(), how.to_owned()))
}

/// What is different from the frozen layers, as lines for the newest message. The tool reference and the instructions
/// stay as they were; only facts are told anew.
pub fn changes(frozen: &[FrozenLayer], facts: &Facts) -> Vec<String> {
    let mut told = Vec::new();
    for name in ["project", "environment"] {
        let old = frozen.iter().find(|part| part.layer == name).map_or("", |part| part.text.as_str());
        let new = facts.layers.iter().find(|part| part.layer == name).map_or("", |part| part.text.as_str());
        if name == "project" && old != new {
            told.push(new.to_owned());
        } else {
            told.extend(
                new.lines().filter(|line| !old.lines().any(|known| known == *line)).map(str::to_owned),
            );
        }
    }
    told.retain(|line| !line.trim().is_empty());
    told
}

async fn guidance(front: &Front, folder: &Path, notices: &mut Vec<String>) -> Option<ProjectDoc> {
    let roots = front.workspace.roots();
    let path = folder.join("AGENTS.md");
    let shown = roots.display(&path);
    // A link must not bring in what lies outside the workspace.
    let Ok(path) = roots.resolve(&path.to_string_lossy()) else {
        notices.push(format!("{shown} is not followed, because it leads out of the workspace."));
        return None;
    };
    let document = front.workspace.read(&path).await.ok()?;
    if !front.trusted {
        notices.push(format!(
            "{shown} is not followed, because this folder is not trusted. Look at it, then run glossator.trust."
        ));
        return None;
    }
    let mut text = document.text;
    if text.len() > PROJECT_CAP {
        notices.push(format!("{shown} is {} bytes long; the first {PROJECT_CAP} are sent.", text.len()));
        text.truncate(text.floor_char_boundary(PROJECT_CAP));
    }
    Some(ProjectDoc { path: shown, text })
}

async fn branch(front: &Front) -> Option<String> {
    let roots = front.workspace.roots();
    let head = roots.folders().first()?.join(".git").join("HEAD");
    let text = front.workspace.read(&head).await.ok()?.text;
    text.trim().strip_prefix("ref: refs/heads/").map(str::to_owned)
}
