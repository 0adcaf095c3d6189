//! `glossator exec`: one turn without an editor, as a client of the workspace's core if one runs, else of a server in this
//! process. What would ask is refused, since nobody is there.

pub mod print;

use crate::cli::Exec;
use crate::terminal::complain;
use crate::{assemble, logging};
use glossator_lsp::client::{Client, Reply};
use glossator_lsp::serve;
use glossator_lsp::transport::Options;
use glossator_protocol_ext::{ListTasksResult, SessionUpdateParams, TaskStatus, TurnStatus, method};
use glossator_settings::{Folders, Source};
use glossator_text::PositionEncoding;
use glossator_workspace::{Overlay, Roots, Workspace};
use parking_lot::RwLock;
use print::Printer;
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use url::Url;

/// Exit codes: done, failed, usage, interrupted.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// How long the server may take to end what still runs when the turn has ended.
const LAST_TASKS: Duration = Duration::from_secs(6);
/// How long a session that another process writes is asked for again, and how often.
const LETTING_GO: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);
/// What is said of such a session.
const BUSY: &str = "is being written by";
/// Bytes on their way between the two halves of this process.
const PIPE: usize = 64 << 10;

/// Runs the turn.
pub async fn run(arguments: Exec) -> u8 {
    let (folder, prompt) = match prepare(&arguments) {
        Ok(prepared) => prepared,
        Err(message) => {
            complain!("error: {message}");
            return USAGE;
        }
    };
    let mut headless = match Headless::connect(&folder, command_line(&arguments)).await {
        Ok(headless) => headless,
        Err(message) => {
            complain!("error: {message}");
            return FAILED;
        }
    };
    let code = match headless.begin(arguments.session.clone(), prompt).await {
        Ok((session, turn)) => {
            let code = headless.follow((&session, &turn), arguments.json).await;
            headless.name_tasks(&session).await;
            code
        }
        Err(message) => {
            complain!("error: {message}");
            FAILED
        }
    };
    headless.leave().await;
    code
}

/// What can be wrong with the command line is found out before anything is started.
fn prepare(arguments: &Exec) -> Result<(PathBuf, String), String> {
    let folders = assemble::folders();
    logging::start(&folders.state, logging::filter().as_deref());
    let folder = folder(arguments.cwd.as_deref())?;
    let workspace = Some(glossator_workspace::identity(&folder));
    let source = Source { folders, workspace, editor: Value::Null, command_line: command_line(arguments) };
    let problems = source.load(false).problems;
    if let Some(problem) = problems.iter().find(|problem| problem.layer == "the command line") {
        return Err(format!("--{}: {}", problem.key, problem.message));
    }
    Ok((folder, prompt(&arguments.prompt)?))
}

/// A workspace without an editor, and without the program's own state.
pub fn headless_workspace(folder: &Path) -> Workspace {
    let roots = Roots::new(vec![folder.to_owned()]).without(&assemble::folders().state);
    let roots = Arc::new(RwLock::new(roots));
    Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None)
}

pub fn folder(named: Option<&Path>) -> Result<PathBuf, String> {
    let folder = match named {
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    };
    let found = std::path::absolute(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    #[allow(clippy::disallowed_methods)] // The command line names a folder.
    match found.is_dir() {
        true => Ok(found),
        false => Err(format!("{} is not a folder; name an existing one with --cwd", folder.display())),
    }
}

/// The layer of settings that the command line is. A turn that nobody sees any more is stopped.
fn command_line(arguments: &Exec) -> Value {
    let named = [("model", &arguments.model), ("pack", &arguments.pack), ("policy", &arguments.policy)];
    let named = named.into_iter().filter_map(|(key, value)| Some((key, json!(value.as_ref()?))));
    named.chain([("core", json!({ "on_disconnect": "stop" }))]).collect()
}

fn prompt(argument: &str) -> Result<String, String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input: {error}"))?;
    Ok(text)
}

/// A client that nobody sits at.
pub struct Headless {
    pub client: Client,
    pub notifications: UnboundedReceiver<(String, Value)>,
    /// The server in this process; `None`: the core serves.
    server: Option<JoinHandle<()>>,
}

impl Headless {
    pub async fn connect(folder: &Path, command_line: Value) -> Result<Headless, String> {
        let folders = assemble::folders();
        let connected = match Self::with_core(&folders, folder, &command_line) {
            Some(connected) => connected,
            None => Self::alone(folder, command_line),
        };
        let uri = Url::from_file_path(folder).map_err(|()| format!("{} has no URI", folder.display()))?;
        let params = json!({
            "processId": null,
            "rootUri": uri,
            "workspaceFolders": [{ "uri": uri, "name": "workspace" }],
            "capabilities": {
                "general": { "positionEncodings": ["utf-8"] },
                "experimental": { "glossator": { "version": 1 } },
            },
        });
        connected.request("initialize", params).await?;
        connected.client.notify("initialized", json!({}));
        Ok(connected)
    }

    #[cfg(unix)]
    fn with_core(folders: &Folders, folder: &Path, command_line: &Value) -> Option<Headless> {
        let hello = crate::core::Hello::ours(false, command_line.clone());
        let stream = crate::core::running(folders, &glossator_workspace::identity(folder), &hello)?;
        let (input, output) = stream.into_split();
        let (client, notifications) = Client::start(input, output, answers());
        Some(Headless { client, notifications, server: None })
    }

    #[cfg(not(unix))]
    fn with_core(_: &Folders, _: &Path, _: &Value) -> Option<Headless> {
        None
    }

    fn alone(folder: &Path, command_line: Value) -> Headless {
        let mut kit = assemble::kit();
        (kit.cwd, kit.interactive, kit.command_line) = (folder.to_owned(), false, command_line);
        let (client_end, server_end) = tokio::io::duplex(PIPE);
        let (server_input, server_output) = tokio::io::split(server_end);
        let server = tokio::spawn(async move {
            serve(server_input, server_output, kit, Options::default()).await;
        });
        let (input, output) = tokio::io::split(client_end);
        let (client, notifications) = Client::start(input, output, answers());
        Headless { client, notifications, server: Some(server) }
    }

    /// Starts the turn; gives its session and its id.
    async fn begin(&self, session: Option<String>, prompt: String) -> Result<(String, String), String> {
        let session = match session {
            Some(id) => id,
            None => text(&self.request(method::SESSION_NEW, json!({})).await?["session"]["id"]),
        };
        let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": prompt }] });
        let started = when_let_go(|| self.request(method::TURN_START, params.clone())).await?;
        Ok((session, text(&started["turnId"])))
    }

    /// Prints what happens until the turn has ended; gives the exit code.
    async fn follow(&mut self, (session, turn): (&str, &str), json: bool) -> u8 {
        let mut printer = Printer::new(json);
        let mut asked = pin!(crate::signals::asked_to_end());
        let mut interrupted = false;
        loop {
            let next = tokio::select! {
                next = self.notifications.recv() => next,
                () = &mut asked, if !interrupted => {
                    interrupted = true;
                    let params = json!({ "sessionId": session, "turnId": turn });
                    // A turn that has just ended needs no stop.
                    drop(self.client.send_request(method::TURN_INTERRUPT, params));
                    continue;
                }
            };
            let Some((name, params)) = next else {
                complain!(
                    "error: the core has ended under this run; what happened until now is stored in {session}"
                );
                return FAILED;
            };
            if name == "window/showMessage" {
                print::message(&params);
            }
            if name != method::SESSION_UPDATE || params["sessionId"] != session {
                continue;
            }
            // Of other turns of the session, only those who read JSON want to know.
            let known = serde_json::from_value::<SessionUpdateParams>(params.clone()).ok();
            let known = known.filter(|known| known.turn_id.as_deref().is_none_or(|of| of == turn));
            match printer.update(&params, known) {
                Some(TurnStatus::Done) => return DONE,
                Some(TurnStatus::Interrupted) => return INTERRUPTED,
                Some(TurnStatus::Failed | TurnStatus::Limited) => return FAILED,
                None => {}
            }
        }
    }

    /// Says what becomes of the tasks that still run.
    pub async fn name_tasks(&self, session: &str) {
        let fate = if self.server.is_some() { "still ran and is stopped" } else { "goes on in the core" };
        let tasks = self.request(method::TASKS_LIST, json!({ "sessionId": session })).await;
        let Ok(Ok(tasks)) = tasks.map(serde_json::from_value::<ListTasksResult>) else { return };
        for task in tasks.tasks.iter().filter(|task| task.state == TaskStatus::Running) {
            complain!("task {} ({}) {fate}", task.id, task.line);
        }
    }

    pub async fn request(&self, name: &str, params: Value) -> Result<Value, String> {
        self.client.request(name, params).await.map_err(|error| match error["message"].as_str() {
            Some(message) => message.to_owned(),
            None => "the core has ended; try it again".to_owned(),
        })
    }

    pub async fn leave(self) {
        // A server that is gone already needs no farewell.
        let _ = self.request("shutdown", Value::Null).await;
        self.client.notify("exit", Value::Null);
        if let Some(server) = self.server {
            let _ = tokio::time::timeout(LAST_TASKS, server).await;
        }
    }
}

/// Tries again for a moment where another process writes the session: a core that is leaving lets go of it soon.
async fn when_let_go<F: Future<Output = Result<Value, String>>>(
    ask: impl Fn() -> F,
) -> Result<Value, String> {
    let began = Instant::now();
    loop {
        match ask().await {
            Err(why) if why.contains(BUSY) && began.elapsed() < LETTING_GO => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
}

/// Nobody is here to answer.
fn answers() -> glossator_lsp::client::OnRequest {
    Box::new(|_, name, _, _| match name {
        "window/workDoneProgress/create" | "client/registerCapability" => Reply::Result(Value::Null),
        _ => Reply::Error(-32601, format!("no {name} here")),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn a_session_is_asked_for_again_while_another_lets_go_of_it() {
        let asked = Cell::new(0);
        let ask = |busy: u32, then: Result<Value, String>| {
            asked.set(0);
            let asked = &asked;
            when_let_go(move || {
                asked.set(asked.get() + 1);
                let answer = if asked.get() <= busy {
                    Err(format!("session s {BUSY} process 1."))
                } else {
                    then.clone()
                };
                std::future::ready(answer)
            })
        };
        assert_eq!((ask(3, Ok(json!(1))).await, asked.get()), (Ok(json!(1)), 4));
        assert_eq!((ask(0, Err("no".to_owned())).await, asked.get()), (Err("no".to_owned()), 1));
        let began = Instant::now();
        assert!(ask(u32::MAX, Ok(json!(1))).await.is_err());
        assert!(began.elapsed() >= LETTING_GO);
    }
}
