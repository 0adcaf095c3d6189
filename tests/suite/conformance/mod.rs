//! Thousands of generated messages, right and wrong, against the running server: every request gets one answer with a code
//! that fits, nothing else comes out of it, and it goes on. What is sent is data: `tests/cases/lsp/messages.json` (the
//! messages of LSP 3.17 with an example and the fields that must be there) and the extension's own table of messages.

mod frames;
mod generate;
mod life;
mod wire;

use crate::harness::World;
use generate::{Case, Expected, Generator};
use serde_json::Value;
use wire::{Wire, check_error};

/// Messages that are sent in one run; `GLOSSATOR_TEST_ROUNDS` multiplies it.
const MESSAGES: usize = 3_000;

/// Messages that are under way at once.
const AT_ONCE: usize = 40;

/// The most memory that the server may take through all of it, in kB; a debug build with its buffers takes about 80 MB.
const MEMORY: u64 = 400_000;

fn rounds() -> usize {
    std::env::var("GLOSSATOR_TEST_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Sends `count` generated messages and checks each answer.
async fn run(seed: u64, count: usize) {
    let world = World::obedient().await;
    world.write("a.txt", "one\ntwo\n");
    let mut wire = Wire::start(&world).await;
    let mut generator = Generator::new(seed, &world, &wire.capabilities);
    let mut sent = 0;
    while sent < count {
        let cases: Vec<Case> = (0..AT_ONCE).map(|_| generator.next()).collect();
        sent += cases.len();
        for case in &cases {
            wire.send(case.text.as_bytes());
        }
        for case in cases.iter().filter(|case| case.expected != Expected::Silence) {
            let answer = wire.answer(&case.id).await.unwrap_or_else(|why| {
                panic!("seed {seed}: {why} for {}", shorten(&case.text));
            });
            check(case, &answer).unwrap_or_else(|why| {
                panic!(
                    "seed {seed}: {why}\n  sent {}\n  got {}",
                    shorten(&case.text),
                    shorten(&answer.to_string())
                );
            });
        }
        // Whatever was sent without an id has been taken in by now, too.
        wire.alive().await;
    }
    let memory = wire.memory();
    assert!(memory < MEMORY, "seed {seed}: the server takes {memory} kB after {sent} messages");
    wire.leave().await;
}

fn check(case: &Case, answer: &Value) -> Result<(), String> {
    if answer["jsonrpc"] != "2.0" {
        return Err("the answer is no JSON-RPC 2.0".to_owned());
    }
    let code = match (answer.get("result"), answer.get("error")) {
        (Some(_), None) => None,
        (None, Some(error)) => Some(check_error(error)?),
        _ => return Err("an answer has either a result or an error".to_owned()),
    };
    match (case.expected, code) {
        (Expected::NoMethod, Some(-32601)) | (Expected::NotHandled, _) => Ok(()),
        (Expected::BadParams, Some(-32602)) => Ok(()),
        (Expected::BadRequest, Some(-32600)) | (Expected::Answer, None) => Ok(()),
        // What is asked for may well not be there.
        (Expected::Answer | Expected::Anything, Some(code)) if code != -32601 => Ok(()),
        (Expected::Anything, None) => Ok(()),
        (expected, code) => Err(format!("expected {expected:?}, but the code is {code:?}")),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(1_500).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_messages() {
    for round in 0..rounds() {
        let seed = std::env::var("GLOSSATOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
        run(seed.unwrap_or(20_261_120 + round as u64), MESSAGES).await;
    }
}
