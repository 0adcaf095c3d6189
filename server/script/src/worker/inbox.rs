//! What the host sends, read as it comes: many frames by one read, and a wait only where nothing is there.

use std::io;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use crate::protocol::{self, FrameError};

/// Room for what one read takes, in bytes.
const CHUNK: usize = 16 * 1024;
/// How long an answer is waited for awake, after one that came as soon as this.
const SPIN: Duration = Duration::from_micros(40);
const QUICK: Duration = Duration::from_micros(100);

/// The reading end.
pub struct Inbox {
    socket: Rc<UnixStream>,
    buffer: Vec<u8>,
    /// Where the first frame that is not taken begins.
    start: usize,
    /// The last answer came so soon that sleeping was a waste.
    quick: bool,
}

impl Inbox {
    pub fn new(socket: Rc<UnixStream>) -> Inbox {
        Inbox { socket, buffer: Vec::new(), start: 0, quick: false }
    }

    /// The body of the next frame that is there whole.
    ///
    /// # Errors
    /// `TooLong` when it will never be.
    pub fn frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let rest = &self.buffer[self.start..];
        let Some(header) = rest.first_chunk::<4>() else { return Ok(None) };
        let length = protocol::length(*header)?;
        if rest.len() - 4 < length {
            return Ok(None);
        }
        let body = self.start + 4;
        self.start = body + length;
        Ok(Some(&self.buffer[body..self.start]))
    }

    /// Waits for more, at most so long; false when the host has closed.
    ///
    /// # Errors
    /// Any but an interruption.
    pub fn wait(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        if let Some(timeout) = timeout
            && !readable(&self.socket, timeout)
        {
            return Ok(true);
        }
        // What was taken makes room. What is left is part of one frame.
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.reserve(CHUNK);
        let began = Instant::now();
        // Going to sleep and being woken can take longer than the answer of a tool that only looks something up.
        while timeout.is_none() && self.quick && began.elapsed() < SPIN {
            match recv(&*self.socket, spare_capacity(&mut self.buffer), RecvFlags::DONTWAIT) {
                Ok((_, read)) => return Ok(read > 0),
                Err(Errno::AGAIN | Errno::INTR) => std::hint::spin_loop(),
                Err(error) => return Err(error.into()),
            }
        }
        let read = rustix::io::read(&*self.socket, spare_capacity(&mut self.buffer));
        self.quick = began.elapsed() < QUICK;
        match read {
            Ok(read) => Ok(read > 0),
            Err(Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Waits until the socket has something to read, or the time is over.
fn readable(socket: &UnixStream, timeout: Duration) -> bool {
    // Rounded up, so that a wait never ends just before its timer.
    let timeout = Timespec::try_from(timeout + Duration::from_micros(50)).ok();
    let mut wanted = [PollFd::new(socket, PollFlags::IN)];
    poll(&mut wanted, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::Inbox;
    use crate::protocol::{FrameError, FromWorker, encode};
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::rc::Rc;
    use std::time::Duration;

    #[test]
    fn frames_come_whole_whatever_the_cuts() {
        let frames: Vec<Vec<u8>> = [0, 1, 100, 40_000, 3]
            .iter()
            .map(|length| encode(&FromWorker::Progress { text: "x".repeat(*length) }).unwrap())
            .collect();
        let all = frames.concat();
        for cut in [1, 2, 7, 10_000, all.len()] {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let mut inbox = Inbox::new(Rc::new(ours));
            let mut found = Vec::new();
            for part in all.chunks(cut) {
                theirs.write_all(part).unwrap();
                while inbox.wait(Some(Duration::ZERO)).unwrap() {
                    let before = found.len();
                    while let Some(body) = inbox.frame().unwrap() {
                        found.push(body.to_vec());
                    }
                    if part.len() < 10_000 || found.len() == before {
                        break;
                    }
                }
            }
            drop(theirs);
            while inbox.wait(None).unwrap() {
                while let Some(body) = inbox.frame().unwrap() {
                    found.push(body.to_vec());
                }
            }
            let wanted: Vec<&[u8]> = frames.iter().map(|frame| &frame[4..]).collect();
            assert_eq!(found, wanted, "{cut}");
        }
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(&[255; 4]).unwrap();
        let mut inbox = Inbox::new(Rc::new(ours));
        assert!(inbox.wait(None).unwrap());
        assert!(matches!(inbox.frame(), Err(FrameError::TooLong(_))));
    }
}
