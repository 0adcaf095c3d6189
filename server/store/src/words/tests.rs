//! Words of texts in several languages, of identifiers and paths.

use super::*;
use proptest::prelude::*;

fn texts(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.text).collect()
}

#[test]
fn texts_are_cut_into_words() {
    let cases: [(&str, &[&str]); 16] = [
        ("", &[]),
        ("  - !? \n", &[]),
        ("Two Words.", &["two", "words"]),
        ("parseDate", &["parse", "date"]),
        ("parse_date __x__", &["parse", "date", "x"]),
        ("HTTPServer2Port", &["http", "server2", "port"]),
        ("server/store/src/list.rs:12", &["server", "store", "src", "list", "rs", "12"]),
        ("Änderungen größer ÉTÉ", &["anderungen", "grosser", "ete"]),
        ("A\u{308}nderung", &["anderung"]),
        ("İstanbul", &["istanbul"]),
        ("日本語", &["日本", "本語", "語"]),
        ("日", &["日"]),
        ("use日本Vec", &["use", "日本", "本", "vec"]),
        ("설정을", &["설정", "정을", "을"]),
        ("привет Ёлка", &["привет", "елка"]),
        ("a²b ⅷ", &["a²b", "ⅷ"]),
    ];
    for (text, expected) in cases {
        assert_eq!(texts(text), expected, "{text}");
    }
}

#[test]
fn identifiers_are_also_in_the_index_as_one_word() {
    let cases = [
        ("call parseDate now", "call parse date now parsedate "),
        ("parse_date", "parse date parsedate "),
        ("plain words", "plain words "),
        ("A.b_c.d", "a b c d bc "),
        ("日本 aB", "日本 本 a b ab "),
    ];
    for (text, expected) in cases {
        assert_eq!(for_index(text), expected, "{text}");
    }
}

#[test]
fn what_is_typed_becomes_a_phrase() {
    let cases = [
        ("parseDate", true, Some("\"parse date\" *")),
        ("parseDate", false, Some("\"parse date\"")),
        ("x", true, Some("\"x\"")),
        ("日本語", false, Some("\"日本 本語\"")),
        ("日", false, Some("\"日\" *")),
        ("日本語 aB", false, Some("\"日本 本語 語 a b\"")),
        ("\"OR* -(NEAR)", false, Some("\"or near\"")),
        ("--", true, None),
    ];
    for (text, open, expected) in cases {
        assert_eq!(Phrase::of(text, open).map(|phrase| phrase.fts()).as_deref(), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn every_word_is_a_place_in_the_text(text in "\\PC{0,40}") {
        let mut last = 0;
        for word in words(&text) {
            prop_assert!(word.start >= last || word.end > last);
            let piece = text.get(word.start..word.end);
            prop_assert_eq!(fold(piece.unwrap()), word.text.clone());
            prop_assert!(!word.text.is_empty() && !word.text.contains(['"', ' ', '*', '(']));
            last = word.start;
        }
    }
}
