//! What the user sees in the editor, as it is recorded with a prompt. Shows nothing that lies outside the workspace.

use crate::config::{ActiveDocument, Front, TurnConfig};
use glossator_session::{EditorFile, EditorSeen, InputPart};
use glossator_text::byte_range;
use glossator_workspace::{Roots, Workspace};
use std::path::Path;

/// Open documents that are named.
const NAMED: usize = 30;
/// Bytes of a selection that are shown.
const SELECTED_BYTES: usize = 2 * 1024;

/// What is told of the editor with a prompt; `None`: nothing.
pub(crate) async fn seen(front: &Front, config: &TurnConfig, input: &[InputPart]) -> Option<EditorSeen> {
    let state = front.editor.as_ref().filter(|_| config.context.editor)?;
    let roots = front.workspace.roots();
    let mut open: Vec<EditorFile> = Vec::new();
    for document in &state.open {
        let Some(path) = document.path.as_deref().and_then(|path| shown(&roots, path)) else { continue };
        if !open.iter().any(|known| known.path == path) {
            open.push(EditorFile { path, unsaved: document.unsaved });
        }
    }
    let left_out = open.len().saturating_sub(NAMED);
    // Unsaved ones differ from what the tools of others see.
    open.sort_by_key(|document| !document.unsaved);
    open.truncate(NAMED);
    if left_out > 0 {
        open.push(EditorFile { path: format!("({left_out} more)"), unsaved: false });
    }
    let mut seen = EditorSeen { open, ..EditorSeen::default() };
    if let Some(active) = &state.active {
        seen.active = active.path.as_deref().and_then(|path| shown(&roots, path));
        if seen.active.is_some() && !is_mentioned(active, input) {
            (seen.lines, seen.selected) = selection(active, &front.workspace);
            seen.selected = (config.redact)(&seen.selected);
        }
    }
    (seen != EditorSeen::default()).then_some(seen)
}

/// A path as the user knows it; `None`: it is none of the workspace, or not for models.
fn shown(roots: &Roots, path: &Path) -> Option<String> {
    let path = roots.resolve(&path.to_string_lossy()).ok()?;
    Some(roots.display(&path))
}

/// Whether the prompt itself points at a part of the document: that says it better.
fn is_mentioned(active: &ActiveDocument, input: &[InputPart]) -> bool {
    input
        .iter()
        .any(|part| matches!(part, InputPart::Mention { uri, range: Some(_), .. } if *uri == active.uri))
}

fn selection(active: &ActiveDocument, workspace: &Workspace) -> (Option<(u32, u32)>, String) {
    let Some(range) = active.selection else { return (None, String::new()) };
    let first = range.start.line.saturating_add(1);
    let last =
        if range.end.character == 0 { range.end.line } else { range.end.line.saturating_add(1) }.max(first);
    let buffer = workspace.overlay().by_uri(&active.uri).filter(|buffer| !buffer.out_of_step);
    let text = buffer.filter(|_| range.start != range.end).and_then(|buffer| {
        let bytes = byte_range(&buffer.text, range, workspace.overlay().encoding());
        buffer.text.get_byte_slice(bytes).map(|slice| slice.to_string())
    });
    let mut text = text.unwrap_or_default();
    if text.len() > SELECTED_BYTES {
        text.truncate(text.floor_char_boundary(SELECTED_BYTES));
        text.push_str("\n... (cut)");
    }
    (Some((first, last)), text)
}
