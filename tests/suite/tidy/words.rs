//! Words that must not stay in the tree: unfinished work, paths of one machine, hosts of registries.

use super::report::{Problem, holds};
use super::tree;

const MARKS: &[&str] = &["TODO", "FIXME", "todo!", "unimplemented!", "dbg!"];
const HOSTS: &[&str] = &[
    "static.crates.io",
    "index.crates.io",
    "registry.npmjs.org",
    "deb.debian.org",
    "files.pythonhosted.org",
];
/// Folders that differ from machine to machine, with something inside them.
const FOLDERS: &[&str] = &["/work/", "/root/", "/home/"];
/// What even test data never has; made-up paths such as `/work/a.rs` are fine there.
const MACHINE: &[&str] = &["/work/main", "/work/shared", "/root/.cargo", "/root/.rustup"];

#[test]
fn no_words_that_must_not_stay() {
    let files = tree::files();
    let files = files.iter().filter(|path| !tree::is_tidy(path));
    let problems = files.flat_map(|path| check(path, &tree::read(path).unwrap_or_default()));
    holds(
        "no marks of unfinished work, no paths of one machine, no hosts of package registries",
        "finish it or open an issue; name examples /project/a.rs; let tools find their mirror in their own settings",
        problems.collect(),
    );
}

pub fn check(path: &str, text: &str) -> Vec<Problem> {
    let test = tree::is_test(path) || path.contains("/cases/");
    let from = if path.ends_with(".rs") { unit_tests(text) } else { usize::MAX };
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let test = test || number >= from;
        let mut found: Vec<&str> =
            HOSTS.iter().chain(MACHINE).copied().filter(|word| line.contains(word)).collect();
        found.extend(MARKS.iter().filter(|mark| !path.contains("/cases/") && has_word(line, mark)));
        found.extend(FOLDERS.iter().filter(|folder| !test && leads_on(line, folder)));
        problems.extend(found.iter().map(|word| Problem::at(path, number, format!("`{word}`"))));
    }
    problems
}

/// The first line of the unit tests at the end of a file.
fn unit_tests(text: &str) -> usize {
    text.lines().position(|line| line == "#[cfg(test)]").map_or(usize::MAX, |index| index + 1)
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        edge(line[..at].chars().next_back())
            && (word.ends_with('!') || edge(line[at + word.len()..].chars().next()))
    })
}

/// Whether a path starts with this folder and goes on below it.
fn leads_on(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let inside = before.is_some_and(|c| c.is_alphanumeric() || "._-}~>".contains(c));
        let name = line[at + folder.len()..].chars().next();
        !inside && name.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_')
    })
}
