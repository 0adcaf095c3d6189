//! The agent: sessions by id, and the turn loop. State of a session is a fold over its log; fronts see events.
//! Never knows the editor protocol, provider JSON or where settings come from.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agent;
mod asking;
mod asks;
mod attending;
mod begin;
mod check;
mod compact;
mod config;
mod days;
mod desk;
mod desk_ports;
mod earlier;
mod editor_seen;
mod environment;
mod error;
mod estimates;
mod fold;
mod following;
mod grants;
mod guidance;
mod hunks;
mod journal;
mod kept;
mod looks;
mod merged;
mod moved;
mod notes;
mod opening;
mod outcomes;
mod presence;
mod prompting;
mod queue;
mod quoted;
mod reach;
mod record;
mod recorder;
mod requests;
mod resting;
mod retitle;
mod review;
mod round;
mod rounds;
mod routing;
mod run_full;
mod run_strategy;
mod running;
mod script_context;
mod scripts;
mod secrets;
mod session;
mod sessions;
mod shared;
mod spent;
mod steering;
mod task_log;
mod titles;
mod told;
mod toolset;
mod turn;
mod upkeep;
mod watchers;
mod writing;

pub use agent::Agent;
pub use asks::Pending;
pub use check::{Check, CheckError, CheckReport, CheckedCall};
pub use error::AgentError;
pub use grants::Granted;
pub use presence::{Presence, Rest, Seat};
pub use queue::{Queue, Queued};
pub use requests::{NewEntry, Preview, Sent, SentPiece};
pub use review::{Applied, HunkQuery, HunkReport, HunkView, Resolution, TurnReport};
pub use script_context::{ScriptFacts, script_context};
pub use session::{Due, Make, Ready, Setup, Snapshot, Starter};
pub use sessions::SessionUsage;
pub use shared::Parts;
pub use spent::Budget;
pub use steering::Steered;
pub use watchers::{Events, Missed};
pub use writing::Writing;

pub use glossator_store::{
    CabinetEntry, CabinetList, Cursor, DaySpent, Deleted, ExportFormat, ForkPoint, Found, Hit, ListQuery,
    Page, SearchQuery, SessionHead, SessionPage, SessionSummary, Snippet, TextKind,
};

pub use config::{
    ActiveDocument, Acts, AgentSetup, Calling, ContextConfig, EditorState, Front, Fsync, History, Keeping,
    ModelSetup, OnDisconnect, OpenDocument, RequestConfig, ScriptConfig, TurnConfig, TurnLimits, Wishes,
};
