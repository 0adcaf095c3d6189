//! Owns the helper: a process of our own program that makes the overlays, starts the command on them, and ends all that
//! the command leaves behind. Runs before anything else of the program exists, in one thread.

mod mounts;
mod owners;
mod reaper;
mod spaces;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, getpid, set_child_subreaper};

use super::wire::{self, Said, Spec};
use crate::launch::start;
use crate::request::ExecError;

/// Why nothing was run.
enum Failure {
    /// There can be no overlay.
    Unsupported(String),
    /// There can be one in memory alone, for which there are no orders.
    InMemory,
    /// The command could not be started.
    Refused(ExecError),
}

impl From<String> for Failure {
    fn from(reason: String) -> Failure {
        Failure::Unsupported(reason)
    }
}

/// The helper's whole life: takes its orders from the socket that is its standard input. Ends with 0 when it could say
/// what became of them, with 2 when there was no such socket.
pub(super) fn serve() -> i32 {
    match orders() {
        Ok((control, Some(orders))) => {
            let said = match orders.carry_out(&control) {
                Ok(said) => said,
                Err(Failure::Unsupported(reason)) => Said::Unsupported(reason),
                Err(Failure::InMemory) => Said::InMemory,
                Err(Failure::Refused(error)) => Said::Refused(error),
            };
            // Nobody hears it when the server is gone.
            let _ = wire::send(&control, &said.bytes(), &[]);
            0
        }
        Ok((_, None)) => 0,
        Err(_) => {
            let said = "this is a part of another command and is not to be called by itself\n";
            let _ = io::Write::write_all(&mut io::stderr(), said.as_bytes());
            2
        }
    }
}

/// What to run.
struct Orders {
    /// Nothing, to see whether there can be overlays.
    spec: Option<Spec>,
    stdin: Option<OwnedFd>,
}

/// The control socket and what came over it; no orders when the server is gone.
fn orders() -> io::Result<(OwnedFd, Option<Orders>)> {
    // Above the standard three, and closed when the command begins.
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    let (bytes, fds) = wire::receive(&control)?;
    if bytes != [wire::START] {
        return Ok((control, None));
    }
    let mut fds = fds.into_iter();
    let Some(file) = fds.next() else {
        return Ok((control, Some(Orders { spec: None, stdin: None })));
    };
    let (mut file, mut bytes) = (File::from(file), Vec::new());
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let spec = Spec::parse(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    Ok((control, Some(Orders { spec: Some(spec), stdin: fds.next() })))
}

impl Orders {
    fn carry_out(self, control: &OwnedFd) -> Result<Said, Failure> {
        let Some(spec) = self.spec else {
            spaces::enter()?;
            mounts::probe()?;
            return Ok(Said::Works);
        };
        if let Err(error) = set_child_subreaper(Some(getpid())) {
            return Err(format!(
                "the system does not let a process look after the orphans of a command ({error})"
            )
            .into());
        }
        let mounted = if spec.layers.is_empty() {
            mounts::Mounted::default()
        } else {
            // Before that, since in a user namespace all strangers look alike.
            let stranger = spec.layers.iter().find_map(|layer| owners::stranger(&layer.root, &layer.through));
            let by_user = spaces::enter()?;
            if by_user && let Some(path) = stranger {
                return Err(others(&path).into());
            }
            mounts::mount_all(&spec)?.ok_or(Failure::InMemory)?
        };
        // When the server is gone by now or later, the reaper sees it.
        let memory: Vec<_> = mounted.memory.iter().map(AsFd::as_fd).collect();
        let there = Said::Mounted { places: mounted.places, notes: mounted.notes };
        let _ = wire::send(control, &there.bytes(), &memory);
        catch_signals();
        let command = run(&spec, self.stdin).map_err(Failure::Refused)?;
        let running =
            Said::Running { group: u32::try_from(command.as_raw_nonzero().get()).unwrap_or_default() };
        let _ = wire::send(control, &running.bytes(), &[]);
        let (status, notes) = reaper::watch(command, control, spec.drain);
        Ok(Said::Ended { status, notes })
    }
}

fn others(path: &Path) -> String {
    format!(
        "{} has another owner or group than the user's own, and without root the command could not write it on an \
         overlay",
        path.display()
    )
}

/// Starts the command as the leader of a new process group, with our standard output and error, which we then let go.
fn run(spec: &Spec, stdin: Option<OwnedFd>) -> Result<Pid, ExecError> {
    let no_null = |source| ExecError::Start { program: "/dev/null".to_owned(), source };
    let null = File::options().read(true).write(true).open("/dev/null").map_err(no_null)?;
    let child = start(&spec.request, &spec.config(), |mut command| {
        let stdin = match &stdin {
            Some(pipe) => Stdio::from(pipe.try_clone()?),
            None => Stdio::null(),
        };
        command.stdin(stdin).process_group(0).spawn()
    })?;
    // Should that fail, the server does not wait for the end of the pipes for long.
    let _ = rustix::stdio::dup2_stdout(&null).and_then(|()| rustix::stdio::dup2_stderr(&null));
    Ok(Pid::from_child(&child))
}

/// From here on only the server ends this process: one that is ended by somebody else leaves the command behind. The
/// signals are caught and not blocked or ignored, since the command would inherit that.
fn catch_signals() {
    extern "C" fn nothing(_signal: libc::c_int) {}
    for signal in 1..libc::SIGSYS {
        if [libc::SIGCHLD, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT]
            .contains(&signal)
        {
            continue;
        }
        // SAFETY: both structures are plain data for which zeros are a value; the handler does nothing, so it may come at
        // any time; and what is being waited for is waited for again. SIGKILL and SIGSTOP cannot be caught, which is
        // answered with an error and no more.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let mut before: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &raw mut before);
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            if before.sa_sigaction != libc::SIG_IGN {
                libc::sigaction(signal, &raw const action, std::ptr::null_mut());
            }
        }
    }
}
