//! `tools.spawn`: starts calls that outlive their script, and answers what scripts ask about them.
//! Each is a call like any other: judged, asked for and recorded by dispatch.

use crate::dispatch::{self, Begun, Ready};
use crate::kept::keep_value;
use crate::{CallReport, Dispatcher, ExecSetup, Task, Tasks, Turn};
use futures::FutureExt;
use glossator_session::{CallId, ItemBody, TaskState, ToolCall, ToolError, ToolErrorKind, ToolOutput};
use serde_json::{Map, Value, json};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;

/// What scripts ask about tasks, without `spawn.`.
pub(crate) const QUESTIONS: &[&str] = &["list", "status", "result", "wait", "cancel"];
/// How long a cancelled task may take to end before its state is told as it is.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The longest that a script may wait, in milliseconds.
const LONGEST_WAIT: f64 = 24.0 * 3_600_000.0;
/// Ended tasks that a list holds: the newest.
const LISTED: usize = 100;
/// Bytes of a value that is held in memory because it could not be kept with the session.
const HELD: usize = 16 * 1024 * 1024;

/// Starts `call` as a task of its own in `tasks`. The report comes as soon as it is known whether it runs: its value is
/// `{ id }`. `cancel` is the script's and counts until then.
pub(crate) async fn start(
    dispatcher: Arc<Dispatcher>,
    tasks: Arc<Tasks>,
    (call, script): (ToolCall, CallId),
    cancel: CancellationToken,
) -> CallReport {
    let own = CancellationToken::new();
    let exec = ExecSetup { detached: true, ..(*dispatcher.exec).clone() };
    let dispatcher = Arc::new(Dispatcher { exec: Arc::new(exec), ..(*dispatcher).clone() });
    let task = entry(&call, dispatch::rough_line(&call, dispatcher.turn.as_ref()));
    let (id, tool) = (task.id.clone(), task.tool.clone());
    // Entered before anything is looked at: of several that are started at once, the last is one too many.
    if let Err(too_many) = tasks.begin(task, own.clone()) {
        return dispatcher.refuse(call, script, too_many);
    }
    let entered = Entered { tasks: &tasks, id: &id, stays: false };
    let begun = {
        let ticket = dispatcher.tasks.order.take();
        let mut begin = pin!(dispatcher.begin((call, ticket), Some(script), own.clone()));
        tokio::select! {
            biased;
            begun = &mut begin => begun,
            () = cancel.cancelled() => {
                own.cancel();
                begin.await
            }
        }
    };
    let given = |summary: String| Ok(ToolOutput { value: json!({ "id": id }), summary });
    match begun {
        Begun::Ready(ready) => {
            entered.stays();
            let line = dispatcher.turn.redact(ready.line());
            tasks.describe(&id, &line);
            dispatcher.record(ItemBody::Task {
                id: id.clone(),
                state: TaskState::Running { tool, line: line.clone() },
            });
            let report = CallReport { line, outcome: given(format!("task {id} runs")), millis: 0 };
            tokio::spawn(carry_through(dispatcher, tasks.clone(), id.clone(), *ready));
            report
        }
        // It was refused, or this is a dry run, in which it stands as done.
        Begun::Over(report) => match report.outcome {
            Ok(output) => {
                entered.stays();
                tasks.describe(&id, &dispatcher.turn.redact(&report.line));
                let done = TaskState::Done { summary: output.summary.clone(), file_key: None, bytes: 0 };
                tasks.end(&id, done, 0, Some(output.value));
                CallReport { outcome: given(output.summary), ..report }
            }
            Err(error) => CallReport { outcome: Err(error), ..report },
        },
    }
}

fn entry(call: &ToolCall, line: String) -> Task {
    let state = TaskState::Running { tool: call.name.clone(), line: line.clone() };
    Task { id: call.id.clone(), tool: call.name.clone(), line, state, started_at: now(), millis: None }
}

/// A task that leaves the table again unless it stays.
struct Entered<'a> {
    tasks: &'a Tasks,
    id: &'a CallId,
    stays: bool,
}

impl Entered<'_> {
    fn stays(mut self) {
        self.stays = true;
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if !self.stays {
            self.tasks.withdraw(self.id);
        }
    }
}

/// Runs a task to its end, whatever that is, and notes it: first in the log, then in the table.
async fn carry_through(dispatcher: Arc<Dispatcher>, tasks: Arc<Tasks>, id: CallId, ready: Ready) {
    let started = Instant::now();
    let report = AssertUnwindSafe(dispatcher.finish(ready)).catch_unwind().await;
    let (outcome, millis) = match report {
        Ok(report) => (report.outcome, report.millis),
        Err(_) => (Err(dispatch::broken()), u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)),
    };
    let (state, value) = match outcome {
        Ok(output) => done(dispatcher.turn.as_ref(), output),
        Err(error) => {
            let message = dispatcher.turn.redact(&error.message);
            (TaskState::Failed { error: ToolError { message, ..error } }, None)
        }
    };
    dispatcher.record(ItemBody::Task { id: id.clone(), state: state.clone() });
    tasks.end(&id, state, millis, value);
}

/// The end of a task with a value, which is kept with the session or, where that fails, in memory.
fn done(turn: &dyn Turn, output: ToolOutput) -> (TaskState, Option<Value>) {
    let summary = output.summary.lines().next().unwrap_or_default().to_owned();
    let length = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    match keep_value(turn, &output.value) {
        Ok((key, bytes)) => (TaskState::Done { summary, file_key: Some(key), bytes: length(bytes) }, None),
        Err(why) => {
            tracing::warn!(%why, "the result of a task could not be kept");
            let bytes = output.value.to_string().len();
            let held = (bytes <= HELD).then_some(output.value);
            (TaskState::Done { summary, file_key: None, bytes: length(bytes) }, held)
        }
    }
}

/// Answers one of [`QUESTIONS`]. `cancel` ends a wait, never a task.
pub(crate) async fn answer(
    dispatcher: &Dispatcher,
    tasks: &Tasks,
    (question, args): (&str, &Value),
    cancel: CancellationToken,
) -> Result<ToolOutput, ToolError> {
    if question == "list" {
        return Ok(list(tasks));
    }
    let id = id_of(question, args)?;
    let turn = dispatcher.turn.as_ref();
    match question {
        "status" => status(tasks, &id),
        "cancel" => {
            let ended = tasks.ended(&id)?;
            // One that has ended already needs nothing: its state says so.
            if tasks.cancel(&id).is_ok() {
                let _ = tokio::time::timeout(LAST_WORDS, ended.cancelled()).await;
            }
            status(tasks, &id)
        }
        "wait" => {
            wait(tasks, &id, timeout(args)?, cancel).await?;
            Ok(ToolOutput { value: tasks.outcome(&id, turn)?, summary: format!("{id} is done") })
        }
        _ => Ok(ToolOutput { value: tasks.outcome(&id, turn)?, summary: format!("the result of {id}") }),
    }
}

fn list(tasks: &Tasks) -> ToolOutput {
    let all = tasks.list();
    let skipped = all.iter().filter(|task| !task.runs()).count().saturating_sub(LISTED);
    let mut passed = 0;
    let listed = all.iter().filter(|task| {
        passed += usize::from(!task.runs());
        task.runs() || passed > skipped
    });
    let listed: Vec<Value> = listed.map(view).collect();
    let summary = format!("{} tasks", listed.len());
    ToolOutput { value: Value::Array(listed), summary }
}

fn status(tasks: &Tasks, id: &CallId) -> Result<ToolOutput, ToolError> {
    let task = tasks.get(id).ok_or_else(|| tasks.unknown(id))?;
    Ok(ToolOutput { value: view(&task), summary: task.state_name().to_owned() })
}

async fn wait(
    tasks: &Tasks,
    id: &CallId,
    timeout: Option<Duration>,
    cancel: CancellationToken,
) -> Result<(), ToolError> {
    let ended = tasks.ended(id)?;
    let limit = async {
        match timeout {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = ended.cancelled() => Ok(()),
        () = cancel.cancelled() => {
            let message = format!("the wait for the task {id} was cancelled; the task itself goes on");
            Err(ToolError::new(ToolErrorKind::ToolCancelled, message))
        }
        () = limit => {
            let millis = timeout.unwrap_or_default().as_millis();
            let message = format!("the task {id} still runs after {millis} ms; wait again, or let it run and look later");
            Err(ToolError { retryable: true, ..ToolError::new(ToolErrorKind::ToolTimeout, message) })
        }
    }
}

/// `{ id, tool, line, state, millis?, summary?, fileKey?, bytes?, error? }`; `millis` is left out where it is not known.
fn view(task: &Task) -> Value {
    let mut map = Map::new();
    let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
    set("id", json!(task.id));
    set("tool", json!(task.tool));
    set("line", json!(task.line));
    set("state", json!(task.state_name()));
    let so_far = || task.runs().then(|| u64::try_from(now() - task.started_at).unwrap_or(0));
    if let Some(millis) = task.millis.or_else(so_far) {
        set("millis", json!(millis));
    }
    match &task.state {
        TaskState::Done { summary, file_key, bytes } => {
            set("summary", json!(summary));
            set("bytes", json!(bytes));
            if let Some(key) = file_key {
                set("fileKey", json!(key));
            }
        }
        TaskState::Failed { error } => {
            set(
                "error",
                json!({ "name": error.kind.name(), "message": error.message, "retryable": error.retryable }),
            );
        }
        TaskState::Running { .. } | TaskState::Lost => {}
    }
    Value::Object(map)
}

/// The id of the task that `args` asks for: `{ id }` or the id alone.
pub(crate) fn id_of(question: &str, args: &Value) -> Result<CallId, ToolError> {
    let id = args.get("id").unwrap_or(args).as_str().filter(|id| !id.is_empty());
    id.map(CallId::from).ok_or_else(|| {
        let message = format!(
            "spawn.{question}: `id` must be a string, the id of a task. Example: \
             const run = tools.spawn.exec({{ command: [\"make\"] }}); await tools.spawn.{question}(run.id)"
        );
        ToolError::new(ToolErrorKind::ToolArguments, message)
    })
}

fn timeout(args: &Value) -> Result<Option<Duration>, ToolError> {
    let given = match args.get("timeoutMs") {
        None | Some(Value::Null) => return Ok(None),
        Some(given) => given,
    };
    let millis = given.as_f64().filter(|millis| (0.0..=LONGEST_WAIT).contains(millis));
    let millis = millis.ok_or_else(|| {
        let shown: String = given.to_string().chars().take(40).collect();
        let message = format!(
            "spawn.wait: `timeoutMs` is {shown}; give milliseconds, 0 to {LONGEST_WAIT}, or leave it out to wait without a \
             limit. Example: await tools.spawn.wait(run.id, {{ timeoutMs: 60000 }})"
        );
        ToolError::new(ToolErrorKind::ToolArguments, message)
    })?;
    Ok(Some(Duration::from_secs_f64(millis / 1000.0)))
}

/// Milliseconds since the Unix epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
