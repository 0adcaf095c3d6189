//! What a command changed on the disk itself: the files are counted before and after it, and what differs becomes a change
//! set that is made already, as far as the texts before are known. Only reads the user's files.

use super::git;
use super::pairs::{Made, Pair, Side, plan};
use super::{Effects, Named};
use crate::{Door, FileTexts, ToolCx};
use glossator_text::{ChangeSet, FileText, text_hash};
use glossator_workspace::{Difference, FileStamp, OnDisk, Stock, outermost};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Files beyond which nothing is tracked.
const MOST_FILES: usize = 100_000;
/// Bytes of the largest text that becomes part of a change set.
const MOST_OF_ONE: u64 = 4 << 20;

/// The user's files before a command.
pub(crate) struct Tracked {
    stock: Stock,
    copies: HashMap<PathBuf, Arc<OnDisk>>,
    /// What git holds, by workspace folder: files and the ids of their texts.
    blobs: Vec<(PathBuf, HashMap<PathBuf, String>)>,
    /// How many files the agent's own edits had touched.
    touched: usize,
}

impl Tracked {
    /// Looks at the files; `Err` says why the command is not tracked.
    pub(crate) async fn begin(cx: &ToolCx) -> Result<Tracked, String> {
        let Some(stock) = cx.workspace.stock(MOST_FILES).await else {
            return Err(format!(
                "The workspace has more than {MOST_FILES} files, so what the command changes in them is not tracked and \
                 cannot be taken back."
            ));
        };
        let mut blobs = Vec::new();
        for root in outermost(cx.workspace.roots().folders()) {
            let clean = git::clean(&cx.exec.config, root).await;
            if !clean.is_empty() {
                blobs.push((root.clone(), clean));
            }
        }
        let (workspace, store) = (cx.workspace.clone(), cx.exec.copies.clone());
        let take = move || {
            let held = |path: &Path| blobs.iter().any(|(_, clean)| clean.contains_key(path));
            let copies = store.take(&workspace, &stock, &|path| !held(path));
            (stock, copies, blobs)
        };
        let broken = |_| "The files could not be looked through, so what the command changes is not tracked.";
        let (stock, copies, blobs) = tokio::task::spawn_blocking(take).await.map_err(broken)?;
        Ok(Tracked { stock, copies, blobs, touched: cx.turn.touched().len() })
    }

    /// What changed since. `unsaved` are the files that had unsaved text in the editor at any time until now.
    pub(crate) async fn end(self, cx: &ToolCx, unsaved: &HashSet<PathBuf>) -> Effects {
        let mut effects = Effects::default();
        let Some(now) = cx.workspace.stock(MOST_FILES * 2).await else {
            effects
                .notes
                .push("The files could not be looked through again: what changed is not known.".to_owned());
            return effects;
        };
        let roots = cx.workspace.roots();
        let touched: HashSet<PathBuf> = cx.turn.touched().into_iter().skip(self.touched).collect();
        let (others, differences): (Vec<Difference>, Vec<Difference>) =
            self.stock.differences(&now).into_iter().partition(|one| touched.contains(&one.path));
        let others: Vec<String> =
            others.iter().filter(|one| one.is_certain()).map(|one| roots.display(&one.path)).collect();
        if !others.is_empty() {
            let others = others.join(", ");
            effects
                .notes
                .push(format!("Changed by other calls while the command ran, and not told apart: {others}."));
        }
        let (open, differences): (Vec<Difference>, Vec<Difference>) =
            differences.into_iter().partition(|one| unsaved.contains(&one.path));
        effects.not_reversible.extend(self.under_buffers(cx, open).await);
        let pairs = self.pairs(cx, differences).await;
        let planned = plan(pairs);
        let named = |(path, why): (PathBuf, String)| Named { path: roots.display(&path), why };
        effects.not_reversible.extend(planned.others.into_iter().map(named));
        let permissions = |(path, _)| named((path, "its permissions changed".to_owned()));
        effects.not_reversible.extend(planned.modes.into_iter().map(permissions));
        self.adopt(cx, planned.made, &mut effects).await;
        effects
    }

    /// Files that had unsaved text in the editor: those that now hold the buffer's text were saved by the user.
    async fn under_buffers(&self, cx: &ToolCx, open: Vec<Difference>) -> Vec<Named> {
        let unsaved: HashSet<PathBuf> =
            cx.workspace.unsaved().await.into_iter().filter_map(|buffer| buffer.path).collect();
        let roots = cx.workspace.roots();
        let why = "it had unsaved changes in the editor; the file on disk changed below them";
        let changed = open.into_iter().filter(|one| one.is_certain() && unsaved.contains(&one.path));
        changed.map(|one| Named { path: roots.display(&one.path), why: why.to_owned() }).collect()
    }

    /// The files that differ, before and after.
    async fn pairs(&self, cx: &ToolCx, differences: Vec<Difference>) -> Vec<Pair> {
        let old = self.old_texts(cx, &differences).await;
        let workspace = cx.workspace.clone();
        let look = move || -> Vec<Pair> {
            let pair = |one: Difference| {
                let side = |stamp: FileStamp, content: OnDisk| Side { content, mode: stamp.mode };
                let unknown = || OnDisk::Other("its text before the command was not kept".to_owned());
                let before =
                    one.before.map(|stamp| side(stamp, old.get(&one.path).cloned().unwrap_or_else(unknown)));
                let now = || workspace.on_disk_blocking(&one.path, MOST_OF_ONE);
                let after = one.after.and_then(|stamp| Some(side(stamp, now()?)));
                let is_text =
                    |side: &Option<Side>| matches!(side, Some(Side { content: OnDisk::Text(_), .. }));
                // Of what only may have changed and cannot be compared, nothing is said.
                let known = one.is_certain() || (is_text(&before) && is_text(&after));
                known.then_some(Pair { path: one.path, before, after, base: None })
            };
            differences.into_iter().filter_map(pair).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or_default()
    }

    /// What the files held before, as far as it is known.
    async fn old_texts(&self, cx: &ToolCx, differences: &[Difference]) -> HashMap<PathBuf, OnDisk> {
        let known = |one: &Difference| Some((one.path.clone(), one.before?));
        let wanted: HashMap<PathBuf, FileStamp> = differences.iter().filter_map(known).collect();
        let mut old: HashMap<PathBuf, OnDisk> = HashMap::new();
        for (path, stamp) in &wanted {
            if !stamp.is_file {
                old.insert(path.clone(), OnDisk::Other("it was a link".to_owned()));
            } else if let Some(copy) = self.copies.get(path) {
                old.insert(path.clone(), (**copy).clone());
            }
        }
        for (root, clean) in &self.blobs {
            let of_git = wanted.keys().filter_map(|path| Some((path.clone(), clean.get(path)?.clone())));
            let of_git: Vec<(PathBuf, String)> = of_git.collect();
            if of_git.is_empty() {
                continue;
            }
            for (path, bytes) in git::texts(&cx.exec.config, root, &of_git).await {
                // Git may store other bytes than it writes out: line ends, for one.
                let same_size = wanted.get(&path).is_some_and(|stamp| stamp.size == bytes.len() as u64);
                if same_size {
                    let text = FileText::decode(&bytes);
                    old.insert(path, text.map_or_else(|why| OnDisk::Other(why.to_string()), OnDisk::Text));
                }
            }
        }
        old
    }

    async fn adopt(&self, cx: &ToolCx, made: Vec<Made>, effects: &mut Effects) {
        if made.is_empty() {
            return;
        }
        let change = ChangeSet { files: made.iter().map(|one| one.change.clone()).collect() };
        let hashes: HashMap<&Path, String> = made
            .iter()
            .filter_map(|one| Some((one.change.path_after(), text_hash(one.after.as_deref()?))))
            .collect();
        let mut inverse = change.inverse(|path| hashes.get(path).cloned());
        for file in &mut inverse.files {
            file.made_folders = self.new_folders(&file.path);
        }
        let texts = made.iter().map(|one| FileTexts {
            from: one.change.path.clone(),
            path: one.change.path_after().to_path_buf(),
            before: one.before.clone(),
            after: one.after.clone(),
        });
        let door = Door {
            workspace: cx.workspace.clone(),
            journal: cx.journal.clone(),
            lock: cx.commit_lock.clone(),
            cancel: CancellationToken::new(),
        };
        let adopted = door.adopt(change, inverse, texts.collect()).await;
        let roots = cx.workspace.roots();
        let told = made.iter().map(|one| one.told(&|path| roots.display(path)));
        match adopted {
            Ok(committed) => {
                effects.change_set = Some(committed.id);
                effects.changes = told.collect();
            }
            Err(why) => {
                effects.not_reversible.extend(told.map(|one| Named { path: one.path, why: why.clone() }));
            }
        }
    }

    /// The folders above a file that the command made, outermost first.
    fn new_folders(&self, path: &Path) -> Vec<PathBuf> {
        let above = path.ancestors().skip(1);
        let mut made: Vec<PathBuf> =
            above.take_while(|folder| !self.stock.has_folder(folder)).map(Path::to_path_buf).collect();
        made.reverse();
        made
    }
}
