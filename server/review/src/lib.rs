//! Hunks under review, placed on texts: followed through later edits, merged with the agent's next ones, found again
//! after a restart; and the review document. Pure: texts and records in, hunks and edits out.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod file;

pub use file::{FileReview, Hunk, Side, hunks_of};
