//! What a core costs and saves: starts with and without one, memory of pump and core, messages through the pump.

use super::{Bench, pss_kb, report};
use glossator_lsp::client::Editor;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// Requests of one measurement of round trips.
const REQUESTS: usize = 200;
/// Bytes of the large change.
const LARGE: usize = 10 << 20;

const THROUGH: &[&str] = &["lsp"];
const ALONE: &[&str] = &["lsp", "--in-process"];

/// Runs every measurement `runs` times.
pub async fn run(runs: usize) -> Result<u8, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut found = Found::default();
    for _ in 0..runs {
        once(&program, &mut found).await?;
    }
    report("start, in process", "ms", found.alone);
    report("start, core started too", "ms", found.cold);
    report("start, core there", "ms", found.warm);
    report("memory of one in process (PSS)", "MB", found.alone_mb);
    report("memory of pump and core (PSS)", "MB", found.pair_mb);
    report("memory of a second pump (PSS)", "MB", found.second_mb);
    report("round trip, in process", "us", found.trip_alone);
    report("round trip, through the pump", "us", found.trip_through);
    report("didChange of 10 MB, in process", "ms", found.large_alone);
    report("didChange of 10 MB, through the pump", "ms", found.large_through);
    Ok(0)
}

#[derive(Default)]
struct Found {
    alone: Vec<f64>,
    cold: Vec<f64>,
    warm: Vec<f64>,
    alone_mb: Vec<f64>,
    pair_mb: Vec<f64>,
    second_mb: Vec<f64>,
    trip_alone: Vec<f64>,
    trip_through: Vec<f64>,
    large_alone: Vec<f64>,
    large_through: Vec<f64>,
}

async fn once(program: &Path, found: &mut Found) -> Result<(), String> {
    let folder = Bench::folder("")?;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let settle = || tokio::time::sleep(Duration::from_millis(150));
    let (child, editor, started) = Bench::server(program, folder.path(), ALONE).await?;
    found.alone.push(millis(started));
    settle().await;
    found.alone_mb.push(child.id().map_or(0.0, mb));
    found.trip_alone.push(trips(&editor).await?);
    found.large_alone.push(large(&editor).await?);
    end(child, editor).await;
    let (child, editor, started) = Bench::server(program, folder.path(), THROUGH).await?;
    found.cold.push(millis(started));
    settle().await;
    let core = core_of(folder.path())?;
    found.pair_mb.push(child.id().map_or(0.0, mb) + mb(core));
    let (second, of_second, started) = Bench::server(program, folder.path(), THROUGH).await?;
    found.warm.push(millis(started));
    settle().await;
    found.second_mb.push(second.id().map_or(0.0, mb));
    end(second, of_second).await;
    found.trip_through.push(trips(&editor).await?);
    found.large_through.push(large(&editor).await?);
    end(child, editor).await;
    end_cores(folder.path()).await;
    Ok(())
}

/// Ends the core in these folders, if there is one; it would stay for a minute.
pub async fn end_cores(folder: &Path) {
    if let Ok(core) = core_of(folder) {
        let _ = Command::new("kill").arg(core.to_string()).status().await;
    }
}

/// The core in these folders, by its lock.
fn core_of(folder: &Path) -> Result<u32, String> {
    let entries = std::fs::read_dir(folder.join("run")).map_err(|error| error.to_string())?;
    let mut locks = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "lock"));
    let lock = locks.next().ok_or("there is no core")?;
    let text = std::fs::read_to_string(lock).map_err(|error| error.to_string())?;
    text.trim().parse().map_err(|_| format!("no process in the lock: {text:?}"))
}

fn mb(id: u32) -> f64 {
    pss_kb(&id.to_string()) * 1024.0 / 1e6
}

/// Microseconds of a request that costs nothing, in the mean.
async fn trips(editor: &Editor) -> Result<f64, String> {
    let started = Instant::now();
    for _ in 0..REQUESTS {
        editor.client.request("glossator/tasks/list", json!({})).await.map_err(|error| error.to_string())?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / REQUESTS as f64)
}

/// Milliseconds until a large change was taken in.
async fn large(editor: &Editor) -> Result<f64, String> {
    let uri = "file:///large.txt";
    editor.open(uri, "text", "");
    let text = "a line of ten or so\n".repeat(LARGE / 20);
    let started = Instant::now();
    editor.type_over(uri, &text);
    editor.client.request("glossator/tasks/list", json!({})).await.map_err(|error| error.to_string())?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

async fn end(mut child: Child, editor: Editor) {
    // A server that does not leave by itself is killed when the child is dropped.
    let _ = editor.leave().await;
    let _ = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
}
