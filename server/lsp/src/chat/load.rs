//! Reads what transcripts show: the latest turns of a session with what goes on in it, or a page of older ones.

use crate::blocking::with_agent;
use crate::chat::transcript::{TURNS, Transcript};
use crate::connection::Connection;
use crate::documents;
use crate::ours::{TRANSCRIPT, page_name, page_turns};
use crate::sessions::commands::now;
use glossator_agent::{Agent, AgentError, Events, SessionHead};
use glossator_session::{Item, SessionId, TurnId};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// A transcript, and what happens from then on.
pub struct Loaded {
    pub events: Events,
    pub transcript: Transcript,
}

/// The latest turns of a session, watched from before they were read.
pub async fn watched(connection: &Arc<Connection>, session: &SessionId) -> Result<Loaded, AgentError> {
    let (worker, id) = (connection.clone(), session.clone());
    with_agent(connection, move |agent| latest(&worker, agent, &id)).await
}

fn latest(connection: &Connection, agent: &Agent, id: &SessionId) -> Result<Loaded, AgentError> {
    let (mut events, writing) = agent.watch_from(id)?;
    let page = agent.page(id, None, TURNS)?;
    let roots = connection.workspace.roots();
    let path = |path: &Path| roots.display(path);
    let mut transcript = Transcript::of(&page, None, &path);
    writing.iter().for_each(|one| transcript.writing(one));
    // The page may hold what was being written a moment ago: what came in between says so.
    while let Some(event) = events.try_next() {
        transcript.event(&event, now(), &path);
    }
    for pending in agent.pending().into_iter().filter(|pending| pending.session == *id) {
        transcript.asks(pending.turn, &pending.ask);
    }
    let queue = agent.queued(id)?;
    transcript.queued(queue.prompts, queue.waits);
    Ok(Loaded { events, transcript })
}

/// What a session is called and which model it has.
pub async fn head(connection: &Arc<Connection>, session: &SessionId) -> Option<SessionHead> {
    let id = session.clone();
    with_agent(connection, move |agent| Ok(agent.page(&id, None, 1)?.head)).await.ok()
}

/// The transcript of a session, written where no editor has it open; an open one is kept up to date by itself.
pub async fn transcript(connection: &Arc<Connection>, session: &SessionId) -> Result<Url, String> {
    let id = session.clone();
    let path = with_agent(connection, move |agent| agent.document(Some(&id), TRANSCRIPT)).await;
    let uri = documents::uri_of(&path.map_err(|error| error.to_string())?)?;
    if documents::open(connection, &uri).is_some() {
        return Ok(uri);
    }
    let (worker, id) = (connection.clone(), session.clone());
    let text =
        with_agent(connection, move |agent| Ok(latest(&worker, agent, &id)?.transcript.markdown())).await;
    let text = text.map_err(|error| error.to_string())?;
    documents::write(connection, (Some(session.clone()), TRANSCRIPT.to_owned()), text).await
}

/// A page of older turns, written anew; `None`: there are not so many.
pub async fn page(
    connection: &Arc<Connection>,
    session: &SessionId,
    number: u32,
) -> Result<Option<Url>, String> {
    let (worker, id) = (connection.clone(), session.clone());
    let text = with_agent(connection, move |agent| {
        let (behind, count) = page_turns(number);
        let page = agent.page(&id, Some(behind), count)?;
        let roots = worker.workspace.roots();
        let mut transcript = Transcript::of(&page, Some(number), &|path: &Path| roots.display(path));
        Ok((!transcript.is_empty()).then(|| transcript.markdown()))
    });
    let text = text.await.map_err(|error| error.to_string())?;
    match text {
        Some(text) => {
            documents::write(connection, (Some(session.clone()), page_name(number)), text).await.map(Some)
        }
        None => Ok(None),
    }
}

/// All items of a turn.
pub fn items_of(agent: &Agent, session: &SessionId, turn: TurnId) -> Result<Vec<Item>, AgentError> {
    let page = agent.page(session, Some(TurnId(turn.0.saturating_add(1))), 1)?;
    Ok(page.items.into_iter().filter(|item| item.turn == turn).collect())
}
