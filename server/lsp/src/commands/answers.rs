//! The commands that answer asks, with JSON, plain or no arguments.

use super::open_asks::Open;
use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::convert;
use glossator_agent::{AgentError, Pending};
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{Answer, AskId, AskSubject, Decision, Grant};
use serde_json::{Value, json};
use std::sync::Arc;

/// `glossator.approve`
pub async fn approve(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    answer(connection, Decision::Allow, argument(first, command::APPROVE)?)
}

/// `glossator.deny`
pub async fn deny(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    answer(connection, Decision::Deny, argument(first, command::DENY)?)
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
    let open = Open::seen_by(connection)?;
    let id = match id {
        // One that is not open is told by the agent.
        Some(word) => open.named(&word)?.map_or(AskId(word), |one| one.ask.id.clone()),
        None => open.only(|_| true, "Nothing is waiting for an answer.")?.ask.id.clone(),
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

fn words(error: AgentError) -> String {
    error.to_string()
}
