//! Sessions with words in them, for lists and searches.

use super::*;
use glossator_session::{CallId, ChangeSetId, ChangeState, ToolCall, ToolOutput, TurnStatus, Usage};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat};
use std::path::Path;

pub const DAY: i64 = 86_400_000;
/// 2026-11-19, when all test sessions begin.
pub const START: i64 = 1_795_000_000_000;

/// A session that is being written.
pub struct Writer {
    pub log: SessionLog,
    turn: u32,
    pub at: i64,
}

impl Writer {
    pub fn begin(store: &Store, id: &str) -> Writer {
        Writer { log: store.create(&head(id)).unwrap(), turn: 0, at: START }
    }

    pub fn go_on(store: &Store, id: &str) -> Writer {
        let (log, replay) = store.open_session(&id.into()).unwrap();
        let turn = replay.items.last().map_or(0, |item| item.turn.0);
        Writer { log, turn, at: replay.items.last().map_or(START, |item| item.at) }
    }

    pub fn add(&mut self, body: ItemBody) -> &mut Writer {
        self.at += 1000;
        let id = ItemId(self.log.next_id());
        let item = Item { id, turn: TurnId(self.turn), round: 1, at: self.at, agent: None, body };
        self.log.append(&item, Sync::No).unwrap();
        self
    }

    pub fn after(&mut self, days: i64) -> &mut Writer {
        self.at += days * DAY;
        self
    }

    pub fn prompt(&mut self, text: &str) -> &mut Writer {
        self.turn += 1;
        let input = vec![InputPart::Text { text: text.to_owned() }];
        self.add(ItemBody::UserMessage { input, to: Vec::new(), queued: None })
    }

    pub fn answer(&mut self, text: &str) -> &mut Writer {
        self.add(ItemBody::Answer { text: text.to_owned(), raw: None })
    }

    pub fn script(&mut self, source: &str) -> &mut Writer {
        self.add(ItemBody::Script { id: CallId("c".into()), source: source.to_owned() })
    }

    pub fn call(&mut self, name: &str, arguments: serde_json::Value, summary: &str) -> &mut Writer {
        let id = CallId(format!("c{}", self.log.next_id()));
        let call = ToolCall { id: id.clone(), name: name.to_owned(), arguments };
        self.add(ItemBody::ToolCall { call, script: None });
        let output =
            ToolOutput { value: serde_json::json!({ "secret": "unsearched" }), summary: summary.to_owned() };
        self.add(ItemBody::ToolOutput { call: id, outcome: Ok(output), millis: 1 })
    }

    pub fn edit(&mut self, path: &Path) -> &mut Writer {
        let file = FileChange {
            path: path.to_owned(),
            base: Base::Absent,
            action: Action::Create { text: "text\n".to_owned() },
            format: FileFormat::default(),
            mode: None,
            made_folders: Vec::new(),
        };
        let change = ChangeSet { files: vec![file] };
        let state =
            ChangeState::Intended { change, inverse: ChangeSet::default(), undoes: None, hunks: Vec::new() };
        self.add(ItemBody::ChangeSet { id: ChangeSetId("s".into()), state })
    }

    pub fn notice(&mut self, text: &str) -> &mut Writer {
        self.add(ItemBody::Notice { level: NoticeLevel::Info, text: text.to_owned() })
    }

    pub fn end(&mut self) -> &mut Writer {
        let usage = Usage { input: 100, output: 20, ..Usage::default() };
        self.add(ItemBody::TurnEnded { status: TurnStatus::Done, usage, cost: None, message: None })
    }
}

impl Bench {
    /// A session of one turn, closed again.
    pub fn said(&self, id: &str, prompt: &str, answer: &str) {
        Writer::begin(&self.store, id).prompt(prompt).answer(answer).end();
    }

    pub fn listed(&self, query: &ListQuery) -> Vec<String> {
        self.store.list(query).unwrap().sessions.into_iter().map(|session| session.id.0).collect()
    }

    pub fn found(&self, text: &str) -> Vec<String> {
        let found = self.store.search(&SearchQuery { text: text.into(), ..SearchQuery::default() }).unwrap();
        found.hits.into_iter().map(|hit| format!("{} {}", hit.session, hit.kind.name())).collect()
    }
}
