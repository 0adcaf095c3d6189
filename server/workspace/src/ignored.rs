//! What git ignores below a folder, and which paths a command may write without review: ignored ones and git's own data.
//! Goes by ignore files alone: a tracked file that a rule names counts as ignored. Only reads; blocks on the disk.

use crate::roots::is_git;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::{HashMap, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries that are looked at for paths that pass.
const MOST_ENTRIES: usize = 200_000;
/// The name of the files that hold rules.
const RULES: &str = ".gitignore";

/// Git's ignore rules for one folder and what is below it. Rules above the folder count up to the one that holds `.git`.
pub struct IgnoreRules {
    /// By folder; `None`: it has no rules.
    folders: HashMap<PathBuf, Option<Arc<Gitignore>>>,
    /// The folder that rules are looked for from.
    top: PathBuf,
    /// `.git/info/exclude`, and what the user ignores everywhere.
    everywhere: [Gitignore; 2],
}

impl IgnoreRules {
    /// The rules for `root` (absolute, resolved). They are read when they are needed.
    pub fn new(root: &Path) -> IgnoreRules {
        let has_git = |folder: &&Path| fs::symlink_metadata(folder.join(".git")).is_ok();
        let top = root.ancestors().find(has_git).unwrap_or(root);
        let exclude = rules_of(top, &[&top.join(".git/info/exclude")], &[]);
        let everywhere = [exclude.unwrap_or_else(Gitignore::empty), Gitignore::global().0];
        IgnoreRules { folders: HashMap::new(), top: top.to_path_buf(), everywhere }
    }

    /// From now on `text` counts as the rules of `folder`, whatever its file holds.
    pub fn set(&mut self, folder: &Path, text: &str) {
        let lines: Vec<&str> = text.lines().collect();
        self.folders.insert(folder.to_path_buf(), rules_of(folder, &[], &lines).map(Arc::new));
    }

    /// Whether `path` (absolute, below the root) is git's own data, or ignored, by itself or with a folder above it.
    pub fn passes(&mut self, path: &Path, is_folder: bool) -> bool {
        let mut here = self.top.clone();
        let Ok(inner) = path.strip_prefix(&here) else { return false };
        let mut parts = inner.components().peekable();
        while let Some(part) = parts.next() {
            let rules = self.for_entries(&here);
            here.push(part);
            let is_folder = parts.peek().is_some() || is_folder;
            if is_git(part.as_os_str()) || self.names(&rules, &here, is_folder) {
                return true;
            }
        }
        false
    }

    /// The rules of ignore files for what is in `folder`, nearest first.
    fn for_entries(&mut self, folder: &Path) -> Vec<Arc<Gitignore>> {
        let top = self.top.clone();
        let above = folder.ancestors().take_while(|folder| folder.starts_with(&top));
        above.filter_map(|folder| self.of_folder(folder)).collect()
    }

    /// Whether a rule names `path`, of which no folder above is ignored.
    fn names(&self, rules: &[Arc<Gitignore>], path: &Path, is_folder: bool) -> bool {
        let all = rules.iter().map(Arc::as_ref).chain(&self.everywhere);
        let all = all.filter(|rules| !rules.is_empty());
        all.map(|rules| rules.matched(path, is_folder))
            .find(|found| !found.is_none())
            .is_some_and(|found| found.is_ignore())
    }

    fn of_folder(&mut self, folder: &Path) -> Option<Arc<Gitignore>> {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let rules = rules_of(folder, &[&folder.join(RULES)], &[]).map(Arc::new);
        self.folders.insert(folder.to_path_buf(), rules.clone());
        rules
    }
}

/// The rules in `files` and `lines` for what is below `folder`; none if there are none. What cannot be read is no rule.
fn rules_of(folder: &Path, files: &[&PathBuf], lines: &[&str]) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    for file in files {
        builder.add(file);
    }
    for line in lines {
        // A line that is no rule is passed over, as git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// What a walk finds, each topmost.
pub(crate) enum Found<'a> {
    /// Git's own data, or ignored; what is in it is not looked at.
    Passes(&'a Path),
    /// A folder of the user's.
    Folder(&'a Path),
    /// Anything else of the user's.
    File(&'a fs::DirEntry, &'a Path),
}

/// Looks at everything below `root`, folders before what is in them; ends early when `see` says `false`. Links are not
/// followed. What cannot be read is left out.
pub(crate) fn look_through(root: &Path, rules: &mut IgnoreRules, see: &mut dyn FnMut(Found) -> bool) {
    let mut folders = VecDeque::from([root.to_path_buf()]);
    while let Some(folder) = folders.pop_front() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let inherited = rules.for_entries(&folder);
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            let is_git = path.file_name().is_some_and(|name: &OsStr| is_git(name));
            let on = if is_git || rules.names(&inherited, &path, kind.is_dir()) {
                see(Found::Passes(&path))
            } else if kind.is_dir() {
                let on = see(Found::Folder(&path));
                folders.push_back(path);
                on
            } else {
                see(Found::File(&entry, &path))
            };
            if !on {
                return;
            }
        }
    }
}

/// The existing paths below `root` (absolute, resolved) that pass, topmost, git's own data first; at most `most`. Those
/// that are links are left out, and what lies deep in a very large tree may be. Blocks.
pub fn passing(root: &Path, most: usize) -> Vec<PathBuf> {
    let (mut found, mut seen) = (Vec::new(), 0);
    // A root that is ignored itself is looked through all the same.
    look_through(root, &mut IgnoreRules::new(root), &mut |one| {
        if let Found::Passes(path) = one
            && !path.is_symlink()
        {
            found.push(path.to_path_buf());
        }
        seen += 1;
        seen < MOST_ENTRIES
    });
    found
        .sort_by_key(|path| (!path.file_name().is_some_and(is_git), path.components().count(), path.clone()));
    found.truncate(most);
    found
}

/// Entries that are looked at for files too large to be copied, and how deep.
const MOST_NEAR: usize = 2_000;
const NEAR: usize = 2;

/// The existing paths below `root` (absolute, resolved) that a command should write in place: git's own data, and ignored
/// files of more than `size` bytes. Only near the root, and outside of ignored folders. Links are left out. Blocks.
pub fn large_or_git(root: &Path, size: u64) -> Vec<PathBuf> {
    let mut rules = IgnoreRules::new(root);
    // Named by itself, so that it is found however much else there is.
    let git = root.join(".git");
    let is_there = fs::symlink_metadata(&git).is_ok_and(|found| !found.is_symlink());
    let mut found: Vec<PathBuf> = is_there.then(|| git.clone()).into_iter().collect();
    let mut seen = 0;
    let mut folders = VecDeque::from([(root.to_path_buf(), 1)]);
    while let Some((folder, depth)) = folders.pop_front() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            seen += 1;
            if seen > MOST_NEAR {
                return found;
            }
            let is_large = || entry.metadata().is_ok_and(|metadata| metadata.len() > size);
            if is_git(&entry.file_name()) {
                if path != git && !kind.is_symlink() {
                    found.push(path);
                }
            } else if kind.is_file() && is_large() && rules.passes(&path, false) {
                found.push(path);
            } else if kind.is_dir() && depth < NEAR && !rules.passes(&path, true) {
                folders.push_back((path, depth + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for (name, text) in [
            (".git/info/exclude", "private\n"),
            (".gitignore", "/target\n*.log\n!keep.log\nnode_modules/\n"),
            ("src/a.rs", ""),
            ("src/.gitignore", "made.rs\n!loud.log\n"),
            ("src/made.rs", ""),
            ("src/loud.log", ""),
            ("src/quiet.log", ""),
            ("keep.log", ""),
            ("private", ""),
            ("target/debug/x", ""),
            ("sub/target/x", ""),
            ("sub/node_modules/p/i.js", ""),
            ("sub/.git", "gitdir: elsewhere\n"),
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (folder, root)
    }

    #[test]
    fn what_exists_and_passes() {
        let (_folder, root) = world();
        std::os::unix::fs::symlink("keep.log", root.join("link.log")).unwrap();
        let shown = |most| -> Vec<String> {
            let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            passing(&root, most).iter().map(name).collect()
        };
        let all =
            [".git", "sub/.git", "private", "target", "src/made.rs", "src/quiet.log", "sub/node_modules"];
        assert_eq!(shown(500), all);
        assert_eq!(shown(3), all[..3]);
    }

    #[test]
    fn what_is_too_large_to_be_copied() {
        let (_folder, root) = world();
        for name in ["big.log", "keep.log", "big", "src/quiet.log", "target/debug/x", "sub/target/x"] {
            fs::write(root.join(name), [0; 11]).unwrap();
        }
        std::os::unix::fs::symlink("big.log", root.join("link.log")).unwrap();
        let mut found = large_or_git(&root, 10);
        found.sort();
        assert_eq!(found, [".git", "big.log", "src/quiet.log", "sub/.git"].map(|name| root.join(name)));
        assert_eq!(large_or_git(&root, 11).len(), 2);
        fs::create_dir(root.join("many")).unwrap();
        for number in 0..MOST_NEAR {
            fs::write(root.join("many").join(number.to_string()), "").unwrap();
        }
        assert_eq!(large_or_git(&root.join("many"), 10), [] as [PathBuf; 0]);
        fs::create_dir(root.join("many/.git")).unwrap();
        assert_eq!(large_or_git(&root.join("many"), 10), [root.join("many/.git")]);
    }

    #[test]
    fn what_would_pass() {
        let (_folder, root) = world();
        let below = root.join("src");
        for rules in [&mut IgnoreRules::new(&root), &mut IgnoreRules::new(&below)] {
            for (path, is_folder, passes) in [
                ("target", true, true),
                ("target/new/deep", false, true),
                ("sub/target", true, false),
                ("sub/node_modules", true, true),
                ("sub/node_modules", false, false),
                ("sub/node_modules/x", false, true),
                ("new.log", false, true),
                ("keep.log", false, false),
                ("src/loud.log", false, false),
                ("src/made.rs", false, true),
                ("made.rs", false, false),
                ("private", false, true),
                (".git/index", false, true),
                ("new/.git/x", false, true),
                (".github/x", false, false),
            ] {
                assert_eq!(rules.passes(&root.join(path), is_folder), passes, "{path}");
            }
        }
        let mut rules = IgnoreRules::new(&root);
        rules.set(&root.join("new"), "/out\n");
        assert!(rules.passes(&root.join("new/out/x"), false));
        assert!(!rules.passes(&root.join("out/x"), false));
        assert!(!rules.passes(Path::new("/elsewhere/x.log"), false));
    }
}
