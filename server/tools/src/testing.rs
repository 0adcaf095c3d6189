//! For tests: a turn that remembers all and lets the test answer its asks, and tools that do what their name says.

mod shelf;

use crate::arguments::to_value;
use crate::declare::schema;
use crate::{
    Action, Cabinet, Dispatcher, Journal, Mode, Policy, Prepared, Registry, Tasks, Tool, ToolCx, Turn,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use glossator_exec::Verdict;
use glossator_session::{
    Answer, Ask, AskId, BoardEntry, CallId, ChangeSetId, ChangeState, ContextItem, Decision, Effect, FileKey,
    Grant, ItemBody, PlanStep, ToolCall, ToolError, ToolErrorKind, ToolOutput, ToolSpec,
};
use glossator_text::PositionEncoding;
use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::{Mutex, RwLock};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
pub use shelf::Shelf;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// An ask that waits.
struct Open {
    ask: Ask,
    keys: Vec<String>,
    answer: oneshot::Sender<Answer>,
}

/// The turn.
#[derive(Default)]
pub struct Seen {
    pub items: Mutex<Vec<ItemBody>>,
    open: Mutex<Vec<Open>>,
    asks: AtomicUsize,
    granted: Mutex<HashSet<String>>,
    pub kept: Mutex<Vec<String>>,
    /// Why nothing can be kept.
    pub keeps_nothing: Mutex<Option<String>>,
    pub stored: Mutex<Map<String, Value>>,
    /// How long an ask waits.
    pub patience: Mutex<Option<Duration>>,
    pub nobody: Mutex<bool>,
    /// Lines of commands that ran.
    pub ran: Arc<Mutex<Vec<String>>>,
    pub shelf: Arc<Shelf>,
    /// Entries of the board that were given an id.
    entries: AtomicUsize,
}

impl Seen {
    /// Waits until `count` asks are open.
    pub async fn until_asked(&self, count: usize) {
        let asked = async {
            while self.open.lock().len() < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked).await.expect("that many asks");
    }

    /// The commands that wait for an answer.
    pub fn waiting(&self) -> Vec<String> {
        self.open.lock().iter().map(|one| one.ask.title.clone()).collect()
    }

    /// Answers the `at`-th open ask.
    pub fn answer(&self, at: usize, decision: Decision, grant: Grant, message: Option<&str>) {
        let one = self.open.lock().remove(at);
        one.answer
            .send(Answer { decision, grant, message: message.map(str::to_owned), hunks: None })
            .unwrap();
    }

    /// How many items of this kind were stored.
    pub fn count(&self, kind: &str) -> usize {
        self.kinds().iter().filter(|one| *one == kind).count()
    }

    /// The kinds of all items, in order; a task's with its state.
    pub fn kinds(&self) -> Vec<String> {
        let name = |item: &ItemBody| {
            let json = serde_json::to_value(item).unwrap();
            let state = json["state"]["is"].as_str().map(|state| format!(" {state}")).unwrap_or_default();
            format!("{}{state}", json["kind"].as_str().unwrap())
        };
        self.items.lock().iter().map(name).collect()
    }
}

impl Turn for Seen {
    fn record(&self, body: ItemBody) -> Result<(), String> {
        self.items.lock().push(body);
        Ok(())
    }

    fn delta(&self, _: &str, _: &str) {}

    fn ask<'a>(
        &'a self,
        ask: Ask,
        keys: &'a [String],
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        let (answer, receiver) = oneshot::channel();
        let id = ask.id.clone();
        self.open.lock().push(Open { ask, keys: keys.to_vec(), answer });
        let refused = |why: &str| Answer {
            decision: Decision::Deny,
            grant: Grant::Once,
            message: Some(why.to_owned()),
            hunks: None,
        };
        let patience = self.patience.lock().unwrap_or(Duration::from_secs(60));
        Box::pin(async move {
            let answer = tokio::select! {
                answer = receiver => answer.unwrap(),
                () = cancel.cancelled() => refused("(stopped)"),
                () = tokio::time::sleep(patience) => refused("(nobody answered in time)"),
            };
            self.open.lock().retain(|one| one.ask.id != id);
            answer
        })
    }

    fn can_ask(&self) -> bool {
        !*self.nobody.lock()
    }

    fn fresh_ask_id(&self) -> AskId {
        AskId(format!("A{}", self.asks.fetch_add(1, Ordering::Relaxed)))
    }

    fn granted(&self, keys: &[String], _: bool) -> bool {
        keys.iter().any(|key| self.granted.lock().contains(key))
    }

    fn grant(&self, _: Grant, key: &str, _: &str) {
        self.granted.lock().insert(key.to_owned());
        let mut open = self.open.lock();
        let (same, others) = open.drain(..).partition(|one: &Open| one.keys.iter().any(|one| one == key));
        *open = others;
        let same: Vec<Open> = same;
        for one in same {
            let _ = one.answer.send(Answer {
                decision: Decision::Allow,
                grant: Grant::Session,
                message: None,
                hunks: None,
            });
        }
    }

    fn keep(&self, text: &str) -> Result<FileKey, String> {
        if let Some(why) = &*self.keeps_nothing.lock() {
            return Err(why.clone());
        }
        let mut kept = self.kept.lock();
        kept.push(text.replace("SECRET", "[redacted]"));
        Ok(FileKey(format!("K{}", kept.len())))
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        let number = key.0.get(1..).and_then(|number| number.parse::<usize>().ok());
        let text = number.and_then(|number| self.kept.lock().get(number.checked_sub(1)?).cloned());
        text.ok_or_else(|| format!("there is no text under the key {key}"))
    }

    fn stored(&self) -> Map<String, Value> {
        self.stored.lock().clone()
    }

    fn redact(&self, text: &str) -> String {
        text.replace("SECRET", "[redacted]")
    }

    fn cabinet(&self) -> Result<Arc<dyn Cabinet>, String> {
        Ok(self.shelf.clone())
    }

    fn board(&self) -> Vec<BoardEntry> {
        let mut board: Vec<BoardEntry> = Vec::new();
        for item in self.items.lock().iter() {
            match item {
                ItemBody::Context(ContextItem::Posted { entry }) => {
                    board.retain(|other| other.id != entry.id);
                    board.push(entry.clone());
                }
                ItemBody::Context(ContextItem::Removed { entry }) => board.retain(|other| other.id != *entry),
                _ => {}
            }
        }
        board
    }

    fn fresh_board_id(&self) -> String {
        format!("B{}", self.entries.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn plan(&self) -> Vec<PlanStep> {
        let items = self.items.lock();
        let plan = items.iter().rev().find_map(|item| match item {
            ItemBody::Context(ContextItem::Plan { steps, .. }) => Some(steps.clone()),
            _ => None,
        });
        plan.unwrap_or_default()
    }
}

impl Journal for Seen {
    fn fresh_change_id(&self) -> ChangeSetId {
        ChangeSetId("c-1".to_owned())
    }

    fn change(&self, _: &ChangeSetId, _: ChangeState) -> Result<(), String> {
        Ok(())
    }

    fn user_is_asked(&self) -> bool {
        !self.open.lock().is_empty()
    }

    fn announce(&self, _: &ChangeSetId, _: &str, _: Vec<String>) {}
}

/// What the tools below give.
#[derive(Serialize, JsonSchema)]
struct Output {
    said: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<u32>,
}

struct Fake {
    spec: ToolSpec,
    /// Lines of commands that ran.
    ran: Arc<Mutex<Vec<String>>>,
}

/// Tools: `echo` gives what it is given, `run` is a command that asks, `nap` runs for `ms`, the others break.
const FAKES: &[(&str, Effect)] = &[
    ("echo", Effect::Read),
    ("run", Effect::Run),
    ("nap", Effect::Run),
    ("edit", Effect::Write),
    ("boom", Effect::Read),
    ("crash", Effect::Read),
    ("picky", Effect::Read),
    ("missing", Effect::Read),
    ("outside", Effect::Read),
];

impl Fake {
    fn action(&self, line: &str) -> Action {
        let command = |verdict| Action::Command {
            line: line.to_owned(),
            exact: line.to_owned(),
            cwd: "/w".to_owned(),
            verdict,
            escalation: None,
            begins: None,
        };
        match self.spec.name.as_str() {
            "run" if line.contains("rm") => command(Verdict::Dangerous("it removes files".to_owned())),
            "run" => command(Verdict::Unknown("it is not known".to_owned())),
            "nap" => command(Verdict::Safe),
            "edit" => {
                let (protected, hunks) = Default::default();
                Action::Edit { files: vec!["a".to_owned()], protected, diff: String::new(), hunks }
            }
            _ => Action::Look,
        }
    }
}

impl Tool for Fake {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let name = self.spec.name.clone();
            let fails = |kind| Err(ToolError::new(kind, format!("{name} will not")));
            match name.as_str() {
                "crash" => panic!("crash"),
                "picky" => return fails(ToolErrorKind::ToolArguments),
                "missing" => return fails(ToolErrorKind::ToolFailed),
                "outside" => return fails(ToolErrorKind::ToolDenied),
                _ => {}
            }
            // As a real tool looks at the disk first.
            tokio::task::yield_now().await;
            let line = format!("{name} {}", arguments["line"].as_str().unwrap_or_default());
            let action = self.action(&line);
            let (ran, shown) = (self.ran.clone(), line.clone());
            let run = move |cx: ToolCx| {
                assert_ne!(name, "boom", "boom");
                async move {
                    let ms = arguments["ms"].as_u64().unwrap_or(0);
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(ms)) => {}
                        () = cx.cancel.cancelled() => {
                            return Err(ToolError::new(ToolErrorKind::ToolCancelled, "the nap was cancelled"));
                        }
                    }
                    ran.lock().push(shown);
                    let said = match &arguments["repeat"] {
                        Value::Number(times) => {
                            "text\n".repeat(usize::try_from(times.as_u64().unwrap()).unwrap())
                        }
                        _ => arguments.to_string(),
                    };
                    let value = to_value(&Output { said, more: None })?;
                    Ok(ToolOutput { value, summary: format!("{name} went well") })
                }
                .boxed()
            };
            Ok(Prepared { line, action, run: Box::new(run) })
        })
    }
}

/// A dispatcher over [`FAKES`] and the core tools, whose turn is `seen`.
pub fn dispatcher(seen: &Arc<Seen>, mode: Mode, tasks: Arc<Tasks>) -> Arc<Dispatcher> {
    dispatcher_in("/nowhere/work".into(), seen, mode, tasks)
}

/// The same over the folder `root`.
pub fn dispatcher_in(root: PathBuf, seen: &Arc<Seen>, mode: Mode, tasks: Arc<Tasks>) -> Arc<Dispatcher> {
    let fake = |(name, effect): &(&str, Effect)| {
        let spec = ToolSpec {
            name: (*name).to_owned(),
            description: format!("The tool {name}."),
            input_schema: json!({ "type": "object" }),
            output_schema: schema::<Output>(),
            declaration: String::new(),
            effect: *effect,
            freeform: None,
        };
        Arc::new(Fake { spec, ran: seen.ran.clone() }) as Arc<dyn Tool>
    };
    let (registry, refused) = Registry::of_pack("core").unwrap().with(FAKES.iter().map(fake).collect());
    assert!(refused.is_empty(), "{refused:?}");
    let roots = Arc::new(RwLock::new(Roots::new(vec![root])));
    Arc::new(Dispatcher {
        registry,
        turn: seen.clone(),
        journal: seen.clone(),
        reach: Arc::new(Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf16)), None)),
        exec: Arc::default(),
        review: crate::ReviewMode::default(),
        commit_lock: Arc::default(),
        policy: Policy::Ask,
        trusted: true,
        mode,
        tasks,
        outstanding: tokio_util::task::TaskTracker::new(),
    })
}

/// The call `S1.<number>`.
pub fn call(number: usize, name: &str, arguments: Value) -> ToolCall {
    ToolCall { id: CallId(format!("S1.{number}")), name: name.to_owned(), arguments }
}

/// The script that makes these calls.
pub fn script() -> CallId {
    CallId("S1".to_owned())
}
