//! What can be wrong with a `glossator run` is found out here, before anything is started or spent.

use crate::run::arguments::Run;
use crate::run::files::{Files, Named};
use crate::run::kept::Kept;
use crate::run::prompt::Sizes;
use crate::{assemble, exec, logging};
use glossator_models::tokens::{Family, estimate};
use glossator_settings::{Settings, Source, turn_config};
use glossator_store::Store;
use glossator_tools::Policy;
use serde_json::Value;
use std::path::PathBuf;

/// Tokens of a window that nobody knows.
const UNKNOWN_WINDOW: u64 = 128_000;

/// A run that can begin.
pub struct Prepared {
    pub folder: PathBuf,
    pub files: Files,
    pub kept: Kept,
    pub window: Window,
    pub budget: Budget,
}

/// The window of the model, and whose words are counted in it.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    tokens: u64,
    family: Family,
}

/// What all runs of an epic may come to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Budget {
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub micro_usd: Option<u64>,
}

/// Why a run cannot begin.
pub enum Trouble {
    /// What was asked for cannot be done.
    Usage(String),
    /// It failed.
    Failed(String),
}

/// Finds out whether a run can begin.
pub async fn prepare(arguments: &Run) -> Result<Prepared, Trouble> {
    let folders = assemble::folders();
    logging::start(&folders.state, logging::filter().as_deref());
    let folder = exec::folder(arguments.cwd.as_deref()).map_err(Trouble::Usage)?;
    let identity = glossator_workspace::identity(&folder);
    let source = Source {
        folders: folders.clone(),
        workspace: Some(identity.clone()),
        editor: Value::Null,
        command_line: arguments.settings(),
    };
    let loaded = source.load(false);
    if let Some(problem) = loaded.problems.iter().find(|problem| problem.layer == "the command line") {
        return Err(Trouble::Usage(format!("--{}: {}", problem.key.replace('.', "-"), problem.message)));
    }
    let settings = loaded.settings;
    if settings.policy == Policy::ReadOnly {
        let why = "a run has to write its log and its task list, and the policy is read-only; take --policy ask, auto-edit or \
                   full";
        return Err(Trouble::Usage(why.to_owned()));
    }
    let named =
        Named { epic: &arguments.epic, tasks: arguments.tasks.as_deref(), log: arguments.log.as_deref() };
    let files = Files::find(exec::headless_workspace(&folder), &named).map_err(Trouble::Usage)?;
    let window = window(&settings, arguments)?;
    let epic = files.read_epic().await.map_err(Trouble::Usage)?;
    window.fits(&files, &epic).map_err(Trouble::Usage)?;
    let held = Store::open(&folders.state, &identity).and_then(|store| store.hold_run(&files.epic));
    let held = held.map_err(|error| Trouble::Failed(error.to_string()))?;
    let kept = Kept::of(held, &files.epic, arguments.new).map_err(Trouble::Failed)?;
    Ok(Prepared { folder, files, kept, window, budget: budget(&settings) })
}

fn budget(settings: &Settings) -> Budget {
    let dollars = settings.budget.session_usd.filter(|usd| *usd > 0.0);
    Budget {
        tokens: settings.budget.session_tokens.filter(|tokens| *tokens > 0),
        micro_usd: dollars.map(|usd| (usd * 1e6).round() as u64),
    }
}

/// What is known of the model. A budget of dollars is none where no price is known.
fn window(settings: &Settings, arguments: &Run) -> Result<Window, Trouble> {
    let config = turn_config(settings, &assemble::kit().environment);
    let facts = &config.request.facts;
    if arguments.limits.budget_usd.is_some() && config.provider.is_ok() && facts.price.is_none() {
        return Err(Trouble::Usage(format!(
            "--budget-usd cannot be kept, since no price is known of {}; set one in [models.\"...\"] of the settings, or take \
             --budget-tokens",
            config.request.model
        )));
    }
    let tokens = facts.context_window.unwrap_or(UNKNOWN_WINDOW);
    Ok(Window { tokens, family: Family::of(&config.request.model) })
}

impl Window {
    pub fn sizes(self) -> Sizes {
        Sizes::for_window(self.tokens)
    }

    /// Whether half of the window is left for the work; the error is for people.
    pub fn fits(self, files: &Files, epic: &str) -> Result<(), String> {
        let tokens = estimate(epic, self.family);
        match tokens > self.tokens / 2 {
            false => Ok(()),
            true => Err(format!(
                "{} is too long for a run: it has about {tokens} tokens, the model's window {}, and half of that is for the \
                 work. Shorten it, put parts of it into files that it names, or take a model with a larger window.",
                files.shown(&files.epic),
                self.tokens
            )),
        }
    }
}
