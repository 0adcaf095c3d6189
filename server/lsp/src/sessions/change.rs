//! What changes a session or which one a client works in: resume, fork, rename, put away, delete. The work is the agent's.

use crate::blocking::with_agent;
use crate::chosen::told as told_settings;
use crate::connection::Connection;
use crate::present::forward;
use crate::sessions::left::left;
use crate::sessions::read::{Resumed, Wanted, read};
use crate::sessions::told;
use glossator_agent::{AgentError, Deleted, ListQuery};
use glossator_protocol_ext as ext;
use glossator_session::{SessionId, TurnId};
use std::sync::Arc;

/// Characters of a title.
const TITLE: usize = 200;
/// Sessions among which the newest is looked for.
const NEWEST: usize = 20;

/// A title in one line; the error says what is wrong with it.
pub fn title(text: &str) -> Result<String, String> {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let title: String = words.join(" ").chars().take(TITLE).collect();
    match title.is_empty() {
        true => Err("the title is empty; say what the session should be called".to_owned()),
        false => Ok(title),
    }
}

/// Goes on with a session: reads it, is told of it from now on, and sends what comes next to it.
pub async fn resume(
    connection: &Arc<Connection>,
    (id, wanted): (SessionId, Wanted),
) -> Result<Resumed, AgentError> {
    let (reader, of) = (connection.clone(), id.clone());
    let (read, ends) = with_agent(connection, move |agent| {
        // Watched before it is read: what happens in between comes twice, instead of never.
        forward(&reader, &of);
        let mut read = read(agent, &of, &wanted)?;
        read.about.settings = told_settings(&reader, &of);
        let ends = told::ends(read.items.as_deref().unwrap_or_default());
        Ok((read, ends))
    })
    .await?;
    connection.set_current(id.clone());
    let left = left(connection, &id, &ends).await?;
    Ok(Resumed { read, left })
}

/// The newest session of the workspace that is not archived and is not `but`.
pub async fn newest(connection: &Arc<Connection>, but: Option<SessionId>) -> Result<SessionId, AgentError> {
    let query = ListQuery { archived: Some(false), limit: NEWEST, ..ListQuery::default() };
    let page = with_agent(connection, move |agent| agent.list(&query)).await?;
    let other = page.sessions.into_iter().map(|one| one.id).find(|id| Some(id) != but.as_ref());
    other.ok_or_else(|| {
        let other = if but.is_some() { "other " } else { "" };
        AgentError::Store(format!("there is no {other}session in this workspace to go on with"))
    })
}

/// Forks a session and goes on with the fork.
pub async fn fork(
    connection: &Arc<Connection>,
    id: SessionId,
    (turn, title): (Option<TurnId>, Option<String>),
) -> Result<ext::Session, AgentError> {
    let title = match title {
        Some(title) => Some(connection.cleaned(title).await),
        None => None,
    };
    let head = with_agent(connection, move |agent| agent.fork(&id, turn, title)).await?;
    enter(connection, &head.id).await;
    Ok(told::head(&head))
}

/// Goes on with a session that has just been made.
pub async fn enter(connection: &Arc<Connection>, id: &SessionId) {
    connection.set_current(id.clone());
    let (watcher, of) = (connection.clone(), id.clone());
    let watched = with_agent(connection, move |_| {
        forward(&watcher, &of);
        Ok(())
    });
    // One that cannot be watched says so when it is used.
    let _ = watched.await;
}

/// Gives a session a name.
pub async fn rename(connection: &Arc<Connection>, id: SessionId, title: String) -> Result<(), AgentError> {
    let title = connection.cleaned(title).await;
    with_agent(connection, move |agent| agent.rename(&id, &title)).await
}

/// Puts a session away, or brings it back.
pub async fn archive(connection: &Arc<Connection>, id: SessionId, archived: bool) -> Result<(), AgentError> {
    with_agent(connection, move |agent| agent.archive(&id, archived)).await
}

/// Compacts the history of a session: a turn of its own.
pub async fn compact(connection: &Arc<Connection>, id: SessionId) -> Result<TurnId, AgentError> {
    let worker = connection.clone();
    with_agent(connection, move |agent| {
        forward(&worker, &id);
        let (config, front) = worker.turn_for(&id)?;
        agent.compact(&id, config, front)
    })
    .await
}

/// Deletes a session.
pub async fn delete(connection: &Arc<Connection>, id: SessionId) -> Result<Deleted, AgentError> {
    let of = id.clone();
    let deleted = with_agent(connection, move |agent| agent.delete(&of)).await?;
    connection.forget_session(&id);
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_line() {
        for (text, wanted) in [
            ("  Parser\tclean-up\n", Some("Parser clean-up")),
            ("a\u{0}b\u{1b}[31mc", Some("a b [31mc")),
            ("日本語 и 🦀", Some("日本語 и 🦀")),
            ("", None),
            (" \n\t\u{7f}", None),
        ] {
            assert_eq!(title(text).ok().as_deref(), wanted, "{text:?}");
        }
        assert_eq!(title(&"é".repeat(1000)).unwrap().chars().count(), TITLE);
    }
}
