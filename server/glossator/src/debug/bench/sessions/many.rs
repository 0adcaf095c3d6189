//! Ten thousand sessions: the first index, lists and searches over the protocol and from a shell.

use super::super::{Bench, median};
use super::generate;
use super::{Figures, bytes_below, millis, words};
use glossator_lsp::client::Editor;
use glossator_store::Store;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use tokio::process::Command;

const SESSIONS: u64 = 10_000;
/// Searches: a frequent word, two words, a phrase, a rare word, the beginning of one, nothing, one in prompts only.
const SEARCHES: [&str; 7] =
    ["parser", "parser cursor", "\"parser index\"", "socket6665", "walr*", "nowhere", "cursor in:prompt"];

/// Makes them and looks at them.
pub(super) async fn measure(program: &Path, runs: usize, figures: &mut Figures) -> Result<(), String> {
    let folder = Bench::folder("")?;
    let state = folder.path().join("state");
    let store = Store::open(&state, &folder.path().join("workspace")).map_err(words)?;
    let started = Instant::now();
    for number in 0..SESSIONS {
        generate::short(&store, &format!("0199c0de-0000-7000-8000-{number:012}"), number)?;
    }
    let made = millis(started.elapsed()) / 1e3;
    let bytes = bytes_below(&state) as f64 / 1e6;
    crate::terminal::complain!("{SESSIONS} sessions were made in {made:.1} s: {bytes:.0} MB");
    let (mut child, editor, _) = Bench::server(program, folder.path(), &["lsp", "--in-process"]).await?;
    let first = Instant::now();
    ask(&editor, "list", json!({ "limit": 50 })).await?;
    figures.add("10,000 sessions: first list, no index", "ms", millis(first.elapsed()));
    let _ = editor.leave().await;
    let _ = child.wait().await;
    let started = Instant::now();
    store.reindex(&mut |_, _| {}).map_err(words)?;
    figures.add("10,000 sessions: first index of all", "s", millis(started.elapsed()) / 1e3);
    figures.add("10,000 sessions: size of the index", "MB", store.index_health().bytes as f64 / 1e6);
    let (mut child, editor, _) = Bench::server(program, folder.path(), &["lsp", "--in-process"]).await?;
    let many = runs.max(3) * 5;
    tries(&editor, ("list", "list of 50"), json!({ "limit": 50 }), (many, figures)).await?;
    tries(&editor, ("list", "list with a word"), json!({ "limit": 50, "text": "walrus" }), (many, figures))
        .await?;
    for text in SEARCHES {
        tries(&editor, ("search", &format!("search {text}")), json!({ "text": text }), (many, figures))
            .await?;
    }
    let _ = editor.leave().await;
    let _ = child.wait().await;
    for arguments in [&["list", "--limit", "50"][..], &["search", "parser", "cursor"]] {
        for _ in 0..runs {
            let time = from_a_shell(program, folder.path(), arguments).await?;
            figures.add(format!("10,000 sessions: sessions {}", arguments.join(" ")), "ms", time);
        }
    }
    Ok(())
}

async fn ask(editor: &Editor, method: &str, params: Value) -> Result<Value, String> {
    editor.client.request(&format!("glossator/session/{method}"), params).await.map_err(words)
}

async fn tries(
    editor: &Editor,
    (method, name): (&str, &str),
    params: Value,
    (many, figures): (usize, &mut Figures),
) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..many {
        let started = Instant::now();
        ask(editor, method, params.clone()).await?;
        times.push(millis(started.elapsed()));
    }
    times.sort_by(f64::total_cmp);
    figures.add(format!("10,000 sessions: {name}, p50"), "ms", median(&times));
    figures.add(format!("10,000 sessions: {name}, p95"), "ms", times[times.len() * 95 / 100]);
    Ok(())
}

async fn from_a_shell(program: &Path, folder: &Path, arguments: &[&str]) -> Result<f64, String> {
    let started = Instant::now();
    let folders = [("CONFIG", "config"), ("STATE", "state"), ("CACHE", "cache"), ("RUNTIME", "run")];
    let done = Command::new(program)
        .arg("sessions")
        .args(arguments)
        .current_dir(folder.join("workspace"))
        .envs(folders.map(|(key, name)| (format!("GLOSSATOR_{key}_DIR"), folder.join(name))))
        .output()
        .await
        .map_err(words)?;
    match done.status.success() && !done.stdout.is_empty() {
        true => Ok(millis(started.elapsed())),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}
