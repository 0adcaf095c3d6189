//! Owns the server's end of a helper: starts it, hands it what to run, hears what became of it.
//! When this end closes, the helper ends the command and itself.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::io::Interest;
use tokio::net::UnixDatagram;
use tokio::net::unix::pipe::Sender;
use tokio::process::Child;
use tokio::time::timeout;

use super::wire::{self, KILL, Place, START, Said, Spec, TERMINATE};
use super::{OVERLAY_ARGUMENT, OverlayError};
use crate::group::Group;
use crate::launch::inherit;
use crate::process::{Pipes, Process};
use crate::request::{ExecError, Inherited};

/// Our own program, also when another file has its name by now, or none.
const OURSELVES: &str = "/proc/self/exe";
/// How long a helper may take to say that the command runs; a file system that does not answer takes for ever.
const READY: Duration = Duration::from_secs(10);
/// How long a helper whose command has ended may take to end itself.
const LEAVE: Duration = Duration::from_secs(2);

/// Where the upper layers are and what is to be said about the mounts.
pub(super) struct Mounted {
    pub places: Vec<Place>,
    /// The file system in memory, if one was needed; it lives as long as this.
    pub memory: Option<OwnedFd>,
    pub notes: Vec<String>,
}

/// A command under a helper. Dropping it ends the command with all its descendants.
pub(super) struct Helped {
    control: UnixDatagram,
    child: Option<Child>,
    pipes: Option<Pipes>,
    /// For the case that somebody ends the helper.
    group: Group,
    /// What the helper said of the end.
    ended: Option<(ExitStatus, Vec<String>)>,
    spec: Spec,
}

impl Helped {
    /// Starts the command of `spec`, with a pipe as its standard input if `with_stdin`.
    ///
    /// # Errors
    /// As [`run_on_overlay`](super::run_on_overlay).
    pub async fn start(spec: Spec, with_stdin: bool) -> Result<(Helped, Mounted), OverlayError> {
        let mut helped = Helped::begin(spec, with_stdin).map_err(no_helper)?;
        let mounted = match timeout(READY, helped.hear()).await {
            Ok(Ok((Said::Mounted { places, notes }, memory))) => Mounted { places, memory, notes },
            Ok(Ok((Said::Unsupported(reason), _))) => return Err(OverlayError::Unsupported(reason)),
            Ok(Ok((Said::InMemory, _))) => return Err(OverlayError::InMemory),
            Ok(Ok(_)) => return Err(no_helper(io::ErrorKind::InvalidData.into())),
            Ok(Err(error)) => return Err(no_helper(error)),
            Err(_) => {
                let reason = format!("the overlay was not there within {} seconds", READY.as_secs());
                return Err(OverlayError::Unsupported(reason));
            }
        };
        // From here on the command may have begun.
        match helped.hear().await {
            Ok((Said::Running { group }, _)) => helped.group = Group::new(Some(group)),
            Ok((Said::Refused(error), _)) => return Err(OverlayError::Exec(error)),
            _ => return Err(OverlayError::Exec(ExecError::Wait(lost()))),
        }
        Ok((helped, mounted))
    }

    fn begin(spec: Spec, with_stdin: bool) -> io::Result<Helped> {
        let (ours, theirs) = pair()?;
        ours.set_nonblocking(true)?;
        let mut command =
            tokio::process::Command::from(command((spec.inherited.as_ref(), &spec.removed_env), theirs));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (theirs, stdin) = match with_stdin {
            true => {
                let (theirs, ours) = pipe_with(PipeFlags::CLOEXEC)?;
                (Some(theirs), Some(Sender::from_owned_fd(ours)?))
            }
            false => (None, None),
        };
        let pipes = Pipes {
            stdin: stdin.map(|pipe| Box::new(pipe) as Box<_>),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
        };
        hand_over(&ours, Some(&spec), theirs.as_ref())?;
        let control = UnixDatagram::from_std(ours)?;
        let group = Group::new(None);
        Ok(Helped { control, child: Some(child), pipes: Some(pipes), group, ended: None, spec })
    }

    /// The next message with its descriptor. May be dropped while it waits.
    async fn hear(&mut self) -> io::Result<(Said, Option<OwnedFd>)> {
        let (bytes, fds) = self.control.async_io(Interest::READABLE, || wire::receive(&self.control)).await?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let said = Said::parse(&bytes, &self.spec.request).ok_or(io::ErrorKind::InvalidData)?;
        Ok((said, fds.into_iter().next()))
    }

    fn say(&self, word: u8) {
        // A helper that is gone has ended the command.
        let _ = wire::send(&self.control, &[word], &[]);
    }

    /// Waits until the helper is gone too, and gives back what it had to say about the end.
    pub async fn leave(mut self) -> Vec<String> {
        if let Some(child) = &mut self.child {
            // One that hangs is looked after when it ends.
            let _ = timeout(LEAVE, child.wait()).await;
        }
        self.ended.take().map(|(_, notes)| notes).unwrap_or_default()
    }
}

impl Process for Helped {
    fn pipes(&mut self) -> Pipes {
        self.pipes.take().unwrap_or(Pipes { stdin: None, stdout: None, stderr: None })
    }

    /// Ends when the command and all its descendants have.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        if let Some((status, _)) = &self.ended {
            return Ok(*status);
        }
        let Ok((Said::Ended { status, notes }, _)) = self.hear().await else {
            self.group.kill();
            return Err(lost());
        };
        self.group.disarm();
        let status = ExitStatus::from_raw(status);
        self.ended = Some((status, notes));
        Ok(status)
    }

    fn terminate(&self) {
        self.say(TERMINATE);
    }

    fn kill(&self) {
        self.say(KILL);
    }

    fn is_gone(&self) -> bool {
        self.ended.is_some()
    }

    /// What is left of it is never left alone.
    fn release(&mut self) {}
}

impl Drop for Helped {
    fn drop(&mut self) {
        let (Some(mut child), Ok(runtime)) = (self.child.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        // Left to itself, the runtime would look after it only when the next process ends.
        runtime.spawn(async move { child.wait().await });
    }
}

/// Starts a helper that only tries, and waits for its answer.
///
/// # Errors
/// The reason why there can be no overlay.
pub(super) fn probe() -> Result<(), String> {
    let answer = || -> io::Result<Option<Said>> {
        let (ours, theirs) = pair()?;
        let mut child = command((None, &[]), theirs).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        ours.set_read_timeout(Some(READY))?;
        let said = hand_over(&ours, None, None).and_then(|()| wire::receive(&ours));
        // It ends when the socket does, so it must not be waited for before.
        drop(ours);
        // One that ended by itself cannot be killed.
        let _ = child.kill();
        child.wait()?;
        let nothing = crate::Request::new(crate::CommandLine::Argv(Vec::new()), "/");
        Ok(Said::parse(&said?.0, &nothing))
    };
    match answer() {
        Ok(Some(Said::Works)) => Ok(()),
        Ok(Some(Said::Unsupported(reason))) => Err(reason),
        Ok(_) => Err(reason_of(&io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(reason_of(&error)),
    }
}

/// Two ends of a new socket that keeps messages whole and says when the other end is gone.
fn pair() -> io::Result<(StdDatagram, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    Ok((StdDatagram::from(ours), theirs))
}

/// Our own program as a helper. In a process group of its own: what a terminal sends to ours is not meant for it. It is
/// not told to die with the thread that starts it; it sees the end of its socket.
fn command((inherited, removed): (Option<&Inherited>, &[String]), control: OwnedFd) -> Command {
    let mut command = Command::new(OURSELVES);
    command.arg(OVERLAY_ARGUMENT).stdin(Stdio::from(control)).process_group(0);
    if let Ok(path) = std::env::current_exe() {
        command.arg0(path);
    }
    inherit(&mut command, inherited, removed);
    command
}

/// Gives the helper what to run, in a file in memory, and the end of a pipe.
fn hand_over(control: &StdDatagram, spec: Option<&Spec>, stdin: Option<&OwnedFd>) -> io::Result<()> {
    let mut fds = Vec::new();
    let file;
    if let Some(spec) = spec {
        file = memfd_create("glossator-overlay", MemfdFlags::CLOEXEC)?;
        let bytes = spec.bytes();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            rest = &rest[rustix::io::write(&file, rest)?..];
        }
        fds.push(file.as_fd());
    }
    fds.extend(stdin.map(AsFd::as_fd));
    wire::send(control, &[START], &fds)
}

fn lost() -> io::Error {
    io::Error::other("the process that looked after it was ended by somebody else")
}

fn no_helper(error: io::Error) -> OverlayError {
    OverlayError::Unsupported(reason_of(&error))
}

fn reason_of(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => {
            "this program did not act as the helper that an overlay needs".to_owned()
        }
        _ => format!("the helper that an overlay needs could not be used ({error})"),
    }
}
