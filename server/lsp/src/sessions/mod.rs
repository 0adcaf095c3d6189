//! Sessions for clients: listed, searched, read by pages, gone on with, forked, renamed, put away, deleted, copied out and in;
//! as requests of the extension and as commands of every client. What a session is, is the agent's.

pub mod change;
pub mod commands;
pub mod configure;
pub mod export;
pub mod left;
pub mod listing;
pub mod offers;
mod page;
pub mod pick;
pub mod read;
pub mod requests;
pub mod told;
