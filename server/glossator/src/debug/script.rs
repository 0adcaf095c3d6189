//! `glossator debug script`: one script against the real tools in the current folder, without a session around it.

mod shell;

use super::text;
use crate::assemble;
use crate::exec::headless_workspace;
use crate::terminal::{complain, say};
use glossator_agent::{Agent, ScriptConfig, ScriptFacts, TurnConfig, script_context};
use glossator_lsp::Kit;
use glossator_script::Limits;
use glossator_session::{CallId, TurnId};
use glossator_settings::{Settings, Source, turn_config};
use glossator_tools::{
    CallLine, Dispatcher, Mode, Policy, Registry, ReviewMode, ScriptBlock, ScriptReport, Task, Tasks,
    run_script,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shell::Shell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long detached calls may take to end once the script has, after they were told to.
const LAST_TASKS: Duration = Duration::from_secs(5);

/// How it is run.
pub struct How {
    pub pack: String,
    pub policy: String,
    pub mode: String,
    pub json: bool,
}

/// Runs the script; exit code 0 when it ended without an error.
pub async fn run(file: &Path, how: How) -> Result<u8, String> {
    let source = text(file)?;
    let policy: Policy = named("--policy", &how.policy)?;
    let mode: Mode = named("--mode", &how.mode)?;
    if mode == Mode::Disabled {
        return Err("--mode disabled runs no script; use enabled or dry-run".to_owned());
    }
    let folder = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let config = configured(&folder);
    let registry = Registry::resolve(&how.pack, &config.packs).map_err(|error| error.to_string())?;
    let dispatcher = Arc::new(dispatcher(registry, &folder, policy, mode));
    dispatcher.tasks.allow(config.script.tasks);
    let engine = assemble::engine();
    let context = context(&dispatcher, &engine.bounded(&config.script.limits), &config.script);
    let block = ScriptBlock { id: CallId("S0".to_owned()), source, context, limits: config.script.limits };
    let report = run_script(dispatcher.clone(), &engine, block, CancellationToken::new()).await;
    let tasks = dispatcher.tasks.list();
    match how.json {
        true => say!("{}", outcome_line(&report, mode, &tasks)),
        false => say!("{}", report.text),
    }
    end_tasks(&dispatcher.tasks).await;
    Ok(u8::from(!report.ok))
}

fn named<T: DeserializeOwned>(option: &str, value: &str) -> Result<T, String> {
    serde_json::from_value(json!(value)).map_err(|error| format!("{option}: {error}"))
}

pub fn dispatcher(registry: Registry, folder: &Path, policy: Policy, mode: Mode) -> Dispatcher {
    let shell = Arc::new(Shell::default());
    Dispatcher {
        registry,
        turn: shell.clone(),
        journal: shell,
        reach: Arc::new(headless_workspace(folder)),
        exec: Arc::default(),
        review: ReviewMode::default(),
        commit_lock: Arc::default(),
        policy,
        trusted: true,
        mode,
        tasks: Tasks::new(Vec::new()),
        outstanding: TaskTracker::new(),
    }
}

/// The settings that hold in a workspace, as the user trusts it, and whether the user does.
pub fn workspace_settings(kit: &Kit, identity: &Path, agent: &Agent) -> (Settings, bool) {
    let source = Source {
        folders: kit.folders.clone(),
        workspace: Some(identity.to_owned()),
        editor: Value::Null,
        command_line: Value::Null,
    };
    let trusted = agent.trusted(identity, source.workspace_text().as_deref());
    let loaded = source.load(trusted);
    loaded.problems.iter().for_each(|problem| complain!("warning: {problem}"));
    (loaded.settings, trusted)
}

/// The user's own settings; those of the folder do not count, as nobody was asked whether it is trusted.
fn configured(folder: &Path) -> TurnConfig {
    let kit = assemble::kit();
    let workspace = Some(glossator_workspace::identity(folder));
    let source = Source { folders: kit.folders, workspace, editor: Value::Null, command_line: Value::Null };
    let loaded = source.load(false);
    loaded.problems.iter().for_each(|problem| complain!("warning: {problem}"));
    turn_config(&loaded.settings, &kit.environment)
}

/// What the script sees as `context`: as in a session, with nothing open.
pub fn context(dispatcher: &Dispatcher, limits: &Limits, script: &ScriptConfig) -> Value {
    let facts = ScriptFacts {
        session: "debug",
        turn: TurnId(0),
        selection: Value::Null,
        mode: dispatcher.mode,
        model: "none",
        limits,
        script,
    };
    script_context(&dispatcher.workspace(), facts)
}

/// What became of a call, in a line; in a dry run what would have.
fn said(call: &CallLine) -> &str {
    match &call.outcome {
        Ok(said) | Err(said) => said,
    }
}

/// The command ends with its script: what still runs is stopped, and said.
async fn end_tasks(tasks: &Tasks) {
    for task in tasks.going_on() {
        complain!("task {} ({}) still ran and is stopped", task.id, task.line);
    }
    tasks.cancel_all();
    // What does not end by then ends with this process.
    tasks.wait_all(LAST_TASKS).await;
}

fn outcome_line(report: &ScriptReport, mode: Mode, tasks: &[Task]) -> Value {
    let outcome = &report.outcome;
    let error = outcome.error.as_ref().map(|error| {
        json!({
            "name": error.name.as_str(),
            "message": error.message,
            "line": error.line,
            "column": error.column,
            "excerpt": error.excerpt,
            "hint": error.hint,
            "tool": error.tool,
        })
    });
    let calls = outcome.calls.iter().map(|call| {
        json!({
            "number": call.number,
            "name": call.name,
            "args": call.summary,
            "ok": call.ok,
            "error": call.error,
            "outcome": report.calls.iter().find(|line| line.number == call.number).map(said),
            "millis": call.millis,
            "orphaned": call.orphaned,
        })
    });
    let console = outcome.console.iter().map(|line| json!({ "level": line.level, "text": line.text }));
    let tasks = tasks.iter().map(|task| {
        json!({ "id": task.id, "tool": task.tool, "line": task.line, "state": task.state, "millis": task.millis })
    });
    json!({
        "status": if outcome.error.is_some() { "failed" } else { "done" },
        "mode": mode.name(),
        "value": outcome.value,
        "error": error,
        "calls": calls.collect::<Vec<_>>(),
        "console": console.collect::<Vec<_>>(),
        "tasks": tasks.collect::<Vec<_>>(),
        "millis": outcome.millis,
    })
}
