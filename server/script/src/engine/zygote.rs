//! The host's end of a zygote: asks it for workers, kills through it, hears how each ended.
//! A zygote that is gone takes its workers with it and nothing else.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram as StdDatagram;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, Shutdown, SocketFlags, SocketType,
    sendmsg, shutdown, socketpair,
};
use rustix::process::Signal;
use tokio::io::Interest;
use tokio::net::{UnixDatagram, UnixStream};
use tokio::sync::oneshot;

use super::spawn::{Death, Launch, Started, pair};
use crate::Walls;
use crate::control::{FromZygote, LONGEST, ToZygote};
use crate::worker::ZYGOTE_ARGUMENT;

/// A zygote that can fork. Dropping it kills it and all its workers.
pub struct Zygote {
    /// None once it was given up.
    process: Mutex<Option<Started>>,
    line: Arc<Line>,
    /// What it said of itself.
    pub walls: Walls,
}

/// The control socket and who waits for what.
struct Line {
    /// Keeps messages whole, as datagrams are, and says when the other end is gone, as they do not.
    socket: UnixDatagram,
    /// Told of each worker's end; `None` once the zygote is gone.
    waiting: Mutex<Option<HashMap<u64, oneshot::Sender<Ended>>>>,
    next: AtomicU64,
}

/// What became of a worker.
#[derive(Debug, Clone, Copy)]
enum Ended {
    Died(Death),
    /// It never was: the zygote could not fork, with that error number.
    Refused(i32),
}

impl Zygote {
    /// Starts a zygote and waits until it can fork.
    ///
    /// # Errors
    /// When the program cannot be started, or ends or says something else before it can fork.
    pub async fn start(launch: Launch) -> io::Result<Zygote> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let ours = StdDatagram::from(ours);
        ours.set_nonblocking(true)?;
        let started = tokio::task::spawn_blocking(move || launch.start(Some(ZYGOTE_ARGUMENT), theirs));
        let process = started.await.map_err(io::Error::other)??;
        let socket = UnixDatagram::from_std(ours)?;
        let FromZygote::Ready(json) = receive(&socket).await? else {
            return Err(io::Error::other("it spoke out of turn"));
        };
        let walls: Walls = serde_json::from_slice(&json)?;
        let waiting = Mutex::new(Some(HashMap::new()));
        let line = Arc::new(Line { socket, waiting, next: AtomicU64::new(0) });
        tokio::spawn(Arc::clone(&line).listen());
        Ok(Zygote { process: Mutex::new(Some(process)), line, walls })
    }

    /// Whether it is still there, as far as we have heard.
    pub fn is_there(&self) -> bool {
        self.line.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Kills it, and with it all its workers: one that does not answer could not kill them either.
    pub fn give_up(&self) {
        self.line.close();
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Asks for a worker: the process that will be, and our end of its socket. Waits only until that is said.
    ///
    /// # Errors
    /// When the zygote is gone or does not listen.
    pub async fn fork(&self) -> io::Result<(Forked, UnixStream)> {
        let (stream, theirs) = pair()?;
        let id = self.line.next.fetch_add(1, Ordering::Relaxed);
        let (tell, ended) = oneshot::channel();
        match &mut *self.line.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(waiting) => waiting.insert(id, tell),
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        let forked = Forked { line: Arc::clone(&self.line), id, ended, over: None };
        if let Err(error) = self.line.say(ToZygote::Fork { id }, Some(&theirs)).await {
            self.line.forget(id);
            return Err(error);
        }
        Ok((forked, stream))
    }
}

/// One message of the zygote.
async fn receive(socket: &UnixDatagram) -> io::Result<FromZygote> {
    let mut bytes = [0; LONGEST];
    let got = socket.recv(&mut bytes).await?;
    // Nothing at all is the end.
    FromZygote::parse(&bytes[..got]).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

impl Line {
    /// Tells those who wait what the zygote says, until it is gone.
    async fn listen(self: Arc<Line>) {
        loop {
            let (id, ended) = match receive(&self.socket).await {
                Ok(FromZygote::Exited { id, code }) => (id, Ended::Died(Death::Code(code))),
                Ok(FromZygote::Killed { id, signal }) => (id, Ended::Died(Death::by(signal))),
                Ok(FromZygote::Refused { id, errno }) => (id, Ended::Refused(errno)),
                Ok(FromZygote::Ready(_)) | Err(_) => break,
            };
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(tell) = waiting.as_mut().and_then(|waiting| waiting.remove(&id)) {
                let _nobody_cares = tell.send(ended);
            }
        }
        self.close();
    }

    /// Says it when there is room for it.
    async fn say(&self, message: ToZygote, socket: Option<&OwnedFd>) -> io::Result<()> {
        self.socket.async_io(Interest::WRITABLE, || self.say_now(message, socket)).await
    }

    /// Says it, unless there is no room for it now.
    fn say_now(&self, message: ToZygote, socket: Option<&OwnedFd>) -> io::Result<()> {
        let bytes = message.bytes();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut extra = SendAncillaryBuffer::new(&mut space);
        let sockets: Vec<_> = socket.iter().map(|socket| socket.as_fd()).collect();
        if !sockets.is_empty() {
            extra.push(SendAncillaryMessage::ScmRights(&sockets));
        }
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        sendmsg(&self.socket, &[IoSlice::new(&bytes)], &mut extra, flags)?;
        Ok(())
    }

    /// Has a worker killed, now or as soon as can be. A zygote that does not take it is given up: without its socket it
    /// ends, and all its workers with it.
    fn kill(self: &Arc<Line>, id: u64) {
        let message = ToZygote::Kill { id };
        let Err(error) = self.say_now(message, None) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if error.kind() == io::ErrorKind::WouldBlock => {
                let line = Arc::clone(self);
                runtime.spawn(async move {
                    if line.say(message, None).await.is_err() {
                        line.close();
                    }
                });
            }
            _ => {
                tracing::debug!(%error, "the script zygote does not listen");
                self.close();
            }
        }
    }

    fn forget(&self, id: u64) {
        if let Some(waiting) = &mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) {
            waiting.remove(&id);
        }
    }

    fn close(&self) {
        let _gone = shutdown(&self.socket, Shutdown::Both);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A zygote's worker as its host holds it. Dropping it kills the worker.
pub struct Forked {
    line: Arc<Line>,
    id: u64,
    ended: oneshot::Receiver<Ended>,
    over: Option<Ended>,
}

impl Forked {
    /// Waits for its end. May be dropped while it waits.
    pub async fn ended(&mut self) -> Death {
        match self.outcome().await {
            Ended::Died(death) => death,
            Ended::Refused(_) => Death::Code(-1),
        }
    }

    /// Why it never came to be, if that is so; waits for its end.
    pub async fn refused(&mut self) -> Option<io::Error> {
        match self.outcome().await {
            Ended::Died(_) => None,
            Ended::Refused(errno) => Some(io::Error::from_raw_os_error(errno)),
        }
    }

    async fn outcome(&mut self) -> Ended {
        if let Some(over) = self.over {
            return over;
        }
        // When its zygote goes, the system kills it.
        let lost = Ended::Died(Death::Signal(Signal::KILL.as_raw()));
        let over = (&mut self.ended).await.unwrap_or(lost);
        self.over = Some(over);
        over
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        let runs = matches!(self.ended.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        if self.over.is_none() && runs {
            self.line.kill(self.id);
        }
    }
}
