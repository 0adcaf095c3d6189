//! Figures: run with `cargo test --release -p glossator-store -- --ignored --nocapture big`.
#![allow(clippy::print_stdout)]

use super::making::{answer, body, turn};
use super::{Bench, head};
use crate::*;
use glossator_session::{Item, ItemBody, ItemId, SessionId, ToolCall, ToolOutput};
use serde_json::json;
use std::fs;
use std::io::{BufWriter, Write};
use std::time::Instant;

/// A log of about `bytes` as sessions make them: calls and their outputs for the most part.
fn generate(bench: &Bench, bytes: u64) -> (u64, u64) {
    drop(bench.store.create(&head("big")).unwrap());
    let file = fs::File::options().append(true).open(bench.log_path("big")).unwrap();
    let mut out = BufWriter::new(file);
    let (mut id, mut number, mut written) = (1, 1, 0);
    while written < bytes {
        let mut items: Vec<Item> = turn(id, number, &["An answer of some words. ".repeat(40)]);
        let end = items.pop().unwrap();
        for call in 0..10 {
            let at = items.last().unwrap().id.0;
            let name = format!("c{call}");
            let arguments = json!({ "path": format!("src/module_{call}/file.rs"), "from": 1, "to": 200 });
            let call = ToolCall { id: name.as_str().into(), name: "readFile".into(), arguments };
            items.push(body(at + 1, number, ItemBody::ToolCall { call, script: Some("S1".into()) }));
            let value =
                json!({ "text": "    let value = compute(\"something\", 12);\n".repeat(60), "lines": 60 });
            let outcome = Ok(ToolOutput { value, summary: "60 lines".into() });
            items.push(body(
                at + 2,
                number,
                ItemBody::ToolOutput { call: name.as_str().into(), outcome, millis: 3 },
            ));
        }
        let at = items.last().unwrap().id.0;
        items.push(Item { id: ItemId(at + 1), ..end });
        for item in &items {
            let line = codec::encode(item).unwrap().line;
            out.write_all(&line).unwrap();
            written += line.len() as u64;
        }
        id = at + 2;
        number += 1;
    }
    out.flush().unwrap();
    (id, u64::from(number))
}

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0) / 1024
}

fn time<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = act();
    println!("{what}: {:.1} ms (peak {} MB)", started.elapsed().as_secs_f64() * 1000.0, peak());
    result
}

fn measure(megabytes: u64, all: bool) {
    let bench = Bench::new();
    let id: SessionId = "big".into();
    let (next, turns) = generate(&bench, megabytes << 20);
    println!("--- {megabytes} MB, {turns} turns, {next} items");
    let fresh =
        || Store::open(&bench.dir.path().join("state"), &bench.dir.path().join("My Project")).unwrap();
    time("page of 3 turns, no checkpoint (scans)", || fresh().page(&id, None, 3).unwrap());
    if !all {
        // What the agent would write: made here without reading the items.
        let chain = bench.store.chain(&id).unwrap();
        let table = bench.store.tables().of(&chain.own).unwrap();
        let own = (&chain.own, &*table);
        checkpoint::write(own, own, next - 200, &json!({ "fold": "x".repeat(100_000) })).unwrap();
    } else {
        let (mut log, replay) = time("open without checkpoint", || bench.store.open_session(&id).unwrap());
        assert_eq!(replay.items.len() as u64, next - 1);
        drop(replay);
        time("write a checkpoint", || {
            log.checkpoint(ItemId(next - 200), &json!({ "fold": "x".repeat(100_000) })).unwrap()
        });
    }
    let (mut log, replay) = time("open with checkpoint", || fresh().open_session(&id).unwrap());
    assert!(replay.fold.is_some());
    assert_eq!(replay.items.len(), 200);
    let store = fresh();
    time("page of 3 turns, checkpoint, cold", || store.page(&id, None, 3).unwrap());
    time("page of 3 turns in the middle", || {
        store.page(&id, Some(glossator_session::TurnId(turns as u32 / 2)), 3).unwrap()
    });
    time("follow, nothing new", || assert!(store.follow(&id, ItemId(next - 1)).unwrap().is_empty()));
    log.append(&answer(next, turns as u32, "new"), Sync::Now).unwrap();
    time("follow, one new item", || assert_eq!(store.follow(&id, ItemId(next - 1)).unwrap().len(), 1));
    time("1000 appends, never synced", || {
        for at in 1..=1000 {
            log.append(&answer(next + at, turns as u32, "An answer of some words."), Sync::No).unwrap();
        }
    });
    time("20 appends, each synced", || {
        for at in 1001..=1020 {
            log.append(&answer(next + at, turns as u32, "An answer of some words."), Sync::Now).unwrap();
        }
    });
}

#[test]
#[ignore = "figures"]
fn big_100() {
    measure(100, true);
}

#[test]
#[ignore = "figures"]
fn big_200() {
    measure(200, true);
}

#[test]
#[ignore = "2 GB of disk"]
fn big_2000_is_not_read_whole() {
    let before = peak();
    measure(2000, false);
    assert!(peak() - before < 100, "{} MB", peak());
}

#[test]
#[ignore = "figures"]
fn big_parse() {
    let bench = Bench::new();
    generate(&bench, 50 << 20);
    let log = fs::read(bench.log_path("big")).unwrap();
    let lines: Vec<&[u8]> =
        log.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty()).collect();
    time("derived", || lines.iter().for_each(|line| drop(serde_json::from_slice::<Item>(line).unwrap())));
    time("by hand", || lines.iter().for_each(|line| drop(Item::from_json(line).unwrap())));
    time("envelopes", || assert!(lines.iter().all(|line| crate::lines::envelope(line).is_some())));
}
