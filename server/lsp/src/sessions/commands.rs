//! The commands about sessions, with JSON, plain or no arguments. Without one each does what makes sense for the session that
//! the client works in.

use crate::arguments::argument;
use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::documents;
use crate::present::forward;
use crate::prompting;
use crate::sessions::change;
use crate::sessions::export;
use crate::sessions::page::{self, Listed};
use crate::sessions::pick;
use crate::sessions::read::Wanted;
use crate::words::{ago, cut};
use glossator_agent::{AgentError, ListQuery, SessionSummary};
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{SessionId, TurnId};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tower_lsp::lsp_types::MessageType;

/// Sessions that a dialog offers.
const OFFERED: usize = 5;
/// Sessions that the document lists, and archived ones.
const LISTED: usize = 500;
const LISTED_ARCHIVED: usize = 50;
/// Characters of a title in a message.
const TITLE: usize = 80;

/// The session that an argument names, else the one that the client works in.
pub async fn session(connection: &Arc<Connection>, named: Option<String>) -> Result<SessionId, String> {
    if let Some(id) = named.filter(|id| !id.trim().is_empty()) {
        return Ok(SessionId(id.trim().to_owned()));
    }
    let asked = connection.clone();
    let found = tokio::task::spawn_blocking(move || asked.last_session()).await.ok().flatten();
    let found = found.ok_or("There is no session in this workspace yet; a prompt begins one.")?;
    forward(connection, &found);
    Ok(found)
}

/// As [`session`], for what changes one: only one that is named, or that this client works in.
async fn own(connection: &Arc<Connection>, named: Option<String>) -> Result<SessionId, String> {
    if named.is_none() && connection.peek_session().is_none() {
        return Err("Nothing was said in this editor yet, so no session is meant. Name one, or go on with one first: \
                    glossator.resume, or glossator.sessions and a line of its list."
            .to_owned());
    }
    session(connection, named).await
}

/// What the commands about a session are given, with the word in the place that is theirs.
#[derive(Default)]
pub struct Given {
    pub session: Option<String>,
    pub title: Option<String>,
    pub format: Option<ext::ExportFormat>,
    pub turn: Option<String>,
    pub round: Option<u32>,
    archived: Option<bool>,
    confirmed: bool,
}

/// Reads the argument of `name`.
pub fn given(
    first: Option<Value>,
    name: &str,
    word: impl Fn(&mut Given, String) -> Result<(), String>,
) -> Result<Given, String> {
    let mut given = Given::default();
    match argument(first, name)? {
        None => {}
        Some(ext::SessionArgument::Word(text)) => word(&mut given, text)?,
        Some(ext::SessionArgument::Full {
            session_id,
            title,
            format,
            turn_id,
            round,
            archived,
            confirmed,
        }) => {
            given = Given { session: session_id, title, format, turn: turn_id, round, archived, confirmed };
        }
    }
    Ok(given)
}

/// The word is a session.
pub fn as_session(given: &mut Given, word: String) -> Result<(), String> {
    given.session = Some(word);
    Ok(())
}

/// `glossator.sessions`
pub async fn sessions(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let text: Option<String> = argument(first, command::SESSIONS)?;
    let text = text.filter(|text| !text.trim().is_empty());
    let query = |archived, limit| ListQuery {
        text: text.clone().unwrap_or_default(),
        archived: Some(archived),
        limit,
        ..ListQuery::default()
    };
    let (some, put_away) = (query(false, LISTED), query(true, LISTED_ARCHIVED));
    let lists = with_agent(connection, move |agent| Ok((agent.list(&some)?, agent.list(&put_away)?)));
    let (some, put_away) = lists.await.map_err(words)?;
    let current = connection.peek_session();
    let page = page::render(&Listed {
        sessions: &some.sessions,
        archived: &put_away.sessions,
        current: current.as_ref(),
        now: now(),
        text: text.as_deref(),
        notices: &some.notices,
    });
    let uri = documents::show(connection, (None, page::NAME.to_owned()), page).await?;
    let count = some.sessions.len();
    offer(connection, others(some.sessions, current.as_ref()));
    Ok(json!({ "uri": uri, "sessions": count }))
}

fn others(sessions: Vec<SessionSummary>, current: Option<&SessionId>) -> Vec<SessionSummary> {
    sessions.into_iter().filter(|one| Some(&one.id) != current).take(OFFERED).collect()
}

/// Offers to go on with one of these; `false`: the client has no dialogs, or there is nothing to offer.
fn offer(connection: &Arc<Connection>, sessions: Vec<SessionSummary>) -> bool {
    if sessions.is_empty() || !pick::has_dialogs(connection) {
        return false;
    }
    let connection = connection.clone();
    tokio::spawn(async move {
        let title = |(number, one): (usize, &SessionSummary)| {
            let title = if one.title.is_empty() { &one.last_prompt } else { &one.title };
            format!("{number}: {} ({})", cut(title, 40), ago(now().saturating_sub(one.updated_at)))
        };
        let titles: Vec<String> = (1..).zip(&sessions).map(title).collect();
        let asked = "Glossator: which session is to be gone on with?".to_owned();
        let Some(at) = pick::choose(&connection, asked, &titles).await else { return };
        if let Err(why) = go_on(&connection, sessions[at].id.clone()).await {
            connection.show(MessageType::ERROR, format!("Glossator: {why}"));
        }
    });
    true
}

/// `glossator.resume`
pub async fn resume(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::RESUME, as_session)?;
    if let Some(id) = given.session {
        return go_on(connection, SessionId(id)).await;
    }
    let current = connection.peek_session();
    let query = ListQuery { archived: Some(false), limit: OFFERED + 1, ..ListQuery::default() };
    let list = with_agent(connection, move |agent| agent.list(&query)).await.map_err(words)?;
    let offered = others(list.sessions, current.as_ref());
    // With one there is nothing to choose.
    if offered.len() > 1 && offer(connection, offered) {
        return Ok(json!({ "offered": true }));
    }
    let newest = change::newest(connection, current).await.map_err(words)?;
    go_on(connection, newest).await
}

async fn go_on(connection: &Arc<Connection>, id: SessionId) -> Result<Value, String> {
    let resumed = change::resume(connection, (id, Wanted { turns: Some(1), ..Wanted::default() })).await;
    let resumed = resumed.map_err(words)?;
    let session = resumed.read.about.session;
    let message = match &resumed.read.about.read_only {
        Some(why) => format!("{} It is followed: {why}", resumed.left.message),
        None => resumed.left.message.clone(),
    };
    connection.show(
        MessageType::INFO,
        format!("Glossator goes on with {}. {message}", called(&session.title, &session.id)),
    );
    Ok(json!({ "sessionId": session.id, "title": session.title, "message": message, "left": resumed.left }))
}

/// `glossator.fork`
pub async fn fork(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::FORK, |given, word| {
        given.turn = Some(word);
        Ok(())
    })?;
    let turn = given.turn.map(TurnId::try_from).transpose()?;
    let id = session(connection, given.session).await?;
    let fork = change::fork(connection, id, (turn, None)).await.map_err(words)?;
    connection.show(MessageType::INFO, format!("Glossator goes on with {}.", called(&fork.title, &fork.id)));
    Ok(json!({ "session": fork }))
}

/// `glossator.renameSession`
pub async fn rename(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::RENAME_SESSION, |given, word| {
        given.title = Some(word);
        Ok(())
    })?;
    let written = if given.title.is_none() { prompting::written(connection) } else { None };
    let text = match (&given.title, &written) {
        (Some(title), _) => title.clone(),
        (None, Some((_, text))) => text.lines().next().unwrap_or_default().to_owned(),
        (None, None) => return prompting::open(connection, None, command::RENAME_SESSION).await,
    };
    let title = change::title(&text)?;
    let id = own(connection, given.session).await?;
    change::rename(connection, id.clone(), title.clone()).await.map_err(words)?;
    if let Some((buffer, _)) = written {
        prompting::clear(connection, buffer);
    }
    connection.show(MessageType::INFO, format!("Glossator: the session is called '{title}' now."));
    Ok(json!({ "sessionId": id, "title": title }))
}

/// `glossator.archiveSession`
pub async fn archive(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::ARCHIVE_SESSION, as_session)?;
    let id = own(connection, given.session).await?;
    let of = id.clone();
    let snapshot = with_agent(connection, move |agent| agent.read(&of)).await.map_err(words)?;
    let archived = given.archived.unwrap_or(!snapshot.archived);
    change::archive(connection, id.clone(), archived).await.map_err(words)?;
    let what = if archived { "is archived; glossator.archiveSession brings it back" } else { "is back" };
    let title = called(&snapshot.head.title, &id.0);
    connection.show(MessageType::INFO, format!("Glossator: the session {title} {what}."));
    Ok(json!({ "sessionId": id, "archived": archived }))
}

/// `glossator.deleteSession`
pub async fn delete(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::DELETE_SESSION, as_session)?;
    let id = own(connection, given.session).await?;
    // A second time within a minute is a yes.
    if given.confirmed || connection.confirms(&id) {
        return deleted(connection, id).await;
    }
    let of = id.clone();
    let snapshot = with_agent(connection, move |agent| agent.read(&of)).await.map_err(words)?;
    let title = called(&snapshot.head.title, &id.0);
    let turns = snapshot.items.last().map_or(0, |item| item.turn.0);
    let turns = if turns == 1 { "1 turn".to_owned() } else { format!("{turns} turns") };
    let what = format!("the session {title} ({id}, {turns})");
    if !pick::has_dialogs(connection) {
        let text = format!(
            "Glossator: to delete {what} for good, run glossator.deleteSession again within a minute."
        );
        connection.ask_to_confirm(id.clone());
        connection.show(MessageType::WARNING, text);
        return Ok(json!({ "sessionId": id, "asked": true }));
    }
    let (asker, of) = (connection.clone(), id.clone());
    tokio::spawn(async move {
        let titles = ["Delete".to_owned(), "Keep".to_owned()];
        let asked = format!("Glossator: delete {what} for good?");
        if pick::choose(&asker, asked, &titles).await == Some(0)
            && let Err(why) = deleted(&asker, of).await
        {
            asker.show(MessageType::ERROR, format!("Glossator: {why}"));
        }
    });
    Ok(json!({ "sessionId": id, "asked": true }))
}

async fn deleted(connection: &Arc<Connection>, id: SessionId) -> Result<Value, String> {
    let gone = change::delete(connection, id.clone()).await.map_err(words)?;
    let text = format!("Glossator: the session is deleted; {} were freed.", size(gone.bytes));
    connection.show(MessageType::INFO, text);
    Ok(json!({ "sessionId": id, "deleted": true, "bytes": gone.bytes }))
}

/// `glossator.exportSession`
pub async fn export(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let given = given(first, command::EXPORT_SESSION, |given, word| {
        let format = serde_json::from_value(json!(word.to_lowercase()));
        given.format =
            Some(format.map_err(|_| format!("'{word}' is no form of an export; say markdown or jsonl."))?);
        Ok(())
    })?;
    let id = session(connection, given.session).await?;
    let (of, format) = (id.clone(), given.format.unwrap_or_default());
    let written = with_agent(connection, move |agent| export::to_file(agent, &of, format));
    let (path, bytes) = written.await.map_err(words)?;
    let uri = documents::open_file(connection, &path)?;
    Ok(json!({ "sessionId": id, "uri": uri, "path": path, "bytes": bytes }))
}

/// A session as messages name it: its title, else its id.
fn called(title: &str, id: &str) -> String {
    if title.is_empty() { id.to_owned() } else { format!("'{}'", cut(title, TITLE)) }
}

/// Bytes as people say them.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// Milliseconds since the Unix epoch.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// An error as people read it.
pub fn words(error: AgentError) -> String {
    error.to_string()
}
