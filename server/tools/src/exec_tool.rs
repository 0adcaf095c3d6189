//! `exec`: runs one command and gives back what it printed. What may run is the policy's business, not this tool's.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_exec::{CommandLine, Request, Verdict, classify_request, display, harden, run};
use glossator_session::{Effect, ToolError, ToolErrorKind, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const ABOUT: About = About {
    name: "exec",
    description: "Runs a command (`command`: program and arguments) or shell text (`script`). It sees files as they are \
                  on disk; the result names buffers whose text is not saved. Anything but known read-only commands may \
                  ask the user.",
    example: "await tools.exec({ command: [\"cargo\", \"test\"], timeoutMs: 300000 })",
    plain: Some("script"),
    effect: Effect::Run,
};

/// Milliseconds a command may take when no limit is named.
const DEFAULT_TIMEOUT_MS: u64 = 120_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Program and arguments, without a shell.
    #[serde(default)]
    command: Option<Vec<String>>,
    /// Shell text, instead of `command`.
    #[serde(default)]
    script: Option<String>,
    /// Working folder; the workspace if not given.
    #[serde(default)]
    cwd: Option<String>,
    /// Milliseconds after which it is ended; 120000 if not given.
    #[serde(default)]
    timeout_ms: Option<u64>,
    /// Variables set for the command.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// What it reads from standard input; nothing if not given.
    #[serde(default)]
    stdin: Option<String>,
    /// The name the program sees as its own.
    #[serde(default)]
    arg0: Option<String>,
    /// Ask the user for a run that policy would not allow by itself.
    #[serde(default)]
    escalated: bool,
    /// Why that is needed; shown to the user.
    #[serde(default)]
    justification: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// 124 after a timeout, 128 + signal when a signal ended it.
    exit_code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    timed_out: bool,
    stdout: String,
    stderr: String,
    /// Both, in the order in which they came.
    aggregated: String,
    /// Whether the middle of the output was left out.
    truncated: bool,
    duration_ms: u64,
    /// Always `none` now: the command ran with the user's own rights.
    sandbox: String,
    /// Open buffers whose unsaved text the command could not see.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsaved_buffers: Vec<String>,
}

/// The tool.
pub struct Exec {
    spec: ToolSpec,
}

impl Exec {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for Exec {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(arguments)?;
            let escalation = input
                .escalated
                .then(|| input.justification.clone().unwrap_or_else(|| "no reason given".to_owned()));
            let mut request = request(cx, input)?;
            let verdict = classify_request(&request, cx.workspace.roots().folders());
            // The user is shown the command as the model gave it, without what hardening adds.
            let line = shown(&request);
            if verdict == Verdict::Safe {
                harden(&mut request);
            }
            let action = Action::Command {
                line: line.clone(),
                cwd: request.cwd.display().to_string(),
                verdict,
                escalation,
            };
            Ok(Prepared {
                line: format!("exec {line}"),
                action,
                run: Box::new(move |cx| Box::pin(execute(request, cx))),
            })
        })
    }
}

/// The command as the user is shown it and as a grant remembers it: with everything that changes what it does.
fn shown(request: &Request) -> String {
    let mut line = String::new();
    for (name, value) in &request.env {
        line.push_str(&format!("{name}={} ", display(&CommandLine::Argv(vec![value.clone()]))));
    }
    line.push_str(&display(&request.command));
    if let Some(name) = &request.arg0 {
        line.push_str(&format!(" (under the name {name:?})"));
    }
    if let Some(input) = &request.stdin {
        line.push_str(&format!(" (with the input {input:?})"));
    }
    line
}

fn request(cx: &ToolCx, input: Input) -> Result<Request, ToolError> {
    let wrong = |message: &str| {
        ToolError::new(ToolErrorKind::ToolArguments, format!("exec: {message}. Example: {}", ABOUT.example))
    };
    let command = match (input.command, input.script) {
        (Some(words), None) if words.first().is_some_and(|word| !word.is_empty()) => CommandLine::Argv(words),
        (Some(_), None) => return Err(wrong("`command` is empty")),
        (None, Some(text)) if !text.trim().is_empty() => CommandLine::Shell(text),
        (None, Some(_)) => return Err(wrong("`script` is empty")),
        (None, None) => {
            return Err(wrong("give `command` (program and arguments) or `script` (shell text)"));
        }
        (Some(_), Some(_)) => return Err(wrong("give `command` or `script`, not both")),
    };
    let roots = cx.workspace.roots();
    let cwd = roots
        .resolve(input.cwd.as_deref().unwrap_or("."))
        .map_err(|error| ToolError::failed(error.to_string()))?;
    Ok(Request {
        command,
        cwd,
        env: input.env.into_iter().collect(),
        stdin: input.stdin,
        timeout: Duration::from_millis(input.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS)),
        arg0: input.arg0,
    })
}

async fn execute(request: Request, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let stream = cx.call.to_string();
    let turn = cx.turn.clone();
    let show = move |_, text: &str| turn.delta(&stream, text);
    let outcome = run(&request, &cx.exec, &cx.cancel, &show)
        .await
        .map_err(|error| ToolError::failed(error.to_string()))?;
    if outcome.cancelled {
        let message = format!("the command was cancelled after {} ms", outcome.millis);
        return Err(ToolError::new(ToolErrorKind::ToolCancelled, message));
    }
    let roots = cx.workspace.roots();
    let unsaved_buffers = cx
        .workspace
        .overlay()
        .all()
        .into_iter()
        .filter(|buffer| buffer.dirty)
        .filter_map(|buffer| buffer.path.map(|path| roots.display(&path)))
        .collect();
    let how = if outcome.timed_out { ", timed out".to_owned() } else { String::new() };
    let summary = format!("exit {}{how}, {} ms", outcome.exit_code, outcome.millis);
    let output = Output {
        exit_code: outcome.exit_code,
        signal: outcome.signal,
        timed_out: outcome.timed_out,
        stdout: outcome.stdout,
        stderr: outcome.stderr,
        aggregated: outcome.aggregated,
        truncated: outcome.truncated,
        duration_ms: outcome.millis,
        sandbox: "none".to_owned(),
        unsaved_buffers,
    };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}
