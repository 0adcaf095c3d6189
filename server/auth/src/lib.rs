//! Owns credentials: where a provider's API key comes from, what a valid key is, and the ready request header.
//! The only crate that reads a secret. Never logs, stores, prints or compares one; never opens a socket.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod credentials;
mod key;
#[cfg(test)]
mod tests;

pub use credentials::{Credentials, EnvLookup, HeaderStyle, KeySource, SecretHeader, process_env};
pub use key::{ApiKey, AuthError};
