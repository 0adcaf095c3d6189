//! Starts the program of workers and zygotes, with no environment but a time zone and nothing inherited but a socket.
//! Knows nothing of what is said over it.

#![allow(clippy::disallowed_types)] // This module is the door to worker processes, and only to those.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;

use rustix::process::Signal;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::WorkerProgram;

/// Our own program, also when another file has its name by now, or none.
#[cfg(target_os = "linux")]
const OURSELVES: &str = "/proc/self/exe";
/// Longest time zone that is handed on, in bytes.
const LONGEST_ZONE: usize = 64;

/// What is started, and how.
#[derive(Debug, Clone)]
pub struct Launch {
    pub program: WorkerProgram,
    /// The program is the one that this process is.
    own: bool,
    time_zone: Option<String>,
}

impl Launch {
    pub fn new(program: WorkerProgram) -> Launch {
        let own = std::env::current_exe().is_ok_and(|own| own == program.path);
        Launch { program, own, time_zone: None }
    }

    /// The same in that time zone, if it can be one.
    pub fn in_time_zone(&self, zone: Option<&str>) -> Launch {
        Launch { time_zone: zone.filter(|zone| is_zone(zone)).map(str::to_owned), ..self.clone() }
    }

    /// Starts it with `socket` as its standard input, in a process group of its own: what a terminal sends to ours is not
    /// meant for workers. No `pre_exec`: the standard library then spawns without copying our page tables. Blocks for about
    /// a millisecond.
    ///
    /// # Errors
    /// What the system said.
    pub fn start(&self, more: Option<&str>, socket: OwnedFd) -> io::Result<Started> {
        #[cfg(target_os = "linux")]
        if self.own {
            match self.spawn(OURSELVES.as_ref(), more, socket.try_clone()?) {
                Ok(started) => return Ok(started),
                Err(error) => {
                    tracing::debug!(%error, "script workers are started by the path of the program")
                }
            }
        }
        self.spawn(&self.program.path, more, socket)
    }

    fn spawn(&self, path: &Path, more: Option<&str>, socket: OwnedFd) -> io::Result<Started> {
        let child = Command::new(path)
            .arg0(&self.program.path)
            .args(&self.program.args)
            .args(more)
            .env_clear()
            .envs(self.time_zone.iter().map(|zone| ("TZ", zone)))
            .process_group(0)
            .stdin(Stdio::from(socket))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Started(Some(child)))
    }
}

/// Whether `zone` can be a time zone: its rules, or a name below the system's folder of zones; never another file.
fn is_zone(zone: &str) -> bool {
    let name = zone.strip_prefix(':').unwrap_or(zone);
    !name.is_empty()
        && zone.len() <= LONGEST_ZONE
        && !name.starts_with('/')
        && !name.contains("..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-_/:,.<>".contains(&byte))
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

#[cfg(test)]
mod tests {
    use super::is_zone;

    #[test]
    fn time_zones_are_names_or_rules() {
        for zone in
            ["UTC", "Asia/Tokyo", ":Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30", "Etc/GMT+8"]
        {
            assert!(is_zone(zone), "{zone}");
        }
        let long = "A".repeat(65);
        for none in
            ["", ":", "/etc/passwd", ":/etc/passwd", "../../etc/passwd", "A/../B", "a b", "a\nb", "é", &long]
        {
            assert!(!is_zone(none), "{none}");
        }
    }
}
