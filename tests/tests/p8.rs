#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]
#[path = "../suite/harness/mod.rs"]
#[allow(dead_code, unused_imports)]
mod harness;
#[path = "../suite/session_lsp.rs"]
mod session_lsp;
