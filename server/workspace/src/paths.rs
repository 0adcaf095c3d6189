//! The list of a workspace's paths that is kept for a moment, and the search in it. Holds names; who makes the list is
//! elsewhere.

use crate::find::PathMatch;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A list that is older is made anew, while the old one is used.
const FRESH: Duration = Duration::from_secs(3);
/// A list that nobody used for this long is let go.
const KEPT: Duration = Duration::from_secs(60);

/// The list of one workspace, and whether it is being made.
#[derive(Debug)]
pub(crate) struct Paths {
    state: Mutex<State>,
    /// Counts the lists that were made.
    pub(crate) made: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    list: Option<Made>,
    /// How many changes were known when the list that is being made was begun.
    making: Option<u64>,
    /// Counts what is known to have changed.
    changes: u64,
    used: Option<Instant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Files as the user knows them, and folders, which end with a slash.
    pub(crate) paths: Arc<Vec<String>>,
    /// When it was there.
    at: Instant,
    /// Whether something is known to have changed since it was begun.
    stale: bool,
}

impl Made {
    /// A list that has just been made.
    pub(crate) fn new(paths: Vec<String>) -> Made {
        Made { paths: Arc::new(paths), at: Instant::now(), stale: false }
    }

    /// Whether it may be used without a new one being made.
    pub(crate) fn is_fresh(&self) -> bool {
        !self.stale && self.at.elapsed() <= FRESH
    }
}

/// What was found in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPaths {
    /// The best matches, best first; folders end with a slash.
    pub found: Vec<PathMatch>,
    /// Whether that is all there is now: the list was there and up to date, and nothing was cut off.
    pub complete: bool,
}

impl Default for Paths {
    fn default() -> Paths {
        Paths { state: Mutex::default(), made: watch::Sender::new(0) }
    }
}

impl Paths {
    /// The list there is, which is used now.
    pub(crate) fn take(&self) -> Option<Made> {
        let mut state = self.state.lock();
        state.used = Some(Instant::now());
        state.list.clone()
    }

    /// Something changed: a new list is made for the next search.
    pub(crate) fn outdate(&self) {
        let mut state = self.state.lock();
        state.changes += 1;
        if let Some(list) = &mut state.list {
            list.stale = true;
        }
    }

    /// Whether a list is to be made by the caller, who alone makes one then.
    pub(crate) fn claim(&self) -> bool {
        let mut state = self.state.lock();
        let is_free = state.making.is_none();
        if is_free {
            state.making = Some(state.changes);
        }
        is_free
    }

    /// Takes the list that was claimed; whether there was none before.
    pub(crate) fn store(&self, mut list: Made) -> bool {
        let mut state = self.state.lock();
        // What changed while it was made may have come too late for it.
        list.stale = state.making.take().is_some_and(|known| known != state.changes);
        let is_first = state.list.replace(list).is_none();
        drop(state);
        self.made.send_modify(|count| *count += 1);
        is_first
    }

    /// Lets the list go once nobody has used it for a while.
    pub(crate) async fn let_go(&self) {
        loop {
            let used = self.state.lock().used;
            let left = used.and_then(|used| KEPT.checked_sub(used.elapsed())).unwrap_or_default();
            if left.is_zero() {
                self.state.lock().list = None;
                return;
            }
            tokio::time::sleep(left).await;
        }
    }
}

/// The best `limit` of `paths` for `query`.
pub(crate) fn best(query: &str, limit: usize, paths: &[String]) -> ListedPaths {
    let hidden = query.starts_with('.') || query.contains("/.");
    let is_hidden = |path: &str| path.starts_with('.') || path.contains("/.");
    let pattern = Pattern::new(query, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut space = Vec::new();
    let mut scored: Vec<(u32, &String)> = Vec::new();
    for path in paths.iter().filter(|path| hidden || !is_hidden(path)) {
        if let Some(score) = pattern.score(Utf32Str::new(path, &mut space), &mut matcher) {
            scored.push((score, path));
        }
    }
    let complete = scored.len() <= limit;
    let order = |a: &(u32, &String), b: &(u32, &String)| {
        b.0.cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(b.1))
    };
    if !complete && limit > 0 {
        scored.select_nth_unstable_by(limit, order);
    }
    scored.truncate(limit);
    scored.sort_by(order);
    let found = scored
        .into_iter()
        .map(|(score, path)| {
            let mut indices = Vec::new();
            pattern.indices(Utf32Str::new(path, &mut space), &mut matcher, &mut indices);
            indices.sort_unstable();
            indices.dedup();
            PathMatch { path: path.clone(), score, indices }
        })
        .collect();
    ListedPaths { found, complete }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_stale_when_something_changed_since_it_was_begun() {
        let paths = Paths::default();
        assert!(paths.claim() && !paths.claim());
        assert!(paths.store(Made::new(vec!["a".to_owned()])));
        assert!(paths.take().unwrap().is_fresh());
        paths.outdate();
        assert!(!paths.take().unwrap().is_fresh());
        assert!(paths.claim());
        paths.outdate();
        assert!(!paths.claim());
        assert!(!paths.store(Made::new(vec!["b".to_owned()])));
        assert!(!paths.take().unwrap().is_fresh(), "it was begun before");
        assert!(paths.claim());
        paths.store(Made::new(Vec::new()));
        assert!(paths.take().unwrap().is_fresh());
    }

    #[test]
    fn the_best_matches_come_first_and_hidden_ones_only_by_name() {
        let paths: Vec<String> = [
            ".env",
            "README.md",
            "src/",
            "src/lib.rs",
            "src/walk.rs",
            "tests/.hidden/walk.rs",
            "tests/walk_test.rs",
        ]
        .iter()
        .map(|path| (*path).to_owned())
        .collect();
        let found = |query: &str, limit: usize| {
            let listed = best(query, limit, &paths);
            (listed.found.into_iter().map(|one| one.path).collect::<Vec<_>>(), listed.complete)
        };
        assert_eq!(found("walk", 9).0, ["src/walk.rs", "tests/walk_test.rs"]);
        assert_eq!(found("WALK", 1), (vec!["src/walk.rs".to_owned()], false));
        assert_eq!(found("srcli", 9), (vec!["src/lib.rs".to_owned()], true));
        assert_eq!(found(".env", 9).0, [".env"]);
        assert_eq!(found("", 2), (vec!["src/".to_owned(), "README.md".to_owned()], false));
        assert_eq!(found("nothing", 9), (vec![], true));
        assert_eq!(found("a", 0), (vec![], false));
    }
}
