//! What a command's run begins with: what is to be run, and which files hold unsaved text. Data.

use crate::ToolCx;
use glossator_exec::Request;
use std::path::PathBuf;

/// What is to be run.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) request: Request,
    /// The command as people are shown it, in a line.
    pub(super) line: String,
    /// Whether it is known to change nothing.
    pub(super) safe: bool,
}

/// Files with unsaved text.
pub(super) struct Unsaved {
    pub(super) paths: Vec<PathBuf>,
    /// As the user knows them.
    pub(super) shown: Vec<String>,
}

impl Unsaved {
    pub(super) async fn of(cx: &ToolCx) -> Unsaved {
        let roots = cx.workspace.roots();
        let buffers = cx.workspace.unsaved().await;
        let mut paths: Vec<PathBuf> = buffers.into_iter().filter_map(|buffer| buffer.path).collect();
        paths.dedup();
        let shown = paths.iter().map(|path| roots.display(path)).collect();
        Unsaved { paths, shown }
    }
}
