//! `glossator exec`: one turn without an editor. What would ask is refused, since nobody is there.
#![allow(clippy::disallowed_methods)] // The command line names a folder and the environment a log filter.

use crate::cli::Exec;
use crate::terminal::complain;
use crate::{assemble, logging};
use glossator_agent::{Agent, AgentError, Front, TurnConfig};
use glossator_session::{
    Cost, Event, EventKind, InputPart, ItemBody, NoticeLevel, SessionId, TurnStatus, Usage,
};
use glossator_settings::{Loaded, Source, turn_config};
use glossator_text::PositionEncoding;
use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::RwLock;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// Exit codes: done, failed, usage, interrupted.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// How long detached calls may take to end once the turn has, after they were told to.
const LAST_TASKS: Duration = Duration::from_secs(5);

/// Runs the turn.
pub async fn run(arguments: Exec) -> u8 {
    match prepare(&arguments) {
        Ok(headless) => headless.run(arguments).await,
        Err(message) => {
            complain!("error: {message}");
            USAGE
        }
    }
}

struct Headless {
    agent: Agent,
    config: TurnConfig,
    front: Front,
    prompt: String,
}

fn prepare(arguments: &Exec) -> Result<Headless, String> {
    let kit = assemble::kit();
    logging::start(&kit.folders.state, std::env::var("GLOSSATOR_LOG").ok().as_deref());
    let folder = folder(arguments.cwd.as_deref())?;
    let identity = glossator_workspace::identity(&folder);
    let source = Source {
        folders: kit.folders.clone(),
        workspace: Some(identity.clone()),
        editor: Value::Null,
        command_line: command_line(arguments),
    };
    let agent = (kit.agent)(&identity);
    let trusted = agent.trusted(&identity, source.workspace_text().as_deref());
    let Loaded { settings, problems } = source.load(trusted);
    for problem in &problems {
        if problem.layer == "the command line" {
            return Err(format!("--{}: {}", problem.key, problem.message));
        }
        complain!("warning: {problem}");
    }
    if let Some(notice) = source.untrusted(trusted) {
        complain!("note: {notice}");
    }
    // `full` on the command line is the user's word for this folder and this run; other policies say nothing of trust.
    let trusted_run = trusted || arguments.policy.as_deref() == Some("full");
    let workspace = headless_workspace(&folder);
    Ok(Headless {
        agent,
        config: turn_config(&settings, &kit.environment),
        front: Front { workspace, trusted: trusted_run, interactive: false },
        prompt: prompt(&arguments.prompt)?,
    })
}

/// A workspace without an editor, and without the program's own state.
pub fn headless_workspace(folder: &Path) -> Workspace {
    let roots = Roots::new(vec![folder.to_owned()]).without(&assemble::kit().folders.state);
    let roots = Arc::new(RwLock::new(roots));
    Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None)
}

pub fn folder(named: Option<&Path>) -> Result<PathBuf, String> {
    let folder = match named {
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    };
    let found = std::path::absolute(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    match found.is_dir() {
        true => Ok(found),
        false => Err(format!("{} is not a folder; name an existing one with --cwd", folder.display())),
    }
}

fn command_line(arguments: &Exec) -> Value {
    let named = [("model", &arguments.model), ("pack", &arguments.pack), ("policy", &arguments.policy)];
    named.into_iter().filter_map(|(key, value)| Some((key, json!(value.as_ref()?)))).collect()
}

fn prompt(argument: &str) -> Result<String, String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input: {error}"))?;
    Ok(text)
}

impl Headless {
    async fn run(self, arguments: Exec) -> u8 {
        let id = match &arguments.session {
            Some(id) => SessionId(id.clone()),
            None => self.agent.new_session("").id,
        };
        let begin = || -> Result<UnboundedReceiver<Event>, AgentError> {
            let events = self.agent.watch(&id)?;
            let input = vec![InputPart::Text { text: self.prompt.clone() }];
            self.agent.start_turn(&id, input, self.config.clone(), self.front.clone())?;
            Ok(events)
        };
        let code = match begin() {
            Ok(events) => self.follow(&id, events, arguments.json).await,
            Err(error) => {
                complain!("error: {error}");
                FAILED
            }
        };
        for (_, task) in self.agent.close(LAST_TASKS).await {
            complain!("task {} ({}) still ran and is stopped", task.id, task.line);
        }
        code
    }

    async fn follow(&self, id: &SessionId, mut events: UnboundedReceiver<Event>, json: bool) -> u8 {
        let mut interrupted = false;
        let mut spent = None;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = crate::signals::asked_to_end(), if !interrupted => {
                    interrupted = true;
                    // A turn that has just ended needs no stop.
                    let _ = self.agent.interrupt(id);
                    continue;
                }
            };
            let Some(event) = event else { return FAILED };
            if json {
                print_json(&event);
            } else {
                print(&event.kind);
            }
            if let EventKind::Usage { usage, cost } = &event.kind {
                spent = (usage.total() > 0).then(|| spent_line(usage, cost.as_ref()));
            }
            if let EventKind::TurnCompleted { status, .. } = event.kind {
                if !json {
                    spent.into_iter().for_each(|line| complain!("{line}"));
                    complain!("session: {id}");
                }
                return match status {
                    TurnStatus::Done => DONE,
                    TurnStatus::Interrupted => INTERRUPTED,
                    TurnStatus::Failed | TurnStatus::Limited => FAILED,
                };
            }
        }
    }
}

/// What a turn has spent, in one line.
fn spent_line(usage: &Usage, cost: Option<&Cost>) -> String {
    let read = usage.input + usage.cache_read + usage.cache_write;
    let cost = cost.map(|cost| format!(", {:.4} USD ({})", cost.micro_usd as f64 / 1e6, cost.prices_of));
    format!(
        "tokens: {read} in ({} from cache), {} out{}",
        usage.cache_read,
        usage.output,
        cost.unwrap_or_default()
    )
}

fn print_json(event: &Event) {
    if let Ok(line) = serde_json::to_string(event) {
        out(&format!("{line}\n"));
    }
}

fn print(kind: &EventKind) {
    match kind {
        EventKind::ItemDelta { stream, text } if stream == "answer" => out(text),
        EventKind::ItemCompleted { item } => print_item(&item.body),
        EventKind::ChangeSet { state, files, .. } => complain!("  {state}: {}", files.join(", ")),
        EventKind::Notice { level, text } => complain!("{}: {text}", level_name(*level)),
        EventKind::TurnCompleted { status, message } => {
            out("\n");
            if let Some(message) = message {
                let kind = if *status == TurnStatus::Failed { "error" } else { "note" };
                complain!("{kind}: {message}");
            }
        }
        _ => {}
    }
}

fn print_item(body: &ItemBody) {
    match body {
        ItemBody::ToolCall { call, .. } => complain!("> {}", call.name),
        ItemBody::ToolOutput { outcome, millis, .. } => match outcome {
            Ok(output) => complain!("  {} ({millis} ms)", output.summary),
            Err(error) => complain!("  {error}"),
        },
        ItemBody::Notice { level, text } => complain!("{}: {text}", level_name(*level)),
        _ => {}
    }
}

fn level_name(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Info => "note",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Error => "error",
    }
}

fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A reader that has gone wants no more.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
