//! Server-sent events and lines: any cut of the bytes gives the same pieces.
#![no_main]

use glossator_models::{Wire, fuzzing};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((bytes, pieces)) = glossator_fuzz::cut(input) else { return };
    for wire in [Wire::Messages, Wire::Ollama] {
        assert_eq!(fuzzing::pieces(wire, &pieces), fuzzing::pieces(wire, &[bytes]));
    }
});
