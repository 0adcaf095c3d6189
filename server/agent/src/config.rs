//! What a turn needs to know beside its prompt: how the model is asked, what may be done, and for whom it works.

use crate::spent::Budget;
use glossator_models::{Facts, Provider, Thinking};
use glossator_tools::{ExecSetup, Mode, Policy, ReviewMode, UserPack};
use glossator_workspace::Workspace;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

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
    /// Whether scripts act, as the settings say; [`TurnConfig::turn_mode`] is what holds.
    pub mode: Mode,
    /// What may be done without asking.
    pub policy: Policy,
    /// Limits of the turn.
    pub limits: TurnLimits,
    /// How processes are run.
    pub exec: Arc<ExecSetup>,
    /// When the user looks at edits.
    pub review: ReviewMode,
    /// Limits and surroundings of scripts.
    pub script: ScriptConfig,
    /// Takes known secrets out of a text.
    pub redact: Arc<dyn Fn(&str) -> String + Send + std::marker::Sync>,
}

/// What is asked for one turn, over what the settings say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// A pack that bounds the tools, below those of the session.
    pub pack: Option<String>,
    /// Whether scripts act.
    pub mode: Option<Mode>,
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
}

impl TurnConfig {
    /// Whether scripts act in this turn.
    pub fn turn_mode(&self) -> Mode {
        self.wishes.mode.unwrap_or(self.mode)
    }

    pub(crate) fn provider_slug(&self) -> &str {
        self.provider.as_ref().map_or("none", |provider| provider.slug.as_str())
    }
}
