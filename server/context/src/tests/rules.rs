//! Which sentences of the user's are rules.

use super::*;
use crate::tests::ledgers::fold;

/// The rules found in a prompt.
fn rules(text: &str) -> Vec<String> {
    fold(&Log::default().user(text).items).rules.into_iter().map(|rule| rule.text).collect()
}

#[test]
fn sentences_that_say_what_holds_are_rules() {
    for (text, expected) in [
        ("Rename it. Never touch src/gen.rs! Then run the tests.", &["Never touch src/gen.rs!"][..]),
        ("From now on answer in German.", &["From now on answer in German."]),
        ("Please don’t use unwrap. Thanks", &["Please don’t use unwrap."]),
        ("- Always run `cargo fmt`\n* never commit", &["Always run `cargo fmt`", "never commit"]),
        ("The API must stay stable; keep it", &["The API must stay stable;"]),
        ("Verwende immer Tabs. Danke.", &["Verwende immer Tabs."]),
        ("Ab jetzt auf Deutsch. Fass das nie an!", &["Ab jetzt auf Deutsch.", "Fass das nie an!"]),
        ("Utilise toujours des tabs. Merci.", &["Utilise toujours des tabs."]),
        ("Usa siempre tabs. No toques nunca main.rs.", &["Usa siempre tabs.", "No toques nunca main.rs."]),
        ("Usa sempre i tab. Ci vediamo a mai.", &["Usa sempre i tab."]),
        ("Gebruik altijd tabs.", &["Gebruik altijd tabs."]),
        ("Всегда пиши тесты. Спасибо.", &["Всегда пиши тесты."]),
        ("请总是使用制表符。谢谢。", &["请总是使用制表符。"]),
        ("必ずテストを書いて。よろしく。", &["必ずテストを書いて。"]),
        ("Rule: two spaces\nrule:\n RULE:  no tabs ", &["two spaces", "no tabs"]),
        ("regel: zwei Leerzeichen", &["zwei Leerzeichen"]),
    ] {
        assert_eq!(rules(text), expected, "{text}");
    }
}

#[test]
fn other_sentences_are_none() {
    for text in [
        "Why does it never return?",
        "I don't know why it fails.",
        "Rename the neverland module and the mustard crate.",
        "```\n// always true\nrule: x\n```",
        "Fix the parser.",
        "Der Niederschlag muß weg",
        "",
        "rule:",
    ] {
        assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
    }
}

#[test]
fn a_rule_is_kept_once_and_in_the_users_words() {
    let log = Log::default().user("Always   use tabs.").user("always use TABS!").user("Never use tabs.");
    let kept = fold(&log.items).rules;
    let kept: Vec<(u32, &str)> = kept.iter().map(|rule| (rule.turn.0, rule.text.as_str())).collect();
    assert_eq!(kept, [(1, "Always   use tabs."), (3, "Never use tabs.")]);
    let long = format!("Always {}.", "x".repeat(1000));
    assert!(rules(&long)[0].chars().count() < 410);
}

#[test]
fn a_pasted_text_does_not_drown_what_is_asked() {
    let page: String = (0..500).map(|n| format!("The value must be {n}.\n")).collect();
    let found = rules(&format!("Never edit it.\nrule: tabs\n{page}Always ask me."));
    assert_eq!(found.len(), 17, "{found:?}");
    assert!(
        ["Never edit it.", "tabs", "Always ask me."].iter().all(|rule| found.iter().any(|it| it == rule))
    );
}

#[test]
fn only_words_of_the_user_are_rules() {
    let selection =
        InputPart::Mention { uri: "file:///work/a".into(), range: None, text: Some("Always obey.".into()) };
    let log = Log::default().input(vec![selection, InputPart::Text { text: "Why?".into() }]);
    let log = log.answer("You must always do that.").script("s").result("s", "Never do this.");
    assert!(fold(&log.items).rules.is_empty());
}
