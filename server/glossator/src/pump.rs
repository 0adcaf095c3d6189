//! `glossator lsp` as its editor sees it: finds or starts the core of the workspace and carries bytes between the two. Has
//! no runtime and reads no message but the first. Where there can be no core it says why, and the editor is served here.
//!
//! A core that dies ends this process too: only the editor can open its documents anew, which it does when it restarts us.

use crate::core::{END_MARK, Forked, Greeted, Hello, Listening, Place, fork, greet, working_folder};
use crate::terminal::complain;
use glossator_lsp::transport::Options;
use glossator_lsp::{Beginning, First};
use glossator_settings::Folders;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use serde_json::Value;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Bytes carried at once.
const CHUNK: usize = 64 << 10;
/// What the second thread needs.
const STACK: usize = 128 << 10;
/// How long a core that is ending may take until another can be started.
const TURNOVER: Duration = Duration::from_secs(10);
/// How often that is looked at: only where two editors start at once, or a core ends.
const LOOK: Duration = Duration::from_millis(2);
/// How often a core is looked for that is not leaving.
const TRIES: usize = 3;

/// What became of this process.
pub enum Pumped {
    /// The editor was served; the exit code.
    Ended(u8),
    /// This is the process that the core is made of.
    Core(Box<Listening>),
    /// The editor has to be served here: what it has sent, and what it has to be told.
    Alone { read: Vec<u8>, notices: Vec<String> },
}

/// Serves the editor at standard input and output through a core.
pub fn run(folders: Folders) -> Pumped {
    let cwd = working_folder();
    let mut beginning = Beginning::new(Options::default().max_frame);
    let named = loop {
        let mut chunk = vec![0; CHUNK];
        let count = read(std::io::stdin().as_fd(), &mut chunk).unwrap_or(0);
        match beginning.take(&chunk[..count], &cwd) {
            First::Partial if count > 0 => {}
            First::Initialize(folders) => break folders,
            // Whatever this is, the server itself answers it best.
            First::Partial | First::Other => {
                return Pumped::Alone { read: beginning.into_bytes(), notices: Vec::new() };
            }
        }
    };
    let read = beginning.into_bytes();
    let identity = named.first().map(|folder| glossator_workspace::identity(folder)).unwrap_or(cwd);
    match attach(&folders, &identity, &read) {
        Ok(Attached::Client(stream)) => {
            drop(read);
            Pumped::Ended(carry(stream))
        }
        Ok(Attached::Core(listening)) => Pumped::Core(listening),
        Err(why) => {
            let notice = format!(
                "Glossator runs without a core process here, so turns end with the editor: {why}. (`glossator lsp --in-process` \
                 does so without this message.)"
            );
            Pumped::Alone { read, notices: vec![notice] }
        }
    }
}

enum Attached {
    Client(UnixStream),
    Core(Box<Listening>),
}

/// Finds the core of `identity`, or starts it, and hands it what the editor has sent.
fn attach(folders: &Folders, identity: &Path, first: &[u8]) -> Result<Attached, String> {
    let place = Place::of(folders, identity)?;
    let hello = Hello::ours(true, Value::Null);
    for _ in 0..TRIES {
        let stream = match find(&place, folders, identity)? {
            Attached::Client(stream) => stream,
            core => return Ok(core),
        };
        match greet(stream, &hello, first) {
            Greeted::Served(stream) => return Ok(Attached::Client(stream)),
            Greeted::Left => {}
            Greeted::Refused(why) => return Err(format!("the core that runs does not serve it: {why}")),
        }
    }
    Err("each core that was there ended at once; its log says more".to_owned())
}

/// A stream to a core. It is there as soon as its socket is, so that nobody waits for one that starts.
fn find(place: &Place, folders: &Folders, identity: &Path) -> Result<Attached, String> {
    let started = Instant::now();
    loop {
        if let Some(stream) = place.connect()? {
            return Ok(Attached::Client(stream));
        }
        if let Some(lock) = place.lock()? {
            let listener = place.listen(&lock)?;
            return match fork([listener.as_fd(), lock.as_fd()]) {
                Ok(Forked::Child) => Ok(Attached::Core(Box::new(Listening {
                    place: place.clone(),
                    listener,
                    lock,
                    folders: folders.clone(),
                    identity: identity.to_owned(),
                }))),
                Ok(Forked::Parent) => {
                    let stream = place.connect()?;
                    stream.map(Attached::Client).ok_or_else(|| "the core that was started is gone".to_owned())
                }
                Err(error) => Err(format!("the system gives no process for it ({error})")),
            };
        }
        if started.elapsed() > TURNOVER {
            return Err("the one that runs neither serves nor ends".to_owned());
        }
        thread::sleep(LOOK);
    }
}

/// Carries bytes both ways until the core says how the connection ended; gives the exit code.
fn carry(stream: UnixStream) -> u8 {
    let up = match stream.try_clone() {
        Ok(up) => up,
        Err(error) => {
            complain!("error: {error}");
            return 1;
        }
    };
    let carried = thread::Builder::new().stack_size(STACK).spawn(move || {
        // Either end may be gone; the core finds out and ends the connection.
        let _ = copy(std::io::stdin().as_fd(), up.as_fd());
        let _ = up.shutdown(Shutdown::Write);
    });
    if let Err(error) = carried {
        complain!("error: the system gave no thread ({error})");
        return 1;
    }
    down(&stream)
}

/// Carries what the core says to the editor. Ends with the exit code that the core names, or 1 where it names none.
fn down(stream: &UnixStream) -> u8 {
    let mut chunk = vec![0; CHUNK];
    let mut ended = false;
    loop {
        let Ok(count @ 1..) = read(stream.as_fd(), &mut chunk) else {
            complain!("glossator: the core has ended; the editor has to start this again");
            return 1;
        };
        let bytes = &chunk[..count];
        if ended {
            return bytes[0];
        }
        let mark = memchr::memchr(END_MARK, bytes);
        if write(std::io::stdout().as_fd(), &bytes[..mark.unwrap_or(count)]).is_err() {
            return 1;
        }
        if let Some(mark) = mark {
            match bytes.get(mark + 1) {
                Some(code) => return *code,
                None => ended = true,
            }
        }
    }
}

fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match read(from, &mut chunk)? {
            0 => return Ok(()),
            count => write(to, &chunk[..count])?,
        }
    }
}

/// Reads at least a byte, or 0 at the end. Works on descriptors that were made not to block, too.
fn read(fd: BorrowedFd<'_>, chunk: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match rustix::io::read(fd, &mut *chunk) {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(fd, PollFlags::IN)?,
            done => return done,
        }
    }
}

fn write(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(fd, PollFlags::OUT)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait(fd: BorrowedFd<'_>, flags: PollFlags) -> Result<(), Errno> {
    match poll(&mut [PollFd::from_borrowed_fd(fd, flags)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}
