//! Why there is no worker, and whether one that says it is ready may work. Pure.

use std::io;
use std::time::Duration;

use crate::Walls;
use crate::build_id::build_id;

/// How long a process may take until it is ready for a script.
pub const START_GRACE: Duration = Duration::from_secs(15);

/// Why there is no worker.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It is not locked down, and so it must not run anything.
    #[error("{0}")]
    Unlocked(String),
    /// It is not the program that this process is.
    #[error("{0}")]
    OtherBuild(String),
    /// The system, or the program, would not.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Whether a worker with these walls may work.
///
/// # Errors
/// Why not.
pub fn checked(walls: &Walls) -> Result<(), StartError> {
    if walls.build != build_id() {
        let theirs = if walls.build.is_empty() { "an unknown one" } else { &walls.build };
        return Err(StartError::OtherBuild(format!("it is {theirs}, this server is {}", build_id())));
    }
    match walls.breach() {
        Some(breach) => Err(StartError::Unlocked(breach)),
        None if cfg!(target_os = "linux") && !walls.seccomp => {
            Err(StartError::Unlocked(format!("system calls are not filtered ({})", walls.faults.join("; "))))
        }
        None => Ok(()),
    }
}

/// The error of a process that says nothing for so long.
pub fn not_ready(grace: Duration) -> StartError {
    let message = format!("it was not ready after {} s", grace.as_secs());
    io::Error::new(io::ErrorKind::TimedOut, message).into()
}
