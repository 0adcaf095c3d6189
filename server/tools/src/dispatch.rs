//! The one dispatch through which every tool call goes, native or from a script:
//! find, validate, judge, ask if needed, run, record. Nothing runs a tool in any other way.

use crate::{Action, Journal, Judgement, Mode, Policy, Registry, Situation, Tasks, ToolCx, Turn, judge};
use glossator_session::{
    Ask, CallId, Decision, Effect, Grant, ItemBody, ToolCall, ToolError, ToolErrorKind, ToolOutput,
};
use glossator_workspace::Workspace;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How long a call that only looks may run. Commands bring their own limit; edits are never cut off half-way.
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
    /// Files as the user sees them.
    pub workspace: Workspace,
    /// How processes are run.
    pub exec: Arc<glossator_exec::Config>,
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
}

/// What became of a call.
pub struct CallReport {
    /// The call in one line.
    pub line: String,
    /// Its outcome.
    pub outcome: Result<ToolOutput, ToolError>,
    /// Wall time in milliseconds, waiting for the user included.
    pub millis: u64,
}

impl Dispatcher {
    /// Runs one call from the first look at its name to its record. A native call's own item is stored with the answer
    /// it stands in, so that the order of the answer's blocks is kept; here only its outcome is.
    pub async fn call(
        &self,
        call: ToolCall,
        script: Option<CallId>,
        cancel: CancellationToken,
    ) -> CallReport {
        let _outstanding = self.outstanding.token();
        let started = Instant::now();
        if script.is_some() {
            self.record(ItemBody::ToolCall { call: call.clone(), script });
        }
        let id = call.id.clone();
        let mut line = rough_line(&call);
        let outcome = self.attempt(call, cancel, &mut line).await;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.record(ItemBody::ToolOutput { call: id, outcome: outcome.clone(), millis });
        CallReport { line, outcome, millis }
    }

    async fn attempt(
        &self,
        call: ToolCall,
        cancel: CancellationToken,
        line: &mut String,
    ) -> Result<ToolOutput, ToolError> {
        let tool = self.registry.get(&call.name).ok_or_else(|| self.not_found(&call.name))?;
        let cx = ToolCx {
            call: call.id,
            cancel: cancel.clone(),
            workspace: self.workspace.clone(),
            turn: self.turn.clone(),
            journal: self.journal.clone(),
            exec: self.exec.clone(),
            commit_lock: self.commit_lock.clone(),
        };
        let cancelled =
            || ToolError::new(ToolErrorKind::ToolCancelled, "the call was cancelled before it began");
        let prepared = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(cancelled()),
            prepared = tool.prepare(&cx, call.arguments) => prepared?,
        };
        line.clone_from(&prepared.line);
        self.permit(&prepared.action, &prepared.line, &cx).await?;
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        let running = tokio::spawn((prepared.run)(cx));
        let broken =
            |_| ToolError::failed("the tool broke down; this is a fault of Glossator's, see its log");
        match tool.spec().effect {
            // An edit that has begun is carried through: half of one would be worse than a late cancel.
            Effect::Write => running.await.map_err(broken)?,
            // A process ends by its own token, so that it can be ended in order and its output kept.
            Effect::Run => AbortOnDropHandle::new(running).await.map_err(broken)?,
            _ => tokio::select! {
                () = cancel.cancelled() => Err(ToolError::new(ToolErrorKind::ToolCancelled, "the call was cancelled")),
                outcome = tokio::time::timeout(READ_LIMIT, AbortOnDropHandle::new(running)) => match outcome {
                    Ok(outcome) => outcome.map_err(broken)?,
                    Err(_) => Err(ToolError::new(
                        ToolErrorKind::ToolTimeout,
                        format!("no result within {} s; narrow the path or the pattern", READ_LIMIT.as_secs()),
                    )),
                },
            },
        }
    }

    /// Judges the action and asks if it has to; `Err` is the refusal.
    async fn permit(&self, action: &Action, line: &str, cx: &ToolCx) -> Result<(), ToolError> {
        let denied = |message: String| ToolError::new(ToolErrorKind::ToolDenied, message);
        let key = action.grant_key();
        let granted = |key: &Option<String>| key.as_deref().is_some_and(|key| self.turn.granted(key));
        let situation = Situation { policy: self.policy, trusted: self.trusted, granted: granted(&key) };
        let reason = match judge(action, situation) {
            Judgement::Allow => return Ok(()),
            Judgement::Refuse(why) => return Err(denied(format!("{line} was refused: {why}"))),
            Judgement::Ask(reason) => reason,
        };
        let Some(subject) = action.subject() else {
            return Ok(());
        };
        if !self.turn.can_ask() {
            return Err(denied(format!(
                "{line} needs the user's consent ({reason}), and nobody can be asked here; {}",
                action.headless_hint()
            )));
        }
        let ask = Ask {
            id: self.turn.fresh_ask_id(),
            call: cx.call.clone(),
            title: format!("Allow {}?", glossator_exec::visible(line)),
            reason,
            subject,
            grants: action.grants(),
        };
        let answer = self.turn.ask(ask.clone(), key.as_deref(), &cx.cancel).await;
        self.record(ItemBody::Approval { ask, answer: answer.clone() });
        match (answer.decision, key) {
            (Decision::Deny, _) => {
                let said = answer.message.map(|text| format!(" and said: {text}")).unwrap_or_default();
                Err(denied(format!("the user did not allow {line}{said}")))
            }
            (Decision::Allow, Some(key)) if answer.grant != Grant::Once => {
                self.turn.grant(&key);
                Ok(())
            }
            (Decision::Allow, _) => Ok(()),
        }
    }

    fn not_found(&self, name: &str) -> ToolError {
        let nearest = self.registry.nearest(name).join(", ");
        ToolError::new(
            ToolErrorKind::ToolNotFound,
            format!("there is no tool `{name}` here; nearest: {nearest}"),
        )
    }

    /// Stores an item. That a log cannot be written is told to the user once by the turn; the work goes on.
    fn record(&self, body: ItemBody) {
        if let Err(why) = self.turn.record(body) {
            tracing::warn!(%why, "an item could not be stored");
        }
    }
}

/// A call in one line, before its tool has looked at it: the name and the first argument.
fn rough_line(call: &ToolCall) -> String {
    let first = call.arguments.as_object().and_then(|all| all.values().next()).unwrap_or(&call.arguments);
    let shown = first.as_str().map_or_else(|| first.to_string(), str::to_owned);
    let shown: String = shown.lines().next().unwrap_or_default().chars().take(100).collect();
    format!("{} {shown}", call.name)
}
