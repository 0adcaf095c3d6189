//! What a turn adds to the disk and to memory, and how much the first request of a plain prompt holds.

use super::super::{Bench, median};
use super::{Figures, bytes_below, words};
use glossator_lsp::client::{Editor, Turn};
use glossator_models::scripted::{Reply, ScriptedServer};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Turns between looks at the disk, and turns after which memory is looked at.
const SOME: usize = 10;
const MANY: usize = 1_000;
/// Turns of one scripted model, which remembers every request.
const OF_ONE_MODEL: usize = 100;

async fn turn(editor: &mut Editor, session: &str, prompt: &str) -> Result<Turn, String> {
    let turn = editor.turn(session, prompt, &mut |_| {}).await.map_err(words)?;
    match turn.status.as_str() {
        "done" => Ok(turn),
        other => Err(format!("a turn ended as {other}: {:?}", turn.message)),
    }
}

/// Bytes of the only log, and of everything in the state folder.
fn sizes(state: &Path) -> (u64, u64) {
    fn logs(folder: &Path) -> u64 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let size = |entry: std::fs::DirEntry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => logs(&entry.path()),
            Ok(meta) if entry.file_name() == "log.jsonl" => meta.len(),
            _ => 0,
        };
        entries.map(size).sum()
    }
    (logs(state), bytes_below(state))
}

/// Log bytes of a trivial turn and of one that edits a line, and of the first request.
pub(super) async fn bytes(program: &Path, runs: usize, figures: &mut Figures) -> Result<(), String> {
    for (name, edits) in [("a trivial turn", false), ("a one-line edit", true)] {
        for _ in 0..runs {
            let count = Arc::new(AtomicUsize::new(0));
            let model =
                ScriptedServer::answering(move |body| reply(body, edits, &count)).await.map_err(words)?;
            let mut bench = Bench::start(program, &model.base_url()).await?;
            let session = bench.editor.new_session().await.map_err(words)?;
            let first = turn(&mut bench.editor, &session, "Say hello").await?;
            if !edits {
                let sent =
                    first.items("request").first().and_then(|item| item["bytes"].as_f64()).unwrap_or(0.0);
                figures.add("first request of a plain prompt", "bytes", sent);
                let (log, _) = sizes(&bench.folder.path().join("state"));
                figures.add("log after the first trivial turn", "bytes", log as f64);
            }
            turn(&mut bench.editor, &session, "Say hello").await?;
            let before = sizes(&bench.folder.path().join("state"));
            for _ in 0..SOME {
                turn(&mut bench.editor, &session, "Say hello").await?;
            }
            let after = sizes(&bench.folder.path().join("state"));
            let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / SOME as f64;
            figures.add(format!("log of {name}"), "bytes", each(before.0, after.0));
            figures.add(format!("all that is stored of {name}"), "bytes", each(before.1, after.1));
            bench.end().await;
        }
    }
    Ok(())
}

fn newest(body: &Value) -> String {
    body["messages"].as_array().and_then(|all| all.last()).map(Value::to_string).unwrap_or_default()
}

fn reply(body: &Value, edits: bool, count: &AtomicUsize) -> Reply {
    if !edits || newest(body).contains("<tool-results") {
        return Reply::Text("Hello.".to_owned());
    }
    let from = count.fetch_add(1, Ordering::Relaxed);
    let patch = format!(
        "*** Begin Patch\n*** Update File: patched.txt\n@@\n-count {from}\n+count {}\n*** End Patch",
        from + 1
    );
    Reply::Text(format!("<tool-calls>\nreturn await tools.applyPatch({});\n</tool-calls>\n", json!(patch)))
}

/// What a model says in the turns of [`memory`]: a script and then a word, and a hand-over where one is asked for.
fn busy(body: &Value) -> Reply {
    let newest = newest(body);
    let text = match () {
        () if newest.contains("Write the hand-over") => {
            "## Goal\nNumbers.\n\n## State\nSome were counted, and all went well until now, as far as can be told.\n\n## Next\nCount on."
        }
        () if newest.contains("<tool-results") => "Done.",
        () => "<tool-calls>\nreturn (await tools.readFile('patched.txt')).text.repeat(20);\n</tool-calls>\n",
    };
    Reply::Text(text.to_owned())
}

/// Memory after many turns with a script each.
pub(super) async fn memory(program: &Path, figures: &mut Figures) -> Result<(), String> {
    let mut bench = Bench::start(program, "").await?;
    let session = bench.editor.new_session().await.map_err(words)?;
    let (mut early, mut late) = (Vec::new(), Vec::new());
    let held = Mutex::new(None);
    for at in 0..MANY {
        if at % OF_ONE_MODEL == 0 {
            let model = ScriptedServer::answering(busy).await.map_err(words)?;
            Bench::settings(bench.folder.path(), &model.base_url())?;
            *held.lock() = Some(model);
        }
        let started = Instant::now();
        turn(&mut bench.editor, &session, "Count on").await?;
        let time = super::millis(started.elapsed());
        if at >= MANY - SOME {
            late.push(time)
        } else if (3..3 + SOME).contains(&at) {
            early.push(time)
        }
        if at == SOME {
            figures.add("memory (PSS) after 10 turns", "MB", bench.pss_mb());
        }
    }
    figures.add("memory (PSS) after 1,000 turns", "MB", bench.pss_mb());
    figures.add("an early turn of these", "ms", median(&early));
    figures.add("a late turn of these", "ms", median(&late));
    let (log, all) = sizes(&bench.folder.path().join("state"));
    figures.add("log after 1,000 turns with a script", "MB", log as f64 / 1e6);
    figures.add("all that is stored of them", "MB", all as f64 / 1e6);
    bench.end().await;
    Ok(())
}
