//! What the fuzz targets share: cuts of the input, and the promises that every decoder keeps.

use glossator_models::{ModelEvent, Wire, decode_all, decode_chunks};

/// The input without its first two bytes, and the same cut into pieces as those bytes say.
pub fn cut(input: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let [first, second, bytes @ ..] = input else { return None };
    let sizes = [usize::from(*first % 64) + 1, usize::from(*second) + 1];
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    Some((bytes, pieces))
}

/// Decodes the input whole and in pieces. Panics when a decoder breaks its word.
pub fn decoder(wire: Wire, input: &[u8]) {
    let Some((bytes, pieces)) = cut(input) else { return };
    let whole = decode_all(wire.name(), bytes).expect("the wire exists");
    let cut = decode_chunks(wire.name(), pieces).expect("the wire exists");
    assert_eq!(cut, whole, "any cut comes to the same");
    let stops = whole.events.iter().filter(|event| matches!(event, ModelEvent::Stopped { .. })).count();
    assert_eq!(stops, usize::from(whole.error.is_none()), "an answer stops once or fails: {whole}");
    for event in &whole.events {
        if let ModelEvent::Text { delta, .. } | ModelEvent::Reasoning { delta, .. } = event {
            assert!(!delta.is_empty(), "no fragment is empty: {whole}");
        }
    }
    // Must not fail to print either.
    let _ = whole.to_string();
}
