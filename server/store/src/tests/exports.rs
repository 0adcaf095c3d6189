//! Exports: whole, readable, and taken in again anywhere.

use super::making::{append_turn, body, edit};
use super::{Bench, head};
use crate::*;
use glossator_session::{InputPart, ItemBody, NoticeLevel, SessionId, ToolCall, ToolOutput, TurnId};
use std::fs;

const LONG: usize = 20 << 10;

fn export(store: &Store, id: &str, format: ExportFormat) -> String {
    let mut out = Vec::new();
    store.export(&id.into(), format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A fork with a kept text, an edit, a long text and a kind of a newer version.
fn rich() -> Bench {
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &["b".repeat(LONG), "glossator-blob:".to_owned()]);
    log.kept().unwrap().keep("kept ü\n").unwrap();
    bench.store.fork(&"s-1".into(), TurnId(1), "f".into(), 9).unwrap();
    let (mut log, _) = bench.store.open_session(&"f".into()).unwrap();
    let edit = body(log.next_id(), 2, edit("/w/a.rs", "one\ntwo\n", "one\n2\n"));
    log.append(&edit, Sync::No).unwrap();
    append_turn(&mut log, 2, &[]);
    drop(log);
    let unknown = r#"{"id":8,"turn":"T-3","round":0,"at":1,"kind":"hologram","deep":[1,{"a":null}]}"#;
    let text = fs::read_to_string(bench.log_path("f")).unwrap();
    fs::write(bench.log_path("f"), format!("{text}{unknown}\n")).unwrap();
    let meta =
        SessionMeta {
            title: Some("A \"title\"\u{0}\n# ü".into()), archived: true, ..SessionMeta::default()
        };
    bench.store.set_meta(&"f".into(), &meta).unwrap();
    bench
}

#[test]
fn an_export_is_taken_in_anywhere() {
    let bench = rich();
    let text = export(&bench.store, "f", ExportFormat::Jsonl);
    let elsewhere = Bench::new();
    let imported = elsewhere.store.import(&mut text.as_bytes(), &str::to_owned).unwrap();
    assert_ne!(imported.id, SessionId::from("f"));
    assert_eq!((imported.parent.clone(), imported.created_at), (None, 9));
    let (log, replay) = elsewhere.store.open_session(&imported.id).unwrap();
    assert_eq!(replay.items, bench.store.read(&"f".into()).unwrap().items);
    assert_eq!((replay.head.layers, replay.notices), (head("x").layers, vec![]));
    assert_eq!(log.kept().unwrap().read(&"K1".into()).unwrap(), "kept ü\n");
    let meta = elsewhere.store.meta(&imported.id).unwrap();
    assert_eq!((meta.title.as_deref(), meta.archived), (Some("A \"title\"\u{0}\n# ü"), false));
    // Once more, and it is the same but for its id.
    let again = export(&elsewhere.store, &imported.id.0, ExportFormat::Jsonl);
    let rest = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(rest(&again), rest(&text));
    // The same file twice: two sessions.
    assert_ne!(elsewhere.store.import(&mut text.as_bytes(), &str::to_owned).unwrap().id, imported.id);
}

#[test]
fn bad_imports_are_refused_whole() {
    let bench = rich();
    let good = export(&bench.store, "f", ExportFormat::Jsonl);
    let lines: Vec<&str> = good.lines().collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        lines.join("\n") + "\n"
    };
    let log = fs::read_to_string(bench.log_path("f")).unwrap();
    let cases = [
        (String::new(), "empty"),
        ("{}\n".to_owned(), "not that of an export"),
        (log, "the log of a session and not an export"),
        (good.replace("\"format\":2", "\"format\":9"), "update Glossator"),
        (good[..good.len() - 20].to_owned(), "cut short"),
        (with(3, "{}"), "line 4"),
        (with(3, "junk"), "line 4"),
        (with(4, lines[3]), "stands behind"),
        (with(1, "{\"kept\":\"../K1\",\"text\":\"x\"}"), "no text under the key"),
        (with(1, "{\"kept\":\"K1\"}"), "line 2"),
    ];
    for (text, expected) in cases {
        let elsewhere = Bench::new();
        let error = elsewhere.store.import(&mut text.as_bytes(), &str::to_owned).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        let left = fs::read_dir(elsewhere.store.folder().join("sessions")).into_iter().flatten().count();
        assert_eq!(left, 0, "{expected}");
    }
    let elsewhere = Bench::new();
    assert!(elsewhere.store.import(&mut &b"\xff\xfe\n"[..], &str::to_owned).is_err());
}

#[test]
fn titles_of_every_kind_come_back() {
    let bench = Bench::new();
    bench.session("s-1", 1);
    let id: SessionId = "s-1".into();
    assert_eq!(bench.store.meta(&id).unwrap(), SessionMeta::default());
    for title in ["", "ü 漢字 🦀", "\u{0}\u{7f}\r\n\t", "../../x", "\"\\", &"x".repeat(100_000)] {
        let meta = SessionMeta { title: Some(title.to_owned()), ..SessionMeta::default() };
        bench.store.set_meta(&id, &meta).unwrap();
        assert_eq!(bench.store.meta(&id).unwrap(), meta);
    }
    let path = bench.session_folder("s-1").join("meta.json");
    fs::write(&path, "by hand").unwrap();
    assert_eq!(bench.store.meta(&id).unwrap(), SessionMeta::default());
    bench.store.set_meta(&id, &SessionMeta { archived: true, ..SessionMeta::default() }).unwrap();
    assert_eq!(fs::read_to_string(path.with_file_name("meta.old.json")).unwrap(), "by hand");
    assert!(bench.store.meta(&id).unwrap().archived);
    assert!(matches!(bench.store.meta(&"none".into()), Err(StoreError::Missing { .. })));
    assert!(bench.store.set_meta(&"none".into(), &SessionMeta::default()).is_err());
    assert!(!bench.session_folder("none").exists());
}

#[test]
fn markdown_is_readable_and_nothing_breaks_out() {
    let bench = Bench::new();
    let mut log = bench.store.create(&SessionHead { title: "Fix *it*".into(), ..head("s-1") }).unwrap();
    let source = "await tools.readFile({ path: 'a' });\n// ``` and ````\n";
    let script = format!("I look.\n\n<tool-calls>\n{source}</tool-calls>\n");
    let call = ToolCall {
        id: "S1.1".into(),
        name: "readFile".into(),
        arguments: serde_json::json!({ "path": "a`b\nc" }),
    };
    let output = ToolOutput { value: serde_json::Value::Null, summary: "3 lines".into() };
    let items = [
        ItemBody::UserMessage {
            input: vec![
                InputPart::Text { text: "Do it\n```\n# no heading\n<!-- open".into() },
                InputPart::Mention { uri: "file:///a".into(), range: None, text: Some("sel".into()) },
            ],
            to: Vec::new(),
            queued: None,
        },
        ItemBody::Answer { text: script, raw: None },
        ItemBody::Script { id: "S1".into(), source: source.into() },
        ItemBody::ToolCall { call, script: Some("S1".into()) },
        ItemBody::ToolOutput { call: "S1.1".into(), outcome: Ok(output), millis: 1 },
        edit("/w/a.rs", "one\ntwo\n", "one\n2\n"),
        ItemBody::Answer { text: "```rust\nlet open = 1;\n".into(), raw: None },
        ItemBody::Answer { text: "A comment <!-- that never ends".into(), raw: None },
        ItemBody::Notice { level: NoticeLevel::Warning, text: "careful\n```".into() },
    ];
    for item in items {
        let next = body(log.next_id(), 1, item);
        log.append(&next, Sync::No).unwrap();
    }
    append_turn(&mut log, 2, &["the end".to_owned()]);
    let text = export(&bench.store, "s-1", ExportFormat::Markdown);
    for expected in [
        "# Fix \\*it\\*\n",
        "## T-1 · ",
        "> Do it\n> ```\n> # no heading\n",
        "> `file:///a`",
        "<details><summary>Script S1</summary>\n\n`````ts\nawait tools.readFile",
        "- `readFile` ``a`b c`` → 3 lines",
        "- Edit C1: `/w/a.rs`\n",
        "```diff\n@@ line 2 @@\n one\n-two\n+2\n```",
        "```rust\nlet open = 1;\n```\n",
        "A comment &lt;!-- that",
        "> Warning: careful\n> ```\n",
        "## T-2 · ",
        "the end\n",
        "*Done* · 0 tokens",
    ] {
        assert!(text.contains(expected), "{expected:?} in\n{text}");
    }
    assert_eq!(text.matches("await tools.readFile").count(), 1, "scripts stand once:\n{text}");
}

#[test]
fn what_is_known_to_be_a_key_is_taken_out_of_what_is_taken_in() {
    let bench = Bench::new();
    let mut log = bench.store.create(&SessionHead { title: "sk-1 in it".into(), ..head("s-1") }).unwrap();
    log.kept().unwrap().keep("before sk-1 after").unwrap();
    let long = format!("{} sk-1", "x".repeat(LONG));
    append_turn(&mut log, 1, &["an answer with sk-1".to_owned(), long]);
    let edit = body(log.next_id(), 1, edit("/w/a.rs", "old\n", "sk-1 stays\n"));
    log.append(&edit, Sync::No).unwrap();
    drop(log);
    let meta = SessionMeta { title: Some("about sk-1".into()), ..SessionMeta::default() };
    bench.store.set_meta(&"s-1".into(), &meta).unwrap();
    let text = export(&bench.store, "s-1", ExportFormat::Jsonl);
    let elsewhere = Bench::new();
    let clean = |text: &str| text.replace("sk-1", "[redacted]");
    let id = elsewhere.store.import(&mut text.as_bytes(), &clean).unwrap().id;
    let again = export(&elsewhere.store, &id.0, ExportFormat::Jsonl);
    let with: Vec<&str> = again.lines().filter(|line| line.contains("sk-1")).collect();
    assert!(with.len() == 1 && with[0].contains("sk-1 stays"), "edits are what they are: {with:?}");
    let left = with[0].matches("sk-1").count();
    assert_eq!(again.matches("[redacted]").count(), text.matches("sk-1").count() - left);
    assert_eq!(elsewhere.store.meta(&id).unwrap().title.as_deref(), Some("about [redacted]"));
    // What would not be an item any more is left out, and said to be.
    let clean = |text: &str| text.replace("T-1", "T-?");
    let id = elsewhere.store.import(&mut text.as_bytes(), &clean).unwrap().id;
    let items = elsewhere.store.read(&id).unwrap().items;
    let left_out = |item: &&glossator_session::Item| matches!(&item.body, ItemBody::Notice { text, .. } if text.contains("left out when"));
    assert_eq!(items.len(), bench.store.read(&"s-1".into()).unwrap().items.len());
    let is_whole = |item: &&glossator_session::Item| matches!(item.body, ItemBody::ChangeSet { .. });
    let whole = items.iter().filter(is_whole).count();
    assert_eq!((items.iter().filter(left_out).count(), whole), (items.len() - whole, 1));
}

#[test]
fn a_turn_that_ran_when_it_was_exported_is_ended() {
    use glossator_session::{ContextItem, Cost, RequestRecord, TurnStatus, Usage};
    let bench = Bench::new();
    let mut log = bench.store.create(&head("s-1")).unwrap();
    append_turn(&mut log, 1, &[]);
    let usage = Usage { input: u64::MAX, output: 3, ..Usage::default() };
    let record = RequestRecord {
        usage,
        cost: Some(Cost { micro_usd: 7, prices_of: "2026-11-20".into() }),
        ..RequestRecord::default()
    };
    for _ in 0..2 {
        let request = ItemBody::Context(ContextItem::Request(Box::new(record.clone())));
        log.append(&body(log.next_id(), 2, request), Sync::No).unwrap();
    }
    drop(log);
    let text = export(&bench.store, "s-1", ExportFormat::Jsonl);
    let elsewhere = Bench::new();
    let id = elsewhere.store.import(&mut text.as_bytes(), &str::to_owned).unwrap().id;
    let items = elsewhere.store.read(&id).unwrap().items;
    let last = items.last().unwrap();
    let ItemBody::TurnEnded { status, usage, cost, .. } = &last.body else { panic!("{last:?}") };
    assert_eq!((last.turn, *status), (TurnId(2), TurnStatus::Interrupted));
    assert_eq!(
        (usage.input, usage.output, cost.as_ref().map(|cost| cost.micro_usd)),
        (u64::MAX, 6, Some(14))
    );
    // What ended stays as it is, however often it is taken out and in.
    let again = export(&elsewhere.store, &id.0, ExportFormat::Jsonl);
    let second = elsewhere.store.import(&mut again.as_bytes(), &str::to_owned).unwrap().id;
    assert_eq!(elsewhere.store.read(&second).unwrap().items, items);
}
