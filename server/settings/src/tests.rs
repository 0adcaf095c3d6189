//! Settings as users write them, right and wrong.

use crate::{Layer, merge};
use serde_json::{Value, json};

/// `text` as the user's file: what `pointer` comes to, and the problems as they are shown.
fn check(text: &str, pointer: &str, expected: Value, problems: &[&str]) {
    let layer = Layer::Toml { name: "settings.toml".to_owned(), text: text.to_owned() };
    let (settings, found) = merge(&[layer]);
    let value = serde_json::to_value(&settings).unwrap();
    assert_eq!(value.pointer(pointer), Some(&expected), "{text}");
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), problems.len(), "{text}: {found:?}");
    for (found, expected) in found.iter().zip(problems) {
        assert!(found.contains(expected), "{found:?} should contain {expected:?}");
    }
}

#[test]
fn files() {
    check("", "/policy", json!("ask"), &[]);
    check("policy = 'full'", "/policy", json!("full"), &[]);
    check("model = 'anthropic/some/odd-id:x'", "/model", json!("anthropic/some/odd-id:x"), &[]);
    check(
        "policy = 'ful'\npack = 'files'",
        "/pack",
        json!("files"),
        &["settings.toml:1: `policy` is left out"],
    );
    check(
        "\n\npacks = 1",
        "/pack",
        json!("core"),
        &["settings.toml:3: `packs` is left out: unknown field `packs`"],
    );
    check(
        "[turn]\nmax_rounds = 'many'",
        "/turn/max_rounds",
        json!(50),
        &["settings.toml:2: `turn.max_rounds`"],
    );
    check("[turn]\nmax_rounds = -1", "/turn/max_rounds", json!(50), &["`turn.max_rounds`"]);
    check("turn = 7", "/turn/max_rounds", json!(50), &["`turn` is left out"]);
    check("model = ", "/pack", json!("core"), &["settings.toml:1: "]);
    check(
        "[providers.x]\nbase_url = 'http://h'\nwire = 'telex'",
        "/providers/x",
        json!({
            "wire": "messages", "base_url": "http://h", "key_env": null, "headers": {}, "query": {}, "dialect": {}
        }),
        &[
            "settings.toml:3: `providers.x.wire` is left out: unknown variant `telex`, expected one of `messages`, `responses`, `chat`, `ollama`",
        ],
    );
    check("[models.mine]\nid = 'a/b/c'\ncontext_window = 9", "/models/mine/context_window", json!(9), &[]);
    check("[providers.x.dialect]\nno_stop = true", "/providers/x/dialect", json!({ "no_stop": true }), &[]);
    check(
        "[providers.x.dialect]\nno_stops = true",
        "/pack",
        json!("core"),
        &["`providers.x.dialect.no_stops`"],
    );
    check("[budget]\nturn_usd = 0.5", "/budget/turn_usd", json!(0.5), &[]);
    check("[models.'a/b']\nthinking = 'off'", "/models/a~1b/thinking", json!("off"), &[]);
    check("[models.'a/b']\nthinking = 2048", "/models/a~1b/thinking", json!(2048), &[]);
    check(
        "[providers.anthropic]\nheaders = { a = 'b' }",
        "/providers/anthropic/headers",
        json!({ "a": "b" }),
        &[],
    );
}

#[test]
fn later_layers_win_and_foreign_values_do_no_harm() {
    let layers = [
        Layer::Toml { name: "user".to_owned(), text: "pack = 'files'\npolicy = 'full'".to_owned() },
        Layer::Json { name: "editor".to_owned(), value: json!({ "policy": "read-only" }) },
        Layer::Json { name: "odd".to_owned(), value: json!([1]) },
        Layer::Json { name: "nothing".to_owned(), value: Value::Null },
    ];
    let (settings, problems) = merge(&layers);
    assert_eq!(settings.pack, "files");
    assert_eq!(settings.policy.name(), "read-only");
    assert_eq!(problems.len(), 1);
}
