//! `glossator debug script`: one script against the real tools in the current folder, without a session around it.

use super::text;
use crate::assemble;
use crate::exec::headless_workspace;
use crate::terminal::say;
use futures::future::BoxFuture;
use glossator_script::Limits;
use glossator_session::{Answer, Ask, AskId, CallId, ChangeSetId, ChangeState, Decision, FileKey, Grant, ItemBody};
use glossator_tools::{Dispatcher, Journal, Mode, Policy, Registry, ScriptBlock, Tasks, Turn, run_script};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs the script; exit code 0 when it ended without an error.
pub async fn run(file: &Path, pack: &str, policy: &str, as_json: bool) -> Result<u8, String> {
    let source = text(file)?;
    let policy: Policy =
        serde_json::from_value(json!(policy)).map_err(|error| format!("--policy: {error}"))?;
    let folder = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let shell = Arc::new(Shell::default());
    let dispatcher = Dispatcher {
        registry: Registry::of_pack(pack).map_err(|error| error.to_string())?,
        turn: shell.clone(),
        journal: shell,
        workspace: headless_workspace(&folder),
        exec: Arc::default(),
        commit_lock: Arc::default(),
        policy,
        trusted: true,
        mode: Mode::Enabled,
        tasks: Tasks::new(Vec::new()),
        outstanding: TaskTracker::new(),
    };
    let folders = [folder.display().to_string()];
    let context = json!({
        "sessionId": "debug",
        "turnId": "T-0",
        "workspaceFolders": folders,
        "workingDirectory": folders[0],
        "openBuffers": [],
        "model": "none",
        "limits": {},
    });
    let block = ScriptBlock { id: CallId("S0".to_owned()), source, context, limits: Limits::default() };
    let engine = assemble::engine();
    let report = run_script(Arc::new(dispatcher), &engine, block, CancellationToken::new()).await;
    match as_json {
        true => say!("{}", outcome_line(&report.outcome)),
        false => say!("{}", report.text),
    }
    Ok(u8::from(!report.ok))
}

fn outcome_line(outcome: &glossator_script::Outcome) -> Value {
    let error = outcome.error.as_ref().map(|error| {
        json!({
            "name": error.name.as_str(),
            "message": error.message,
            "line": error.line,
            "column": error.column,
            "tool": error.tool,
        })
    });
    let calls =
        outcome.calls.iter().map(|call| json!({ "number": call.number, "name": call.name, "ok": call.ok }));
    let console = outcome.console.iter().map(|line| json!({ "level": line.level, "text": line.text }));
    json!({
        "status": if outcome.error.is_some() { "failed" } else { "done" },
        "value": outcome.value,
        "error": error,
        "calls": calls.collect::<Vec<_>>(),
        "console": console.collect::<Vec<_>>(),
        "tasks": [],
    })
}

/// A shell as a turn: nothing is kept, nobody is asked, console lines go to standard error.
#[derive(Default)]
struct Shell {
    changes: AtomicU32,
}

impl Turn for Shell {
    fn record(&self, _: ItemBody) -> Result<(), String> {
        Ok(())
    }

    fn delta(&self, _: &str, text: &str) {
        crate::terminal::err(text);
    }

    fn ask<'a>(
        &'a self,
        _: Ask,
        _: Option<&'a str>,
        _: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        Box::pin(async { Answer { decision: Decision::Deny, grant: Grant::Once, message: None } })
    }

    fn can_ask(&self) -> bool {
        false
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId("A0".to_owned())
    }

    fn granted(&self, _: &str) -> bool {
        false
    }

    fn grant(&self, _: &str) {}

    fn keep(&self, _: &str) -> Result<FileKey, String> {
        Err("nothing is kept here".to_owned())
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        Err(format!("there is no text under the key {key}"))
    }

    fn stored(&self) -> Map<String, Value> {
        Map::new()
    }
}

impl Journal for Shell {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId(format!("C{}", self.changes.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        Ok(())
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}
