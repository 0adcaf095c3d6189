//! Words for people: cut to length, and errors as answers.

use tower_lsp::jsonrpc::{Error, ErrorCode};

/// Code of an error that is the user's or the world's, not the protocol's: the protocol's `RequestFailed`.
const REQUEST_FAILED: i64 = -32803;

/// An error as an answer.
pub fn failed(error: impl std::fmt::Display) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: error.to_string().into(), data: None }
}

/// `text` cut to `cap` characters, with a mark.
pub fn cut(text: &str, cap: usize) -> String {
    match text.char_indices().nth(cap) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
