//! Lists as providers send them, and the asking over a real socket.

use super::entry::list;
use super::{ListedModel, list_models};
use crate::tests::servers::{Played, json_server};
use crate::{
    Client, Config, Dialect, ErrorKind, Facts, ModelError, Price, Provider, SecretHeader, ThinkingStyle, Wire,
};
use serde_json::{Value, json};
use std::sync::Arc;

const DAY: &str = "2026-11-20";

fn check(name: &str, entry: Value, want: ListedModel) {
    assert_eq!(list(&json!({"data": [entry]}), DAY), Some(vec![want]), "{name}");
}

fn model(id: &str, facts: Facts) -> ListedModel {
    ListedModel { id: id.to_owned(), facts, ..ListedModel::default() }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn entries_of_openai_and_anthropic() {
    check(
        "OpenAI",
        json!({"id": "gpt-5-nano", "object": "model", "created": 1}),
        model("gpt-5-nano", Facts::default()),
    );
    let types = |adaptive: bool, enabled: bool, disabled: bool| {
        let one = |supported: bool| json!({"supported": supported});
        json!({"types": {"adaptive": one(adaptive), "enabled": one(enabled), "disabled": one(disabled)}})
    };
    let anthropic = json!({
        "type": "model", "id": "claude-x", "display_name": "Claude X", "max_input_tokens": 1_000_000, "max_tokens": 128_000,
        "capabilities": {
            "image_input": {"supported": true}, "thinking": types(true, false, false),
            "effort": {"supported": true, "max": {"supported": true}, "low": {"supported": true}, "xhigh": {"supported": false}},
        },
    });
    let facts = Facts {
        context_window: Some(1_000_000),
        max_output: Some(128_000),
        images: Some(true),
        thinking: ThinkingStyle::Always,
        efforts: owned(&["low", "max"]),
        ..Facts::default()
    };
    check(
        "Anthropic",
        anthropic,
        ListedModel { name: Some("Claude X".to_owned()), ..model("claude-x", facts) },
    );
    for (flags, want) in [
        ((true, true, true), ThinkingStyle::Adaptive),
        ((false, true, true), ThinkingStyle::Budget),
        ((false, false, true), ThinkingStyle::None),
    ] {
        let entry = json!({"id": "c", "capabilities": {"thinking": types(flags.0, flags.1, flags.2)}});
        check("thinking", entry, model("c", Facts { thinking: want, ..Facts::default() }));
    }
}

#[test]
fn entries_of_gateways_and_servers_at_home() {
    let openrouter = json!({
        "id": "openai/gpt-5-nano", "name": "OpenAI: GPT-5 Nano", "canonical_slug": "x", "context_length": 500_000,
        "architecture": {"input_modalities": ["text", "image"]},
        "pricing": {"prompt": "0.00000005", "completion": "0.0000004", "input_cache_read": "0.000000005", "image": "0"},
        "supported_parameters": ["tools", "reasoning"],
        "reasoning": {"mandatory": true, "default_effort": "medium", "supported_efforts": ["high", "medium", "low", "minimal"]},
        "top_provider": {"context_length": 400_000, "max_completion_tokens": 128_000}, "expiration_date": "2027-01-31T00:00:00Z",
    });
    let price = Price {
        input: 0.05,
        cache_read: Some(0.005),
        output: 0.4,
        as_of: DAY.to_owned(),
        ..Price::default()
    };
    let facts = Facts {
        context_window: Some(400_000),
        max_output: Some(128_000),
        images: Some(true),
        thinking: ThinkingStyle::EffortAlways,
        efforts: owned(&["minimal", "low", "medium", "high"]),
        sampling: Some(false),
        native_tools: Some(true),
        price: Some(price),
    };
    let want = model("openai/gpt-5-nano", facts);
    let (name, ends) = (Some("OpenAI: GPT-5 Nano".to_owned()), Some("2027-01-31".to_owned()));
    check("OpenRouter", openrouter, ListedModel { name, ends, ..want });
    let odd = json!({"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}, "context_length": "many", "max_tokens": -3});
    check("prices that depend", odd, model("openrouter/auto", Facts::default()));
    let window = |tokens| Facts { context_window: Some(tokens), ..Facts::default() };
    check("vLLM", json!({"id": "m", "max_model_len": 4096}), model("m", window(4096)));
    check("llama.cpp", json!({"id": "m", "meta": {"n_ctx_train": 512}}), model("m", window(512)));
    let plain = json!({"id": "m", "supported_parameters": ["temperature"]});
    let facts = Facts {
        sampling: Some(true),
        native_tools: Some(false),
        thinking: ThinkingStyle::None,
        ..Facts::default()
    };
    check("no reasoning", plain, model("m", facts));
}

#[test]
fn what_is_no_list_and_what_is_hidden() {
    let plan = json!({"models": [
        {"slug": "gpt-6-sol", "visibility": "list", "supported_reasoning_levels": [{"effort": "high"}, {"effort": "low"}]},
        {"slug": "secret", "visibility": "hide"},
        {"no": "id"}, 7, null,
    ]});
    let efforts = Facts { efforts: owned(&["low", "high"]), ..Facts::default() };
    assert_eq!(list(&plan, DAY), Some(vec![model("gpt-6-sol", efforts)]));
    assert_eq!(list(&json!([{"id": "a"}]), DAY), Some(vec![model("a", Facts::default())]));
    assert_eq!(list(&json!({"data": []}), DAY), Some(Vec::new()));
    for answer in [json!({}), json!(null), json!({"data": 5}), json!("x")] {
        assert_eq!(list(&answer, DAY), None, "{answer}");
    }
}

fn provider(server: &Played, wire: Wire) -> Provider {
    Provider {
        slug: "test".to_owned(),
        wire,
        base_url: format!("http://{}", server.address),
        headers: Vec::new(),
        query: vec![("k".to_owned(), "v".to_owned())],
        dialect: Dialect::default(),
        auth: Arc::new(|| Ok(vec![("x-api-key".to_owned(), SecretHeader::new("sk-secret-1")?)])),
    }
}

async fn ids(server: &Played, wire: Wire) -> Result<Vec<String>, ModelError> {
    let models = list_models(&Client::new(Config::default()), &provider(server, wire)).await?;
    Ok(models.into_iter().map(|model| model.id).collect())
}

#[tokio::test]
async fn all_pages_are_asked_for() {
    let page = |id: &str, more: bool| (200, json!({"data": [{"id": id}], "has_more": more, "last_id": id}));
    let server = json_server(vec![page("a b", true), page("c", true), page("d", false)]).await;
    assert_eq!(ids(&server, Wire::Messages).await.unwrap(), ["a b", "c", "d"]);
    let seen = server.seen();
    assert!(seen[0].starts_with("GET /v1/models?limit=1000&k=v HTTP/1.1\r\n"), "{seen:?}");
    assert!(seen[1].starts_with("GET /v1/models?limit=1000&after_id=a%20b&k=v HTTP/1.1\r\n"), "{seen:?}");
    assert!(
        seen[0].contains("anthropic-version: 2023-06-01") && seen[0].contains("x-api-key: sk-secret-1"),
        "{seen:?}"
    );
    let endless = json_server(vec![page("a", true)]).await;
    assert_eq!(ids(&endless, Wire::Messages).await.unwrap(), ["a", "a"], "the same page again is the end");
}

#[tokio::test]
async fn one_answer_of_the_others() {
    for wire in [Wire::Chat, Wire::Responses] {
        let server =
            json_server(vec![(200, json!({"object": "list", "data": [{"id": "m"}], "has_more": true}))])
                .await;
        assert_eq!(ids(&server, wire).await.unwrap(), ["m"]);
        assert!(server.seen()[0].starts_with("GET /v1/models?k=v HTTP/1.1\r\n"), "{:?}", server.seen());
    }
}

#[tokio::test]
async fn failures_are_told() {
    let error = |message: &str| json!({"error": {"message": message, "type": "authentication_error"}});
    let rows = [
        (401, error("bad key sk-secret-1"), ErrorKind::Auth, "(hidden)"),
        (404, json!({"detail": "Not Found"}), ErrorKind::NotFound, "Not Found"),
        (200, json!({"ok": true}), ErrorKind::Protocol, "no list of models"),
        (200, json!("x"), ErrorKind::Protocol, "no list of models"),
    ];
    for (status, body, kind, words) in rows {
        for wire in [Wire::Messages, Wire::Chat] {
            let server = json_server(vec![(status, body.clone())]).await;
            let error = ids(&server, wire).await.unwrap_err();
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.message.contains(words) && !error.message.contains("sk-secret-1"), "{error}");
        }
    }
}
