//! What a command wrote on its overlay, sorted: texts of the user's to be made changes, bytes to be put in place, and what
//! cannot be carried over. Reads the user's files and the command's; writes nothing. Blocks on the disk.

use super::given::{Given, Rules};
use super::pairs::{Pair, Side};
use glossator_exec::{What, Written};
use glossator_text::FileText;
use glossator_workspace::{OnDisk, Product, Put, Source, Workspace};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of the largest text that becomes part of a change set.
const MOST_OF_ONE: u64 = 4 << 20;

/// What a command wrote.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Files of the user's, before and after.
    pub(super) pairs: Vec<Pair>,
    /// How each of them can be put in place as bytes.
    pub(super) puts: HashMap<PathBuf, Put>,
    /// What is git's own or ignored: to be put in place as it is.
    pub(super) products: Vec<Product>,
    /// What is the user's and no file: links, empty folders, permissions of folders; with what it is.
    pub(super) odd: Vec<(PathBuf, Put, String)>,
    /// What cannot be carried over, why, and the text that the command wrote.
    pub(super) refused: Vec<(PathBuf, String, Option<Arc<str>>)>,
    /// Folders that went, to be removed where nothing is left in them.
    pub(super) emptied: Vec<PathBuf>,
}

/// The name of files with rules.
const RULES: &str = ".gitignore";
/// What a file was changed by meanwhile.
const MEANWHILE: &str = "it was changed on disk while the command ran";

pub(super) fn collect(workspace: &Workspace, given: &Given, written: &[Written]) -> Collected {
    let rules = Rules::of(workspace);
    let mut work = Work { workspace, given, rules, found: Collected::default() };
    // Rules that the command saw or wrote count for what it wrote besides.
    for (path, text) in given.texts.iter().filter(|(path, _)| path.ends_with(RULES)) {
        path.parent().into_iter().for_each(|folder| work.rules.set(folder, &text.text));
    }
    for one in written.iter().filter(|one| one.path.ends_with(RULES)) {
        if let (What::File { .. }, Some(folder)) = (&one.what, one.path.parent())
            && let Some(OnDisk::Text(text)) = workspace.on_disk_blocking(&one.at, MOST_OF_ONE)
        {
            work.rules.set(folder, &text.text);
        }
    }
    let filled: HashSet<&Path> = written
        .iter()
        .filter(|one| !matches!(one.what, What::Removed))
        .flat_map(|one| one.path.ancestors().skip(1))
        .collect();
    for one in written {
        work.one(one, filled.contains(one.path.as_path()));
    }
    work.found
}

struct Work<'a> {
    workspace: &'a Workspace,
    given: &'a Given,
    rules: Rules,
    found: Collected,
}

impl Work<'_> {
    fn one(&mut self, one: &Written, is_filled: bool) {
        let path = one.path.as_path();
        let is_folder = matches!(one.what, What::Folder { .. });
        // Unsaved text is the user's, ignored or not.
        let passes = !self.is_dirty(path) && self.rules.passes(path, is_folder);
        match &one.what {
            What::Removed => self.removed(path, passes),
            _ if passes => self.product(one),
            What::Other { why } => self.refuse(path, why),
            What::File { mode } => {
                self.file(path, Put::File { from: one.at.clone(), mode: *mode }, &one.at);
            }
            What::Link { target } => self.odd(path, Put::Link { target: target.clone() }, "it is a link now"),
            // Folders come with their files.
            What::Folder { .. } if is_filled => {}
            What::Folder { mode } => self.odd(path, Put::Folder { mode: *mode }, "it is an empty folder"),
            What::Mode { mode } => self.mode(path, *mode),
            What::Touched { .. } => {}
            _ => self.refuse(path, "it is of a kind that is not known"),
        }
    }

    /// Something that is none of the user's files, as it is where the command wrote it.
    fn product(&mut self, one: &Written) {
        let mode = match one.what {
            What::File { mode } | What::Folder { mode } | What::Mode { mode } | What::Touched { mode } => {
                Some(mode)
            }
            _ => None,
        };
        let same = matches!(one.what, What::Touched { .. });
        self.found.products.push(Product { path: one.path.clone(), at: Some(one.at.clone()), mode, same });
    }

    fn gone(&mut self, path: PathBuf) {
        self.found.products.push(Product { path, at: None, mode: None, same: false });
    }

    fn is_dirty(&self, path: &Path) -> bool {
        let given = self.given.texts.get(path);
        given.is_some_and(|one| matches!(one.source, Source::Buffer { dirty: true, .. }))
    }

    /// Whether it has unsaved text, or something in it has.
    fn holds_dirty(&self, path: &Path) -> bool {
        self.given.texts.keys().any(|one| one.starts_with(path) && self.is_dirty(one))
    }

    fn refuse(&mut self, path: &Path, why: &str) {
        self.found.refused.push((path.to_path_buf(), why.to_owned(), None));
    }

    fn odd(&mut self, path: &Path, put: Put, what: &str) {
        self.found.odd.push((path.to_path_buf(), put, what.to_owned()));
    }

    fn file(&mut self, path: &Path, put: Put, bytes_at: &Path) {
        let (before, base) = match self.before(path) {
            Ok(before) => before,
            Err(why) => {
                let text = match self.workspace.on_disk_blocking(bytes_at, MOST_OF_ONE) {
                    Some(OnDisk::Text(text)) => Some(text.text.into()),
                    _ => None,
                };
                return self.found.refused.push((path.to_path_buf(), why, text));
            }
        };
        let Put::File { mode, .. } = put else { return };
        let content = self.workspace.on_disk_blocking(bytes_at, MOST_OF_ONE);
        let after = content.map(|content| Side { content, mode: mode & 0o777 });
        self.found.puts.insert(path.to_path_buf(), put);
        self.found.pairs.push(Pair { path: path.to_path_buf(), before, after, base });
    }

    /// The file as the command was given it.
    fn before(&self, path: &Path) -> Result<(Option<Side>, Option<glossator_text::Base>), String> {
        let state = self.workspace.mode_blocking(path, self.given.since);
        let mode = state.map_or(0o644, |(mode, _)| mode);
        let on_disk = || self.workspace.on_disk_blocking(path, MOST_OF_ONE);
        if let Some(document) = self.given.texts.get(path) {
            let shown = FileText { text: document.text.clone(), format: document.format };
            if self.is_dirty(path) || on_disk().is_some_and(|now| now == OnDisk::Text(shown.clone())) {
                let side = Side { content: OnDisk::Text(shown), mode };
                return Ok((Some(side), Some(document.base())));
            }
        }
        match state {
            None => Ok((None, None)),
            Some((_, true)) => Err(MEANWHILE.to_owned()),
            Some((mode, false)) => Ok((on_disk().map(|content| Side { content, mode }), None)),
        }
    }

    fn removed(&mut self, path: &Path, passes: bool) {
        let workspace = self.workspace;
        // A rule may be for folders alone.
        let is_folder = workspace.topmost_blocking(path, &mut |_| true).iter().all(|(one, _)| one != path);
        if (passes || is_folder && self.rules.passes(path, true)) && !self.holds_dirty(path) {
            return self.gone(path.to_path_buf());
        }
        let mut rules = std::mem::take(&mut self.rules);
        let mut folders = HashSet::new();
        let mut whole = |folder: &Path| {
            let whole = rules.passes(folder, true) && !self.holds_dirty(folder);
            whole && folders.insert(folder.to_path_buf())
        };
        let below = workspace.topmost_blocking(path, &mut whole);
        self.rules = rules;
        for (one, _) in &below {
            let passes = folders.contains(one) || self.rules.passes(one, false);
            if is_folder && passes && !self.is_dirty(one) {
                self.gone(one.clone());
                continue;
            }
            match self.before(one) {
                Ok((Some(before), base)) => {
                    self.found.puts.insert(one.clone(), Put::Nothing);
                    let pair = Pair { path: one.clone(), before: Some(before), after: None, base };
                    self.found.pairs.push(pair);
                }
                Ok((None, _)) => {}
                Err(why) => self.refuse(one, &why),
            }
        }
        if is_folder && self.given.texts.contains_key(path) {
            self.refuse(path, "it is a new buffer that is not on disk");
        } else if is_folder {
            self.found.emptied.push(path.to_path_buf());
        }
    }

    fn mode(&mut self, path: &Path, mode: u32) {
        let now = self.workspace.mode_blocking(path, self.given.since);
        match now {
            Some((_, true)) if self.workspace.below_blocking(path).iter().any(|(one, _)| one == path) => {
                self.refuse(path, MEANWHILE);
            }
            Some(_) => self.odd(path, Put::Mode { mode }, "its permissions changed"),
            None => {}
        }
    }
}
