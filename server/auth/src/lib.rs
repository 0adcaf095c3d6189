//! Owns credentials: where a provider's API key comes from and is stored, what a valid key is, and the ready request header.
//! The only crate that reads a secret. Never logs or prints one; never opens a socket.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod credentials;
mod dotenv;
mod files;
mod key;
mod key_file;
mod known;
#[cfg(test)]
mod tests;

pub use credentials::{Credentials, EnvLookup, HeaderStyle, KeySource, Places, SecretHeader, process_env};
pub use files::FileError;
pub use key::{ApiKey, AuthError};
pub use key_file::{KeyFile, Stored};
pub use known::{remember, without_keys};
