//! Owns what the server and its helper say to each other: one datagram per message, descriptors beside it.
//! Knows nothing of mounts and processes.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

use crate::request::{CommandLine, Config, ExecError, Inherited, Request};

/// Longest message in bytes; what a helper has to run is not in a message, but in a file in memory.
pub(super) const LONGEST: usize = 64 * 1024;
/// Most bytes of one text in a message.
const LONGEST_TEXT: usize = 2 * 1024;
/// Most texts in a message.
const MOST_TEXTS: usize = 24;

/// To the helper: ask the command to end.
pub(super) const TERMINATE: u8 = b't';
/// To the helper: end everything now.
pub(super) const KILL: u8 = b'k';
/// To the helper, with the descriptors of the spec and, if there is one, of standard input.
pub(super) const START: u8 = b's';

/// What a helper is to do.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// Standard input and time limit are not in it.
    pub request: Request,
    /// The environment that the helper is started with; not sent, as it then has it.
    pub inherited: Option<Inherited>,
    pub removed_env: Vec<String>,
    /// How long what outlives the command may take to end by itself.
    pub drain: Duration,
    /// Where the upper layers are: `0/upper`, `0/work`, `1/upper` and so on, and an empty folder `memory`.
    pub run: PathBuf,
    pub layers: Vec<SpecLayer>,
}

/// A folder to replace, with what goes through to the real one.
#[derive(Debug, Clone)]
pub(super) struct SpecLayer {
    pub root: PathBuf,
    pub through: Vec<PathBuf>,
    /// More of it where the upper layer is in memory; without, it is not to be there.
    pub through_in_memory: Option<Vec<PathBuf>>,
}

/// Where an upper layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// In the helper's memory file system, not in the folder of the run.
    pub in_memory: bool,
    /// The overlay keeps its marks in `user.*` attributes, not in `trusted.*`.
    pub user_marks: bool,
}

/// What a helper says.
#[derive(Debug)]
pub(super) enum Said {
    /// The overlays are there, and the command is about to be started. With the descriptor of the memory file system, if
    /// a layer is there.
    Mounted { places: Vec<Place>, notes: Vec<String> },
    /// The command runs, as the leader of that process group.
    Running { group: u32 },
    /// There is an overlay, and nothing was to be run.
    Works,
    /// There can be no overlay.
    Unsupported(String),
    /// There can be one in memory alone, for which there are no orders.
    InMemory,
    /// There is an overlay, but the command could not be started.
    Refused(ExecError),
    /// The command ended with that status, and nothing of it is left but what the notes say.
    Ended { status: i32, notes: Vec<String> },
}

impl Spec {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        let (kind, words) = match &self.request.command {
            CommandLine::Argv(words) => (0, words.clone()),
            CommandLine::Shell(text) => (1, vec![text.clone()]),
        };
        out.number(kind);
        out.texts(&words);
        out.path(&self.request.cwd);
        let env: Vec<String> =
            self.request.env.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect();
        out.texts(&env);
        out.texts(&self.request.arg0.iter().cloned().collect::<Vec<_>>());
        out.texts(&self.removed_env);
        out.number(u64::try_from(self.drain.as_millis()).unwrap_or(u64::MAX));
        out.path(&self.run);
        out.number(self.layers.len() as u64);
        for layer in &self.layers {
            out.path(&layer.root);
            out.paths(&layer.through);
            out.number(u64::from(layer.through_in_memory.is_some()));
            out.paths(layer.through_in_memory.as_deref().unwrap_or_default());
        }
        out.0
    }

    pub fn parse(bytes: &[u8]) -> Option<Spec> {
        let mut from = In(bytes);
        let kind = from.number()?;
        let mut words = from.texts()?;
        let command = if kind == 0 { CommandLine::Argv(words) } else { CommandLine::Shell(words.pop()?) };
        let mut request = Request::new(command, from.path()?);
        let env = from.texts()?;
        request.env = env.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        request.arg0 = from.texts()?.pop();
        let removed_env = from.texts()?;
        let drain = Duration::from_millis(from.number()?);
        let run = from.path()?;
        let count = from.number()?;
        let layers = (0..count).map(|_| from.layer()).collect::<Option<Vec<_>>>()?;
        Some(Spec { request, inherited: None, removed_env, drain, run, layers })
    }

    /// As much of the config as the start of a command needs.
    pub fn config(&self) -> Config {
        Config { removed_env: self.removed_env.clone(), ..Config::default() }
    }
}

impl Said {
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        match self {
            Said::Mounted { places, notes } => {
                out.number(0);
                out.number(places.len() as u64);
                for place in places {
                    out.number(u64::from(place.in_memory) | u64::from(place.user_marks) << 1);
                }
                out.texts(&short(notes));
            }
            Said::Works => out.number(1),
            Said::Unsupported(reason) => {
                out.number(2);
                out.texts(&short(std::slice::from_ref(reason)));
            }
            Said::Refused(error) => {
                out.number(3);
                out.error(error);
            }
            Said::Ended { status, notes } => {
                out.number(4);
                out.number(u64::from(status.cast_unsigned()));
                out.texts(&short(notes));
            }
            Said::Running { group } => {
                out.number(5);
                out.number(u64::from(*group));
            }
            Said::InMemory => out.number(6),
        }
        out.0
    }

    /// Reads a message; `request` is the one that the helper was given.
    pub fn parse(bytes: &[u8], request: &Request) -> Option<Said> {
        let mut from = In(bytes);
        Some(match from.number()? {
            0 => {
                let count = from.number()?;
                let place = |bits: u64| Place { in_memory: bits & 1 != 0, user_marks: bits & 2 != 0 };
                let places = (0..count).map(|_| from.number().map(place)).collect::<Option<Vec<_>>>()?;
                Said::Mounted { places, notes: from.texts()? }
            }
            1 => Said::Works,
            2 => Said::Unsupported(from.texts()?.pop()?),
            3 => Said::Refused(from.error(request)?),
            4 => Said::Ended {
                status: u32::try_from(from.number()?).ok()?.cast_signed(),
                notes: from.texts()?,
            },
            5 => Said::Running { group: u32::try_from(from.number()?).ok()? },
            6 => Said::InMemory,
            _ => return None,
        })
    }
}

/// Sends one message, with those descriptors.
///
/// # Errors
/// What the system said; an end of the other side is one.
pub(super) fn send(socket: impl AsFd, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut extra = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() {
        extra.push(SendAncillaryMessage::ScmRights(fds));
    }
    sendmsg(socket, &[IoSlice::new(bytes)], &mut extra, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Waits for one message and its descriptors, as the socket waits; empty bytes are the end of the other side.
///
/// # Errors
/// What the system said.
pub(super) fn receive(socket: impl AsFd) -> io::Result<(Vec<u8>, Vec<OwnedFd>)> {
    let mut bytes = vec![0; LONGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut extra = RecvAncillaryBuffer::new(&mut space);
    let got = recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut extra, RecvFlags::CMSG_CLOEXEC)?;
    bytes.truncate(got.bytes);
    let mut fds = Vec::new();
    for message in extra.drain() {
        if let RecvAncillaryMessage::ScmRights(more) = message {
            fds.extend(more);
        }
    }
    Ok((bytes, fds))
}

/// As many of `texts`, and as much of each, as goes into a message.
fn short(texts: &[String]) -> Vec<String> {
    let cut = |text: &String| text[..text.floor_char_boundary(LONGEST_TEXT)].to_owned();
    let mut short: Vec<String> = texts.iter().take(MOST_TEXTS).map(cut).collect();
    if texts.len() > MOST_TEXTS {
        short.push(format!("({} more of these)", texts.len() - MOST_TEXTS));
    }
    short
}

/// Puts numbers and bytes one after the other.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn texts(&mut self, texts: &[String]) {
        self.number(texts.len() as u64);
        texts.iter().for_each(|text| self.text(text.as_bytes()));
    }

    fn path(&mut self, path: &Path) {
        self.text(path.as_os_str().as_bytes());
    }

    fn paths(&mut self, paths: &[PathBuf]) {
        self.number(paths.len() as u64);
        paths.iter().for_each(|path| self.path(path));
    }

    /// Only what a start can meet; the other side knows the folder, and that the variables are good.
    fn error(&mut self, error: &ExecError) {
        let (kind, program, number, message) = match error {
            ExecError::Empty => (0, "", 0, String::new()),
            ExecError::NoFolder { .. } => (1, "", 0, String::new()),
            ExecError::NotFound { program } => (2, program.as_str(), 0, String::new()),
            ExecError::NotExecutable { program } => (3, program.as_str(), 0, String::new()),
            ExecError::TooLong { bytes } => (4, "", *bytes as u64, String::new()),
            ExecError::Start { program, source } => {
                let errno = source.raw_os_error().unwrap_or(0);
                (5, program.as_str(), u64::from(errno.cast_unsigned()), source.to_string())
            }
            other => (5, "", 0, other.to_string()),
        };
        self.number(kind);
        self.number(number);
        self.texts(&short(&[program.to_owned(), message]));
    }
}

/// Takes numbers and bytes off again.
struct In<'a>(&'a [u8]);

impl In<'_> {
    fn number(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes.to_vec())
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        let count = self.number()?;
        (0..count).map(|_| String::from_utf8(self.text()?).ok()).collect()
    }

    fn path(&mut self) -> Option<PathBuf> {
        Some(PathBuf::from(OsString::from_vec(self.text()?)))
    }

    fn paths(&mut self) -> Option<Vec<PathBuf>> {
        let count = self.number()?;
        (0..count).map(|_| self.path()).collect()
    }

    fn layer(&mut self) -> Option<SpecLayer> {
        let (root, through) = (self.path()?, self.paths()?);
        let (known, more) = (self.number()? != 0, self.paths()?);
        Some(SpecLayer { root, through, through_in_memory: known.then_some(more) })
    }

    fn error(&mut self, request: &Request) -> Option<ExecError> {
        let (kind, number) = (self.number()?, self.number()?);
        let mut texts = self.texts()?;
        let (message, program) = (texts.pop()?, texts.pop()?);
        Some(match kind {
            0 => ExecError::Empty,
            1 => ExecError::NoFolder { cwd: request.cwd.clone() },
            2 => ExecError::NotFound { program },
            3 => ExecError::NotExecutable { program },
            4 => ExecError::TooLong { bytes: usize::try_from(number).ok()? },
            _ => {
                let errno = u32::try_from(number).ok()?.cast_signed();
                let source =
                    if errno == 0 { io::Error::other(message) } else { io::Error::from_raw_os_error(errno) };
                ExecError::Start { program, source }
            }
        })
    }
}
