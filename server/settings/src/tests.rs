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
        "\n\npakcs = 1",
        "/pack",
        json!("core"),
        &["settings.toml:3: `pakcs` is left out: unknown field `pakcs`"],
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
            "wire": "messages", "base_url": "http://h", "key_env": null, "headers": {}, "query": {}, "script": null, "dialect": {}
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
fn scripts_and_packs() {
    check("[script]\nmode = 'dry-run'", "/script/mode", json!("dry-run"), &[]);
    check(
        "[script]\nmode = 'off'",
        "/script/mode",
        json!("enabled"),
        &["settings.toml:2: `script.mode` is left out"],
    );
    check("[script]\nstore_kb = 512", "/script/store_kb", json!(512), &[]);
    check("[script]\nresult_kb = -1", "/script/result_kb", json!(128), &["`script.result_kb`"]);
    check("[script.console]\nlines = 7", "/script/console", json!({ "lines": 7, "per_second": 20 }), &[]);
    check("[providers.ollama]\nscript = 'disabled'", "/providers/ollama/script", json!("disabled"), &[]);
    check(
        "[packs.mine]\nextends = 'core'\nwithout = ['exec']\nextra = 1",
        "/packs/mine",
        json!({ "extends": "core", "without": ["exec"] }),
        &["settings.toml:4: `packs.mine.extra` is left out"],
    );
}

/// How a turn is run under the settings `text`, with these environment variables.
fn turn(text: &str, variables: &'static [(&'static str, &'static str)]) -> glossator_agent::TurnConfig {
    let layer = Layer::Toml { name: "settings.toml".to_owned(), text: text.to_owned() };
    let (settings, problems) = merge(&[layer]);
    assert_eq!(problems, []);
    let lookup = move |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    let environment = crate::Environment {
        variables: std::sync::Arc::new(lookup),
        settings_file: "settings.toml".into(),
        inherited: None,
        dotenv: None,
        is_hurried: false,
    };
    crate::turn_config(&settings, &environment)
}

#[test]
fn the_mode_of_a_provider_wins() {
    let check = |text: &str, expected: &str| assert_eq!(turn(text, &[]).acts.mode.name(), expected, "{text}");
    check("", "enabled");
    check("[script]\nmode = 'disabled'", "disabled");
    check(
        "model = 'ollama/x'\n[script]\nmode = 'disabled'\n[providers.ollama]\nscript = 'enabled'",
        "enabled",
    );
    check("model = 'anthropic/x'\n[providers.ollama]\nscript = 'disabled'", "enabled");
    check("model = 'ollama/x'\n[providers.ollama]\nscript = 'dry-run'", "dry-run");
}

#[test]
fn scripts_see_plain_facts_of_the_environment_only() {
    let variables = &[
        ("LANG", "de_DE.UTF-8"),
        ("SHELL", "/bin/sh"),
        ("TZ", "secret"),
        ("TERM", "xterm"),
        ("ANTHROPIC_API_KEY", "sk-secret"),
        ("PATH", "/bin"),
    ];
    let env = turn("[providers.odd]\nkey_env = 'TZ'", variables).script.env;
    let seen: Vec<(&str, &str)> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(seen, [("LANG", "de_DE.UTF-8"), ("SHELL", "/bin/sh")]);
}

#[test]
fn a_turn_knows_the_keys_of_all_providers_and_of_all_connections() {
    let first =
        turn("[providers.mine]\nkey_env = 'MINE'\nbase_url = 'http://a'", &[("MINE", "key-of-mine-1")]);
    turn("", &[("ANTHROPIC_API_KEY", "key-of-another-1\n")]);
    let clean = (first.redact)("key-of-mine-1, key-of-another-1 and no key");
    assert_eq!(clean, "[redacted], [redacted] and no key");
}

#[test]
fn all_limits_of_scripts_can_be_set() {
    let defaults = turn("", &[]).script;
    assert_eq!(defaults.limits, glossator_script::Limits::default());
    assert_eq!(defaults.tasks, 32);
    let text = "[script]\nsource_kb = 1\nwall_s = 2\ncpu_s = 3\nmemory_mb = 4\nstack_kb = 5\nmax_calls = 6\n\
                max_concurrent_calls = 0\nresult_kb = 8\nstore_kb = 9\nmax_tasks = 10\n\
                [script.console]\nlines = 11\nper_second = 12";
    let script = turn(text, &[]).script;
    let limits = script.limits;
    let sizes = [limits.source_bytes, limits.stack_bytes, limits.result_bytes, limits.store_bytes];
    assert_eq!(sizes, [1 << 10, 5 << 10, 8 << 10, 9 << 10]);
    assert_eq!(limits.memory_bytes, 4 << 20);
    assert_eq!((limits.wall.as_secs(), limits.cpu.as_secs()), (2, 3));
    assert_eq!((limits.calls, limits.concurrent_calls, script.tasks), (6, 1, 10));
    assert_eq!((limits.console_lines, limits.console_per_second), (11, 12));
    let huge = format!("[script]\nstore_kb = {}", i64::MAX);
    assert_eq!(turn(&huge, &[]).script.limits.store_bytes, usize::MAX);
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

fn configured(text: &str) -> glossator_agent::TurnConfig {
    let (settings, problems) =
        merge(&[Layer::Toml { name: "settings.toml".to_owned(), text: text.to_owned() }]);
    assert!(problems.is_empty(), "{problems:?}");
    let environment = crate::Environment {
        variables: std::sync::Arc::new(|_: &str| None),
        settings_file: "/config/settings.toml".into(),
        inherited: None,
        dotenv: None,
        is_hurried: false,
    };
    crate::turn_config(&settings, &environment)
}

#[test]
fn other_models_of_a_session() {
    let config = configured(
        "model = 'ollama/own'\n[agents.ann]\nmodel = 'anthropic/a-model'\nrole = ' Look. '\npack = 'read-only'\n\
         [agents.bob]\nrole = 'Write.'\n[agents.odd]\nmodel = 'nobody/x'\n\
         [context]\ncompact_model = 'openai/small'\ninstructions = 'Be kind.'\ncompact_at = 250\nboard_turns = 0\n\
         [models.tiny]\nid = 'openrouter/some/tiny'\nmax_output = 9\n[sessions]\ntitle_model = 'tiny'\n",
    );
    let agent = |slug: &str| config.agents[&slug.into()].clone();
    let asked = |setup: &glossator_agent::ModelSetup| {
        let provider = setup.provider.as_ref().map(|provider| provider.slug.clone()).map_err(String::clone);
        (provider, setup.request.model.clone())
    };
    let ann = agent("ann");
    assert_eq!(asked(&ann.model), (Ok("anthropic".to_owned()), "a-model".to_owned()));
    assert_eq!((ann.role.as_str(), ann.pack.as_deref()), ("Look.", Some("read-only")));
    assert_eq!(asked(&agent("bob").model), (Ok("ollama".to_owned()), "own".to_owned()), "the session's own");
    assert!(asked(&agent("odd").model).0.unwrap_err().contains("'nobody' is not set up"));
    let context = &config.context;
    assert_eq!(asked(context.compact_with.as_ref().unwrap()), (Ok("openai".to_owned()), "small".to_owned()));
    let title = context.title_with.as_ref().unwrap();
    assert_eq!(asked(title), (Ok("openrouter".to_owned()), "some/tiny".to_owned()));
    assert_eq!(title.request.max_output, Some(9));
    assert_eq!((context.compact_at, context.board_turns), (100, 1));
    assert_eq!(context.instructions, "Be kind.");
    assert_eq!(context.user_guidance.as_deref(), Some(std::path::Path::new("/config/AGENTS.md")));
    let plain = configured("");
    assert!(
        plain.context.compact_with.is_none() && plain.context.title_with.is_none() && plain.agents.is_empty()
    );
    assert_eq!((plain.context.compact_at, plain.context.guidance_bytes), (85, 32 << 10));
}

#[test]
fn budgets_of_a_day() {
    let budget = |text: &str| configured(text).limits.budget;
    let set = budget("[budget]\nday_tokens = 1000\nday_usd = 0.5\n");
    assert_eq!((set.day_tokens, set.day_micro_usd), (Some(1000), Some(500_000)));
    let none = budget("[budget]\nday_tokens = 0\nday_usd = -1.0\n");
    assert_eq!((none.day_tokens, none.day_micro_usd), (None, None), "nothing is no limit");
}
