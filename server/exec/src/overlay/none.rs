//! Stands for overlays where the system has none: says so, and runs nothing.

use super::{OverlayError, OverlayOutcome, View};
use crate::request::{Config, Io, Request};

/// Nothing is held.
#[derive(Debug)]
pub(crate) struct Held;

pub(super) async fn run(
    _request: &Request,
    _config: &Config,
    _view: &View,
    _io: Io<'_>,
) -> Result<OverlayOutcome, OverlayError> {
    Err(OverlayError::Unsupported(REASON.to_owned()))
}

pub(super) fn probe() -> Result<(), String> {
    Err(REASON.to_owned())
}

pub(super) fn helper() -> i32 {
    2
}

const REASON: &str = "only Linux has overlays of folders";
