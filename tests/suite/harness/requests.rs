//! Requests as the model's provider gets them: what it would refuse, and what they say.

use serde_json::Value;

/// The messages of a request.
pub fn messages(body: &Value) -> &[Value] {
    body["messages"].as_array().map_or(&[], Vec::as_slice)
}

/// All text of a message.
pub fn text_of(message: &Value) -> String {
    let Some(blocks) = message["content"].as_array() else {
        return message["content"].as_str().unwrap_or_default().to_owned();
    };
    blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n")
}

/// All text of the newest message, which must be the user's.
pub fn last_user_text(body: &Value) -> String {
    let last = messages(body).last().expect("a request has messages");
    assert_eq!(last["role"], "user");
    text_of(last)
}

/// Fails on what the Messages wire refuses.
pub fn assert_valid(body: &Value) {
    let all = messages(body);
    assert!(!all.is_empty(), "no messages: {body}");
    for (at, message) in all.iter().enumerate() {
        let expected = if at % 2 == 0 { "user" } else { "assistant" };
        assert_eq!(message["role"], expected, "message {at} of {body}");
        let blocks = message["content"].as_array().expect("content is a list of blocks");
        assert!(!blocks.is_empty(), "message {at} is empty");
        for block in blocks {
            let empty =
                block["type"] == "text" && block["text"].as_str().is_none_or(|text| text.trim().is_empty());
            assert!(!empty, "message {at} holds an empty text");
        }
        if expected == "assistant" {
            assert_ne!(blocks.last().unwrap()["type"], "thinking", "message {at} ends with thinking");
        }
        assert_answered(blocks, all.get(at + 1));
    }
    assert_eq!(all.len() % 2, 1, "the last message must be the user's");
}

/// Every call of a message is answered first thing in the next one, in order.
fn assert_answered(blocks: &[Value], next: Option<&Value>) {
    let ids: Vec<&Value> =
        blocks.iter().filter(|block| block["type"] == "tool_use").map(|block| &block["id"]).collect();
    if ids.is_empty() {
        return;
    }
    let answers = next.and_then(|message| message["content"].as_array()).expect("calls are answered");
    let answered: Vec<&Value> = answers
        .iter()
        .take_while(|block| block["type"] == "tool_result")
        .map(|block| &block["tool_use_id"])
        .collect();
    assert_eq!(answered, ids);
}
