//! The turn that is being rendered: what the user sent in it, for whom, and whether its plan waits.

use crate::addressed::{addresses, joined};
use glossator_session::{AgentId, FileKey, InputPart, TurnId};

/// The turn that is being rendered.
pub(super) struct Turn {
    pub id: TurnId,
    /// All that the user sent in it up to here.
    pub prompt: Vec<InputPart>,
    /// Whom it is for.
    pub to: Vec<AgentId>,
    /// Whether the reader is one of them.
    pub ours: bool,
    /// The key of the whole prompt, where it is kept.
    pub key: Option<FileKey>,
    pub ended: bool,
    /// Whether the user sent anything or anybody answered: only of such a turn it is told how it ended.
    pub lively: bool,
}

impl Turn {
    pub fn new(id: TurnId, ours: bool) -> Turn {
        Turn { id, prompt: Vec::new(), to: Vec::new(), ours, key: None, ended: false, lively: false }
    }

    /// Takes in what the user says: who it names is among those whom the turn is for from then on.
    pub fn hear(&mut self, input: &[InputPart], to: &[AgentId], reader: Option<&AgentId>) {
        self.to = if self.lively { joined(&self.to, to) } else { to.to_vec() };
        self.ours = addresses(&self.to, reader);
        self.lively = true;
        self.prompt.extend(input.iter().cloned());
    }

    /// A turn that goes on behind a compaction; one without a prompt was made for it.
    pub fn resumed(id: TurnId, (prompt, to): (&[InputPart], &[AgentId]), ours: bool) -> Turn {
        Turn { prompt: prompt.to_vec(), to: to.to_vec(), lively: !prompt.is_empty(), ..Turn::new(id, ours) }
    }
}

/// Whether the plan waits to be brought up to date.
#[derive(Default)]
pub(super) struct PlanWatch {
    pub open: bool,
    /// Rounds with calls since it changed.
    pub rounds: u32,
}
