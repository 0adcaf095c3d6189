//! Durable state of one workspace: one append-only JSON-lines log per session, in the user's state folder.
//! The only writer of state; never touches files of the user, never decides what an item means.
#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid file access everywhere but here and in the workspace; here it is for state.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod attach;
mod blobs;
mod cabinet;
mod chain;
mod checkpoint;
mod codec;
mod delete;
mod documents;
mod edit_line;
mod error;
mod export;
mod folder;
mod fork;
mod format;
mod grants;
mod handed;
mod heal;
mod import;
mod index;
mod kept;
mod lines;
mod list;
mod lock;
mod log;
mod log_file;
mod markdown;
mod meta;
mod order;
mod page;
mod places;
mod queue;
mod replay;
mod runs;
mod search;
mod spent;
mod stamp;
mod store;
mod strings;
mod table;
mod tables;
mod trust;
mod urls;
mod words;

pub use attach::{AttachError, Attached, Detached};
pub use blobs::{BlobRef, blob_of};
pub use cabinet::{CABINET_DAYS, Cabinet, CabinetEntry, CabinetList};
pub use delete::Deleted;
pub use documents::open_import;
pub use error::StoreError;
pub use export::ExportFormat;
pub use folder::can_write;
pub use format::{FORMAT_VERSION, ForkPoint, FrozenLayer, SessionHead};
pub use grants::SavedGrant;
pub use handed::{create_export, drop_export};
pub use import::Clean;
pub use index::{IndexHealth, Indexed, TextKind};
pub use kept::{KEPT_BYTES, KeptTexts};
pub use list::{Cursor, ListQuery, SessionPage, SessionSummary};
pub use log::{SessionLog, Sync};
pub use log_file::LogFile;
pub use meta::SessionMeta;
pub use page::Page;
pub use places::DiskUsage;
pub use queue::{PromptQueue, StoredPrompt};
pub use replay::Replay;
pub use runs::HeldRun;
pub use search::{Found, Hit, SearchQuery, Snippet};
pub use spent::{DaySpent, day_of, minute_of};
pub use store::Store;
pub use urls::{CachedUrl, Urls};

#[cfg(test)]
mod tests;
