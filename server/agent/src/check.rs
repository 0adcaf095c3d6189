//! Looks at a script without a session: whether it would run, and which calls it would make. Records nothing, asks nobody,
//! and nothing it does has an effect.

use crate::AgentError;
use crate::config::{Front, TurnConfig};
use crate::script_context::{ScriptFacts, script_context};
use crate::shared::Shared;
use crate::toolset::Toolset;
use futures::future::BoxFuture;
use glossator_session::{
    Answer, Ask, AskId, CallId, ChangeSetId, ChangeState, Decision, FileKey, Grant, ItemBody, TurnId,
};
use glossator_tools::{
    Dispatcher, Journal, Mode, ScriptBlock, ScriptReport, Tasks, Turn, check_script, run_script,
};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How far a script is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// Parsed and compiled; nothing of it runs.
    #[default]
    Syntax,
    /// Run with tools that check and list calls and give back placeholders.
    DryRun,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckReport {
    /// Whether it would run; in a dry run, whether it ran to its end.
    pub ok: bool,
    /// Why not.
    pub error: Option<CheckError>,
    /// The calls it would make, in its order; of a dry run only.
    pub calls: Vec<CheckedCall>,
    /// All of it, as a model would read it.
    pub text: String,
}

/// What is wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckError {
    /// A name of the catalogue: `ScriptSyntaxError`.
    pub name: String,
    /// What happened.
    pub message: String,
    /// Line from 1, where it is known.
    pub line: Option<u32>,
    /// Column in characters from 1, where it is known.
    pub column: Option<u32>,
    /// That line with a caret below it.
    pub excerpt: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
}

/// A call that a script would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCall {
    /// The tool.
    pub name: String,
    /// The call in one line.
    pub line: String,
    /// What would become of it: `would run`, `would ask: why`, `would be refused: why`, or its error.
    pub verdict: String,
}

/// Looks at `source` with the tools and limits that a session under `config` would begin with.
pub(crate) async fn check(
    shared: &Shared,
    (source, check): (String, Check),
    config: &TurnConfig,
    front: Front,
) -> Result<CheckReport, AgentError> {
    let facts = ScriptFacts {
        session: "check",
        turn: TurnId(0),
        selection: Value::Null,
        mode: Mode::DryRun,
        model: &config.request.model,
        limits: &shared.engine.bounded(&config.script.limits),
        script: &config.script,
    };
    let context = script_context(&front.workspace, facts);
    let id = CallId("check".to_owned());
    let block = ScriptBlock { id, source, context, limits: config.script.limits.clone() };
    let dispatcher = Arc::new(Dispatcher {
        registry: Toolset::of(None, config)?.registry,
        turn: Arc::new(Nowhere),
        journal: Arc::new(Nowhere),
        reach: Arc::new(front.workspace),
        exec: config.acts.exec.clone(),
        review: config.acts.review,
        commit_lock: shared.commit_lock.clone(),
        policy: config.acts.policy,
        trusted: front.trusted,
        mode: Mode::DryRun,
        tasks: Tasks::new(Vec::new()),
        outstanding: TaskTracker::new(),
    });
    let cancel = CancellationToken::new();
    // A dropped check must not leave its calls behind.
    let _cancelled = cancel.clone().drop_guard();
    let report = match check {
        Check::Syntax => check_script(dispatcher, &shared.engine, block, cancel).await,
        Check::DryRun => run_script(dispatcher, &shared.engine, block, cancel).await,
    };
    Ok(told(report, config.redact.as_ref()))
}

fn told(report: ScriptReport, redact: &dyn Fn(&str) -> String) -> CheckReport {
    let error = report.outcome.error.map(|error| CheckError {
        name: error.name.as_str().to_owned(),
        message: redact(&error.message),
        line: error.line,
        column: error.column,
        excerpt: error.excerpt,
        hint: error.hint,
    });
    let calls = report.calls.into_iter().map(|call| CheckedCall {
        name: call.name,
        line: redact(&call.line),
        verdict: redact(&call.outcome.unwrap_or_else(|error| error)),
    });
    CheckReport { ok: report.ok, error, calls: calls.collect(), text: redact(&report.text) }
}

/// The turn of a check: nothing is kept, nobody is there.
struct Nowhere;

impl Turn for Nowhere {
    fn record(&self, _: ItemBody) -> Result<(), String> {
        Ok(())
    }

    fn delta(&self, _: &str, _: &str) {}

    fn ask<'a>(&'a self, _: Ask, _: &'a [String], _: &'a CancellationToken) -> BoxFuture<'a, Answer> {
        Box::pin(async {
            Answer { decision: Decision::Deny, grant: Grant::Once, message: None, hunks: None }
        })
    }

    fn can_ask(&self) -> bool {
        // A verdict says what would be asked in the editor.
        true
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId("A0".to_owned())
    }

    fn granted(&self, _: &[String], _: bool) -> bool {
        false
    }

    fn grant(&self, _: Grant, _: &str, _: &str) {}

    fn keep(&self, _: &str) -> Result<FileKey, String> {
        Err("a check keeps nothing".to_owned())
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        Err(format!("there is no text under the key {key}: a check belongs to no session"))
    }

    fn stored(&self) -> Map<String, Value> {
        Map::new()
    }
}

impl Journal for Nowhere {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId("C0".to_owned())
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        Err("a check changes nothing".to_owned())
    }

    fn user_is_asked(&self) -> bool {
        false
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}
