//! What is written in prompt documents and not sent: stored a moment after the last key, so that it comes back when the editor
//! was closed, or anything crashed. The user's buffer is never saved.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::documents;
use crate::ours::{DRAFT, PROMPT};
use crate::prompt_document::{composed, prompt_in};
use crate::prompting::{self, unborn};
use glossator_agent::AgentError;
use glossator_session::SessionId;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A draft is stored when no key was pressed for this long, or this long after the first.
const QUIET: Duration = Duration::from_millis(500);
const LATEST: Duration = Duration::from_secs(4);
/// Bytes of a draft.
const MOST: usize = 4 << 20;

/// A prompt document was changed.
pub fn changed(connection: &Arc<Connection>, uri: &str) {
    if !connection.prompts.touch(uri) {
        return;
    }
    let (connection, uri) = (connection.clone(), uri.to_owned());
    tokio::spawn(async move {
        while let Some((first, last)) = connection.prompts.touched(&uri) {
            let due = (last + QUIET).min(first + LATEST);
            if due <= std::time::Instant::now() {
                return save(&connection, &uri).await;
            }
            tokio::select! {
                () = sleep_until(Instant::from_std(due)) => {}
                // Whoever ends the connection saves all.
                () = connection.gone() => return,
            }
        }
    });
}

/// Stores what is written in an open prompt document, if it was changed.
async fn save(connection: &Arc<Connection>, uri: &str) {
    if !connection.prompts.untouch(uri) {
        return;
    }
    let Some(buffer) = connection.workspace.overlay().by_uri(uri).filter(|buffer| !buffer.out_of_step) else {
        return;
    };
    let text = connection.prompts.staying(uri, prompt_in(&buffer.text.to_string()));
    keep(connection, uri, text).await;
}

/// The end of the connection is near: all of them are closed.
pub async fn save_all(connection: &Arc<Connection>) {
    for uri in connection.prompts.open() {
        let left = leave(connection, &uri);
        connection.workspace.overlay().close(&uri);
        if let Some(left) = left {
            store(connection, &uri, left).await;
        }
    }
}

/// A prompt document is being closed: what is written there is stored, and stands in its file as well.
pub fn closing(connection: &Arc<Connection>, uri: &str) {
    let Some(left) = leave(connection, uri) else { return };
    let (connection, uri) = (connection.clone(), uri.to_owned());
    tokio::spawn(async move { store(&connection, &uri, left).await });
}

/// What a prompt document holds that is being closed: its session, what is written there, and all of its text.
fn leave(connection: &Connection, uri: &str) -> Option<(SessionId, String, String)> {
    let ours = connection.prompts.document(uri)?;
    connection.prompts.untouch(uri);
    let buffer = connection.workspace.overlay().by_uri(uri).filter(|buffer| !buffer.out_of_step)?;
    let text = connection.prompts.staying(uri, prompt_in(&buffer.text.to_string()));
    let document = composed(prompting::shown(connection, uri).as_deref(), &[], &text);
    Some((ours.session, text, document))
}

/// What stood in a prompt document was sent, but the editor had closed it before it could be taken out: then it was stored.
pub async fn closed(connection: &Arc<Connection>, uri: &str) {
    let Some(ours) = connection.prompts.document(uri) else { return };
    let path = documents::path_of(uri);
    let Some(file) = connection.workspace.read(&path).await.ok() else { return };
    let text = connection.prompts.staying(uri, prompt_in(&file.text));
    let document = composed(prompting::shown(connection, uri).as_deref(), &[], &text);
    if document != file.text {
        store(connection, uri, (ours.session, text, document)).await;
    }
}

/// What was written for a session and not sent, for who opens its prompt document; nothing where another editor has that
/// open and may be writing it.
pub async fn to_go_on_with(connection: &Arc<Connection>, session: &SessionId, path: &Path) -> String {
    match connection.workspace.is_open_elsewhere(path) {
        true => String::new(),
        false if has_begun(connection, session).await => stored(connection, session).await,
        false => unborn::adopted(connection, session).await,
    }
}

async fn store(
    connection: &Arc<Connection>,
    uri: &str,
    (session, text, document): (SessionId, String, String),
) {
    keep(connection, uri, text).await;
    let document = connection.cleaned(document).await;
    // Opened again meanwhile: then it is the editor's.
    if connection.workspace.overlay().by_uri(uri).is_none()
        && let Err(error) = documents::write(connection, (Some(session), PROMPT.to_owned()), document).await
    {
        tracing::warn!(%error, "a prompt document could not be written");
    }
}

/// What was sent is no draft any more.
pub async fn forget(connection: &Arc<Connection>, uri: &str, sent: &str) {
    connection.prompts.untouch(uri);
    let Some(ours) = connection.prompts.document(uri) else { return };
    let sent = connection.cleaned(sent.to_owned()).await;
    let is_elsewhere = connection.workspace.is_open_elsewhere(&documents::path_of(uri));
    // What another editor has written since is not what was sent.
    let is_sent = |stored: &str| !stored.is_empty() && sent.trim().starts_with(stored);
    let draft = stored(connection, &ours.session).await;
    if is_sent(&draft) || (!is_elsewhere && !draft.is_empty()) {
        write(connection, &ours.session, String::new()).await;
    }
    // It was stored before its session had begun. What was typed last may not have been.
    if is_sent(&unborn::read(connection, &ours.session).await) {
        forgotten(unborn::write(connection, &ours.session, String::new()).await);
    }
}

/// A session has begun: what was written for it before, and still is, lies with it from now on. Not waited for.
pub fn begun(connection: &Arc<Connection>, session: &SessionId) {
    if !connection.prompts.take_drafted(session) {
        return;
    }
    let (connection, session) = (connection.clone(), session.clone());
    tokio::spawn(async move {
        let of = session.clone();
        let path = with_agent(&connection, move |agent| agent.document(Some(&of), PROMPT)).await;
        let Some(uri) = path.ok().and_then(|path| documents::uri_of(&path).ok()) else { return };
        // What is being sent is a draft no more in a moment.
        let _held = prompting::leaving(&connection, uri.as_str()).await;
        let draft = unborn::read(&connection, &session).await;
        if !draft.is_empty() {
            forgotten(unborn::write(&connection, &session, String::new()).await);
            if stored(&connection, &session).await.is_empty() {
                write(&connection, &session, draft).await;
            }
        }
    });
}

/// Stores what is written, and was not sent, as the draft of a prompt document.
pub async fn keep(connection: &Arc<Connection>, uri: &str, text: String) {
    let Some(ours) = connection.prompts.document(uri) else { return };
    if text.len() > MOST {
        tracing::warn!(bytes = text.len(), "a draft is too long to be kept");
        return;
    }
    // Nothing is stored of a session that nobody wrote anything for, and no other editor's draft is emptied.
    if text.is_empty() {
        let is_elsewhere = connection.workspace.is_open_elsewhere(&documents::path_of(uri));
        if is_elsewhere || stored(connection, &ours.session).await.is_empty() {
            return;
        }
    }
    if !text.is_empty() && !has_begun(connection, &ours.session).await {
        connection.prompts.set_drafted(&ours.session);
    }
    write(connection, &ours.session, text).await;
}

/// Stores the draft of a session: with it, or with the workspace as long as it has not begun, since such a session is gone
/// with the process.
async fn write(connection: &Arc<Connection>, session: &SessionId, text: String) {
    if !has_begun(connection, session).await {
        return forgotten(unborn::write(connection, session, text).await);
    }
    let (worker, of) = (connection.clone(), session.clone());
    let written = with_agent(connection, move |agent| {
        let text = worker.redacted(&text);
        agent.write_document(Some(&of), (DRAFT, &text)).map(drop)
    });
    forgotten(written.await);
}

fn forgotten(written: Result<(), AgentError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "a draft could not be stored");
    }
}

/// What was written for a session and not sent.
pub async fn stored(connection: &Arc<Connection>, session: &SessionId) -> String {
    if !has_begun(connection, session).await {
        return unborn::read(connection, session).await;
    }
    let of = session.clone();
    let path = with_agent(connection, move |agent| agent.document(Some(&of), DRAFT));
    let Ok(path) = path.await else { return String::new() };
    let read = connection.workspace.read(&path).await;
    read.map(|document| document.text.trim().to_owned()).unwrap_or_default()
}

async fn has_begun(connection: &Arc<Connection>, session: &SessionId) -> bool {
    let of = session.clone();
    let looked = with_agent(connection, move |agent| Ok(agent.usage(&of).is_ok_and(|usage| usage.turns > 0)));
    looked.await.unwrap_or_default()
}
