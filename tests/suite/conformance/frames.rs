//! Bytes that are no message, or no frame: each is answered as far as it can be, and the next message is taken.

use super::wire::Wire;
use crate::harness::World;
use serde_json::{Value, json};

/// A whole body in a frame of a given header.
fn framed(header: &str, body: &str) -> Vec<u8> {
    format!("{header}\r\n\r\n{body}").into_bytes()
}

fn question(id: i64) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": "glossator/trust/read", "params": {} }).to_string()
}

#[tokio::test]
async fn frames_that_are_right_in_unusual_ways() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    let body = question(1);
    let length = body.len();
    let headers = [
        format!("content-length: {length}"),
        format!("CONTENT-LENGTH:{length}"),
        format!("Content-Length:   {length}  "),
        format!("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Type: application/vscode-jsonrpc; charset=utf8"),
        format!("X-Something: else\r\nContent-Length: {length}"),
    ];
    for header in headers {
        wire.send_bytes(&framed(&header, &body));
        let answer = wire.answer(&json!(1)).await.unwrap_or_else(|why| panic!("{header}: {why}"));
        assert!(answer.get("result").is_some(), "{header}: {answer}");
    }
    // In pieces, and several in one piece.
    for byte in framed(&format!("Content-Length: {length}"), &body) {
        wire.send_bytes(&[byte]);
    }
    wire.answer(&json!(1)).await.unwrap();
    let two = [question(2), question(3)]
        .map(|body| framed(&format!("Content-Length: {}", body.len()), &body))
        .concat();
    wire.send_bytes(&two);
    wire.answer(&json!(2)).await.unwrap();
    wire.answer(&json!(3)).await.unwrap();
    wire.leave().await;
}

#[tokio::test]
async fn bytes_that_are_no_frame() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    let broken: [&[u8]; 8] = [
        b"Content-Length: twelve\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"Content-Length: 5 6\r\n\r\n{}{}{",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\n",
        b"\xff\xfe\xfd\r\n\r\n",
        b"Nothing\n\n",
    ];
    for bytes in broken {
        wire.send_bytes(bytes);
        wire.alive().await;
    }
    wire.send_bytes(format!("{}\r\n\r\n", "x".repeat(100_000)).as_bytes());
    wire.alive().await;
    // What cannot be read is answered with the id null; more than one such answer for one mistake would be noise.
    let answers = wire.left_over().await;
    assert!(
        answers.iter().all(|answer| answer["error"]["code"] == -32700 && answer["id"].is_null()),
        "{answers:?}"
    );
    assert!(answers.len() <= 9, "{answers:?}");
    wire.leave().await;
}

/// A body, the code that it is answered with, and the id of that answer.
const BODIES: &[(&str, i64, &str)] = &[
    ("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"glossator/trust/read\"", -32700, "5"),
    ("{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"glossator/trust/read\",}", -32700, "6"),
    ("{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"method\":\"x\",\"params\":{\"a\":NaN}}", -32700, "\"7\""),
    ("", -32700, "null"),
    ("{", -32700, "null"),
    ("nonsense", -32700, "null"),
    ("\u{feff}{}", -32700, "null"),
    ("[]", -32600, "null"),
    ("[{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"glossator/trust/read\"}]", -32600, "null"),
    ("{}", -32600, "null"),
    ("null", -32600, "null"),
    ("\"text\"", -32600, "null"),
    ("{\"jsonrpc\":\"2.0\",\"id\":9}", -32600, "9"),
    ("{\"jsonrpc\":\"2.0\",\"id\":10,\"method\":null}", -32600, "10"),
    ("{\"id\":11,\"method\":\"glossator/trust/read\"}", -32600, "11"),
];

#[tokio::test]
async fn bodies_that_are_no_message() {
    let world = World::obedient().await;
    let mut wire = Wire::start(&world).await;
    for (body, code, id) in BODIES {
        wire.send(body.as_bytes());
        let id: Value = serde_json::from_str(id).unwrap();
        let answer = wire.answer(&id).await.unwrap_or_else(|why| panic!("{body}: {why}"));
        assert_eq!(answer["error"]["code"], *code, "{body}: {answer}");
        super::check_error(&answer["error"]).unwrap();
    }
    wire.send(b"\xff\xfe{\"jsonrpc\":\"2.0\"}");
    let answer = wire.answer(&Value::Null).await.unwrap();
    assert_eq!(answer["error"]["code"], -32700, "{answer}");
    // Very deep, which no parser has to follow.
    wire.send(
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":12,\"method\":\"x\",\"params\":{}{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        )
        .as_bytes(),
    );
    let answer = wire.answer(&json!(12)).await.unwrap();
    assert!(answer["error"]["code"].is_i64(), "{answer}");
    wire.alive().await;
    // Answers that nobody waits for, right and wrong, are left alone.
    for body in [
        r#"{"jsonrpc":"2.0","id":123456,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":"nobody","error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":123457,"error":7}"#,
    ] {
        wire.send(body.as_bytes());
    }
    wire.alive().await;
    assert_eq!(wire.left_over().await, Vec::<Value>::new());
    wire.leave().await;
}
