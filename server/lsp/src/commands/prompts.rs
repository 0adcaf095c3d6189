//! The commands that send prompts, with JSON, plain or no arguments.

use crate::arguments::argument;
use crate::connection::Connection;
use crate::convert;
use crate::delivery;
pub(super) use crate::delivery::{deliver, enqueue};
use crate::prompt_document::About;
use crate::prompting;
use crate::slash;
use crate::words::cut;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::InputPart;
use serde_json::Value;
use std::sync::Arc;

/// Characters of a command that is named in an error.
const SHOWN: usize = 60;

/// `glossator.ask`
pub async fn ask(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let Said::Words(argument) = said(argument(first, command::ASK)?) else {
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

/// What a command is given to be said.
pub(super) enum Said {
    /// Words, and what they are about.
    Words(ext::AskArgument),
    /// The prompt document that they stand in; `None`: the one that is meant.
    Document(Option<String>),
}

/// What an argument says; one without a text, or with an empty one, points at a prompt document.
pub(super) fn said(argument: Option<ext::AskArgument>) -> Said {
    let is_blank = |text: &str| text.trim().is_empty();
    match argument {
        None => Said::Document(None),
        Some(ext::AskArgument::Text(text)) if is_blank(&text) => Said::Document(None),
        Some(ext::AskArgument::Full { text, uri, .. }) if is_blank(&text) => Said::Document(uri),
        Some(ext::AskArgument::Document { uri }) => Said::Document(Some(uri)),
        Some(words) => Said::Words(words),
    }
}

/// Runs the command that was written in place of a prompt (`/compact`); `None`: it is a prompt.
pub(super) async fn in_place(
    connection: &Arc<Connection>,
    argument: &ext::AskArgument,
) -> Option<Result<Value, String>> {
    let ext::AskArgument::Text(text) = argument else { return None };
    match slash::of(text).transpose()? {
        Ok(words) => Some(run(connection, words).await),
        Err(why) => Some(Err(why)),
    }
}

/// Runs a command that was written in place of a prompt. What stands behind its word is all that it is told: it does not look
/// into a prompt document, in which it may itself be written.
pub(super) async fn run(connection: &Arc<Connection>, words: slash::Run) -> Result<Value, String> {
    match (words.command, words.argument) {
        (command::QUEUE, None) => delivery::go_on(connection).await,
        (command::QUEUE, Some(Value::String(text))) => match slash::of(&text)? {
            Some(_) => Err(format!("Only a prompt can wait, and {} is a command.", cut(&text, SHOWN))),
            None => wait(connection, vec![InputPart::Text { text }]).await,
        },
        (command::RENAME_SESSION, None) => {
            Err("Write the title behind the command: /rename Faster search".to_owned())
        }
        (name, argument) => match super::named(name) {
            Some(row) => row(connection, argument).await,
            None => Err(format!("There is no command {name}.")),
        },
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
        // What is written there is read by `sending`.
        ext::AskArgument::Document { .. } => Vec::new(),
    }
}

/// Starts a turn of the session that the client works in, or adds to the one that runs; with what is mentioned.
pub(super) async fn start(connection: &Arc<Connection>, input: Vec<InputPart>) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    deliver(connection, &session, input).await
}

/// Lets a prompt wait for the end of the turn that runs; with what is mentioned.
pub(super) async fn wait(connection: &Arc<Connection>, input: Vec<InputPart>) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    enqueue(connection, &session, input).await
}
