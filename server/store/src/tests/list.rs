//! Lists of sessions: order, filters, pages, other workspaces, and what others do to the folder meanwhile.

use super::said::{DAY, START, Writer};
use super::*;

fn all() -> ListQuery {
    ListQuery::default()
}

#[test]
fn the_last_written_first_with_what_is_known_of_each() {
    let bench = Bench::new();
    assert_eq!(bench.listed(&all()), Vec::<String>::new());
    assert!(!bench.store.folder().exists(), "looking makes nothing");
    bench.said("s-1", "Fix the parser\nplease", "Done.");
    drop(bench.store.create(&SessionHead { title: "Named".into(), ..head("s-2") }).unwrap());
    Writer::begin(&bench.store, "s-3").prompt("First").end().after(1).prompt("  \n Second   words").end();
    let page = bench.store.list(&all()).unwrap();
    let shown: Vec<_> = page
        .sessions
        .iter()
        .map(|s| (s.id.0.as_str(), s.title.as_str(), s.turns, s.last_prompt.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("s-3", "First", 2, "Second words"),
            ("s-1", "Fix the parser", 1, "Fix the parser"),
            ("s-2", "Named", 0, "")
        ]
    );
    let first = &page.sessions[0];
    assert_eq!((first.created_at, first.updated_at), (START, START + DAY + 4000));
    assert_eq!((first.model.as_str(), first.archived, &first.workspace), ("scripted/any", false, &None));
    assert_eq!(first.bytes, fs::metadata(bench.log_path("s-3")).unwrap().len());
    assert_eq!((page.next, page.notices), (None, Vec::<String>::new()));
    let one = bench.store.summary(&"s-1".into()).unwrap().unwrap();
    assert_eq!(&one, &page.sessions[1]);
    assert_eq!(bench.store.summary(&"s-9".into()).unwrap(), None);
}

#[test]
fn filters() {
    let bench = Bench::new();
    bench.said("s-1", "Fix the ÄNDERUNG of parseDate", "x");
    Writer::begin(&bench.store, "s-2")
        .after(10)
        .prompt("Other")
        .end()
        .prompt("deep inside")
        .end()
        .prompt("last");
    drop(bench.store.create(&SessionHead { model: "openai/gpt-5".into(), ..head("s-3") }).unwrap());
    let meta = SessionMeta { title: Some("A new name".into()), archived: true, ..SessionMeta::default() };
    bench.store.set_meta(&"s-2".into(), &meta).unwrap();
    let text = |text: &str| ListQuery { text: text.into(), ..all() };
    let cases: [(&str, ListQuery, &[&str]); 15] = [
        ("all", all(), &["s-2", "s-1", "s-3"]),
        ("a word", text("änderung"), &["s-1"]),
        ("its beginning", text("ander pars"), &["s-1"]),
        ("a part of an identifier", text("date"), &["s-1"]),
        ("the name", text("new NAME"), &["s-2"]),
        ("a prompt in the middle", text("inside"), &["s-2"]),
        ("the last prompt", text("last"), &["s-2"]),
        ("an answer is no prompt", text("x"), &["s-1"]),
        ("nothing", text("nowhere"), &[]),
        ("what means something to SQL", text("' OR 1=1 -- % _"), &[]),
        ("archived", ListQuery { archived: Some(true), ..all() }, &["s-2"]),
        ("not archived", ListQuery { archived: Some(false), ..all() }, &["s-1", "s-3"]),
        ("model", ListQuery { model: "GPT".into(), ..all() }, &["s-3"]),
        ("since", ListQuery { since: Some(START + DAY), ..all() }, &["s-2"]),
        ("until", ListQuery { until: Some(START), ..all() }, &[]),
    ];
    for (what, query, expected) in cases {
        // 'x' is a part of 'Fix'.
        assert_eq!(bench.listed(&query), expected, "{what}");
    }
}

#[test]
fn pages_make_up_the_whole() {
    let bench = Bench::new();
    for number in 0..7 {
        // Pairs of the same time, told apart by their ids.
        Writer::begin(&bench.store, &format!("s-{number}")).after(number / 2).prompt("x");
    }
    let whole = bench.listed(&all());
    assert_eq!(whole, ["s-6", "s-5", "s-4", "s-3", "s-2", "s-1", "s-0"]);
    for limit in 1..9 {
        let mut pages = Vec::new();
        let mut query = ListQuery { limit, ..all() };
        loop {
            let page = bench.store.list(&query).unwrap();
            assert!(page.sessions.len() <= limit);
            pages.extend(page.sessions.into_iter().map(|session| session.id.0));
            match page.next {
                // As text and back, as clients do.
                Some(next) => query.before = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(pages, whole, "{limit}");
    }
    for wrong in ["", "x", "12", "x.s-1"] {
        assert!(wrong.parse::<Cursor>().unwrap_err().contains("next"), "{wrong}");
    }
}

#[test]
fn what_others_do_meanwhile_is_seen() {
    let bench = Bench::new();
    bench.said("s-1", "One", "x");
    bench.said("s-2", "Two", "x");
    assert_eq!(bench.listed(&all()), ["s-2", "s-1"]);
    Writer::go_on(&bench.store, "s-1").after(1).prompt("More").end();
    assert_eq!(bench.listed(&all()), ["s-1", "s-2"]);
    assert_eq!(bench.store.list(&all()).unwrap().sessions[0].turns, 2);
    // Added by hand, under another name.
    let copy = bench.session_folder("s-3");
    fs::create_dir(&copy).unwrap();
    fs::copy(bench.log_path("s-2"), copy.join("log.jsonl")).unwrap();
    assert_eq!(bench.listed(&all()), ["s-1", "s-3", "s-2"]);
    // Deleted by hand.
    fs::remove_dir_all(bench.session_folder("s-1")).unwrap();
    assert_eq!(bench.listed(&all()), ["s-3", "s-2"]);
    assert_eq!(bench.found("more"), Vec::<String>::new());
    // Renamed.
    let meta = SessionMeta { title: Some("Called so".into()), ..SessionMeta::default() };
    bench.store.set_meta(&"s-2".into(), &meta).unwrap();
    assert_eq!(bench.listed(&ListQuery { text: "called".into(), ..all() }), ["s-2"]);
    assert_eq!(bench.found("called"), ["s-2 title"]);
    // Cut, and replaced by another one.
    let text = fs::read_to_string(bench.log_path("s-2")).unwrap();
    fs::write(bench.log_path("s-2"), text.replace("Two", "Six")).unwrap();
    assert_eq!(bench.found("two"), ["s-3 prompt"]);
    assert_eq!(bench.found("six"), ["s-2 prompt"]);
    let header = text.lines().next().unwrap().len();
    fs::write(bench.log_path("s-2"), &text[..header + 1]).unwrap();
    assert_eq!(bench.found("six"), Vec::<String>::new());
}

#[test]
fn sessions_that_cannot_be_read_are_named_and_the_rest_is_listed() {
    let bench = Bench::new();
    bench.said("s-1", "One", "x");
    let sessions = bench.store.folder().join("sessions");
    fs::write(sessions.join("a file"), "x").unwrap();
    fs::create_dir(sessions.join("empty")).unwrap();
    fs::create_dir(sessions.join("not an id")).unwrap();
    fs::create_dir(sessions.join("broken")).unwrap();
    fs::write(sessions.join("broken/log.jsonl"), "no header\n").unwrap();
    let page = bench.store.list(&all()).unwrap();
    assert_eq!(page.sessions.len(), 1);
    assert!(page.notices.len() == 1 && page.notices[0].contains("broken"), "{:?}", page.notices);
    fs::copy(bench.log_path("s-1"), sessions.join("broken/log.jsonl")).unwrap();
    let page = bench.store.list(&all()).unwrap();
    assert_eq!((page.sessions.len(), page.notices.len()), (2, 0));
    // One that cannot be opened, for a while, without a trace in its own length and time.
    let (log, aside) = (sessions.join("broken/log.jsonl"), sessions.join("broken/aside"));
    fs::rename(&log, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &log).unwrap();
    for _ in 0..2 {
        let page = bench.store.list(&all()).unwrap();
        assert_eq!((page.sessions.len(), page.notices.len()), (1, 1));
    }
    fs::rename(&aside, &log).unwrap();
    assert_eq!(bench.store.list(&all()).unwrap().sessions.len(), 2);
}

#[test]
fn sessions_of_overlapping_workspaces() {
    let bench = Bench::new();
    let state = bench.dir.path().join("state");
    bench.said("s-ours", "Ours", "same words");
    for (name, path) in [("s-above", ""), ("s-below", "My Project/part"), ("s-beside", "My Project too")] {
        let path = bench.dir.path().join(path);
        fs::create_dir_all(&path).unwrap();
        let store = Store::open(&state, &path).unwrap();
        Writer::begin(&store, name).after(1).prompt("Theirs").answer("same words").end();
    }
    assert_eq!(bench.listed(&all()), ["s-ours"]);
    let wide = ListQuery { overlapping: true, ..all() };
    let page = bench.store.list(&wide).unwrap();
    let shown: Vec<_> =
        page.sessions.iter().map(|one| (one.id.0.as_str(), one.workspace.is_some())).collect();
    assert_eq!(shown, [("s-below", true), ("s-above", true), ("s-ours", false)]);
    let below = fs::canonicalize(bench.dir.path().join("My Project/part")).unwrap();
    assert_eq!(page.sessions[0].workspace.as_deref(), Some(below.as_path()));
    let two = bench.store.list(&ListQuery { limit: 2, ..wide.clone() }).unwrap();
    let rest = bench.store.list(&ListQuery { limit: 2, before: two.next, ..wide }).unwrap();
    assert_eq!((rest.sessions[0].id.0.as_str(), rest.sessions.len()), ("s-ours", 1));
    let words = SearchQuery { text: "same".into(), overlapping: true, ..SearchQuery::default() };
    let hits = bench.store.search(&words).unwrap().hits;
    assert_eq!(hits.iter().filter(|hit| hit.workspace.is_some()).count(), 2);
    assert_eq!(hits.len(), 3);
}
