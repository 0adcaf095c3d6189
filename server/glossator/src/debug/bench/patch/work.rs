//! What is patched: texts, and one change of them as a unified diff and in the patch language. Makes no files.

use glossator_text::unified_diff;
use std::fmt::Write;

/// Lines of a long file.
const LONG: usize = 100_000;
/// Lines of the file with many hunks.
const MANY: usize = 20_000;

/// One thing that is measured.
pub struct Case {
    pub name: &'static str,
    /// Names and texts before the patch.
    pub files: Vec<(String, String)>,
    /// The patch as `git` and `patch` read it.
    pub unified: String,
    /// The same in the patch language.
    pub native: String,
    /// Whether the change belongs to these texts at all: whether `git` and `patch`, and whether the engine makes it.
    pub fits: (bool, bool),
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let long = code(LONG);
    let last = LONG - 2;
    let typed = long.replace(&line(last), "    say(“step — done”); // it’s the last\n");
    let plain = long.replace(&line(last), "    say(\"step - done\"); // it's the last\n");
    let every_20: Vec<usize> = (0..1_000).map(|at| at * 20 + 11).collect();
    let some: Vec<usize> = (0..4).map(|at| at * 100 + 51).collect();
    let names = (0..50).map(|at| format!("src/part_{at}.rs"));
    vec![
        case("small patch", vec![("f.rs".to_owned(), code(200), changed(&code(200), &[51]))]),
        case(
            "200 hunks over 50 files",
            names.map(|name| (name, code(400), changed(&code(400), &some))).collect(),
        ),
        case(
            "1,000 hunks in one file",
            vec![("f.rs".to_owned(), code(MANY), changed(&code(MANY), &every_20))],
        ),
        case(
            "one hunk at the end of 100k lines",
            vec![("f.rs".to_owned(), long.clone(), changed(&long, &[last]))],
        ),
        Case {
            fits: (false, false),
            ..on(
                "missing context in 100k lines",
                &long,
                &long.replace(&line(last), "    nowhere(else);\n"),
                last,
            )
        },
        Case { fits: (false, false), ..on("nothing alike in 100k lines", &long, &other_code(), 50) },
        Case { fits: (false, true), ..on("Unicode pass in 100k lines", &typed, &plain, last) },
    ]
}

/// Lines as code has them, most of them only once.
fn code(lines: usize) -> String {
    (0..lines).map(line).collect()
}

/// Lines that share next to nothing with these.
fn other_code() -> String {
    (0..100).map(|at| format!("  for every{at}, const other{at} in some{at} where that{at}\n")).collect()
}

fn line(at: usize) -> String {
    match at % 10 {
        0 => format!("fn step_{at}(input: &Input) -> Output {{\n"),
        7 => "\n".to_owned(),
        9 => "}\n".to_owned(),
        _ => format!("    let value_{at} = compute(input, {}); // a part of the whole\n", at % 97),
    }
}

fn changed(text: &str, lines: &[usize]) -> String {
    let mut lines = lines.iter().peekable();
    let line = |(at, line): (usize, &str)| match lines.next_if(|wanted| **wanted == at) {
        Some(_) => format!("    let changed_{at} = compute(other, {at});\n"),
        None => format!("{line}\n"),
    };
    text.lines().enumerate().map(line).collect()
}

fn case(name: &'static str, files: Vec<(String, String, String)>) -> Case {
    let mut unified = String::new();
    let mut native = String::from("*** Begin Patch\n");
    for (name, before, after) in &files {
        unified += &unified_diff(name, Some(before), Some(after));
        // Writing to a string cannot fail.
        let _ = writeln!(native, "*** Update File: {name}");
        let diff = unified_diff(name, Some(before), Some(after));
        for line in diff.lines().skip(2) {
            let _ = writeln!(native, "{}", if line.starts_with("@@") { "@@" } else { line });
        }
    }
    native += "*** End Patch\n";
    let files = files.into_iter().map(|(name, before, _)| (name, before)).collect();
    Case { name, files, unified, native, fits: (true, true) }
}

/// A change of `line` that was written for `other`, on `text`.
fn on(name: &'static str, text: &str, other: &str, line: usize) -> Case {
    let made = case(name, vec![("f.rs".to_owned(), other.to_owned(), changed(other, &[line]))]);
    Case { files: vec![("f.rs".to_owned(), text.to_owned())], ..made }
}
