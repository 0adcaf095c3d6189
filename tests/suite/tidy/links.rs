//! Links between the documents lead somewhere.

use super::report::{Problem, holds};
use super::tree;
use std::path::Path;

#[test]
fn links_in_documents_lead_somewhere() {
    let mut problems = Vec::new();
    for path in tree::files().iter().filter(|path| path.ends_with(".md") && !path.contains("/cases/")) {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        for (line, link) in links(&tree::read(path).unwrap_or_default()) {
            let place = link.strip_prefix('/').map_or_else(|| folder.join(&link), Into::into);
            if !tree::root().join(place).exists() {
                problems.push(Problem::at(path, line, format!("`{link}` does not exist")));
            }
        }
    }
    holds(
        "a relative link of a document points to a file",
        "mend the link, or write the page it names",
        problems,
    );
}

/// Targets of `[..](..)` and `[..]: ..` that are files, with their lines; code and what follows `#` is left out.
pub fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let inline = prose
            .match_indices("](")
            .map(|(at, _)| prose[at + 2..].split([')', ' ']).next().unwrap_or_default());
        let reference =
            prose.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
        for target in inline.chain(reference.map(str::trim)) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains(':') {
                found.push((number, file.to_owned()));
            }
        }
    }
    found
}
