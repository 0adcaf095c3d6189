//! Owns the words of this crate: what to run, within which limits, what came of it, and why it could not start.
//! Plain data, no effects.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine {
    /// A program and its arguments, started without a shell.
    Argv(Vec<String>),
    /// Shell text, run by `bash -c`, or by `sh -c` where there is no bash.
    Shell(String),
}

/// One process to start.
#[derive(Debug, Clone)]
pub struct Request {
    /// What to run.
    pub command: CommandLine,
    /// Working folder; must exist.
    pub cwd: PathBuf,
    /// Variables added to the inherited environment; later ones win.
    pub env: Vec<(String, String)>,
    /// Text for standard input, which is closed after it; `None` is an empty input.
    pub stdin: Option<String>,
    /// How long the command may run; zero means no limit.
    pub timeout: Duration,
    /// The name the program sees as its own, instead of the one it was started by.
    pub arg0: Option<String>,
}

impl Request {
    /// A request without input, variables or time limit.
    pub fn new(command: CommandLine, cwd: impl Into<PathBuf>) -> Request {
        let cwd = cwd.into();
        Request { command, cwd, env: Vec::new(), stdin: None, timeout: Duration::ZERO, arg0: None }
    }

    /// Whether all variables can be set: names of ASCII letters, digits and `_` that do not begin with a digit, values
    /// without a NUL character. [`run`](crate::run) checks the same; this is for a look before anybody is asked.
    ///
    /// # Errors
    /// [`ExecError::BadVariable`] with the first that cannot.
    pub fn check_env(&self) -> Result<(), ExecError> {
        let bad = |(name, value): &&(String, String)| !is_name(name) || value.contains('\0');
        match self.env.iter().find(bad) {
            Some((name, _)) => Err(ExecError::BadVariable { name: name.clone() }),
            None => Ok(()),
        }
    }
}

/// Whether `name` is one that every shell takes for a variable.
fn is_name(name: &str) -> bool {
    let letters = |c: char| c == '_' || c.is_ascii_alphanumeric();
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(letters)
}

/// The environment that commands begin with: names and values as the system has them.
pub type Inherited = Arc<Vec<(OsString, OsString)>>;

/// What holds for every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The environment that is inherited; `None`: that of this process.
    pub inherited: Option<Inherited>,
    /// Variables that are never inherited: those that hold provider keys.
    pub removed_env: Vec<String>,
    /// Bytes kept of each of stdout, stderr and their aggregate, counted as they stand in JSON (a NUL counts six, a
    /// line end two): the first half and the last half of it.
    pub output_cap: usize,
    /// Bytes kept of the aggregate for [`Outcome::whole`], counted in the same way.
    pub whole_cap: usize,
    /// After asking (SIGTERM), how long a stopped command may take before it is killed (SIGKILL).
    pub stop_grace: Duration,
    /// After the command itself exited, how long to wait for children that still hold its output open.
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            inherited: None,
            removed_env: Vec::new(),
            output_cap: 1024 * 1024,
            whole_cap: 16 * 1024 * 1024,
            stop_grace: Duration::from_millis(500),
            drain: Duration::from_millis(250),
        }
    }
}

/// Which output a piece of text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Who may stop a command, and who is told what it prints.
pub type Io<'a> = (&'a CancellationToken, &'a (dyn Fn(Stream, &str) + Send + Sync));

/// What came of a command that started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; 124 after a timeout; 128 + signal when a signal ended it.
    pub exit_code: i32,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether it was stopped because its time was up.
    pub timed_out: bool,
    /// Whether it was stopped because the call was cancelled.
    pub cancelled: bool,
    /// Standard output, invalid UTF-8 replaced, cut in the middle to [`Config::output_cap`].
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Both in the order in which they were read, likewise.
    pub aggregated: String,
    /// Whether any of the three was cut.
    pub truncated: bool,
    /// The aggregate cut only to [`Config::whole_cap`], where any of the three was cut.
    pub whole: Option<String>,
    /// Wall time from start to end in milliseconds.
    pub millis: u64,
}

/// Why a command could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// There is nothing to run.
    #[error("the command is empty: name a program")]
    Empty,
    /// The call was cancelled before anything started.
    #[error("the command was not started, because the call was cancelled")]
    Cancelled,
    /// No such program.
    #[error(
        "the program `{program}` was not found: check its spelling, that it is installed, and that PATH has its folder"
    )]
    NotFound {
        /// What was to be started.
        program: String,
    },
    /// The file is there, but may not be run.
    #[error(
        "`{program}` may not be run: it is a folder, or not marked as executable, or its folder is closed to this user"
    )]
    NotExecutable {
        /// What was to be started.
        program: String,
    },
    /// The working folder is missing or is no folder.
    #[error("the working folder {} does not exist or is not a folder: name an existing one as cwd", cwd.display())]
    NoFolder {
        /// The folder asked for.
        cwd: PathBuf,
    },
    /// A variable that cannot be set.
    #[error(
        "the environment variable {name:?} cannot be set: a name is made of letters, digits and _ and does not begin with a digit, and a value has no NUL character"
    )]
    BadVariable {
        /// Its name.
        name: String,
    },
    /// The system refuses so long a command line.
    #[error("the command is too long for the system ({bytes} bytes): write the text to a file and run that")]
    TooLong {
        /// Length of all arguments in bytes.
        bytes: usize,
    },
    /// Anything else the system said.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// What was to be started.
        program: String,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The system lost the process.
    #[error("the command was started, but its end could not be awaited: {0}")]
    Wait(std::io::Error),
}
