//! The script harness through the real server: tasks, modes, packs, approvals in mid-script, results and what quotes others.

mod documents;
mod globals;
mod mid_script;
mod modes;
mod packs;
mod quoted;
mod results;
mod tasks;
