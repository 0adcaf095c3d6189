//! What the user can have done with a place in a file: fix, explain, test, document, review, do what a comment says. Code
//! actions and commands over one table; a turn does the work.

mod commands;
mod offers;
mod place;
mod table;

pub use commands::{do_comment, document, explain, fix, review_code, tests};
pub use offers::{actions, complete};
