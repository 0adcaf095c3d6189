//! How long it is worth waiting for what an editor reports of an edit: learned of each kind of file. Asks nobody.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As long as something may come.
const LONG: Duration = Duration::from_secs(1);
/// Where nothing ever came.
const SHORT: Duration = Duration::from_millis(200);
/// Edits of which nothing was reported, from which on nothing is expected.
const SILENT: u8 = 2;

/// What was seen of one kind of file.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    /// Whether anything was ever reported, be it a hint.
    has_told: bool,
    silent: u8,
}

/// Kinds of files, by their extension.
#[derive(Default)]
pub(crate) struct Reports {
    kinds: Mutex<HashMap<OsString, Kind>>,
}

impl Reports {
    /// How long to wait for what is reported of these files after an edit: a second, unless nothing was ever reported of files
    /// like these.
    pub fn worth_waiting(&self, paths: &[PathBuf]) -> Duration {
        let kinds = self.kinds.lock();
        let is_silent = |path: &PathBuf| {
            kinds.get(&extension(path)).is_some_and(|kind| !kind.has_told && kind.silent >= SILENT)
        };
        if !paths.is_empty() && paths.iter().all(is_silent) { SHORT } else { LONG }
    }

    /// Something was reported of these files, or nothing after an edit.
    pub fn seen(&self, paths: &[PathBuf], has_told: bool) {
        let mut kinds = self.kinds.lock();
        for path in paths {
            let kind = kinds.entry(extension(path)).or_default();
            kind.has_told |= has_told;
            kind.silent = kind.silent.saturating_add(u8::from(!has_told));
        }
    }
}

fn extension(path: &Path) -> OsString {
    path.extension().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_is_ever_reported_little_is_waited() {
        let reports = Reports::default();
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let (text, rust) = (paths(&["/w/a.txt", "/w/B.TXT"]), paths(&["/w/a.rs"]));
        assert_eq!(reports.worth_waiting(&text), LONG);
        reports.seen(&text[..1], false);
        assert_eq!(reports.worth_waiting(&text), LONG);
        reports.seen(&text[1..], false);
        assert_eq!(reports.worth_waiting(&text), SHORT);
        assert_eq!(reports.worth_waiting(&[text[0].clone(), rust[0].clone()]), LONG);
        reports.seen(&rust, true);
        for _ in 0..300 {
            reports.seen(&rust, false);
        }
        assert_eq!(reports.worth_waiting(&rust), LONG);
        reports.seen(&text[..1], true);
        assert_eq!(reports.worth_waiting(&text), LONG);
        assert_eq!(reports.worth_waiting(&[]), LONG);
    }
}
