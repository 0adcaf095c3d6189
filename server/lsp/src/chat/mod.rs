//! Chat as documents, for every editor: the transcript of a session and its pages, what of them leads where, and what editors
//! ask about them. What a session is, is the agent's; texts are changed by the editor alone.

pub mod actions;
pub mod apply;
pub mod commands;
mod entry;
mod figures;
mod follow;
mod fragment;
pub mod hover;
mod lead;
pub mod links;
mod load;
pub mod offered;
mod outline;
mod outputs;
mod place;
pub mod shape;
pub mod synced;
mod target;
mod transcript;
mod turn;
