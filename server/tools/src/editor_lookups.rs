//! `diagnostics`, `definition`, `references` and `symbols`: what the editor's language servers know, in lines from 1. Asks
//! through the workspace; never starts a language server.

mod appeared;
mod diagnostics;
mod place;
mod places;
mod shown;
mod symbols;

pub(crate) use appeared::Before;
pub(crate) use diagnostics::{ABOUT as DIAGNOSTICS, Diagnostics};
pub(crate) use places::{DEFINITION, Definition, REFERENCES, References};
pub(crate) use symbols::{ABOUT as SYMBOLS, SymbolsTool};

use crate::keys::blocking;
use crate::{ToolCx, Turn};
use glossator_session::{FileKey, ToolError, ToolErrorKind};
use glossator_workspace::LookupError;
use std::path::PathBuf;
use std::sync::Arc;

/// Results that are given; all of more are kept under a key.
const GIVEN: usize = 100;
/// Results that are looked at in all.
const MOST: usize = 5_000;

/// Why there is nothing, and what to do; `instead` is what to use where no editor tells.
fn failed(name: &str, error: &LookupError, instead: &str) -> ToolError {
    match error {
        LookupError::Unavailable => ToolError::failed(format!(
            "{name}: not available in this editor (it does not pass on what its language servers know). {instead}"
        )),
        LookupError::Failed(why) => {
            ToolError { retryable: true, ..ToolError::failed(format!("{name}: {why}. {instead}")) }
        }
    }
}

/// The resolved path of a file in the workspace, which has to exist.
fn file(cx: &ToolCx, name: &str, path: &str) -> Result<PathBuf, ToolError> {
    let wrong = |why: String| ToolError::new(ToolErrorKind::ToolFailed, format!("{name}: {why}"));
    cx.workspace.roots().resolve(path).map_err(|error| wrong(error.to_string()))
}

/// Keeps what is too long to be given, one line each, and says how it is read.
async fn keep(turn: &Arc<dyn Turn>, lines: Vec<String>) -> (Option<FileKey>, String) {
    let turn = turn.clone();
    let kept = blocking(move || turn.keep(&format!("{}\n", lines.join("\n")))).await;
    match kept {
        Ok(key) => {
            let hint =
                format!("await tools.readFile({{ fileKey: \"{key}\", offset: {}, limit: 200 }})", GIVEN + 1);
            (Some(key), hint)
        }
        Err(error) => (None, format!("the rest could not be kept ({}); ask for less", error.message)),
    }
}
