//! A whole scripted editor over [`Client`]: buffers, honest edits, answers to asks, and turns that are waited for.

use super::{Buffers, Client, Reply};
use glossator_text::PositionEncoding;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use url::Url;

/// How long anything may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers an ask, given the params of `glossator/approval/ask`.
pub type OnAsk = Box<dyn Fn(&Value) -> Value + Send + Sync>;

/// Takes note of an applied edit: the URI and the new text. `true`: it was saved, so `didSave` is sent.
pub type OnApplied = Box<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// How the editor behaves.
pub struct Behaviour {
    /// Answers asks; null leaves them open.
    pub answer: OnAsk,
    /// Called after each edit that was applied.
    pub applied: OnApplied,
}

impl Default for Behaviour {
    fn default() -> Self {
        Behaviour {
            answer: Box::new(|_| json!({ "decision": "deny", "message": "nobody is here" })),
            applied: Box::new(|_, _| false),
        }
    }
}

/// The editor.
pub struct Editor {
    /// The wire.
    pub client: Client,
    /// Its buffers.
    pub buffers: Arc<Mutex<Buffers>>,
    notifications: UnboundedReceiver<(String, Value)>,
}

/// A turn that has ended.
#[derive(Debug)]
pub struct Turn {
    /// `done`, `failed`, `interrupted` or `limited`.
    pub status: String,
    /// Why, when it is not simply done.
    pub message: Option<String>,
    /// Every update of the turn: the `update` member of each `glossator/session/update`.
    pub updates: Vec<Value>,
}

impl Turn {
    /// The stored items of one kind.
    pub fn items(&self, kind: &str) -> Vec<&Value> {
        let items = self.updates.iter().filter(|update| update["kind"] == "itemCompleted");
        items.map(|update| &update["item"]).filter(|item| item["kind"] == kind).collect()
    }
}

impl Editor {
    /// Connects to a server; positions are counted in UTF-8.
    pub fn connect<I, O>(input: I, output: O, behaviour: Behaviour) -> Editor
    where
        I: AsyncRead + Unpin + Send + 'static,
        O: AsyncWrite + Unpin + Send + 'static,
    {
        let buffers = Arc::new(Mutex::new(Buffers::new(PositionEncoding::Utf8)));
        let held = buffers.clone();
        let on_request = move |client: &Client, method: &str, params: &Value, _: &Value| match method {
            "workspace/applyEdit" => apply(client, &held, params, &behaviour),
            "glossator/approval/ask" => Reply::Result((behaviour.answer)(params)),
            "window/workDoneProgress/create" | "client/registerCapability" => Reply::Result(Value::Null),
            _ => Reply::Error(-32601, format!("no {method} here")),
        };
        let (client, notifications) = Client::start(input, output, Box::new(on_request));
        Editor { client, buffers, notifications }
    }

    /// `initialize` and `initialized` for the folder `root`; gives the server's answer.
    pub async fn initialize(&mut self, root: &Path) -> Result<Value, Value> {
        let uri = Url::from_file_path(root).map_err(|()| json!("the folder is not absolute"))?;
        let params = json!({
            "processId": null,
            "rootUri": uri,
            "workspaceFolders": [{ "uri": uri, "name": "workspace" }],
            "capabilities": {
                "general": { "positionEncodings": ["utf-8"] },
                "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
                "experimental": { "glossator": { "version": 1 } },
            },
        });
        let answer = self.client.request("initialize", params).await?;
        self.client.notify("initialized", json!({}));
        Ok(answer)
    }

    /// Opens a buffer with `text`, whatever the disk holds.
    pub fn open(&self, uri: &str, language: &str, text: &str) {
        let params = self.buffers.lock().open(uri, language, text);
        self.client.notify("textDocument/didOpen", params);
    }

    /// Replaces the text of a buffer, as typing would.
    pub fn type_over(&self, uri: &str, text: &str) {
        if let Some(params) = self.buffers.lock().set(uri, text) {
            self.client.notify("textDocument/didChange", params);
        }
    }

    /// The text of a buffer.
    pub fn text(&self, uri: &str) -> Option<String> {
        self.buffers.lock().text(uri).map(str::to_owned)
    }

    /// A new session; gives its id.
    pub async fn new_session(&self) -> Result<String, Value> {
        let answer = self.client.request("glossator/session/new", json!({})).await?;
        Ok(answer["session"]["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Sends a prompt and waits for the end of its turn; `see` is shown each update as it comes.
    pub async fn turn(
        &mut self,
        session: &str,
        prompt: &str,
        see: &mut (dyn FnMut(&Value) + Send),
    ) -> Result<Turn, Value> {
        let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": prompt }] });
        let answer = self.client.request("glossator/turn/start", params).await?;
        let mut updates = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.notifications.recv()).await;
            let Ok(Some((method, params))) = next else {
                return Err(json!("the server fell silent in mid-turn"));
            };
            if method != "glossator/session/update" || params["turnId"] != answer["turnId"] {
                continue;
            }
            let update = params["update"].clone();
            see(&update);
            updates.push(update.clone());
            if update["kind"] == "turnCompleted" {
                let text = |key: &str| update[key].as_str().map(str::to_owned);
                return Ok(Turn {
                    status: text("status").unwrap_or_default(),
                    message: text("message"),
                    updates,
                });
            }
        }
    }

    /// `shutdown` and `exit`.
    pub async fn leave(self) -> Result<(), Value> {
        self.client.request("shutdown", Value::Null).await?;
        self.client.notify("exit", Value::Null);
        Ok(())
    }
}

fn apply(client: &Client, buffers: &Mutex<Buffers>, params: &Value, behaviour: &Behaviour) -> Reply {
    let mut buffers = buffers.lock();
    let (answer, changes) = buffers.apply(params);
    for change in changes {
        let uri = change["textDocument"]["uri"].as_str().unwrap_or_default().to_owned();
        client.notify("textDocument/didChange", change);
        let text = buffers.text(&uri).unwrap_or_default().to_owned();
        if (behaviour.applied)(&uri, &text) {
            client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        }
    }
    Reply::Result(answer)
}
