//! A session as the logs that it is made of: its own, and the beginnings of those that it was forked from. Reads the
//! headers only.

use crate::StoreError;
use crate::blobs::Blobs;
use crate::codec;
use crate::folder::{check_id, private_file};
use crate::format::{self, FORMAT_VERSION, SessionHead};
use crate::lines::Place;
use crate::table::Table;
use glossator_session::SessionId;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The log in a session's folder.
pub(crate) const LOG: &str = "log.jsonl";

/// Why nothing may be added to a log.
#[derive(Debug, Clone)]
pub(crate) enum Sealed {
    Newer(u32),
    Damaged(String),
}

/// One log of a session, or its beginning.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub session: SessionId,
    pub log: PathBuf,
    /// Behind its header.
    pub start: Place,
    /// The last turn before it.
    pub turn: u32,
    /// The last item that belongs to the session.
    pub upto: u64,
}

impl Segment {
    /// The log of a session that is not there yet.
    pub fn new(session: &SessionId, log: PathBuf) -> Segment {
        Segment { session: session.clone(), log, start: Place::default(), turn: 0, upto: u64::MAX }
    }

    /// A table that knows nothing yet.
    pub fn table(&self) -> Table {
        Table::new(self.start.at, self.start.last, self.turn)
    }

    /// The folder of its session.
    pub fn folder(&self) -> &Path {
        self.log.parent().unwrap_or(&self.log)
    }

    /// The log, open at `at`.
    pub fn open(&self, at: u64) -> Result<File, StoreError> {
        let open = || -> io::Result<File> {
            let mut file = private_file().read(true).open(&self.log)?;
            file.seek(SeekFrom::Start(at))?;
            Ok(file)
        };
        open().map_err(|error| missing_or(&self.session, &self.log, error))
    }
}

/// A session's logs.
#[derive(Debug)]
pub(crate) struct Chain {
    pub head: SessionHead,
    /// The format of its own log.
    pub format: u32,
    pub sealed: Option<Sealed>,
    /// The oldest first, its own last.
    pub ancestors: Vec<Segment>,
    pub own: Segment,
    /// What was not as it should be, for the user.
    pub notices: Vec<String>,
}

impl Chain {
    /// The session `id` among the sessions in the folder `sessions`.
    pub fn of(sessions: &Path, id: &SessionId, blobs: &Blobs) -> Result<Chain, StoreError> {
        let log = sessions.join(check_id(id)?).join(LOG);
        let line = first_line(&log).map_err(|error| missing_or(id, &log, error))?;
        let start = Place { at: line.len() as u64, lines: u64::from(!line.is_empty()), last: 0 };
        let mut own = Segment { session: id.clone(), log, start, turn: 0, upto: u64::MAX };
        let mut notices = Vec::new();
        let (head, format, sealed) = match codec::decode_header(&line, &|blob| blobs.get(blob)) {
            Ok((header, lost)) => {
                notices.extend(
                    lost.iter().map(|why| format!("A text of this session's beginning is lost: {why}.")),
                );
                let newer = (header.format > FORMAT_VERSION).then_some(Sealed::Newer(header.format));
                (header.head, header.format, newer)
            }
            Err(why) => {
                notices.push(format!(
                    "The log of this session is damaged: {why}. It can be read but not continued."
                ));
                (unknown(id), 0, Some(Sealed::Damaged(why)))
            }
        };
        if let Some(parent) = &head.parent {
            (own.start.last, own.turn) = (parent.item.0, parent.turn.0);
        }
        let ancestors = ancestors(sessions, &head, &mut notices);
        Ok(Chain { head, format, sealed, ancestors, own, notices })
    }

    /// Refuses a session that this version can read but not go on with.
    pub fn writable(&self) -> Result<(), StoreError> {
        match &self.sealed {
            None => Ok(()),
            Some(Sealed::Newer(found)) => Err(StoreError::Newer {
                session: self.own.session.0.clone(),
                found: *found,
                known: FORMAT_VERSION,
            }),
            Some(Sealed::Damaged(why)) => {
                Err(StoreError::Damaged { path: self.own.log.clone(), why: why.clone() })
            }
        }
    }

    /// All its logs, the oldest first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.ancestors.iter().chain([&self.own])
    }
}

/// The logs that the session of `head` goes on from, the oldest first.
fn ancestors(sessions: &Path, head: &SessionHead, notices: &mut Vec<String>) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    let mut next = head.parent.clone();
    let mut upto = u64::MAX;
    while let Some(point) = next.take() {
        upto = upto.min(point.item.0);
        if upto == 0 {
            break;
        }
        let log = sessions.join(&point.session.0).join(LOG);
        let twice = point.session == head.id || found.iter().any(|one| one.session == point.session);
        let line = match check_id(&point.session) {
            _ if twice => Err("it is said to be its own beginning".to_owned()),
            Ok(_) => first_line(&log).map_err(|error| match error.kind() {
                ErrorKind::NotFound => "it is gone".to_owned(),
                _ => error.to_string(),
            }),
            Err(error) => Err(error.to_string()),
        };
        let line = match line {
            Ok(line) => line,
            Err(why) => {
                notices.push(format!(
                    "This session goes on from {} at {}, which cannot be read: {why}. What was said up to there is missing \
                     here.",
                    point.session, point.turn
                ));
                break;
            }
        };
        let start = Place { at: line.len() as u64, lines: u64::from(!line.is_empty()), last: 0 };
        let mut segment = Segment { session: point.session.clone(), log, start, turn: 0, upto };
        match format::parse_header(&line) {
            Ok(header) => next = header.head.parent,
            Err(why) => notices.push(format!(
                "The log of {}, which this session goes on from, is damaged: {why}.",
                point.session
            )),
        }
        if let Some(parent) = &next {
            (segment.start.last, segment.turn) = (parent.item.0, parent.turn.0);
        }
        found.push(segment);
    }
    found.reverse();
    found
}

/// The first line of a file with its newline; empty where none has ended yet.
pub(crate) fn first_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    // A header is short: what goes on for longer is none.
    let file = private_file().read(true).open(path)?.take(64 << 20);
    BufReader::new(file).read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        line.clear();
    }
    Ok(line)
}

fn missing_or(id: &SessionId, path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::NotFound => StoreError::Missing { session: id.0.clone() },
        _ => StoreError::io("read", path)(error),
    }
}

fn unknown(id: &SessionId) -> SessionHead {
    SessionHead {
        id: id.clone(),
        title: String::new(),
        created_at: 0,
        model: String::new(),
        pack: String::new(),
        tools: Vec::new(),
        calling: String::new(),
        strategy: String::new(),
        parent: None,
        layers: Vec::new(),
    }
}
