//! The commands for what is said while a turn runs: steer and queue, with JSON, plain or no arguments.

use super::prompts::{enqueue, in_place, input_of, start};
use super::sending::{self, Way};
use crate::arguments::argument;
use crate::connection::Connection;
use crate::delivery;
use crate::mentions;
use crate::prompting;
use glossator_protocol_ext::command;
use serde_json::Value;
use std::sync::Arc;

/// `glossator.queue`
pub async fn queue(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    if let Some(argument) = argument(first, command::QUEUE)? {
        if let Some(done) = in_place(connection, &argument).await {
            return done;
        }
        let input = input_of(connection, argument);
        let input = mentions::resolved(connection, input).await;
        let session = connection.current_session().map_err(|error| error.to_string())?;
        return enqueue(connection, &session, input).await;
    }
    if prompting::meant(connection, None).is_ok()
        && let Some(done) = sending::written(connection, None, Way::Queue).await?
    {
        return Ok(done);
    }
    delivery::go_on(connection).await
}

/// `glossator.steer`
pub async fn steer(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    if let Some(argument) = argument(first, command::STEER)? {
        if let Some(done) = in_place(connection, &argument).await {
            return done;
        }
        return start(connection, input_of(connection, argument)).await;
    }
    if prompting::meant(connection, None).is_ok()
        && let Some(done) = sending::written(connection, None, Way::Steer).await?
    {
        return Ok(done);
    }
    prompting::open(connection, None, command::STEER).await
}
