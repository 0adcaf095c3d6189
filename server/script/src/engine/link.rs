//! Worker processes and the socket to each: started without a fork, killed when dropped, read a frame at a time.

#![allow(clippy::disallowed_types)] // This module is the door to worker processes, and only to those.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use super::WorkerProgram;
use crate::protocol::{self, FrameError, FromWorker};

/// How long an unused worker stays.
const SPARE_LIFE: Duration = Duration::from_secs(120);
/// How long a worker that has said its last word may take to end.
const EXIT_GRACE: Duration = Duration::from_secs(1);

/// A started worker. Dropping it kills the process.
pub struct Worker {
    child: Child,
    stream: UnixStream,
}

impl Worker {
    /// Starts a worker whose standard input is the other end of our socket. The environment is empty and nothing
    /// else is inherited. No `pre_exec`: the standard library then spawns without copying our page tables.
    fn start(program: &WorkerProgram) -> io::Result<Worker> {
        let (ours, theirs) = pair()?;
        ours.set_nonblocking(true)?;
        let child = Command::new(&program.path)
            .args(&program.args)
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Worker { child, stream: UnixStream::from_std(ours)? })
    }

    /// Whether the process still runs.
    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The parts a run needs.
    pub fn split(self) -> (Process, Reader, Writer) {
        let (read, write) = self.stream.into_split();
        (Process { child: self.child }, Reader { read, buffer: Vec::new() }, Writer::start(write))
    }
}

fn pair() -> io::Result<(StdStream, StdStream)> {
    // Closed on exec from the first moment: no other child may inherit it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        Ok((ours.into(), theirs.into()))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    StdStream::pair()
}

/// The process of a run.
pub struct Process {
    child: Child,
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

impl Process {
    /// Waits for the end of a worker that has closed its socket, and says how it ended.
    pub async fn death(&mut self) -> Death {
        let status = tokio::time::timeout(EXIT_GRACE, self.child.wait()).await;
        let Ok(Ok(status)) = status else {
            return Death::Code(-1);
        };
        match status.signal() {
            Some(signal) if signal == Signal::XCPU.as_raw() => Death::CpuTime,
            Some(signal) => Death::Signal(signal),
            None => Death::Code(status.code().unwrap_or(-1)),
        }
    }

    /// Kills the process now. The runtime takes care of what is left of it.
    pub fn kill(mut self) {
        if let Err(error) = self.child.start_kill() {
            tracing::debug!(%error, "worker was gone before it was killed");
        }
    }

    /// Lets a worker that has reported end by itself, for a moment.
    pub fn release(mut self) {
        tokio::spawn(async move {
            // Dropping the child after the time kills it.
            let _ended = tokio::time::timeout(EXIT_GRACE, self.child.wait()).await;
        });
    }
}

/// Reads frames.
pub struct Reader {
    read: OwnedReadHalf,
    buffer: Vec<u8>,
}

impl Reader {
    /// The next frame; `None` at the end. May be dropped while it waits without losing anything.
    ///
    /// # Errors
    /// A frame that is too long or is not a message; the connection is then of no more use.
    pub async fn next(&mut self) -> Result<Option<FromWorker>, FrameError> {
        loop {
            if let Some(header) = self.buffer.first_chunk::<4>() {
                let end = 4 + protocol::length(*header)?;
                if self.buffer.len() >= end {
                    let message = protocol::decode(&self.buffer[4..end]);
                    self.buffer.drain(..end);
                    return message.map(Some);
                }
            }
            if self.read.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Writes frames in order, on its own task, so that a worker that does not read holds up nobody.
pub struct Writer {
    frames: mpsc::UnboundedSender<Vec<u8>>,
}

impl Writer {
    fn start(mut write: OwnedWriteHalf) -> Writer {
        let (frames, mut queue) = mpsc::unbounded_channel::<Vec<u8>>();
        tokio::spawn(async move {
            while let Some(frame) = queue.recv().await {
                // A worker that is gone shows itself at the reading end.
                if write.write_all(&frame).await.is_err() {
                    return;
                }
            }
        });
        Writer { frames }
    }

    /// Queues a frame.
    pub fn send(&self, frame: Vec<u8>) {
        let _gone = self.frames.send(frame);
    }
}

/// The place of the one idle worker.
#[derive(Default)]
pub struct Spare {
    place: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    worker: Worker,
    /// Tells this spare from the one that may have followed it.
    number: u64,
}

impl Spare {
    /// Starts a spare worker in the background unless there is one.
    pub fn fill(&self, program: &WorkerProgram) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (place, program) = (Arc::clone(&self.place), program.clone());
        // Starting a process blocks for about a millisecond.
        let started = runtime.spawn_blocking(move || fill(&place, &program));
        let place = Arc::downgrade(&self.place);
        runtime.spawn(async move {
            let Ok(Some(number)) = started.await else { return };
            tokio::time::sleep(SPARE_LIFE).await;
            if let Some(place) = place.upgrade() {
                let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                place.take_if(|kept| kept.number == number);
            }
        });
    }

    /// The spare worker, or a new one.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn take_or_start(&self, program: &WorkerProgram) -> io::Result<Worker> {
        let kept = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut kept) = kept
            && kept.worker.is_alive()
        {
            return Ok(kept.worker);
        }
        Worker::start(program)
    }
}

/// Starts a worker into the place unless one is there; its number.
fn fill(place: &Mutex<Option<Kept>>, program: &WorkerProgram) -> Option<u64> {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if place.as_mut().is_some_and(|kept| kept.worker.is_alive()) {
        return None;
    }
    match Worker::start(program) {
        Ok(worker) => {
            let number = next_number();
            *place = Some(Kept { worker, number });
            Some(number)
        }
        Err(error) => {
            tracing::warn!(%error, path = %program.path.display(), "no spare script worker");
            None
        }
    }
}

fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
