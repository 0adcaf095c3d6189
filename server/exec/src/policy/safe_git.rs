//! Owns which git commands only read: a table of sub-commands and what is allowed of each, and where a sub-command
//! stands in a command line. Pure.

use super::options::{any_match, is_option};

/// One sub-command of git that only reads.
struct Reading {
    name: &'static str,
    /// Second words of which one must follow; empty when there are none; with `""` it may be left out.
    then: &'static [&'static str],
    /// If not empty, only these options are allowed (with a value after `=`, or digits after a letter).
    only: &'static [&'static str],
    /// Whether it lists when asked so and creates otherwise: [`LISTING`] and [`SHAPING`] are allowed too, and words that
    /// are no options only beside one of [`LISTING`].
    lists: bool,
    /// Options (patterns of `options.rs`) that this sub-command may not have, beside [`FORBIDDEN`].
    forbidden: &'static [&'static str],
    /// Switches that turn off what the repository could make it run.
    switches: &'static [&'static str],
}

const fn reading(name: &'static str) -> Reading {
    Reading { name, then: &[], only: &[], lists: false, forbidden: &[], switches: &[] }
}

const fn showing(name: &'static str) -> Reading {
    Reading { switches: DIFF_SWITCHES, ..reading(name) }
}

const DIFF_SWITCHES: &[&str] = &["--no-ext-diff", "--no-textconv"];

/// Options that no sub-command may have: they write a file, run a program or start a viewer.
const FORBIDDEN: &[&str] = &[
    "--output",
    "--ext-diff",
    "--textconv",
    "--filters",
    "--show-signature",
    "--open-files-in-pager",
    "--paginate",
    "--help",
    "--exec*",
    "--upload-pack",
];

const READINGS: &[Reading] = &[
    showing("diff"),
    showing("log"),
    showing("show"),
    showing("whatchanged"),
    showing("diff-tree"),
    showing("diff-index"),
    showing("diff-files"),
    Reading { then: &["", "show"], ..showing("reflog") },
    Reading { then: &["list", "show"], ..showing("stash") },
    Reading { switches: &["--no-textconv"], ..reading("blame") },
    // -O opens the matches in a pager.
    Reading { forbidden: &["-O"], switches: &["--no-textconv"], ..reading("grep") },
    // -v shows changes with the repository's own diff programs.
    Reading { forbidden: &["-v", "--verbose"], ..reading("status") },
    reading("ls-files"),
    reading("ls-tree"),
    reading("rev-parse"),
    reading("rev-list"),
    reading("describe"),
    reading("shortlog"),
    reading("cat-file"),
    reading("merge-base"),
    reading("name-rev"),
    reading("for-each-ref"),
    reading("show-ref"),
    reading("count-objects"),
    reading("check-ignore"),
    reading("check-attr"),
    reading("cherry"),
    reading("version"),
    Reading { then: &["list"], ..reading("worktree") },
    Reading {
        then: &["", "-v", "--verbose", "get-url"],
        only: &["-v", "--verbose", "--all", "--push"],
        ..reading("remote")
    },
    Reading {
        only: &[
            "-a",
            "--all",
            "-r",
            "--remotes",
            "-v",
            "-vv",
            "--verbose",
            "--show-current",
            "--column",
            "--no-column",
            "--no-color",
            "-i",
            "--ignore-case",
        ],
        lists: true,
        ..reading("branch")
    },
    Reading { only: &["-n"], lists: true, ..reading("tag") },
];

/// Options that make `branch` and `tag` list.
const LISTING: &[&str] =
    &["-l", "--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at"];

/// Options that say how a list looks.
const SHAPING: &[&str] = &["--sort", "--format"];

/// Options before the sub-command that change nothing but how output is made.
const GLOBAL: &[&str] =
    &["--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects"];

/// Why `arguments` (the words after `git`) are not known to only read, if so.
pub(crate) fn check(arguments: &[&str]) -> Result<(), String> {
    let Some(at) = sub_command(arguments) else {
        return Err(unsure("git without a sub-command that it knows"));
    };
    let (name, rest) = (arguments[at], &arguments[at + 1..]);
    let Some(row) = READINGS.iter().find(|row| row.name == name) else {
        return Err(format!("`git {name}` is not known to only read"));
    };
    if let Some(option) = any_match(FORBIDDEN, rest).or_else(|| any_match(row.forbidden, rest)) {
        return Err(format!("`git {name}` with {option} can write or run something"));
    }
    if !row.then.is_empty() && !row.then.contains(&rest.first().copied().unwrap_or_default()) {
        return Err(format!("this form of `git {name}` is not known to only read"));
    }
    // Anything but a list or `get-url` asks the network or changes the list.
    if name == "remote" && rest.len() > 1 && rest[0] != "get-url" {
        return Err("this form of `git remote` is not known to only read".to_owned());
    }
    check_list(row, rest)
}

/// The rules of sub-commands that list when asked so, and create otherwise.
fn check_list(row: &Reading, rest: &[&str]) -> Result<(), String> {
    let bare = |word: &str| {
        let name = word.split('=').next().unwrap_or(word);
        if name.starts_with("--") {
            name.to_owned()
        } else {
            name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
        }
    };
    let options: Vec<String> = rest.iter().filter(|word| is_option(word)).map(|word| bare(word)).collect();
    let listing = |option: &String| row.lists && LISTING.contains(&option.as_str());
    let shaping = |option: &String| row.lists && SHAPING.contains(&option.as_str());
    let allowed = |option: &String| row.only.contains(&option.as_str()) || listing(option) || shaping(option);
    if !row.only.is_empty()
        && let Some(other) = options.iter().find(|option| !allowed(option))
    {
        return Err(format!("`git {}` with {other} is not known to only read", row.name));
    }
    let operands = rest.iter().any(|word| !is_option(word));
    if row.lists && operands && !options.iter().any(listing) {
        return Err(format!("`git {}` with a name makes or changes something", row.name));
    }
    Ok(())
}

/// Index of the sub-command, when only harmless options stand before it.
pub(crate) fn sub_command(arguments: &[&str]) -> Option<usize> {
    let mut at = 0;
    loop {
        match *arguments.get(at)? {
            "-C" => at += 2,
            option if GLOBAL.contains(&option) => at += 1,
            option if is_option(option) => return None,
            _ => return Some(at),
        }
    }
}

/// Where switches go in (as an index into `arguments`) and which, for a call that [`check`] allows.
pub(crate) fn switches(arguments: &[&str]) -> Option<(usize, &'static [&'static str])> {
    let at = sub_command(arguments)?;
    let row = READINGS.iter().find(|row| row.name == arguments[at] && !row.switches.is_empty())?;
    let second = arguments.get(at + 1).is_some_and(|word| !word.is_empty() && row.then.contains(word));
    Some((if second { at + 2 } else { at + 1 }, row.switches))
}

fn unsure(what: &str) -> String {
    format!("{what} is not known to only read")
}
