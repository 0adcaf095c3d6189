//! Running a script against the tools: the host side of `script`, answered by the same dispatch as native calls.

use crate::Dispatcher;
use crate::render::{self, CallLine};
use futures::future::BoxFuture;
use glossator_script::{Engine, Host, HostCall, HostError, Job, Limits};
use glossator_session::{CallId, ToolCall};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

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
    pub outcome: glossator_script::Outcome,
}

/// Runs `block`; calls are dispatched, recorded and rendered.
pub async fn run_script(
    dispatcher: Arc<Dispatcher>,
    engine: &Engine,
    block: ScriptBlock,
    cancel: CancellationToken,
) -> ScriptReport {
    let tools = dispatcher.registry.names();
    let host = Arc::new(ScriptHost { dispatcher, script: block.id.clone(), calls: Arc::default() });
    let job = Job {
        id: block.id.to_string(),
        source: block.source,
        tools,
        tasks: Vec::new(),
        store: serde_json::Map::new(),
        check_only: false,
        context: block.context,
        limits: block.limits,
    };
    let outcome = engine.run(job, host.clone(), cancel).await;
    let mut calls = std::mem::take(&mut *host.calls.lock());
    calls.sort_by_key(|call| call.number);
    let text = render::tool_results(&block.id, &outcome, &calls);
    ScriptReport { text, ok: outcome.error.is_none(), outcome }
}

struct ScriptHost {
    dispatcher: Arc<Dispatcher>,
    script: CallId,
    calls: Arc<Mutex<Vec<CallLine>>>,
}

impl Host for ScriptHost {
    fn call(
        &self,
        call: HostCall,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<Value, HostError>> {
        let dispatcher = self.dispatcher.clone();
        let script = self.script.clone();
        let calls = self.calls.clone();
        Box::pin(async move {
            let number = call.number;
            let id = CallId(format!("{script}.{number}"));
            let call = ToolCall { id, name: call.name, arguments: call.args };
            let report = dispatcher.call(call, Some(script), cancel).await;
            let said = match &report.outcome {
                Ok(output) => Ok(output.summary.clone()),
                Err(error) => Err(error.to_string()),
            };
            calls.lock().push(CallLine { number, line: report.line, outcome: said, millis: report.millis });
            report.outcome.map(|output| output.value).map_err(|error| HostError {
                name: error.kind.name().to_owned(),
                message: error.message,
                retryable: error.retryable,
                details: error.details,
            })
        })
    }

    fn console(&self, level: &str, text: &str) {
        self.dispatcher.turn.delta(&self.script.0, &format!("{level}: {text}\n"));
    }

    fn progress(&self, text: &str) {
        self.dispatcher.turn.delta(&self.script.0, &format!("{text}\n"));
    }
}
