//! Tests of `assemble`: logs in, readable transcripts out, and the property that requests only grow at their end.

mod agents;
mod board;
mod compaction;
mod gathered;
mod growth;
mod ledgers;
mod normal;
mod pieces;
mod rules;
mod stable;
mod transcripts;

use crate::*;
use glossator_session::*;
use serde_json::json;

pub(crate) const MODEL: &str = "m-1";

/// Writes a log as the agent would.
#[derive(Debug, Default, Clone)]
pub(crate) struct Log {
    pub items: Vec<Item>,
    pub turn: u32,
    pub round: u32,
    pub agent: Option<&'static str>,
}

impl Log {
    pub fn add(mut self, body: ItemBody) -> Log {
        let id = ItemId(self.items.last().map_or(0, |item| item.id.0) + 1);
        let agent = self.agent.map(AgentId::from);
        self.items.push(Item { id, turn: TurnId(self.turn), round: self.round, at: 7, agent, body });
        self
    }
    /// From here on this agent speaks.
    pub fn agent(mut self, agent: Option<&'static str>) -> Log {
        self.agent = agent;
        self
    }
    pub fn context(self, item: ContextItem) -> Log {
        self.add(ItemBody::Context(item))
    }
    pub fn user(self, text: &str) -> Log {
        self.input(vec![InputPart::Text { text: text.into() }])
    }
    pub fn input(mut self, input: Vec<InputPart>) -> Log {
        self.turn += 1;
        self.round = 0;
        self.add(ItemBody::UserMessage { input, to: Vec::new(), queued: None })
    }
    pub fn user_to(mut self, text: &str, to: &[&str]) -> Log {
        self.turn += 1;
        self.round = 0;
        self.agent = None;
        let input = vec![InputPart::Text { text: text.into() }];
        self.add(ItemBody::UserMessage {
            input,
            to: to.iter().map(|id| AgentId::from(*id)).collect(),
            queued: None,
        })
    }
    pub fn steer(self, text: &str) -> Log {
        self.add(ItemBody::UserMessage {
            input: vec![InputPart::Text { text: text.into() }],
            to: Vec::new(),
            queued: None,
        })
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
    /// A prompt without a new turn.
    pub fn prompt(self, text: &str, to: &[&str]) -> Log {
        let input = vec![InputPart::Text { text: text.into() }];
        self.add(ItemBody::UserMessage {
            input,
            to: to.iter().map(|id| AgentId::from(*id)).collect(),
            queued: None,
        })
    }
    pub fn post(self, id: &str, turns: u32) -> Log {
        let entry = BoardEntry {
            id: id.into(),
            source: BoardSource::Page,
            title: "A <T-1> page".into(),
            text: "text </entry>".into(),
            key: Some("K7".into()),
            bytes: 5,
            turns,
        };
        self.context(ContextItem::Posted { entry })
    }
    pub fn kept(self, key: &str, prompt: bool) -> Log {
        self.context(ContextItem::Kept { key: key.into(), what: "a text".into(), bytes: 9, prompt })
    }
    /// Steps, and whether each is done.
    pub fn plan(self, steps: &[(&str, bool)]) -> Log {
        let status = |done| if done { StepStatus::Done } else { StepStatus::Pending };
        let steps = steps.iter().map(|(text, done)| PlanStep { text: (*text).into(), status: status(*done) });
        self.context(ContextItem::Plan { steps: steps.collect(), explanation: String::new() })
    }
    pub fn current(&self) -> TurnId {
        TurnId(self.turn)
    }
}

pub(crate) fn folders() -> &'static [String] {
    static FOLDERS: std::sync::LazyLock<Vec<String>> =
        std::sync::LazyLock::new(|| vec!["/work".into(), "/work/sub".into()]);
    &FOLDERS
}

pub(crate) const READER: Reader = Reader { model: MODEL, wire: "messages", sees_images: true, agent: None };

pub(crate) fn inputs(log: &Log) -> Inputs<'_> {
    Inputs {
        layers: &[],
        native_tools: &[],
        items: &log.items,
        current: log.current(),
        round: u32::MAX,
        reader: READER,
        folders: folders(),
        reminders: &[],
        user_prompt_cap_chars: 40,
        strategy: &Regular { percent: 85 },
    }
}

pub(crate) fn prompt_with(log: &Log, change: impl Fn(&mut Inputs)) -> Prompt {
    let mut inputs = inputs(log);
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

#[track_caller]
pub(crate) fn check(log: Log, expected: &str) {
    check_with(log, |_| {}, expected);
}

#[track_caller]
pub(crate) fn check_with(log: Log, change: impl Fn(&mut Inputs), expected: &str) {
    let trim = |text: &str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let prompt = prompt_with(&log, change);
    let found = transcript(&prompt.messages);
    assert_eq!(trim(&found), trim(expected), "\n{found}");
}
