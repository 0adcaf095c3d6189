//! `glossator debug decode`: a recorded stream as events.

use super::input;
use std::path::Path;

/// Decodes standard input; exit code 1 when the stream ends in an error.
pub fn run(wire: &str) -> Result<u8, String> {
    let decoded = glossator_models::decode_all(wire, &input(Path::new("-"))?)?;
    crate::terminal::out(&decoded.to_string());
    Ok(u8::from(decoded.error.is_some()))
}
