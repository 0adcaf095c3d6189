//! Starts the program of workers and zygotes, with an empty environment and nothing inherited but a socket.
//! Knows nothing of what is said over it.

#![allow(clippy::disallowed_types)] // This module is the door to worker processes, and only to those.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use rustix::process::Signal;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::WorkerProgram;

/// Starts the program with `socket` as its standard input. No `pre_exec`: the standard
/// library then spawns without copying our page tables. Blocks for about a millisecond.
///
/// # Errors
/// What the system said.
pub fn start(program: &WorkerProgram, more: Option<&str>, socket: OwnedFd) -> io::Result<Started> {
    let child = Command::new(&program.path)
        .args(&program.args)
        .args(more)
        .env_clear()
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    Ok(Started(Some(child)))
}

/// A process that was started. Dropping it kills it and, in a runtime, waits for it in the background: left to itself, the
/// runtime would look after it only when the next process ends.
pub struct Started(Option<Child>);

impl Started {
    /// Waits for its end. May be dropped while it waits.
    pub async fn ended(&mut self) -> Death {
        let Some(child) = &mut self.0 else { return Death::Code(-1) };
        match child.wait().await {
            Ok(status) => match status.signal() {
                Some(signal) => Death::by(signal),
                None => Death::Code(status.code().unwrap_or(-1)),
            },
            Err(_) => Death::Code(-1),
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let (Some(mut child), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        // One that has ended by itself cannot be killed.
        let _ended = child.start_kill();
        runtime.spawn(async move { child.wait().await });
    }
}

/// Two ends of a new socket: ours, which does not block, and a worker's.
///
/// # Errors
/// What the system said.
pub fn pair() -> io::Result<(UnixStream, OwnedFd)> {
    // Closed on exec from the first moment: no other child may inherit it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let (ours, theirs) = {
        use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        (StdStream::from(ours), theirs)
    };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let (ours, theirs) = {
        let (ours, theirs) = StdStream::pair()?;
        (ours, OwnedFd::from(theirs))
    };
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, theirs))
}

/// How a worker ended that did not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The system ended it for its CPU time.
    CpuTime,
    /// By that signal.
    Signal(i32),
    /// With that code.
    Code(i32),
}

impl Death {
    /// What became of a process that a signal ended.
    pub fn by(signal: i32) -> Death {
        if signal == Signal::XCPU.as_raw() { Death::CpuTime } else { Death::Signal(signal) }
    }
}
