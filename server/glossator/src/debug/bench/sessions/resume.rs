//! A long session in a new process: how soon it is shown, how soon the first request goes out, and the most memory of that.

use super::super::Bench;
use super::generate;
use super::{Figures, millis, words};
use glossator_lsp::client::Editor;
use glossator_models::scripted::{Reply, ScriptedServer};
use glossator_store::Store;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const ID: &str = "0199c0de-0000-7000-8000-000000000001";
const ALONE: &[&str] = &["lsp", "--in-process"];

/// When the last request came.
type Asked = Arc<Mutex<Option<Instant>>>;

/// Makes a session of so many megabytes (10^6 bytes) and opens it again and again.
pub(super) async fn measure(
    program: &Path,
    megabytes: u64,
    runs: usize,
    figures: &mut Figures,
) -> Result<(), String> {
    let asked = Asked::default();
    let seen = asked.clone();
    let reply = move |_: &Value| {
        *seen.lock() = Some(Instant::now());
        Reply::Text("Done.".to_owned())
    };
    let model = ScriptedServer::answering(reply).await.map_err(words)?;
    let folder = Bench::folder(&model.base_url())?;
    let store = Store::open(&folder.path().join("state"), &folder.path().join("workspace")).map_err(words)?;
    let (turns, compactions) = generate::long(&store, ID, megabytes * 1_000_000)?;
    say_what(megabytes, turns, compactions);
    // As it was never opened by this version: no checkpoint, no index.
    let (times, peak) = once(program, folder.path(), (30, None)).await?;
    figures.add(format!("{megabytes} MB, no checkpoint: 30 turns shown"), "ms", times[1]);
    figures.add(format!("{megabytes} MB, no checkpoint: peak memory"), "MB", peak);
    // A turn, as every session ends with one.
    once(program, folder.path(), (30, Some(&asked))).await?;
    for _ in 0..runs {
        let (times, _) = once(program, folder.path(), (3, None)).await?;
        figures.add(format!("{megabytes} MB: spawn to 3 turns shown"), "ms", times[1]);
        let (times, peak) = once(program, folder.path(), (30, None)).await?;
        figures.add(format!("{megabytes} MB: spawn to initialize"), "ms", times[0]);
        figures.add(format!("{megabytes} MB: spawn to 30 turns shown"), "ms", times[1]);
        figures.add(format!("{megabytes} MB: of it session/read"), "ms", times[1] - times[0]);
        figures.add(format!("{megabytes} MB: peak memory of that"), "MB", peak);
    }
    for _ in 0..runs.min(5) {
        let (times, _) = once(program, folder.path(), (3, Some(&asked))).await?;
        figures.add(format!("{megabytes} MB: spawn to first request"), "ms", times[2]);
    }
    for _ in 0..runs.min(5) {
        let (time, peak) = all_turns(program, folder.path()).await?;
        figures.add(format!("{megabytes} MB: all turns, by pages"), "ms", time);
        figures.add(format!("{megabytes} MB: peak memory of that, too"), "MB", peak);
    }
    Ok(())
}

fn say_what(megabytes: u64, turns: u32, compactions: u64) {
    crate::terminal::complain!("a session of {megabytes} MB: {turns} turns, {compactions} compactions");
}

/// Milliseconds from the spawn to: initialize answered, session read, first request of a turn; and the peak memory.
async fn once(
    program: &Path,
    folder: &Path,
    (turns, turn): (u32, Option<&Asked>),
) -> Result<([f64; 3], f64), String> {
    let began = Instant::now();
    let (mut child, mut editor, started) = Bench::server(program, folder, ALONE).await?;
    let read = read(&editor, json!({ "turns": turns })).await?;
    let shown = began.elapsed();
    let count = read["items"].as_array().map_or(0, Vec::len);
    if count < 5 {
        return Err(format!("only {count} items were shown"));
    }
    let mut asked = 0.0;
    if let Some(when) = turn {
        *when.lock() = None;
        editor.turn(ID, "And now?", &mut |_| {}).await.map_err(words)?;
        let at = when.lock().ok_or("the model was not asked")?;
        asked = millis(at.duration_since(began));
    }
    let peak = child.id().map_or(0.0, peak_mb);
    let _ = editor.leave().await;
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), child.wait()).await;
    Ok(([millis(started), millis(shown), asked], peak))
}

async fn read(editor: &Editor, more: Value) -> Result<Value, String> {
    let mut params = json!({ "sessionId": ID });
    if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
        params.extend(more);
    }
    editor.client.request("glossator/session/read", params).await.map_err(words)
}

/// Milliseconds from the spawn until every turn was read, and the peak memory.
async fn all_turns(program: &Path, folder: &Path) -> Result<(f64, f64), String> {
    let began = Instant::now();
    let (mut child, editor, _) = Bench::server(program, folder, ALONE).await?;
    let mut page = read(&editor, json!({ "turns": 30 })).await?;
    while page["more"] == true {
        page = read(&editor, json!({ "before": page["first"], "turns": 200 })).await?;
    }
    let time = millis(began.elapsed());
    let peak = child.id().map_or(0.0, peak_mb);
    let _ = editor.leave().await;
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), child.wait()).await;
    Ok((time, peak))
}

/// The most resident memory that a process had, in megabytes (10^6 bytes).
fn peak_mb(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb: f64 = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0);
    kb * 1024.0 / 1e6
}
