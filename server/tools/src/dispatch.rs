//! The one dispatch through which every tool call goes, native or from a script:
//! find, validate, judge, ask if needed, run, record. Nothing runs a tool in any other way.

use crate::kept;
use crate::noted;
use crate::order::Ticket;
use crate::permit::{Permit, answered, permitted};
use crate::render::clean_ends;
use crate::{
    Action, ExecSetup, Journal, Judgement, Mode, Policy, Prepared, Reach, Registry, ReviewMode, Situation,
    Tasks, Tool, ToolCx, Turn, dry_run, judge,
};
use futures::FutureExt;
use glossator_session::{
    Ask, CallId, Decision, Effect, ItemBody, ToolCall, ToolError, ToolErrorKind, ToolOutput,
};
use glossator_workspace::Workspace;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How long a call that only looks may run. Commands and agents bring their own limits; edits are never cut off half-way.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// Dispatch for one turn.
#[derive(Clone)]
pub struct Dispatcher {
    /// The tools of the turn.
    pub registry: Registry,
    /// The turn.
    pub turn: Arc<dyn Turn>,
    /// Where edits are written down.
    pub journal: Arc<dyn Journal>,
    /// Files as the user sees them, through whoever is there.
    pub reach: Arc<dyn Reach>,
    /// How processes are run.
    pub exec: Arc<ExecSetup>,
    /// Held while a change set is committed.
    pub commit_lock: Arc<tokio::sync::Mutex<()>>,
    /// The policy in force.
    pub policy: Policy,
    /// Whether the user trusts the folder.
    pub trusted: bool,
    /// Whether scripts act, only show what they would do, or do not run at all.
    pub mode: Mode,
    /// The detached calls of the session.
    pub tasks: Arc<Tasks>,
    /// The calls that have not come to their end, also those that nobody waits for any more.
    pub outstanding: TaskTracker,
    /// When the user looks at edits.
    pub review: ReviewMode,
}

/// What became of a call.
#[derive(Debug, Clone)]
pub struct CallReport {
    /// The call in one line.
    pub line: String,
    /// Its outcome.
    pub outcome: Result<ToolOutput, ToolError>,
    /// Wall time in milliseconds, waiting for the user included.
    pub millis: u64,
}

/// A call that was looked at.
pub(crate) enum Begun {
    /// It may go on; nothing has happened yet.
    Ready(Box<Ready>),
    /// It is over already: it cannot be made, or this is a dry run.
    Over(CallReport),
}

/// A valid call before it is judged.
pub(crate) struct Ready {
    known: Known,
    effect: Effect,
    prepared: Prepared,
    cx: ToolCx,
    ticket: Ticket,
}

impl Ready {
    /// The call in one line.
    pub(crate) fn line(&self) -> &str {
        &self.known.line
    }
}

/// What a call's end needs of its begin.
struct Known {
    id: CallId,
    /// Whether a script made it.
    of_script: bool,
    line: String,
    started: Instant,
}

impl Dispatcher {
    /// Files as the user sees them now.
    pub fn workspace(&self) -> Workspace {
        self.reach.workspace()
    }

    /// Runs one call from the first look at its name to its record. A native call's own item is stored with the answer
    /// it stands in, so that the order of the answer's blocks is kept; here only its outcome is. In a dry run it is looked
    /// at and judged, and something that stands for its result is given back.
    pub async fn call(
        &self,
        call: ToolCall,
        script: Option<CallId>,
        cancel: CancellationToken,
    ) -> CallReport {
        self.call_in_order((call, self.tasks.order.take()), script, cancel).await
    }

    /// The same for a call that has its place in the order of questions already.
    pub(crate) async fn call_in_order(
        &self,
        (call, ticket): (ToolCall, Ticket),
        script: Option<CallId>,
        cancel: CancellationToken,
    ) -> CallReport {
        let _outstanding = self.outstanding.token();
        match self.begin((call, ticket), script, cancel).await {
            Begun::Ready(ready) => self.finish(*ready).await,
            Begun::Over(report) => report,
        }
    }

    /// The first half of a call: finds the tool, and finds out what the call would do.
    pub(crate) async fn begin(
        &self,
        (call, ticket): (ToolCall, Ticket),
        script: Option<CallId>,
        cancel: CancellationToken,
    ) -> Begun {
        let of_script = script.is_some();
        let (id, line) = (call.id.clone(), rough_line(&call, self.turn.as_ref()));
        let known = Known { id, of_script, line, started: Instant::now() };
        if of_script {
            self.record_call(&call, script);
        }
        let tool = match self.find(&call.name, of_script) {
            Ok(tool) => tool,
            Err(error) => return Begun::Over(self.end(known, Err(error))),
        };
        let cx = self.context(call.id, cancel);
        let prepared = prepare(tool.as_ref(), &cx, call.arguments).await;
        if self.mode == Mode::DryRun {
            return Begun::Over(self.rehearse(known, tool.as_ref(), prepared));
        }
        match prepared {
            Ok(prepared) => {
                let known = Known { line: prepared.line.clone(), ..known };
                // A command can turn out to be an edit.
                let effect = match prepared.action {
                    Action::Edit { .. } => Effect::Write,
                    _ => tool.spec().effect,
                };
                Begun::Ready(Box::new(Ready { known, effect, prepared, cx, ticket }))
            }
            Err(error) => Begun::Over(self.end(known, Err(error))),
        }
    }

    /// The second half: judged, asked for if needed, run and recorded.
    pub(crate) async fn finish(&self, ready: Ready) -> CallReport {
        let Ready { known, effect, prepared, cx, ticket } = ready;
        let outcome = match self.permit((&prepared.action, &prepared.line), &cx, ticket).await {
            Ok(Permit { accepted, said, asked, .. }) => {
                // A task goes on without its user, but for what only the user's editor can do.
                if !self.exec.detached || effect == Effect::Write {
                    self.reach.admit(effect, &cx.cancel).await;
                }
                // Who is there can have changed while the user was asked.
                let workspace = self.workspace();
                run(effect, prepared, ToolCx { workspace, accepted, said, asked, ..cx }).await
            }
            Err(refused) => Err(refused),
        };
        self.end(known, outcome)
    }

    /// Notes a script's call that is not even looked at.
    pub(crate) fn refuse(&self, call: ToolCall, script: CallId, why: ToolError) -> CallReport {
        let (id, line) = (call.id.clone(), rough_line(&call, self.turn.as_ref()));
        self.record_call(&call, Some(script));
        self.end(Known { id, of_script: true, line, started: Instant::now() }, Err(why))
    }

    fn end(&self, known: Known, mut outcome: Result<ToolOutput, ToolError>) -> CallReport {
        if let (false, Ok(output)) = (known.of_script, &mut outcome) {
            output.value = kept::for_model(self.turn.as_ref(), output.value.take());
        }
        let millis = u64::try_from(known.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let noted = match &outcome {
            Ok(output) if known.of_script => self.noted(output),
            other => other.clone(),
        };
        self.record(ItemBody::ToolOutput { call: known.id, outcome: noted, millis });
        CallReport { line: known.line, outcome, millis }
    }

    /// What the log keeps of a value that a script has got: the script has all of it and returns what matters.
    fn noted(&self, output: &ToolOutput) -> Result<ToolOutput, ToolError> {
        let value = noted::shortened(self.turn.as_ref(), &output.value);
        if value.is_some() {
            self.turn.given(&output.value);
        }
        let value = value.unwrap_or_else(|| output.value.clone());
        Ok(ToolOutput { value, summary: output.summary.clone() })
    }

    /// Notes a script's call.
    fn record_call(&self, call: &ToolCall, script: Option<CallId>) {
        let short = noted::shortened(self.turn.as_ref(), &call.arguments);
        let arguments = short.unwrap_or_else(|| call.arguments.clone());
        let call = ToolCall { id: call.id.clone(), name: call.name.clone(), arguments };
        self.record(ItemBody::ToolCall { call, script });
    }

    /// A dry run's end of a call.
    fn rehearse(
        &self,
        mut known: Known,
        tool: &dyn Tool,
        prepared: Result<Prepared, ToolError>,
    ) -> CallReport {
        let would = match prepared {
            Ok(prepared) => {
                let judgement = self.judgement(&prepared.action, &prepared.action.grant_keys());
                known.line = prepared.line;
                Ok(dry_run::would(judgement, self.turn.can_ask()))
            }
            Err(error) => dry_run::unprepared(error),
        };
        let outcome = would.map(|would| match known.of_script {
            true => dry_run::for_script(tool.spec(), would),
            false => dry_run::for_model(&known.line, would),
        });
        self.end(known, outcome)
    }

    fn find(&self, name: &str, of_script: bool) -> Result<Arc<dyn Tool>, ToolError> {
        if of_script && self.mode == Mode::Disabled {
            let message = "scripts are switched off here (script mode `disabled`), so this call was not made";
            return Err(ToolError::new(ToolErrorKind::ToolDenied, message));
        }
        self.registry.get(name).ok_or_else(|| self.not_found(name))
    }

    fn context(&self, call: CallId, cancel: CancellationToken) -> ToolCx {
        ToolCx {
            call,
            cancel,
            workspace: self.workspace(),
            turn: self.turn.clone(),
            journal: self.journal.clone(),
            exec: self.exec.clone(),
            commit_lock: self.commit_lock.clone(),
            review: self.review,
            policy: self.policy,
            asked: false,
            accepted: None,
            said: None,
        }
    }

    fn judgement(&self, action: &Action, keys: &[String]) -> Judgement {
        let granted = !keys.is_empty() && self.turn.granted(keys, self.trusted);
        let Dispatcher { policy, trusted, review, .. } = *self;
        judge(action, Situation { policy, trusted, granted, review })
    }

    /// Judges the action and asks if it has to; `Err` is the refusal.
    async fn permit(
        &self,
        (action, line): (&Action, &str),
        cx: &ToolCx,
        ticket: Ticket,
    ) -> Result<Permit, ToolError> {
        let denied = |message: String| ToolError::new(ToolErrorKind::ToolDenied, message);
        let keys = action.grant_keys();
        let reason = match self.judgement(action, &keys) {
            Judgement::Allow => return Ok(Permit::default()),
            Judgement::Refuse(why) => return Err(denied(format!("{line} was refused: {why}"))),
            Judgement::Ask(reason) => reason,
        };
        let Some(subject) = action.subject() else {
            return Ok(Permit::default());
        };
        if !self.turn.can_ask() {
            return Err(denied(action.unasked(line, &reason)));
        }
        ticket.come().await;
        let ask = Ask {
            id: self.turn.fresh_ask_id(),
            call: cx.call.clone(),
            title: action.title(line),
            reason,
            subject,
            grants: action.grants(self.trusted),
        };
        let answer = ticket.open(self.turn.ask(ask.clone(), &keys, &cx.cancel)).await;
        self.record(ItemBody::Approval { ask, answer: answer.clone() });
        if answer.decision == Decision::Deny && cx.cancel.is_cancelled() {
            let message = format!("{line} was cancelled while it waited for the user; it did not run");
            return Err(ToolError::new(ToolErrorKind::ToolCancelled, message));
        }
        let grant = answer.grant;
        let permit = match action {
            Action::Question { .. } => answered(answer)?,
            _ => permitted(answer, line, action.hunks().len())?,
        };
        if let Some((key, what)) = action.covered(grant, line) {
            self.turn.grant(grant, &key, &what);
        }
        Ok(permit)
    }

    fn not_found(&self, name: &str) -> ToolError {
        let nearest = self.registry.nearest(name).join(", ");
        let nearest = if nearest.is_empty() { nearest } else { format!("; nearest: {nearest}") };
        let message = format!("there is no tool `{}` here{nearest}", glossator_exec::visible(name));
        ToolError::new(ToolErrorKind::ToolNotFound, message)
    }

    /// Stores an item. That a log cannot be written is told to the user once by the turn; the work goes on.
    pub(crate) fn record(&self, body: ItemBody) {
        if let Err(why) = self.turn.record(body) {
            tracing::warn!(%why, "an item could not be stored");
        }
    }
}

async fn prepare(tool: &dyn Tool, cx: &ToolCx, arguments: Value) -> Result<Prepared, ToolError> {
    let looked_at = AssertUnwindSafe(async { tool.prepare(cx, arguments).await }).catch_unwind();
    tokio::select! {
        biased;
        () = cx.cancel.cancelled() => Err(not_begun()),
        prepared = looked_at => prepared.unwrap_or_else(|_| Err(broken())),
    }
}

async fn run(effect: Effect, prepared: Prepared, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let cancel = cx.cancel.clone();
    if cancel.is_cancelled() {
        return Err(not_begun());
    }
    let running = tokio::spawn(async move { (prepared.run)(cx).await });
    match effect {
        // An edit that has begun is carried through: half of one would be worse than a late cancel.
        Effect::Write => running.await.map_err(|_| broken())?,
        // These end by their own token: in order, and with what they have so far. They bring their own limits.
        Effect::Run | Effect::Agent => AbortOnDropHandle::new(running).await.map_err(|_| broken())?,
        Effect::Read | Effect::Network => tokio::select! {
            () = cancel.cancelled() => Err(ToolError::new(ToolErrorKind::ToolCancelled, "the call was cancelled")),
            outcome = tokio::time::timeout(READ_LIMIT, AbortOnDropHandle::new(running)) => match outcome {
                Ok(outcome) => outcome.map_err(|_| broken())?,
                Err(_) => Err(ToolError::new(
                    ToolErrorKind::ToolTimeout,
                    format!("no result within {} s; narrow the path or the pattern", READ_LIMIT.as_secs()),
                )),
            },
        },
    }
}

fn not_begun() -> ToolError {
    ToolError::new(ToolErrorKind::ToolCancelled, "the call was cancelled before it began")
}

/// The error of a tool that panicked.
pub(crate) fn broken() -> ToolError {
    ToolError::failed("the tool broke down; this is a fault of Glossator's, see its log")
}

/// A call in one line, before its tool has looked at it: the name and the first argument.
pub(crate) fn rough_line(call: &ToolCall, turn: &dyn Turn) -> String {
    let first = match &call.arguments {
        Value::Object(map) => map.values().next(),
        plain => Some(plain),
    };
    let shown = first.map(|first| first.as_str().map_or_else(|| first.to_string(), str::to_owned));
    // Before it is cut: half a secret would not be found any more.
    let shown = shown.map(|shown| clean_ends(&shown, turn));
    let shown: String =
        shown.iter().flat_map(|shown| shown.lines().next()).flat_map(str::chars).take(100).collect();
    format!("{} {shown}", call.name).trim_end().to_owned()
}

#[cfg(test)]
mod tests;
