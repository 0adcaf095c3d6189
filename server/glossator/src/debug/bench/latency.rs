//! How long an editor waits while a turn streams: the round trip from a `didChange` to the answer of the next request, with
//! a model that sends a thousand deltas a second, two hundred open buffers and an open transcript; through the core with a
//! second editor that follows the session. Beside it the same without a turn.

use super::Bench;
use crate::terminal::say;
use glossator_lsp::client::Editor;
use glossator_models::scripted::{Reply, ScriptedServer, speaker};
use glossator_models::{WIRES, Wire};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::process::Child;

/// Deltas of the model in a second.
const DELTAS: usize = 1_000;
/// How long the model goes on: longer than the measurements take.
const SECONDS: usize = 60;
/// The model sends so often; each time its share of the deltas.
const BEAT: Duration = Duration::from_millis(10);
/// Round trips of one measurement.
const TRIPS: usize = 400;
/// Time between two of them: faster than anybody types.
const PAUSE: Duration = Duration::from_millis(8);
/// Open buffers beside the one that is typed into.
const BUFFERS: usize = 200;
/// Lines of the file that is typed into: about 5 MB.
const LINES: usize = 80_000;

/// Runs every measurement once; one is [`TRIPS`] round trips.
pub async fn run() -> Result<u8, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    for (name, arguments) in [("in process", &["lsp", "--in-process"][..]), ("through the core", &["lsp"])] {
        say!("{name}");
        way(&program, arguments).await?;
    }
    Ok(0)
}

async fn way(program: &Path, arguments: &[&str]) -> Result<(), String> {
    let model = ScriptedServer::start(vec![talkative()?]).await.map_err(|error| error.to_string())?;
    let folder = Bench::folder(&model.base_url())?;
    let (child, editor, _) = Bench::server(program, folder.path(), arguments).await?;
    let session = editor.new_session().await.map_err(|error| error.to_string())?;
    let typed = url(&folder.path().join("workspace/typed.rs"))?;
    for number in 0..BUFFERS {
        editor.open(&url(&folder.path().join(format!("workspace/{number}.txt")))?, "text", "one\ntwo\n");
    }
    editor.open(
        &typed,
        "rust",
        &"let value = compute(input, 42); // a line of some length, as code\n".repeat(LINES),
    );
    let mut version = 0;
    trips(&editor, &typed, &mut version, "no turn").await?;
    let chat = transcript(&editor, &session).await?;
    let follower = match arguments {
        ["lsp"] => Some(follow(program, folder.path(), &session).await?),
        _ => None,
    };
    let input = json!([{ "kind": "text", "text": "go" }]);
    let params = json!({ "sessionId": session, "input": input });
    request(&editor, "glossator/turn/start", params).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    trips(&editor, &typed, &mut version, "1,000 deltas/s").await?;
    let usage = request(&editor, "glossator/session/read", json!({ "sessionId": session })).await?;
    if usage["running"].is_null() {
        return Err("the turn ended before the measurement did".to_owned());
    }
    if let Some(chat) = chat {
        say!(
            "  the transcript holds                  {:>9} bytes",
            editor.text(&chat).unwrap_or_default().len()
        );
    }
    request(&editor, "glossator/turn/interrupt", json!({ "sessionId": session })).await?;
    if let Some((child, editor)) = follower {
        end(child, editor).await;
    }
    end(child, editor).await;
    #[cfg(unix)]
    super::core::end_cores(folder.path()).await;
    Ok(())
}

/// An answer that comes in fragments, at an even pace.
fn talkative() -> Result<Reply, String> {
    let (_, wire) = WIRES.iter().find(|(name, _)| *name == "messages").ok_or("there is no such protocol")?;
    let wire: Wire = *wire;
    let text: String =
        "Some words of an answer, and a line.\n".chars().cycle().take(DELTAS * SECONDS * 13).collect();
    let stream = speaker(wire)("m", &[json!({ "type": "text", "text": text })], "end_turn", 100);
    let stream = String::from_utf8(stream).map_err(|error| error.to_string())?;
    let events: Vec<&str> = stream.split_inclusive("\n\n").collect();
    let each = DELTAS * BEAT.as_millis() as usize / 1_000;
    let chunks = events.chunks(each).map(|events| (BEAT, events.concat().into_bytes())).collect();
    Ok(Reply::Raw { chunks })
}

/// Opens the transcript as a user of a plain editor does; `None` where the server shows none.
async fn transcript(editor: &Editor, session: &str) -> Result<Option<String>, String> {
    let params =
        json!({ "command": "glossator.chat", "arguments": [{ "sessionId": session, "show": false }] });
    let shown = request(editor, "workspace/executeCommand", params).await?;
    let Some(uri) = shown["transcript"].as_str() else { return Ok(None) };
    let path = url::Url::parse(uri).ok().and_then(|uri| uri.to_file_path().ok());
    let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    editor.open(uri, "markdown", &text);
    Ok(Some(uri.to_owned()))
}

/// A second editor on the session.
async fn follow(program: &Path, folder: &Path, session: &str) -> Result<(Child, Editor), String> {
    let (child, editor, _) = Bench::server(program, folder, &["lsp"]).await?;
    request(&editor, "glossator/session/resume", json!({ "sessionId": session })).await?;
    Ok((child, editor))
}

/// Types and asks, again and again.
async fn trips(editor: &Editor, uri: &str, version: &mut i64, name: &str) -> Result<(), String> {
    let asked = ["textDocument/hover", "textDocument/codeAction"];
    let mut times = [Vec::new(), Vec::new()];
    for trip in 0..TRIPS {
        tokio::time::sleep(PAUSE).await;
        *version += 1;
        let place = json!({ "line": (trip * 7_919) % LINES, "character": 4 });
        let range = json!({ "start": place, "end": place });
        let document = json!({ "uri": uri, "version": version });
        let change = json!({ "textDocument": document, "contentChanges": [{ "range": range, "text": "x" }] });
        let context = json!({ "diagnostics": [], "triggerKind": 2 });
        let params =
            json!({ "textDocument": { "uri": uri }, "position": place, "range": range, "context": context });
        let started = Instant::now();
        editor.client.notify("textDocument/didChange", change);
        request(editor, asked[trip % 2], params).await?;
        times[trip % 2].push(started.elapsed().as_secs_f64() * 1e3);
    }
    for (method, mut times) in asked.into_iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        let what = method.rsplit('/').next().unwrap_or(method);
        say!(
            "  didChange to {what}, {name:<16} p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
            at(0.5),
            at(0.99),
            at(0.9999)
        );
    }
    Ok(())
}

async fn request(editor: &Editor, method: &str, params: Value) -> Result<Value, String> {
    editor.client.request(method, params).await.map_err(|error| format!("{method}: {error}"))
}

fn url(path: &Path) -> Result<String, String> {
    url::Url::from_file_path(path).map(|uri| uri.to_string()).map_err(|()| "no URI".to_owned())
}

async fn end(mut child: Child, editor: Editor) {
    // A server that does not leave by itself is killed when the child is dropped.
    let _ = editor.leave().await;
    let _ = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
}
