//! `exec`: runs one command and gives back what it printed. What may run is the policy's business, not this tool's.

mod disk;
mod job;
mod live;
mod road;
mod running;
mod shown;
#[cfg(test)]
mod tests;
mod wait;

use crate::arguments::{About, to_value};
use crate::effects::{Changed, Effects, Named, NotApplied};
use crate::{Action, Prepared, Tool, ToolCx, carried, keys};
use disk::Disk;
use futures::future::BoxFuture;
use glossator_exec::{CommandLine, ExecError, Request, Verdict, beginning, classify_request, harden};
use glossator_session::{Effect, FileKey, ToolError, ToolErrorKind, ToolOutput, ToolSpec};
use glossator_workspace::ReadError;
use job::{Job, Unsaved};
use road::{Road, choose};
use running::{Ran, case, run_job};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shown::{LINE, WHOLE, exact, shown};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Handle;

/// What the model is told.
pub const ABOUT: About = About {
    name: "exec",
    description: "Runs a command (`command`: program and arguments) or shell text (`script`). What it \
                  changes in the user's files becomes a change set, as with `applyPatch`. Anything but known read-only \
                  commands may ask the user.",
    example: "await tools.exec({ command: [\"cargo\", \"test\"], timeoutMs: 300000 })",
    plain: Some("script"),
    bare: false,
    effect: Effect::Run,
    freeform: None,
    brief: "Runs `command` (program and arguments) or shell text (`script`); what it changes becomes a change set. `timeoutMs` is \
            120000 if not given.",
    rare: &[
        "arg0",
        "escalated",
        "justification",
        "signal",
        "aggregated",
        "hint",
        "durationMs",
        "sandbox",
        "buffers",
        "movedFrom",
        "kind",
        "notReversible",
        "notApplied",
    ],
};

/// Milliseconds a command may take when no limit is named.
const DEFAULT_TIMEOUT_MS: u64 = 120_000;
/// The longest limit that may be named.
const MOST_TIMEOUT_MS: u64 = 3_600_000;
/// The longest that a command may take which runs unasked, because it is known to be safe.
const SAFE_TIMEOUT: Duration = Duration::from_secs(120);

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
    /// Milliseconds after which it is ended, 1 to 3600000; 120000 if not given. Known read-only commands get at most
    /// 120000.
    #[serde(default)]
    timeout_ms: Option<u64>,
    /// Variables set for the command. Names are letters, digits and `_`.
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
    /// Both, in the order in which they came. Left out when `stderr` is empty: it is `stdout` then.
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregated: Option<String>,
    #[serde(flatten)]
    whole: WholeOutput,
    duration_ms: u64,
    /// Always `none` now: the command ran with the user's own rights.
    sandbox: String,
    /// How it saw unsaved text: `overlay` (as in the editor), `save` or `wait` (saved first), `disk` (older).
    #[serde(skip_serializing_if = "Option::is_none")]
    buffers: Option<String>,
    /// Files of which it saw older text than the editor's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsaved_buffers: Vec<String>,
    #[serde(flatten)]
    effects: Told,
}

/// Whether the texts are all that was printed, and where that is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WholeOutput {
    /// Whether the middle of the output was left out: each text has at most 1 MiB, counted as JSON.
    truncated: bool,
    /// Where the middle was left out: the key of all that was printed, up to 16 MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_key: Option<String>,
    /// How it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// What the command changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Changed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_set: Option<String>,
    /// Changed, and undo cannot bring them back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_reversible: Vec<Named>,
    /// Changed by the command, and not carried over to the user's files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_applied: Vec<NotApplied>,
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
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let escalation = input
                .escalated
                .then(|| input.justification.clone().unwrap_or_else(|| "no reason given".to_owned()));
            let request = request(cx, input)?;
            is_folder(cx, &request.cwd).await?;
            if let Some(edit) = carried::prepared(cx, &request).await {
                return Ok(edit);
            }
            let (mut request, verdict, begins) = classified(cx, request).await?;
            let safe = verdict == Verdict::Safe;
            // The user is shown the command as the model gave it, without what hardening adds.
            let action = Action::Command {
                line: shown(&request, WHOLE),
                exact: exact(&request),
                cwd: request.cwd.display().to_string(),
                verdict: with_unsaved(cx, verdict.clone()).await,
                escalation,
                begins,
            };
            let command = shown(&request, LINE);
            let line = format!("exec {command}");
            request.timeout = time_limit(&verdict, request.timeout);
            if safe {
                harden(&mut request);
            }
            let job = Job { request, line: command, safe };
            Ok(Prepared { line, action, run: Box::new(move |cx| Box::pin(execute(job, cx))) })
        })
    }
}

/// That the working folder is one: nobody is asked about a command that cannot run.
async fn is_folder(cx: &ToolCx, cwd: &Path) -> Result<(), ToolError> {
    match cx.workspace.read(cwd).await {
        Err(ReadError::Directory { .. }) => Ok(()),
        // On an overlay it is made for the unsaved files in it.
        _ if cx.workspace.overlay().paths().iter().any(|path| path.starts_with(cwd)) => Ok(()),
        _ => Err(ToolError::failed(ExecError::NoFolder { cwd: cwd.to_path_buf() }.to_string())),
    }
}

/// The verdict with the unsaved files that the command would not see, where it would wait for them: if it is asked for at
/// all, it is asked for once.
async fn with_unsaved(cx: &ToolCx, verdict: Verdict) -> Verdict {
    if verdict == Verdict::Safe {
        return verdict;
    }
    let unsaved = Unsaved::of(cx).await;
    if unsaved.shown.is_empty() || choose(&case(cx, false, true).await).0 != Road::Wait {
        return verdict;
    }
    let also = |why: String| format!("{why}; {}", wait::reason(&unsaved.shown));
    match verdict {
        Verdict::Unknown(why) => Verdict::Unknown(also(why)),
        Verdict::Dangerous(why) => Verdict::Dangerous(also(why)),
        Verdict::Safe => verdict,
    }
}

/// How long a command may take that was given `asked`.
fn time_limit(verdict: &Verdict, asked: Duration) -> Duration {
    if *verdict == Verdict::Safe { asked.min(SAFE_TIMEOUT) } else { asked }
}

/// What is known of `request`, links included, and in the workspace how it begins. Links are looked at on a thread of their own.
async fn classified(cx: &ToolCx, request: Request) -> Result<(Request, Verdict, Option<String>), ToolError> {
    let roots = cx.workspace.roots();
    let (workspace, cwd, runtime) = (cx.workspace.clone(), request.cwd.clone(), Handle::current());
    let work = move || {
        let disk = Disk { workspace, roots, cwd, runtime };
        let verdict = classify_request(&request, disk.roots.folders(), &disk);
        let is_inside = disk.roots.folders().iter().any(|folder| request.cwd.starts_with(folder));
        let begins = if is_inside { beginning(&request, disk.roots.folders(), &disk) } else { None };
        (request, verdict, begins)
    };
    let broken = |_| ToolError::failed("the command could not be looked through; it was not run");
    tokio::task::spawn_blocking(work).await.map_err(broken)
}

fn request(cx: &ToolCx, input: Input) -> Result<Request, ToolError> {
    let wrong = |message: &str| ABOUT.wrong(&format!("{message}."));
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
    let limit = input.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS);
    if !(1..=MOST_TIMEOUT_MS).contains(&limit) {
        return Err(wrong(&format!("`timeoutMs` is {limit}; give 1 to {MOST_TIMEOUT_MS}")));
    }
    let roots = cx.workspace.roots();
    let cwd = roots
        .resolve(input.cwd.as_deref().unwrap_or("."))
        .map_err(|error| ToolError::failed(error.to_string()))?;
    let request = Request {
        command,
        cwd,
        env: input.env.into_iter().collect(),
        stdin: input.stdin,
        timeout: Duration::from_millis(limit),
        arg0: input.arg0,
    };
    request.check_env().map_err(|error| wrong(&error.to_string()))?;
    Ok(request)
}

async fn execute(job: Job, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let Ran { mut outcome, effects, buffers, older } = run_job(job, &cx).await?;
    let kept = whole(outcome.whole.take(), &cx).await;
    let effects = effects.bounded();
    if outcome.cancelled {
        let message = format!("the command was cancelled after {} ms{}", outcome.millis, told(&effects));
        return Err(ToolError::new(ToolErrorKind::ToolCancelled, message));
    }
    let how = if outcome.timed_out { ", timed out" } else { "" };
    let summary = format!("exit {}{how}, {} ms{}", outcome.exit_code, outcome.millis, effects.summary());
    // Kept twice it would only fill logs and requests.
    let aggregated = (!outcome.stderr.is_empty()).then_some(outcome.aggregated);
    let output = Output {
        exit_code: outcome.exit_code,
        signal: outcome.signal,
        timed_out: outcome.timed_out,
        stdout: outcome.stdout,
        stderr: outcome.stderr,
        aggregated,
        whole: WholeOutput {
            truncated: outcome.truncated,
            hint: kept
                .as_ref()
                .map(|kept| kept.as_ref().map_or_else(String::clone, |key| keys::hint(key, 0))),
            file_key: kept.and_then(|kept| Some(kept.ok()?.0)),
        },
        duration_ms: outcome.millis,
        sandbox: "none".to_owned(),
        buffers: Some(buffers.to_owned()),
        unsaved_buffers: older,
        effects: Told {
            notes: effects.notes,
            changes: effects.changes,
            change_set: effects.change_set.map(|id| id.0),
            not_reversible: effects.not_reversible,
            not_applied: effects.not_applied,
        },
    };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

/// All that was printed, kept under a key where a part of it had to be left out; `Err` says why it could not be.
async fn whole(printed: Option<String>, cx: &ToolCx) -> Option<Result<FileKey, String>> {
    let (printed, turn) = (printed?, cx.turn.clone());
    let kept = tokio::task::spawn_blocking(move || turn.keep(&printed)).await;
    let kept = kept.unwrap_or_else(|_| Err("keeping it broke down; see Glossator's log".to_owned()));
    Some(kept.map_err(|why| format!("what was left out is lost, it could not be kept: {why}")))
}

/// What a command had changed before it was cancelled, as a sentence; nothing if it had not.
fn told(effects: &Effects) -> String {
    let changed: Vec<&str> = effects.changes.iter().map(|one| one.path.as_str()).collect();
    let lost: Vec<&str> = effects.not_reversible.iter().map(|one| one.path.as_str()).collect();
    let kept: Vec<&str> = effects.not_applied.iter().map(|one| one.path.as_str()).collect();
    let id = effects.change_set.as_ref().map(|id| format!(" (change set {id})")).unwrap_or_default();
    let part = |what: &str, paths: &[&str], id: &str| match paths {
        [] => String::new(),
        paths => format!(". {what}: {}{id}", paths.join(", ")),
    };
    [
        part("What it had changed until then stands and can be undone", &changed, &id),
        part("Changed and not reversible", &lost, ""),
        part("Not carried over", &kept, ""),
    ]
    .concat()
}
