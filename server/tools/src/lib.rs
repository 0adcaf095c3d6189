//! Tools: what a model can call, how a call is judged, asked for, run and recorded.
//! Never knows sessions, prompts or the protocol: a turn is seen through the small [`Turn`] port.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod adopt;
mod apply_patch;
mod arguments;
mod ask_user;
mod board;
mod cabinet;
mod carried;
mod clean;
mod commit;
mod copies;
mod declare;
mod detached;
mod dispatch;
mod dry_run;
mod edit;
mod editor_lookups;
mod effects;
mod exec_tool;
mod file_search;
mod filing;
mod grep_files;
mod kept;
mod keys;
mod list_dir;
mod manner;
mod mode;
mod nearest;
mod noted;
mod order;
mod permit;
mod placeholder;
mod policy;
mod reach;
mod read_file;
mod reference;
mod registry;
mod render;
mod script_host;
mod tasks;
#[cfg(test)]
mod testing;
mod tool;
mod update_plan;
mod validate;
mod write_file;

pub use board::BOARD_ENTRIES;
pub use cabinet::{Cabinet, Filed};
pub use commit::{Committed, Door};
pub use copies::Copies;
pub use declare::{declaration, type_of};
pub use dispatch::{CallReport, Dispatcher};
pub use edit::WorkspaceFiles;
pub use manner::{BuffersMode, ExecSetup, ReviewMode};
pub use mode::Mode;
pub use policy::{Action, Judgement, Policy, Situation, is_protected, judge};
pub use reach::Reach;
pub use reference::tool_reference;
pub use registry::{Found, PackError, PackView, Registry, UserPack, packs};
pub use render::CallLine;
pub use script_host::{ScriptBlock, ScriptReport, check_script, run_script};
pub use tasks::{Task, Tasks};
pub use tool::{FileTexts, Journal, Prepared, Run, Tool, ToolCx, Turn};

#[cfg(test)]
mod tests;
