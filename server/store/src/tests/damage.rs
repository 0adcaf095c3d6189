//! Damaged logs: torn at every byte, corrupt in the middle, from another version.

use super::{Bench, item};
use crate::{ListQuery, StoreError, Sync};
use glossator_session::{Item, ItemBody, SessionId};
use std::fs;

const ID: &str = "s-1";

fn id() -> SessionId {
    ID.into()
}

#[test]
fn a_log_cut_at_any_byte_of_its_last_two_lines_goes_on() {
    let bench = Bench::new();
    let items = bench.session(ID, 5);
    let whole = fs::read(bench.log_path(ID)).unwrap();
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1).collect();
    // The header and five items: the last two lines begin behind the fourth end.
    for cut in ends[3]..=whole.len() {
        fs::write(bench.log_path(ID), &whole[..cut]).unwrap();
        // An item is whole with its last brace: the newline can be put back.
        let kept = ends.iter().filter(|end| **end <= cut + 1).count() - 1;
        let torn = if ends.contains(&(cut + 1)) {
            &[][..]
        } else {
            &whole[*ends.iter().rfind(|end| **end <= cut).unwrap()..cut]
        };
        check_cut(&bench, &items[..kept], torn);
    }
}

fn check_cut(bench: &Bench, kept: &[Item], torn: &[u8]) {
    assert_eq!(bench.store.read(&id()).unwrap().items, kept);
    let (mut log, replay) = bench.store.open_session(&id()).unwrap();
    assert_eq!(replay.items, kept);
    assert_eq!(replay.notices, Vec::<String>::new());
    assert_eq!(replay.healed.is_some(), !torn.is_empty());
    let saved = bench.session_folder(ID).join("log.torn-1");
    if let Some(healed) = replay.healed {
        assert!(healed.contains("log.torn-1"), "{healed}");
        assert_eq!(fs::read(&saved).unwrap(), torn);
        fs::remove_file(saved).unwrap();
    } else {
        assert!(!saved.exists());
    }
    let next = item(kept.len() as u64 + 1);
    log.append(&next, Sync::No).unwrap();
    drop(log);
    let (_, replay) = bench.store.open_session(&id()).unwrap();
    assert_eq!(replay.healed, None);
    assert_eq!(replay.items.last(), Some(&next));
    assert_eq!(replay.items.len(), kept.len() + 1);
}

#[test]
fn torn_tails_are_never_written_over() {
    let bench = Bench::new();
    bench.session(ID, 1);
    for number in 1..=3 {
        let mut log = fs::read(bench.log_path(ID)).unwrap();
        log.extend(format!("{{\"torn\":{number}").bytes());
        fs::write(bench.log_path(ID), log).unwrap();
        drop(bench.store.open_session(&id()).unwrap());
        let saved = fs::read_to_string(bench.session_folder(ID).join(format!("log.torn-{number}"))).unwrap();
        assert_eq!(saved, format!("{{\"torn\":{number}"));
    }
}

/// Changes the log's lines (the header is line 0), then checks which items a reader gets, that a writer can go on and
/// what is the id it goes on with.
fn check(change: impl Fn(&mut Vec<String>), ids: &[u64], notices: usize, next_id: u64) {
    let bench = Bench::new();
    bench.session(ID, 5);
    let text = fs::read_to_string(bench.log_path(ID)).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    let text = lines.join("\n") + "\n";
    fs::write(bench.log_path(ID), &text).unwrap();
    let (mut log, replay) = bench.store.open_session(&id()).unwrap();
    assert_eq!(replay.items.iter().map(|item| item.id.0).collect::<Vec<_>>(), ids);
    assert_eq!(replay.notices.len(), notices, "{:?}", replay.notices);
    assert_eq!(log.next_id(), next_id);
    assert!(fs::read_to_string(bench.log_path(ID)).unwrap().starts_with(&text), "bad lines stay in the file");
    log.append(&item(next_id), Sync::No).unwrap();
    drop(log);
    assert_eq!(bench.store.read(&id()).unwrap().items.len(), ids.len() + 1);
}

#[test]
fn lines_that_are_no_items_are_skipped_and_kept() {
    check(|_| {}, &[1, 2, 3, 4, 5], 0, 6);
    check(|lines| lines[2] = "\u{0}\u{0}\u{0}".into(), &[1, 3, 4, 5], 1, 6);
    check(|lines| lines[3].truncate(9), &[1, 2, 4, 5], 1, 6);
    check(|lines| lines[5] = "[]".into(), &[1, 2, 3, 4], 1, 6);
    check(|lines| lines[1].clear(), &[2, 3, 4, 5], 1, 6);
    check(|lines| lines.insert(2, "noise".into()), &[1, 2, 3, 4, 5], 1, 7);
    // One newline lost: two items are one bad line.
    check(
        |lines| {
            let next = lines.remove(3);
            lines[2] += &next;
        },
        &[1, 4, 5],
        1,
        6,
    );
}

#[test]
fn a_damaged_id_does_not_hide_the_rest() {
    let rename = |from: usize, to: u64| {
        move |lines: &mut Vec<String>| {
            lines[from] = lines[from].replace(&format!("\"id\":{from}"), &format!("\"id\":{to}"))
        }
    };
    check(rename(2, 92), &[1, 3, 4, 5], 1, 6);
    check(rename(3, 1), &[1, 2, 4, 5], 1, 6);
    check(rename(1, u64::MAX), &[2, 3, 4, 5], 1, 6);
    check(
        |lines| {
            let twin = lines[3].clone();
            lines.insert(4, twin);
        },
        &[1, 2, 3, 4, 5],
        1,
        7,
    );
}

#[test]
fn a_newer_format_can_be_read_but_not_written() {
    let bench = Bench::new();
    let items = bench.session(ID, 2);
    let text = fs::read_to_string(bench.log_path(ID)).unwrap();
    let newer = text.replacen("\"format\":2", "\"format\":3,\"more\":{}", 1);
    assert_ne!(newer, text);
    fs::write(bench.log_path(ID), format!("{newer}{{\"torn")).unwrap();
    assert_eq!(bench.store.read(&id()).unwrap().items, items);
    let error = bench.store.open_session(&id()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 3, known: 2, .. }), "{error}");
    assert_eq!(
        fs::read_to_string(bench.log_path(ID)).unwrap(),
        format!("{newer}{{\"torn"),
        "not even healed"
    );
    assert_eq!(bench.store.list(&ListQuery::default()).unwrap().sessions.len(), 1);
}

#[test]
fn a_log_without_a_header_can_be_read_but_not_written() {
    let bench = Bench::new();
    let items = bench.session(ID, 2);
    let text = fs::read_to_string(bench.log_path(ID)).unwrap();
    let body = text.split_once('\n').unwrap().1;
    for (header, ids) in
        [("{\"glossator\":\"other\",\"format\":1,\"head\":{\"id\":\"x\"}}\n", 2), ("{\n", 2), ("", 1)]
    {
        fs::write(bench.log_path(ID), format!("{header}{body}")).unwrap();
        let replay = bench.store.read(&id()).unwrap();
        assert_eq!(replay.items, items[2 - ids..], "{header}");
        assert_eq!((replay.head.id, replay.notices.len()), (id(), 1));
        assert!(matches!(bench.store.open_session(&id()), Err(StoreError::Damaged { .. })), "{header}");
    }
    fs::write(bench.log_path(ID), "").unwrap();
    assert_eq!(bench.store.read(&id()).unwrap().items, vec![]);
    assert!(matches!(bench.store.open_session(&id()), Err(StoreError::Damaged { .. })));
}

#[test]
fn unknown_kinds_survive_a_round_trip() {
    let bench = Bench::new();
    bench.session(ID, 1);
    let line = r#"{"id":2,"turn":"T-1","round":3,"at":9,"kind":"hologram","depth":{"z":[1,2.5,null]},"n":18446744073709551615}"#;
    let mut text = fs::read_to_string(bench.log_path(ID)).unwrap();
    text += line;
    text += "\n";
    fs::write(bench.log_path(ID), &text).unwrap();
    let (mut log, replay) = bench.store.open_session(&id()).unwrap();
    assert_eq!(replay.notices, Vec::<String>::new());
    let unknown = &replay.items[1];
    assert!(matches!(&unknown.body, ItemBody::Unknown(map) if map["kind"] == "hologram"), "{unknown:?}");
    let again = Item { id: glossator_session::ItemId(3), ..unknown.clone() };
    log.append(&again, Sync::No).unwrap();
    let text = fs::read_to_string(bench.log_path(ID)).unwrap();
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let mut before = value(line);
    before["id"] = 3.into();
    assert_eq!(value(text.lines().last().unwrap()), before);
}

/// Numbers behind which nothing could follow are those of nobody: the line is left out, and the session goes on.
#[test]
fn numbers_that_nobody_counts_to() {
    let last = |lines: &mut Vec<String>| lines.last().unwrap().clone();
    let with = |line: &str, key: &str, value: &str| {
        let mut item: serde_json::Value = serde_json::from_str(line).unwrap();
        item[key] = serde_json::from_str(value).unwrap();
        item.to_string()
    };
    for (key, value) in
        [("id", "18446744073709551615"), ("id", "9007199254740992"), ("turn", "\"T-4294967295\"")]
    {
        let change = |lines: &mut Vec<String>| {
            let odd = with(&with(&last(lines), "id", "6"), key, value);
            lines.push(odd);
        };
        check(change, &[1, 2, 3, 4, 5], 1, 7);
    }
    let bench = Bench::new();
    bench.session(ID, 5);
    let mut out = Vec::new();
    bench.store.export(&id(), crate::ExportFormat::Jsonl, &mut out).unwrap();
    let export = String::from_utf8(out).unwrap();
    let odd = with(export.lines().last().unwrap(), "id", "18446744073709551615");
    let refused = bench
        .store
        .import(&mut format!("{export}{odd}\n").as_bytes(), &str::to_owned)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("cannot be an item 18446744073709551615"), "{refused}");
}
