//! The commands of chat, with JSON, plain or no arguments: show it, show what a word stands for, fork at a turn.

use crate::arguments::argument;
use crate::blocking::with_agent;
use crate::chat::lead::{self, Place};
use crate::chat::links;
use crate::chat::load;
use crate::chat::outline::Outline;
use crate::chat::place::Lines;
use crate::chat::target::{self, Target};
use crate::connection::Connection;
use crate::documents;
use crate::present::forward;
use crate::prompting;
use crate::sessions::commands as sessions;
use crate::showing;
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::Position;
use url::Url;

/// `glossator.chat`
pub async fn chat(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let (named, is_shown) = match argument(first, command::CHAT)? {
        None => (None, true),
        Some(ext::ChatArgument::Id(id)) => (Some(id), true),
        Some(ext::ChatArgument::Full { session_id, show }) => (session_id, show.unwrap_or(true)),
    };
    let named = named.filter(|id| !id.trim().is_empty());
    let session = match named {
        Some(id) => {
            let id = SessionId(id.trim().to_owned());
            let of = id.clone();
            // Before anything is made for it.
            let known = with_agent(connection, move |agent| agent.session_settings(&of));
            known.await.map_err(|error| error.to_string())?;
            id
        }
        None => worked_in(connection).await?,
    };
    let transcript = load::transcript(connection, &session).await?;
    let prompt = prompting::ready(connection, &session, None).await?;
    connection.set_current(session.clone());
    forward(connection, &session);
    if is_shown {
        show(connection, &transcript, &prompt);
    }
    Ok(json!({ "sessionId": session, "transcript": transcript, "prompt": prompt }))
}

/// The session that is worked in; without one the newest, and a new one where there is none.
async fn worked_in(connection: &Arc<Connection>) -> Result<SessionId, String> {
    let asked = connection.clone();
    let last = tokio::task::spawn_blocking(move || asked.last_session()).await.ok().flatten();
    last.map_or_else(|| connection.current_session().map_err(|error| error.to_string()), Ok)
}

/// The prompt takes the focus, since it is what is asked for; a transcript that is open already is left where it is.
fn show(connection: &Connection, transcript: &Url, prompt: &Url) {
    let is_open = documents::open(connection, transcript).is_some();
    // Some editors show whatever comes last.
    let mut documents = Vec::new();
    if !is_open {
        documents.push(showing::show(transcript.clone(), false, None));
    }
    documents.push(showing::show(prompt.clone(), true, Some(prompting::end_of(connection, prompt))));
    let otherwise = format!("Glossator: the chat is in {}; write in {}.", transcript.path(), prompt.path());
    showing::open_all(connection, documents, otherwise);
}

/// `glossator.open`
pub async fn open(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let (session, target, turn) = match argument(first, command::OPEN)? {
        None => return Err("Say what is to be shown: glossator.open takes an id as its argument (T-12, S12-1-1.2, C3.2, K3), or a place in a document of Glossator's.".to_owned()),
        Some(ext::OpenArgument::Id(word)) => (sessions::session(connection, None).await?, word_of(&word)?, None),
        Some(ext::OpenArgument::Full { id, session_id, turn_id }) => {
            let turn = turn_id.map(TurnId::try_from).transpose()?;
            (sessions::session(connection, session_id).await?, word_of(&id)?, turn)
        }
        Some(ext::OpenArgument::At { uri, position }) => {
            let place = Position { line: position.line, character: position.character };
            if let Some(file) = links::file_at(connection, &uri, place).await {
                let (session, place) = file?;
                return Ok(open_place(connection, &session, &place));
            }
            at(connection, &uri, position)?
        }
    };
    let place = lead::ready(connection, &session, (target, turn)).await?;
    Ok(open_place(connection, &session, &place))
}

fn word_of(word: &str) -> Result<Target, String> {
    let word = word.trim();
    Target::of(word)
        .ok_or_else(|| format!("'{word}' is no id; ids look like T-12, S12-1-1.2, C3.2, K3, B2, A3."))
}

/// What stands at a place of an open document of ours: the word there, else the only one of the line.
fn at(
    connection: &Connection,
    uri: &str,
    at: ext::Position,
) -> Result<(SessionId, Target, Option<TurnId>), String> {
    let ours = connection.prompts.folders.document(uri).ok_or("This is no document of Glossator's.")?;
    let parsed = Url::parse(uri).map_err(|error| format!("'{uri}' is not a URI ({error})."))?;
    let lines = Lines::of(connection, &parsed).ok_or("The document is not open in the editor.")?;
    let (line, byte) = {
        let position = Position { line: at.line, character: at.character };
        (lines.line(at.line as usize), lines.byte(position))
    };
    let here = target::at(&line, byte).map(|(_, target)| target).or_else(|| only(&line));
    let target = here.ok_or("Nothing on this line stands for something that could be shown.")?;
    let turn = Outline::of(&lines.text()).turn_at(at.line as usize).map(|turn| turn.id);
    Ok((ours.session, target, turn))
}

/// The last thing that a line names: what there is more to see of stands at its end.
pub fn only(line: &str) -> Option<Target> {
    target::words(line)
        .filter_map(|(bytes, _)| target::at(line, bytes.start))
        .map(|(_, target)| target)
        .last()
}

fn open_place(connection: &Connection, session: &SessionId, place: &Place) -> Value {
    let otherwise = format!("Glossator: it is in {}.", place.uri.path());
    showing::open(connection, place.uri.clone(), place.range(), otherwise);
    json!({ "sessionId": session, "uri": place.uri, "range": place.range() })
}

/// `glossator.forkHere`
pub async fn fork_here(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = match argument(first, command::FORK_HERE)? {
        None => json!({}),
        Some(ext::ForkHereArgument::Id(turn)) => json!({ "turnId": turn }),
        Some(ext::ForkHereArgument::Turn { turn_id, session_id }) => {
            json!({ "turnId": turn_id, "sessionId": session_id })
        }
        Some(ext::ForkHereArgument::At { uri, position }) => {
            let ours = connection.prompts.folders.document(&uri).filter(|ours| ours.has_turns());
            let ours = ours.ok_or("This is no transcript of Glossator's; name the turn instead.")?;
            let parsed = Url::parse(&uri).map_err(|error| format!("'{uri}' is not a URI ({error})."))?;
            let text = lead::text(connection, &parsed).await.ok_or("The transcript cannot be read.")?;
            let outline = Outline::of(&text);
            let turn = outline.turn_at(position.line as usize).ok_or("There is no turn at this place.")?;
            json!({ "turnId": turn.id, "sessionId": ours.session })
        }
    };
    let forked = sessions::fork(connection, Some(given)).await?;
    // Others show the fork in their own way.
    if !connection.extension("turns") {
        chat(connection, forked["session"]["id"].as_str().map(|id| json!(id))).await?;
    }
    Ok(forked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_line_says_what_there_is_to_see() {
        assert_eq!(only("- ▸ exec `T-4` → ok (S1-1-1.2)"), Some(Target::Call(TurnId(1), "S1-1-1.2".into())));
        assert_eq!(
            only("- ▸ review: T-3.diff · sent to the model: T-3-context.md"),
            Some(Target::Context(TurnId(3)))
        );
        assert_eq!(only("plain words"), None);
    }
}
