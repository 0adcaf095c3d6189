//! Lists of exceptions that may only shrink: `words... [number]` a line, `#` for comments.
//! `GLOSSATOR_ACCEPT=1` lowers and removes entries; nothing adds one but a person.

use super::report::Problem;
use super::tree;
use std::collections::BTreeMap;

/// Something over its limit, by the words that name it in the list.
pub struct Over {
    pub key: String,
    pub size: usize,
    /// Where it is, and what is wrong with it.
    pub problem: Problem,
}

/// Compares what is over its limit with a list of the `tidy` folder; rewrites the list downwards if asked to.
pub fn compare(list: &str, found: Vec<Over>) -> Vec<Problem> {
    let path = format!("tests/suite/tidy/{list}");
    let text = tree::read(&path).unwrap_or_default();
    let (shrunk, problems) = shrink(&path, &text, found);
    let accept = std::env::var_os("GLOSSATOR_ACCEPT").is_some_and(|value| value == "1");
    if !accept {
        return problems;
    }
    if shrunk != text {
        std::fs::write(tree::root().join(&path), shrunk).expect("the list of exceptions can be written");
    }
    problems.into_iter().filter(|problem| !problem.place.starts_with(&path)).collect()
}

/// The list as it should be, and every problem: new ones by their own place, stale entries by the list's.
pub fn shrink(path: &str, text: &str, found: Vec<Over>) -> (String, Vec<Problem>) {
    let mut sizes: BTreeMap<String, Over> = BTreeMap::new();
    for over in found {
        let known = sizes.get(&over.key).map_or(0, |known| known.size);
        if over.size > known {
            sizes.insert(over.key.clone(), over);
        }
    }
    let (mut shrunk, mut problems) = (String::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let mut kept = line.to_owned();
        if !line.trim().is_empty() && !line.starts_with('#') {
            let (key, allowed) = entry(line);
            match sizes.remove(&key) {
                None => {
                    problems.push(Problem::at(
                        path,
                        number,
                        format!("`{key}` is within the limit now: remove the entry"),
                    ));
                    continue;
                }
                Some(over) if over.size < allowed => {
                    problems.push(Problem::at(
                        path,
                        number,
                        format!("`{key}` is at {} now: lower the entry", over.size),
                    ));
                    kept = format!("{key} {}", over.size);
                }
                Some(over) if over.size > allowed => {
                    let what =
                        format!("{}; it grew from {allowed}, the list allows no more", over.problem.what);
                    problems.push(Problem::new(over.problem.place, what));
                }
                Some(_) => {}
            }
        }
        shrunk.push_str(&kept);
        shrunk.push('\n');
    }
    problems.extend(sizes.into_values().map(|over| over.problem));
    (shrunk, problems)
}

fn entry(line: &str) -> (String, usize) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.split_last().and_then(|(last, rest)| Some((rest, last.parse().ok()?))) {
        Some((key, size)) => (key.join(" "), size),
        None => (words.join(" "), 1),
    }
}
