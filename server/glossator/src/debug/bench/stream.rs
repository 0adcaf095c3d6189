//! Streams: how fast each wire is decoded, and what a turn of five thousand deltas costs the server's processor.

use super::{Bench, report};
use crate::terminal::say;
use glossator_models::decode_all;
use glossator_models::scripted::{Reply, ScriptedServer, speaker};
use glossator_models::{WIRES, Wire};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Characters of an answer that a scripted model sends in about five thousand deltas.
const LONG_ANSWER: usize = 65_000;

/// Decode throughput of every wire, framing and assembling included.
pub fn decoding(runs: usize) -> Result<(), String> {
    for (name, wire) in WIRES {
        let bytes = answer(*wire);
        let events = decode_all(name, &bytes)?.events.len();
        let mut rates = Vec::new();
        for _ in 0..runs {
            let started = Instant::now();
            let decoded = decode_all(name, &bytes)?;
            let seconds = started.elapsed().as_secs_f64();
            if decoded.error.is_some() {
                return Err(format!("the {name} stream does not decode: {:?}", decoded.error));
            }
            rates.push(bytes.len() as f64 / 1e6 / seconds);
        }
        report(&format!("decoding {name} ({events} events)"), "MB/s", rates);
    }
    Ok(())
}

fn answer(wire: Wire) -> Vec<u8> {
    let thinking = json!({ "type": "thinking", "thinking": words(LONG_ANSWER / 4), "signature": "c2ln" });
    let text = json!({ "type": "text", "text": words(LONG_ANSWER) });
    let call =
        json!({ "type": "tool_use", "id": "c1", "name": "readFile", "input": { "path": "src/main.rs" } });
    speaker(wire)("scripted-model", &[thinking, text, call], "tool_use", 1000)
}

fn words(characters: usize) -> String {
    "Some words of an answer, \"quoted\", and a line.\n".chars().cycle().take(characters).collect()
}

/// Processor time of the server for one long answer, from prompt to the end of the turn, shown to a client.
pub async fn long_answer(program: &Path, runs: usize) -> Result<(), String> {
    let replies = (0..=runs).map(|_| Reply::Text(words(LONG_ANSWER))).collect();
    let model = ScriptedServer::start(replies).await.map_err(|error| error.to_string())?;
    let mut bench = Bench::start(program, &model.base_url()).await?;
    let session = bench.editor.new_session().await.map_err(|error| error.to_string())?;
    let (mut spent, mut updates) = (Vec::new(), 0);
    for run in 0..=runs {
        let before = bench.cpu_ms();
        let turn = bench.editor.turn(&session, "go", &mut |_| {}).await.map_err(|error| error.to_string())?;
        let shown = |update: &&Value| update["kind"] == "itemDelta";
        updates = turn.updates.iter().filter(shown).count();
        let text: String = turn.updates.iter().filter(shown).filter_map(|one| one["text"].as_str()).collect();
        if text != words(LONG_ANSWER) {
            return Err(format!(
                "deltas of the long answer were lost: {} bytes of {LONG_ANSWER} came in {updates} updates",
                text.len()
            ));
        }
        if run > 0 {
            spent.push(bench.cpu_ms() - before);
        }
    }
    report("processor time, 5,000 deltas", "ms", spent);
    say!("  updates that the client was sent      {updates:>8}");
    bench.end().await;
    Ok(())
}
