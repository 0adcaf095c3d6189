//! What a turn needs to know beside its prompt: how the model is asked, what may be done, and for whom it works.

use crate::presence::Seat;
use crate::spent::Budget;
use glossator_models::{Facts, Provider, Thinking};
use glossator_session::AgentId;
use glossator_tools::{ExecSetup, Mode, Policy, ReviewMode, UserPack};
use glossator_workspace::Workspace;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of a turn whose editor is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    /// The model's answer is finished; nothing more happens until an editor is back.
    #[default]
    Pause,
    /// It goes on; edits and questions wait.
    Finish,
    /// It is stopped.
    Stop,
}

/// How the history of a session is told to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum History {
    /// Whole, compacted when the window fills.
    #[default]
    Regular,
    /// Not at all: each turn is a run with a context of its own.
    OneShot,
}

impl History {
    /// As it is written in settings and in a session's head.
    pub fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::OneShot => "one-shot",
        }
    }

    /// What a session's head says; a name that is not known is told as the usual.
    pub(crate) fn named(name: &str) -> History {
        if name == Self::OneShot.name() { Self::OneShot } else { Self::Regular }
    }
}

/// How the model calls tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Calling {
    /// By scripts.
    #[default]
    Script,
    /// By the provider's own tool calls.
    Native,
    /// By either.
    Both,
}

impl Calling {
    /// As it is written in settings and in a session's head.
    pub fn name(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Native => "native",
            Self::Both => "both",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Calling> {
        [Self::Script, Self::Native, Self::Both].into_iter().find(|calling| calling.name() == name)
    }
}

/// What a turn needs to know of the settings. The model's id is sent as it stands here.
#[derive(Clone)]
pub struct TurnConfig {
    /// Who serves the model, or why nobody can be asked.
    pub provider: Result<Arc<Provider>, String>,
    /// Which model is asked, and how.
    pub request: RequestConfig,
    /// The tools of a session that begins with this turn: the slug of a pack.
    pub pack: String,
    /// The packs that the user has defined, by slug.
    pub packs: BTreeMap<String, UserPack>,
    /// What holds for this turn alone.
    pub wishes: Wishes,
    /// What may be done, and how.
    pub acts: Acts,
    /// Limits of the turn.
    pub limits: TurnLimits,
    /// Limits and surroundings of scripts.
    pub script: ScriptConfig,
    /// What the model is sent.
    pub context: ContextConfig,
    /// The other agents of a session that prompts can be routed to, by slug.
    pub agents: BTreeMap<AgentId, AgentSetup>,
    /// How the turn is kept, and kept going.
    pub keeping: Keeping,
    /// Takes known secrets out of a text.
    pub redact: Arc<dyn Fn(&str) -> String + Send + std::marker::Sync>,
}

/// What a turn may do, and how.
#[derive(Clone, Default)]
pub struct Acts {
    /// Whether scripts act, as the settings say; [`TurnConfig::turn_mode`] is what holds.
    pub mode: Mode,
    /// What may be done without asking.
    pub policy: Policy,
    /// When the user looks at edits.
    pub review: ReviewMode,
    /// How processes are run.
    pub exec: Arc<ExecSetup>,
}

/// How a turn is kept, and kept going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keeping {
    /// When the log is brought to the disk.
    pub fsync: Fsync,
    /// What becomes of the turn when its editor is gone.
    pub on_disconnect: OnDisconnect,
}

/// When a session's log is brought to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fsync {
    /// At the end of each turn.
    #[default]
    Turn,
    /// After each item.
    Item,
    /// Only where an edit needs it.
    Never,
}

/// What the model is sent, as far as it can be set.
#[derive(Clone, Default)]
pub struct ContextConfig {
    /// How a session that begins with this turn tells its history.
    pub strategy: History,
    /// Percent of the window at which history is compacted; 0: never by itself.
    pub compact_at: u8,
    /// Names of guidance files; the first that a folder has counts.
    pub guidance: Vec<String>,
    /// Bytes of guidance that are sent at the most, all files together.
    pub guidance_bytes: usize,
    /// The user's own instructions.
    pub instructions: String,
    /// The user's own guidance file, outside every workspace; it need not exist.
    pub user_guidance: Option<PathBuf>,
    /// Turns that a board entry is shown in.
    pub board_turns: u32,
    /// Whether open documents and the selection are told with each prompt.
    pub editor: bool,
    /// Who writes the hand-over of a compaction; `None`: who is asked anyway.
    pub compact_with: Option<ModelSetup>,
    /// Who makes titles; `None`: they are made by rule.
    pub title_with: Option<ModelSetup>,
}

/// A model, and how it is asked.
#[derive(Clone)]
pub struct ModelSetup {
    /// Who serves it, or why nobody can be asked.
    pub provider: Result<Arc<Provider>, String>,
    /// Which it is, and how it is asked.
    pub request: RequestConfig,
}

/// Another agent of a session.
#[derive(Clone)]
pub struct AgentSetup {
    /// Its model.
    pub model: ModelSetup,
    /// What it is told of its part.
    pub role: String,
    /// A pack that bounds its tools.
    pub pack: Option<String>,
}

/// What is asked for one turn, over what the settings say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// A pack that bounds the tools, below those of the session.
    pub pack: Option<String>,
    /// Whether scripts act.
    pub mode: Option<Mode>,
    /// The agents that answer, in this order; empty: those that the prompt begins with (`@slug`), else the session's own.
    pub agents: Vec<AgentId>,
}

/// What scripts get.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptConfig {
    /// Limits of one script.
    pub limits: glossator_script::Limits,
    /// Detached tasks of one session that may run at once.
    pub tasks: usize,
    /// Environment variables that scripts see as `context.env`. Whoever makes this chooses them: never a key.
    pub env: BTreeMap<String, String>,
}

/// Which model is asked, and how; all but the first two is optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestConfig {
    /// The model's id at its provider.
    pub model: String,
    /// How providers are reached.
    pub http: glossator_models::Config,
    /// How the model calls tools.
    pub calling: Calling,
    /// Output limit in tokens.
    pub max_output: Option<u32>,
    /// How to think.
    pub thinking: Thinking,
    /// How hard to try.
    pub effort: Option<String>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// What is known of the model.
    pub facts: Facts,
}

/// Limits of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnLimits {
    /// Model requests at the most.
    pub rounds: u32,
    /// Identical rounds in a row after which the turn is stopped.
    pub repeats: u32,
    /// How long a question waits; `None`: as long as the turn.
    pub ask: Option<Duration>,
    /// What may be spent.
    pub budget: Budget,
    /// Megabytes (2^20 bytes) of stored sessions of the workspace above which the user is told; 0: no limit.
    pub stored_mb: u64,
}

/// The connection that a turn works for.
#[derive(Clone)]
pub struct Front {
    /// Files as this connection's user sees them.
    pub workspace: Workspace,
    /// Whether the user trusts the folder.
    pub trusted: bool,
    /// Whether there is somebody to ask.
    pub interactive: bool,
    /// What the user sees in the editor, as far as it is known.
    pub editor: Option<EditorState>,
    /// The connection's place at the agent.
    pub presence: Seat,
}

/// What the user sees in the editor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditorState {
    /// The open documents.
    pub open: Vec<OpenDocument>,
    /// The one that has the focus, or had it last.
    pub active: Option<ActiveDocument>,
}

/// A document that is open in the editor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenDocument {
    /// As the editor names it.
    pub uri: String,
    /// The file it stands for, if it stands for one.
    pub path: Option<PathBuf>,
    /// Whether it holds text that is not saved.
    pub unsaved: bool,
}

/// The document that has the focus.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveDocument {
    /// As the editor names it.
    pub uri: String,
    /// The file it stands for, if it stands for one.
    pub path: Option<PathBuf>,
    /// What is selected, lines and characters from 0; an empty range is the place of the cursor.
    pub selection: Option<glossator_text::Range>,
}

impl TurnConfig {
    /// Whether scripts act in this turn.
    pub fn turn_mode(&self) -> Mode {
        self.wishes.mode.unwrap_or(self.acts.mode)
    }

    pub(crate) fn provider_slug(&self) -> &str {
        self.provider.as_ref().map_or("none", |provider| provider.slug.as_str())
    }
}
