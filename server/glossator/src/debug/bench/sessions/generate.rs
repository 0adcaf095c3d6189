//! Sessions as long work makes them, written through the store: prompts, answers with scripts, calls with outputs of usual
//! sizes, edits with their hunks, and a compaction each time that a window of 200,000 tokens would be nearly full.

use super::words;
use glossator_context::{LedgerWords, ledger};
use glossator_session::{
    CallId, ChangeState, Compaction, CompactionCause, ContextItem, HunkId, HunkPart, HunkPlace, HunkRecord,
    HunkVerdict, InputPart, Item, ItemBody, ItemId, Ledger, RequestRecord, ReviewedBy, SystemPart, ToolCall,
    ToolOutput, TurnId, TurnStatus, Usage,
};
use glossator_store::{SessionHead, SessionLog, Store, Sync};
use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat, Replacement, text_hash};
use serde_json::json;
use std::path::PathBuf;

/// Bytes of text that the model is sent until history is compacted: 85 % of 200,000 tokens of four bytes.
const WINDOW: usize = 680_000;
/// Model requests of a turn.
const ROUNDS: u32 = 8;
/// The words that texts are made of; few of them often, most of them seldom.
const WORDS: [&str; 20] = [
    "parser", "index", "session", "walrus", "retry", "socket", "timeout", "buffer", "cursor", "render",
    "config", "patch", "hunk", "review", "token", "window", "prompt", "answer", "test", "build",
];

/// The header of a session, with layers as long as ours are.
pub(super) fn head(id: &str) -> SessionHead {
    let layer =
        |layer: &str, bytes: usize| SystemPart { layer: layer.to_owned(), text: "words ".repeat(bytes / 6) };
    SessionHead {
        id: id.into(),
        title: String::new(),
        created_at: 1_795_181_067_947,
        model: "scripted/m".to_owned(),
        pack: "core".to_owned(),
        tools: Vec::new(),
        calling: String::new(),
        parent: None,
        strategy: String::new(),
        layers: vec![layer("instructions", 4_000), layer("toolReference", 5_200), layer("environment", 600)],
    }
}

/// A session while it is made up: always the same one.
#[derive(Default)]
pub(super) struct Plot {
    next: u64,
    random: u64,
    /// Items since the last compaction, and bytes of them that a model is sent.
    live: Vec<Item>,
    sent: usize,
    sets: u64,
    pub compactions: u64,
    known: Option<Ledger>,
}

impl Plot {
    pub fn item(&mut self, turn: u32, round: u32, body: ItemBody) -> Item {
        self.next += 1;
        let at = 1_795_181_067_947 + self.next as i64 * 900;
        Item { id: ItemId(self.next), turn: TurnId(turn), round, at, agent: None, body }
    }

    fn below(&mut self, end: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as usize % end.max(1)
    }

    /// Text of about so many bytes, in lines as code has them.
    pub fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 40);
        while text.len() < bytes {
            let rank = 20_000 / (1 + self.below(20_000)) - 1;
            let word = WORDS[rank % WORDS.len()];
            if rank < WORDS.len() {
                text.push_str(word)
            } else {
                text.push_str(&format!("{word}{rank}"))
            }
            text.push(if self.below(9) == 0 { '\n' } else { ' ' });
        }
        text
    }

    fn put(&mut self, log: &mut SessionLog, item: Item) -> Result<(), String> {
        log.append(&item, Sync::No).map_err(words)?;
        self.live.push(item);
        Ok(())
    }

    /// One turn at the end of `log`.
    pub fn turn(&mut self, log: &mut SessionLog, turn: u32) -> Result<(), String> {
        let text = self.text(240);
        let input = vec![InputPart::Text { text }];
        let prompt = self.item(turn, 0, ItemBody::UserMessage { input, to: Vec::new(), queued: None });
        self.put(log, prompt)?;
        for round in 1..=ROUNDS {
            if self.sent > WINDOW {
                self.compact(log, (turn, round))?;
            }
            self.round(log, (turn, round))?;
        }
        let usage = Usage { input: 90_000, output: 4_000, ..Usage::default() };
        let end = ItemBody::TurnEnded { status: TurnStatus::Done, usage, cost: None, message: None };
        let end = self.item(turn, ROUNDS, end);
        self.put(log, end)
    }

    fn round(&mut self, log: &mut SessionLog, place: (u32, u32)) -> Result<(), String> {
        let (script, source) = (CallId(format!("S{}-{}", place.0, place.1)), self.text(500));
        let said = self.text(250);
        let answer = format!("{said}\n<tool-calls>\n{source}\n</tool-calls>\n");
        self.sent += answer.len();
        let mut bodies = vec![ItemBody::Answer { text: answer, raw: None }];
        let record = RequestRecord {
            model: "scripted/m".to_owned(),
            wire: "messages".to_owned(),
            parameters: json!({ "upto": self.next }),
            hash: text_hash(&said),
            bytes: self.sent as u64,
            ..RequestRecord::default()
        };
        bodies.push(ItemBody::Context(ContextItem::Request(Box::new(record))));
        bodies.push(ItemBody::Script { id: script.clone(), source });
        for number in 1..=3 {
            let call = CallId(format!("{script}.{number}"));
            let (name, bytes) = if number == 3 { ("exec", 2_500) } else { ("readFile", 8_000) };
            let bytes = bytes / 4 + self.below(bytes * 3 / 2);
            let arguments = json!({ "path": format!("src/module_{}/file.rs", self.below(90)) });
            let tool = ToolCall { id: call.clone(), name: name.into(), arguments };
            bodies.push(ItemBody::ToolCall { call: tool, script: Some(script.clone()) });
            let value = json!({ "text": self.text(bytes), "startLine": 1, "totalLines": 300 });
            let outcome = Ok(ToolOutput { value, summary: "300 lines".to_owned() });
            bodies.push(ItemBody::ToolOutput { call, outcome, millis: 3 });
        }
        if self.below(3) == 0 {
            bodies.extend(self.edit());
        }
        let bytes = 2_000 + self.below(8_000);
        let text = format!("<tool-results>\n{}\n</tool-results>", self.text(bytes));
        self.sent += text.len();
        bodies.push(ItemBody::ScriptOutput { script, text, ok: true });
        for body in bodies {
            let item = self.item(place.0, place.1, body);
            self.put(log, item)?;
        }
        Ok(())
    }

    /// An edit of some lines that the user keeps.
    fn edit(&mut self) -> [ItemBody; 3] {
        self.sets += 1;
        let path = PathBuf::from(format!("/project/src/module_{}/file.rs", self.below(90)));
        let (old, new) = (self.text(200), self.text(260));
        let (above, below) = (self.text(120), self.text(120));
        let base = Base::Disk { hash: text_hash(&old) };
        let edits = vec![Replacement { start: 4_000, old: old.clone(), new: new.clone() }];
        let action = Action::Update { edits, move_to: None };
        let change =
            ChangeSet { files: vec![FileChange::new(path.clone(), base, action, FileFormat::of_text("\n"))] };
        let inverse = change.inverse(|_| Some(text_hash(&new)));
        let record = HunkRecord {
            id: HunkId(format!("C{}.1", self.sets)),
            path,
            part: HunkPart::Lines,
            base: old,
            place: HunkPlace { text: text_hash(&new), start: 4_000, line: Some(120), above, below },
            proposed: new,
            current: None,
            verdict: None,
        };
        let kept = HunkRecord { verdict: Some(HunkVerdict::Kept), ..record.clone() };
        let id = glossator_session::ChangeSetId(format!("C{}", self.sets));
        [
            ChangeState::Intended { change, inverse, undoes: None, hunks: vec![record] },
            ChangeState::Committed,
            ChangeState::Reviewed { hunks: vec![kept], by: ReviewedBy::User },
        ]
        .map(|state| ItemBody::ChangeSet { id: id.clone(), state })
    }

    fn compact(&mut self, log: &mut SessionLog, (turn, round): (u32, u32)) -> Result<(), String> {
        let words = LedgerWords {
            path: &|path| path.display().to_string(),
            redact: &|text| text.to_owned(),
            folders: &[],
        };
        let known = ledger(self.known.as_ref(), &self.live, &words);
        let compaction = Compaction {
            cause: CompactionCause::Window,
            summary: Some(self.text(6_000)),
            ledger: known.clone(),
            prompt: vec![InputPart::Text { text: self.text(240) }],
            to: Vec::new(),
            board: Vec::new(),
            told: Vec::new(),
            layers: Vec::new(),
            tokens_before: 170_000,
            tokens_after: 9_000,
        };
        self.live.clear();
        let body = ItemBody::Context(ContextItem::Compaction(Box::new(compaction)));
        let item = self.item(turn, round, body);
        self.put(log, item)?;
        self.known = Some(known);
        self.sent = 30_000;
        self.compactions += 1;
        Ok(())
    }
}

/// Makes a session of about so many bytes of log; gives its turns and compactions.
pub(super) fn long(store: &Store, id: &str, bytes: u64) -> Result<(u32, u64), String> {
    let mut log = store.create(&head(id)).map_err(words)?;
    let path = store.folder().join("sessions").join(id).join("log.jsonl");
    let mut plot = Plot::default();
    let mut turn = 0;
    while std::fs::metadata(&path).map_err(words)?.len() < bytes {
        turn += 1;
        plot.turn(&mut log, turn)?;
    }
    Ok((turn, plot.compactions))
}

/// Makes a short session of three turns without tools.
pub(super) fn short(store: &Store, id: &str, seed: u64) -> Result<(), String> {
    let mut log = store.create(&head(id)).map_err(words)?;
    let mut plot = Plot { random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), ..Plot::default() };
    for turn in 1..=3 {
        let (asked, said) = (plot.text(90), plot.text(600));
        let end = ItemBody::TurnEnded {
            status: TurnStatus::Done,
            usage: Usage::default(),
            cost: None,
            message: None,
        };
        for body in [
            ItemBody::UserMessage {
                input: vec![InputPart::Text { text: asked }],
                to: Vec::new(),
                queued: None,
            },
            ItemBody::Answer { text: said, raw: None },
            end,
        ] {
            let item = plot.item(turn, 1, body);
            log.append(&item, Sync::No).map_err(words)?;
        }
    }
    Ok(())
}
