//! Owns the start of a process: program, environment, pipes, own process group, and why a start failed.

use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};

use crate::request::{CommandLine, Config, ExecError, Inherited, Request};

/// Variables that keep programs from asking, paging and colouring: nobody sits at this terminal.
const QUIET_ENV: &[(&str, &str)] = &[
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PAGER", "cat"),
    ("PAGER", "cat"),
    ("MANPAGER", "cat"),
    ("NO_COLOR", "1"),
    ("TERM", "dumb"),
];

/// Starts what `request` names as the leader of a new process group.
///
/// # Errors
/// Everything that [`ExecError`] says about starting.
pub(crate) fn launch(request: &Request, config: &Config) -> Result<Box<dyn ChildWrapper>, ExecError> {
    start(request, config, |command| {
        let mut command = tokio::process::Command::from(command);
        command.stdin(if request.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        CommandWrap::from(command).wrap(ProcessGroup::leader()).wrap(KillOnDrop).spawn()
    })
}

/// Starts what `request` names by `spawn`, which sees the pipes and the process group to it.
///
/// # Errors
/// Everything that [`ExecError`] says about starting.
pub(crate) fn start<T>(
    request: &Request,
    config: &Config,
    spawn: impl Fn(Command) -> std::io::Result<T>,
) -> Result<T, ExecError> {
    request.check_env()?;
    let start = |words: &[String]| {
        let command = command(request, config, words)?;
        spawn(command).map_err(|error| explain(error, request, words))
    };
    match &request.command {
        CommandLine::Argv(words) => start(words),
        CommandLine::Shell(text) => {
            let words = |shell: &str| [shell.to_owned(), "-c".to_owned(), text.clone()];
            match start(&words("bash")) {
                Err(ExecError::NotFound { .. }) => start(&words("sh")),
                other => other,
            }
        }
    }
}

fn command(request: &Request, config: &Config, words: &[String]) -> Result<Command, ExecError> {
    let Some((program, arguments)) = words.split_first().filter(|(program, _)| !program.is_empty()) else {
        return Err(ExecError::Empty);
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&request.cwd);
    if let Some(arg0) = &request.arg0 {
        command.arg0(arg0);
    }
    inherit(&mut command, config.inherited.as_ref(), &config.removed_env);
    command.envs(QUIET_ENV.iter().copied());
    command.envs(request.env.iter().map(|(name, value)| (name, value)));
    Ok(command)
}

/// Gives `command` the environment `inherited` instead of our own, and neither way what is `removed`.
pub(crate) fn inherit(command: &mut Command, inherited: Option<&Inherited>, removed: &[String]) {
    if let Some(inherited) = inherited {
        command.env_clear().envs(inherited.iter().map(|(name, value)| (name, value)));
    }
    for name in removed {
        command.env_remove(name);
    }
}

/// The reason of a failed start; the system says "not found" for a missing program and a missing folder alike.
fn explain(error: std::io::Error, request: &Request, words: &[String]) -> ExecError {
    let program = words.first().cloned().unwrap_or_default();
    if !request.cwd.is_dir() {
        return ExecError::NoFolder { cwd: request.cwd.clone() };
    }
    match error.kind() {
        ErrorKind::NotFound => ExecError::NotFound { program },
        ErrorKind::PermissionDenied => ExecError::NotExecutable { program },
        ErrorKind::ArgumentListTooLong => ExecError::TooLong { bytes: words.iter().map(String::len).sum() },
        _ => ExecError::Start { program, source: error },
    }
}
