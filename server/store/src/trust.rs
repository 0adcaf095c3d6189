//! Which folders the user trusts, with which settings. Kept outside every repository; bound to the bytes of the folder's
//! settings file, so that a changed one has to be trusted anew.

use crate::folder::{make_private, write_whole};
use crate::{Store, StoreError};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const FILE: &str = "trust.json";

type Trusted = BTreeMap<String, String>;

impl Store {
    /// Whether `folder` is trusted with `settings`, the text of its own settings file (`None`: it has none). A file of ours
    /// that cannot be read trusts nothing.
    pub fn trusted(&self, folder: &Path, settings: Option<&str>) -> bool {
        self.read_trust().is_ok_and(|trusted| trusted.get(&key(folder)) == Some(&fingerprint(settings)))
    }

    /// Trusts `folder` with `settings` from now on, or no longer.
    pub fn set_trusted(&self, folder: &Path, settings: Option<&str>, trust: bool) -> Result<(), StoreError> {
        let mut trusted = self.read_trust()?;
        match trust {
            true => trusted.insert(key(folder), fingerprint(settings)),
            false => trusted.remove(&key(folder)),
        };
        make_private(self.state_dir(), false)?;
        write_whole(&self.trust_file(), &serde_json::to_vec_pretty(&trusted)?)
    }

    fn read_trust(&self) -> Result<Trusted, StoreError> {
        let path = self.trust_file();
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| StoreError::Damaged {
                path,
                why: format!("it does not hold the list of trusted folders ({error}); move it away to trust folders anew"),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Trusted::new()),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    fn trust_file(&self) -> PathBuf {
        self.state_dir().join(FILE)
    }
}

fn key(folder: &Path) -> String {
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()).to_string_lossy().into_owned()
}

fn fingerprint(settings: Option<&str>) -> String {
    settings.map_or_else(|| "none".to_owned(), |text| blake3::hash(text.as_bytes()).to_hex().to_string())
}
