//! Items without known secrets: what is written down holds no key. Knows no key itself.

use glossator_session::{ItemBody, NoticeLevel};

/// `body` without known secrets. Thinking is left as it is, since it must go back byte for byte, and so are edits, since
/// undo needs their bytes.
pub(crate) fn without_secrets(body: ItemBody, redact: &dyn Fn(&str) -> String) -> ItemBody {
    if matches!(body, ItemBody::Reasoning { .. } | ItemBody::ChangeSet { .. }) {
        return body;
    }
    let Ok(text) = serde_json::to_string(&body) else { return body };
    let clean = redact(&text);
    if clean == text {
        return body;
    }
    serde_json::from_str(&clean).unwrap_or_else(|_| ItemBody::Notice {
        level: NoticeLevel::Warning,
        text: "An item held a key and was left out of the log.".to_owned(),
    })
}
