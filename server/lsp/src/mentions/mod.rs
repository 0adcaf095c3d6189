//! What prompts mention (`@src/a.rs`): found in their words, looked up in the workspace, and added as parts that point there.
//! The words themselves stay as they were typed.

mod digest;
mod resolve;
mod written;

pub use digest::session as session_digest;
pub use resolve::{Symbol, looked_up, resolved, seen_symbols, symbols};
pub use written::{may_begin, quoted};
