//! Hunks over a real workspace and log: decided, followed, found again, taken back and made again.

#![allow(clippy::disallowed_methods, reason = "the tests play the user and the editor, who change files")]

mod attacks;
pub(crate) mod bench;
mod deciding;
mod following;
mod series;
mod undoing;
