//! The commands that send prompts, with JSON, plain or no arguments.

use crate::arguments::argument;
use crate::connection::Connection;
use crate::convert;
pub(super) use crate::delivery::{deliver, enqueue};
use crate::mentions;
use crate::prompt_document::About;
use crate::prompting;
use crate::slash;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::InputPart;
use serde_json::Value;
use std::sync::Arc;

/// `glossator.ask`
pub async fn ask(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let Some(argument) = argument(first, command::ASK)? else {
        return Err("Say what should be done: glossator.ask takes the prompt as its argument. Where the editor cannot pass \
                    one, select some text and run the code action 'Edit with Glossator…'."
            .to_owned());
    };
    if let Some(done) = in_place(connection, &argument).await {
        return done;
    }
    start(connection, input_of(connection, argument)).await
}

/// `glossator.edit`
pub async fn edit(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let Some(argument) = argument::<ext::EditArgument>(first, command::EDIT)? else {
        return prompting::open(connection, None, command::SEND).await;
    };
    let range = convert::ext_range(argument.range);
    match argument.text.filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            let mention = connection.mention(&argument.uri, Some(range));
            start(connection, vec![InputPart::Text { text }, mention]).await
        }
        None => prompting::open(connection, Some(About { uri: argument.uri, range }), command::SEND).await,
    }
}

/// Runs the command that was written in place of a prompt (`/compact`); `None`: it is a prompt.
pub(super) async fn in_place(
    connection: &Arc<Connection>,
    argument: &ext::AskArgument,
) -> Option<Result<Value, String>> {
    let ext::AskArgument::Text(text) = argument else { return None };
    let run = match slash::of(text).transpose()? {
        Ok(run) => run,
        Err(why) => return Some(Err(why)),
    };
    match super::named(run.command) {
        Some(row) => Some(row(connection, run.argument).await),
        None => Some(Err(format!("There is no command {}.", run.command))),
    }
}

/// What the argument of a command says.
pub(super) fn input_of(connection: &Connection, argument: ext::AskArgument) -> Vec<InputPart> {
    match argument {
        ext::AskArgument::Text(text) => vec![InputPart::Text { text }],
        ext::AskArgument::Full { text, uri, range } => {
            let mut input = vec![InputPart::Text { text }];
            input.extend(uri.map(|uri| connection.mention(&uri, range.map(convert::ext_range))));
            input
        }
    }
}

/// Starts a turn of the session that the client works in, or adds to the one that runs; with what is mentioned.
pub(super) async fn start(connection: &Arc<Connection>, input: Vec<InputPart>) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    let input = mentions::resolved(connection, input).await;
    deliver(connection, &session, input).await
}
