//! The store of one workspace: where its sessions lie, making, opening and reading them.

use crate::blobs::Blobs;
use crate::chain::{Chain, LOG, Segment};
use crate::checkpoint::{self, Checkpoint};
pub(crate) use crate::folder::check_id;
use crate::folder::{check_private, exists, make_private, sync_folder, workspace_folder, write_whole};
use crate::format::SessionHead;
use crate::lock::Lock;
use crate::log::Books;
use crate::replay::{self, Part, Replay, Tail};
use crate::table::Table;
use crate::tables::Tables;
use crate::{SessionLog, StoreError, stamp};
use glossator_session::{SessionId, TurnId};
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The stored state of one workspace.
#[derive(Debug, Clone)]
pub struct Store {
    state_dir: PathBuf,
    folder: PathBuf,
    workspace: PathBuf,
    tables: Tables,
}

impl Store {
    /// The store of `workspace` in `state_dir`. Nothing is created before the first session; what exists already is
    /// checked to be ours.
    pub fn open(state_dir: &Path, workspace: &Path) -> Result<Store, StoreError> {
        let workspace = fs::canonicalize(workspace).unwrap_or_else(|_| workspace.to_owned());
        let folder = workspace_folder(state_dir, &workspace);
        let store = Store { state_dir: state_dir.to_owned(), folder, workspace, tables: Tables::default() };
        for (path, own) in store.levels() {
            match check_private(&path, own) {
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => break,
                other => other?,
            }
        }
        Ok(store)
    }

    /// The folder of this workspace's state; it may not exist yet.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the user's that this is the state of.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The folder of all state.
    pub(crate) fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// The prompt document of a session, made with `text` if it is not there yet.
    pub fn prompt_document(&self, id: &SessionId, text: &str) -> Result<PathBuf, StoreError> {
        let path = self.session_folder(id)?.join("prompt.md");
        if fs::symlink_metadata(&path).is_err() {
            write_whole(&path, text.as_bytes())?;
        }
        Ok(path)
    }

    /// The review document of a turn, `T-12.diff`; written whole if there is a `text`.
    pub fn review_document(
        &self,
        id: &SessionId,
        turn: TurnId,
        text: Option<&str>,
    ) -> Result<PathBuf, StoreError> {
        let path = self.session_folder(id)?.join(format!("{turn}.diff"));
        if let Some(text) = text {
            write_whole(&path, text.as_bytes())?;
        }
        Ok(path)
    }

    /// Puts the review document of a turn aside, as `T-12.old.diff`, if there is one.
    pub fn set_review_aside(&self, id: &SessionId, turn: TurnId) -> Result<(), StoreError> {
        let folder = self.session_folder(id)?;
        let (path, aside) = (folder.join(format!("{turn}.diff")), folder.join(format!("{turn}.old.diff")));
        match fs::rename(&path, aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("move", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// The folder of a session, made if it is not there yet.
    fn session_folder(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        let folder = self.sessions().join(check_id(id)?);
        for (path, own) in self.levels() {
            make_private(&path, own)?;
        }
        make_private(&folder, true)?;
        Ok(folder)
    }

    /// A folder for what commands need while they run, made if it is not there yet. Whoever puts something there takes it
    /// away again.
    pub fn scratch(&self) -> Result<PathBuf, StoreError> {
        let folder = self.folder.join("scratch");
        let [state, workspaces, own, _] = self.levels();
        for (path, own) in [state, workspaces, own, (folder.clone(), true)] {
            make_private(&path, own)?;
        }
        Ok(folder)
    }

    /// Begins a session; this process writes it until the log is dropped.
    pub fn create(&self, head: &SessionHead) -> Result<SessionLog, StoreError> {
        let id = check_id(&head.id)?;
        for (path, own) in self.levels() {
            make_private(&path, own)?;
        }
        self.name_workspace()?;
        let folder = self.sessions().join(id);
        make_private(&folder, true)?;
        let lock = Lock::take(&folder, id)?;
        let log = folder.join(LOG);
        if exists(&log) {
            return Err(StoreError::Exists { session: id.to_owned() });
        }
        let log =
            SessionLog::create(Books::new(Segment::new(&head.id, log), self.folder.clone()), head, lock)?;
        sync_folder(&self.sessions());
        Ok(log)
    }

    /// Opens a session to go on with it: takes its lock, heals a torn tail and reads what its checkpoint does not hold.
    pub fn open_session(&self, id: &SessionId) -> Result<(SessionLog, Replay), StoreError> {
        let name = check_id(id)?;
        let folder = self.sessions().join(name);
        if fs::symlink_metadata(folder.join(LOG)).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Err(StoreError::Missing { session: name.to_owned() });
        }
        check_private(&folder, true)?;
        let lock = Lock::take(&folder, name)?;
        let chain = self.chain(id)?;
        chain.writable()?;
        let (mut replay, table, part) = self.replay(&chain, true)?;
        if stamp::check(&chain.own.log).is_err() {
            // From now on it counts as it is: nothing may be left that remembers it otherwise.
            self.forget_checkpoints(id);
        }
        let place = (table, self.folder.clone());
        let (log, healed) = SessionLog::resume(chain, place, (&part, replay.next_id), lock)?;
        replay.healed = healed;
        Ok((log, replay))
    }

    /// Reads all of a session without taking its lock, also one that another process writes (what it is writing at this
    /// moment is left out) and one of a newer format.
    pub fn read(&self, id: &SessionId) -> Result<Replay, StoreError> {
        Ok(self.replay(&self.chain(id)?, false)?.0)
    }

    /// The logs of a session.
    pub(crate) fn chain(&self, id: &SessionId) -> Result<Chain, StoreError> {
        Chain::of(&self.sessions(), id, &self.blobs())
    }

    /// Forgets the checkpoints of a session and of all that were forked from it. One that stays is told of again.
    fn forget_checkpoints(&self, id: &SessionId) {
        let (mut left, mut done) = (vec![id.clone()], HashSet::new());
        while let Some(id) = left.pop() {
            if !done.insert(id.clone()) {
                continue;
            }
            if let Err(error) = checkpoint::forget(&self.sessions().join(&id.0)) {
                tracing::warn!(%error, "a checkpoint that does not fit its log was not deleted");
            }
            left.extend(self.forks_of(&id).into_iter().map(|(fork, _)| fork));
        }
    }

    /// The blobs of this workspace.
    pub(crate) fn blobs(&self) -> Blobs {
        Blobs::of(&self.folder)
    }

    /// Where what stands in the logs that were read lately.
    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Reads a session from its checkpoint on, where there is one that fits and it is wanted. The last part is of its own
    /// log, without its items and notices.
    fn replay(&self, chain: &Chain, checkpoint: bool) -> Result<(Replay, Table, Part), StoreError> {
        let blobs = self.blobs();
        let mut replay = Replay {
            head: chain.head.clone(),
            items: Vec::new(),
            fold: None,
            next_id: 1,
            healed: None,
            notices: chain.notices.clone(),
        };
        let known = if checkpoint { known(chain, &mut replay) } else { None };
        let (mut own_table, from) = match known {
            Some((table, known)) => {
                replay.fold = Some(known.state);
                (table, Some((known.session, known.place)))
            }
            None => (chain.own.table(), None),
        };
        let mut begun = from.is_none();
        let mut part =
            Part { items: Vec::new(), notices: Vec::new(), end: chain.own.start, tail: Tail::None };
        for segment in chain.segments() {
            let place = match &from {
                Some((session, place)) if !begun && *session == segment.session => {
                    begun = true;
                    *place
                }
                _ => segment.start,
            };
            if !begun {
                continue;
            }
            let is_own = segment.session == chain.own.session;
            let mut other = segment.table();
            let table = if is_own { &mut own_table } else { &mut other };
            let read = replay::read_part(
                segment.open(place.at)?,
                (place, segment.upto),
                &|blob| blobs.get(blob),
                table,
            );
            part = read.map_err(StoreError::io("read", &segment.log))?;
            replay.items.append(&mut part.items);
            replay.notices.append(&mut part.notices);
            if is_own {
                replay.next_id = part.next_id(place);
            } else if part.end.last < segment.upto {
                replay.notices.push(format!(
                    "This session goes on from item {} of {}, whose log ends with item {}: what stood between is missing here.",
                    segment.upto, segment.session, part.end.last
                ));
            }
        }
        Ok((replay, own_table, part))
    }

    /// The folder of its sessions.
    pub(crate) fn sessions(&self) -> PathBuf {
        self.folder.join("sessions")
    }

    /// The folders from the state folder down, and whether Glossator alone makes them.
    fn levels(&self) -> [(PathBuf, bool); 4] {
        [
            (self.state_dir.clone(), false),
            (self.state_dir.join("workspaces"), true),
            (self.folder.clone(), true),
            (self.sessions(), true),
        ]
    }

    /// Makes the folder of this workspace's state, with a note of whose it is.
    pub(crate) fn make_folder(&self) -> Result<(), StoreError> {
        let [state, workspaces, own, _] = self.levels();
        for (path, own) in [state, workspaces, own] {
            make_private(&path, own)?;
        }
        self.name_workspace()
    }

    /// Leaves a note of which workspace the folder belongs to.
    fn name_workspace(&self) -> Result<(), StoreError> {
        let path = self.folder.join("workspace.json");
        let text = serde_json::json!({ "path": self.workspace.to_string_lossy() });
        let text = format!("{text}\n");
        // It tells of another folder where an `attach` was killed half way.
        match fs::read(&path) {
            Ok(bytes) if bytes == text.as_bytes() => Ok(()),
            _ => write_whole(&path, text.as_bytes()),
        }
    }
}

/// The checkpoint of a session; one that does not fit is told of.
fn known(chain: &Chain, replay: &mut Replay) -> Option<(Table, Checkpoint)> {
    let segments: Vec<&Segment> = chain.segments().collect();
    let found = checkpoint::load(&chain.own, &segments).and_then(|found| {
        if found.is_some() {
            segments.iter().try_for_each(|segment| stamp::check(&segment.log))?;
        }
        Ok(found)
    });
    found.unwrap_or_else(|why| {
        replay.notices.push(format!(
            "What was remembered of this session's beginning does not fit its log ({why}), so all of it was read anew. \
             Nothing is lost."
        ));
        None
    })
}
