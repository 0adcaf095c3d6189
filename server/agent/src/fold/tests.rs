//! Answers as events, cut in different ways: items in their order, text to the byte, scripts, and what is shown.

use super::*;
use glossator_session::{CallId, Raw};

/// One block of an answer.
#[derive(Clone)]
enum Said {
    Text(&'static str),
    Thought(&'static str),
    Call(&'static str),
}

use Said::{Call, Text, Thought};

/// The events of an answer whose texts come in pieces of `size` characters; the last block is left open unless `whole`.
fn events(answer: &[Said], size: usize, whole: bool) -> Vec<ModelEvent> {
    let mut events = vec![ModelEvent::Started { model: None }];
    for (block, said) in answer.iter().enumerate() {
        let finished = match said {
            Text(text) => {
                events.extend(pieces(text, size).map(|delta| ModelEvent::Text { block, delta }));
                FinishedBlock::Text { text: (*text).to_owned(), raw: None }
            }
            Thought(text) => {
                events.extend(pieces(text, size).map(|delta| ModelEvent::Reasoning { block, delta }));
                let raw = Raw { wire: "w".into(), model: "m".into(), json: "{}".into() };
                FinishedBlock::Reasoning { text: (*text).to_owned(), raw: Some(raw) }
            }
            Call(name) => FinishedBlock::ToolCall {
                id: CallId("c".into()),
                name: (*name).to_owned(),
                arguments: Ok(Value::Null),
            },
        };
        if whole || block + 1 < answer.len() {
            events.push(ModelEvent::Block { block, finished });
        }
    }
    events
}

fn pieces(text: &str, size: usize) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(size).map(|chunk| chunk.iter().collect()).collect::<Vec<String>>().into_iter()
}

/// What was shown, stream by stream, and what it came to.
fn fold(events: &[ModelEvent]) -> (String, String, Answered) {
    let mut fold = Fold::default();
    let (mut answer, mut script) = (String::new(), String::new());
    for event in events {
        for fragment in fold.push(event) {
            assert!(!fragment.text.is_empty());
            match fragment.stream {
                "answer" => answer.push_str(&fragment.text),
                "script" => script.push_str(&fragment.text),
                other => assert_eq!(other, "reasoning"),
            }
        }
    }
    (answer, script, fold.finish())
}

/// Items on one line each: `text`, `thought` or `call` and what they hold.
fn listed(answered: &Answered) -> Vec<String> {
    let line = |body: &ItemBody| match body {
        ItemBody::Answer { text, raw: None } => format!("text {text}"),
        ItemBody::Reasoning { text, raw: Some(_) } => format!("thought {text}"),
        ItemBody::ToolCall { call, script: None } => format!("call {}", call.name),
        other => format!("unexpected {other:?}"),
    };
    answered.bodies.iter().map(line).collect()
}

struct Case {
    answer: &'static [Said],
    items: &'static [&'static str],
    scripts: &'static [&'static str],
    shown: &'static str,
}

const CASES: &[Case] = &[
    Case { answer: &[], items: &[], scripts: &[], shown: "" },
    Case {
        answer: &[Text("Just words.\n")],
        items: &["text Just words.\n"],
        scripts: &[],
        shown: "Just words.\n",
    },
    Case { answer: &[Text(" \n")], items: &[], scripts: &[], shown: " \n" },
    Case {
        answer: &[Text("Look.\n\n<tool-calls>\r\nreturn '日本'\r\n</tool-calls>\nSee?  ")],
        items: &["text Look.\n\n<tool-calls>\r\nreturn '日本'\r\n</tool-calls>\nSee?  "],
        scripts: &["return '日本'\r\n"],
        shown: "Look.\n\n\nSee?  ",
    },
    Case {
        answer: &[Text("a\n<tool-calls>1</tool-calls>\nb\n<tool-calls>\n\n2</tool-calls>c")],
        items: &["text a\n<tool-calls>1</tool-calls>\nb\n<tool-calls>\n\n2</tool-calls>c"],
        scripts: &["1", "\n2"],
        shown: "a\n\nb\nc",
    },
    Case {
        answer: &[
            Thought("First <tool-calls>x</tool-calls>"),
            Text("One:\n<tool-calls>1</tool-calls>\n"),
            Thought("Then."),
            Call("readFile"),
            Text("Two:\n<tool-calls>2</tool-calls>\nEnd."),
            Thought("Done."),
        ],
        items: &[
            "thought First <tool-calls>x</tool-calls>",
            "text One:\n<tool-calls>1</tool-calls>\n",
            "thought Then.",
            "call readFile",
            "text Two:\n<tool-calls>2</tool-calls>\nEnd.",
            "thought Done.",
        ],
        scripts: &["1", "2"],
        shown: "One:\n\nTwo:\n\nEnd.",
    },
    Case {
        answer: &[Text("```\n<tool-calls>no</tool-calls>\n```\n`<tool-calls>` </tool-calls>")],
        items: &["text ```\n<tool-calls>no</tool-calls>\n```\n`<tool-calls>` </tool-calls>"],
        scripts: &[],
        shown: "```\n<tool-calls>no</tool-calls>\n```\n`<tool-calls>` </tool-calls>",
    },
    Case {
        answer: &[Text("<tool-calls>`${a}</tool-calls>` + '</tool-calls>'\n</tool-calls>")],
        items: &["text <tool-calls>`${a}</tool-calls>` + '</tool-calls>'\n</tool-calls>"],
        scripts: &["`${a}</tool-calls>` + '</tool-calls>'\n"],
        shown: "",
    },
];

#[test]
fn items_keep_their_order_and_text_its_bytes_however_the_answer_is_cut() {
    for case in CASES {
        for size in 1..20 {
            let (shown, script, answered) = fold(&events(case.answer, size, true));
            assert_eq!(listed(&answered), case.items, "in pieces of {size}");
            assert_eq!(answered.scripts, case.scripts);
            assert_eq!(shown, case.shown);
            let code: String = case.scripts.concat();
            assert_eq!(script.replace(['\r', '\n'], ""), code.replace(['\r', '\n'], ""));
            assert!(!answered.unclosed && !answered.self_written);
        }
    }
}

#[test]
fn an_answer_that_breaks_off_keeps_what_came() {
    let answer = [Thought("Hm."), Text("Look.\n<tool-calls>\nreturn 1\n</tool-calls>\nAnd <tool")];
    for size in 1..20 {
        let (shown, _, answered) = fold(&events(&answer, size, false));
        assert_eq!(listed(&answered)[1], "text Look.\n<tool-calls>\nreturn 1\n</tool-calls>\nAnd <tool");
        assert_eq!(answered.scripts, ["return 1\n"]);
        assert_eq!(shown, "Look.\n\nAnd ", "half a tag is not shown");
    }
    for (text, scripts) in [("<tool-calls>\nreturn 1", 0), ("<tool-calls>1</tool-calls>\n<tool-calls>2", 1)] {
        let (_, _, answered) = fold(&events(&[Text(text)], 3, true));
        assert!(answered.unclosed, "{text}");
        assert_eq!(answered.scripts.len(), scripts, "{text}");
        assert_eq!(listed(&answered), [format!("text {text}")]);
    }
}

#[test]
fn what_the_model_makes_up_after_its_own_results_is_dropped() {
    let answer = [
        Thought("Hm."),
        Text("So:\n<tool-calls>1</tool-calls>\n<tool-results>\nreturned: 7\n</tool-results>\nSeven!"),
        Thought("It is seven."),
        Text("<tool-calls>2</tool-calls>"),
    ];
    for size in 1..20 {
        let (shown, _, answered) = fold(&events(&answer, size, true));
        assert_eq!(listed(&answered), ["thought Hm.", "text So:\n<tool-calls>1</tool-calls>\n"]);
        assert_eq!(answered.scripts, ["1"]);
        assert!(answered.self_written);
        assert!(!shown.contains("returned"), "{shown}");
    }
}

#[test]
fn a_new_start_voids_what_came_before() {
    let mut all = events(&[Text("Old.\n<tool-calls>1</tool-calls>")], 4, false);
    all.extend(events(&[Text("New.\n<tool-calls>2</tool-calls>")], 4, true));
    let (_, _, answered) = fold(&all);
    assert_eq!(listed(&answered), ["text New.\n<tool-calls>2</tool-calls>"]);
    assert_eq!(answered.scripts, ["2"]);
}
