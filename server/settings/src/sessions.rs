//! What can be set about sessions, their context, the core process and the agents of a session. Doc comments are the text
//! of the generated JSON schema.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sessions are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsSettings {
    /// When the log is brought to the disk: at the end of each `turn`, after each `item`, or `never` by us. Intents and
    /// inverses of edits always are, before their effect.
    pub fsync: FsyncSetting,
    /// Days after which archived sessions may be deleted by `glossator sessions tidy`; 0: never. Nothing is deleted unasked.
    pub keep_days: u32,
    /// Megabytes (2^20 bytes) of stored sessions of one workspace above which the user is told; 0: no limit.
    pub max_mb: u64,
    /// The model that makes titles, `provider/model id`; without one they are taken from the first prompt.
    pub title_model: Option<String>,
}

/// When a session's log is brought to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum FsyncSetting {
    /// At the end of each turn.
    #[default]
    Turn,
    /// After each item.
    Item,
    /// Only where an edit needs it.
    Never,
}

/// What the model is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ContextSettings {
    /// How a new session tells its history: `regular` (whole, compacted when the window fills) or `one-shot` (each prompt
    /// begins with a context of its own; `glossator run` works so).
    pub strategy: History,
    /// Percent of the model's window at which history is compacted; 0: never by itself.
    pub compact_at: u8,
    /// The model that writes the hand-over of a compaction, `provider/model id`; without one the session's own.
    pub compact_model: Option<String>,
    /// Names of guidance files, of which the first that a folder has counts.
    pub guidance: Vec<String>,
    /// Guidance that is sent at the most, all files together, in units of 2^10 bytes.
    pub guidance_kb: usize,
    /// Instructions of yours, for every session.
    pub instructions: String,
    /// Turns that an entry of the announcement board is shown in.
    pub board_turns: u32,
    /// Whether the open documents and the selection are told with each prompt.
    pub editor: bool,
}

impl Default for ContextSettings {
    fn default() -> Self {
        ContextSettings {
            strategy: History::default(),
            compact_at: 85,
            compact_model: None,
            guidance: ["AGENTS.override.md", "AGENTS.md", "CLAUDE.md"].map(str::to_owned).into(),
            guidance_kb: 32,
            instructions: String::new(),
            board_turns: 5,
            editor: true,
        }
    }
}

/// The process that serves all editors of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoreSettings {
    /// What becomes of a turn whose editor is gone: `pause` (the model's answer is finished, nothing more happens until an
    /// editor is back), `finish` (only edits and questions wait) or `stop`.
    pub on_disconnect: OnDisconnect,
    /// Seconds for which the core stays after its last editor, turn and task.
    pub linger_s: u64,
}

impl Default for CoreSettings {
    fn default() -> Self {
        CoreSettings { on_disconnect: OnDisconnect::default(), linger_s: 60 }
    }
}

pub use glossator_agent::{History, OnDisconnect};

/// An agent that prompts can be routed to with `@slug`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct AgentSettings {
    /// Its model: `provider/model id` or the slug of a `[models.slug]` section.
    pub model: String,
    /// What it is told of its part, in a sentence or two.
    pub role: String,
    /// A pack that bounds its tools.
    pub pack: Option<String>,
}
