//! Server-sent events: bytes in any cut -> the data of each event. Never looks into the data.
//!
//! `eventsource-stream` fed raw panics on a byte order mark, does not know a lone CR and takes quadratic time for a long
//! event, so it is handed clean lines, one at a time, and only those that make data.

use eventsource_stream::{EventStreamError, Eventsource};
use futures::{Stream, StreamExt, stream};
use std::collections::VecDeque;
use std::string::FromUtf8Error;

/// Longest event in bytes; far above any real one, to keep a broken server from filling the memory.
const MAX_EVENT: usize = 64 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why a stream of events ended early.
#[derive(Debug, PartialEq)]
pub(crate) enum SseError<E> {
    /// The bytes stopped with an error.
    Transport(E),
    /// The bytes are not server-sent events.
    Framing(String),
}

/// Cuts bytes into whole lines that end in LF.
#[derive(Default)]
struct Lines {
    begun: bool,
    after_cr: bool,
    /// Whether the event has data.
    has_data: bool,
    partial: Vec<u8>,
    event_bytes: usize,
    ready: VecDeque<String>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.event_bytes += bytes.len();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n' || byte == b'\r') {
            // The LF of a CRLF: its CR has ended the line.
            if std::mem::take(&mut self.after_cr) && piece == b"\n" {
                continue;
            }
            let line = piece.strip_suffix(b"\n").or_else(|| piece.strip_suffix(b"\r"));
            self.partial.extend_from_slice(line.unwrap_or(piece));
            self.after_cr = piece.ends_with(b"\r");
            if line.is_some() {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if !std::mem::replace(&mut self.begun, true) && self.partial.starts_with(BOM) {
            self.partial.drain(..BOM.len());
        }
        if self.partial.is_empty() {
            self.end_event();
        } else if self.partial.starts_with(b"data") {
            self.has_data = true;
            self.partial.push(b'\n');
            let line = String::from_utf8(std::mem::take(&mut self.partial));
            let lossy = |error: FromUtf8Error| String::from_utf8_lossy(error.as_bytes()).into_owned();
            self.ready.push_back(line.unwrap_or_else(lossy));
        } else {
            self.partial.clear();
        }
    }

    fn end_event(&mut self) {
        self.event_bytes = 0;
        if std::mem::take(&mut self.has_data) {
            // Mostly goes along with its last line.
            match self.ready.back_mut() {
                Some(line) => line.push('\n'),
                None => self.ready.push_back("\n".to_owned()),
            }
        }
    }

    /// The last line may lack its end, and the last event its blank line.
    fn end(&mut self) {
        if !self.partial.is_empty() {
            self.end_line();
        }
        self.end_event();
    }
}

/// The data of each event that has any, in order.
pub(crate) fn events<S, B, E>(bytes: S) -> impl Stream<Item = Result<String, SseError<E>>>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    lines(bytes).eventsource().filter_map(async |event| match event {
        Ok(event) if event.data.is_empty() => None,
        Ok(event) => Some(Ok(event.data)),
        Err(EventStreamError::Transport(error)) => Some(Err(error)),
        Err(EventStreamError::Utf8(error)) => Some(Err(SseError::Framing(error.to_string()))),
        Err(EventStreamError::Parser(error)) => Some(Err(SseError::Framing(error.to_string()))),
    })
}

fn lines<S, B, E>(bytes: S) -> impl Stream<Item = Result<String, SseError<E>>>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
{
    let start = (Box::pin(bytes), Lines::default(), false);
    stream::unfold(start, |(mut bytes, mut lines, mut ended)| async move {
        loop {
            if let Some(line) = lines.ready.pop_front() {
                return Some((Ok(line), (bytes, lines, ended)));
            }
            if ended {
                return None;
            }
            match bytes.next().await {
                Some(Ok(chunk)) => lines.push(chunk.as_ref()),
                Some(Err(error)) => return Some((Err(SseError::Transport(error)), (bytes, lines, true))),
                None => {
                    lines.end();
                    ended = true;
                }
            }
            if lines.event_bytes > MAX_EVENT {
                let error = SseError::Framing(format!("an event is longer than {MAX_EVENT} bytes"));
                return Some((Err(error), (bytes, Lines::default(), true)));
            }
        }
    })
}
