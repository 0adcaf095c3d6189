//! What the model is told of where it works: project guidance, the user's instructions and facts of the machine, gathered
//! when layers are frozen, and what has changed since. Reads through the workspace only.

use crate::config::{Calling, Front, TurnConfig};
use crate::guidance;
use glossator_context::{Environment, INSTRUCTIONS, NATIVE_INSTRUCTIONS, SystemTexts, system};
use glossator_session::{ContextItem, Item, ItemBody, SystemPart};
use glossator_tools::{Registry, tool_reference};
use std::collections::{BTreeMap, BTreeSet};

/// The layers that are frozen anew at a compaction; those before them stay as the session began.
const RENEWED: &[&str] = &["project", "userInstructions", "environment"];
/// What facts of the environment are about: this and their name.
const FACT: &str = "environment/";
/// How the names of facts end that were true at the start; when they are told anew it is left out.
const AT_START: &str = " at the session's start";

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
    let found = guidance::gather(front, &config.context).await;
    let environment = Environment {
        folders,
        os: std::env::consts::OS.to_owned(),
        shell: "bash".to_owned(),
        date: jiff::Zoned::now().date().to_string(),
        git_branch: branch(front).await,
        mode: config.acts.policy.name().to_owned(),
        more: calling_note(config.request.calling).into_iter().collect(),
    };
    let (instructions, reference) = match config.request.calling {
        Calling::Native => (NATIVE_INSTRUCTIONS, String::new()),
        Calling::Script | Calling::Both => (INSTRUCTIONS, tool_reference(registry)),
    };
    let mut layers = system(&SystemTexts {
        instructions,
        tool_reference: &reference,
        project: &found.docs,
        user_instructions: &config.context.instructions,
        environment: &environment,
    });
    for part in &mut layers {
        part.text = (config.redact)(&part.text);
    }
    Facts { layers, notices: found.notices }
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

/// The layers that are frozen at a compaction: what a session began with stays, what changes with time is as it is now.
pub fn renewed(in_force: &[SystemPart], facts: &Facts) -> Vec<SystemPart> {
    let renew = |part: &&SystemPart| RENEWED.contains(&part.layer.as_str());
    let kept = in_force.iter().filter(|part| !renew(part)).cloned();
    kept.chain(facts.layers.iter().filter(renew).cloned()).collect()
}

/// What is different from the frozen layers and was not told since, for the newest message. `since` are the items since the
/// layers were frozen; `pack` says how the tools differ from their reference.
pub fn changes(frozen: &[SystemPart], since: &[Item], facts: &Facts, pack: &str) -> Vec<ContextItem> {
    let now = state(&facts.layers, pack);
    let known = state(frozen, "");
    let told: BTreeMap<&str, &str> = since.iter().filter_map(told).collect();
    // A fact that was there and is not any more has to be told as well.
    let abouts: BTreeSet<&str> =
        now.keys().chain(known.keys()).map(String::as_str).chain(told.keys().copied()).collect();
    let change = |about: &str| {
        let of = |state: &BTreeMap<String, String>| {
            let none = if about.starts_with(FACT) { "none" } else { "" };
            state.get(about).cloned().unwrap_or_else(|| none.to_owned())
        };
        let (text, before) = (words(about, &of(&now)), told.get(about));
        let same = before.map_or_else(|| of(&now) == of(&known), |before| **before == text);
        (!same).then(|| ContextItem::Told { text, about: about.to_owned() })
    };
    abouts.into_iter().filter_map(change).collect()
}

/// What is known of each thing that can change.
fn state(layers: &[SystemPart], pack: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::from([("pack".to_owned(), pack.to_owned())]);
    for name in ["project", "userInstructions"] {
        let text = layers.iter().find(|part| part.layer == name).map_or("", |part| part.text.as_str());
        all.insert(name.to_owned(), text.to_owned());
    }
    let environment = layers.iter().find(|part| part.layer == "environment");
    for line in environment.iter().flat_map(|part| part.text.lines()) {
        let Some((name, value)) = line.strip_prefix("- ").and_then(|line| line.split_once(": ")) else {
            continue;
        };
        let about = format!("{FACT}{}", name.trim_end_matches(AT_START));
        let values = all.entry(about).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(value);
    }
    all
}

/// How the new state of a thing is told.
fn words(about: &str, text: &str) -> String {
    match (about, text) {
        ("pack", "") => "The tools are again those of the tool reference.".to_owned(),
        ("pack", text) => text.to_owned(),
        ("project", "") => {
            "The files of project guidance are gone: what they said holds no longer.".to_owned()
        }
        ("project", text) => {
            format!("The project guidance has changed. In place of the earlier one holds now:\n{text}")
        }
        ("userInstructions", "") => "The user's own instructions hold no longer.".to_owned(),
        ("userInstructions", text) => {
            format!(
                "The user's own instructions have changed. In place of the earlier ones hold now:\n{text}"
            )
        }
        (about, text) => {
            format!("Changed since this session began: {}: {text}", about.trim_start_matches(FACT))
        }
    }
}

fn told(item: &Item) -> Option<(&str, &str)> {
    match &item.body {
        ItemBody::Context(ContextItem::Told { text, about }) if !about.is_empty() && item.agent.is_none() => {
            Some((about, text))
        }
        _ => None,
    }
}

async fn branch(front: &Front) -> Option<String> {
    let roots = front.workspace.roots();
    let top = glossator_workspace::identity(roots.folders().first()?);
    let text = front.workspace.read(&top.join(".git").join("HEAD")).await.ok()?.text;
    let head = text.trim();
    let branch = head.strip_prefix("ref: refs/heads/").map(str::to_owned);
    branch.or_else(|| head.get(..12).map(|commit| format!("none (at commit {commit})")))
}

#[cfg(test)]
mod tests;
