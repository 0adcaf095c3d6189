//! The transport over in-memory streams with a small server of its own: the experiments E1 to E12 that tower-lsp's
//! own `Server` failed (design/dependencies.md), bad frames, cancellation, and the ends of a connection.
#![allow(clippy::unwrap_used)]

#[path = "transport/peer.rs"]
mod peer;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use glossator_lsp::transport::{Direction, End, Options};
use parking_lot::Mutex;
use peer::{PATIENCE, Peer, frame, run};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

#[test]
fn e1_changes_before_the_first_await_keep_their_order() {
    run(|| async {
        for texts in [["now", "now"], ["lock", "lock"], ["now", "lock"]] {
            let mut peer = Peer::start().await;
            for version in 0..5000 {
                peer.change(version, texts[version % 2]).await;
            }
            assert!(peer.versions(5000).await.into_iter().eq(0..5000), "{texts:?}");
        }
    });
}

#[test]
fn e1_changes_after_an_await_all_arrive() {
    run(|| async {
        for text in ["yield", "sleep"] {
            let mut peer = Peer::start().await;
            for version in 0..2000 {
                peer.change(version, text).await;
            }
            let mut versions = peer.versions(2000).await;
            versions.sort_unstable();
            assert!(versions.into_iter().eq(0..2000), "{text}");
        }
    });
}

#[test]
fn e1b_a_request_sees_every_change_before_it() {
    run(|| async {
        let mut peer = Peer::start().await;
        for version in 0..2000 {
            peer.change(version, "now").await;
            peer.send(json!({"jsonrpc": "2.0", "id": version, "method": "test/version"})).await;
        }
        for version in 0..2000 {
            assert_eq!(peer.answer(version).await["result"], version);
        }
    });
}

#[test]
fn e2_slow_requests_hold_up_nothing_and_a_cancel_is_immediate() {
    run(|| async {
        let mut peer = Peer::start().await;
        let start = Instant::now();
        for id in 0..4 {
            peer.request(id, "test/sleep", json!(200_000)).await;
        }
        peer.request(-4, "test/endless", json!(1)).await;
        peer.request("five", "test/endless", json!(1)).await;
        peer.change(7, "now").await;
        peer.send(json!({"jsonrpc": "2.0", "id": 6, "method": "test/version"})).await;
        assert_eq!(peer.answer(6).await["result"], 7);
        for id in [json!(2), json!(-4), json!("five")] {
            peer.notify("$/cancelRequest", json!({ "id": id })).await;
            assert_eq!(peer.code(id).await, -32800);
        }
        assert!(start.elapsed() < Duration::from_secs(100), "{:?}", start.elapsed());
        assert_eq!(peer.seen.running.load(Ordering::SeqCst), 0, "cancelled handlers are dropped");
        // Cancelling what is done, unknown or nonsense changes nothing.
        for id in [json!(2), json!(99), json!(1u64 << 60), json!({}), json!(null)] {
            peer.notify("$/cancelRequest", json!({ "id": id })).await;
        }
        peer.alive().await;
    });
}

#[test]
fn e3_handlers_that_wait_for_the_client_are_not_locked_in() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.handshake().await;
        for id in 0..4 {
            peer.request(id, "test/ask", json!(300)).await;
        }
        for _ in 0..4 {
            let question = peer.find(|message| message["method"] == "test/question").await;
            peer.send(json!({"jsonrpc": "2.0", "id": question["id"], "result": "yes"})).await;
        }
        for id in 0..4 {
            assert_eq!(peer.answer(id).await["result"], "yes");
        }
        assert_eq!(peer.kept.len(), 4 * 300);
    });
}

#[test]
fn e3_a_client_that_does_not_read_is_still_listened_to() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.request("init", "initialize", json!({ "capabilities": {} })).await;
        let text = "x".repeat(2000);
        for id in 0..2000 {
            peer.request(id, "test/noted", json!([id, text])).await;
        }
        peer.change(9, "now").await;
        assert_eq!(peer.versions(1).await, [9], "8 MB of output wait, and input goes on");
        while peer.seen.sent.load(Ordering::SeqCst) < 2000 {
            sleep(Duration::from_millis(1)).await; // no handler is held up either
        }
        peer.read();
        for id in 0..2000 {
            assert_eq!(peer.answer(id).await["result"][0], id);
        }
    });
}

#[test]
fn what_a_client_does_not_read_is_bounded_and_none_of_it_is_lost() {
    run(|| async {
        let mut peer = Peer::lazy(Options { max_waiting: 1 << 20, ..Options::default() });
        peer.request("init", "initialize", json!({ "capabilities": {} })).await;
        let (unused, _) = tokio::io::duplex(1);
        let mut input = std::mem::replace(&mut peer.input, unused);
        let writer = tokio::spawn(async move {
            let text = "x".repeat(2000);
            for id in 0..2000 {
                let request =
                    json!({"jsonrpc": "2.0", "id": id, "method": "test/noted", "params": [id, text]});
                input.write_all(&frame(request.to_string().as_bytes())).await.unwrap();
            }
            input
        });
        sleep(Duration::from_millis(300)).await;
        let sent = peer.seen.sent.load(Ordering::SeqCst);
        assert!(sent < 600, "{sent} of 2000 notes of 2 kB were taken, with as many answers");
        assert!(!writer.is_finished());
        peer.read();
        for id in 0..2000 {
            assert_eq!(peer.answer(id).await["result"][0], id);
        }
        assert_eq!(peer.kept.iter().filter(|message| message["method"] == "test/note").count(), 2000);
        peer.input = writer.await.unwrap();
        peer.alive().await;
    });
}

#[test]
fn a_client_that_reads_nothing_is_given_up_once_too_much_waits_for_it() {
    run(|| async {
        let patience = Duration::from_millis(200);
        let mut peer = Peer::lazy(Options { max_waiting: 200_000, patience, ..Options::default() });
        peer.request("init", "initialize", json!({ "capabilities": {} })).await;
        peer.request(1, "test/echo", json!(["x".repeat(150_000)])).await;
        sleep(2 * patience).await;
        assert!(!peer.end.is_finished(), "it may be asleep as long as little waits");
        peer.request(2, "test/echo", json!(["x".repeat(150_000)])).await;
        assert_eq!(peer.ended().await, End::OutputLost);
    });
}

#[test]
fn e4_a_late_or_unknown_answer_is_ignored() {
    run(|| async {
        let mut peer = Peer::start().await;
        peer.request(1, "test/askAndLeave", json!(1)).await;
        let question = peer.find(|message| message["method"] == "test/question").await;
        assert_eq!(peer.answer(1).await["result"], json!(null));
        for id in
            [question["id"].clone(), question["id"].clone(), json!(77), json!("x"), json!(null), json!(-1)]
        {
            peer.send(json!({"jsonrpc": "2.0", "id": id, "result": "late"})).await;
            peer.send(json!({"jsonrpc": "2.0", "id": id, "error": {"code": 1, "message": "late"}})).await;
        }
        peer.alive().await;
        assert!(peer.kept.is_empty(), "an answer is never answered: {:?}", peer.kept);
    });
}

#[test]
fn e4_a_malformed_answer_still_ends_the_question() {
    run(|| async {
        let mut peer = Peer::start().await;
        for (id, answer) in [(1, "\"result\":[nonsense]"), (2, "\"error\":\"no\""), (3, "\"rest\":1")] {
            peer.request(id, "test/ask", json!(0)).await;
            let question = peer.find(|message| message["method"] == "test/question").await;
            peer.raw(frame(format!(r#"{{"jsonrpc":"2.0","id":{},{answer}}}"#, question["id"]).as_bytes()))
                .await;
            assert!(peer.code(id).await < 0);
        }
        peer.alive().await;
    });
}

#[test]
fn e5_an_answer_never_overtakes_what_its_handler_sent() {
    run(|| async {
        let mut peer = Peer::start().await;
        for id in 0..2000 {
            peer.request(id, "test/noted", json!(id)).await;
        }
        let mut noted = vec![false; 2000];
        for _ in 0..4000 {
            let message = peer.next().await;
            match message["params"].as_u64() {
                Some(id) => noted[id as usize] = true,
                None => assert!(noted[message["id"].as_u64().unwrap() as usize], "{message}"),
            }
        }
    });
}

#[test]
fn e6_a_hundred_thousand_notifications_arrive_in_order() {
    run(|| async {
        let mut peer = Peer::start().await;
        peer.request(1, "test/stream", json!(100_000)).await;
        assert_eq!(peer.answer(1).await["result"], json!(null));
        assert!(peer.kept.len() < 50_000, "answered before the stream was over");
        for number in 0..100_000 {
            assert_eq!(peer.find(|message| message["method"] == "test/note").await["params"], number);
        }
    });
}

#[test]
fn e7_a_handler_that_blocks_delays_but_loses_nothing() {
    run(|| async {
        let mut peer = Peer::start().await;
        let start = Instant::now();
        peer.request(1, "test/block", json!(400)).await;
        peer.change(1, "now").await;
        peer.send(json!({"jsonrpc": "2.0", "id": 2, "method": "test/version"})).await;
        assert_eq!(peer.answer(2).await["result"], 1);
        assert!(start.elapsed() >= Duration::from_millis(400));
        assert_eq!(peer.answer(1).await["result"], json!(null));
    });
}

#[test]
fn e8_a_panicking_handler_is_answered_and_the_server_lives() {
    run(|| async {
        let mut peer = Peer::start().await;
        for round in 0..3 {
            for (id, at_once) in [(1, true), (2, false)] {
                peer.request(id, "test/panic", json!(at_once)).await;
                let answer = peer.answer(id).await;
                assert_eq!(answer["error"]["code"], -32603, "round {round}: the id is free again");
                assert!(!answer.to_string().contains("secret"), "{answer}");
            }
            peer.send(json!({"jsonrpc": "2.0", "method": "test/panicNote"})).await;
        }
        peer.alive().await;
    });
}

/// Sends bad bytes to a live server: one error must come, then life.
async fn bad(bytes: impl AsRef<[u8]>, code: i64, id: Value) {
    let mut peer = Peer::start().await;
    peer.raw(bytes).await;
    let message = peer.next().await;
    assert_eq!((&message["error"]["code"], &message["id"]), (&json!(code), &id), "{message}");
    assert!(message["error"]["message"].as_str().unwrap().len() > 20, "{message}");
    peer.alive().await;
    assert!(peer.kept.is_empty(), "{:?}", peer.kept);
}

#[test]
fn e9_invalid_json() {
    run(|| bad(frame(b"{\"jsonrpc\": nonsense"), -32700, json!(null)));
}

#[test]
fn e9_bad_utf8() {
    run(|| bad(frame(b"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"\xC3\x28\"}"), -32700, json!(4)));
}

#[test]
fn e9_three_headers() {
    run(|| async {
        let mut peer = Peer::start().await;
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "test/echo", "params": ["ok"]}).to_string();
        let length = body.len();
        peer.raw(format!("X-A: 1\nContent-Type: x; charset=utf-8\r\ncontent-length: {length}\r\n\r\n{body}"))
            .await;
        assert_eq!(peer.answer(1).await["result"], json!(["ok"]));
    });
}

#[test]
fn e9_bad_header() {
    run(|| async {
        for header in [
            "Content-Length: abc\r\n\r\n",
            "what is this\r\n\r\n",
            "Content-Type: x\r\n\r\n{}\r\n",
            "{\"id\":1}",
        ] {
            bad(header, -32700, json!(null)).await;
        }
    });
}

#[test]
fn e9_batch_array() {
    let batch = frame(br#"[{"jsonrpc":"2.0","id":1,"method":"test/echo","params":[1]}]"#);
    run(|| bad(&batch, -32600, json!(null)));
}

#[test]
fn e9_params_nested_200_deep() {
    let params = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let body = format!(r#"{{"jsonrpc":"2.0","id":"deep","method":"test/echo","params":{params}}}"#);
    run(|| bad(frame(body.as_bytes()), -32700, json!("deep")));
}

#[test]
fn an_oversized_frame_is_skipped_and_answered() {
    run(|| async {
        let mut peer = Peer::lazy(Options { max_frame: 5000, ..Options::default() });
        peer.handshake().await;
        peer.request(1, "test/echo", json!(["x".repeat(300_000)])).await;
        assert_eq!(peer.code(1).await, -32600);
        peer.request(2, "test/echo", json!(["x".repeat(4000)])).await;
        assert_eq!(peer.answer(2).await["result"][0].as_str().unwrap().len(), 4000);
    });
}

#[test]
fn e10_a_message_of_64_mib() {
    run(|| async {
        let mut peer = Peer::start().await;
        peer.request(1, "test/echo", json!(["x".repeat(64 << 20)])).await;
        assert_eq!(peer.answer(1).await["result"][0].as_str().unwrap().len(), 64 << 20);
        peer.alive().await;
    });
}

#[test]
fn e11_shutdown_and_exit_wait_for_nobody() {
    run(|| async {
        let mut peer = Peer::start().await;
        for id in 0..4 {
            peer.request(id, "test/endless", json!(1)).await;
        }
        peer.request("bye", "shutdown", json!(null)).await;
        assert_eq!(peer.answer("bye").await["result"], json!(null));
        peer.request("more", "test/echo", json!([1])).await;
        assert_eq!(peer.code("more").await, -32600);
        let start = Instant::now();
        peer.notify("exit", json!(null)).await;
        let Peer { end, seen, input, .. } = peer;
        assert_eq!(end.await.unwrap(), End::Exit { after_shutdown: true });
        assert!(start.elapsed() < Duration::from_secs(60));
        drop(input); // stdin was open until here
        while seen.running.load(Ordering::SeqCst) > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn an_answer_sent_before_exit_is_still_written() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.handshake().await;
        for id in 0..50 {
            peer.request(id, "test/noted", json!(id)).await;
        }
        peer.request("bye", "shutdown", json!({})).await;
        peer.notify("exit", json!(null)).await;
        assert_eq!(peer.answer("bye").await["result"], json!(null));
        assert_eq!(peer.ended().await, End::Exit { after_shutdown: true });
    });
}

#[test]
fn exit_without_shutdown_is_told_apart() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.notify("exit", json!(null)).await;
        assert_eq!(peer.ended().await, End::Exit { after_shutdown: false }, "before initialize");

        let mut peer = Peer::lazy(Options::default());
        peer.read();
        peer.request(1, "shutdown", json!(null)).await;
        assert_eq!(peer.code(1).await, -32002);
        peer.notify("exit", json!(null)).await;
        assert_eq!(peer.ended().await, End::Exit { after_shutdown: false }, "a refused shutdown is none");
    });
}

#[test]
fn exit_does_not_wait_for_a_client_that_does_not_read() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.request("init", "initialize", json!({ "capabilities": {} })).await;
        peer.request(1, "test/echo", json!(["x".repeat(100_000)])).await;
        peer.notify("exit", json!(null)).await;
        assert_eq!(peer.ended().await, End::Exit { after_shutdown: false });
    });
}

#[test]
fn e12_a_client_that_leaves_with_work_pending() {
    run(|| async {
        let mut peer = Peer::start().await;
        peer.request(1, "test/endless", json!(1)).await;
        peer.request(2, "test/ask", json!(3)).await;
        peer.request(3, "test/askLater", json!(3)).await;
        peer.answer(3).await;
        for question in [json!(3), json!("later")] {
            peer.find(|message| message["method"] == "test/question" && message["params"] == question).await;
        }
        peer.raw("Content-Length: 500\r\n\r\n{\"half").await;
        let Peer { input, end, reader, messages, seen, .. } = peer;
        reader.abort();
        drop((input, messages));
        assert_eq!(timeout(PATIENCE, end).await.unwrap().unwrap(), End::InputClosed);
        while seen.late.lock().is_none() {
            sleep(Duration::from_millis(1)).await; // the task that asked is told that nobody answers
        }
        assert!(seen.late.lock().as_ref().unwrap().contains("disconnected"));
    });
}

#[test]
fn a_lost_output_ends_the_connection() {
    run(|| async {
        let mut peer = Peer::start().await;
        peer.reader.abort();
        sleep(Duration::from_millis(20)).await;
        peer.request(1, "test/endless", json!(1)).await;
        peer.request(2, "test/echo", json!([1])).await;
        assert_eq!(peer.ended().await, End::OutputLost);
    });
}

#[test]
fn an_end_of_input_still_answers_what_was_done() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.request(1, "initialize", json!({ "capabilities": {} })).await;
        peer.read();
        peer.input.shutdown().await.unwrap();
        assert!(peer.answer(1).await["result"].is_object());
        assert_eq!(peer.ended().await, End::InputClosed);
    });
}

#[test]
fn wrong_requests_get_the_right_error() {
    run(|| async {
        let mut peer = Peer::lazy(Options::default());
        peer.read();
        peer.change(1, "too early").await;
        peer.notify("shutdown", json!(null)).await;
        peer.notify("initialize", json!({})).await;
        peer.request(1, "test/echo", json!([1])).await;
        assert_eq!(peer.code(1).await, -32002);
        peer.request(2, "initialize", json!({"capabilities": 5})).await;
        assert_eq!(peer.code(2).await, -32602);
        peer.handshake().await;
        assert!(peer.seen.versions.lock().is_empty());
        for (method, params, code, says) in [
            ("test/unknown", json!({}), -32601, "no method `test/unknown`"),
            ("$/unknown", json!({}), -32601, "$/unknown"),
            ("", json!({}), -32601, "no method"),
            ("test/sleep", json!("long"), -32602, "long"),
            ("textDocument/hover", json!({"position": 1}), -32602, "Position"),
            ("initialize", json!({"capabilities": {}}), -32600, "twice"),
            ("textDocument/didChange", json!({}), -32600, "notification"),
        ] {
            peer.request("r", method, params).await;
            let error = &peer.answer("r").await["error"];
            assert_eq!(error["code"], code, "{method}: {error}");
            assert!(error["message"].as_str().unwrap().contains(says), "{method}: {error}");
        }
        for method in ["test/unknown", "$/unknown", "textDocument/didChange", "test/sleep", "shutdown"] {
            peer.notify(method, json!(["wrong"])).await;
        }
        peer.alive().await;
        assert!(peer.kept.is_empty(), "{:?}", peer.kept);
    });
}

#[test]
fn ids_of_every_kind_and_duplicates() {
    run(|| async {
        let mut peer = Peer::start().await;
        for id in [
            json!(0),
            json!(-1),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(""),
            json!("1"),
            json!(1),
            json!(null),
        ] {
            peer.request(id.clone(), "test/echo", json!([id])).await;
            assert_eq!(peer.answer(id.clone()).await["result"], json!([id]));
        }
        peer.request(5, "test/endless", json!(1)).await;
        peer.request(5, "test/echo", json!([1])).await;
        assert_eq!(peer.code(5).await, -32600, "the second is refused");
        peer.notify("$/cancelRequest", json!({"id": 5})).await;
        assert_eq!(peer.code(5).await, -32800, "the first lives on");
        peer.request(5, "test/echo", json!([1])).await;
        assert_eq!(peer.answer(5).await["result"], json!([1]));
    });
}

#[test]
fn extra_capabilities_are_merged_and_the_tap_sees_all() {
    run(|| async {
        let log: Arc<Mutex<Vec<(Direction, Value)>>> = Arc::default();
        let tapped = log.clone();
        let options = Options {
            initialize_extra: Arc::new(
                |params| json!({"experimental": {"glossator": {"version": 1}}, "x": [1], "seen": params["capabilities"]}),
            ),
            tap: Some(Arc::new(move |direction, body: &[u8]| {
                tapped.lock().push((direction, serde_json::from_slice(body).unwrap()));
            })),
            ..Options::default()
        };
        let mut peer = Peer::lazy(options);
        peer.read();
        peer.request(1, "initialize", json!({ "capabilities": { "unheardOf": 1 } })).await;
        let answer = peer.answer(1).await;
        assert_eq!(answer["result"]["capabilities"]["experimental"]["glossator"]["version"], 1);
        assert_eq!(answer["result"]["capabilities"]["x"], json!([1]));
        assert_eq!(answer["result"]["capabilities"]["seen"], json!({ "unheardOf": 1 }));
        assert_eq!(answer["result"]["serverInfo"]["name"], "test");
        let log = log.lock();
        assert_eq!((log[0].0, &log[0].1["method"]), (Direction::In, &json!("initialize")));
        assert_eq!(log[1], (Direction::Out, answer));
    });
}

#[test]
fn a_panic_in_the_extra_capabilities_is_an_error_like_any_other() {
    run(|| async {
        let extra = |_: &Value| panic!("no capabilities today");
        let mut peer = Peer::lazy(Options { initialize_extra: Arc::new(extra), ..Options::default() });
        peer.read();
        peer.request(1, "initialize", json!({ "capabilities": {} })).await;
        assert_eq!(peer.code(1).await, -32603);
        peer.alive().await;
    });
}

#[test]
fn noise_of_every_kind_does_not_end_the_server() {
    run(|| async {
        let mut peer = Peer::start().await;
        let mut state = 0x2545_F491_u32;
        let mut random = move |below: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % below
        };
        let good = json!({"jsonrpc": "2.0", "id": 3, "method": "test/echo", "params": [{"a": "\\u00e9"}]})
            .to_string();
        for _ in 0..3000 {
            let mut bytes = frame(good.as_bytes());
            for _ in 0..=random(3) {
                let at = random(bytes.len() as u32) as usize;
                bytes[at] = random(256) as u8;
            }
            peer.raw(&bytes).await;
        }
        // A damaged length may have swallowed what follows: a few frames set it right again.
        peer.raw(vec![b'\n'; 1 << 20]).await;
        peer.raw(frame(b"{}")).await;
        peer.alive().await;
    });
}
