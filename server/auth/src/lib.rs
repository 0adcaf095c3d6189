//! Owns credentials: where a provider's API key comes from and is stored, what a valid key is, and the ready request header.
//! The only crate that reads a secret. Never logs or prints one; talks to nobody but the system's keyring.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod credentials;
mod dotenv;
mod files;
mod key;
mod key_file;
mod key_stores;
mod keyring;
mod known;
mod link;
#[cfg(test)]
mod tests;
mod vault;

pub use credentials::{Credentials, EnvLookup, HeaderStyle, Places, SecretHeader, process_env};
pub use files::FileError;
pub use key::{ApiKey, AuthError};
pub use key_file::{Filed, KeyFile};
pub use key_stores::{KeySource, KeyStores, Removed, Stored};
pub use keyring::Keyring;
pub use known::{remember, without_keys};
pub use vault::Fault;
