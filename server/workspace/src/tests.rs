//! Tests of the crate over real temporary folders and a fake editor.

mod buffers;
mod commit_disk;
mod commit_editor;
mod late;
mod out_of_step;
mod paths;
mod placing;
mod reading;
mod saved;
mod searching;
mod support;
