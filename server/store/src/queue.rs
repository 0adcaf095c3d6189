//! The prompts of a session that wait for their turn: `queue.json` beside its log, written whole by the session's writer.
//! Never decides when one of them is started. One whose number stands in the log does not wait, whatever the file says. What
//! waits in a session without a log lies in a folder of its own, where the next session finds it when the process has died.

use crate::chain::LOG;
use crate::folder::{check_id, exists, make_private, private_file, rename, sync_folder, write_whole};
use crate::{Store, StoreError};
use glossator_session::{AgentId, InputPart, SessionId};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

const FILE: &str = "queue.json";
/// Where one that is not understood goes.
const ASIDE: &str = "queue.old.json";
/// The greatest number of a prompt: what JSON can hold.
const MOST: u64 = 1 << 53;
/// The folder of what waits in sessions without a log: one file each.
const UNBORN: &str = "unborn";

/// The prompts that wait.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromptQueue {
    /// The last number that was given to a prompt; none is given twice.
    pub last: u64,
    /// The prompts, in the order in which they are started.
    pub prompts: Vec<StoredPrompt>,
}

/// A prompt that waits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredPrompt {
    /// Its number in the session, from 1.
    pub number: u64,
    /// What the user wrote.
    pub input: Vec<InputPart>,
    /// When it was queued: milliseconds since the Unix epoch.
    pub at: i64,
    /// A pack that bounds the tools of its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// What becomes of the scripts of its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The agents that were named beside the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentId>,
    /// Whether it goes before those that were queued: it was said to a turn that could not hear it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub front: bool,
}

/// What waits in a session without a log.
#[derive(Serialize, Deserialize)]
struct Unborn {
    /// The process that it waits in.
    owner: u32,
    queue: PromptQueue,
}

impl Store {
    /// The prompts of a session that wait; none where nothing was ever queued. A file that is not understood is put aside.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says.
    pub fn queue(&self, id: &SessionId) -> Result<PromptQueue, StoreError> {
        let path = self.queue_file(id)?;
        let mut bytes = Vec::new();
        match private_file().read(true).open(&path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            // The process died before it could write it, at the very beginning of the session.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let unborn = read_unborn(&self.unborn_file(id)?);
                return Ok(unborn.map(|unborn| unborn.queue).unwrap_or_default());
            }
            Err(error) => return Err(StoreError::io("read", &path)(error)),
            Ok(_) => {}
        }
        match understood(&bytes) {
            Ok(queue) => Ok(queue),
            Err(error) => {
                tracing::warn!(path = %path.display(), error, "not understood; put aside");
                rename(&path, &path.with_file_name(ASIDE))?;
                Ok(PromptQueue::default())
            }
        }
    }

    /// Changes them, whole and to the disk.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says; then nothing has changed.
    pub fn set_queue(&self, id: &SessionId, queue: &PromptQueue) -> Result<(), StoreError> {
        let path = self.queue_file(id)?;
        write_whole(&path, &serde_json::to_vec(queue)?)?;
        sync_folder(path.parent().unwrap_or(&path));
        remove(&self.unborn_file(id)?)
    }

    /// Changes them in a session that has no log yet.
    ///
    /// # Errors
    /// As [`Store::set_queue`].
    pub fn set_unborn_queue(&self, id: &SessionId, queue: &PromptQueue) -> Result<(), StoreError> {
        let path = self.unborn_file(id)?;
        if queue.prompts.is_empty() {
            return remove(&path);
        }
        self.make_folder()?;
        let folder = self.folder().join(UNBORN);
        make_private(&folder, true)?;
        let unborn = Unborn { owner: std::process::id(), queue: queue.clone() };
        write_whole(&path, &serde_json::to_vec(&unborn)?)?;
        sync_folder(&folder);
        Ok(())
    }

    /// Gives the session `id`, which has no log yet, what waits in another one without a log whose process has died: the
    /// oldest first, one at a time. `known`: sessions that are alive here.
    ///
    /// # Errors
    /// As [`Store::set_queue`].
    pub fn adopt_unborn_queue(
        &self,
        id: &SessionId,
        known: &dyn Fn(&SessionId) -> bool,
    ) -> Result<Option<PromptQueue>, StoreError> {
        let own = self.unborn_file(id)?;
        let entries = std::fs::read_dir(self.folder().join(UNBORN)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        for name in names {
            let Some(other) = name.strip_suffix(".json").map(SessionId::from) else { continue };
            let Ok(path) = self.unborn_file(&other) else { continue };
            let has_log = exists(&self.sessions().join(&other.0).join(LOG));
            if other == *id || known(&other) || has_log {
                continue;
            }
            if let Some(unborn) = read_unborn(&path).filter(|unborn| !lives(unborn.owner)) {
                rename(&path, &own)?;
                return Ok(Some(unborn.queue));
            }
        }
        Ok(None)
    }

    fn unborn_file(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        Ok(self.folder().join(UNBORN).join(format!("{}.json", check_id(id)?)))
    }

    fn queue_file(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        let folder = self.sessions().join(check_id(id)?);
        match exists(&folder.join(LOG)) {
            true => Ok(folder.join(FILE)),
            false => Err(StoreError::Missing { session: id.0.clone() }),
        }
    }
}

fn understood(bytes: &[u8]) -> Result<PromptQueue, String> {
    let queue: PromptQueue = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let numbers = queue.prompts.iter().map(|prompt| prompt.number);
    match numbers.chain([queue.last]).all(|number| number <= MOST) {
        true => Ok(queue),
        false => Err("its numbers are none that were counted".to_owned()),
    }
}

fn read_unborn(path: &Path) -> Option<Unborn> {
    let mut bytes = Vec::new();
    private_file().read(true).open(path).ok()?.read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether another process of that number is there.
fn lives(process: u32) -> bool {
    if process == std::process::id() {
        return false;
    }
    let number = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    // One of another user's is there too, and cannot be told anything.
    let is_there = |number| !matches!(rustix::process::test_kill_process(number), Err(Errno::SRCH));
    number.is_some_and(is_there) && !is_dead(process)
}

/// Whether the system keeps nothing of a process but how it ended, as nobody has asked for that yet.
fn is_dead(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Its name stands in brackets, and may hold some.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('Z' | 'X'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::faults;
    use crate::tests::Bench;

    fn prompt(number: u64, text: &str) -> StoredPrompt {
        let input = vec![InputPart::Text { text: text.to_owned() }];
        StoredPrompt { number, input, at: 7, ..StoredPrompt::default() }
    }

    #[test]
    fn what_waits_is_there_again() {
        let bench = Bench::new();
        bench.session("s-1", 3);
        let id = SessionId::from("s-1");
        assert_eq!(bench.store.queue(&id).unwrap(), PromptQueue::default());
        let full = StoredPrompt {
            pack: Some("read-only".to_owned()),
            mode: Some("dry-run".to_owned()),
            agents: vec!["reviewer".into()],
            ..prompt(3, "日本 🦀 \"\n")
        };
        let queue = PromptQueue { last: 3, prompts: vec![prompt(1, "a"), full] };
        bench.store.set_queue(&id, &queue).unwrap();
        assert_eq!(bench.store.queue(&id).unwrap(), queue);
        bench.store.delete(&id).unwrap();
        assert!(matches!(bench.store.queue(&id), Err(StoreError::Missing { .. })));
    }

    #[test]
    fn a_write_that_fails_changes_nothing() {
        let bench = Bench::new();
        bench.session("s-1", 3);
        let id = SessionId::from("s-1");
        let before = PromptQueue { last: 1, prompts: vec![prompt(1, "a")] };
        bench.store.set_queue(&id, &before).unwrap();
        for step in 0.. {
            faults::begin(step, 28, false);
            let written = bench.store.set_queue(&id, &PromptQueue { last: 2, prompts: Vec::new() });
            if !faults::end() {
                break;
            }
            assert!(written.is_err(), "step {step}");
            assert_eq!(bench.store.queue(&id).unwrap(), before, "step {step}");
        }
        assert_eq!(bench.store.queue(&id).unwrap().last, 2);
    }

    #[test]
    fn what_is_not_understood_is_put_aside() {
        let bench = Bench::new();
        bench.session("s-1", 3);
        let (id, folder) = (SessionId::from("s-1"), bench.session_folder("s-1"));
        for (text, understood) in [
            ("{\"last\":", false),
            ("[\"a\"]", false),
            ("{\"last\":18446744073709551615}", false),
            ("{}", true),
            ("{\"last\":2,\"new\":1}", true),
        ] {
            std::fs::write(folder.join(FILE), text).unwrap();
            let queue = bench.store.queue(&id).unwrap();
            assert!(queue.prompts.is_empty());
            let aside = std::fs::read_to_string(folder.join(ASIDE)).ok();
            assert_eq!(aside.as_deref() == Some(text), !understood, "{text}");
        }
    }

    #[test]
    fn there_is_none_without_a_session() {
        let bench = Bench::new();
        for id in ["s-1", "", "../s"] {
            assert!(bench.store.queue(&SessionId::from(id)).is_err(), "{id}");
            assert!(bench.store.set_queue(&SessionId::from(id), &PromptQueue::default()).is_err(), "{id}");
        }
        for id in ["", "../s"] {
            assert!(
                bench.store.set_unborn_queue(&SessionId::from(id), &PromptQueue::default()).is_err(),
                "{id}"
            );
        }
    }

    #[test]
    fn what_waits_before_there_is_a_log_is_found_by_the_next_session() {
        let bench = Bench::new();
        let store = &bench.store;
        let [one, two, three] = ["s-1", "s-2", "s-3"].map(SessionId::from);
        let nobody = |_: &SessionId| false;
        let queue = |text: &str| PromptQueue { last: 1, prompts: vec![prompt(1, text)] };
        assert_eq!(store.adopt_unborn_queue(&three, &nobody).unwrap(), None);
        store.set_unborn_queue(&two, &queue("two")).unwrap();
        store.set_unborn_queue(&one, &queue("one")).unwrap();
        assert_eq!(store.adopt_unborn_queue(&three, &|id| *id == one || *id == two).unwrap(), None);
        // Of another process that is there, and of one that is not understood.
        let file = |id: &SessionId| store.unborn_file(id).unwrap();
        let text = std::fs::read_to_string(file(&one)).unwrap();
        let alive = text.replace(&format!("\"owner\":{}", std::process::id()), "\"owner\":1");
        std::fs::write(file(&one), alive).unwrap();
        assert_eq!(store.adopt_unborn_queue(&three, &|id| *id == two).unwrap(), None);
        std::fs::write(file(&one), "{").unwrap();
        assert_eq!(store.adopt_unborn_queue(&three, &nobody).unwrap(), Some(queue("two")));
        assert_eq!(store.adopt_unborn_queue(&three, &nobody).unwrap(), None);
        std::fs::write(file(&one), text).unwrap();
        // The session begins: its file goes with the log.
        bench.session("s-3", 3);
        assert_eq!(store.queue(&three).unwrap(), queue("two"));
        store.set_queue(&three, &queue("again")).unwrap();
        assert!(!file(&three).exists());
        assert_eq!(store.queue(&three).unwrap(), queue("again"));
        bench.session("s-1", 3);
        assert_eq!(store.adopt_unborn_queue(&two, &nobody).unwrap(), None, "it is that session's own");
        assert_eq!(store.queue(&one).unwrap(), queue("one"));
        store.set_unborn_queue(&two, &queue("x")).unwrap();
        store.set_unborn_queue(&two, &PromptQueue { last: 1, prompts: Vec::new() }).unwrap();
        assert!(!file(&two).exists());
    }
}
