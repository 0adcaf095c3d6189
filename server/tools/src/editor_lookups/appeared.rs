//! What the editor reports of files that were changed, and did not before: looked for shortly after an edit, and not waited
//! for longer.

use super::diagnostics::{Finding, Level, findings};
use crate::ToolCx;
use crate::keys::blocking;
use glossator_workspace::Lookup;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long what is reported before an edit may take.
const BEFORE: Duration = Duration::from_millis(250);
/// How often is looked.
const EVERY: Duration = Duration::from_millis(150);
/// Findings that are told.
const TOLD: usize = 20;

/// What was reported of some files before they were changed.
pub(crate) struct Before {
    paths: Vec<PathBuf>,
    known: Vec<Finding>,
}

impl Before {
    /// Of `paths` (resolved, as they are named after the edit); `None`: the editor tells nothing, or shows none of them.
    pub async fn look(cx: &ToolCx, paths: Vec<PathBuf>) -> Option<Before> {
        let is_shown = |path: &PathBuf| cx.workspace.shows(path);
        if !cx.workspace.looks_up(Lookup::Diagnostics) || !paths.iter().any(is_shown) {
            return None;
        }
        let known = reported(cx, &paths, BEFORE).await;
        if !known.is_empty() {
            cx.workspace.saw_reports(&paths, true);
        }
        Some(Before { paths, known })
    }

    /// Errors and warnings that there are now and were not before, a line each, twenty at the most.
    pub async fn appeared(self, cx: &ToolCx) -> Vec<String> {
        let until = Instant::now() + cx.workspace.worth_waiting(&self.paths);
        let mut found: Vec<Finding> = Vec::new();
        let mut has_told = false;
        while Instant::now() < until && !cx.cancel.is_cancelled() {
            sleep(EVERY).await;
            let left = until.saturating_duration_since(Instant::now()).max(EVERY);
            let all = reported(cx, &self.paths, left).await;
            has_told |= !all.is_empty();
            let new = new(&self.known, all);
            // Servers may report in parts: what is seen twice alike is all.
            if !new.is_empty() && new == found {
                break;
            }
            found = new;
        }
        cx.workspace.saw_reports(&self.paths, has_told);
        found.iter().take(TOLD).map(Finding::line).collect()
    }
}

async fn reported(cx: &ToolCx, paths: &[PathBuf], limit: Duration) -> Vec<Finding> {
    let found = cx.workspace.reported(paths, limit).await;
    let (workspace, encoding) = (cx.workspace.clone(), cx.workspace.overlay().encoding());
    // A look that breaks down found nothing out; the edit stands.
    blocking(move || Ok(findings(workspace, encoding, found))).await.unwrap_or_default()
}

/// Errors and warnings among `now` that `known` does not have, wherever they stand there: an edit moves what is below it.
fn new(known: &[Finding], now: Vec<Finding>) -> Vec<Finding> {
    let key = |one: &Finding| (one.path.clone(), one.severity, one.message.clone(), one.source.clone());
    let mut before: HashMap<_, usize> = HashMap::new();
    for one in known {
        *before.entry(key(one)).or_default() += 1;
    }
    let is_new = |one: &Finding| match before.get_mut(&key(one)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let told = now.into_iter().filter(|one| matches!(one.severity, Level::Error | Level::Warning));
    told.filter(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: usize, severity: Level, message: &str) -> Finding {
        Finding {
            severity,
            path: "a.rs".to_owned(),
            line,
            column: 1,
            end_line: line,
            message: message.to_owned(),
            source: None,
            code: None,
            outside: false,
        }
    }

    #[test]
    fn what_only_moved_is_not_new() {
        use Level::{Error, Hint, Warning};
        let known = [finding(3, Error, "x"), finding(9, Error, "x"), finding(4, Warning, "y")];
        let check = |now: &[(usize, Level, &str)], expected: &[usize]| {
            let now = now.iter().map(|(line, level, text)| finding(*line, *level, text)).collect();
            let lines: Vec<usize> = new(&known, now).iter().map(|one| one.line).collect();
            assert_eq!(lines, expected);
        };
        check(&[], &[]);
        check(&[(5, Error, "x"), (11, Error, "x"), (6, Warning, "y")], &[]);
        check(&[(5, Error, "x"), (11, Error, "x"), (12, Error, "x")], &[12]);
        check(&[(1, Hint, "z"), (2, Warning, "x"), (3, Error, "y")], &[2, 3]);
    }
}
