//! The limits that keep the code livable; `oversize.txt` lists what is over them today.

use super::facts::Facts;
use super::ratchet::{self, Over};
use super::report::{Problem, holds};
use super::sources::Sources;
use super::tree;

/// Kind, the most that is fine, and of what.
const LIMITS: &[(&str, usize, &str)] = &[
    ("fn", 60, "lines"),
    ("struct", 12, "fields"),
    ("enum", 15, "variants"),
    ("arguments", 4, "arguments besides self"),
];
const FILE: usize = 400;
/// No file may be longer, listed or not.
const HARD: usize = 800;

#[test]
fn files_functions_and_types_stay_small() {
    let sources = Sources::all();
    let mut problems = sources.problems.clone();
    let mut found = Vec::new();
    for source in &sources.files {
        found.extend(items(&source.path, &source.facts));
    }
    for path in tree::files().iter().filter(|path| counts(path)) {
        let lines = tree::read(path).unwrap_or_default().lines().count();
        if lines > HARD {
            problems.push(Problem::new(path, format!("has {lines} lines; over {HARD} no exception helps")));
        } else if lines > FILE {
            let problem = Problem::new(path, format!("has {lines} lines, {FILE} is the most"));
            found.push(Over { key: format!("{path} file -"), size: lines, problem });
        }
    }
    problems.extend(ratchet::compare("oversize.txt", found));
    holds(
        "file <= 400 lines (tests and tables excepted), function <= 60, struct <= 12 fields, public enum <= 15 variants, \
         <= 4 arguments; the list tests/suite/tidy/oversize.txt may only shrink",
        "split by what belongs together; group fields and arguments that travel together into a small type; \
         GLOSSATOR_ACCEPT=1 lowers and removes entries of the list",
        problems,
    );
}

/// The items of one file that are over a limit.
pub fn items(path: &str, facts: &Facts) -> Vec<Over> {
    let limit = |kind: &str| LIMITS.iter().find(|(name, ..)| *name == kind).map(|(_, most, of)| (*most, *of));
    let over = facts.measures.iter().filter_map(|measure| {
        let (most, of) = limit(measure.kind).filter(|(most, _)| measure.size > *most)?;
        let what = format!("`{}` has {} {of}, {most} is the most", measure.name, measure.size);
        let key = format!("{path} {} {}", measure.kind, measure.name);
        Some(Over { key, size: measure.size, problem: Problem::at(path, measure.line, what) })
    });
    over.collect()
}

/// Whether the limit of a file's length holds for it.
fn counts(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let table = name.ends_with("_table.rs") || name == "table.rs" || name == "tables.rs";
    name.ends_with(".rs") && !table && !tree::is_test(path)
}
