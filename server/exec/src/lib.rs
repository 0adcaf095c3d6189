//! Owns processes: the only place that starts one for the user, limits it, keeps what it prints and ends it with all
//! its children. Also says what is known about a command line before it runs ([`classify`]); that part is pure.
//! Never decides whether a command may run, and never reads or writes files. Unix only.
#![cfg_attr(test, allow(clippy::unwrap_used))]
// The walls forbid starting processes everywhere but here.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod capture;
mod carried;
mod display;
mod group;
mod launch;
mod overlay;
mod policy;
mod process;
mod request;
mod run;
#[cfg(test)]
mod tests;

pub use carried::{Carried, carried_patch};
pub use display::{display, visible, visible_lines};
pub use overlay::{
    Dirty, Layer, OVERLAY_ARGUMENT, OverlayError, OverlayOutcome, View, What, Written, overlay_main,
    overlay_support, run_on_overlay,
};
pub use policy::{Below, Resolve, Verdict, beginning, classify, classify_request, classify_within, harden};
pub use request::{CommandLine, Config, ExecError, Inherited, Io, Outcome, Request, Stream};
pub use run::run;
