//! Scratch runner, to be removed.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    missing_docs,
    dead_code,
    unused_imports
)]
#[path = "../suite/context/mod.rs"]
mod context;
#[path = "../suite/harness/mod.rs"]
mod harness;
