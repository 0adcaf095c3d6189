//! The store of one workspace: where its sessions lie, making, opening, reading and listing them.

use crate::folder::{check_private, make_private, private_file, sync_folder, workspace_folder, write_whole};
use crate::format::{self, FORMAT_VERSION, SessionHead};
use crate::lock::Lock;
use crate::log::LOG;
use crate::replay::{self, Replay, Sealed};
use crate::{SessionLog, StoreError};
use glossator_session::{InputPart, ItemBody, SessionId, TurnId};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Characters of a title taken from the first prompt.
const TITLE_CHARS: usize = 80;
/// Lines behind the header in which a first prompt is looked for.
const TITLE_LINES: usize = 8;
/// Bytes of one session's log that a list reads at most.
const LIST_BYTES: u64 = 4 << 20;

/// The stored state of one workspace.
#[derive(Debug, Clone)]
pub struct Store {
    state_dir: PathBuf,
    folder: PathBuf,
    workspace: PathBuf,
}

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its id.
    pub id: SessionId,
    /// Its title, or the first words of its first prompt; empty before that.
    pub title: String,
    /// When it began: milliseconds since the Unix epoch.
    pub created_at: i64,
    /// When its log was last written to: milliseconds since the Unix epoch.
    pub updated_at: i64,
    /// The model: `provider/model`.
    pub model: String,
}

impl Store {
    /// The store of `workspace` in `state_dir`. Nothing is created before the first session; what exists already is
    /// checked to be ours.
    pub fn open(state_dir: &Path, workspace: &Path) -> Result<Store, StoreError> {
        let workspace = fs::canonicalize(workspace).unwrap_or_else(|_| workspace.to_owned());
        let folder = workspace_folder(state_dir, &workspace);
        let store = Store { state_dir: state_dir.to_owned(), folder, workspace };
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
        if fs::symlink_metadata(folder.join(LOG)).is_ok() {
            return Err(StoreError::Exists { session: id.to_owned() });
        }
        let log = SessionLog::create(&folder, head, lock)?;
        sync_folder(&self.sessions());
        Ok(log)
    }

    /// Opens a session to go on with it: takes its lock, heals a torn tail and reads all items.
    pub fn open_session(&self, id: &SessionId) -> Result<(SessionLog, Replay), StoreError> {
        let name = check_id(id)?;
        let folder = self.sessions().join(name);
        if fs::symlink_metadata(folder.join(LOG)).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Err(StoreError::Missing { session: name.to_owned() });
        }
        check_private(&folder, true)?;
        let lock = Lock::take(&folder, name)?;
        let mut scan = replay::scan(&self.read_log(id)?, id);
        match scan.sealed.take() {
            Some(Sealed::Newer(found)) => {
                return Err(StoreError::Newer { session: name.to_owned(), found, known: FORMAT_VERSION });
            }
            Some(Sealed::Damaged(why)) => {
                return Err(StoreError::Damaged { path: folder.join(LOG), why });
            }
            None => {}
        }
        let (log, healed) = SessionLog::resume(&folder, &scan, lock)?;
        let mut replay = scan.replay;
        replay.healed = healed;
        Ok((log, replay))
    }

    /// Reads a session without taking its lock, also one that another process writes (what it is writing at this moment
    /// is left out) and one of a newer format.
    pub fn read(&self, id: &SessionId) -> Result<Replay, StoreError> {
        Ok(replay::scan(&self.read_log(id)?, id).replay)
    }

    /// The sessions of this workspace, the last written first. Those that cannot be read are left out.
    pub fn list(&self) -> Result<Vec<SessionSummary>, StoreError> {
        let folder = self.sessions();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(StoreError::io("list", &folder))?,
        };
        let mut sessions = Vec::new();
        for entry in entries.flatten() {
            let id = SessionId(entry.file_name().to_string_lossy().into_owned());
            if check_id(&id).is_err() {
                continue;
            }
            match summary(&entry.path().join(LOG), &id) {
                Ok(summary) => sessions.push(summary),
                Err(why) => tracing::warn!(session = %id, %why, "session left out of the list"),
            }
        }
        sessions.sort_by(|a, b| (b.updated_at, &b.id).cmp(&(a.updated_at, &a.id)));
        Ok(sessions)
    }

    fn sessions(&self) -> PathBuf {
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

    /// Leaves a note of which workspace the folder belongs to.
    fn name_workspace(&self) -> Result<(), StoreError> {
        let path = self.folder.join("workspace.json");
        if fs::symlink_metadata(&path).is_ok() {
            return Ok(());
        }
        let text = serde_json::json!({ "path": self.workspace.to_string_lossy() });
        write_whole(&path, format!("{text}\n").as_bytes())
    }

    fn read_log(&self, id: &SessionId) -> Result<Vec<u8>, StoreError> {
        let path = self.sessions().join(check_id(id)?).join(LOG);
        let mut bytes = Vec::new();
        let read = private_file().read(true).open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
        match read {
            Ok(_) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(StoreError::Missing { session: id.0.clone() })
            }
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }
}

/// Ids become folder names, and they come from outside.
fn check_id(id: &SessionId) -> Result<&str, StoreError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.0.is_empty() || id.0.len() > 64 || !id.0.chars().all(fits) {
        return Err(StoreError::BadId { session: id.0.chars().take(80).collect() });
    }
    Ok(&id.0)
}

fn summary(log: &Path, id: &SessionId) -> Result<SessionSummary, String> {
    let file = private_file().read(true).open(log).map_err(|error| error.to_string())?;
    let changed = file.metadata().and_then(|meta| meta.modified()).map_err(|error| error.to_string())?;
    let updated_at = changed
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
    let mut lines = BufReader::new(file.take(LIST_BYTES)).split(b'\n').map_while(Result::ok);
    let head = format::parse_header(&lines.next().unwrap_or_default())?.head;
    let title = if head.title.is_empty() {
        lines.take(TITLE_LINES).find_map(|line| first_words(&line)).unwrap_or_default()
    } else {
        head.title
    };
    Ok(SessionSummary { id: id.clone(), title, created_at: head.created_at, updated_at, model: head.model })
}

/// The first words of a prompt, if `line` is one.
fn first_words(line: &[u8]) -> Option<String> {
    let ItemBody::UserMessage { input, .. } = format::parse_item(line).ok()?.body else {
        return None;
    };
    let text = input.iter().find_map(|part| match part {
        InputPart::Text { text } => text.lines().map(str::trim).find(|line| !line.is_empty()),
        InputPart::Mention { .. } | InputPart::Image { .. } => None,
    })?;
    Some(text.chars().take(TITLE_CHARS).collect())
}
