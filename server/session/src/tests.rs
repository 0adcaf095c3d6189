//! Items as they are stored: every key once, and back again.

use crate::{CallId, ChangeSetId, ChangeState, ContextItem, Item, ItemBody, ItemId, TurnId};

fn check(body: ItemBody, expected: &str) {
    let item = Item { id: ItemId(7), turn: TurnId(1), round: 2, at: 3, agent: None, body };
    let text = serde_json::to_string(&item).unwrap();
    assert_eq!(text, format!("{{\"id\":7,\"turn\":\"T-1\",\"round\":2,\"at\":3,{expected}}}"));
    assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), item, "{text}");
    assert_eq!(Item::from_json(text.as_bytes()).unwrap(), item, "{text}");
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

/// Whatever the text: both ways of reading it agree.
fn alike(text: &str) {
    let (fast, derived) = (Item::from_json(text.as_bytes()), serde_json::from_str::<Item>(text));
    match (fast, derived) {
        (Ok(fast), Ok(derived)) => assert_eq!(fast, derived, "{text}"),
        (Err(_), Err(_)) => {}
        (fast, derived) => panic!("{text}: {fast:?} and {derived:?}"),
    }
}

#[test]
fn items_are_read_alike_both_ways() {
    let bodies = [
        r#""kind":"userMessage","input":[{"kind":"text","text":"a"},{"kind":"mention","uri":"u"}]"#,
        r#""kind":"userMessage","input":[{"kind":"text","text":"a"}],"to":["x"]"#,
        r#""kind":"userMessage","input":[{"kind":"text","text":"a"}],"queued":3"#,
        r#""kind":"userMessage","input":[{"kind":"text","text":"a"}],"queued":"Q3""#,
        r#""kind":"answer","text":"a\u0000\"","raw":{"wire":"w","model":"m","json":"{}"}"#,
        r#""kind":"answer","text":"a","raw":null"#,
        r#""kind":"answer","text":5"#,
        r#""kind":"answer""#,
        r#""kind":"answer","text":"a","more":[1,{"text":2}]"#,
        r#""kind":"answer","text":"a","text":"b""#,
        r#""kind":"reasoning","text":"""#,
        r#""kind":"toolCall","call":{"id":"c","name":"n","arguments":{"b":1,"a":[null,1.5e300,18446744073709551615]}},"script":"S1""#,
        r#""kind":"toolOutput","call":"c","outcome":{"Ok":{"value":null,"summary":"s"}},"millis":1"#,
        r#""kind":"toolOutput","call":"c","outcome":{"Err":{"kind":"ToolFailed","message":"m"}},"millis":1"#,
        r#""kind":"script","script":"S1","source":"x""#,
        r#""kind":"scriptOutput","script":"S1","text":"x","ok":true"#,
        r#""kind":"changeSet","changeSet":"C1","state":{"is":"committed"}"#,
        r#""kind":"changeSet","changeSet":"C1","state":{"is":"unheardOf"}"#,
        r#""kind":"task","task":"t","state":{"is":"lost"}"#,
        r#""kind":"notice","level":"warning","text":"x""#,
        r#""kind":"turnEnded","status":"done","usage":{"input":1}"#,
        r#""kind":"stored","key":"k","value":null"#,
        r#""kind":"stored","key":"k""#,
        r#""kind":"told","text":"x","unheardOf":1"#,
        r#""kind":"plan","steps":[{"text":"a","status":"done"}]"#,
        r#""kind":"request","model":"m","usage":{},"parameters":{"a":1}"#,
        r#""kind":"hologram","beams":[1,{"a":null}]"#,
        r#""kind":null"#,
        r#""other":1"#,
        r#""kind":"notice","level":"info","text":"x","agent":"late""#,
        r#""agent":"a","kind":"notice","level":"info","text":"x""#,
        r#""agent":null,"kind":"notice","level":"info","text":"x""#,
        r#""level":"info","kind":"notice","text":"x""#,
        r#""kind":"notice","level":"info","text":"x","id":8"#,
        r#""kind":"notice","level":"info","text":"x","kind":"told""#,
    ];
    for body in bodies {
        alike(&format!(r#"{{"id":7,"turn":"T-1","round":2,"at":-3,{body}}}"#));
        alike(&format!(r#"{{"id":7,"turn":"T-1","round":2,{body}}}"#));
        alike(&format!(r#"{{{body},"at":3,"round":2,"turn":"T-1","id":7}}"#));
        alike(&format!(r#" {{ "id" : 7 , "turn" : "T-1" , "round" : 2 , "at" : 3 , {body} }} "#));
        alike(&format!(r#"{{"id":7,"turn":"T-1","round":2,"at":-3,{body}}}{{"#));
    }
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "7",
        r#"{"id":7}"#,
        r#"{"id":7,"turn":"1","round":2,"at":3,"kind":"told","text":""}"#,
    ] {
        alike(text);
    }
}
