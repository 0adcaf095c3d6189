//! `glossator debug bench`: start, memory, typing and turns of this very program, as real processes over pipes.
//! Prints medians with their range; these machines are noisy, so compare ratios within one run.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Measures processes from outside, as an editor starts them.

mod buffers;
#[cfg(unix)]
mod core;
mod latency;
mod patch;
mod script;
mod sessions;
mod stream;

use crate::terminal::say;
use glossator_lsp::client::{Behaviour, Editor};
use glossator_models::scripted::{Reply, ScriptedServer};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use url::Url;

/// Lines of the file that is typed into: about 1 MB.
const LINES: usize = 16_000;
/// `didChange` notifications of the typing measurement.
const CHANGES: usize = 10_000;

/// Runs every measurement `runs` times (the heavy ones less often).
pub async fn run(what: &str, runs: usize, json: bool) -> Result<u8, String> {
    let runs = runs.max(3);
    match what {
        "all" => whole(runs).await,
        "buffers" => buffers::run(runs, json).await,
        #[cfg(unix)]
        "core" => core::run(runs).await,
        "latency" => latency::run().await,
        "patch" => patch::run(runs, json),
        "script" => script::run(runs).await,
        "sessions" => sessions::run(runs, json).await,
        other => Err(format!(
            "there is no measurement '{other}'; measurements are all, buffers, core, latency, patch, script and sessions"
        )),
    }
}

async fn whole(runs: usize) -> Result<u8, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let size = std::fs::metadata(&program).map_err(|error| error.to_string())?.len();
    say!("binary size                          {:>9.1} MB", size as f64 / 1e6);
    let mut starts = Vec::new();
    let mut idle = Vec::new();
    for _ in 0..runs {
        let mut bench = Bench::start(&program, "").await?;
        starts.push(bench.started.as_secs_f64() * 1e3);
        tokio::time::sleep(Duration::from_millis(150)).await;
        idle.push(bench.pss_mb());
        bench.end().await;
    }
    report("spawn to initialize answer", "ms", starts);
    report("idle memory (PSS, process tree)", "MB", idle);
    typing(&program, runs.min(5)).await?;
    turns(&program, runs).await?;
    stream::decoding(runs)?;
    // More of them would be a history that is compacted.
    stream::long_answer(&program, runs.min(4)).await?;
    Ok(0)
}

async fn typing(program: &Path, runs: usize) -> Result<(), String> {
    let line = "let value = compute(input, 42); // a line of some length, as code has\n";
    let text = line.repeat(LINES);
    let mut times = Vec::new();
    for _ in 0..runs {
        let bench = Bench::start(program, "").await?;
        let uri = bench.uri("typed.rs")?;
        bench.editor.open(&uri, "rust", &text);
        bench.settled(&uri).await?;
        let started = Instant::now();
        for at in 0..CHANGES {
            let place = json!({ "line": (at * 7919) % LINES, "character": 4 });
            let change = json!({ "range": { "start": place, "end": place }, "text": "x" });
            let document = json!({ "uri": uri, "version": at + 1 });
            let params = json!({ "textDocument": document, "contentChanges": [change] });
            bench.editor.client.notify("textDocument/didChange", params);
        }
        bench.settled(&uri).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        bench.end().await;
    }
    report(&format!("{CHANGES} didChange on a {:.1} MB file", text.len() as f64 / 1e6), "ms", times);
    Ok(())
}

/// What each kind of turn is called, and what the model answers in it.
fn kinds() -> [(&'static str, Vec<String>); 6] {
    let script = |body: &str| format!("<tool-calls>\n{body}\n</tool-calls>\n");
    let patch =
        "*** Begin Patch\\n*** Update File: patched.txt\\n@@\\n-count FROM\\n+count TO\\n*** End Patch";
    [
        ("one answer", vec!["Done.".to_owned()]),
        ("a script without calls", vec![script("return 1;"), "Done.".to_owned()]),
        (
            "a script that reads",
            vec![script("return (await tools.readFile('patched.txt')).text;"), "Done.".to_owned()],
        ),
        (
            "a script that runs `true`",
            vec![script("return await tools.exec({ command: ['true'] });"), "Done.".to_owned()],
        ),
        // Not known to be safe, so it runs on an overlay where the system can.
        (
            "a script that runs a command on an overlay",
            vec![script("return await tools.exec({ script: 'exec 3< patched.txt' });"), "Done.".to_owned()],
        ),
        (
            "a script that patches",
            vec![script(&format!("return await tools.applyPatch(\"{patch}\");")), "Done.".to_owned()],
        ),
    ]
}

/// Whole turns with an instant model: the prompt goes out, and the time runs until the turn's end is told.
async fn turns(program: &Path, runs: usize) -> Result<(), String> {
    let mut base = 0.0;
    for (name, replies) in kinds() {
        let rounds = runs + 3;
        let mut count = 0;
        let replies = (0..rounds).flat_map(|_| replies.clone()).map(|text| {
            if text.contains("count FROM") {
                count += 1;
            }
            Reply::Text(text.replace("FROM", &(count - 1).to_string()).replace("TO", &count.to_string()))
        });
        let model = ScriptedServer::start(replies.collect()).await.map_err(|error| error.to_string())?;
        let mut bench = Bench::start(program, &model.base_url()).await?;
        let session = bench.editor.new_session().await.map_err(|error| error.to_string())?;
        let mut times = Vec::new();
        for _ in 0..rounds {
            let started = Instant::now();
            let turn =
                bench.editor.turn(&session, "go", &mut |_| {}).await.map_err(|error| error.to_string())?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            let failed = turn.items("scriptOutput").iter().any(|output| output["ok"] != true);
            if turn.status != "done" || failed {
                return Err(format!(
                    "'{name}' ended as {}: {:?} {:?}",
                    turn.status,
                    turn.message,
                    turn.items("scriptOutput")
                ));
            }
        }
        let warm = median(&times[3..]);
        report(&format!("warm turn: {name}"), "ms", times[3..].to_vec());
        match name {
            "one answer" => base = warm,
            _ => say!("  of it for the round and the call    {:>9.2} ms", warm - base),
        }
        say!("  memory after these turns              {:>8.2} MB", bench.pss_mb());
        bench.end().await;
    }
    Ok(())
}

/// One server process with an editor at its pipes and folders of its own.
struct Bench {
    child: Child,
    editor: Editor,
    started: Duration,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn start(program: &Path, model: &str) -> Result<Bench, String> {
        let folder = Bench::folder(model)?;
        let (child, editor, started) =
            Bench::server(program, folder.path(), &["lsp", "--in-process"]).await?;
        Ok(Bench { child, editor, started, folder })
    }

    /// Folders of its own, with settings and a workspace.
    fn folder(model: &str) -> Result<tempfile::TempDir, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = |name: &str| folder.path().join(name);
        for name in ["config", "state", "cache", "workspace"] {
            std::fs::create_dir(path(name)).map_err(|error| error.to_string())?;
        }
        Bench::settings(folder.path(), model)?;
        std::fs::write(path("workspace/patched.txt"), "head\ncount 0\ntail\n")
            .map_err(|error| error.to_string())?;
        Ok(folder)
    }

    /// Settings with this model; turns that begin from now on use it.
    fn settings(folder: &Path, model: &str) -> Result<(), String> {
        let settings = format!(
            "model = \"scripted/m\"\npolicy = \"full\"\n[providers.scripted]\nbase_url = \"{model}\"\n"
        );
        std::fs::write(folder.join("config/settings.toml"), settings).map_err(|error| error.to_string())
    }

    /// Starts a server in such folders, and an editor at it; gives how long that took.
    async fn server(
        program: &Path,
        folder: &Path,
        arguments: &[&str],
    ) -> Result<(Child, Editor, Duration), String> {
        let started = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .envs(
                [("CONFIG", "config"), ("STATE", "state"), ("CACHE", "cache"), ("RUNTIME", "run")]
                    .map(|(key, name)| (format!("GLOSSATOR_{key}_DIR"), folder.join(name))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let (Some(output), Some(input)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the server has no pipes".to_owned());
        };
        let answer = Box::new(|_: &_| json!({ "decision": "allow", "grant": "session" }));
        let yes = Behaviour { answer, ..Behaviour::default() };
        let mut editor = Editor::connect(input, output, yes);
        editor.initialize(&folder.join("workspace")).await.map_err(|error| error.to_string())?;
        Ok((child, editor, started.elapsed()))
    }

    fn uri(&self, name: &str) -> Result<String, String> {
        let path: PathBuf = self.folder.path().join("workspace").join(name);
        Url::from_file_path(path).map(|uri| uri.to_string()).map_err(|()| "no URI".to_owned())
    }

    /// Waits until everything sent so far has been taken in: requests are answered in order.
    async fn settled(&self, uri: &str) -> Result<(), String> {
        let place = json!({ "line": 0, "character": 0 });
        let params = json!({ "textDocument": { "uri": uri }, "range": { "start": place, "end": place }, "context": { "diagnostics": [] } });
        self.editor
            .client
            .request("textDocument/codeAction", params)
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    /// Proportional set size of the process and its children, in megabytes (10^6 bytes).
    fn pss_mb(&mut self) -> f64 {
        self.child.id().map_or(0.0, tree_mb)
    }

    /// Processor time that the process has used, in milliseconds.
    fn cpu_ms(&self) -> f64 {
        let id = self.child.id().unwrap_or_default();
        let text = std::fs::read_to_string(format!("/proc/{id}/schedstat")).unwrap_or_default();
        let main = text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0);
        let tasks = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
        let all: f64 = tasks
            .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
            .filter_map(|text| text.split_whitespace().next()?.parse::<f64>().ok())
            .sum();
        all.max(main) / 1e6
    }

    async fn end(mut self) {
        // A server that does not leave by itself is killed when the child is dropped.
        let _ = self.editor.leave().await;
        let _ = tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await;
    }
}

/// Proportional set size of a process and its children, in megabytes (10^6 bytes).
fn tree_mb(id: u32) -> f64 {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let all = std::iter::once(id.to_string()).chain(children.split_whitespace().map(str::to_owned));
    all.map(|id| pss_kb(&id)).sum::<f64>() * 1024.0 / 1e6
}

fn pss_kb(id: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

fn report(name: &str, unit: &str, values: Vec<f64>) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    say!("{name:<36} {:>9.2} {unit}   ({least:.2} to {most:.2}, {} runs)", median(&values), values.len());
}
