//! Forks: a session whose beginning is another's, by reference; and making them whole before that other one goes.

use crate::chain::{Chain, LOG, Segment, first_line};
use crate::folder::{check_id, exists, make_private, private_file, step, sync_folder, write_beside};
use crate::format::{self, ForkPoint};
use crate::lines::{Lines, envelope};
use crate::lock::{Lock, Tidy};
use crate::log::Books;
use crate::{SessionHead, Store, StoreError, checkpoint, codec, stamp};
use glossator_session::{ItemBody, ItemId, SessionId, TurnId};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

impl Store {
    /// Begins `new` as a fork of a session behind its turn `upto`, which has ended; `T-0`: before the first. What both
    /// share is read from the old one's log. Another process may write that meanwhile.
    ///
    /// # Errors
    /// A turn that has not ended or does not exist, an id that is taken, and whatever the disk says; nothing is left behind
    /// then.
    pub fn fork(
        &self,
        id: &SessionId,
        upto: TurnId,
        new: SessionId,
        created_at: i64,
    ) -> Result<SessionHead, StoreError> {
        let folder = self.sessions().join(check_id(&new)?);
        let _nothing_goes = Tidy::shared(self.folder())?;
        let chain = self.chain(id)?;
        chain.writable()?;
        let parent = self.fork_point(&chain, upto)?;
        if exists(&folder) {
            return Err(StoreError::Exists { session: new.0 });
        }
        let head = SessionHead { id: new, created_at, parent: Some(parent), ..chain.head.clone() };
        make_private(&folder, true)?;
        let made = self.fill(&folder, &head, &chain);
        if made.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        // What others left who were killed while they forked.
        self.remove_unborn();
        made.map(|()| head)
    }

    /// Puts into `folder` what the fork `head` of the session `chain` begins with; its log comes last.
    fn fill(&self, folder: &Path, head: &SessionHead, chain: &Chain) -> Result<(), StoreError> {
        let lock = Lock::take(folder, &head.id.0)?;
        link_kept(chain.own.folder(), folder)?;
        let mut books = Books::new(Segment::new(&head.id, folder.join(LOG)), self.folder().to_owned());
        books.write_header(head)?;
        let shared = head.parent.as_ref().map_or(0, |parent| parent.item.0);
        // Without it the first opening takes longer.
        if let Err(error) = checkpoint::inherit(chain.own.folder(), &books.own, shared) {
            tracing::debug!(%error, "a fork without its parent's checkpoint");
        }
        drop(lock);
        sync_folder(&self.sessions());
        Ok(())
    }

    /// The end of the turn `upto`, in the log that holds it.
    fn fork_point(&self, chain: &Chain, upto: TurnId) -> Result<ForkPoint, StoreError> {
        let id = &chain.own.session;
        if upto.0 == 0 {
            return Ok(ForkPoint { session: id.clone(), turn: upto, item: ItemId(0) });
        }
        let starts = self.turns(chain)?;
        let at = starts.binary_search_by_key(&upto.0, |start| start.turn).map_err(|_| {
            let last = starts.last().map_or(0, |start| start.turn);
            StoreError::Refused(format!(
                "there is no turn {upto} in session {id}, whose last one is {}; name one of its turns, or T-0 for its \
                 beginning",
                TurnId(last)
            ))
        })?;
        let last = match starts.get(at + 1) {
            Some(next) => next.item - 1,
            None => self.last_item(chain)?,
        };
        let items = self.items(chain, starts[at].item, last)?;
        let ended = |item: &glossator_session::Item| {
            item.turn == upto && matches!(item.body, ItemBody::TurnEnded { .. })
        };
        if !items.iter().any(ended) {
            return Err(StoreError::Refused(format!(
                "turn {upto} of session {id} has not ended; wait for its end, or fork at a turn before it"
            )));
        }
        let holds = |segment: &&Segment| last > segment.start.last && last <= segment.upto;
        let segment = chain.segments().find(holds).unwrap_or(&chain.own);
        // The fork may name it only once it cannot be lost any more.
        let synced = segment.open(0)?.sync_data();
        synced.map_err(StoreError::io("write to", &segment.log))?;
        Ok(ForkPoint { session: segment.session.clone(), turn: upto, item: ItemId(last) })
    }

    /// The sessions whose beginning is that of `id`.
    pub(crate) fn forks_of(&self, id: &SessionId) -> Vec<(SessionId, SessionHead)> {
        let forks = self.session_ids().into_iter().filter_map(|fork| {
            let line = first_line(&self.sessions().join(&fork.0).join(LOG)).ok()?;
            let head = format::parse_header(&line).ok()?.head;
            let is_one = head.parent.as_ref().is_some_and(|parent| parent.session == *id);
            is_one.then_some((fork, head))
        });
        forks.collect()
    }

    /// All folders that may be sessions.
    pub(crate) fn session_ids(&self) -> Vec<SessionId> {
        let entries = fs::read_dir(self.sessions()).into_iter().flatten().flatten();
        let ids = entries.map(|entry| SessionId(entry.file_name().to_string_lossy().into_owned()));
        let mut ids: Vec<SessionId> = ids.filter(|id| check_id(id).is_ok()).collect();
        ids.sort();
        ids
    }

    /// Copies what `fork` has from the log of `parent` into its own, so that it goes on from where that one goes on from.
    /// Whoever calls this holds the lock of the fork.
    pub(crate) fn make_whole(&self, fork: &SessionId, parent: &SessionId) -> Result<(), StoreError> {
        let chain = self.chain(fork)?;
        let Some(point) = chain.head.parent.clone().filter(|point| point.session == *parent) else {
            return Ok(());
        };
        let between = chain.ancestors.iter().find(|segment| segment.session == *parent && point.item.0 > 0);
        let further = match self.chain(parent) {
            Ok(parents) => parents.head.parent,
            Err(_) => None,
        };
        // A fork at the very beginning has nothing of its parent's parent either.
        let further = further.filter(|further| further.item.0 > 0 && point.item.0 > 0);
        let head = SessionHead { parent: further, ..chain.head.clone() };
        let header = codec::encode_header(&head)?;
        for (blob, text) in &header.blobs {
            self.blobs().put(blob, text)?;
            self.blobs().sync(&blob.hash)?;
        }
        // Its places are those of the old log.
        checkpoint::forget(chain.own.folder())?;
        stamp::forget(&chain.own.log);
        let mut failed = None;
        let written = write_beside(&chain.own.log, true, |file| {
            file.write_all(&header.line)?;
            let copied = between.map_or(Ok(()), |segment| copy_items(segment, file));
            let own = copied.and_then(|()| copy_rest(&chain.own, file));
            own.map_err(|error| {
                failed = Some(error);
                ErrorKind::Other.into()
            })
        });
        match (written, failed) {
            (_, Some(error)) => Err(error),
            (written, None) => written,
        }?;
        sync_folder(chain.own.folder());
        Ok(())
    }
}

/// Copies the lines of a log that belong to the session.
fn copy_items(segment: &Segment, out: &mut File) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("copy", &segment.log)(error);
    let mut lines = Lines::from(segment.open(segment.start.at)?, segment.start);
    while let Some(line) = lines.next().map_err(failed)? {
        // Lines that are no items stay where they are; what is not ended is being written.
        if !line.has_newline() || envelope(line.bytes).is_some_and(|found| found.id.0 > segment.upto) {
            break;
        }
        step().and_then(|()| out.write_all(line.bytes)).map_err(failed)?;
    }
    Ok(())
}

fn copy_rest(segment: &Segment, out: &mut File) -> Result<(), StoreError> {
    let failed = |error| StoreError::io("copy", &segment.log)(error);
    let mut log = segment.open(segment.start.at)?;
    step().and_then(|()| std::io::copy(&mut log, out)).map(drop).map_err(failed)
}

/// Gives a fork the texts that are kept with its parent: the same files where that can be, copies elsewhere.
fn link_kept(from: &Path, to: &Path) -> Result<(), StoreError> {
    let (from, to) = (from.join("kept"), to.join("kept"));
    let entries = match fs::read_dir(&from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(StoreError::io("list", &from))?,
    };
    make_private(&to, true)?;
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let linked = step().and_then(|()| fs::hard_link(&old, &new)).or_else(|_| {
            let mut text = private_file().read(true).open(&old)?;
            step()?;
            let mut copy = private_file().write(true).create_new(true).open(&new)?;
            std::io::copy(&mut text, &mut copy)?;
            copy.sync_data()
        });
        linked.map_err(StoreError::io("copy", &old))?;
    }
    sync_folder(&to);
    Ok(())
}
