//! A worker and the socket to it: frames read without copying them about, written at once where the socket takes them.
//! Trusts no length and no text that comes over it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::net::{RecvFlags, recv};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

pub use super::process::Process;
pub use super::spawn::Death;
use crate::Walls;
use crate::protocol::{self, FrameError, FromWorker};

/// Longest description of its walls that a worker may send, in bytes.
const LONGEST_HELLO: usize = 8 * 1024;
/// Least room for one read, in bytes.
const ROOM: usize = 8 * 1024;

/// A worker that is locked and waits for its script. Dropping it kills the process.
pub struct Worker {
    process: Process,
    stream: UnixStream,
    /// What it said of itself.
    pub walls: Walls,
}

impl Worker {
    /// A worker that has said what its walls are.
    pub fn new(process: Process, stream: UnixStream, walls: Walls) -> Worker {
        Worker { process, stream, walls }
    }

    /// Whether it still waits: it has not closed its socket, and has not spoken without being asked.
    pub fn is_waiting(&self) -> bool {
        let mut byte = [0; 1];
        let looked = recv(&self.stream, &mut byte[..], RecvFlags::PEEK | RecvFlags::DONTWAIT);
        matches!(looked, Err(rustix::io::Errno::AGAIN))
    }

    /// The parts a run needs.
    pub fn split(self) -> (Process, Reader, Writer) {
        let (read, write) = self.stream.into_split();
        (self.process, Reader { read, buffer: Vec::new(), start: 0 }, Writer::new(write))
    }
}

/// Reads what a worker says of its walls, its first words; nothing beyond them.
///
/// # Errors
/// `Io` with an unexpected end when it left without a word; `TooLong`, `Invalid` when it is none of ours.
pub async fn hello(stream: &mut UnixStream) -> Result<Walls, FrameError> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let length = protocol::length(header)?;
    if length > LONGEST_HELLO {
        return Err(FrameError::TooLong(length));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    protocol::decode(&body)
}

/// Reads frames.
pub struct Reader {
    read: OwnedReadHalf,
    buffer: Vec<u8>,
    /// Where in the buffer the next frame begins.
    start: usize,
}

impl Reader {
    /// The next frame; `None` at the end. May be dropped while it waits without losing anything.
    ///
    /// # Errors
    /// A frame that is too long or is not a message; the connection is then of no more use.
    pub async fn next(&mut self) -> Result<Option<FromWorker>, FrameError> {
        loop {
            if let Some(message) = self.buffered()? {
                return Ok(Some(message));
            }
            self.make_room();
            if self.read.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next frame, if all of it has arrived.
    fn buffered(&mut self) -> Result<Option<FromWorker>, FrameError> {
        let waiting = &self.buffer[self.start..];
        let Some(header) = waiting.first_chunk::<4>() else { return Ok(None) };
        let end = 4 + protocol::length(*header)?;
        let Some(body) = waiting.get(4..end) else { return Ok(None) };
        self.start += end;
        protocol::decode(body).map(Some)
    }

    /// Moves what has been read out of the way, once for many frames; grows only as bytes arrive.
    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        if self.buffer.capacity() - self.buffer.len() < ROOM {
            self.buffer.reserve(ROOM.max(self.buffer.len()));
        }
    }
}

/// Writes frames in order: at once while the socket takes them, else on a task, so that a worker that does not read
/// holds up nobody.
pub struct Writer {
    line: Arc<Line>,
}

struct Line {
    write: OwnedWriteHalf,
    waiting: Mutex<Waiting>,
}

/// Frames the socket did not take yet; a task is writing them as long as there are any.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<Vec<u8>>,
    /// How much of the first is written.
    done: usize,
}

impl Writer {
    fn new(write: OwnedWriteHalf) -> Writer {
        Writer { line: Arc::new(Line { write, waiting: Mutex::default() }) }
    }

    /// Writes a frame, or queues it behind those that wait.
    pub fn send(&self, frame: Vec<u8>) {
        let mut waiting = self.line.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let written_by_task = !waiting.frames.is_empty();
        waiting.frames.push_back(frame);
        // A worker that is gone shows itself at the reading end; what it cannot get any more is dropped.
        if !written_by_task && matches!(waiting.write(&self.line.write), Ok(false)) {
            tokio::spawn(Arc::clone(&self.line).write_on());
        }
    }
}

impl Line {
    /// Writes what waits, until nothing does.
    async fn write_on(self: Arc<Line>) {
        loop {
            let can_write = self.write.writable().await.is_ok();
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !can_write {
                waiting.frames.clear();
                return;
            }
            match waiting.write(&self.write) {
                Ok(false) => {}
                Ok(true) | Err(_) => return,
            }
        }
    }
}

impl Waiting {
    /// Writes as much as the socket takes; whether that was all.
    fn write(&mut self, write: &OwnedWriteHalf) -> io::Result<bool> {
        while let Some(first) = self.frames.front() {
            match write.try_write(&first[self.done..]) {
                Ok(count) => {
                    self.done += count;
                    if self.done >= first.len() {
                        self.frames.pop_front();
                        self.done = 0;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.frames.clear();
                    self.done = 0;
                    return Err(error);
                }
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::spawn::pair;
    use super::{FromWorker, Reader, Writer};
    use crate::protocol::{FrameError, encode};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    fn line() -> (UnixStream, UnixStream) {
        let (ours, theirs) = pair().unwrap();
        let theirs = std::os::unix::net::UnixStream::from(theirs);
        theirs.set_nonblocking(true).unwrap();
        (ours, UnixStream::from_std(theirs).unwrap())
    }

    #[tokio::test]
    async fn frames_are_read_whole_however_they_arrive() {
        let (ours, mut theirs) = line();
        let (read, _write) = ours.into_split();
        let mut reader = Reader { read, buffer: Vec::new(), start: 0 };
        let frames: Vec<Vec<u8>> = (0..500)
            .map(|n| encode(&FromWorker::Progress { text: format!("{n}{}", "x".repeat(n * 7)) }).unwrap())
            .collect();
        let bytes = frames.concat();
        let writing = tokio::spawn(async move {
            for piece in bytes.chunks(1013) {
                theirs.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            theirs.write_all(&[9, 0, 0, 0, b'{']).await.unwrap();
        });
        for n in 0..500 {
            let Ok(Some(FromWorker::Progress { text })) = reader.next().await else { panic!("frame {n}") };
            assert_eq!(text.len(), n.to_string().len() + n * 7);
        }
        writing.await.unwrap();
        assert!(matches!(reader.next().await, Ok(None)), "half a frame is no frame");
        let (ours, mut theirs) = line();
        theirs.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
        let mut reader = Reader { read: ours.into_split().0, buffer: Vec::new(), start: 0 };
        assert!(matches!(reader.next().await, Err(FrameError::TooLong(_))));
    }

    #[tokio::test]
    async fn frames_arrive_in_order_when_the_reader_is_slow() {
        let (ours, mut theirs) = line();
        let (_read, write) = ours.into_split();
        let writer = Writer::new(write);
        let mut sent = Vec::new();
        for n in 0..600_u32 {
            // Far more than the socket takes: some at once, some later.
            let frame = vec![u8::try_from(n % 251).unwrap(); 1 + (n as usize * 37) % 9000];
            sent.extend_from_slice(&frame);
            writer.send(frame);
        }
        assert!(!writer.line.waiting.lock().unwrap().frames.is_empty());
        let mut got = vec![0; sent.len() / 2];
        theirs.read_exact(&mut got).await.unwrap();
        writer.send(b"last".to_vec());
        sent.extend_from_slice(b"last");
        drop(writer);
        theirs.read_to_end(&mut got).await.unwrap();
        assert!(got == sent, "{} of {} bytes", got.len(), sent.len());
    }

    #[tokio::test]
    async fn a_writer_outlives_its_reader_quietly() {
        let (ours, theirs) = line();
        let writer = Writer::new(ours.into_split().1);
        writer.send(vec![1; 4 * 1024 * 1024]);
        drop(theirs);
        for _ in 0..100 {
            writer.send(vec![2; 10]);
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(writer.line.waiting.lock().unwrap().frames.is_empty());
    }
}
