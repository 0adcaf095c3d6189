//! Running a script against the tools: the host side of `script`, answered by the same dispatch as native calls.

use crate::arguments::to_value;
use crate::clean;
use crate::detached::{self, QUESTIONS};
use crate::kept::stand_in;
use crate::placeholder::placeholder;
use crate::render::{self, Results};
use crate::{CallLine, CallReport, Dispatcher, Mode, Task, Tasks};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use glossator_script::{Engine, Host, HostCall, HostError, Job, Limits, Outcome};
use glossator_session::{
    CallId, ContextItem, Effect, ItemBody, ToolCall, ToolError, ToolErrorKind, ToolOutput,
};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// The call that finds tools.
const SEARCH: &str = "search";
/// What stands before a tool's name in the call that starts it as a task, and before [`QUESTIONS`].
const SPAWN: &str = "spawn.";

/// Characters of a call's arguments in the engine's record.
const SUMMARY: usize = 120;

/// One script to run.
pub struct ScriptBlock {
    /// Its id.
    pub id: CallId,
    /// The code between the tags.
    pub source: String,
    /// What the script sees as `context`.
    pub context: Value,
    /// Its limits.
    pub limits: Limits,
}

/// The outcome of a script.
pub struct ScriptReport {
    /// The `<tool-results>` element the model is sent.
    pub text: String,
    /// Whether it ended without an error.
    pub ok: bool,
    /// The engine's own account.
    pub outcome: Outcome,
    /// What became of each call, in the order in which the script made them; in a dry run, what would become of it. Starts
    /// of tasks are here only when they were refused.
    pub calls: Vec<CallLine>,
    /// The tasks it started, as they were when it ended.
    pub tasks: Vec<Task>,
}

/// Runs `block`; calls are dispatched, recorded and rendered. What it does about effects is the dispatcher's mode.
pub async fn run_script(
    dispatcher: Arc<Dispatcher>,
    engine: &Engine,
    block: ScriptBlock,
    cancel: CancellationToken,
) -> ScriptReport {
    let (id, shared) = (block.id.clone(), Arc::new(Shown::new(dispatcher, block.id.clone())));
    let mut outcome =
        engine.run(job(&shared, block, false), Arc::new(ScriptHost(shared.clone())), cancel).await;
    let mut calls = shared.calls(&outcome);
    let tasks = shared.started();
    clean::outcome(&mut outcome, &|text| shared.dispatcher.turn.redact(text));
    clean::calls(&mut calls, &|text| shared.dispatcher.turn.redact(text));
    let results = Results { script: &id, outcome: &outcome, calls: &calls, tasks: &tasks, dry: shared.dry() };
    let text = render::tool_results(&results, &|json| shared.long(json));
    ScriptReport { text, ok: outcome.error.is_none(), outcome, calls, tasks }
}

/// Looks whether `block` could be run: it is parsed and compiled, and nothing of it happens.
pub async fn check_script(
    dispatcher: Arc<Dispatcher>,
    engine: &Engine,
    block: ScriptBlock,
    cancel: CancellationToken,
) -> ScriptReport {
    let (id, shared) = (block.id.clone(), Arc::new(Shown::new(dispatcher, block.id.clone())));
    let outcome = engine.run(job(&shared, block, true), Arc::new(ScriptHost(shared)), cancel).await;
    let text = render::checked(&id, &outcome);
    ScriptReport { text, ok: outcome.error.is_none(), outcome, calls: Vec::new(), tasks: Vec::new() }
}

fn job(shared: &Shown, block: ScriptBlock, check_only: bool) -> Job {
    let tasks = shared.dispatcher.registry.callable();
    let mut tools = tasks.clone();
    tools.push(SEARCH.to_owned());
    tools.extend(QUESTIONS.iter().map(|question| format!("{SPAWN}{question}")));
    Job {
        id: block.id.0,
        source: block.source,
        tools,
        // A tool of that name could not be told from the question.
        tasks: tasks.into_iter().filter(|name| !QUESTIONS.contains(&name.as_str())).collect(),
        store: shared.dispatcher.turn.stored(),
        check_only,
        context: block.context,
        limits: block.limits,
    }
}

/// What is known of a running script.
struct Shown {
    dispatcher: Arc<Dispatcher>,
    script: CallId,
    /// The session's tasks; in a dry run a copy, in which the script's own stand as done.
    tasks: Arc<Tasks>,
    lines: Mutex<BTreeMap<u32, CallLine>>,
    /// Starts of tasks by the task's number, settled or not.
    starts: Mutex<BTreeMap<u32, Shared<BoxFuture<'static, CallReport>>>>,
}

impl Shown {
    fn new(dispatcher: Arc<Dispatcher>, script: CallId) -> Shown {
        let tasks = match dispatcher.mode {
            Mode::DryRun => {
                let tool = |task: &Task| dispatcher.registry.get(&task.tool);
                dispatcher.tasks.rehearsal(|task| {
                    tool(task).map_or(Value::Null, |tool| placeholder(&tool.spec().output_schema))
                })
            }
            _ => dispatcher.tasks.clone(),
        };
        Shown { dispatcher, script, tasks, lines: Mutex::default(), starts: Mutex::default() }
    }

    fn dry(&self) -> bool {
        self.dispatcher.mode == Mode::DryRun
    }

    /// What became of each call; what the engine knows alone is added to what was seen here.
    fn calls(&self, outcome: &Outcome) -> Vec<CallLine> {
        let mut lines = std::mem::take(&mut *self.lines.lock());
        let started = self.starts.lock();
        for record in &outcome.calls {
            if let Some(line) = lines.get_mut(&record.number) {
                line.orphaned = record.orphaned;
            } else if !started.contains_key(&record.number) {
                lines.insert(record.number, render::never_begun(record));
            }
        }
        lines.into_values().collect()
    }

    /// The tasks that the script started.
    fn started(&self) -> Vec<Task> {
        let numbers: Vec<u32> = self.starts.lock().keys().copied().collect();
        numbers.into_iter().filter_map(|number| self.tasks.get(&self.call_id(number))).collect()
    }

    fn call_id(&self, number: u32) -> CallId {
        CallId(format!("{}.{number}", self.script))
    }

    /// Notes that a call has begun, as one whose end is not known.
    fn note_begin(&self, call: &HostCall) {
        let effect = self.dispatcher.registry.get(&call.name).map(|tool| tool.spec().effect);
        let asks = call.name == SEARCH || question(&call.name).is_some_and(|question| question != "cancel");
        let looks = asks || effect == Some(Effect::Read);
        let open = match looks {
            true => "it had not ended when the script did",
            false => "it had not ended when the script did, and may have taken effect",
        };
        let line = CallLine {
            number: call.number,
            name: call.name.clone(),
            line: render::rough(&call.name, &call.args, self.dispatcher.turn.as_ref()),
            outcome: Err(open.to_owned()),
            millis: 0,
            looks,
            orphaned: false,
        };
        self.lines.lock().insert(call.number, line);
    }

    fn note_end(&self, number: u32, report: &CallReport) {
        if let Some(line) = self.lines.lock().get_mut(&number) {
            line.line.clone_from(&report.line);
            line.millis = report.millis;
            line.outcome = match &report.outcome {
                Ok(output) => Ok(output.summary.clone()),
                Err(error) => Err(error.to_string()),
            };
        }
    }

    /// What stands for a long value; in a dry run nothing is kept.
    fn long(&self, json: &str) -> Option<Value> {
        (!self.dry()).then(|| stand_in(self.dispatcher.turn.as_ref(), json))
    }

    fn search(&self, args: &Value) -> Result<ToolOutput, ToolError> {
        let query = match args.get("query").unwrap_or(args) {
            Value::String(query) => query.as_str(),
            Value::Null => "",
            Value::Object(map) if map.is_empty() => "",
            _ => {
                let message =
                    "search: the query must be a string. Example: await tools.search(\"read a file\")";
                return Err(ToolError::new(ToolErrorKind::ToolArguments, message));
            }
        };
        let found = self.dispatcher.registry.search(query);
        let summary = format!("{} tools", found.len());
        Ok(ToolOutput { value: to_value(&found)?, summary })
    }

    /// Answers a question about tasks, after the starts it may be about.
    async fn about_tasks(
        &self,
        question: &str,
        args: &Value,
        cancel: CancellationToken,
    ) -> Result<ToolOutput, ToolError> {
        if question == "list" {
            let starts: Vec<_> = self.starts.lock().values().cloned().collect();
            futures::future::join_all(starts).await;
        } else {
            let id = detached::id_of(question, args)?;
            let start = self.number(&id).and_then(|number| self.starts.lock().get(&number).cloned());
            if let Some(start) = start {
                start.await.outcome?;
            }
        }
        detached::answer(&self.dispatcher, &self.tasks, (question, args), cancel).await
    }

    /// The number of a call of this script.
    fn number(&self, id: &CallId) -> Option<u32> {
        id.0.strip_prefix(&self.script.0)?.strip_prefix('.')?.parse().ok()
    }
}

struct ScriptHost(Arc<Shown>);

impl ScriptHost {
    /// The start of a task. It is known at once, so that questions about it wait for it.
    fn start(&self, tool: &str, call: HostCall, cancel: CancellationToken) -> BoxFuture<'static, CallReport> {
        let shared = &self.0;
        let (number, script) = (call.number, shared.script.clone());
        let call = ToolCall { id: shared.call_id(number), name: tool.to_owned(), arguments: call.args };
        let (dispatcher, tasks) = (shared.dispatcher.clone(), shared.tasks.clone());
        let start = detached::start(dispatcher, tasks, (call, script), cancel).boxed().shared();
        shared.starts.lock().insert(number, start.clone());
        let shared = shared.clone();
        async move {
            let report = start.await;
            match report.outcome {
                // It is shown as a task, with what became of it.
                Ok(_) => drop(shared.lines.lock().remove(&number)),
                Err(_) => {
                    let line = format!("{SPAWN}{}", report.line);
                    shared.note_end(number, &CallReport { line, ..report.clone() });
                }
            }
            report
        }
        .boxed()
    }
}

impl Host for ScriptHost {
    fn call(
        &self,
        call: HostCall,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<Value, HostError>> {
        let shared = self.0.clone();
        shared.note_begin(&call);
        let spawned =
            call.name.strip_prefix(SPAWN).filter(|_| question(&call.name).is_none()).map(str::to_owned);
        let started = spawned.map(|tool| self.start(&tool, call.clone(), cancel.clone()));
        let ticket = shared.dispatcher.tasks.order.take();
        Box::pin(async move {
            let (number, of_task) = (call.number, started.is_some());
            let turn = shared.dispatcher.turn.as_ref();
            let report = match (started, question(&call.name)) {
                (Some(start), _) => {
                    drop(ticket);
                    start.await
                }
                (None, Some(question)) => {
                    drop(ticket);
                    let line = render::rough(&call.name, call.args.get("id").unwrap_or(&call.args), turn);
                    timed(line, shared.about_tasks(question, &call.args, cancel)).await
                }
                (None, None) if call.name == SEARCH => {
                    drop(ticket);
                    let line = render::rough(&call.name, call.args.get("query").unwrap_or(&call.args), turn);
                    timed(line, async { shared.search(&call.args) }).await
                }
                (None, None) => {
                    let made = ToolCall { id: shared.call_id(number), name: call.name, arguments: call.args };
                    shared.dispatcher.call_in_order((made, ticket), Some(shared.script.clone()), cancel).await
                }
            };
            if !of_task {
                shared.note_end(number, &report);
            }
            report.outcome.map(|output| output.value).map_err(|error| HostError {
                name: error.kind.name().to_owned(),
                message: error.message,
                retryable: error.retryable,
                details: error.details,
            })
        })
    }

    fn summary(&self, call: &HostCall) -> Option<String> {
        let clean = render::clean_ends(&call.args.to_string(), self.0.dispatcher.turn.as_ref());
        Some(clean.chars().take(SUMMARY).collect())
    }

    fn console(&self, level: &str, text: &str) {
        self.0.dispatcher.turn.delta(&self.0.script.0, &format!("{level}: {text}\n"));
    }

    fn progress(&self, text: &str) {
        self.0.dispatcher.turn.delta(&self.0.script.0, &format!("{text}\n"));
    }

    fn stored(&self, key: &str, value: Option<&Value>) {
        if !self.0.dry() {
            self.0.dispatcher.record(ItemBody::Context(ContextItem::Stored {
                key: key.to_owned(),
                value: value.cloned(),
            }));
        }
    }

    fn long_value(&self, json: &str) -> Option<Value> {
        self.0.long(json)
    }
}

/// The question about tasks that a call of this name is.
fn question(name: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(SPAWN)?;
    QUESTIONS.iter().copied().find(|question| *question == rest)
}

async fn timed(line: String, work: impl Future<Output = Result<ToolOutput, ToolError>>) -> CallReport {
    let started = Instant::now();
    let outcome = work.await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    CallReport { line, outcome, millis }
}

#[cfg(test)]
mod tests;
