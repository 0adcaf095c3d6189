//! The turn as tools and dispatch see it: the `Turn` and `Journal` ports over a session.

use crate::asks;
use crate::desk_ports::{self, Desk};
use crate::looks;
use crate::quoted::Given;
use crate::secrets::without_secrets;
use crate::session::Session;
use futures::future::BoxFuture;
use glossator_session::{
    AgentId, Answer, Ask, AskId, BoardEntry, ChangeSetId, ChangeState, ContextItem, EventKind, FileKey,
    Grant, ItemBody, NoticeLevel, PlanStep, TurnId,
};
use glossator_store::Sync;
use glossator_tools::{Cabinet, FileTexts, Journal, Turn};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Characters of a kept text that say what it is.
const WHAT_CHARS: usize = 80;

/// One turn of `session`, or what is done to it outside any turn (undo).
pub(crate) struct Recorder {
    pub session: Arc<Session>,
    pub turn: TurnId,
    /// Which of the session's agents is at work; `None`: its own.
    pub agent: Option<AgentId>,
    /// Whether a person is there to be asked.
    pub interactive: bool,
    /// How long a question waits; `None`: as long as its turn.
    pub ask_timeout: Option<Duration>,
    /// Whether its edits are kept at once, by policy.
    pub keeps: bool,
    /// Whether the user accepts edits before they are made: what is made is kept then.
    pub asked_before: bool,
    /// What scripts of the turn got and the log does not hold whole.
    pub given: Arc<Mutex<Given>>,
    /// Cabinet and board.
    pub desk: Desk,
    /// Takes known secrets out of a text.
    pub redact: Arc<dyn Fn(&str) -> String + Send + std::marker::Sync>,
}

impl Recorder {
    /// For what is done to the edits of a turn outside of it.
    pub fn outside_turns(session: Arc<Session>, turn: TurnId) -> Recorder {
        Recorder {
            session,
            turn,
            agent: None,
            interactive: false,
            ask_timeout: None,
            keeps: false,
            asked_before: false,
            given: Default::default(),
            desk: Desk::default(),
            redact: Arc::new(str::to_owned),
        }
    }

    /// Stores an item of this turn; keys that settings name never reach the log. A log that cannot be written is reported
    /// to the user by the session, so callers that can go on without it may.
    pub fn store(&self, body: ItemBody, sync: Sync) -> Result<(), String> {
        self.session.record_by(self.agent.as_ref(), self.turn, (self.without_secrets(body), sync))
    }

    /// Keeps a text under a key and records that; `prompt`: it is the prompt of this turn.
    pub fn keep_as(&self, text: &str, what: String, prompt: bool) -> Result<FileKey, String> {
        let text = (self.redact)(text);
        let key = self.session.kept.keep(&text)?;
        let kept = ContextItem::Kept { key: key.clone(), what, bytes: text.len() as u64, prompt };
        // A log that cannot be written has been reported by `store`.
        let _ = self.store(ItemBody::Context(kept), Sync::No);
        Ok(key)
    }

    /// The same turn as another agent of the session records it.
    pub fn of(&self, agent: &AgentId) -> Recorder {
        Recorder {
            session: self.session.clone(),
            turn: self.turn,
            agent: Some(agent.clone()),
            interactive: self.interactive,
            ask_timeout: self.ask_timeout,
            keeps: self.keeps,
            asked_before: self.asked_before,
            given: self.given.clone(),
            desk: self.desk.clone(),
            redact: self.redact.clone(),
        }
    }

    /// `body` without known secrets.
    pub fn without_secrets(&self, body: ItemBody) -> ItemBody {
        without_secrets(body, &*self.redact)
    }

    pub fn emit(&self, kind: EventKind) {
        self.session.emit(Some(self.turn), kind);
    }
}

impl Turn for Recorder {
    fn record(&self, body: ItemBody) -> Result<(), String> {
        self.store(body, Sync::No)
    }

    fn delta(&self, stream: &str, text: &str) {
        self.session.delta(self.turn, stream, &(self.redact)(text));
    }

    fn given(&self, value: &Value) {
        self.given.lock().add(value);
    }

    fn redact(&self, text: &str) -> String {
        (self.redact)(text)
    }

    fn ask<'a>(
        &'a self,
        ask: Ask,
        keys: &'a [String],
        cancel: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let id = ask.id.clone();
            let receiver = self.session.asks.open(self.turn, ask.clone(), keys);
            // Whatever ends this future, the question does not stay open behind it.
            let _withdraw = Withdraw { session: &self.session, id: &id };
            let too_late = self.ask_timeout.map(|limit| (limit, asks::too_late(&ask.subject)));
            let saved = ask.grants.contains(&Grant::Exact);
            self.emit(EventKind::Ask { ask: Box::new(ask) });
            for key in keys {
                if self.granted(std::slice::from_ref(key), saved) {
                    // The allow came between the look at it and this question.
                    self.session.asks.granted(key);
                }
            }
            let answer = asks::wait(receiver, cancel, too_late).await;
            self.emit(EventKind::AskResolved { id: id.clone(), answer: answer.clone() });
            answer
        })
    }

    fn can_ask(&self) -> bool {
        self.interactive
    }

    fn fresh_ask_id(&self) -> AskId {
        self.session.fresh_ask_id()
    }

    fn granted(&self, keys: &[String], saved: bool) -> bool {
        self.session.granted(keys) || saved && self.desk.is_allowed(keys)
    }

    fn grant(&self, grant: Grant, key: &str, what: &str) {
        let what = (self.redact)(what);
        if matches!(grant, Grant::Exact | Grant::Prefix) {
            match self.desk.allow(key, &what) {
                Ok(()) => return self.session.asks.granted(key),
                Err(why) => {
                    let text = format!(
                        "What you always allow could not be saved ({why}): it holds for this session."
                    );
                    // A log that cannot be written has been reported by `store`.
                    let _ = self.store(ItemBody::Notice { level: NoticeLevel::Warning, text }, Sync::No);
                }
            }
        }
        self.session.grant(key, &what);
    }

    fn keep(&self, text: &str) -> Result<FileKey, String> {
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        self.keep_as(text, first.chars().take(WHAT_CHARS).collect(), false)
    }

    fn kept(&self, key: &FileKey) -> Result<String, String> {
        self.session.kept.read(key)
    }

    fn touched(&self) -> Vec<PathBuf> {
        self.session.touched()
    }

    fn cabinet(&self) -> Result<Arc<dyn Cabinet>, String> {
        self.desk.cabinet(self.session.id())
    }

    fn board(&self) -> Vec<BoardEntry> {
        desk_ports::board(&self.session, self.turn)
    }

    fn fresh_board_id(&self) -> String {
        self.session.fresh_board_id()
    }

    fn board_turns(&self) -> u32 {
        self.desk.board_turns
    }

    fn plan(&self) -> Vec<PlanStep> {
        self.session.plan()
    }

    fn stored(&self) -> Map<String, Value> {
        self.session.stored()
    }
}

struct Withdraw<'a> {
    session: &'a Session,
    id: &'a AskId,
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        self.session.asks.withdraw(self.id);
    }
}

impl Journal for Recorder {
    fn fresh_change_id(&self) -> ChangeSetId {
        self.session.fresh_change_id()
    }

    fn change(&self, id: &ChangeSetId, state: ChangeState) -> Result<(), String> {
        let sync = match state {
            ChangeState::Intended { .. } => Sync::Now,
            _ => Sync::No,
        };
        let body = ItemBody::ChangeSet { id: id.clone(), state };
        self.session.record_by(self.agent.as_ref(), self.turn, (body, sync))
    }

    fn user_is_asked(&self) -> bool {
        !self.session.asks.pending(self.session.id()).is_empty()
    }

    fn committed(&self, id: &ChangeSetId, files: Vec<FileTexts>) {
        looks::committed(&self.session, id, &files, self.keeps || self.asked_before);
    }

    fn adopted(&self, id: &ChangeSetId, files: Vec<FileTexts>) {
        looks::committed(&self.session, id, &files, self.keeps);
    }

    fn announce(&self, id: &ChangeSetId, state: &str, files: Vec<String>) {
        self.emit(EventKind::ChangeSet { id: id.clone(), state: state.to_owned(), files });
    }
}
