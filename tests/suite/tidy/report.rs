//! How a broken rule is told: every place, the rule, and what to do.

/// One place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// `path` or `path:line`, from the root of the tree.
    pub place: String,
    /// What is wrong there, and what to do if the rule's own advice is not enough.
    pub what: String,
}

impl Problem {
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    pub fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), what)
    }
}

/// Fails the test when there is a problem.
pub fn holds(rule: &str, fix: &str, mut problems: Vec<Problem>) {
    problems.sort();
    problems.dedup();
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect();
    assert!(
        lines.is_empty(),
        "\n{}\n\n{} x this rule: {rule}\nto fix: {fix}\n",
        lines.join("\n"),
        lines.len()
    );
}
