//! What the rounds of one turn share, and what is another for another agent of the session.

use crate::AgentError;
use crate::attending::Attending;
use crate::config::{AgentSetup, Front, ModelSetup, TurnConfig};
use crate::recorder::Recorder;
use crate::session::Session;
use crate::shared::Shared;
use crate::toolset::Toolset;
use glossator_session::{AgentId, ContextItem, EventKind, ItemBody, NoticeLevel, TurnId, TurnStatus};
use glossator_store::Sync;
use glossator_tools::Dispatcher;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// How a turn, or the part of one agent in it, ended.
pub(crate) type Ended = (TurnStatus, Option<String>);

/// All that the rounds of a turn share.
pub(crate) struct Running {
    pub shared: Arc<Shared>,
    pub session: Arc<Session>,
    pub turn: TurnId,
    pub cancel: CancellationToken,
    /// Of the agent that is at work: who is asked, and how.
    pub config: TurnConfig,
    pub dispatcher: Arc<Dispatcher>,
    pub recorder: Arc<Recorder>,
    pub attending: Arc<Attending>,
    pub toolset: Toolset,
    pub front: Front,
}

impl Running {
    /// Which of the session's agents is at work; `None`: its own.
    pub fn agent(&self) -> Option<&AgentId> {
        self.recorder.agent.as_ref()
    }

    /// Who is asked.
    pub fn model(&self) -> ModelSetup {
        ModelSetup { provider: self.config.provider.clone(), request: self.config.request.clone() }
    }

    /// The same turn with another agent of the session at work.
    pub fn with(&self, agent: &AgentId, setup: &AgentSetup) -> Result<Running, AgentError> {
        let mut config = TurnConfig { provider: setup.model.provider.clone(), ..self.config.clone() };
        // The way to call tools stands in the layers that all agents share.
        let calling = config.request.calling;
        config.request = crate::config::RequestConfig { calling, ..setup.model.request.clone() };
        let toolset = match &setup.pack {
            Some(pack) => self.toolset.bounded(pack, &config)?,
            None => self.toolset.clone(),
        };
        let recorder = Arc::new(self.recorder.of(agent));
        let of = &self.dispatcher;
        let dispatcher = Arc::new(Dispatcher {
            registry: toolset.registry.clone(),
            turn: recorder.clone(),
            journal: recorder.clone(),
            reach: of.reach.clone(),
            exec: of.exec.clone(),
            review: of.review,
            commit_lock: of.commit_lock.clone(),
            policy: of.policy,
            trusted: of.trusted,
            mode: of.mode,
            tasks: of.tasks.clone(),
            outstanding: of.outstanding.clone(),
        });
        Ok(Running {
            shared: self.shared.clone(),
            session: self.session.clone(),
            turn: self.turn,
            cancel: self.cancel.clone(),
            config,
            dispatcher,
            recorder,
            attending: self.attending.clone(),
            toolset,
            front: self.front.clone(),
        })
    }

    /// Records an item of the turn. A log that cannot be written has been reported by `store`.
    pub fn record(&self, body: ItemBody) {
        let _ = self.recorder.store(body, Sync::No);
    }

    pub fn record_context(&self, item: ContextItem) {
        self.record(ItemBody::Context(item));
    }

    /// Tells the user something that is kept.
    pub fn notice(&self, level: NoticeLevel, text: String) {
        self.record(ItemBody::Notice { level, text });
    }

    /// Tells the user something to know now.
    pub fn say(&self, level: NoticeLevel, text: String) {
        self.recorder.emit(EventKind::Notice { level, text });
    }
}
