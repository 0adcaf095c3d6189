//! The decoder of the Chat wire.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| glossator_fuzz::decoder(glossator_models::Wire::Chat, input));
