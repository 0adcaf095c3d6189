//! What can be asked of a session about its model requests, and its board: a compaction by hand, what would be sent, what
//! was sent. Sends nothing itself but the request for a hand-over.

mod preview;
mod sent;

use crate::config::{Front, TurnConfig};
use crate::session::Session;
use crate::{Agent, AgentError, compact, turn};
use glossator_context::board_at;
use glossator_session::{
    BoardEntry, BoardSource, ContextItem, Cost, InputPart, ItemBody, RequestRecord, SessionId, TurnId,
};
use glossator_store::Sync;
use glossator_tools::BOARD_ENTRIES;

/// Bytes of a note's text.
const NOTE_BYTES: usize = 8 * 1024;
/// Characters of its title.
const TITLE_CHARS: usize = 120;
/// Turns that it is shown in at the most.
const MOST_TURNS: u32 = 50;

/// A piece of what a model is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPiece {
    /// Its layer: `instructions`, `project`, `T-3`, ...
    pub layer: String,
    /// Where it comes from: `userPrompt`, `board`, ...
    pub origin: String,
    /// Its text, as it is sent.
    pub text: String,
    /// Its tokens, as estimated.
    pub tokens: u64,
}

/// What the next request would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Who would be asked: `provider/model`.
    pub model: String,
    /// All of it, in the order in which it is sent.
    pub pieces: Vec<SentPiece>,
    /// Input tokens of the request, as estimated and corrected by what was reported before.
    pub tokens: u64,
    /// Tokens that prompt and answer may have together, where it is known.
    pub window: Option<u64>,
    /// What its input would cost without any cache, where a price is known.
    pub cost: Option<Cost>,
}

/// What a past request was.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Its turn.
    pub turn: TurnId,
    /// Its round in that turn; 0: between turns.
    pub round: u32,
    /// What was stored of it.
    pub record: RequestRecord,
    /// The body, made again from the log.
    pub body: String,
    /// Whether it is byte for byte what was sent.
    pub exact: bool,
    /// All of its prompt, in the order in which it was sent.
    pub pieces: Vec<SentPiece>,
}

/// A note for the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What it is called.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Turns it is shown in, the next one included; `None`: as the settings say.
    pub turns: Option<u32>,
}

impl Agent {
    /// Compacts the history of a session by hand: a turn of its own that can be stopped as any other.
    ///
    /// # Errors
    /// A session that runs a turn, cannot be written, or has nothing to compact.
    pub fn compact(&self, id: &SessionId, config: TurnConfig, front: Front) -> Result<TurnId, AgentError> {
        let session = self.writable(id)?;
        if !session.with_items(compact::grown) {
            return Err(AgentError::Refused(
                "there is nothing to compact: the model has said nothing since the session began or was compacted last"
                    .to_owned(),
            ));
        }
        turn::start(self.shared().clone(), session, turn::Work::Compact, (config, front))
    }

    /// What the next request of a session would be with this input. Records nothing, sends nothing.
    ///
    /// # Errors
    /// No such session, a pack or an agent of `config` that does not exist.
    pub async fn preview(
        &self,
        id: &SessionId,
        input: Vec<InputPart>,
        config: TurnConfig,
        front: Front,
    ) -> Result<Preview, AgentError> {
        let session = self.session(id)?;
        preview::preview(&session, input, config, front).await
    }

    /// What the model was sent in a round of a turn: made again from the log, and compared with what is known of what was
    /// sent. Without a turn the latest one that sent a request, without a round the latest of the turn. Blocks; may read the
    /// whole log.
    ///
    /// # Errors
    /// No such session, or no request was sent there.
    pub fn sent(
        &self,
        id: &SessionId,
        at: (Option<TurnId>, Option<u32>),
        config: &TurnConfig,
        front: &Front,
    ) -> Result<Sent, AgentError> {
        let session = self.session(id)?;
        let snapshot = session.snapshot();
        let (head, items) = match &self.shared().store {
            Ok(store) if snapshot.more => {
                let replay = store.read(id).map_err(|error| AgentError::Store(error.to_string()))?;
                (replay.head, replay.items)
            }
            _ => (session.head(), snapshot.items),
        };
        sent::sent((&head, &items), at, config, front)
    }

    /// The entries of the board that the next turn is shown, oldest first.
    ///
    /// # Errors
    /// No such session.
    pub fn board(&self, id: &SessionId) -> Result<Vec<BoardEntry>, AgentError> {
        let session = self.session(id)?;
        let turn = board_turn(&session);
        Ok(session.with_items(|items| board_at(items, turn).into_iter().cloned().collect()))
    }

    /// Puts a note of the user's on the board.
    ///
    /// # Errors
    /// No such session, one that cannot be written, or a note that says nothing.
    pub fn post(
        &self,
        id: &SessionId,
        note: NewEntry,
        config: &TurnConfig,
    ) -> Result<BoardEntry, AgentError> {
        let (title, text) = ((config.redact)(note.title.trim()), (config.redact)(note.text.trim()));
        if title.is_empty() || text.len() > NOTE_BYTES || title.chars().count() > TITLE_CHARS {
            return Err(AgentError::Refused(format!(
                "a note needs a title of at most {TITLE_CHARS} characters and a text of at most {NOTE_BYTES} bytes"
            )));
        }
        let session = self.writable(id)?;
        let begun = session.begun().is_some();
        if !begun {
            return Err(AgentError::Refused(
                "the session has not begun: send its first prompt, then post".to_owned(),
            ));
        }
        let board = self.board(id)?;
        if board.len() >= BOARD_ENTRIES {
            return Err(AgentError::Refused(format!(
                "the board is full: it has {BOARD_ENTRIES} entries, and each is sent with every prompt. Take one off first \
                 (glossator/board/remove), {} is the oldest",
                board[0].id
            )));
        }
        // Between turns an entry is posted with the turn that has ended, which is not to count.
        let shown = note.turns.unwrap_or(config.context.board_turns).clamp(1, MOST_TURNS);
        let turns = if session.running().is_some() { shown } else { shown + 1 };
        let id = session.fresh_board_id();
        let entry = BoardEntry { id, source: BoardSource::Note, title, text, key: None, bytes: 0, turns };
        self.record_board(&session, ContextItem::Posted { entry: entry.clone() })?;
        Ok(entry)
    }

    /// Takes an entry off the board.
    ///
    /// # Errors
    /// No such session, one that cannot be written, or no such entry.
    pub fn remove(&self, id: &SessionId, entry: &str) -> Result<(), AgentError> {
        let session = self.writable(id)?;
        let turn = board_turn(&session);
        let known: Vec<String> =
            session.with_items(|items| board_at(items, turn).iter().map(|entry| entry.id.clone()).collect());
        if !known.iter().any(|known| known == entry) {
            let there = if known.is_empty() {
                "it is empty".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            return Err(AgentError::Refused(format!("there is no entry '{entry}' on the board; {there}")));
        }
        self.record_board(&session, ContextItem::Removed { entry: entry.to_owned() })
    }

    fn record_board(&self, session: &Session, item: ContextItem) -> Result<(), AgentError> {
        let turn = session.running().unwrap_or(session.place().0);
        session.record(turn, ItemBody::Context(item), Sync::Now).map_err(AgentError::Store)
    }
}

/// The turn whose board is looked at: the one that runs, else the next.
fn board_turn(session: &Session) -> TurnId {
    session.running().unwrap_or(TurnId(session.place().0.0.saturating_add(1)))
}
