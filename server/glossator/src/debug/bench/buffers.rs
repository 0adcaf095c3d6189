//! `glossator debug bench buffers`: what a keystroke, a snapshot, a read and a change of the whole text cost in a large
//! buffer. The engine alone, without the protocol around it.

use super::median;
use crate::terminal::say;
use glossator_text::{Position, PositionEncoding, Range, line_replacements};
use glossator_workspace::{Change, Opened, Overlay, Roots, Workspace};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Bytes of the buffer.
const SIZE: usize = 10_000_000;
/// Keystrokes and snapshots of one run.
const MANY: u32 = 2_000;

/// Runs every measurement.
pub async fn run(runs: usize, as_json: bool) -> Result<u8, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut all = Map::new();
    for (name, line) in [
        ("ASCII", "let value = compute(input, 42); // a line of some length, as code has\n"),
        ("wide", "let värde = \"😀 日本語\"; // eine Zeile, wie sie nicht nur in Quelltexten steht\r\n"),
    ] {
        let text = line.repeat(SIZE / line.len());
        let path = folder.path().join(name);
        std::fs::write(&path, &text).map_err(|error| error.to_string())?;
        let mut figures = Figures::default();
        for _ in 0..runs {
            measure(&path, &text, &mut figures)?;
        }
        if !as_json {
            say!("{name}, {:.1} MB, {} lines", text.len() as f64 / 1e6, text.len() / line.len());
        }
        all.insert(name.to_owned(), figures.told(as_json));
    }
    if as_json {
        say!("{}", json!({ "unit": "ms", "buffers": all }));
    }
    Ok(0)
}

/// Milliseconds by what took them, in the order in which they were first measured.
#[derive(Default)]
struct Figures(Vec<(&'static str, Vec<f64>)>);

impl Figures {
    fn add(&mut self, name: &'static str, millis: f64) {
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, all)) => all.push(millis),
            None => self.0.push((name, vec![millis])),
        }
    }

    /// Times `work`, which does it so many times over.
    fn time<T>(&mut self, name: &'static str, times: u32, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = black_box(work());
        self.add(name, started.elapsed().as_secs_f64() * 1e3 / f64::from(times));
        result
    }

    fn told(&self, as_json: bool) -> Value {
        let mut told = Map::new();
        for (name, all) in &self.0 {
            let least = all.iter().copied().fold(f64::INFINITY, f64::min);
            let most = all.iter().copied().fold(0.0, f64::max);
            if !as_json {
                say!("  {name:<42} {:>11.5} ms   ({least:.5} to {most:.5})", median(all));
            }
            told.insert((*name).to_owned(), json!({ "median": median(all), "least": least, "most": most }));
        }
        Value::Object(told)
    }
}

fn measure(path: &Path, text: &str, figures: &mut Figures) -> Result<(), String> {
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
    let folder = path.parent().ok_or("the file has no folder")?.to_path_buf();
    let roots = Arc::new(parking_lot::RwLock::new(Roots::new(vec![folder])));
    let workspace = Workspace::new(roots, overlay.clone(), None);
    let opened = || Opened {
        path: Some(path.to_path_buf()),
        language: "rust".to_owned(),
        version: 0,
        text: text.to_owned(),
    };
    let first = opened();
    figures.time("didOpen", 1, || overlay.open("u", first));
    figures
        .time("read through the workspace, saved", 1, || workspace.read_blocking(path))
        .map_err(|error| error.to_string())?;
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    keystrokes(&overlay, "didChange: a key, anywhere", figures, |at| (at * 7919) % lines)?;
    keystrokes(&overlay, "didChange: a key, in one line", figures, |_| lines / 2)?;
    figures.time("snapshot", MANY, || {
        for _ in 0..MANY {
            black_box(overlay.by_uri("u"));
        }
    });
    let before = figures
        .time("read through the workspace, unsaved", 1, || workspace.read_blocking(path))
        .map_err(|error| error.to_string())?
        .text;
    let one = before.replacen("//", "/* */ //", 1);
    let formatted = before.replace("compute(", "compute (").replace("värde =", "värde  =");
    figures.time("diff: one line differs", 1, || line_replacements(&before, &one));
    figures.time("diff: every line differs", 1, || line_replacements(&before, &formatted));
    let change = [Change { range: None, text: one }];
    figures
        .time("didChange: the whole text", 1, || overlay.change("u", i32::MAX, &change))
        .map_err(|error| error.to_string())
}

/// A key in each line that `line` names, each a notification of its own.
fn keystrokes(
    overlay: &Overlay,
    name: &'static str,
    figures: &mut Figures,
    line: impl Fn(u32) -> u32,
) -> Result<(), String> {
    let version = overlay.by_uri("u").map_or(0, |buffer| buffer.version);
    let changes: Vec<[Change; 1]> = (0..MANY)
        .map(|at| {
            let place = Position { line: line(at), character: 4 };
            [Change { range: Some(Range { start: place, end: place }), text: "x".to_owned() }]
        })
        .collect();
    figures
        .time(name, MANY, || {
            (version + 1..)
                .zip(&changes)
                .try_for_each(|(version, change)| overlay.change("u", version, change))
        })
        .map_err(|error| error.to_string())
}
