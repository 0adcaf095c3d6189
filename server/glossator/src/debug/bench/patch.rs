//! `glossator debug bench patch`: the patch engine against `git apply` and GNU `patch`, on equal input in one run. The
//! engine is timed alone, over texts in memory; the others can only be timed as processes, so an empty start of each is
//! measured too. Nothing is subtracted.

mod work;

use super::median;
use crate::terminal::say;
use glossator_patch::{Current, Files, Found, Options, parse, plan};
use glossator_text::{Base, FileFormat};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use work::Case;

/// Runs of the engine for each run of a process: it is much shorter.
const ENGINE_RUNS: usize = 5;

/// Bytes of text that are patched between two looks at the time, at the least: a look takes longer than a small patch.
const SHORT: usize = 500_000;

/// Runs every case and prints what it took.
pub fn run(runs: usize, json: bool) -> Result<u8, String> {
    let tools = tools()?;
    let empty = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut starts = Vec::new();
    for tool in &tools {
        starts.push(timings(runs, || timed(tool.command(empty.path()).arg("--version"), true))?);
    }
    let mut rows = Vec::new();
    for case in work::cases() {
        let native = engine(&case, &case.native, runs)?;
        let unified = engine(&case, &case.unified, runs)?;
        let mut processes = Vec::new();
        for tool in &tools {
            processes.push(timings(runs, || tool.apply(&case))?);
        }
        rows.push(Row { name: case.name, native, unified, processes });
    }
    match json {
        true => say!("{:#}", as_json(&tools, &starts, &rows)),
        false => print(&tools, &starts, &rows),
    }
    Ok(0)
}

/// What a case took, in milliseconds.
struct Row {
    name: &'static str,
    native: Vec<f64>,
    unified: Vec<f64>,
    processes: Vec<Option<Timings>>,
}

/// Milliseconds of each run of a process.
#[derive(Default)]
struct Timings {
    wall: Vec<f64>,
    /// Processor time, where it can be told: of one thread.
    cpu: Vec<f64>,
}

/// A program that applies patches.
struct Tool {
    name: &'static str,
    /// `None` where it is not installed.
    program: Option<PathBuf>,
    arguments: &'static [&'static str],
    /// Whether it reads the patch language, else a unified diff.
    native: bool,
    /// Whether it has one thread, so that its processor time can be told.
    one_thread: bool,
}

fn tools() -> Result<[Tool; 3], String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let installed = |name: &str| {
        let started =
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        started.is_ok_and(|status| status.success()).then(|| PathBuf::from(name))
    };
    let own = Tool {
        name: "debug patch",
        program: Some(own),
        arguments: &["debug", "patch"],
        native: true,
        one_thread: false,
    };
    let git = Tool {
        name: "git apply",
        program: installed("git"),
        arguments: &["apply", "-"],
        native: false,
        one_thread: true,
    };
    let patch = Tool {
        name: "patch",
        program: installed("patch"),
        arguments: &["-p1", "-s", "-f"],
        native: false,
        one_thread: true,
    };
    Ok([own, git, patch])
}

impl Tool {
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(self.program.as_deref().unwrap_or(Path::new(self.name)));
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    /// Applies the case's patch to fresh files.
    fn apply(&self, case: &Case) -> Result<Option<(f64, Option<f64>)>, String> {
        let failed = |error: std::io::Error| error.to_string();
        if self.program.is_none() {
            return Ok(None);
        }
        let folder = tempfile::tempdir().map_err(failed)?;
        let work = folder.path().join("work");
        for (name, text) in &case.files {
            let path = work.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(&work)).map_err(failed)?;
            std::fs::write(path, text).map_err(failed)?;
        }
        let patch = folder.path().join("patch");
        let (text, fits) =
            if self.native { (&case.native, case.fits.1) } else { (&case.unified, case.fits.0) };
        std::fs::write(&patch, text).map_err(failed)?;
        let mut command = self.command(&work);
        command.args(self.arguments).stdin(File::open(patch).map_err(failed)?);
        timed(&mut command, fits)
            .map_err(|error| format!("{} on '{}': {error}", self.name, case.name))
            .map(|timing| timing.map(|(wall, cpu)| (wall, cpu.filter(|_| self.one_thread))))
    }
}

fn timings(
    runs: usize,
    run: impl Fn() -> Result<Option<(f64, Option<f64>)>, String>,
) -> Result<Option<Timings>, String> {
    let mut all = Timings::default();
    for _ in 0..runs {
        let Some((wall, cpu)) = run()? else { return Ok(None) };
        all.wall.push(wall);
        all.cpu.extend(cpu);
    }
    Ok(Some(all))
}

/// Milliseconds from the start of a process to its end, and of the processor; `None` when it cannot be started.
fn timed(command: &mut Command, succeeds: bool) -> Result<Option<(f64, Option<f64>)>, String> {
    let started = Instant::now();
    let Ok(mut child) = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        return Ok(None);
    };
    let mut out = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut out).map_err(|error| error.to_string())?;
    }
    let cpu = cpu_at_end(&child);
    let wall = started.elapsed().as_secs_f64() * 1e3;
    let status = child.wait().map_err(|error| error.to_string())?;
    match status.success() == succeeds {
        true => Ok(Some((wall, cpu))),
        false => Err(format!("it ended with {status}")),
    }
}

/// Milliseconds of the processor that a process has used when it is over and nobody has been told yet: its first thread's.
fn cpu_at_end(child: &Child) -> Option<f64> {
    let folder = PathBuf::from("/proc").join(child.id().to_string());
    loop {
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        if stat.rsplit_once(") ")?.1.starts_with('Z') {
            break;
        }
        std::thread::yield_now();
    }
    let times = std::fs::read_to_string(folder.join("schedstat")).ok()?;
    times.split_whitespace().next()?.parse::<f64>().ok().map(|nanos| nanos / 1e6)
}

/// Texts in memory, each handed out once, as they are when a file has just been read.
struct InMemory(RefCell<HashMap<String, Found>>);

impl Files for InMemory {
    fn find(&self, path: &str) -> Result<Found, String> {
        let known = self.0.borrow_mut().remove(path);
        Ok(known.unwrap_or_else(|| Found { path: PathBuf::from(path), current: None }))
    }
}

impl InMemory {
    fn of(case: &Case) -> InMemory {
        let found = |(name, text): &(String, String)| {
            let current = Current {
                text: text.clone(),
                base: Base::Disk { hash: String::new() },
                format: FileFormat::default(),
            };
            (name.clone(), Found { path: PathBuf::from(name), current: Some(current) })
        };
        InMemory(RefCell::new(case.files.iter().map(found).collect()))
    }
}

/// Milliseconds from the patch's text to the change set, or to the message why there is none: of the processor where that
/// can be told, else as the clock says.
fn engine(case: &Case, text: &str, runs: usize) -> Result<Vec<f64>, String> {
    let size: usize = case.files.iter().map(|(_, text)| text.len()).sum();
    let at_once = (SHORT / size.max(1)).clamp(1, 50);
    let mut times = Vec::new();
    for _ in 0..runs * ENGINE_RUNS {
        let files: Vec<InMemory> = (0..at_once).map(|_| InMemory::of(case)).collect();
        let (clock, started) = (Instant::now(), own_cpu());
        for files in &files {
            let planned = parse(text).and_then(|patch| plan(&patch, files, &Options::default()));
            if planned.is_ok() != case.fits.1 {
                return Err(format!("'{}' came out wrong: {planned:?}", case.name));
            }
        }
        let cpu = started.and_then(|started| Some(own_cpu()? - started));
        times.push(cpu.unwrap_or_else(|| clock.elapsed().as_secs_f64() * 1e3) / at_once as f64);
    }
    Ok(times)
}

/// Milliseconds of the processor that this thread has used.
fn own_cpu() -> Option<f64> {
    // The system adds up when a thread offers to let others run.
    std::thread::yield_now();
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    times.split_whitespace().next()?.parse::<f64>().ok().map(|nanos| nanos / 1e6)
}

fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

fn print(tools: &[Tool], starts: &[Option<Timings>], rows: &[Row]) {
    say!(
        "Milliseconds, medians. engine: parse and plan over texts in memory (wall; least in brackets), of the patch"
    );
    say!(
        "language and of the unified diff that git and patch get. Processes: wall, and processor time where there is"
    );
    say!("one thread; whole, with their start, reading and writing. 'start' is `--version`.\n");
    let names: String = tools.iter().map(|tool| format!("  {:>20}", tool.name)).collect();
    say!("{:<34}  {:>17}  {:>17}{names}", "", "engine", "engine, unified");
    let cells = |processes: &[Option<Timings>]| processes.iter().map(cell).collect::<String>();
    say!("{:<34}  {:>17}  {:>17}{}", "start", "", "", cells(starts));
    for row in rows {
        let engine = |times: &[f64]| format!("{:.3} ({:.3})", median(times), least(times));
        let (native, unified) = (engine(&row.native), engine(&row.unified));
        say!("{:<34}  {native:>17}  {unified:>17}{}", row.name, cells(&row.processes));
    }
}

fn cell(timings: &Option<Timings>) -> String {
    let text = match timings {
        None => "not installed".to_owned(),
        Some(timings) if timings.cpu.is_empty() => format!("{:.2}", median(&timings.wall)),
        Some(timings) => format!("{:.2} (cpu {:.2})", median(&timings.wall), median(&timings.cpu)),
    };
    format!("  {text:>20}")
}

fn as_json(tools: &[Tool], starts: &[Option<Timings>], rows: &[Row]) -> Value {
    let processes = |all: &[Option<Timings>]| -> Value {
        let each = tools.iter().zip(all).map(|(tool, timings)| {
            let figures = timings.as_ref().map(|timings| {
                let cpu = (!timings.cpu.is_empty()).then(|| median(&timings.cpu));
                json!({ "wallMs": median(&timings.wall), "cpuMs": cpu })
            });
            (tool.name.to_owned(), json!(figures))
        });
        Value::Object(each.collect())
    };
    let engine = |times: &[f64]| json!({ "medianMs": median(times), "leastMs": least(times) });
    let row = |row: &Row| {
        json!({
            "case": row.name,
            "engine": engine(&row.native),
            "engineUnified": engine(&row.unified),
            "processes": processes(&row.processes),
        })
    };
    json!({ "start": processes(starts), "cases": rows.iter().map(row).collect::<Vec<_>>() })
}
