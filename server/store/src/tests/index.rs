//! The index is a copy of what the logs say: however it came to be, and whatever is done to its file.

use super::said::Writer;
use super::*;
use proptest::prelude::*;
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

fn db(bench: &Bench) -> PathBuf {
    bench.store.folder().join("index.db")
}

/// Everything in an index but for the numbers of its rows.
fn dump(path: &Path) -> Vec<String> {
    let db = Connection::open(path).unwrap();
    let sqls = [
        "SELECT concat_ws('|', id, state, archived, title, head_title, key, created, updated, model, turns, parent,
            parent_turn, parent_item, first_prompt, last_prompt, bytes, tokens, micro_usd, indexed_to, mark, log_len,
            log_time, meta_len, meta_time) FROM sessions ORDER BY 1",
        "SELECT concat_ws('|', s.id, turn, t.at, prompt, status, t.tokens, t.micro_usd) FROM turns t JOIN sessions s
            ON s.n = t.session ORDER BY 1",
        "SELECT concat_ws('|', s.id, turn, item, kind, at, text) FROM texts t JOIN sessions s ON s.n = t.session
            ORDER BY 1",
        "SELECT concat_ws('|', 'words', s.id, t.text) FROM words JOIN texts t ON t.n = words.rowid
            JOIN sessions s ON s.n = t.session WHERE words MATCH '\"word\" OR \"other\" OR \"name\"' ORDER BY 1",
        "SELECT 'rows ' || count(*) FROM words",
    ];
    let mut rows = Vec::new();
    for sql in sqls {
        let mut statement = db.prepare(sql).unwrap();
        rows.extend(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    }
    rows
}

#[derive(Debug, Clone)]
enum Step {
    Turn(usize, String),
    Say(usize, String),
    Name(usize, String),
    Archive(usize),
    Delete(usize),
    Cut(usize, usize),
    Index(usize),
    List,
    Search,
    Some,
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..4usize;
    let text = prop_oneof![Just("word one".to_owned()), Just("other".to_owned()), "[a-z ü日]{0,20}"];
    prop_oneof![
        3 => (which.clone(), text.clone()).prop_map(|(at, text)| Step::Turn(at, text)),
        3 => (which.clone(), text.clone()).prop_map(|(at, text)| Step::Say(at, text)),
        1 => (which.clone(), text).prop_map(|(at, text)| Step::Name(at, format!("name {text}"))),
        1 => which.clone().prop_map(Step::Archive),
        1 => which.clone().prop_map(Step::Delete),
        1 => (which.clone(), 1..40usize).prop_map(|(at, bytes)| Step::Cut(at, bytes)),
        2 => which.prop_map(Step::Index),
        1 => Just(Step::List),
        1 => Just(Step::Search),
        1 => Just(Step::Some),
        3 => Just(Step::Settle),
    ]
}

fn id(which: usize) -> String {
    format!("s-{which}")
}

fn writer(bench: &Bench, which: usize) -> Option<Writer> {
    let id = id(which);
    match bench.log_path(&id).exists() {
        // One whose header was cut cannot be continued.
        true => {
            let can = bench.store.open_session(&id.as_str().into()).is_ok();
            can.then(|| Writer::go_on(&bench.store, &id))
        }
        false => Some(Writer::begin(&bench.store, &id)),
    }
}

fn meta(bench: &Bench, which: usize, change: impl Fn(&mut SessionMeta)) {
    let id = id(which).as_str().into();
    if let Ok(mut meta) = bench.store.meta(&id) {
        change(&mut meta);
        // A session that is not there has no name.
        let _ = bench.store.set_meta(&id, &meta);
    }
}

/// Makes the folder of sessions as old as one is in which nothing came or went for long; never with a time that it had.
fn settle(bench: &Bench) {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    let folder = fs::File::open(bench.store.folder().join("sessions")).unwrap();
    let changed = folder.metadata().unwrap().modified().unwrap();
    if changed.elapsed().is_ok_and(|age| age < Duration::from_secs(3_600)) {
        let at = Duration::from_secs(NEXT.fetch_add(1, Ordering::Relaxed));
        folder.set_modified(UNIX_EPOCH + at).unwrap();
    }
}

fn take(bench: &Bench, step: Step) {
    match step {
        Step::Turn(at, text) => {
            if let Some(mut log) = writer(bench, at) {
                log.prompt(&text).answer(&text).end();
            }
        }
        Step::Say(at, text) => {
            if let Some(mut log) = writer(bench, at) {
                log.answer(&text).notice(&text);
            }
        }
        Step::Name(at, text) => meta(bench, at, |meta| meta.title = Some(text.clone())),
        Step::Archive(at) => meta(bench, at, |meta| meta.archived = !meta.archived),
        Step::Delete(at) => {
            let _ = fs::remove_dir_all(bench.session_folder(&id(at)));
        }
        Step::Cut(at, bytes) => {
            if let Ok(file) = fs::File::options().write(true).open(bench.log_path(&id(at))) {
                let len = file.metadata().unwrap().len();
                file.set_len(len.saturating_sub(bytes as u64)).unwrap();
            }
        }
        Step::Index(at) => bench.store.indexed(&id(at).as_str().into()),
        Step::List => drop(bench.store.list(&ListQuery::default()).unwrap()),
        Step::Search => drop(bench.found("word")),
        Step::Settle => settle(bench),
        Step::Some => drop(bench.store.index_all(Duration::from_millis(1))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn made_anew_it_is_the_same(steps in proptest::collection::vec(step(), 1..24)) {
        let bench = Bench::new();
        Writer::begin(&bench.store, "s-0").prompt("word");
        steps.into_iter().for_each(|step| take(&bench, step));
        while bench.store.index_all(Duration::from_secs(9)).left > 0 {}
        let grown = dump(&db(&bench));
        bench.store.reindex(&mut |_, _| {}).unwrap();
        prop_assert_eq!(dump(&db(&bench)), grown);
    }
}

/// Where no session came or went, only those are looked at that can have changed; what came is found at once all the same.
#[test]
fn a_folder_that_did_not_change_is_not_listed_again() {
    let bench = Bench::new();
    three(&bench);
    let apples = |bench: &Bench| bench.found("apple").len();
    settle(&bench);
    assert_eq!(apples(&bench), 2);
    // Unseen: a session that was put there without a trace in its folder's time.
    let before = fs::metadata(bench.store.folder().join("sessions")).unwrap().modified().unwrap();
    bench.said("s-4", "apple four", "answered");
    fs::File::open(bench.store.folder().join("sessions")).unwrap().set_modified(before).unwrap();
    assert_eq!(apples(&bench), 2);
    // Seen: one that came, one that was written on, one that went.
    bench.said("s-5", "apple five", "answered");
    assert_eq!(apples(&bench), 4);
    settle(&bench);
    assert_eq!(apples(&bench), 4);
    Writer::go_on(&bench.store, "s-3").prompt("apple now");
    assert_eq!(apples(&bench), 5);
    fs::remove_dir_all(bench.session_folder("s-1")).unwrap();
    assert_eq!(apples(&bench), 4);
}

fn three(bench: &Bench) {
    for (id, text) in [("s-1", "apple one"), ("s-2", "apple two"), ("s-3", "pear")] {
        bench.said(id, text, "answered");
    }
}

/// Lists and finds everything, with a notice or without.
fn assert_whole(bench: &Bench, noticed: bool, what: &str) {
    let page = bench.store.list(&ListQuery::default()).unwrap();
    assert_eq!(page.sessions.len(), 3, "{what}");
    assert_eq!(page.sessions[0].turns, 1, "{what}");
    assert_eq!(!page.notices.is_empty(), noticed, "{what}: {:?}", page.notices);
    let found = bench.store.search(&SearchQuery { text: "apple".into(), ..SearchQuery::default() }).unwrap();
    assert_eq!((found.hits.len(), !found.notices.is_empty()), (2, noticed), "{what}: {:?}", found.notices);
}

#[test]
fn whatever_is_done_to_its_file_lists_and_searches_are_whole() {
    type Harm = fn(&Path);
    let harms: [(&str, bool, Harm); 9] = [
        ("deleted", false, |db| fs::remove_file(db).unwrap()),
        ("emptied", false, |db| fs::write(db, "").unwrap()),
        ("no database", false, |db| {
            fs::write(db, "not a database at all, but long enough to be looked at").unwrap()
        }),
        ("half of it", false, |db| {
            let bytes = fs::read(db).unwrap();
            fs::write(db, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("zeros in the middle", false, |db| {
            let mut bytes = fs::read(db).unwrap();
            bytes[4096..12288].fill(0);
            fs::write(db, bytes).unwrap();
        }),
        ("another version", false, |db| {
            Connection::open(db).unwrap().pragma_update(None, "user_version", 99).unwrap();
        }),
        ("a table is gone", false, |db| {
            Connection::open(db).unwrap().execute_batch("DROP TABLE texts").unwrap()
        }),
        ("a folder in its place", true, |db| {
            fs::remove_file(db).unwrap();
            fs::create_dir(db).unwrap();
            fs::write(db.join("x"), "x").unwrap();
        }),
        ("a link in its place", true, |db| {
            fs::rename(db, db.with_extension("elsewhere")).unwrap();
            std::os::unix::fs::symlink(db.with_extension("elsewhere"), db).unwrap();
        }),
    ];
    for (what, noticed, harm) in harms {
        let bench = Bench::new();
        three(&bench);
        assert_whole(&bench, false, what);
        harm(&db(&bench));
        assert_whole(&bench, noticed, what);
    }
}

#[test]
fn while_another_process_writes_it_for_long_the_logs_are_read() {
    let bench = Bench::new();
    three(&bench);
    assert_whole(&bench, false, "before");
    let other = Connection::open(db(&bench)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_whole(&bench, false, "nothing has changed: reading is enough");
    Writer::go_on(&bench.store, "s-3").prompt("more apple");
    let page = bench.store.list(&ListQuery::default()).unwrap();
    assert!(page.sessions[0].turns == 2 && page.notices[0].contains("logs were read"), "{:?}", page.notices);
    drop(other);
    assert_eq!(bench.found("apple").len(), 3);
    assert!(bench.store.list(&ListQuery::default()).unwrap().notices.is_empty());
}

#[test]
fn what_cannot_be_read_in_time_is_listed_by_its_ends() {
    let bench = Bench::new();
    three(&bench);
    let mut log = Writer::begin(&bench.store, "s-4");
    log.prompt("first words");
    for _ in 0..40 {
        log.notice(&"x".repeat(4000));
    }
    log.prompt("last words").end();
    drop(log);
    assert_eq!(bench.store.index_all(Duration::ZERO), Indexed { done: 0, left: 4 });
    let health = bench.store.index_health();
    assert_eq!((health.sessions, health.behind, health.problem), (0, 4, None));
    while bench.store.index_all(Duration::from_millis(50)).left > 0 {}
    let health = bench.store.index_health();
    assert_eq!((health.sessions, health.behind), (4, 0));
    assert!(health.bytes > 0);
    assert_eq!(bench.found("last words"), ["s-4 prompt"]);
}

#[test]
fn what_others_did_to_old_sessions_is_looked_for_from_time_to_time() {
    let bench = Bench::new();
    for number in 0..300 {
        Writer::begin(&bench.store, &format!("s-{number:03}")).after(number).prompt("apple");
    }
    while bench.store.index_all(Duration::from_secs(9)).left > 0 {}
    let swept = |at: i64| {
        let sql = "INSERT OR REPLACE INTO facts VALUES ('swept', ?1)";
        Connection::open(db(&bench)).unwrap().execute(sql, [at]).unwrap();
    };
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    for (last, seen) in [(now(), false), (now() - 11_000, true), (now() + 60_000, true)] {
        bench.store.list(&ListQuery::default()).unwrap();
        swept(last);
        let log = fs::read_to_string(bench.log_path("s-000")).unwrap();
        fs::write(bench.log_path("s-000"), format!("{}\n", log.lines().next().unwrap())).unwrap();
        let query =
            SearchQuery { text: "apple".into(), session: Some("s-000".into()), ..SearchQuery::default() };
        assert_eq!(bench.store.search(&query).unwrap().hits.is_empty(), seen);
        fs::write(bench.log_path("s-000"), &log).unwrap();
        swept(0);
    }
    // What is new or gone is seen at once, and so is what we ourselves did.
    bench.store.list(&ListQuery::default()).unwrap();
    fs::remove_dir_all(bench.session_folder("s-001")).unwrap();
    fs::rename(bench.session_folder("s-002"), bench.session_folder("s-900")).unwrap();
    Writer::go_on(&bench.store, "s-003").prompt("pear");
    bench.store.indexed(&"s-003".into());
    assert_eq!(bench.listed(&ListQuery::default()).len(), 299);
    assert_eq!(bench.found("pear"), ["s-003 prompt"]);
}

#[cfg(unix)]
#[test]
fn its_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    three(&bench);
    bench.store.indexed(&"s-1".into());
    let open = Connection::open(db(&bench)).unwrap();
    open.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
    drop(bench.store.urls().unwrap());
    for entry in fs::read_dir(bench.store.folder()).unwrap().flatten() {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", entry.path().display());
    }
}
