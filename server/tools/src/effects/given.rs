//! What a command on an overlay is given: the unsaved texts, and which paths are the real ones.
//! Only looks; remembers what it gave, so that changes can be told from it.

use crate::ToolCx;
use glossator_exec::{Dirty, Layer, View};
use glossator_workspace::{Document, IgnoreRules, Source, Workspace, large_or_git, outermost, passing};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// Ignored paths that are the real ones for a command whose changes can be kept in memory alone.
const MOST_THROUGH: usize = 500;
/// Bytes from which on an ignored file is the real one: a database is not copied for one write.
const LARGE: u64 = 64 << 20;
/// Changes are kept in memory here, as the first command has found out.
static IN_MEMORY: AtomicBool = AtomicBool::new(false);

/// What a command was given.
#[derive(Debug)]
pub(crate) struct Given {
    /// When it was looked at.
    pub(super) since: SystemTime,
    /// The open files as they were, by path.
    pub(super) texts: HashMap<PathBuf, Document>,
    /// Files with unsaved text that the command could not be shown, as the user knows them.
    pub(crate) older: Vec<String>,
}

impl Given {
    /// The texts and the view for a command, with upper layers in `scratch`.
    ///
    /// # Errors
    /// Why there can be none.
    pub(crate) async fn of(cx: &ToolCx, scratch: PathBuf) -> Result<(Given, View), String> {
        let workspace = cx.workspace.clone();
        let in_memory = IN_MEMORY.load(Ordering::Relaxed);
        let look = move || look(&workspace, scratch, in_memory);
        tokio::task::spawn_blocking(look)
            .await
            .map_err(|_| "the files could not be looked through".to_owned())?
    }
}

/// From now on, what a command is given is for one whose changes are kept in memory.
pub(crate) fn remember_memory() {
    IN_MEMORY.store(true, Ordering::Relaxed);
}

fn look(workspace: &Workspace, scratch: PathBuf, in_memory: bool) -> Result<(Given, View), String> {
    let roots = workspace.roots();
    let since = SystemTime::now();
    let mut given = Given { since, texts: HashMap::new(), older: Vec::new() };
    let mut layers = Vec::new();
    let mut left = MOST_THROUGH;
    let buffers = workspace.overlay().all();
    for root in outermost(roots.folders()) {
        if scratch.starts_with(root) {
            return Err(format!("Glossator keeps its state inside the workspace ({})", scratch.display()));
        }
        let through = large_or_git(root, LARGE);
        let in_memory = in_memory.then(|| {
            let mut more = passing(root, left);
            more.retain(|path| !through.contains(path));
            more
        });
        left -= in_memory.as_ref().map_or(0, Vec::len);
        let real: Vec<&PathBuf> = through.iter().chain(in_memory.iter().flatten()).collect();
        let inside = |paths: &[PathBuf]| paths.iter().filter_map(|path| inner(path, root)).collect();
        let mut layer = Layer {
            root: root.clone(),
            dirty: Vec::new(),
            through: inside(&through),
            through_in_memory: in_memory.as_deref().map(inside),
        };
        for buffer in &buffers {
            let Some(path) = buffer.path.as_deref().filter(|path| path.starts_with(root)) else { continue };
            // What lies in a folder that is the real one cannot be laid over it.
            let covered = real.iter().any(|one| *one != path && path.starts_with(one));
            match text(workspace, path).filter(|_| !covered) {
                Some((document, bytes)) => {
                    if let (Source::Buffer { dirty: true, .. }, Some(bytes), Some(inner)) =
                        (document.source, bytes, inner(path, root))
                    {
                        layer.dirty.push(Dirty { path: inner, bytes });
                    }
                    given.texts.insert(path.to_path_buf(), document);
                }
                None if buffer.dirty => given.older.push(roots.display(path)),
                None => {}
            }
        }
        layers.push(layer);
    }
    Ok((given, View { layers, scratch }))
}

/// A file as the user sees it, with the bytes of an unsaved text; none if it cannot be read, or not be written so.
fn text(workspace: &Workspace, path: &Path) -> Option<(Document, Option<Vec<u8>>)> {
    let document = workspace.read_blocking(path).ok()?;
    let Source::Buffer { dirty: true, .. } = document.source else { return Some((document, None)) };
    let bytes = document.format.encode(&document.text).ok()?;
    Some((document, Some(bytes)))
}

fn inner(path: &Path, root: &Path) -> Option<PathBuf> {
    path.strip_prefix(root).ok().map(Path::to_path_buf)
}

/// The rules of the outermost folder that holds a path, each read once.
#[derive(Default)]
pub(super) struct Rules {
    of: Vec<(PathBuf, IgnoreRules)>,
    /// The last folder that passed: there is much more in one.
    last: Option<PathBuf>,
}

impl Rules {
    pub(super) fn of(workspace: &Workspace) -> Rules {
        let roots = workspace.roots();
        let rules = |root: &PathBuf| (root.clone(), IgnoreRules::new(root));
        Rules { of: outermost(roots.folders()).into_iter().map(rules).collect(), last: None }
    }

    /// Whether a path is git's own or ignored.
    pub(super) fn passes(&mut self, path: &Path, is_folder: bool) -> bool {
        if self.last.as_ref().is_some_and(|last| path != last && path.starts_with(last)) {
            return true;
        }
        let own = self.of.iter_mut().find(|(root, _)| path.starts_with(root));
        let passes = own.is_some_and(|(_, rules)| rules.passes(path, is_folder));
        if passes && is_folder {
            self.last = Some(path.to_path_buf());
        }
        passes
    }

    /// From now on `text` counts as the rules of `folder`.
    pub(super) fn set(&mut self, folder: &Path, text: &str) {
        self.last = None;
        if let Some((_, rules)) = self.of.iter_mut().find(|(root, _)| folder.starts_with(root)) {
            rules.set(folder, text);
        }
    }
}
