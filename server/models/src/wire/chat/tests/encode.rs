//! Requests -> bodies, one table a concern.

use super::{assistant, body, bytes, call, image, output, raw, request, spec, text, user};
use crate::{Dialect, LimitField, ReasoningField, Request, ThinkingStyle, dialect};
use glossator_session::{Message, Part, SystemPart};
use serde_json::{Value, json};

fn layers(texts: &[&str]) -> Vec<SystemPart> {
    let part = |text: &&str| SystemPart { layer: "l".to_owned(), text: (*text).to_owned() };
    texts.iter().map(part).collect()
}

#[test]
fn the_whole_of_a_small_body() {
    let mut request = request(vec![user(vec![text("a"), text("b")])]);
    request.prompt.system = layers(&["one", " ", "two"]);
    request.prompt.tools = vec![spec("files.read", None)];
    let want = concat!(
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","#,
        r#""function":{"name":"files__read","description":"d","parameters":{"type":"object"}}}],"#,
        r#""messages":[{"role":"system","content":"one\n\ntwo"},{"role":"user","content":"a\n\nb"}]}"#,
    );
    assert_eq!(bytes(&request, &Dialect::default()), want);
}

#[test]
fn nothing_to_send_is_an_error() {
    for messages in [vec![], vec![user(vec![text(" ")])], vec![assistant(vec![text("a")])]] {
        let mut request = request(messages);
        request.prompt.system = layers(&["one"]);
        let error = crate::Wire::Chat.encode(&request, &Dialect::default()).unwrap_err();
        assert!(error.message.contains("nothing to send"));
    }
}

fn check_messages(name: &str, messages: Vec<Message>, dialect: &Dialect, want: &Value) {
    let mut request = request(messages);
    request.prompt.tools = vec![spec("files.read", None)];
    assert_eq!(&body(&request, dialect)["messages"], want, "{name}");
}

fn called(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "files__read", "arguments": arguments}})
}

#[test]
fn turns_become_messages() {
    let plain = Dialect::default();
    let ask = || user(vec![text("q")]);
    let asked = json!({"role": "user", "content": "q"});
    let history = vec![
        ask(),
        assistant(vec![text("Let me see."), call("1", json!({"b": 1, "a": [2]})), call("2", json!({}))]),
        user(vec![output("2", "two", vec![]), text("and?"), output("1", "one", vec![])]),
    ];
    let want = json!([asked,
        {"role": "assistant", "content": "Let me see.", "tool_calls": [called("1", r#"{"b":1,"a":[2]}"#), called("2", "{}")]},
        {"role": "tool", "tool_call_id": "1", "content": "one"},
        {"role": "tool", "tool_call_id": "2", "content": "two"},
        {"role": "user", "content": "and?"}]);
    check_messages("parallel calls, results in the order of the calls", history, &plain, &want);
    let aborted = vec![ask(), assistant(vec![call("1", json!({}))]), user(vec![text("go on")])];
    let want = json!([asked,
        {"role": "assistant", "content": null, "tool_calls": [called("1", "{}")]},
        {"role": "tool", "tool_call_id": "1", "content": "aborted: the call was stopped before it had a result"},
        {"role": "user", "content": "go on"}]);
    check_messages("a call without result", aborted, &plain, &want);
    let odd = || vec![ask(), assistant(vec![call("1", json!([1])), call("2", json!("x"))]), ask()];
    let want = [called("1", r#"{"arguments":[1]}"#), called("2", r#"{"arguments":"x"}"#)];
    let empty = Dialect { empty_content: true, ..plain };
    let body = body(&request(odd()), &empty);
    assert_eq!(body["messages"][1], json!({"role": "assistant", "content": "", "tool_calls": want}));
    let only_thought =
        vec![ask(), assistant(vec![raw(r#"{"type":"reasoning_content","reasoning_content":"h"}"#)]), ask()];
    check_messages("only thinking", only_thought, &plain, &json!([asked, asked]));
}

#[test]
fn long_ids_are_cut_and_stay_apart() {
    let (one, two) = (format!("{}1", "x".repeat(60)), format!("{}2", "x".repeat(60)));
    let parts = vec![call(&one, json!({})), call(&two, json!({}))];
    let results = user(vec![output(&one, "1", vec![]), output(&two, "2", vec![])]);
    let body = body(&request(vec![user(vec![text("q")]), assistant(parts), results]), &Dialect::default());
    let ids: Vec<&str> =
        (0..2).map(|at| body["messages"][1]["tool_calls"][at]["id"].as_str().unwrap()).collect();
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 40), "{ids:?}");
    assert_eq!(
        (&body["messages"][2]["tool_call_id"], &body["messages"][3]["tool_call_id"]),
        (&json!(ids[0]), &json!(ids[1]))
    );
}

#[test]
fn images_go_where_they_may() {
    let url = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}});
    let part = |text: &str| json!({"type": "text", "text": text});
    let history = || {
        vec![
            user(vec![text("look"), Part::Image { image: image() }]),
            assistant(vec![call("1", json!({})), call("2", json!({}))]),
            user(vec![output("1", "shot", vec![image()]), output("2", "no shot", vec![]), text("well?")]),
        ]
    };
    let body = |images, tool_images| {
        let mut request = request(history());
        request.facts.images = images;
        body(&request, &Dialect { tool_images, ..Dialect::default() })["messages"].clone()
    };
    let after = body(None, false);
    assert_eq!(after[0]["content"], json!([part("look"), url]));
    assert_eq!(after[2]["content"], "shot\n\n(The images of this result are in the next message.)");
    assert_eq!(after[3]["content"], "no shot");
    let named = part("The images of the result of files__read:");
    assert_eq!(after[4], json!({"role": "user", "content": [named, url, part("well?")]}));
    let inside = body(Some(true), true);
    assert_eq!(inside[2]["content"], json!([part("shot"), url]));
    assert_eq!(inside[4]["content"], "well?");
    for tool_images in [false, true] {
        let blind = body(Some(false), tool_images);
        assert!(!blind.to_string().contains("iVBO"), "{blind}");
        assert!(blind[0]["content"].as_str().unwrap().contains("does not see images"), "{blind}");
        assert!(blind[2]["content"].as_str().unwrap().contains("does not see images"), "{blind}");
    }
}

#[test]
fn what_the_server_wants_back_goes_back_as_it_came() {
    let signed = r#"{"text":"\u0068m" ,"type":"reasoning.text","signature":"Eq+/==","index":0,"x":1.50}"#;
    let sealed = r#"{"type":"reasoning.encrypted","data":"AbC=","id":"tool_f_ab","index":0}"#;
    let late = r#"{"type":"reasoning.encrypted","data":"Z","index":1}"#;
    let parts = vec![
        raw(&format!(r#"{{"type":"reasoning_details","reasoning_details":[{signed},{sealed}]}}"#)),
        raw(&format!(r#"{{"type":"reasoning_details","reasoning_details":[{late}]}}"#)),
        raw(r#"{"type":"reasoning_content","reasoning_content":"h\u006dm"}"#),
        text("t"),
        call("0", json!({})),
        raw(r#"{"type":"tool_call_extra","extra_content":{"google":{"thought_signature":"C+\/="}}}"#),
        call("1", json!({})),
    ];
    let request = request(vec![user(vec![text("q")]), assistant(parts)]);
    let body = |reasoning| bytes(&request, &Dialect { reasoning, ..Dialect::default() });
    let details = format!(r#""reasoning_details":[{signed},{sealed},{late}],"tool_calls":"#);
    let extra = r#""arguments":"{}"},"extra_content":{"google":{"thought_signature":"C+\/="}}}]"#;
    let rows = [
        (ReasoningField::Reasoning, true, false),
        (ReasoningField::ReasoningContent, false, true),
        (ReasoningField::ReasoningEffort, false, false),
        (ReasoningField::ChatTemplate, false, false),
        (ReasoningField::None, false, false),
    ];
    for (field, sends_details, sends_content) in rows {
        let body = body(field);
        assert_eq!(body.contains(&details), sends_details, "{body}");
        assert_eq!(body.contains(r#""reasoning_content":"hmm""#), sends_content, "{body}");
        assert_eq!(body.matches("extra_content").count(), 1, "{body}");
        assert!(body.contains(extra), "{body}");
    }
}

#[test]
fn thinking_goes_back_to_its_own_model_and_only_with_calls() {
    let thought = || raw(r#"{"type":"reasoning_content","reasoning_content":"hm"}"#);
    let history = vec![user(vec![text("q")]), assistant(vec![thought(), text("t")]), user(vec![text("q")])];
    let dialect = dialect::known("deepseek");
    assert!(!bytes(&request(history.clone()), &dialect).contains("hm"));
    let history = vec![user(vec![text("q")]), assistant(vec![thought(), call("1", json!({}))])];
    assert!(bytes(&request(history.clone()), &dialect).contains("hm"));
    let other = Request { model: "n".to_owned(), ..request(history) };
    assert!(!bytes(&other, &dialect).contains("hm"));
}

#[test]
fn pieces_of_one_thought_that_came_apart_are_joined() {
    let parts = vec![
        raw(
            r#"{"type":"reasoning_details","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}"#,
        ),
        raw(
            r#"{"type":"reasoning_details","reasoning_details":[{"type":"reasoning.text","signature":"S","index":0}]}"#,
        ),
        text("t"),
    ];
    let body = body(&request(vec![user(vec![text("q")]), assistant(parts)]), &dialect::known("openrouter"));
    let want = json!([{"type": "reasoning.text", "text": "a", "index": 0, "signature": "S"}]);
    assert_eq!(body["messages"][1]["reasoning_details"], want);
}

#[test]
fn cache_marks_for_models_that_want_them() {
    let mark = json!({"type": "ephemeral"});
    let mut request = request(vec![
        user(vec![text("a")]),
        assistant(vec![call("1", json!({}))]),
        user(vec![output("1", "r1", vec![])]),
        assistant(vec![call("2", json!({})), call("3", json!({}))]),
        user(vec![
            output("2", "r2", vec![]),
            output("3", "r3", vec![]),
            text("go"),
            Part::Image { image: image() },
        ]),
    ]);
    request.prompt.system = layers(&["one", "two"]);
    let openrouter = dialect::known("openrouter");
    assert!(!bytes(&request, &openrouter).contains("cache_control"), "not for others");
    request.model = "anthropic/claude-haiku-4.5".to_owned();
    assert!(!bytes(&request, &Dialect::default()).contains("cache_control"), "not elsewhere");
    let body = body(&request, &openrouter);
    let messages = &body["messages"];
    let part = |text: &str| json!({"type": "text", "text": text});
    let marked = |text: &str| json!({"type": "text", "text": text, "cache_control": mark});
    assert_eq!(messages[0]["content"], json!([part("one"), marked("two")]));
    assert_eq!(messages[1]["content"], json!([part("a")]));
    assert_eq!(messages[3]["content"], json!([marked("r1")]));
    assert_eq!(messages[5]["content"], json!([part("r2")]));
    assert_eq!(messages[7]["content"][0], marked("go"));
    assert_eq!(body.to_string().matches("cache_control").count(), 3);
}

#[test]
fn free_text_tools() {
    let history = vec![
        user(vec![text("q")]),
        assistant(vec![
            Part::ToolCall { id: "1".into(), name: "patch".to_owned(), arguments: json!("*** \"p\"") },
            Part::ToolCall { id: "2".into(), name: "patch".to_owned(), arguments: json!({"patch": "p"}) },
            Part::ToolCall {
                id: "3".into(),
                name: "patch".to_owned(),
                arguments: json!({"patch": "p", "dry": 1}),
            },
        ]),
    ];
    let mut request = request(history);
    request.prompt.tools = vec![spec("patch", Some("patch"))];
    let openai = dialect::known("openai");
    let plain = body(&request, &openai);
    assert_eq!(plain["tools"][0]["type"], "function", "a model of which nothing is known");
    let calls = &plain["messages"][1]["tool_calls"];
    assert_eq!(calls[0]["function"]["arguments"], r#"{"patch":"*** \"p\""}"#);
    assert_eq!(calls[1]["function"]["arguments"], r#"{"patch":"p"}"#);
    request.facts.thinking = ThinkingStyle::EffortAlways;
    let free = body(&request, &openai);
    let tool = json!({"type": "custom", "custom": {"name": "patch", "description": "d", "format": {"type": "text"}}});
    assert_eq!(free["tools"], json!([tool]));
    let calls = &free["messages"][1]["tool_calls"];
    assert_eq!(
        calls[0],
        json!({"id": "1", "type": "custom", "custom": {"name": "patch", "input": "*** \"p\""}})
    );
    assert_eq!(calls[1]["custom"]["input"], "p");
    assert_eq!(calls[2]["function"]["arguments"], r#"{"patch":"p","dry":1}"#);
}

#[test]
fn parameters_only_when_set_and_taken() {
    let mut request = Request {
        max_output: Some(50),
        temperature: Some(0.5),
        top_p: Some(0.9),
        stop: vec!["END".to_owned(), " ".to_owned()],
        cache_key: Some("session".to_owned()),
        output_schema: Some(json!({"type": "object"})),
        ..request(vec![user(vec![text("a")])])
    };
    request.prompt.system = layers(&["s"]);
    let plain = body(&request, &Dialect::default());
    assert_eq!((&plain["max_tokens"], plain.get("max_completion_tokens")), (&json!(50), None));
    assert_eq!((&plain["temperature"], &plain["top_p"]), (&json!(0.5), &json!(0.9)));
    assert_eq!((&plain["stop"], plain.get("prompt_cache_key")), (&json!(["END"]), None));
    assert_eq!(plain["messages"][0]["role"], "system");
    let openai = body(&request, &dialect::known("openai"));
    assert_eq!((&openai["max_completion_tokens"], openai.get("max_tokens")), (&json!(50), None));
    assert_eq!(
        (&openai["prompt_cache_key"], &openai["messages"][0]["role"]),
        (&json!("session"), &json!("developer"))
    );
    let quiet = Dialect { no_stream_options: true, ..Dialect::default() };
    assert_eq!(body(&request, &quiet).get("stream_options"), None);
    assert_eq!(body(&request, &dialect::known("xai")).get("stop"), None);
    request.facts.thinking = ThinkingStyle::None;
    assert_eq!(body(&request, &dialect::known("xai"))["stop"], json!(["END"]));
    assert_eq!(body(&request, &dialect::known("openai"))["messages"][0]["role"], "system");
    request.facts.sampling = Some(false);
    request.temperature = Some(f64::NAN);
    let refused = body(&request, &Dialect { limit: LimitField::MaxCompletionTokens, ..Dialect::default() });
    assert_eq!((refused.get("temperature"), refused.get("top_p")), (None, None));
}

#[test]
fn a_schema_is_strict_when_it_may_be() {
    let closed = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let rows = [
        (closed(json!({"a": {"type": "string"}}), json!(["a"])), true),
        (closed(json!({"a": {"type": "string"}}), json!([])), false),
        (json!({"type": "object", "properties": {}}), false),
        (json!({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}), false),
        (json!({"type": "string"}), true),
    ];
    for (schema, strict) in rows {
        let request = Request { output_schema: Some(schema.clone()), ..request(vec![user(vec![text("a")])]) };
        let format = body(&request, &Dialect::default())["response_format"].clone();
        let want = json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": strict}});
        assert_eq!(format, want);
    }
}
