//! Items without known secrets: what is written down holds no key. Knows no key itself.

use glossator_session::{ItemBody, NoticeLevel, change_texts};

/// `body` without known secrets. Thinking is left as it is, since it must go back byte for byte, and so are edits, since
/// undo needs their bytes.
pub(crate) fn without_secrets(body: ItemBody, redact: &dyn Fn(&str) -> String) -> ItemBody {
    if matches!(body, ItemBody::Reasoning { .. } | ItemBody::ChangeSet { .. }) {
        return body;
    }
    let Ok(mut value) = serde_json::to_value(&body) else { return body };
    if !change_texts(&mut value, redact) {
        return body;
    }
    serde_json::from_value(value).unwrap_or_else(|_| ItemBody::Notice {
        level: NoticeLevel::Warning,
        text: "An item held a key and was left out of the log.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{CallId, InputPart, ToolCall};
    use proptest::prelude::*;
    use serde_json::json;

    fn prompt(text: &str) -> ItemBody {
        let input = vec![InputPart::Text { text: text.to_owned() }];
        ItemBody::UserMessage { input, to: Vec::new(), queued: None }
    }

    proptest! {
        /// Whatever a key looks like, and whatever stands beside it: it is gone, and all else stands.
        #[test]
        fn every_key_goes_and_nothing_else(
            key in "[!-~]{4,12}",
            before in "[ -~\n\t\u{e4}\u{1f600}]{0,8}",
            after in "[ -~\n\t]{0,8}",
        ) {
            let redact = |text: &str| text.replace(&key, "\u{2022}");
            let text = format!("{before}{key}{after}");
            prop_assert_eq!(without_secrets(prompt(&text), &redact), prompt(&redact(&text)));
            let call = |text: &str| ItemBody::ToolCall {
                call: ToolCall {
                    id: CallId("S1-1-1.1".to_owned()),
                    name: "exec".to_owned(),
                    arguments: json!({ "command": ["echo", text], "deep": { "at": 12345678, "text": text } }),
                },
                script: None,
            };
            // What is no text stays, also where a key has its words.
            let is_word = ["S1-1-1.1", "exec", "echo", "kind", "toolCall", "command", "arguments"];
            if !is_word.iter().any(|word| word.contains(&key)) {
                prop_assert_eq!(without_secrets(call(&text), &redact), call(&redact(&text)));
            }
        }
    }
}
