//! The base protocol as a pure push decoder: bytes in, bodies and faults out. It never loses its place for good:
//! after garbage it takes up again at the next `Content-Length` line. It knows nothing of JSON and does no IO.

/// What came out of the bytes pushed so far.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The body of one whole frame.
    Body(Vec<u8>),
    /// Bytes that are no frame. One event for each run of such bytes, however long.
    BadHeader(String),
    /// A frame above the limit. Its body is being skipped.
    TooLong {
        /// The announced length in bytes.
        length: usize,
        /// The first bytes of the body (at most [`PREFIX`]), where the request id mostly stands.
        start: Vec<u8>,
    },
}

/// Bytes kept of a frame that is too long.
const PREFIX: usize = 1024;
/// Only this many last bytes of a header line are looked at.
const LINE: usize = 1024;
/// No client means a length above this; such a number is garbage, and skipping it would swallow every later message.
const ABSURD: usize = u32::MAX as usize;
/// A body is allocated in one piece up to here, so that a false length costs nothing.
const RESERVE: usize = 1 << 20;

const CONTENT_LENGTH: &[u8] = b"content-length:";

#[derive(Debug)]
enum State {
    Header,
    Body { body: Vec<u8>, left: usize },
    Prefix { start: Vec<u8>, length: usize },
    Skip { left: usize },
}

/// Cuts a byte stream into frames. The events do not depend on how the stream is cut into pushes.
#[derive(Debug)]
pub(crate) struct Decoder {
    max_frame: usize,
    state: State,
    /// The header line so far, its last [`LINE`] bytes.
    line: Vec<u8>,
    /// The line was longer than [`LINE`].
    long: bool,
    /// The `Content-Length` of this header block.
    length: Option<usize>,
    /// This header block has had some line.
    begun: bool,
    /// Inside garbage that was already reported.
    lost: bool,
}

impl Decoder {
    /// A decoder that skips frames with bodies above `max_frame` bytes.
    pub(crate) fn new(max_frame: usize) -> Self {
        Self {
            max_frame,
            state: State::Header,
            line: Vec::new(),
            long: false,
            length: None,
            begun: false,
            lost: false,
        }
    }

    /// Takes bytes from the front of `input` up to the next event; `None` when `input` is used up.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<Event> {
        loop {
            match &mut self.state {
                State::Header => {
                    if input.is_empty() {
                        return None;
                    }
                    if let Some(event) = self.header(input) {
                        return Some(event);
                    }
                }
                State::Body { body, left } => {
                    let taken = take(input, *left);
                    body.extend_from_slice(taken);
                    *left -= taken.len();
                    if *left > 0 {
                        return None;
                    }
                    let body = std::mem::take(body);
                    self.state = State::Header;
                    return Some(Event::Body(body));
                }
                State::Prefix { start, length } => {
                    start.extend_from_slice(take(input, PREFIX.min(*length) - start.len()));
                    if start.len() < PREFIX.min(*length) {
                        return None;
                    }
                    let (start, length) = (std::mem::take(start), *length);
                    self.state = State::Skip { left: length - start.len() };
                    return Some(Event::TooLong { length, start });
                }
                State::Skip { left } => {
                    *left -= take(input, *left).len();
                    if *left > 0 {
                        return None;
                    }
                    self.state = State::Header;
                }
            }
        }
    }

    /// Takes one header line, or the part of it that is there.
    fn header(&mut self, input: &mut &[u8]) -> Option<Event> {
        if self.line.is_empty() && !self.lost && !(is_name(input[0]) || matches!(input[0], b'\r' | b'\n')) {
            return self.lose("no header starts like this");
        }
        let end = input.iter().position(|&byte| byte == b'\n');
        let piece = take(input, end.unwrap_or(input.len()));
        self.line.extend_from_slice(&piece[piece.len().saturating_sub(LINE)..]);
        self.long |= self.line.len() > LINE || piece.len() > LINE;
        self.line.drain(..self.line.len().saturating_sub(LINE));
        if end.is_none() {
            return if self.long && !self.lost { self.lose("a header line is too long") } else { None };
        }
        if self.long && !self.lost {
            return self.lose("a header line is too long"); // the newline is still in `input`
        }
        *input = &input[1..];
        self.long = false;
        let mut line = std::mem::take(&mut self.line);
        let event = self.line(trim(&line));
        line.clear();
        self.line = line;
        event
    }

    /// Judges one whole header line, without its line end.
    fn line(&mut self, line: &[u8]) -> Option<Event> {
        if self.lost {
            if let Some(length) = rescue(line) {
                (self.lost, self.begun, self.length) = (false, true, Some(length));
            }
            return None;
        }
        if line.is_empty() {
            return self.end_of_headers();
        }
        self.begun = true;
        let colon = line.iter().position(|&byte| byte == b':');
        let Some(colon) = colon.filter(|&colon| line[..colon].iter().all(|&byte| is_name(byte))) else {
            return self.lose("a header line has no name and colon");
        };
        if line[..=colon].eq_ignore_ascii_case(CONTENT_LENGTH) {
            let Some(length) = number(&line[colon + 1..]) else {
                return self.lose("the Content-Length is not a usable number");
            };
            self.length = Some(length);
        }
        None
    }

    fn end_of_headers(&mut self) -> Option<Event> {
        if !std::mem::take(&mut self.begun) {
            return None; // blank lines between frames do no harm
        }
        let Some(length) = self.length.take() else {
            return self.lose("the Content-Length is missing");
        };
        self.state = if length > self.max_frame {
            State::Prefix { start: Vec::new(), length }
        } else {
            State::Body { body: Vec::with_capacity(length.min(RESERVE)), left: length }
        };
        None
    }

    fn lose(&mut self, why: &str) -> Option<Event> {
        (self.lost, self.begun, self.length) = (true, false, None);
        Some(Event::BadHeader(why.to_owned()))
    }
}

/// Writes one frame to the end of `out`.
pub(crate) fn encode(body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(body);
}

/// Splits off at most `most` bytes from the front of `input`.
fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_!#$%&'*+.^`|~".contains(&byte)
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn number(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let number = digits.then(|| std::str::from_utf8(text).ok()?.parse().ok())?;
    number.filter(|&length| length <= ABSURD)
}

/// The length in a line of garbage that ends in a `Content-Length` header (the rest of a body with a false length).
fn rescue(line: &[u8]) -> Option<usize> {
    let at =
        line.windows(CONTENT_LENGTH.len()).rposition(|part| part.eq_ignore_ascii_case(CONTENT_LENGTH))?;
    number(&line[at + CONTENT_LENGTH.len()..])
}
