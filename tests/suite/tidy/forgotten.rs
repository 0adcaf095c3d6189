//! No file that no target builds, and no case that no test reads.

use super::report::{Problem, holds};
use super::sources::Sources;
use super::tree;
use std::collections::BTreeSet;

#[test]
fn no_rust_file_is_forgotten() {
    let sources = Sources::all();
    let mut problems: Vec<Problem> = tree::files()
        .into_iter()
        .filter(|path| path.ends_with(".rs") && !path.contains("/cases/") && !tree::is_excluded(path))
        .filter(|path| !sources.reaches(path))
        .map(|path| Problem::new(path, "no target of the workspace builds it"))
        .collect();
    problems.extend(sources.problems.iter().cloned());
    holds(
        "every .rs file belongs to a target; a test file that nothing includes tests nothing",
        "declare it with `mod` (tests/suite: in main.rs), or remove it",
        problems,
    );
}

#[test]
fn no_case_is_forgotten() {
    let files = tree::files();
    let folders: BTreeSet<&str> =
        files.iter().filter_map(|path| Some(&path[..path.find("/cases/")? + "/cases".len()])).collect();
    let read_by_a_test = |folder: &str| {
        let home = folder.rsplit_once('/').map_or("", |(home, _)| home);
        let tests = files
            .iter()
            .filter(|path| path.starts_with(home) && path.ends_with(".rs") && !tree::is_tidy(path));
        tests
            .filter(|path| tree::is_test(path))
            .any(|path| names_cases(&tree::read(path).unwrap_or_default()))
    };
    let forgotten = folders.iter().filter(|folder| !read_by_a_test(folder));
    holds(
        "a folder `cases` is read by a test beside it",
        "read the folder from a test (one `check`, one case a line or a folder), or remove it",
        forgotten.map(|folder| Problem::new(*folder, "no test names this folder")).collect(),
    );
}

/// Whether a string of the text names a folder `cases`; comments do not count.
pub fn names_cases(text: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2))
        .any(|string| string.split('/').any(|part| part == "cases"))
}
