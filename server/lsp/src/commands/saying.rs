//! The commands for what is said while a turn runs: steer and queue, with JSON, plain or no arguments.

use super::prompts::{Said, in_place, input_of, said, start, wait};
use super::sending::{self, Way};
use crate::arguments::argument;
use crate::connection::Connection;
use crate::delivery;
use crate::prompting;
use glossator_protocol_ext::command;
use serde_json::Value;
use std::sync::Arc;

/// `glossator.queue`
pub async fn queue(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    match said(argument(first, command::QUEUE)?) {
        Said::Words(argument) => {
            if let Some(done) = in_place(connection, &argument).await {
                return done;
            }
            wait(connection, input_of(connection, argument)).await
        }
        Said::Document(uri) => match written(connection, uri, Way::Queue).await? {
            Some(done) => Ok(done),
            None => delivery::go_on(connection).await,
        },
    }
}

/// `glossator.steer`
pub async fn steer(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    match said(argument(first, command::STEER)?) {
        Said::Words(argument) => {
            if let Some(done) = in_place(connection, &argument).await {
                return done;
            }
            start(connection, input_of(connection, argument)).await
        }
        Said::Document(uri) => match written(connection, uri, Way::Steer).await? {
            Some(done) => Ok(done),
            None => prompting::open(connection, None, command::STEER).await,
        },
    }
}

/// Sends what is written in the prompt document `uri`; without one in the document that is meant, if there is one. `None`:
/// nothing is written there.
async fn written(
    connection: &Arc<Connection>,
    uri: Option<String>,
    way: Way,
) -> Result<Option<Value>, String> {
    match uri.is_some() || prompting::meant(connection, None).is_ok() {
        true => sending::written(connection, uri, way).await,
        false => Ok(None),
    }
}
