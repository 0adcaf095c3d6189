//! Words for people: cut to length, lengths of time, and errors as answers.

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

/// How long ago something was, in milliseconds, as people say it.
pub fn ago(millis: i64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        i64::MIN..1 => "just now".to_owned(),
        1..120 => format!("{minutes} min ago"),
        120..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (millis, said) in [
            (-5, "just now"),
            (59_999, "just now"),
            (60_000, "1 min ago"),
            (7_200_000, "2 h ago"),
            (200_000_000, "2 days ago"),
        ] {
            assert_eq!(ago(millis), said);
        }
    }
}
