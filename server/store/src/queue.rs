//! The prompts of a session that wait for their turn: `queue.json` beside its log, written whole by the session's writer.
//! Never decides when one of them is started.

use crate::chain::LOG;
use crate::folder::{check_id, exists, private_file, rename, sync_folder, write_whole};
use crate::{Store, StoreError};
use glossator_session::{AgentId, InputPart, SessionId, TurnId};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

const FILE: &str = "queue.json";
/// Where one that is not understood goes.
const ASIDE: &str = "queue.old.json";

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
    /// The turn that it is being started as: where that is in the log with this prompt, it no longer waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<TurnId>,
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
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(PromptQueue::default()),
            Err(error) => return Err(StoreError::io("read", &path)(error)),
            Ok(_) => {}
        }
        match serde_json::from_slice(&bytes) {
            Ok(queue) => Ok(queue),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "not understood; put aside");
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
        Ok(())
    }

    fn queue_file(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        let folder = self.sessions().join(check_id(id)?);
        match exists(&folder.join(LOG)) {
            true => Ok(folder.join(FILE)),
            false => Err(StoreError::Missing { session: id.0.clone() }),
        }
    }
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
            starts: Some(TurnId(4)),
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
        for (text, understood) in
            [("{\"last\":", false), ("[\"a\"]", false), ("{}", true), ("{\"last\":2,\"new\":1}", true)]
        {
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
    }
}
