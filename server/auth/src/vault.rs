//! What a keyring of an operating system does for us, and why it may fail to. The real ones are reached through
//! `keyring-core`; tests bring their own. Never says anything of a key, and never waits by itself.

use secrecy::zeroize::Zeroizing;
use std::time::Duration;

/// A keyring that was reached. May wait for as long as the system likes, also for the user.
pub trait Vault: Send {
    /// The key of `provider`.
    fn get(&self, provider: &str) -> Result<Option<Zeroizing<String>>, Fault>;
    /// Stores it over an earlier one.
    fn set(&self, provider: &str, key: &str) -> Result<(), Fault>;
    /// Removes it; `false`: there was none.
    fn remove(&self, provider: &str) -> Result<bool, Fault>;
}

/// Why a keyring did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Fault {
    kind: FaultKind,
    detail: &'static str,
}

/// The kinds that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no keyring, or nothing that leads to one.
    Absent,
    /// It does not answer in time.
    Silent,
    /// It is locked, and was not unlocked.
    Refused,
    /// It answered with an error.
    Broken,
}

impl Fault {
    /// A fault of this kind; `detail` says more, in words of ours.
    pub fn new(kind: FaultKind, detail: &'static str) -> Fault {
        Fault { kind, detail }
    }

    /// It does not answer in time.
    pub fn silent() -> Fault {
        Fault::new(FaultKind::Silent, "it does not answer, or waits to be unlocked")
    }

    /// Asking it broke down.
    pub fn broken() -> Fault {
        Fault::new(FaultKind::Broken, "asking it broke down")
    }

    /// Whether there is nothing to be mended.
    pub fn is_absence(&self) -> bool {
        self.kind == FaultKind::Absent
    }

    /// How long it is left alone after this, unless the user wants it to do something: one that asks for a password, and is
    /// told no, is not to ask again with every prompt.
    pub fn rest(&self) -> Duration {
        match self.kind {
            FaultKind::Absent | FaultKind::Silent | FaultKind::Broken => Duration::from_secs(15),
            FaultKind::Refused => Duration::from_secs(300),
        }
    }

    /// What kind it is of.
    pub(crate) fn kind(&self) -> FaultKind {
        self.kind
    }
}

/// Reaches the keyring of this system.
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
pub fn system() -> Result<Box<dyn Vault>, Fault> {
    real::open()
}

/// There is none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub fn system() -> Result<Box<dyn Vault>, Fault> {
    Err(Fault::new(FaultKind::Absent, "this system has none that Glossator knows"))
}

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
mod real {
    use super::{Fault, FaultKind, Vault};
    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    use keyring_core::api::CredentialStoreApi;
    use keyring_core::{Entry, Error};
    use secrecy::zeroize::{Zeroize, Zeroizing};
    use std::collections::HashMap;
    use std::sync::Arc;
    #[cfg(windows)]
    use windows_native_keyring_store::Store;
    #[cfg(target_os = "linux")]
    use zbus_secret_service_keyring_store::Store;

    /// Under what all our keys are.
    const SERVICE: &str = "glossator";

    struct System {
        store: Arc<Store>,
    }

    /// Its error is not shown: it may hold what a service sent.
    pub fn open() -> Result<Box<dyn Vault>, Fault> {
        match Store::new() {
            Ok(store) => Ok(Box::new(System { store })),
            Err(_) => Err(Fault::new(FaultKind::Absent, "no keyring answers here")),
        }
    }

    impl System {
        fn entry(&self, provider: &str) -> Result<Entry, Fault> {
            let label = format!("Glossator: the key of {provider}");
            let modifiers = HashMap::from([("label", label.as_str())]);
            // Only there can entries be given a name to be shown.
            let modifiers = cfg!(target_os = "linux").then_some(&modifiers);
            self.store.build(SERVICE, provider, modifiers).map_err(fault)
        }
    }

    impl Vault for System {
        fn get(&self, provider: &str) -> Result<Option<Zeroizing<String>>, Fault> {
            let found = match self.entry(provider)?.get_secret() {
                // Somebody stored several: the first is as good as any.
                Err(Error::Ambiguous(all)) => all.first().map_or(Err(Error::NoEntry), Entry::get_secret),
                found => found,
            };
            match found.map(String::from_utf8) {
                Ok(Ok(key)) => Ok(Some(Zeroizing::new(key)).filter(|key| !key.is_empty())),
                Ok(Err(error)) => {
                    error.into_bytes().zeroize();
                    Err(Fault::new(FaultKind::Broken, "what it holds for this provider is no text"))
                }
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(fault(error)),
            }
        }

        fn set(&self, provider: &str, key: &str) -> Result<(), Fault> {
            let entry = self.entry(provider)?;
            let done = match entry.set_secret(key.as_bytes()) {
                Err(Error::Ambiguous(_)) => {
                    self.remove(provider)?;
                    entry.set_secret(key.as_bytes())
                }
                done => done,
            };
            done.map_err(fault)?;
            // Some say yes and keep nothing.
            match self.get(provider)?.is_some_and(|kept| *kept == key) {
                true => Ok(()),
                false => Err(Fault::new(FaultKind::Broken, "it did not keep the key")),
            }
        }

        fn remove(&self, provider: &str) -> Result<bool, Fault> {
            match self.entry(provider)?.delete_credential() {
                Ok(()) => Ok(true),
                Err(Error::NoEntry) => Ok(false),
                Err(Error::Ambiguous(all)) => {
                    all.iter().try_for_each(|one| one.delete_credential().map_err(fault)).map(|()| true)
                }
                Err(error) => Err(fault(error)),
            }
        }
    }

    /// The error itself is dropped: some kinds carry the key.
    fn fault(error: Error) -> Fault {
        match error {
            Error::NoStorageAccess(_) => Fault::new(FaultKind::Refused, "it is locked, and was not unlocked"),
            Error::TooLong(..) => Fault::new(FaultKind::Broken, "the key is too long for it"),
            Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
                bytes.zeroize();
                Fault::new(FaultKind::Broken, "what it holds for this provider cannot be read")
            }
            _ => Fault::new(FaultKind::Broken, "it answered with an error"),
        }
    }
}
