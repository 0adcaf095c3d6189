//! Review by hunk in any editor: hunks as diagnostics, hovers, code actions, code lenses and as a document; and the
//! commands that decide about them. What a hunk is and what becomes of it is the agent's.

pub mod actions;
mod choose;
pub mod commands;
pub mod decide;
pub mod document;
pub mod hunks;
mod page;
pub mod show;
pub mod watch;

pub use choose::is_file;
