//! Tests of the crate over real temporary folders and a fake editor.

mod behind;
mod buffers;
mod commit_disk;
mod commit_editor;
pub(crate) mod faults;
mod late;
mod lookups;
mod neighbours;
mod nth_step;
mod out_of_step;
mod paths;
mod placing;
mod reading;
mod saved;
mod searching;
mod stale;
mod support;
mod typing;
