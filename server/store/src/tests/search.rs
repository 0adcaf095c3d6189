//! What can be found: languages, identifiers, paths, filters, forks, and in which order.

use super::said::{START, Writer};
use super::*;

#[test]
fn words_of_several_languages_and_of_code() {
    let bench = Bench::new();
    let texts = [
        ("german", "Die größeren Änderungen am Zeilenumbruch überprüfen"),
        ("japanese", "日本語の検索を実装する"),
        ("korean", "설정 파일을 읽는다"),
        ("russian", "Починить разбор ёлок"),
        ("code", "call parseDate and MAX_TURN_COUNT in HTTPServer"),
        ("path", "look at server/store/src/list.rs please"),
        ("english", "The runner was testing several parsers"),
    ];
    for (id, text) in texts {
        bench.said(id, text, "-");
    }
    let cases = [
        ("anderungen", "german"),
        ("Änderung", "german"),
        ("grosse", "german"),
        ("größeren", "german"),
        ("GROẞEREN", "german"),
        ("uberprufen", "german"),
        ("検索", "japanese"),
        ("日本語", "japanese"),
        ("語", "japanese"),
        ("索検", ""),
        ("파일", "korean"),
        ("елок", "russian"),
        ("parseDate", "code"),
        ("parsedate", "code"),
        ("date", "code"),
        ("parse_date", "code"),
        ("maxTurnCount", "code"),
        ("turn_count", "code"),
        ("http server", "code"),
        ("list.rs", "path"),
        ("store/src", "path"),
        ("src/store", ""),
        ("test parser", "english"),
        ("runners tested", "english"),
        ("\"testing several\"", "english"),
        ("\"several testing\"", ""),
    ];
    for (text, expected) in cases {
        let found = bench.found(text);
        let sessions: Vec<&str> = found.iter().map(|hit| hit.split(' ').next().unwrap()).collect();
        let expected: Vec<&str> = Some(expected).filter(|id| !id.is_empty()).into_iter().collect();
        assert_eq!(sessions, expected, "{text}");
    }
}

#[test]
fn every_kind_of_text_and_nothing_else() {
    let bench = Bench::new();
    let workspace = fs::canonicalize(bench.dir.path().join("My Project")).unwrap();
    Writer::begin(&bench.store, "s-1")
        .prompt("the prompt apple")
        .answer("the answer apple <tool-calls>return banana</tool-calls> end")
        .script("return banana")
        .call("readFile", serde_json::json!({ "path": "cherry.txt", "limit": 3 }), "read 3 damsons")
        .edit(&workspace.join("src/elder.rs"))
        .notice("fig tree")
        .add(ItemBody::Reasoning { text: "grape".into(), raw: None })
        .end();
    let cases: [(&str, &[&str]); 15] = [
        ("apple", &["s-1 prompt", "s-1 answer"]),
        ("apple in:answer", &["s-1 answer"]),
        ("apple in:prompt,answer -end", &["s-1 prompt"]),
        ("banana", &["s-1 script"]),
        ("cherry", &["s-1 call"]),
        ("damsons", &["s-1 call"]),
        ("elder", &["s-1 edit"]),
        ("fig", &["s-1 notice"]),
        ("grape", &[]),
        ("unsearched", &[]),
        ("in:script", &["s-1 script"]),
        ("file:elder.rs", &["s-1 edit"]),
        ("apple file:src/eld in:prompt", &["s-1 prompt"]),
        ("apple file:other", &[]),
        ("apple model:scripted before:2026-01-01", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(bench.found(text), expected, "{text}");
    }
    let hits = |text: &str| {
        bench.store.search(&SearchQuery { text: text.into(), ..SearchQuery::default() }).unwrap()
    };
    let hit = &hits("elder").hits[0];
    assert_eq!((hit.snippet.text.as_str(), hit.snippet.marks.len()), ("src/elder.rs", 1));
    assert_eq!(hit.snippet.marks[0], 4..9);
    assert_eq!((hit.turn, hit.title.as_str(), hit.at), (TurnId(1), "the prompt apple", START + 6000));
    let notices = |text: &str| hits(text).notices.join(" ");
    assert!(notices("-apple").contains("no word") && notices("").contains("no word"));
    assert!(notices("in:nowhere").contains("prompt"));
    assert_eq!(notices("apple"), "");
}

#[test]
fn the_better_and_newer_first_and_no_more_than_asked_for() {
    let bench = Bench::new();
    for number in 0..30 {
        Writer::begin(&bench.store, &format!("s-{number:02}"))
            .after(number * 30)
            .prompt("needle in a haystack");
    }
    Writer::begin(&bench.store, "t-long").after(870).prompt(&format!("needle {}", "hay ".repeat(400)));
    let found = bench.found("needle");
    assert_eq!((found.len(), found[0].as_str(), found[1].as_str()), (20, "s-29 prompt", "s-28 prompt"));
    assert!(!found.contains(&"t-long prompt".to_owned()), "{found:?}");
    let query = SearchQuery { text: "needle".into(), limit: 50, ..SearchQuery::default() };
    assert_eq!(bench.store.search(&query).unwrap().hits.len(), 31);
    let query = SearchQuery { session: Some("s-03".into()), ..query };
    assert_eq!(bench.store.search(&query).unwrap().hits.len(), 1);
}

#[test]
fn one_place_of_a_turn_comes_before_further_ones() {
    let bench = Bench::new();
    let mut log = Writer::begin(&bench.store, "s-much");
    log.after(300).prompt("rate rate");
    for _ in 0..8 {
        log.notice("rate rate rate");
    }
    Writer::begin(&bench.store, "s-less").prompt("the rate, once, among other words that say little of it");
    let found = bench.found("rate");
    assert_eq!(found.len(), 10);
    assert!(found[0].starts_with("s-much") && found[1] == "s-less prompt", "{found:?}");
    let query = SearchQuery { text: "rate".into(), session: Some("s-much".into()), ..SearchQuery::default() };
    assert_eq!(bench.store.search(&query).unwrap().hits.len(), 9);
}

#[test]
fn of_what_is_everywhere_the_newest_is_found() {
    let bench = Bench::new();
    for session in 0..3 {
        let mut log = Writer::begin(&bench.store, &format!("s-{session}"));
        log.after(session * 100).prompt(&format!("everywhere number{session}"));
        for _ in 0..2000 {
            log.notice("everywhere");
        }
    }
    while bench.store.index_all(std::time::Duration::from_secs(9)).left > 0 {}
    assert!(bench.found("everywhere").iter().all(|hit| hit.starts_with("s-2")));
    assert_eq!(bench.found("everywhere number0"), ["s-0 prompt"]);
    assert_eq!(bench.found("everywh in:prompt").len(), 3);
    assert_eq!(bench.found("everywhere before:2026-12").len(), 20);
}

#[test]
fn a_fork_finds_what_it_shares_with_its_parent() {
    let bench = Bench::new();
    Writer::begin(&bench.store, "s-1").prompt("shared apple").end().prompt("parent apple").end();
    bench.store.fork(&"s-1".into(), TurnId(1), "s-2".into(), START + 9000).unwrap();
    Writer::go_on(&bench.store, "s-2").prompt("fork apple").end();
    bench.store.fork(&"s-2".into(), TurnId(2), "s-3".into(), START + 9500).unwrap();
    let within = |id: &str| {
        let query = SearchQuery { text: "apple".into(), session: Some(id.into()), ..SearchQuery::default() };
        let mut texts: Vec<String> =
            bench.store.search(&query).unwrap().hits.into_iter().map(|hit| hit.snippet.text).collect();
        texts.sort();
        texts
    };
    assert_eq!(within("s-1"), ["parent apple", "shared apple"]);
    assert_eq!(within("s-2"), ["fork apple", "shared apple"]);
    assert_eq!(within("s-3"), ["fork apple", "shared apple"]);
    assert_eq!(bench.found("apple").len(), 3, "nothing is found twice");
    let list = bench.store.list(&ListQuery::default()).unwrap().sessions;
    let fork = list.iter().find(|session| session.id.0 == "s-3").unwrap();
    assert_eq!((fork.turns, fork.title.as_str()), (2, "fork apple"));
    assert_eq!(fork.parent.as_ref().unwrap().session.0, "s-2");
}

#[test]
fn long_texts_are_found_by_their_beginning() {
    let bench = Bench::new();
    let long = format!("zebra {} quagga", "x".repeat(300_000));
    Writer::begin(&bench.store, "s-1").prompt(&long).answer(&long).script(&long);
    assert_eq!(bench.found("zebra").len(), 3);
    assert_eq!(bench.found("quagga").len(), 0);
}
