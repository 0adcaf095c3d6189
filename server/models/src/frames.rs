//! How a wire's answer is cut into pieces for its decoder: server-sent events or lines. Owns framing and nothing else.

#[cfg(test)]
mod tests;

use crate::sse::{self, SseError};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use std::collections::VecDeque;

/// How an answer is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `text/event-stream`
    Events,
    /// One JSON value a line.
    Lines,
}

/// Longest line, in bytes; far above any real one, to keep a broken server from filling the memory.
const MAX_LINE: usize = 64 << 20;

/// The pieces of an answer, in order.
pub(crate) fn frames<'a, B, E>(
    framing: Framing,
    bytes: impl Stream<Item = Result<B, E>> + Send + 'a,
) -> BoxStream<'a, Result<String, SseError<E>>>
where
    B: AsRef<[u8]> + Send + 'a,
    E: Send + 'a,
{
    match framing {
        Framing::Events => sse::events(bytes).boxed(),
        Framing::Lines => lines(bytes).boxed(),
    }
}

/// Cuts bytes into lines. Every byte is looked at once, however small the chunks are.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    ready: VecDeque<String>,
}

impl Lines {
    /// Takes in a chunk; `false` when a line of it is too long.
    fn push(&mut self, bytes: &[u8]) -> bool {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            if self.partial.len() + piece.len() > MAX_LINE {
                return false;
            }
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
        true
    }

    /// The last line may lack its end; a character that was cut there is none.
    fn end(&mut self) {
        if let Some(tail) = self.partial.utf8_chunks().last().map(|chunk| chunk.invalid())
            && str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
        {
            self.partial.truncate(self.partial.len() - tail.len());
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.partial);
        let line = line.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}');
        if !line.is_empty() {
            self.ready.push_back(line.to_owned());
        }
        self.partial.clear();
    }
}

/// Whole lines that are not blank, the last one also without its end. White space and byte order marks around a line,
/// the CR of its end too, are no part of it.
fn lines<B: AsRef<[u8]>, E>(
    bytes: impl Stream<Item = Result<B, E>>,
) -> impl Stream<Item = Result<String, SseError<E>>> {
    let start = (Box::pin(bytes), Lines::default(), None);
    stream::unfold(start, |(mut bytes, mut lines, mut end)| async move {
        loop {
            if let Some(line) = lines.ready.pop_front() {
                return Some((Ok(line), (bytes, lines, end)));
            }
            match end.take() {
                Some(Ok(())) => return None,
                Some(Err(error)) => return Some((Err(error), (bytes, lines, Some(Ok(()))))),
                None => {}
            }
            match bytes.next().await {
                Some(Ok(chunk)) => {
                    if !lines.push(chunk.as_ref()) {
                        let why = format!("a line of it is longer than {MAX_LINE} bytes");
                        end = Some(Err(SseError::Framing(why)));
                    }
                }
                Some(Err(error)) => end = Some(Err(SseError::Transport(error))),
                None => {
                    lines.end();
                    end = Some(Ok(()));
                }
            }
        }
    })
}
