//! What the rounds of one turn share.

use crate::config::TurnConfig;
use crate::recorder::Recorder;
use crate::session::Session;
use crate::shared::Shared;
use crate::toolset::Toolset;
use glossator_session::TurnId;
use glossator_tools::Dispatcher;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// All that the rounds of a turn share.
pub(crate) struct Running {
    pub shared: Arc<Shared>,
    pub session: Arc<Session>,
    pub turn: TurnId,
    pub cancel: CancellationToken,
    pub config: TurnConfig,
    pub dispatcher: Arc<Dispatcher>,
    pub recorder: Arc<Recorder>,
    pub toolset: Toolset,
}
