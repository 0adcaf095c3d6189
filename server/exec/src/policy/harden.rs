//! Owns the switches that keep a safe git command from running code of the repository it looks at: hooks, monitors,
//! diff programs, text converters, signature checkers, transports. Pure.
//!
//! Content filters (`filter.*.clean`) have no switch: git may run one when it compares a changed file.

use super::safe::{self, Command};
use super::safe_git;
use super::words::Word;
use crate::request::{CommandLine, Request};

/// Settings that git reads from the environment before those of the repository.
const SETTINGS: &[(&str, &str)] = &[
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.pager", "cat"),
    ("core.sshCommand", "false"),
    ("credential.helper", ""),
    ("gpg.program", "false"),
    ("gpg.ssh.program", "false"),
    ("gpg.x509.program", "false"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
    ("status.submoduleSummary", "false"),
];

/// Variables that do what no setting does.
const VARIABLES: &[(&str, &str)] = &[
    ("GIT_PAGER", "cat"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    // The user's own settings could lead `cd` elsewhere, or make `rg` follow links or run something.
    ("CDPATH", ""),
    ("RIPGREP_CONFIG_PATH", ""),
];

/// Turns off what a repository could make a command run, for a command that [`classify`](crate::classify) found
/// safe: settings by environment, and `--no-ext-diff` or `--no-textconv` behind each git sub-command that takes
/// them, also inside shell text. Changes nothing else; other commands only get the environment.
pub fn harden(request: &mut Request) {
    match &mut request.command {
        CommandLine::Shell(text) => harden_text(text),
        CommandLine::Argv(argv) => {
            if safe::shell_text(argv).is_some() {
                argv.iter_mut().skip(2).for_each(harden_text);
            } else {
                harden_argv(argv);
            }
        }
    }
    let set = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    request.env.extend(VARIABLES.iter().map(set));
    request.env.push(("GIT_CONFIG_COUNT".to_owned(), SETTINGS.len().to_string()));
    for (index, (name, value)) in SETTINGS.iter().enumerate() {
        request.env.push((format!("GIT_CONFIG_KEY_{index}"), (*name).to_owned()));
        request.env.push((format!("GIT_CONFIG_VALUE_{index}"), (*value).to_owned()));
    }
}

fn harden_argv(argv: &mut Vec<String>) {
    let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
    if let Some((after, switches)) = switches(&words) {
        argv.splice(after + 1..after + 1, switches.iter().map(|switch| (*switch).to_owned()));
    }
}

/// Puts the switches into text; text that is not a row of plain commands stays as it is.
fn harden_text(text: &mut String) {
    let Ok(commands) = safe::commands(text) else {
        return;
    };
    let mut insertions: Vec<(usize, String)> = commands.iter().filter_map(insertion).collect();
    insertions.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    for (at, switches) in insertions {
        text.insert_str(at, &switches);
    }
}

fn insertion(command: &Command) -> Option<(usize, String)> {
    let (after, switches) = switches(&command.words)?;
    let at = *command.ends.get(after)?;
    Some((at, format!(" {}", switches.join(" "))))
}

/// Index of the word behind which switches belong, and the switches, for a git command that takes some.
fn switches(words: &[Word]) -> Option<(usize, &'static [&'static str])> {
    let (program, arguments) = words.split_first()?;
    let arguments: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    let (at, switches) = safe_git::switches(&arguments).filter(|_| program.text == "git")?;
    // `at` counts from the first argument to the place behind the sub-command, so it is the sub-command's own index
    // when counted from the program.
    Some((at, switches))
}
