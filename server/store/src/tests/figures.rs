//! How long lists and searches take over many sessions. Not run by itself:
//! `cargo test --release -p glossator-store figures -- --ignored --nocapture`
#![allow(clippy::print_stdout)]

use super::said::{DAY, START};
use super::*;
use glossator_session::{CallId, ToolCall, ToolOutput, TurnStatus, Usage};
use std::time::{Duration, Instant};

const SESSIONS: usize = 10_000;
const TURNS: u32 = 3;

const WORDS: [&str; 24] = [
    "parser",
    "index",
    "session",
    "walrus",
    "retry",
    "socket",
    "timeout",
    "buffer",
    "parseDate",
    "list_rows",
    "render",
    "config",
    "patch",
    "hunk",
    "review",
    "cursor",
    "token",
    "window",
    "prompt",
    "answer",
    "größe",
    "日本語",
    "test",
    "build",
];

/// Words that are always the same for the same number: few of them often, most of them seldom, as in texts of people.
fn words(seed: usize, count: usize) -> String {
    let mut state = seed as u64 * 2_654_435_761 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let words = (0..count).map(|_| {
        let rank = 20_000 / (1 + next() % 20_000);
        let word = WORDS[rank % WORDS.len()];
        if rank < WORDS.len() { word.to_owned() } else { format!("{word}{rank}") }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn bodies(seed: usize) -> Vec<ItemBody> {
    let call = CallId("c1".into());
    let output =
        ToolOutput { value: serde_json::json!({ "text": words(seed + 1, 300) }), summary: words(seed, 6) };
    let usage = Usage { input: 1000, output: 100, ..Usage::default() };
    let arguments = serde_json::json!({ "path": format!("src/file{}.rs", seed % 97) });
    vec![
        ItemBody::UserMessage {
            input: vec![InputPart::Text { text: words(seed, 12) }],
            to: Vec::new(),
            queued: None,
        },
        ItemBody::Answer { text: words(seed + 2, 80), raw: None },
        ItemBody::Script { id: call.clone(), source: words(seed + 3, 40) },
        ItemBody::ToolCall {
            call: ToolCall { id: call.clone(), name: "readFile".into(), arguments },
            script: None,
        },
        ItemBody::ToolOutput { call, outcome: Ok(output), millis: 3 },
        ItemBody::TurnEnded { status: TurnStatus::Done, usage, cost: None, message: None },
    ]
}

fn generate(bench: &Bench) -> u64 {
    drop(bench.store.create(&head("first")).unwrap());
    let header = fs::read(bench.log_path("first")).unwrap();
    let mut bytes = 0;
    for number in 0..SESSIONS {
        let mut log = header.clone();
        let mut id = 0;
        for turn in 1..=TURNS {
            for body in bodies(number * 10 + turn as usize) {
                id += 1;
                let at = START + number as i64 * DAY / 50 + i64::from(turn) * 60_000;
                let item = Item { id: ItemId(id), turn: TurnId(turn), round: 1, at, agent: None, body };
                serde_json::to_writer(&mut log, &item).unwrap();
                log.push(b'\n');
            }
        }
        let folder = bench.session_folder(&format!("s-{number:05}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("log.jsonl"), &log).unwrap();
        fs::write(folder.join("meta.json"), format!("{{\"title\":\"{}\"}}", words(number, 4))).unwrap();
        bytes += log.len() as u64;
    }
    bytes
}

fn measure<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    let first = times[0];
    times.sort();
    println!("{what:<34} first {first:>8.1?}  p50 {:>8.1?}  most {:>8.1?}", times[10], times[20]);
}

#[test]
#[ignore = "a measurement"]
fn figures() {
    let bench = Bench::new();
    let bytes = generate(&bench);
    println!("{SESSIONS} sessions, {} MB of logs", bytes >> 20);
    let all = ListQuery { limit: 50, ..ListQuery::default() };
    let began = Instant::now();
    bench.store.list(&all).unwrap();
    println!("first list, nothing indexed: {:.1?}", began.elapsed());
    let began = Instant::now();
    let mut calls = 0;
    while bench.store.index_all(Duration::from_secs(1)).left > 0 {
        calls += 1;
    }
    println!(
        "index_all: {:.1?} in {calls} calls, {} MB",
        began.elapsed(),
        bench.store.index_health().bytes >> 20
    );
    let began = Instant::now();
    bench.store.reindex(&mut |_, _| {}).unwrap();
    println!("reindex: {:.1?}, {} MB", began.elapsed(), bench.store.index_health().bytes >> 20);

    measure("list", || bench.store.list(&all).unwrap());
    let text = ListQuery { text: "walrus".into(), ..all.clone() };
    measure("list, a word", || bench.store.list(&text).unwrap());
    for words in [
        "parser",
        "cursor",
        "parser cursor",
        "\"parser index\"",
        "bui",
        "cursor in:prompt",
        "nowhere",
        "file:file7",
        "語",
    ] {
        let query = SearchQuery { text: words.into(), ..SearchQuery::default() };
        measure(&format!("search {words}"), || bench.store.search(&query).unwrap());
    }
    let mut turn = 10;
    measure("indexed (a turn was added)", || {
        turn += 1;
        let mut log = fs::File::options().append(true).open(bench.log_path("s-00077")).unwrap();
        for (number, body) in bodies(turn).into_iter().enumerate() {
            let id = ItemId(turn as u64 * 10 + number as u64);
            let item = Item { id, turn: TurnId(turn as u32), round: 1, at: START, agent: None, body };
            serde_json::to_writer(&mut log, &item).unwrap();
            std::io::Write::write_all(&mut log, b"\n").unwrap();
        }
        bench.store.indexed(&"s-00077".into());
    });
}
