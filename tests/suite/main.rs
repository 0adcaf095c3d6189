//! Every test that goes through the public face, in one binary. A file that is not named here is found by `tidy`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    missing_docs
)]

mod actions;
mod approvals;
mod ask_user;
mod asks_roads;
mod auth;
mod bad_input;
mod binding;
mod cabinet;
mod chat;
mod command_line;
mod completion;
mod concurrency;
mod conformance;
mod container;
mod context;
mod context_attacks;
mod core;
mod crash;
mod editors;
mod exec_buffers;
mod first_request;
mod first_run;
mod grants;
mod harness;
mod in_force;
mod interrupts;
mod keyring;
mod kill;
mod lists;
mod lookups;
mod loops;
mod lsp_table;
mod model_errors;
mod native;
mod ordering;
mod patch;
mod queue;
mod regress;
mod resume;
mod review_before;
mod review_document;
mod review_lsp;
mod review_more;
mod review_sessions;
mod run;
mod scripts;
mod session_attacks;
mod session_lsp;
mod sessions_cli;
mod setup;
mod shell_patches;
mod steering;
mod storage;
mod tidy;
mod trust;
mod turn;
mod wires;
