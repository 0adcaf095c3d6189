//! The core: one process per user and workspace that serves all its editors. Here is what belongs to starting, finding and
//! leaving it; what it serves is the language server as it is.

mod fork;
mod hello;
mod kit;
mod place;
mod serve;

pub use fork::{Forked, fork};
pub use hello::{Hello, Welcome};
pub use place::Place;
pub use serve::{Listening, run};

use glossator_settings::Folders;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between the last message of the core and how the connection ended: no message holds a NUL.
pub const END_MARK: u8 = 0;

/// How long a core may take to answer a hello.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest answer to a hello, in bytes.
const LONGEST_ANSWER: u64 = 64 << 10;

/// What came of a hello.
pub enum Greeted {
    /// The core serves what comes over this stream from here on.
    Served(UnixStream),
    /// It was leaving: another has to be found or started.
    Left,
    /// It does not serve us; why.
    Refused(String),
}

/// Where this process was started.
pub fn working_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Says `hello` to a core, with what its client has sent already.
pub fn greet(mut stream: UnixStream, hello: &Hello, first: &[u8]) -> Greeted {
    let mut bytes = hello.line();
    bytes.extend_from_slice(first);
    let said = stream.set_write_timeout(Some(ANSWER)).and_then(|()| stream.write_all(&bytes));
    let answer = said.and_then(|()| stream.set_write_timeout(None)).and_then(|()| answer(&stream));
    let welcome = match answer {
        Ok(Some(welcome)) => welcome,
        Ok(None) => return Greeted::Left,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            return Greeted::Refused(format!("it did not answer within {} s", ANSWER.as_secs()));
        }
        Err(error) if is_gone(error.kind()) => return Greeted::Left,
        Err(error) => return Greeted::Refused(error.to_string()),
    };
    match welcome.refused {
        Some(why) => Greeted::Refused(why),
        None => Greeted::Served(stream),
    }
}

/// The line that a core answers with; `None`: it closed the connection instead.
fn answer(stream: &UnixStream) -> io::Result<Option<Welcome>> {
    stream.set_read_timeout(Some(ANSWER))?;
    let mut line = Vec::new();
    // Byte by byte from the socket: what follows the line belongs to the client.
    BufReader::with_capacity(1, stream.take(LONGEST_ANSWER)).read_until(b'\n', &mut line)?;
    stream.set_read_timeout(None)?;
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&line).map(Some).map_err(io::Error::from)
}

fn is_gone(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// The stream of the core that runs for `identity`, with `hello` said; `None` where none runs that serves us.
pub fn running(folders: &Folders, identity: &Path, hello: &Hello) -> Option<tokio::net::UnixStream> {
    let stream = Place::of(folders, identity).ok()?.connect().ok()??;
    match greet(stream, hello, &[]) {
        Greeted::Served(stream) => {
            stream.set_nonblocking(true).ok()?;
            tokio::net::UnixStream::from_std(stream).ok()
        }
        Greeted::Left => None,
        Greeted::Refused(why) => {
            tracing::warn!(why, "the core does not serve this run");
            None
        }
    }
}
