//! Sends what is written in a prompt document: answers to questions, a command, or a prompt that starts, steers or waits. What
//! could not be sent stays written.

use super::open_asks::Open;
use super::prompts;
use crate::arguments::argument;
use crate::blocking::with_agent;
use crate::connection::{Connection, not_started};
use crate::delivery;
use crate::documents;
use crate::prompt_document::{
    ALL, AnswerLine, Verb, Written, is_called, is_common, offered as in_comment, prompt_in, short,
    written as parsed,
};
use crate::prompting;
use crate::prompts::Sent;
use crate::slash;
use crate::words::cut;
use glossator_agent::{Agent, Pending};
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{Answer, Ask, AskId, AskSubject, Decision, Grant, InputPart, SessionId, TurnId};
use glossator_workspace::Buffer;
use serde_json::{Value, json};
use std::sync::Arc;

/// How a prompt is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Starts a turn, or adds to the one that runs.
    Send,
    /// Waits for the end of the one that runs.
    Queue,
    /// Adds to the one that runs.
    Steer,
}

/// `glossator.send`
pub async fn send(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let argument: Option<ext::SendArgument> = argument(first, command::SEND)?;
    let sent = written(connection, argument.and_then(|argument| argument.uri), Way::Send).await?;
    sent.ok_or_else(|| "The prompt is empty: write below the first line what should be done.".to_owned())
}

/// Sends what is written in the prompt document `uri`, or in the one that is meant; `None`: nothing is written there.
pub async fn written(
    connection: &Arc<Connection>,
    uri: Option<String>,
    way: Way,
) -> Result<Option<Value>, String> {
    let uri = prompting::meant(connection, uri)?;
    let held = prompting::leaving(connection, &uri).await;
    let (held, has_waited) = held.ok_or(
        "What was sent before still stands in the prompt document: the editor does not take it out. Take it out, and send again. \
         Nothing was sent.",
    )?;
    let buffer = documents::named(connection, &uri);
    let buffer =
        buffer.ok_or("The prompt document is not open in the editor, or not known to this server.")?;
    if buffer.out_of_step {
        let why = "The changes of the prompt document could not be followed; close it and open it again. Nothing was sent.";
        return Err(why.to_owned());
    }
    let found = parsed(&buffer.text.to_string());
    if found.is_empty() {
        // Of two that are sent at once the second has nothing left to do.
        return Ok(has_waited.then(|| json!({ "alreadySent": true })));
    }
    let session = session_of(connection, &uri).await?;
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?.clone();
    // All of them are looked at before anything is done.
    let answers = matched(&found, &Open::of_session(agent.pending(), &session))?;
    let run = if found.text.is_empty() { None } else { slash::of(&found.text)? };
    let given = give(&agent, answers)?;
    let result = match run {
        _ if found.text.is_empty() => Ok(json!({ "answers": given })),
        Some(run) => prompts::run(connection, run).await,
        None => deliver(connection, (&session, &found, &buffer), way).await,
    };
    // What was refused stays written; answers that were given do not.
    let left = if result.is_err() { found.text } else { String::new() };
    if result.is_ok() || !given.is_empty() {
        // Known at once: the document may be closed before the editor has taken it out.
        connection.prompts.goes(&buffer.uri, (prompt_in(&buffer.text.to_string()), left.clone()));
        let connection = connection.clone();
        tokio::spawn(async move {
            prompting::cleared(&connection, &buffer, &left).await;
            drop(held);
        });
    }
    result.map(Some)
}

/// The session that a prompt document belongs to: its own, else the one that is worked in, where its own is gone.
async fn session_of(connection: &Arc<Connection>, uri: &str) -> Result<SessionId, String> {
    let own = connection.prompts.document(uri).map(|ours| ours.session);
    // Its log may have to be read first.
    let own = with_agent(connection, move |agent| Ok(own.filter(|id| agent.session_settings(id).is_ok())));
    match own.await.map_err(|error| error.to_string())? {
        Some(own) => {
            connection.set_current(own.clone());
            Ok(own)
        }
        None => connection.current_session().map_err(|error| error.to_string()),
    }
}

async fn deliver(
    connection: &Arc<Connection>,
    (session, found, buffer): (&SessionId, &Written, &Buffer),
    way: Way,
) -> Result<Value, String> {
    let _in_order = connection.in_order().await;
    let about = connection.prompts.about(&buffer.uri).filter(|_| found.has_about);
    let mut input = vec![InputPart::Text { text: found.text.clone() }];
    input.extend(about.as_ref().map(|about| connection.mention(&about.uri, Some(about.range))));
    let runs = connection.agent().is_some_and(|agent| agent.running().iter().any(|(id, _)| id == session));
    let result = match way {
        Way::Queue => delivery::enqueued(connection, session, input).await?,
        Way::Send | Way::Steer => delivery::delivered(connection, session, input).await?,
    };
    if let Some(turn) = begun(&result).filter(|_| !runs) {
        connection.prompts.sent(&buffer.uri, Sent { turn, text: found.text.clone(), about });
    }
    Ok(result)
}

/// The turn that was started.
fn begun(result: &Value) -> Option<TurnId> {
    TurnId::try_from(result["turnId"].as_str()?.to_owned()).ok()
}

/// The questions that lines answer, each open and meant by one line only. All are those that the document offered to answer:
/// what was asked since, nobody has seen there.
fn matched(written: &Written, open: &Open) -> Result<Vec<(AskId, Answer)>, String> {
    let Written { answers: lines, offered, .. } = written;
    let mut found: Vec<(AskId, Answer)> = Vec::new();
    for line in lines {
        if line.id == ALL {
            let named = |ask: &Ask| offered.iter().any(|id| is_called(&ask.id, id));
            let asks = open.here.iter().map(|one| &one.ask).filter(|ask| is_common(ask) && named(ask));
            let asks: Vec<&Ask> = asks.filter(|ask| found.iter().all(|(id, _)| *id != ask.id)).collect();
            if asks.is_empty() {
                return Err(format!("None of the questions above can be answered by `allow all`. {NOTHING}"));
            }
            for ask in asks {
                found.push((ask.id.clone(), answer_of(line, ask)?));
            }
            continue;
        }
        let named = open.named(&line.id).map_err(|why| format!("{why} {NOTHING}"))?;
        let Some(Pending { ask, .. }) = named else {
            return Err(format!("There is no open question {}{}. {NOTHING}", line.id, listed(&open.here)));
        };
        if found.iter().any(|(id, _)| *id == ask.id) {
            return Err(format!("Two lines answer the question {}; leave one. {NOTHING}", ask.id));
        }
        found.push((ask.id.clone(), answer_of(line, ask)?));
    }
    Ok(found)
}

/// What a line says to the question that it means.
fn answer_of(line: &AnswerLine, ask: &Ask) -> Result<Answer, String> {
    let said = Some(line.rest.clone()).filter(|words| !words.is_empty());
    let mut answer = Answer { decision: Decision::Allow, grant: Grant::Once, message: None, hunks: None };
    match (line.verb, &ask.subject) {
        (Verb::Deny, _) => (answer.decision, answer.message) = (Decision::Deny, said),
        (Verb::Allow, AskSubject::Question { default: Some(_), .. }) if said.is_none() => {}
        (Verb::Answer, AskSubject::Question { options, default, .. }) => {
            if said.is_none() && default.is_none() {
                return Err(format!("Write the answer behind `answer {}:`. {NOTHING}", line.id));
            }
            // An option is offered in a form that fits a comment.
            let option = options.iter().find(|option| in_comment(option) == line.rest).cloned();
            answer.message = option.or(said);
        }
        (Verb::Allow, AskSubject::Question { .. }) => {
            return Err(format!(
                "The question {} is answered with `answer {}: ...` or `deny {}: reason`. {NOTHING}",
                ask.id, line.id, line.id
            ));
        }
        (Verb::Allow, _) => answer.grant = grant(&line.rest, &ask.grants, &ask.id)?,
        (Verb::Answer, _) => {
            return Err(format!(
                "The question {} is answered with `allow {}` or `deny {}: reason`. {NOTHING}",
                ask.id, line.id, line.id
            ));
        }
    }
    Ok(answer)
}

const NOTHING: &str = "Nothing was sent.";

/// How long a yes holds, by the word behind it.
fn grant(word: &str, offered: &[Grant], id: &AskId) -> Result<Grant, String> {
    if word.is_empty() {
        return Ok(Grant::Once);
    }
    let last = word.split_whitespace().next_back().unwrap_or_default();
    let all = std::iter::once(&Grant::Once).chain(offered.iter().filter(|grant| **grant != Grant::Once));
    let names: Vec<&str> = all.clone().map(|grant| grant.name()).collect();
    let found = all.copied().find(|grant| grant.name() == last);
    found.ok_or_else(|| {
        format!(
            "A yes to {id} holds for one of: {}; '{}' is none of them. {NOTHING}",
            names.join(", "),
            cut(word, 40)
        )
    })
}

fn listed(open: &[Pending]) -> String {
    if open.is_empty() {
        return "; nothing waits for an answer".to_owned();
    }
    let names = open
        .iter()
        .map(|one| format!("{} ({})", short(&one.ask.id), cut(&one.ask.title.replace('\n', " "), 80)));
    format!("; open are {}", names.collect::<Vec<_>>().join(", "))
}

/// Gives the answers; the first that comes too late is told, and those before it stand.
fn give(agent: &Agent, answers: Vec<(AskId, Answer)>) -> Result<Vec<AskId>, String> {
    let mut given = Vec::new();
    for (id, answer) in answers {
        agent.answer(&id, answer).map_err(|error| match given.as_slice() {
            [] => error.to_string(),
            some => format!("{error}. {} of the questions were answered.", some.len()),
        })?;
        given.push(id);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(id: &str, grants: &[Grant]) -> Pending {
        let ask = Ask {
            id: id.into(),
            call: "S1.1".into(),
            title: "Run it?".to_owned(),
            reason: String::new(),
            subject: AskSubject::Script { source: String::new() },
            grants: grants.to_vec(),
        };
        Pending { session: "s".into(), turn: TurnId(1), ask }
    }

    #[test]
    fn questions_are_answered_in_words() {
        let question = |id: &str, default: Option<&str>| {
            let mut one = pending(id, &[]);
            let options = vec!["use --force".to_owned()];
            let default = default.map(str::to_owned);
            one.ask.subject = AskSubject::Question { question: String::new(), options, default };
            one
        };
        let here = vec![question("A1-aa", None), question("A2-aa", Some("x"))];
        let open = Open { here, ..Open::default() };
        let check = |text: &str, expected: Result<(Decision, Option<&str>), &str>| match (
            matched(&parsed(text), &open),
            expected,
        ) {
            (Ok(found), Ok((decision, message))) => {
                assert_eq!(
                    (found[0].1.decision, found[0].1.message.as_deref()),
                    (decision, message),
                    "{text}"
                );
            }
            (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
            (found, _) => panic!("{found:?} for {text}"),
        };
        check("answer A1: the new one", Ok((Decision::Allow, Some("the new one"))));
        check(
            &format!("answer A1: {}", in_comment("use --force")),
            Ok((Decision::Allow, Some("use --force"))),
        );
        check("answer A1:", Err("Write the answer behind `answer A1:`"));
        check("allow A1", Err("is answered with `answer A1: ...`"));
        check("deny A1: later", Ok((Decision::Deny, Some("later"))));
        check("answer A2:", Ok((Decision::Allow, None)));
        check("allow A2", Ok((Decision::Allow, None)));
    }

    /// An answer as the test writes it: ask, decision, grant, message.
    type Told<'a> = (&'a str, Decision, Grant, Option<&'a str>);

    #[test]
    fn lines_are_matched_with_what_is_open() {
        let here = vec![pending("A1-aa", &[Grant::Session]), pending("A2-aa", &[]), pending("A2-bb", &[])];
        let open = Open { here, ..Open::default() };
        let check = |text: &str, expected: Result<&[Told<'_>], &str>| {
            let found = matched(&parsed(text), &open);
            match (&found, expected) {
                (Ok(found), Ok(expected)) => {
                    let found: Vec<_> = found
                        .iter()
                        .map(|(id, answer)| {
                            (id.0.as_str(), answer.decision, answer.grant, answer.message.as_deref())
                        })
                        .collect();
                    assert_eq!(found, expected, "{text}");
                }
                (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
                _ => panic!("{found:?} for {text}"),
            }
        };
        check("", Ok(&[]));
        check("allow A1", Ok(&[("A1-aa", Decision::Allow, Grant::Once, None)]));
        check(
            "allow A1 session\ndeny A2-bb: no",
            Ok(&[
                ("A1-aa", Decision::Allow, Grant::Session, None),
                ("A2-bb", Decision::Deny, Grant::Once, Some("no")),
            ]),
        );
        check("allow A1 for this session", Ok(&[("A1-aa", Decision::Allow, Grant::Session, None)]));
        check("allow A2-aa session", Err("holds for one of: once"));
        check("allow A2", Err("Several questions are called A2"));
        check("deny A7", Err("no open question A7; open are A1 (Run it?), A2"));
        check("allow A1\ndeny A1", Err("Two lines answer"));
        check(
            "<!-- allow A1 -->\n<!-- allow A2-aa -->\ndeny A2-aa: no\nallow all",
            Ok(&[
                ("A2-aa", Decision::Deny, Grant::Once, Some("no")),
                ("A1-aa", Decision::Allow, Grant::Once, None),
            ]),
        );
        check("allow all", Err("None of the questions above"));
        check("<!-- allow A2-bb -->\nallow all", Err("None of the questions above"));
        check("answer A1: yes", Err("is answered with `allow A1`"));
    }
}
