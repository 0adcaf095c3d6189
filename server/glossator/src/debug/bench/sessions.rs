//! `glossator debug bench sessions`: how soon a long session is usable, how fast ten thousand are listed and searched, what
//! a turn adds to the disk and to memory. Sessions are made anew in each run, through the store; nothing is kept between.

mod append;
mod generate;
mod many;
mod resume;
mod turns;

use super::{median, report};
use crate::terminal::say;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// What was measured, in order.
#[derive(Default)]
struct Figures(Vec<(String, &'static str, Vec<f64>)>);

impl Figures {
    fn add(&mut self, name: impl Into<String>, unit: &'static str, value: f64) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., values)) => values.push(value),
            None => self.0.push((name, unit, vec![value])),
        }
    }

    /// Says what was added since `from`; gives how many there are now.
    fn say(&self, from: usize, as_json: bool) -> usize {
        let new = self.0.iter().skip(from).filter(|_| !as_json);
        new.for_each(|(name, unit, values)| report(name, unit, values.clone()));
        self.0.len()
    }

    fn json(&self) -> Value {
        let row = |(name, unit, values): &(String, &str, Vec<f64>)| {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            let figures = json!({ "unit": unit, "median": median(values), "least": least, "most": most, "runs": values.len() });
            (name.clone(), figures)
        };
        json!({ "sessions": self.0.iter().map(row).collect::<Map<_, _>>() })
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Runs every measurement; those that take seconds not more than five times.
pub async fn run(runs: usize, as_json: bool) -> Result<u8, String> {
    let program = std::env::current_exe().map_err(words)?;
    let (mut figures, few) = (Figures::default(), runs.min(5));
    let mut said = 0;
    for megabytes in [100, 200] {
        resume::measure(&program, megabytes, runs, &mut figures).await?;
        said = figures.say(said, as_json);
    }
    many::measure(&program, runs, &mut figures).await?;
    said = figures.say(said, as_json);
    append::measure(few, &mut figures)?;
    said = figures.say(said, as_json);
    turns::bytes(&program, few, &mut figures).await?;
    turns::memory(&program, &mut figures).await?;
    figures.say(said, as_json);
    if as_json {
        say!("{}", figures.json());
        return Ok(0);
    }
    #[cfg(unix)]
    super::core::run(few).await?;
    Ok(0)
}

/// All bytes below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.map(size).sum()
}
