//! What of a session can change beside its log: `meta.json` in its folder, written whole by whoever changes it.

use crate::chain::LOG;
use crate::folder::{check_id, exists, private_file, rename, sync_folder, write_whole};
use crate::{Store, StoreError};
use glossator_session::SessionId;
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

const FILE: &str = "meta.json";

/// What of a session can change beside its log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionMeta {
    /// What the user or a model called it; `None`: its head's title or the first words of its first prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether lists leave it out.
    pub archived: bool,
    /// Settings of this session over all others, as one more layer.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub settings: serde_json::Map<String, serde_json::Value>,
}

impl Store {
    /// What of a session can change beside its log; the default where nothing was changed yet, or where it cannot be
    /// understood.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says.
    pub fn meta(&self, id: &SessionId) -> Result<SessionMeta, StoreError> {
        let path = self.meta_file(id)?;
        let mut bytes = Vec::new();
        match private_file().read(true).open(&path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(SessionMeta::default()),
            Err(error) => Err(StoreError::io("read", &path)(error)),
            Ok(_) => Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "not understood");
                SessionMeta::default()
            })),
        }
    }

    /// Changes it; another process may write the log meanwhile. A file that is not understood is put aside.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk says; then nothing has changed.
    pub fn set_meta(&self, id: &SessionId, meta: &SessionMeta) -> Result<(), StoreError> {
        let path = self.meta_file(id)?;
        let bytes = serde_json::to_vec(meta)?;
        let mut old = Vec::new();
        let read = private_file().read(true).open(&path).and_then(|mut file| file.read_to_end(&mut old));
        if read.is_ok() && serde_json::from_slice::<SessionMeta>(&old).is_err() {
            rename(&path, &path.with_file_name("meta.old.json"))?;
        }
        write_whole(&path, &bytes)?;
        sync_folder(path.parent().unwrap_or(&path));
        Ok(())
    }

    fn meta_file(&self, id: &SessionId) -> Result<PathBuf, StoreError> {
        let folder = self.sessions().join(check_id(id)?);
        match exists(&folder.join(LOG)) {
            true => Ok(folder.join(FILE)),
            false => Err(StoreError::Missing { session: id.0.clone() }),
        }
    }
}
