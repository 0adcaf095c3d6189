//! `workspace/executeCommand`: what every LSP client can do, with JSON, plain or no arguments.

use crate::approvals::summary;
use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::context;
use crate::convert;
use crate::present::forward;
use crate::prompt_document::{About, prompt_in};
use crate::prompting;
use crate::review;
use crate::seen;
use crate::sessions;
use crate::tasks;
use glossator_agent::{AgentError, Pending, Wishes};
use glossator_protocol_ext::{self as ext, COMMANDS, command};
use glossator_session::{Answer, AskId, AskSubject, CallId, Decision, Grant, InputPart, SessionId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{ExecuteCommandParams, MessageType};

/// Runs one command. The error is for people.
pub async fn run(connection: &Arc<Connection>, params: ExecuteCommandParams) -> Result<Value, String> {
    let first = params.arguments.into_iter().next();
    match params.command.as_str() {
        command::ASK => ask(connection, argument(first, command::ASK)?).await,
        command::EDIT => edit(connection, argument(first, command::EDIT)?).await,
        command::SEND => send(connection, argument(first, command::SEND)?).await,
        command::STOP => stop(connection),
        command::TRUST => trust(connection),
        command::APPROVE => answer(connection, Decision::Allow, argument(first, command::APPROVE)?),
        command::DENY => answer(connection, Decision::Deny, argument(first, command::DENY)?),
        command::NEW_SESSION => new_session(connection),
        command::TASKS => list_tasks(connection).await,
        command::CANCEL_TASK => cancel_task(connection, argument(first, command::CANCEL_TASK)?),
        other => {
            if let Some(done) = review::commands::run(connection, other, first.clone()).await {
                return done;
            }
            if let Some(done) = sessions::commands::run(connection, other, first.clone()).await {
                return done;
            }
            if let Some(done) = context::commands::run(connection, other, first).await {
                return done;
            }
            let known = COMMANDS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
            Err(format!("There is no command {other}. Glossator has: {known}."))
        }
    }
}

async fn ask(connection: &Arc<Connection>, argument: Option<ext::AskArgument>) -> Result<Value, String> {
    let Some(argument) = argument else {
        return Err("Say what should be done: glossator.ask takes the prompt as its argument. Where the editor cannot pass \
                    one, select some text and run the code action 'Edit with Glossator…'."
            .to_owned());
    };
    let input = match argument {
        ext::AskArgument::Text(text) => vec![InputPart::Text { text }],
        ext::AskArgument::Full { text, uri, range } => {
            let mut input = vec![InputPart::Text { text }];
            input.extend(uri.map(|uri| connection.mention(&uri, range.map(convert::ext_range))));
            input
        }
    };
    start(connection, input).await
}

async fn edit(connection: &Arc<Connection>, argument: Option<ext::EditArgument>) -> Result<Value, String> {
    let Some(argument) = argument else {
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

async fn send(connection: &Arc<Connection>, argument: Option<ext::SendArgument>) -> Result<Value, String> {
    let uri = argument.and_then(|argument| argument.uri).or_else(|| connection.prompts.only());
    let uri = uri.ok_or("There is no prompt document open; glossator.edit opens one.")?;
    let about = connection.prompts.about(&uri).ok_or("This is not a prompt document of Glossator's.")?;
    let buffer = connection.workspace.overlay().by_uri(&uri);
    let buffer =
        buffer.ok_or("The prompt document is not open in the editor, or not known to this server.")?;
    let text = prompt_in(&buffer.text.to_string());
    if text.is_empty() {
        return Err("The prompt is empty: write below the first line what should be done.".to_owned());
    }
    let mut input = vec![InputPart::Text { text }];
    input.extend(about.map(|about| connection.mention(&about.uri, Some(about.range))));
    let started = start(connection, input).await?;
    prompting::clear(connection, buffer);
    Ok(started)
}

async fn start(connection: &Arc<Connection>, input: Vec<InputPart>) -> Result<Value, String> {
    let session = connection.current_session().map_err(words)?;
    forward(connection, &session);
    let editor = seen::state(connection, None).await;
    let turn = connection.start_turn(&session, input, Wishes::default(), editor).map_err(words)?;
    Ok(json!({ "sessionId": session, "turnId": turn }))
}

fn stop(connection: &Connection) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let session = connection.peek_session();
    let stopped = match session {
        Some(session) if agent.interrupt(&session).is_ok() => true,
        _ => agent.interrupt_all(),
    };
    match stopped {
        true => Ok(Value::Null),
        // A user who looks for what still works may mean a task.
        false => match tasks::running(connection).map_err(words)?.as_slice() {
            [] => Err("No turn is running.".to_owned()),
            running => Err(format!("No turn is running. {}", tasks::listed(running))),
        },
    }
}

fn trust(connection: &Connection) -> Result<Value, String> {
    let folder = connection.set_trusted(true).map_err(words)?;
    connection.show(MessageType::INFO, format!("Glossator: {} is trusted now.", folder.display()));
    Ok(json!({ "trusted": true }))
}

fn answer(
    connection: &Connection,
    decision: Decision,
    argument: Option<ext::AnswerArgument>,
) -> Result<Value, String> {
    let mut answer = Answer { decision, grant: Grant::Once, message: None, hunks: None };
    let (id, number) = match argument {
        None => (None, None),
        Some(ext::AnswerArgument::Id(id)) => (Some(id), None),
        Some(ext::AnswerArgument::Full { hunk: Some(_), hunks: Some(_), .. }) => {
            return Err(
                "Say either 'hunks', which answers the question, or 'hunk', which decides about one."
                    .to_owned(),
            );
        }
        Some(ext::AnswerArgument::Full { ask_id, grant, message, hunks, hunk }) => {
            answer.grant = grant.map(convert::grant).unwrap_or_default();
            (answer.message, answer.hunks) = (message, hunks);
            (ask_id, hunk)
        }
    };
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let id = match id {
        Some(id) => AskId(id),
        None => only(agent.pending())?,
    };
    if let Some(number) = number {
        match one_hunk(connection, (&agent.pending(), &id), (number, decision))? {
            Whole::Waits(left) => return Ok(json!({ "askId": id, "waiting": left })),
            Whole::Decided(accepted) => {
                (answer.decision, answer.hunks) = (Decision::Allow, Some(accepted));
            }
        }
    }
    agent.answer(&id, answer).map_err(words)?;
    Ok(json!({ "askId": id }))
}

/// An ask of which hunks are decided one by one.
enum Whole {
    /// The numbers of those that wait.
    Waits(Vec<usize>),
    /// The numbers of those that are to be made.
    Decided(Vec<usize>),
}

/// Decides about one hunk of an ask.
fn one_hunk(
    connection: &Connection,
    (pending, id): (&[Pending], &AskId),
    (number, decision): (usize, Decision),
) -> Result<Whole, String> {
    let ask = pending.iter().map(|one| &one.ask).find(|ask| ask.id == *id);
    let ask = ask.ok_or_else(|| words(AgentError::NoAsk(id.clone())))?;
    let count = match &ask.subject {
        AskSubject::Edit { hunks, .. } => hunks.len(),
        _ => 0,
    };
    if !(1..=count).contains(&number) {
        return Err(format!("The question {id} has no hunk {number}; it has {count}."));
    }
    let decided = connection.asks.decide(id, number, decision == Decision::Allow);
    let left: Vec<usize> = (1..=count).filter(|number| !decided.contains_key(number)).collect();
    Ok(match left.is_empty() {
        true => {
            Whole::Decided(decided.into_iter().filter(|(_, yes)| *yes).map(|(number, _)| number).collect())
        }
        false => Whole::Waits(left),
    })
}

/// The id of the only open ask; with several, the error lists them.
fn only(pending: Vec<Pending>) -> Result<AskId, String> {
    match pending.as_slice() {
        [] => Err("Nothing is waiting for an answer.".to_owned()),
        [one] => Ok(one.ask.id.clone()),
        several => {
            let list = several.iter().map(|one| format!("{}: {}", one.ask.id, summary(&one.ask)));
            Err(format!(
                "Several questions are open; name one of them: {}",
                list.collect::<Vec<_>>().join("; ")
            ))
        }
    }
}

fn new_session(connection: &Arc<Connection>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let head = agent.new_session("");
    connection.set_current(head.id.clone());
    forward(connection, &head.id);
    Ok(json!({ "session": { "id": head.id, "title": head.title } }))
}

async fn list_tasks(connection: &Connection) -> Result<Value, String> {
    let running = tasks::running(connection).map_err(words)?;
    let text = format!("Glossator: {}", tasks::listed(&running));
    if running.len() > 1 {
        // A message box or a status line shows only the beginning of a long list.
        connection.client.log_message(MessageType::INFO, &text).await;
    }
    connection.show(MessageType::INFO, text);
    let told: Vec<ext::Task> = running.iter().map(|(session, task)| tasks::told(session, task)).collect();
    Ok(json!({ "tasks": told }))
}

fn cancel_task(connection: &Connection, argument: Option<ext::TaskArgument>) -> Result<Value, String> {
    let agent = connection.agent().ok_or_else(|| words(not_started()))?;
    let wanted = argument.map(|argument| match argument {
        ext::TaskArgument::Id(id) => (CallId(id), None),
        ext::TaskArgument::Full { id, session_id } => (CallId(id), session_id.map(SessionId)),
    });
    let (session, id) = tasks::choose(&tasks::running(connection).map_err(words)?, wanted)?;
    let cancelled = tasks::cancel(agent, &session, &id)?;
    Ok(json!({ "sessionId": session, "id": id, "cancelled": cancelled }))
}

fn words(error: AgentError) -> String {
    error.to_string()
}
