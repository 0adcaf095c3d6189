//! Owns what is known about a command line before it runs: safe, dangerous, or unknown and why.
//! Pure: never looks at the disk or the environment itself; what it is to know of links it asks of a [`Resolve`].
//! Never decides whether a command may run.

mod begins;
mod danger;
mod danger_rules;
mod danger_table;
mod ground;
mod harden;
mod options;
mod paths;
pub(crate) mod safe;
mod safe_git;
mod safe_table;
pub(crate) mod script;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::path::PathBuf;

pub use begins::beginning;
pub use ground::{Below, Resolve};
pub use harden::harden;

use crate::request::{CommandLine, Request};
use ground::{Ground, LettersOnly};

/// What is known about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It only reads, by a conservative list, and every word of it is plain. Run it through [`harden`].
    Safe,
    /// Not known to be safe; the text says why, as a clause for people.
    Unknown(String),
    /// Known to destroy, to rewrite history, to change the system, or to hide what it runs; the text says why.
    Dangerous(String),
}

/// What is known about `command` when nothing outside its working folder may be read: absolute paths, `~` and `..`
/// make it unknown. Never panics, whatever the text.
pub fn classify(command: &CommandLine) -> Verdict {
    classify_within(command, &[])
}

/// As [`classify`], where absolute paths below `folders` (absolute themselves) count as inside, and writing outside
/// of them and of the temporary folders is dangerous. Paths are compared by their letters: links are not followed.
pub fn classify_within(command: &CommandLine, folders: &[PathBuf]) -> Verdict {
    classify_on(command, folders, &LettersOnly)
}

/// As [`classify_within`] for a whole request, where every word that may name a file must also lead inside by `disk`
/// before the request is called safe. Variables and another name for the program can change what a harmless program
/// does, so a request that has them is never safe.
pub fn classify_request(request: &Request, folders: &[PathBuf], disk: &dyn Resolve) -> Verdict {
    match classify_on(&request.command, folders, disk) {
        Verdict::Safe if !request.env.is_empty() => Verdict::Unknown("it sets variables".to_owned()),
        Verdict::Safe if request.arg0.is_some() => {
            Verdict::Unknown("it gives the program another name".to_owned())
        }
        verdict => verdict,
    }
}

fn classify_on(command: &CommandLine, folders: &[PathBuf], disk: &dyn Resolve) -> Verdict {
    let mut search = danger::Search::new(folders);
    let danger = match command {
        CommandLine::Argv(argv) => search.argv(argv),
        CommandLine::Shell(text) => search.script(text),
    };
    if let Some(why) = danger {
        return Verdict::Dangerous(why.to_owned());
    }
    let ground = Ground::new(folders, disk);
    let safe = match command {
        CommandLine::Argv(argv) => safe::argv(argv, ground),
        CommandLine::Shell(text) => safe::script(text, ground),
    };
    match safe {
        Ok(()) => Verdict::Safe,
        Err(doubt) => Verdict::Unknown(doubt),
    }
}
