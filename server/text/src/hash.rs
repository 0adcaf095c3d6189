//! The one hash by which texts are compared: BLAKE3 of the text as UTF-8, in lower-case hex.

use ropey::Rope;

/// Hex BLAKE3 (64 digits) of `text` as UTF-8.
pub fn text_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The same hash as [`text_hash`] of the rope's whole text, without copying it.
pub fn rope_hash(text: &Rope) -> String {
    let mut hasher = blake3::Hasher::new();
    for chunk in text.chunks() {
        hasher.update(chunk.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
