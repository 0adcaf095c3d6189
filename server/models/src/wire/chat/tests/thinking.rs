//! Thinking and effort in the words of each dialect, after what the model can do.

use super::{body, request, text, user};
use crate::{Dialect, ReasoningField, Request, Thinking, ThinkingStyle};
use serde_json::{Value, json};

/// What is asked, of which model, and the fields it comes to in each way of asking.
struct Row {
    thinking: Thinking,
    effort: Option<&'static str>,
    style: ThinkingStyle,
    efforts: &'static [&'static str],
    /// `reasoning_effort`, `reasoning` and `chat_template_kwargs` with its `reasoning_effort`.
    want: [Value; 3],
}

const NANO: &[&str] = &["minimal", "low", "medium", "high"];

fn check(row: &Row) {
    let mut request = Request {
        thinking: row.thinking,
        effort: row.effort.map(ToOwned::to_owned),
        ..request(vec![user(vec![text("a")])])
    };
    request.facts.thinking = row.style;
    request.facts.efforts = row.efforts.iter().map(|level| (*level).to_owned()).collect();
    let fields = [ReasoningField::ReasoningEffort, ReasoningField::Reasoning, ReasoningField::ChatTemplate];
    for (field, want) in fields.iter().zip(&row.want) {
        let body = body(&request, &Dialect { reasoning: *field, ..Dialect::default() });
        let mut came = json!({});
        for key in ["reasoning_effort", "reasoning", "chat_template_kwargs"] {
            if let Some(value) = body.get(key) {
                came[key] = value.clone();
            }
        }
        let what = format!("{:?} {:?} {:?} as {field:?}", row.thinking, row.effort, row.style);
        assert_eq!(&came, want, "{what}");
    }
    for silent in [ReasoningField::ReasoningContent, ReasoningField::None] {
        let body = body(&request, &Dialect { reasoning: silent, ..Dialect::default() });
        assert!(!body.to_string().contains("reasoning"), "{body}");
    }
}

fn effort(level: &str) -> [Value; 3] {
    let plain = json!({"reasoning_effort": level});
    [plain.clone(), json!({"reasoning": {"effort": level}}), plain]
}

#[test]
fn each_dialect_says_it_in_its_words() {
    let nothing = || [json!({}), json!({}), json!({})];
    let off = || {
        [
            json!({"reasoning_effort": "none"}),
            json!({"reasoning": {"enabled": false}}),
            json!({"chat_template_kwargs": {"enable_thinking": false}}),
        ]
    };
    let on = || {
        [
            json!({}),
            json!({"reasoning": {"enabled": true}}),
            json!({"chat_template_kwargs": {"enable_thinking": true}}),
        ]
    };
    let budget = [
        json!({}),
        json!({"reasoning": {"max_tokens": 2048}}),
        json!({"chat_template_kwargs": {"enable_thinking": true}}),
    ];
    let mut off_by_effort = off();
    off_by_effort[1] = json!({"reasoning": {"effort": "none"}});
    let mut off_without_efforts = off();
    off_without_efforts[0] = json!({});
    let row = |thinking, effort, style, efforts, want| Row { thinking, effort, style, efforts, want };
    use ThinkingStyle::{Adaptive, Always, Budget, Effort, EffortAlways, None as Never, Unknown};
    let rows = [
        row(Thinking::Default, None, Unknown, &[], nothing()),
        row(Thinking::Default, Some("high"), Unknown, &[], effort("high")),
        row(Thinking::Default, Some("xhigh"), Effort, &["none", "low"], effort("low")),
        row(Thinking::Default, Some("none"), EffortAlways, NANO, effort("minimal")),
        row(Thinking::Default, Some("none"), Always, &[], effort("low")),
        row(Thinking::Off, None, Unknown, &[], off()),
        row(Thinking::Off, Some("high"), Unknown, &[], off()),
        row(Thinking::Off, None, Budget, &[], off()),
        row(Thinking::Off, None, Budget, &["none"], off_without_efforts),
        row(Thinking::Off, None, Adaptive, &[], off()),
        row(Thinking::Off, None, Effort, &["none", "low"], off_by_effort),
        // The user's test models: gpt-5-nano cannot switch it off, gemini-2.0-flash has nothing to switch.
        row(Thinking::Off, None, EffortAlways, NANO, effort("minimal")),
        row(Thinking::Off, Some("high"), EffortAlways, NANO, effort("minimal")),
        row(Thinking::Off, None, Never, &[], nothing()),
        row(Thinking::Adaptive, Some("high"), Never, &[], nothing()),
        row(Thinking::Off, None, Always, &[], nothing()),
        row(Thinking::Adaptive, None, Unknown, &[], on()),
        row(Thinking::Adaptive, Some("low"), Unknown, &[], effort("low")),
        row(Thinking::Adaptive, Some("low"), Always, &["none"], on()),
        row(Thinking::Budget(2048), Some("low"), Budget, &[], budget),
    ];
    rows.iter().for_each(check);
}
