//! The life of a connection: what may come before `initialize` and after `shutdown`, ids used twice, cancelling, documents
//! in any order and number.

use super::wire::Wire;
use crate::harness::World;
use serde_json::{Value, json};

fn notification(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

fn request(id: &Value, method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

#[tokio::test]
async fn before_initialize_and_after_shutdown() {
    let world = World::obedient().await;
    let mut wire = Wire::spawn(&world);
    wire.send(notification("initialized", json!({})).as_bytes());
    wire.send(notification("textDocument/didOpen", json!({})).as_bytes());
    for method in ["textDocument/hover", "glossator/session/new", "shutdown"] {
        let answer = wire.request(method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32002, "{method}: {answer}");
        super::check_error(&answer["error"]).unwrap();
    }
    for params in [json!("text"), json!([]), json!({ "capabilities": 7 })] {
        let answer = wire.request("initialize", params).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    let root = url::Url::from_file_path(world.workspace()).unwrap();
    let params = json!({ "processId": null, "rootUri": root, "capabilities": {} });
    assert!(wire.request("initialize", params.clone()).await.get("result").is_some());
    let again = wire.request("initialize", params).await;
    assert_eq!(again["error"]["code"], -32600, "{again}");
    wire.alive().await;
    assert!(wire.request("shutdown", Value::Null).await.get("result").is_some());
    for method in ["textDocument/hover", "glossator/session/new", "shutdown", "initialize"] {
        let answer = wire.request(method, json!({})).await;
        assert_eq!(answer["error"]["code"], -32600, "{method}: {answer}");
    }
    wire.send(notification("exit", Value::Null).as_bytes());
    assert_eq!(wire.exit_code().await, Some(0));
}

#[tokio::test]
async fn exit_without_shutdown() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    wire.send(notification("exit", Value::Null).as_bytes());
    assert_eq!(wire.exit_code().await, Some(1));
}

#[tokio::test]
async fn ids_used_twice_and_cancelling() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    let id = json!("the same");
    for _ in 0..20 {
        wire.send(request(&id, "glossator/session/list", json!({})).as_bytes());
    }
    for _ in 0..20 {
        let answer = wire.answer(&id).await.unwrap();
        // Either it is done, or refused since one with this id is under way.
        assert!(answer.get("result").is_some() || answer["error"]["code"] == -32600, "{answer}");
    }
    for id in [json!(1), json!("a"), json!(-5), json!(null), json!(1.5), json!({})] {
        wire.send(notification("$/cancelRequest", json!({ "id": id })).as_bytes());
    }
    for number in 0..200 {
        let id = json!(10_000 + number);
        wire.send(request(&id, "glossator/session/list", json!({})).as_bytes());
        wire.send(notification("$/cancelRequest", json!({ "id": id })).as_bytes());
    }
    for number in 0..200 {
        let answer = wire.answer(&json!(10_000 + number)).await.unwrap();
        assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    }
    wire.alive().await;
    wire.leave().await;
}

#[tokio::test]
async fn documents_in_any_order() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    let uri = world.uri("a.txt");
    let document = |version: i64| json!({ "uri": uri, "version": version });
    let range = |from: [i64; 2], to: [i64; 2]| json!({ "start": { "line": from[0], "character": from[1] }, "end": { "line": to[0], "character": to[1] } });
    let open = |version: i64, text: &str| {
        let item = json!({ "uri": uri, "languageId": "text", "version": version, "text": text });
        notification("textDocument/didOpen", json!({ "textDocument": item }))
    };
    let change = |version: i64, changes: Value| {
        let params = json!({ "textDocument": document(version), "contentChanges": changes });
        notification("textDocument/didChange", params)
    };
    let messages = [
        change(3, json!([{ "text": "before it was opened" }])),
        open(1, "one\r\ntwo\rthree\n😀"),
        open(1, "opened twice"),
        change(5, json!([{ "range": range([0, 3], [0, 1]), "text": "turned round" }])),
        change(2, json!([{ "text": "an older version" }])),
        change(-7, json!([{ "text": "a negative version" }])),
        change(6, json!([])),
        change(7, json!([{ "range": range([0, 0], [900_000, 900_000]), "text": "😀".repeat(10_000) }])),
        change(8, json!([{ "range": range([0, 1], [0, 2]), "text": "in the middle of a pair" }])),
        change(9, json!([{ "range": range([0, 4_000_000_000], [4_000_000_000, 0]), "text": "far away" }])),
        notification("textDocument/didClose", json!({ "textDocument": { "uri": uri } })),
        notification("textDocument/didClose", json!({ "textDocument": { "uri": uri } })),
        open(0, ""),
        notification(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": "no uri at all", "languageId": "", "version": 1, "text": "" } }),
        ),
    ];
    for message in &messages {
        wire.send(message.as_bytes());
        wire.alive().await;
    }
    wire.leave().await;
}

#[tokio::test]
async fn ten_thousand_documents() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    let uri = |number: usize| world.uri(&format!("many/{number}.txt"));
    for number in 0..10_000 {
        let item = json!({ "uri": uri(number), "languageId": "text", "version": 0, "text": "one\ntwo\n" });
        wire.send(notification("textDocument/didOpen", json!({ "textDocument": item })).as_bytes());
    }
    let at = json!({ "textDocument": { "uri": uri(9_999) }, "position": { "line": 0, "character": 0 } });
    let answer = wire.request("textDocument/hover", at).await;
    assert!(answer.get("result").is_some(), "{answer}");
    for number in 0..10_000 {
        wire.send(
            notification("textDocument/didClose", json!({ "textDocument": { "uri": uri(number) } }))
                .as_bytes(),
        );
    }
    wire.alive().await;
    wire.leave().await;
}
