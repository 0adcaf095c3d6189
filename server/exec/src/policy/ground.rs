//! Owns where the words of a command may lead: by their letters, and, as far as somebody who may look says so, through
//! links. Never looks at the disk itself: that is behind [`Resolve`].

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;

use super::paths::{is_readable_device, leaves};
use super::words::{Glob, Word};

/// What is to be known of the disk to tell whether a command stays inside. Paths are as the command has them: absolute,
/// or relative to its working folder.
pub trait Resolve {
    /// Whether `path` leads inside when links are followed; what does not exist leads where it would be. `false` also
    /// when that cannot be found out.
    fn inside(&self, path: &str) -> bool;

    /// What stands in the folder `path`, as many `levels` deep as are asked for (1: its own entries). Where there is no
    /// folder, nothing does.
    fn below(&self, path: &str, levels: usize) -> Below;
}

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Below {
    /// Whether no link leads outside, none above the last level leads anywhere, and all could be looked at.
    pub inside: bool,
    /// Whether an entry of the first level begins with `-`, `+` or `@`, so that a program could take it for an option.
    pub options: bool,
}

/// Knows nothing of the disk: no link leads anywhere, and any name may stand in a folder.
pub(crate) struct LettersOnly;

impl Resolve for LettersOnly {
    fn inside(&self, _: &str) -> bool {
        true
    }

    fn below(&self, _: &str, _: usize) -> Below {
        Below { inside: true, options: true }
    }
}

/// Paths and folders that are looked at for one command, at the most.
const MOST_PATHS: u32 = 20_000;
const MOST_FOLDERS: u32 = 16;
/// Levels of a folder that are looked at for a file name pattern, at the most.
const MOST_LEVELS: usize = 5;
/// Longest word that may name a file, in bytes: Linux takes no longer path.
const LONGEST: usize = 4096;
/// Working folders that a command may have, by way of `cd`, at the most.
const MOST_BASES: usize = 32;

/// The folders that are inside, and those that the command may be working in when it comes to a word.
#[derive(Clone)]
pub(crate) struct Ground<'a> {
    folders: &'a [PathBuf],
    disk: &'a dyn Resolve,
    /// Relative to the first working folder, or absolute; the first is empty.
    bases: Vec<String>,
    paths_left: Cell<u32>,
    folders_left: Cell<u32>,
    /// What is known of folders by now.
    seen: RefCell<HashMap<(String, usize), Below>>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(folders: &'a [PathBuf], disk: &'a dyn Resolve) -> Ground<'a> {
        let (paths_left, folders_left) = (Cell::new(MOST_PATHS), Cell::new(MOST_FOLDERS));
        let (bases, seen) = (vec![String::new()], RefCell::default());
        Ground { folders, disk, bases, paths_left, folders_left, seen }
    }

    /// From here on the command may also work in `folder`; `false` when there are too many to keep in view.
    pub(crate) fn enter(&mut self, folder: &str) -> bool {
        let entered: Vec<String> = self.bases.iter().map(|base| join(base, folder)).collect();
        for base in entered {
            if !self.bases.contains(&base) {
                self.bases.push(base);
            }
        }
        self.bases.len() <= MOST_BASES
    }

    /// Whether `word` cannot name anything outside, also as an option with its value attached.
    pub(crate) fn holds(&self, word: &Word) -> bool {
        if word.text.len() > LONGEST || leaves(&word.text, self.folders) {
            return false;
        }
        if is_readable_device(&word.text) {
            return true;
        }
        let names = names(&word.text);
        self.bases.iter().all(|base| {
            names.iter().all(|name| self.inside(&join(base, name)))
                && (word.glob == Glob::None || self.holds_pattern(base, &word.text, 0))
        })
    }

    /// Whether also what stands in the folder that `word` may name leads inside.
    pub(crate) fn holds_content(&self, word: &Word) -> bool {
        self.bases.iter().all(|base| {
            if word.glob == Glob::None {
                self.below(&join(base, &word.text), 1).inside
            } else {
                self.holds_pattern(base, &word.text, 1)
            }
        })
    }

    /// Whether a pattern that begins with its first character could become an option.
    pub(crate) fn may_be_option(&self) -> bool {
        self.bases.iter().any(|base| self.below(&join(base, "."), 1).options)
    }

    /// Whether all that a file name pattern may become leads inside, and what stands `more` levels below that.
    fn holds_pattern(&self, base: &str, pattern: &str, more: usize) -> bool {
        let literal = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
        let (folder, rest) = match pattern[..literal].rfind('/') {
            Some(at) => pattern.split_at(at + 1),
            None => (".", pattern),
        };
        // Dot files that a folder does not show (git's own) could be meant.
        if rest.split('/').any(|part| part.starts_with('.') && part != ".") {
            return false;
        }
        let levels = rest.split('/').filter(|part| !part.is_empty()).count() + more;
        self.below(&join(base, folder), levels).inside
    }

    fn inside(&self, path: &str) -> bool {
        spend(&self.paths_left) && self.disk.inside(path)
    }

    fn below(&self, path: &str, levels: usize) -> Below {
        let key = (path.to_owned(), levels);
        let known = self.seen.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let below = if levels <= MOST_LEVELS && spend(&self.folders_left) {
                self.disk.below(path, levels)
            } else {
                Below { inside: false, options: true }
            };
            self.seen.borrow_mut().insert(key, below);
            below
        })
    }
}

fn spend(left: &Cell<u32>) -> bool {
    let rest = left.get().checked_sub(1);
    left.set(rest.unwrap_or(0));
    rest.is_some()
}

fn join(base: &str, path: &str) -> String {
    match (base, path) {
        ("", path) => path.to_owned(),
        (_, path) if path.starts_with('/') => path.to_owned(),
        (base, path) => format!("{base}/{path}"),
    }
}

/// All that a word may name: itself, the value after `=`, and what may be the value in a cluster of short options.
fn names(word: &str) -> Vec<&str> {
    let mut names = vec![word];
    match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(option), _) => names.extend(option.split_once('=').map(|(_, value)| value)),
        (None, Some(cluster)) => names.extend(cluster.char_indices().skip(1).map(|(at, _)| &cluster[at..])),
        (None, None) => {}
    }
    names.retain(|name| !name.is_empty());
    names
}
