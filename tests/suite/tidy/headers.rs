//! Every file says what it is in its first lines.

use super::report::{Problem, holds};
use super::tree;

#[test]
fn every_file_opens_with_what_it_owns() {
    let problems = tree::files().into_iter().filter_map(|path| check(&path, &tree::read(&path)?));
    holds(
        "a .rs file opens with one to five `//!` lines, a script with a comment",
        "say in the first lines what the file owns and what it never does; put longer text below, on the items",
        problems.collect(),
    );
}

pub fn check(path: &str, text: &str) -> Option<Problem> {
    if path.contains("/cases/") {
        return None;
    }
    let mut lines = text.lines().peekable();
    if path.ends_with(".rs") {
        return match lines.take_while(|line| line.starts_with("//!")).count() {
            0 => Some(Problem::at(path, 1, "does not open with a `//!` line")),
            1..=5 => None,
            more => Some(Problem::at(path, 1, format!("opens with {more} `//!` lines, five is the most"))),
        };
    }
    let shebang = lines.next_if(|line| line.starts_with("#!"));
    let marks: &[&str] = match path.rsplit_once('.').map(|(_, end)| end) {
        Some("lua") => &["--"],
        Some("sh") => &["#"],
        Some("py") => &["#", "\"\"\""],
        Some("js" | "ts") => &["//", "/*"],
        _ if shebang.is_some() => &["#"],
        _ => return None,
    };
    let first = lines.next().unwrap_or_default();
    let opens = marks.iter().any(|mark| first.starts_with(mark));
    (!opens).then(|| Problem::at(path, 1 + usize::from(shebang.is_some()), "does not open with a comment"))
}
