//! `glossator.answer`: answers a question of the model's, with JSON, plain or no arguments; without an answer with what is
//! written in the prompt document.

use super::sending::{self, Way};
use crate::approvals::{in_words, title};
use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::prompt_document::written as parsed;
use crate::prompting;
use glossator_agent::Pending;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{AskId, AskSubject};
use serde_json::{Value, json};
use std::sync::Arc;

/// `glossator.answer`
pub async fn answer(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let (id, said) = match argument(first, command::ANSWER)? {
        None => (None, None),
        Some(ext::QuestionArgument::Answer(said)) => (None, Some(said)),
        Some(ext::QuestionArgument::Full { ask_id, answer }) => (ask_id, answer),
    };
    if let Some(said) = said {
        return give(connection, id, said);
    }
    let buffer = prompting::meant(connection, None).ok();
    let buffer = buffer.and_then(|uri| connection.workspace.overlay().by_uri(&uri));
    let found = buffer.as_ref().map(|buffer| parsed(&buffer.text.to_string())).unwrap_or_default();
    if !found.answers.is_empty()
        && let Some(done) = sending::written(connection, None, Way::Send).await?
    {
        return Ok(done);
    }
    match buffer.filter(|buffer| !found.text.is_empty() && !buffer.out_of_step) {
        Some(buffer) => {
            let given = give(connection, id, found.text)?;
            prompting::clear(connection, buffer);
            Ok(given)
        }
        None => {
            // That there is nothing to answer is said before a document comes up.
            meant(connection, id)?;
            prompting::open(connection, None, command::ANSWER).await
        }
    }
}

fn give(connection: &Connection, id: Option<String>, said: String) -> Result<Value, String> {
    let id = meant(connection, id)?;
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
    agent.answer(&id, in_words(said)).map_err(|error| error.to_string())?;
    Ok(json!({ "askId": id }))
}

/// The question that is meant: the one that is named, else the only one that is open.
fn meant(connection: &Connection, id: Option<String>) -> Result<AskId, String> {
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
    one_of(agent.pending(), id)
}

fn one_of(pending: Vec<Pending>, id: Option<String>) -> Result<AskId, String> {
    let is_question = |one: &&Pending| matches!(one.ask.subject, AskSubject::Question { .. });
    if let Some(id) = id {
        let found = pending.iter().find(|one| one.ask.id.0 == id);
        return match found {
            Some(one) if !is_question(&one) => Err(format!(
                "{id} asks for consent: answer it with glossator.approve or glossator.deny. It is still open."
            )),
            // One that is not there is reported by the agent, in the words of all asks.
            _ => Ok(AskId(id)),
        };
    }
    let questions: Vec<&Pending> = pending.iter().filter(is_question).collect();
    match questions.as_slice() {
        [] => Err("No question waits for an answer.".to_owned()),
        [one] => Ok(one.ask.id.clone()),
        several => {
            let list = several.iter().map(|one| format!("{}: {}", one.ask.id, title(&one.ask)));
            Err(format!(
                "Several questions are open; name one of them: {}",
                list.collect::<Vec<_>>().join("; ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{Ask, TurnId};

    fn pending(id: &str, is_question: bool) -> Pending {
        let question = format!("What is {id}?");
        let subject = match is_question {
            true => AskSubject::Question { question: question.clone(), options: Vec::new(), default: None },
            false => AskSubject::Script { source: String::new() },
        };
        let (reason, grants) = Default::default();
        let ask = Ask { id: id.into(), call: "S1.1".into(), title: question, reason, subject, grants };
        Pending { session: "s".into(), turn: TurnId(1), ask }
    }

    #[test]
    fn which_question_is_meant() {
        let check = |open: &[(&str, bool)], id: Option<&str>, expected: Result<&str, &str>| {
            let open = open.iter().map(|(id, is_question)| pending(id, *is_question)).collect();
            match (one_of(open, id.map(str::to_owned)), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.0, expected),
                (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
                (found, expected) => panic!("{found:?} and not {expected:?}"),
            }
        };
        check(&[], None, Err("No question waits"));
        check(&[("A1", false)], None, Err("No question waits"));
        check(&[("A1", false), ("A2", true)], None, Ok("A2"));
        check(&[("A1", true), ("A2", true)], None, Err("name one of them: A1: What is A1?; A2"));
        check(&[("A1", true), ("A2", true)], Some("A1"), Ok("A1"));
        check(&[("A1", false)], Some("A1"), Err("glossator.approve"));
        check(&[], Some("A9"), Ok("A9"));
    }
}
