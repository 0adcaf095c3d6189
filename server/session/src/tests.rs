//! Items as they are stored: every key once, and back again.

use crate::{CallId, ChangeSetId, ChangeState, ContextItem, Item, ItemBody, ItemId, TurnId};

fn check(body: ItemBody, expected: &str) {
    let item = Item { id: ItemId(7), turn: TurnId(1), round: 2, at: 3, agent: None, body };
    let text = serde_json::to_string(&item).unwrap();
    assert_eq!(text, format!("{{\"id\":7,\"turn\":\"T-1\",\"round\":2,\"at\":3,{expected}}}"));
    assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), item, "{text}");
}

#[test]
fn ids_of_bodies_have_keys_of_their_own() {
    check(
        ItemBody::Script { id: CallId("S1".into()), source: "x".into() },
        r#""kind":"script","script":"S1","source":"x""#,
    );
    check(
        ItemBody::ChangeSet { id: ChangeSetId("C1".into()), state: ChangeState::Committed },
        r#""kind":"changeSet","changeSet":"C1","state":{"is":"committed"}"#,
    );
}

#[test]
fn a_stored_null_is_a_value_and_not_a_deletion() {
    let stored = |value| ItemBody::Context(ContextItem::Stored { key: "k".into(), value });
    check(stored(Some(serde_json::Value::Null)), r#""kind":"stored","key":"k","value":null"#);
    check(stored(None), r#""kind":"stored","key":"k""#);
}

#[test]
fn what_a_newer_version_wrote_is_kept_whole() {
    let text = r#"{"id":7,"turn":"T-1","round":2,"at":3,"kind":"hologram","beams":[1,{"a":null}]}"#;
    let item: Item = serde_json::from_str(text).unwrap();
    assert!(matches!(item.body, ItemBody::Unknown(_)));
    assert_eq!(serde_json::to_string(&item).unwrap(), text);
}
