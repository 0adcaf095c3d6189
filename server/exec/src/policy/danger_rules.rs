//! Owns the rules for one program and its arguments: which programs it starts in turn, and whether a row of the
//! danger table, or a rule that no row can say, holds for it. Pure; shell text is the business of `danger.rs`.

use super::danger_table::{DANGERS, Danger, WRAPPERS};
use super::options::{any_match, is_option, matches};
use super::words::Word;

/// Why a command is dangerous, as a clause for people.
pub(crate) type Why = &'static str;

/// How many programs may start each other in one command (`env nice timeout ...`).
pub(crate) const MAX_LAYERS: usize = 16;

/// The command itself and those it starts: `timeout 5 rm x` also is `rm x`.
pub(crate) fn launched(words: &[Word]) -> Vec<&[Word]> {
    let mut found = vec![words];
    let mut at = 0;
    while let Some(program) = words.get(at).filter(|_| found.len() <= MAX_LAYERS) {
        let next = match base_name(&program.text) {
            "find" | "gfind" | "fd" | "fdfind" => {
                let runs = |word: &Word| FIND_RUNS.iter().any(|option| matches(option, &word.text));
                words[at..].iter().position(runs).map(|offset| at + offset + 1)
            }
            name => WRAPPERS.iter().find(|wrapper| wrapper.name == name).and_then(|wrapper| {
                skip_options(&words[at + 1..], wrapper.valued, wrapper.operands).map(|offset| at + 1 + offset)
            }),
        };
        match next.filter(|next| *next < words.len()) {
            Some(next) => {
                found.push(&words[next..]);
                at = next;
            }
            None => break,
        }
    }
    found
}

const FIND_RUNS: &[&str] = &["-exec*", "-ok*", "--exec*", "-x", "-X"];

/// Index of the first word of `arguments` that is the program to start.
fn skip_options(arguments: &[Word], valued: &str, operands: usize) -> Option<usize> {
    let mut operands = operands;
    let mut at = 0;
    // `command -v` and `command -V` only look a name up.
    if arguments.first().is_some_and(|word| ["-v", "-V"].contains(&word.text.as_str())) {
        return None;
    }
    loop {
        let word = arguments.get(at)?.text.as_str();
        if word == "--" {
            at += 1;
        } else if is_option(word) {
            let value_follows = !word.starts_with("--") && word.len() == 2 && valued.contains(&word[1..]);
            at += if value_follows { 2 } else { 1 };
        } else if is_assignment(word) || LONG_VALUES.contains(&arguments[at.saturating_sub(1)].text.as_str())
        {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            return Some(at);
        }
    }
}

/// Long options of wrappers whose value may be a word of its own.
const LONG_VALUES: &[&str] = &[
    "--kill-after",
    "--signal",
    "--unset",
    "--chdir",
    "--max-args",
    "--max-procs",
    "--max-lines",
    "--delimiter",
    "--replace",
    "--arg-file",
    "--jobs",
    "--adjustment",
    "--class",
    "--classdata",
    "--interval",
    "--format",
    "--output",
    "--input",
    "--error",
    "--timeout",
    "--argv0",
    "--property",
    "--unit",
];

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    })
}

fn applies(row: &Danger, name: &str, arguments: &[&str]) -> bool {
    let arguments = if name == "git" { after_git_options(arguments) } else { arguments };
    let operands: Vec<&str> = arguments.iter().copied().filter(|word| !is_option(word)).take(4).collect();
    let follows = match row.then {
        [] => true,
        then if name == "git" => operands.starts_with(then),
        then => operands.windows(then.len()).any(|words| words == then),
    };
    follows && (row.with.is_empty() || any_match(row.with, arguments).is_some())
}

/// What follows git's own options.
fn after_git_options<'a, 'w>(arguments: &'a [&'w str]) -> &'a [&'w str] {
    let mut at = 0;
    while let Some(word) = arguments.get(at).filter(|word| is_option(word)) {
        let valued = [
            "-C",
            "-c",
            "--git-dir",
            "--work-tree",
            "--namespace",
            "--config-env",
            "--super-prefix",
            "--attr-source",
        ];
        at += if valued.contains(word) { 2 } else { 1 };
    }
    arguments.get(at..).unwrap_or_default()
}

/// What a row of the table cannot say.
fn own_rules(name: &str, arguments: &[&str]) -> Option<Why> {
    let has = |patterns: &[&str]| any_match(patterns, arguments).is_some();
    match name {
        "kill" if arguments.iter().skip(1).any(|word| *word == "-1") => {
            Some("it ends every process of the user")
        }
        "mv" if arguments.last() == Some(&"/dev/null") => Some("it throws a file away"),
        "gh" if arguments.first() == Some(&"api") && has(&["DELETE", "-XDELETE", "--method=DELETE"]) => {
            Some("it deletes something on the git server")
        }
        "git" => git_rules(arguments),
        _ => None,
    }
}

fn git_rules(arguments: &[&str]) -> Option<Why> {
    if arguments.windows(2).any(|pair| pair[0] == "-c" && pair[1].to_ascii_lowercase().starts_with("alias."))
    {
        return Some("it hides a command in a git alias");
    }
    let rest = after_git_options(arguments);
    let has = |patterns: &[&str]| any_match(patterns, rest).is_some();
    match rest.first().copied()? {
        "clean" if !has(&["-n", "--dry-run"]) => Some("it removes files that git has no copy of"),
        "restore" if !has(&["-S", "--staged"]) || has(&["-W", "--worktree"]) => {
            Some("it throws away changes that git has no copy of")
        }
        _ => None,
    }
}

/// Why `name` with `arguments` is dangerous by itself.
pub(crate) fn row_or_rule(name: &str, arguments: &[&str]) -> Option<Why> {
    if name.starts_with("mkfs") || name.starts_with("newfs") {
        return Some("it can overwrite disks");
    }
    let row = DANGERS.iter().find(|row| row.names.contains(&name) && applies(row, name, arguments));
    row.map(|row| row.why).or_else(|| own_rules(name, arguments))
}

/// The name of a program without its folder.
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
