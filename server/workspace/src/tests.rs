//! Tests of the crate over real temporary folders and a fake editor.

mod buffers;
mod commit_disk;
mod commit_editor;
mod paths;
mod placing;
mod reading;
mod searching;
mod support;
