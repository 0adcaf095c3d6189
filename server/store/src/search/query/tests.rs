//! What can be typed, and that nothing that can be typed breaks the query language below.

use super::*;
use proptest::prelude::*;

fn parsed(text: &str) -> Query {
    parse(text, &TimeZone::UTC)
}

#[test]
fn words_phrases_and_what_must_not_be_there() {
    let cases = [
        ("", None),
        ("parser", Some("\"parser\" *")),
        ("parser bug", Some("\"parser\" AND \"bug\" *")),
        ("\"parser bug\"", Some("\"parser bug\"")),
        ("\"parser bug", Some("\"parser bug\"")),
        ("fix -test parser", Some("(\"fix\" AND \"parser\" *) NOT (\"test\")")),
        ("fix -\"unit test\" -slow", Some("(\"fix\" *) NOT (\"unit test\" OR \"slow\")")),
        ("-only", None),
        ("a - b", Some("\"a\" AND \"b\"")),
        ("--all", Some("\"all\" *")),
        ("list.rs", Some("\"list rs\" *")),
        ("std::fs", Some("\"std fs\" *")),
        ("https://a.b/c", Some("\"https a b c\"")),
        ("AND OR NOT NEAR(", Some("\"and\" AND \"or\" AND \"not\" AND \"near\" *")),
        ("words MATCH 'x' \u{0}* ^", Some("\"words\" AND \"match\" AND \"x\"")),
        ("in: prompt", Some("\"in\" AND \"prompt\" *")),
        ("fix model:opus", Some("\"fix\" *")),
    ];
    for (text, expected) in cases {
        assert_eq!(parsed(text).fts().as_deref(), expected, "{text}");
    }
}

#[test]
fn filters() {
    let query =
        parsed("in:prompt,answer IN:edit model:Opus file:\"src/list rs\" before:2026-11-20 after:2026-10 x");
    assert_eq!(query.kinds, [TextKind::Prompt, TextKind::Answer, TextKind::Edit]);
    assert_eq!((query.models, query.files.len()), (vec!["opus".to_owned()], 1));
    assert_eq!(query.until, Some(1_795_132_800_000));
    assert_eq!(query.since, Some(1_790_812_800_000));
    assert_eq!(query.notices, Vec::<String>::new());
    assert!(parsed("in:prompt").is_filtered() && !parsed("x -y").is_filtered());
}

#[test]
fn what_a_filter_does_not_understand_is_said_and_looked_for() {
    for (text, fts, words) in [
        ("before:soon", "\"before soon\"", "2026-11-20"),
        ("after:2026-13", "\"after 2026 13\"", "2026-11-20"),
        ("in:dreams", "\"in dreams\"", "prompt"),
        ("file:---", "\"file\"", "no file"),
        ("-in:prompt", "\"in prompt\"", "left out"),
    ] {
        let query = parsed(text);
        assert_eq!(query.fts().as_deref(), Some(fts), "{text}");
        assert!(query.notices.len() == 1 && query.notices[0].contains(words), "{:?}", query.notices);
        assert!(!query.is_filtered(), "{text}");
    }
}

fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[-\"'*^(){}:,. a-z]{0,8}",
        "\\PC{0,4}",
        Just("in:prompt".to_owned()),
        Just("before:2026".to_owned()),
        Just("NOT".to_owned()),
        Just("日本".to_owned()),
        Just("\0".to_owned()),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn nothing_that_can_be_typed_is_a_syntax_error(text in anything()) {
        let Some(fts) = parsed(&text).fts() else { return Ok(()) };
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE VIRTUAL TABLE words USING fts5 (said, tokenize = 'porter unicode61')").unwrap();
        let found: Result<i64, _> =
            db.query_row("SELECT count(*) FROM words WHERE words MATCH ?1", [&fts], |row| row.get(0));
        prop_assert_eq!(found.map_err(|error| format!("{fts}: {error}")), Ok(0));
    }
}
