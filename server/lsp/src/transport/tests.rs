//! Frames and messages as pure functions: good and bad bytes, and any cut of them.

use proptest::prelude::*;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{ErrorCode, Id};

use super::frame::{Decoder, Event, encode};
use super::message::{Kind, Message, parse, too_long};

const LIMIT: usize = 2000;

/// Decodes `input` pushed in pieces of the given sizes, and the rest at once.
fn decode(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<Event> {
    let (mut decoder, mut events, mut rest) = (Decoder::new(LIMIT), Vec::new(), input);
    for cut in cuts {
        let (mut piece, after) = rest.split_at(cut.min(rest.len()));
        events.extend(std::iter::from_fn(|| decoder.next(&mut piece)));
        rest = after;
    }
    events.extend(std::iter::from_fn(|| decoder.next(&mut rest)));
    events
}

/// One letter or body for each event, whole and byte by byte.
fn check(input: impl AsRef<[u8]>, expected: &[&str]) {
    let input = input.as_ref();
    let events = decode(input, []);
    let found: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Body(body) => String::from_utf8_lossy(body).into_owned(),
            Event::BadHeader(_) => "!header".to_owned(),
            Event::TooLong { length, start } => format!("!long {length} {}", start.len()),
        })
        .collect();
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(input));
    assert_eq!(
        decode(input, vec![1; input.len()]),
        events,
        "byte by byte: {}",
        String::from_utf8_lossy(input)
    );
    for cut in 0..input.len().min(400) {
        assert_eq!(decode(input, [cut]), events, "cut at {cut}: {}", String::from_utf8_lossy(input));
    }
}

#[test]
fn reads_what_clients_send() {
    check("Content-Length: 2\r\n\r\n{}Content-Length: 4\r\n\r\nnull", &["{}", "null"]);
    check("content-length:2\n\n{}", &["{}"]);
    check("CONTENT-LENGTH:   2  \r\n\r\n{}", &["{}"]);
    check("Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 2\r\n\r\n{}", &["{}"]);
    check("A: 1\r\nX-Content-Length: 9\r\nContent-Length: 2\r\nC: x:y\r\nD:\r\n\r\n{}", &["{}"]);
    check("\r\n\n\r\nContent-Length: 2\r\n\r\n{}\n\nContent-Length: 1\r\n\r\n5\r\n", &["{}", "5"]);
    check("Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\n5", &["", "5"]);
    check("Content-Length: 4\r\n\r\n\u{1F600}", &["\u{1F600}"]);
    check("", &[]);
    check("Content-Length: 5\r\n\r\n{}", &[]);
    check("Content-Len", &[]);
}

#[test]
fn takes_up_again_after_garbage() {
    let good = "Content-Length: 2\r\n\r\n{}";
    for bad in [
        "nonsense\r\n\r\n",
        "two words: 5\r\n\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}\n",
        "}",
        "\0\u{FFFD}\n\n\n",
        "Content-Length: x\r\n\r\n{}",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 99999999999999999999999\r\n\r\n{}",
        "Content-Length: 5000000000\r\n\r\n{}",
        "Content-Length:\r\n\r\n{}",
        "Content-Type: json\r\n\r\n{}",
        "Content-Length: 2\r\nno colon here\r\n\r\n",
        "{ \"text\": \"Content-Length: 7\\r\\n\" }\n",
    ] {
        check(format!("{bad}{good}"), &["!header", "{}"]);
        check(format!("{good}{bad}{good}{good}"), &["{}", "!header", "{}", "{}"]);
    }
    check("Content-Length: 1\r\n\r\n{}Content-Length: 2\r\n\r\n{}", &["{", "!header", "{}"]);
    check(format!("{}\r\n{good}", "x".repeat(5000)), &["!header", "{}"]);
    check(format!("{}{good}", "{".repeat(5000)), &["!header", "{}"]);
    check("x".repeat(5000), &["!header"]);
}

#[test]
fn skips_frames_above_the_limit() {
    let body = "x".repeat(LIMIT + 1);
    check(
        format!("Content-Length: {}\r\n\r\n{body}Content-Length: 2\r\n\r\n{{}}", body.len()),
        &["!long 2001 1024", "{}"],
    );
    check(format!("Content-Length: {LIMIT}\r\n\r\n{}", &body[1..]), &[&body[1..]]);
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let frame = |body: Vec<u8>| {
        let mut out = Vec::new();
        encode(&body, &mut out);
        out
    };
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..80).prop_map(frame),
        1 => (1990usize..2020).prop_map(move |length| frame(vec![b'{'; length])),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::sample::select(vec!["Content-Length: 3\r\n", "\r\n", "\n\n", "content-length: 99999\r\n\r\n", "a: b\r\n"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_events(
        pieces in prop::collection::vec(piece(), 0..8),
        cuts in prop::collection::vec(0usize..300, 0..40),
    ) {
        let input = pieces.concat();
        prop_assert_eq!(decode(&input, cuts), decode(&input, []));
    }

    #[test]
    fn every_body_comes_back(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..LIMIT), 0..6)) {
        let mut input = Vec::new();
        for body in &bodies {
            encode(body, &mut input);
        }
        let expected: Vec<_> = bodies.into_iter().map(Event::Body).collect();
        prop_assert_eq!(decode(&input, [7, 1, 300]), expected);
    }

    #[test]
    fn no_body_panics(body in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,40}") {
        let _ = parse(&body);
        let _ = parse(text.as_bytes());
        let _ = parse(format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[\"\\ud8{text}\"]}}").as_bytes());
    }
}

/// The message as JSON: `request`/`response` for a good one, else code, id and kind.
fn outcome(body: impl AsRef<[u8]>) -> Value {
    match parse(body.as_ref()) {
        Ok(Message::Request(request)) => json!({ "request": request }),
        Ok(Message::Response(response)) => json!({ "response": response }),
        Err(refusal) => {
            json!({ "code": refusal.code.code(), "id": refusal.id, "kind": format!("{:?}", refusal.kind) })
        }
    }
}

#[test]
fn reads_messages() {
    for good in [
        json!({"jsonrpc": "2.0", "id": 1, "method": "a", "params": {"b": [null]}}),
        json!({"jsonrpc": "2.0", "id": "x", "method": "a"}),
        json!({"jsonrpc": "2.0", "id": -7, "method": "a", "params": null}),
        json!({"jsonrpc": "2.0", "method": "a", "params": [1]}),
    ] {
        assert_eq!(outcome(good.to_string()), json!({ "request": good }));
    }
    let shutdown = json!({"jsonrpc": "2.0", "id": 1, "method": "shutdown"});
    for params in [json!(null), json!({}), json!([])] {
        let mut sent = shutdown.clone();
        sent["params"] = params;
        assert_eq!(outcome(sent.to_string()), json!({ "request": shutdown }));
    }
    for good in [
        json!({"jsonrpc": "2.0", "id": 1, "result": null}),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -5, "message": "no", "data": [1]}}),
    ] {
        assert_eq!(outcome(good.to_string()), json!({ "response": good }));
    }
    // Answers of clients that take it easy.
    let answer = |error| json!({"response": {"jsonrpc": "2.0", "id": 1, "error": error}});
    let easy = r#"{"id":1,"error":{"code":4,"message":"m","extra":1}}"#;
    assert_eq!(outcome(easy), answer(json!({"code": 4, "message": "m"})));
    assert_eq!(outcome(r#"{"id":1,"error":"boom"}"#), answer(json!({"code": -32603, "message": "\"boom\""})));
    let easy = outcome(r#"{"id":1,"error":null,"result":5}"#);
    assert_eq!(easy, json!({"response": {"jsonrpc": "2.0", "id": 1, "result": 5}}));
}

#[test]
fn refuses_what_is_no_message() {
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":9,"method":"m","params":{}1{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let table: &[(&[u8], i64, Value, &str)] = &[
        (b"", -32700, json!(null), "Request"),
        (b"{", -32700, json!(null), "Request"),
        (b"nonsense", -32700, json!(null), "Request"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"m\",\"params\":{oops}}", -32700, json!(3), "Request"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"\xff\"}", -32700, json!(3), "Request"),
        (b"\xff\xfe", -32700, json!(null), "Request"),
        (deep.as_bytes(), -32700, json!(9), "Request"),
        (b"{\"id\":3,\"result\":[oops]}", -32700, json!(3), "Answer"),
        (b"[]", -32600, json!(null), "Request"),
        (b" [{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"m\"}]", -32600, json!(null), "Request"),
        (b"5", -32600, json!(null), "Request"),
        (b"null", -32600, json!(null), "Request"),
        (b"{}", -32600, json!(null), "Bare"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":3}", -32600, json!(3), "Bare"),
        (b"{\"jsonrpc\":\"2.0\",\"result\":3}", -32600, json!(null), "Bare"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":5}", -32600, json!(3), "Request"),
        (b"{\"jsonrpc\":\"1.0\",\"id\":3,\"method\":\"m\"}", -32600, json!(3), "Request"),
        (b"{\"id\":\"a\",\"method\":\"m\"}", -32600, json!("a"), "Request"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"m\"}", -32600, json!(null), "Request"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"m\"}", -32600, json!(null), "Request"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"m\"}", -32600, json!(2), "Request"),
    ];
    for (body, code, id, kind) in table {
        let expected = json!({ "code": code, "id": id, "kind": kind });
        assert_eq!(outcome(body), expected, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn keeps_a_text_with_half_a_surrogate_pair() {
    for (sent, read) in [
        (r"a\ud83d", "a\u{FFFD}"),
        (r"\udE00b", "\u{FFFD}b"),
        (r"\ud83d\ud83d\ude00\n", "\u{FFFD}\u{1F600}\n"),
        (r"\ud83d\u0041\\ud83d", "\u{FFFD}A\\ud83d"),
        (r"é\ud83dé", "é\u{FFFD}é"),
    ] {
        let found = outcome(format!(r#"{{"jsonrpc":"2.0","method":"m","params":["{sent}"]}}"#));
        assert_eq!(found["request"]["params"][0], read, "{sent}");
    }
    assert_eq!(outcome(r#"{"jsonrpc":"2.0","id":1,"method":"m","params":["\ud8"]}"#)["code"], -32700);
}

#[test]
fn finds_the_id_of_a_frame_that_is_too_long() {
    let refusal = too_long(5000, 4000, br#"{"jsonrpc":"2.0","id":"big","method":"m","params":{"text":"xxxx"#);
    assert_eq!((refusal.id, refusal.kind), (Id::from("big"), Kind::Request));
    assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    assert!(refusal.text.contains("5000 bytes; at most 4000"), "{}", refusal.text);
}
