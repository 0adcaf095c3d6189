//! Which files a search looks at: gitignore-aware, never git's own data, open buffers that are not on disk added.
//! Gives paths only; blocks on the disk.

use crate::overlay::Buffer;
use crate::roots::{PathError, Roots, is_git};
use ignore::{WalkBuilder, WalkState};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Files a search looks at, at the most.
const MAX_FILES: usize = 1_000_000;

/// Why a search or a listing failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The path may not be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// There is nothing at the path.
    #[error("{path} does not exist; list the folder above it")]
    NotFound {
        /// As written.
        path: String,
    },
    /// A folder was asked for.
    #[error("{path} is not a folder; read it as a file instead")]
    NotAFolder {
        /// As written.
        path: String,
    },
    /// The pattern is not a regular expression that works line by line.
    #[error("the pattern {pattern:?} cannot be used: {reason}")]
    Pattern {
        /// As written.
        pattern: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The glob is broken.
    #[error("the glob {glob:?} cannot be used: {reason}; examples: *.rs, src/**/*.ts, !*.md")]
    Glob {
        /// As written.
        glob: String,
        /// What is wrong.
        reason: String,
    },
    /// The operating system refused, or the search was stopped.
    #[error("the search did not finish: {message}")]
    Io {
        /// The system's words.
        message: String,
    },
}

/// What a walk leaves out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Names that start with a dot are taken too.
    pub(crate) hidden: bool,
    /// Files that ignore files leave out are taken too.
    pub(crate) ignored: bool,
}

/// A walker below `start` under the rules of all searches. Ignore files count outside git repositories as well; the
/// program's own state, which `roots` knows, is left out.
pub(crate) fn walker(start: &Path, scope: Scope, roots: &Roots) -> WalkBuilder {
    let own = roots.own().map(Path::to_path_buf);
    let mut builder = WalkBuilder::new(start);
    builder
        .hidden(!scope.hidden)
        .ignore(!scope.ignored)
        .parents(!scope.ignored)
        .git_ignore(!scope.ignored)
        .git_global(!scope.ignored)
        .git_exclude(!scope.ignored)
        .require_git(false)
        .filter_entry(move |entry| {
            entry.depth() == 0 || !is_git(entry.file_name()) && own.as_deref() != Some(entry.path())
        });
    builder
}

/// The regular files below `starts`, sorted, each once; with those of `buffers` that are not on disk.
pub(crate) fn files(
    starts: &[PathBuf],
    scope: Scope,
    (roots, buffers): (&Roots, &[Buffer]),
    cancel: &CancellationToken,
) -> Vec<PathBuf> {
    let found = Mutex::new(Vec::new());
    for start in starts.iter().filter(|start| !roots.is_own(start)) {
        let walk = walker(start, scope, roots).threads(threads()).build_parallel();
        walk.run(|| {
            Box::new(|entry| {
                // What cannot be read is left out, as a shell's search would.
                let Ok(entry) = entry else {
                    return WalkState::Continue;
                };
                let mut found = found.lock();
                if cancel.is_cancelled() || found.len() >= MAX_FILES {
                    return WalkState::Quit;
                }
                if entry.file_type().is_some_and(|kind| kind.is_file()) {
                    found.push(entry.into_path());
                }
                WalkState::Continue
            })
        });
    }
    let mut found = found.into_inner();
    found.extend(only_in_memory(starts, buffers));
    found.sort_unstable();
    found.dedup();
    found
}

/// The files of `buffers` below `starts` that are not on disk.
pub(crate) fn only_in_memory(starts: &[PathBuf], buffers: &[Buffer]) -> Vec<PathBuf> {
    let below = |path: &Path| {
        let inner = starts.iter().find_map(|start| path.strip_prefix(start).ok());
        inner.is_some_and(|inner| !inner.iter().any(is_git))
    };
    let paths = buffers.iter().filter_map(|buffer| buffer.path.clone());
    paths.filter(|path| below(path) && !crate::disk::exists(path)).collect()
}

/// Threads of one search.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |count| count.get().min(8))
}
