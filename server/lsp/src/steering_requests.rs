//! The requests of clients that opted in about what is said while a turn runs: `glossator/turn/start`, `steer`, `queue`,
//! `queued`, `unqueue`.

use crate::auth;
use crate::blocking::with_agent;
use crate::convert;
use crate::delivery;
use crate::mentions;
use crate::present::follow;
use crate::seen;
use crate::server::Server;
use crate::sessions::requests::turn;
use crate::slash;
use crate::words::failed;
use glossator_agent::AgentError;
use glossator_protocol_ext as ext;
use glossator_session::{InputPart, SessionId};
use tower_lsp::jsonrpc::{Error, Result};

impl Server {
    /// `glossator/turn/start`
    pub async fn turn_start(&self, params: ext::StartTurnParams) -> Result<ext::StartTurnResult> {
        let connection = &self.connection;
        let _in_order = connection.in_order().await;
        let wishes = delivery::wishes(&params);
        if wishes.pack.is_some() {
            self.registry(wishes.pack.clone()).await?;
        }
        let id = SessionId(params.session_id);
        let input = self.said(&id, params.input).await?;
        let editor = seen::state(connection, params.editor).await;
        let turn = delivery::start(connection, &id, input, (wishes, editor)).await;
        let turn = match turn {
            Ok(turn) => turn,
            Err(error) => return Err(auth::failure(connection, &id, error).await),
        };
        connection.set_current(id);
        Ok(ext::StartTurnResult { turn_id: turn.to_string() })
    }

    /// `glossator/turn/steer`
    pub async fn turn_steer(&self, params: ext::SteerTurnParams) -> Result<ext::SteerTurnResult> {
        let connection = &self.connection;
        let _in_order = connection.in_order().await;
        let meant = turn(params.turn_id)?;
        let id = SessionId(params.session_id);
        let input = self.said(&id, params.input).await?;
        let steered = match delivery::steer(connection, &id, meant, input).await {
            Ok(steered) => steered,
            Err(error) => return Err(auth::failure(connection, &id, error).await),
        };
        connection.set_current(id);
        Ok(ext::SteerTurnResult { turn_id: steered.turn.to_string(), started: steered.started })
    }

    /// `glossator/turn/queue`
    pub async fn turn_queue(&self, params: ext::StartTurnParams) -> Result<ext::QueueTurnResult> {
        let connection = &self.connection;
        let _in_order = connection.in_order().await;
        let wishes = delivery::wishes(&params);
        if wishes.pack.is_some() {
            self.registry(wishes.pack.clone()).await?;
        }
        let id = SessionId(params.session_id);
        let input = self.said(&id, params.input).await?;
        let queued = delivery::queue(connection, &id, input, wishes).await.map_err(failed)?;
        let missing = match &queued.waits {
            Some(why) => auth::missing(connection, &id, why).await,
            None => None,
        };
        connection.set_current(id);
        Ok(ext::QueueTurnResult {
            missing,
            id: queued.id,
            position: queued.position,
            turn_id: queued.turn.map(|turn| turn.to_string()),
            waits: queued.waits,
        })
    }

    /// `glossator/turn/queued`
    pub async fn turn_queued(&self, params: ext::ListQueuedParams) -> Result<ext::ListQueuedResult> {
        let id = SessionId(params.session_id);
        let queue = with_agent(&self.connection, move |agent| agent.queued(&id)).await.map_err(failed)?;
        let prompts = queue.prompts.iter().map(convert::queued).collect();
        Ok(ext::ListQueuedResult { prompts, waits: queue.waits })
    }

    /// `glossator/turn/unqueue`
    pub async fn turn_unqueue(&self, params: ext::UnqueueTurnParams) -> Result<ext::UnqueueTurnResult> {
        let _in_order = self.connection.in_order().await;
        let (id, prompt) = (SessionId(params.session_id), params.id);
        let taken = with_agent(&self.connection, move |agent| agent.unqueue(&id, &prompt)).await;
        let taken = taken.map_err(|error| match error {
            AgentError::Refused(why) => Error::invalid_params(why),
            other => failed(other),
        })?;
        let removed = taken.is_some();
        Ok(ext::UnqueueTurnResult { removed, input: taken.iter().flatten().map(convert::input).collect() })
    }

    /// What a client sends to a session, with what it mentions. A command that a person wrote in place of a prompt is not
    /// sent.
    async fn said(&self, id: &SessionId, input: Vec<ext::Input>) -> Result<Vec<InputPart>> {
        let connection = &self.connection;
        let input = connection.input(input).map_err(Error::invalid_params)?;
        follow(connection, id).await;
        if !connection.is_interactive() {
            return Ok(input);
        }
        if let [InputPart::Text { text }] = input.as_slice()
            && let Some(run) = slash::of(text).map_err(failed)?
        {
            return Err(slash::refusal(&run));
        }
        Ok(mentions::resolved(connection, input).await)
    }
}
