//! Tests of `assemble`: logs in, readable transcripts out, and the property that requests only grow at their end.

mod growth;
mod pieces;
mod transcripts;

use crate::*;
use glossator_session::*;
use serde_json::json;

pub(crate) const MODEL: &str = "m-1";

/// Writes a log as the agent would.
#[derive(Default, Clone)]
pub(crate) struct Log {
    pub items: Vec<Item>,
    turn: u32,
    round: u32,
}

impl Log {
    pub fn add(mut self, body: ItemBody) -> Log {
        let id = ItemId(self.items.len() as u64 + 1);
        self.items.push(Item { id, turn: TurnId(self.turn), round: self.round, at: 7, agent: None, body });
        self
    }
    pub fn user(self, text: &str) -> Log {
        self.input(vec![InputPart::Text { text: text.into() }])
    }
    pub fn input(mut self, input: Vec<InputPart>) -> Log {
        self.turn += 1;
        self.round = 0;
        self.add(ItemBody::UserMessage { input, to: Vec::new() })
    }
    pub fn steer(self, text: &str) -> Log {
        self.add(ItemBody::UserMessage { input: vec![InputPart::Text { text: text.into() }], to: Vec::new() })
    }
    /// The next model request.
    pub fn ask(mut self) -> Log {
        self.round += 1;
        self
    }
    pub fn answer(self, text: &str) -> Log {
        self.ask().say(text)
    }
    pub fn say(self, text: &str) -> Log {
        self.add(ItemBody::Answer { text: text.into(), raw: None })
    }
    pub fn think(self, model: &str, json: &str) -> Log {
        let raw = Raw { wire: "messages".into(), model: model.into(), json: json.into() };
        self.add(ItemBody::Reasoning { text: String::new(), raw: Some(raw) })
    }
    pub fn call(self, id: &str, script: Option<&str>) -> Log {
        let call = ToolCall { id: id.into(), name: "readFile".into(), arguments: json!({ "path": "a" }) };
        self.add(ItemBody::ToolCall { call, script: script.map(CallId::from) })
    }
    pub fn output(self, id: &str, value: serde_json::Value) -> Log {
        let outcome = Ok(ToolOutput { value, summary: "read a".into() });
        self.add(ItemBody::ToolOutput { call: id.into(), outcome, millis: 1 })
    }
    pub fn error(self, id: &str) -> Log {
        let outcome = Err(ToolError::new(ToolErrorKind::ToolDenied, "not </tool-results> now"));
        self.add(ItemBody::ToolOutput { call: id.into(), outcome, millis: 1 })
    }
    pub fn script(self, id: &str) -> Log {
        self.add(ItemBody::Script { id: id.into(), source: "return 1".into() })
    }
    pub fn result(self, id: &str, text: &str) -> Log {
        self.add(ItemBody::ScriptOutput { script: id.into(), text: text.into(), ok: true })
    }
    pub fn notice(self) -> Log {
        self.add(ItemBody::Notice { level: NoticeLevel::Info, text: "retrying 1/5".into() })
    }
    pub fn end(self, status: TurnStatus, message: Option<&str>) -> Log {
        self.add(ItemBody::TurnEnded {
            status,
            usage: Usage::default(),
            cost: None,
            message: message.map(str::to_owned),
        })
    }
    pub fn done(self) -> Log {
        self.end(TurnStatus::Done, None)
    }
    pub fn change(self, id: &str, undoes: Option<&str>) -> Log {
        let file = json!({ "path": "/work/src/a.rs", "base": { "kind": "absent" },
            "action": { "kind": "create", "text": "x" },
            "format": { "encoding": "utf8", "bom": false, "line_ending": "lf" } });
        let state = json!({ "is": "intended", "change": { "files": [file] }, "inverse": { "files": [] }, "undoes": undoes });
        self.add(ItemBody::ChangeSet { id: id.into(), state: serde_json::from_value(state).unwrap() })
    }
    pub fn undone(self, id: &str) -> Log {
        self.add(ItemBody::ChangeSet { id: id.into(), state: ChangeState::Undone })
    }
    pub fn current(&self) -> TurnId {
        TurnId(self.turn)
    }
}

pub(crate) fn environment() -> Environment {
    Environment { folders: vec!["/work".into(), "/work/sub".into()], ..Environment::default() }
}

pub(crate) fn prompt_with(log: &Log, change: impl Fn(&mut Inputs)) -> Prompt {
    let environment = environment();
    let mut inputs = Inputs {
        instructions: "Be brief.",
        tool_reference: "",
        native_tools: &[],
        project: &[],
        environment: &environment,
        frozen: None,
        items: &log.items,
        current: log.current(),
        model: MODEL,
        wire: "messages",
        reminders: &[],
        user_prompt_cap_chars: 40,
    };
    change(&mut inputs);
    assemble(&inputs)
}

/// The messages as people can read them: a line per part, `|` for line breaks.
pub(crate) fn transcript(messages: &[Message]) -> String {
    let mut out = String::new();
    for message in messages {
        for (at, part) in message.parts.iter().enumerate() {
            let who = match (at, message.role) {
                (0, Role::User) => "user",
                (0, Role::Assistant) => "model",
                _ => "",
            };
            let what = match part {
                Part::Text { text } => text.clone(),
                Part::Raw { raw } => format!("raw {}", raw.json),
                Part::ToolCall { id, name, arguments } => format!("call {id} {name} {arguments}"),
                Part::Image { image } => format!("image {}", image.media_type),
                Part::ToolOutput { id, text, is_error: false, .. } => format!("output {id}: {text}"),
                Part::ToolOutput { id, text, is_error: true, .. } => format!("error {id}: {text}"),
            };
            out += &format!("{who:<6}{}\n", what.replace('\n', "|"));
        }
    }
    out
}
