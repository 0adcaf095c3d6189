//! Owns what a worker says for people: console lines and progress, cut to size, counted, and thinned for live show.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{ConsoleLine, Host, Limits};

/// Console lines beyond the limit that a worker has reason to send: rejections and counts of dropped lines.
const SPARE_LINES: usize = 32;
/// Progress lines beyond which a worker is not ours any more.
const MOST_PROGRESS: u32 = 64;
/// Longest line, in characters: what the worker's own cut leaves, and its place in the source.
const LONGEST: usize = 4200;
/// Longest line that a worker of ours sends, in bytes, with much to spare.
const MOST_BYTES: usize = 64 * 1024;

/// The console and progress of one run.
pub(super) struct Talk {
    host: Arc<dyn Host>,
    kept: Vec<ConsoleLine>,
    /// The second that lines are being counted in, and how many were shown live in it.
    shown: (Instant, u32),
    progress: u32,
}

impl Talk {
    pub(super) fn new(host: Arc<dyn Host>) -> Talk {
        Talk { host, kept: Vec::new(), shown: (Instant::now(), 0), progress: 0 }
    }

    /// Takes a console line; an error when a worker of ours would not have sent it.
    pub(super) fn console(&mut self, level: &str, text: &str, limits: &Limits) -> Result<(), String> {
        if self.kept.len() >= limits.console_lines as usize + SPARE_LINES {
            return Err("too many console lines".to_owned());
        }
        let level = ["log", "info", "warn", "error"].into_iter().find(|known| *known == level);
        let level = level.ok_or("a console line of no known level")?;
        let text = cut(text)?;
        if self.shown.0.elapsed() >= Duration::from_secs(1) {
            self.shown = (Instant::now(), 0);
        }
        if self.shown.1 < limits.console_per_second {
            self.shown.1 += 1;
            self.host.console(level, &text);
        }
        self.kept.push(ConsoleLine { level: level.to_owned(), text });
        Ok(())
    }

    /// Takes a line of progress, likewise.
    pub(super) fn progress(&mut self, text: &str) -> Result<(), String> {
        self.progress += 1;
        if self.progress > MOST_PROGRESS {
            return Err("too many lines of progress".to_owned());
        }
        self.host.progress(&cut(text)?);
        Ok(())
    }

    /// The kept lines.
    pub(super) fn end(self) -> Vec<ConsoleLine> {
        self.kept
    }
}

/// A copy of the line as it may be kept: a text that is cut in place would keep its memory.
fn cut(text: &str) -> Result<String, String> {
    if text.len() > MOST_BYTES {
        return Err(format!("a line of {} bytes", text.len()));
    }
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    Ok(text[..end].to_owned())
}
