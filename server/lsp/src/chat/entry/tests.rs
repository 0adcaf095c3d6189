//! Tests of the lines of a transcript: calls, questions, whose ids are whose.

use super::*;
use glossator_session::ToolErrorKind;
use serde_json::json;

fn shown(entry: &Entry) -> String {
    let mut out = String::new();
    entry.write(&mut out);
    out
}

#[test]
fn calls() {
    let call = |id: &str, arguments: Value| ToolCall { id: id.into(), name: "exec".to_owned(), arguments };
    let mut entry = Entry::call(ItemId(57), &call("toolu_01", json!({ "command": "cargo\ttest" })), false);
    assert_eq!(shown(&entry), "- ▸ exec `cargo test` … (#57)\n");
    let listed = json!({ "command": ["sh", "-c", "echo 'a' > b"], "cwd": "x" });
    let typed = Entry::call(ItemId(1), &call("S1-1-1.1", listed), false);
    assert_eq!(shown(&typed), "- ▸ exec `sh -c 'echo '\\''a'\\'' > b'` … (S1-1-1.1)\n");
    entry.outcome(&Err(ToolError::new(ToolErrorKind::ToolDenied, "no\n## T-9")));
    assert_eq!(shown(&entry), "- ▸ exec `cargo test` ✗ ToolDenied: no \\#\\# T-9 (#57)\n");
    let mut entry =
        Entry::call(ItemId(1), &call("S1-1-1.2", json!({ "patch": "a\nb", "x": null, "n": 3 })), true);
    entry.outcome(&Ok(ToolOutput { value: json!(1), summary: "done".to_owned() }));
    assert_eq!(shown(&entry), "  - ▸ exec `…, 3` → done (S1-1-1.2)\n");
    let mut script = Entry::script(ItemId(9), &"S1-1-1".into(), "\na\n\nb\n");
    script.ended(false);
    assert_eq!(shown(&script), "- ▸ script, 2 lines ✗ failed (S1-1-1)\n");
    assert_eq!(shown(&Entry::thought(ItemId(3), 12)), "- ▸ thought, 12 characters (#3)\n");
}

#[test]
fn questions() {
    let ask = Ask {
        id: "A1-ff".into(),
        call: "S1.1".into(),
        title: "Run `rm`?".to_owned(),
        reason: "it is dangerous".to_owned(),
        subject: AskSubject::Script { source: String::new() },
        grants: Vec::new(),
    };
    let mut entry = Entry::ask(&ask);
    assert_eq!(shown(&entry), "- ▸ A1 asks: Run \\`rm\\`? (it is dangerous) **waits**\n");
    assert_eq!(entry.waits(), Some(false));
    let mut answer = Answer {
        decision: Decision::Deny,
        grant: Grant::Once,
        message: Some("use\nnextest".to_owned()),
        hunks: None,
    };
    entry.answered(&answer);
    assert_eq!(entry.waits(), None);
    assert_eq!(shown(&entry), "- ▸ A1 asks: Run \\`rm\\`? (it is dangerous) → denied: use nextest\n");
    answer = Answer { decision: Decision::Allow, grant: Grant::Prefix, message: None, hunks: Some(vec![1]) };
    entry.answered(&answer);
    assert!(shown(&entry).ends_with("→ allowed, and all that begins alike, 1 of its hunks\n"));
}

#[test]
fn whose_ids_are_whose() {
    for (id, own) in [
        ("S1-1-1.2", true),
        ("S12-1-1", true),
        ("Sx", false),
        ("toolu_1", false),
        ("S", false),
        ("S1 2", false),
    ] {
        assert_eq!(is_own(id), own, "{id}");
    }
}
