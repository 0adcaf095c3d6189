//! `glossator.answer`: answers a question of the model's, with JSON, plain or no arguments; without an answer with what is
//! written in the prompt document.

use super::open_asks::{Open, in_words as is_question};
use super::sending::{self, Way};
use crate::approvals::in_words;
use crate::arguments::argument;
use crate::connection::{Connection, not_started};
use crate::prompt_document::written as parsed;
use crate::prompting;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::AskId;
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
            let id = meant(connection, id)?;
            let open = Open::seen_by(connection)?;
            let asked = open.here.iter().chain(&open.elsewhere).find(|one| one.ask.id == id);
            match asked {
                // Where it is asked, not where the user works just now.
                Some(one) => prompting::open_of(connection, &one.session, None, command::ANSWER).await,
                None => prompting::open(connection, None, command::ANSWER).await,
            }
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
    one_of(&Open::seen_by(connection)?, id)
}

fn one_of(open: &Open, id: Option<String>) -> Result<AskId, String> {
    let Some(word) = id else {
        let only = open.only(is_question, "No question waits for an answer.")?;
        return Ok(only.ask.id.clone());
    };
    match open.named(&word)? {
        Some(one) if !is_question(one) => Err(format!(
            "{word} asks for consent: answer it with glossator.approve or glossator.deny. It is still open."
        )),
        Some(one) => Ok(one.ask.id.clone()),
        // One that is not there is reported by the agent, in the words of all asks.
        None => Ok(AskId(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::open_asks::tests::pending;
    use super::*;

    #[test]
    fn which_question_is_meant() {
        let check = |here: &[(&str, bool)], id: Option<&str>, expected: Result<&str, &str>| {
            let here = here.iter().map(|(id, is_question)| pending(id, *is_question)).collect();
            let open = Open { here, ..Open::default() };
            match (one_of(&open, id.map(str::to_owned)), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.0, expected),
                (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
                (found, expected) => panic!("{found:?} and not {expected:?}"),
            }
        };
        check(&[], None, Err("No question waits"));
        check(&[("A1", false)], None, Err("No question waits"));
        check(&[("A1", false), ("A2", true)], None, Ok("A2"));
        check(&[("A1", true), ("A2", true)], None, Err("name one of them: A1: What is A1?"));
        check(&[("A1-aa", true), ("A2-aa", true)], Some("A1"), Ok("A1-aa"));
        check(&[("A1", false)], Some("A1"), Err("glossator.approve"));
        check(&[], Some("A9"), Ok("A9"));
    }
}
