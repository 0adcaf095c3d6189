//! Fuzzy search over the paths of the workspace.
//! Looks at names only, never into files.

use crate::overlay::Buffer;
use crate::roots::Roots;
use crate::walk::{Scope, files};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tokio_util::sync::CancellationToken;

/// A path that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathMatch {
    /// As [`Roots::display`](crate::Roots::display) shows it.
    pub path: String,
    /// Higher is better; only comparable within one search.
    pub score: u32,
    /// Which characters of `path` matched (from 0, ascending).
    pub indices: Vec<u32>,
}

/// The best `limit` matches, best first; of equal ones the shorter path, then by name. Hidden files only when the query
/// names a part that starts with a dot. Blocks on the disk.
pub(crate) fn find(
    query: &str,
    limit: usize,
    (roots, buffers): (&Roots, &[Buffer]),
    cancel: &CancellationToken,
) -> Vec<PathMatch> {
    let hidden = query.starts_with('.') || query.contains("/.") || query.contains(" .");
    let scope = Scope { hidden, ignored: false };
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut space = Vec::new();
    let mut scored: Vec<(u32, String)> = Vec::new();
    for file in files(roots.folders(), scope, (roots, buffers), cancel) {
        let path = roots.display(&file);
        if let Some(score) = pattern.score(Utf32Str::new(&path, &mut space), &mut matcher) {
            scored.push((score, path));
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(&b.1)));
    scored.truncate(limit);
    let explain = |(score, path): (u32, String)| {
        let mut indices = Vec::new();
        pattern.indices(Utf32Str::new(&path, &mut space), &mut matcher, &mut indices);
        indices.sort_unstable();
        indices.dedup();
        PathMatch { path, score, indices }
    };
    scored.into_iter().map(explain).collect()
}
