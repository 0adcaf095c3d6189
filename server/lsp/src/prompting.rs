//! Opens the prompt document of a session, fills it, takes what the user wrote in one and empties it. What its text means is
//! held by `prompt_document`; nothing is sent from here.

mod attend;
pub mod drafts;
mod unborn;

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::documents;
use crate::markdown::one_line;
use crate::ours::PROMPT;
use crate::prompt_document::{About, composed, prompt_in, recomposed, written as parsed};
use crate::showing;
use crate::words::cut;
use glossator_session::SessionId;
use glossator_text::{Position, Range};
use glossator_workspace::Buffer;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tower_lsp::lsp_types as lsp;
use url::Url;

pub use attend::attend;

/// Characters of the name of what a prompt is about.
const NAME: usize = 120;
/// How often what could not be cleared is tried again.
const TRIES: usize = 5;
/// How long what was sent is waited for to stand in its document no more: a little longer than an edit is.
const LEAVING: Duration = Duration::from_secs(6);

/// Opens the prompt document of the current session, for something to be written there; `command` says what is to be run then.
pub async fn open(
    connection: &Arc<Connection>,
    about: Option<About>,
    command: &str,
) -> Result<Value, String> {
    let session = connection.current_session().map_err(|error| error.to_string())?;
    open_of(connection, &session, about, command).await
}

/// As [`open`], of a session.
pub async fn open_of(
    connection: &Arc<Connection>,
    session: &SessionId,
    about: Option<About>,
    command: &str,
) -> Result<Value, String> {
    let uri = ready(connection, session, about).await?;
    let how = format!("Write it in {} and run {command}.", path_of(&uri));
    showing::open(connection, uri.clone(), Some(end_of(connection, &uri)), how);
    Ok(json!({ "uri": uri }))
}

/// The prompt document of a session, with what was written and not sent; about something else from now on, if that is named.
/// Not shown.
pub async fn ready(
    connection: &Arc<Connection>,
    session: &SessionId,
    about: Option<About>,
) -> Result<Url, String> {
    let of = session.clone();
    let path = with_agent(connection, move |agent| agent.document(Some(&of), PROMPT)).await;
    let path = path.map_err(|error| error.to_string())?;
    let uri = documents::uri_of(&path)?;
    if about.is_some() {
        connection.prompts.set_about(uri.as_str(), about);
    }
    match documents::open(connection, &uri) {
        Some(buffer) => {
            // What it is about may be new.
            refresh(connection, &buffer, &[]).await;
            // The editor's own name for it.
            return Ok(Url::parse(&buffer.uri).unwrap_or(uri));
        }
        None => {
            let draft = drafts::to_go_on_with(connection, session, &path).await;
            let text = composed(shown(connection, uri.as_str()).as_deref(), &[], &draft);
            documents::write(connection, (Some(session.clone()), PROMPT.to_owned()), text).await?;
        }
    }
    Ok(uri)
}

/// What the prompt document `uri` is about, for people.
pub fn shown(connection: &Connection, uri: &str) -> Option<String> {
    let about = connection.prompts.about(uri)?;
    let file = Url::parse(&about.uri).ok().as_ref().and_then(crate::convert::path_of);
    let name = file.map_or_else(|| about.uri.clone(), |file| connection.workspace.roots().display(&file));
    // What would end the comment is no part of a name that people read.
    let name = one_line(&name, NAME).replace("--", "\u{2010}\u{2010}");
    let Range { start, end } = about.range;
    let last =
        if end.character == 0 && end.line > start.line { end.line } else { end.line.saturating_add(1) };
    Some(match start.line.saturating_add(1) == last {
        true => format!("{name}, line {last}"),
        false => format!("{name}, lines {} to {last}", start.line.saturating_add(1)),
    })
}

/// Brings the notes above an open prompt up to date; what the user wrote stays. `false`: the editor refused.
pub async fn refresh(connection: &Connection, buffer: &Buffer, notes: &[String]) -> bool {
    let text = buffer.text.to_string();
    let written = prompt_in(&text);
    let wanted = recomposed(&text, shown(connection, &buffer.uri).as_deref(), notes, &written);
    text == wanted || connection.rewrite(buffer, &wanted, "Glossator: prompt").await
}

/// The prompt document that is meant: `uri`, else the only one that is open, else that of the session that is worked in.
pub fn meant(connection: &Connection, uri: Option<String>) -> Result<String, String> {
    if let Some(uri) = uri {
        return Some(uri)
            .filter(|uri| connection.prompts.is_prompt(uri))
            .ok_or_else(|| "This is not a prompt document of Glossator's.".to_owned());
    }
    let mut open = connection.prompts.open();
    match open.len() {
        0 => Err("There is no prompt document open; glossator.chat opens one.".to_owned()),
        1 => Ok(open.remove(0)),
        _ => {
            let current = connection.peek_session();
            let is_current = |uri: &&String| {
                current.is_some() && connection.prompts.document(uri).map(|ours| ours.session) == current
            };
            open.iter().find(is_current).cloned().ok_or_else(|| {
                format!("Several prompt documents are open; name one of them: {}", open.join(", "))
            })
        }
    }
}

/// What is written in the prompt document that is meant without a name, and its buffer; `None` if there is nothing.
pub fn written(connection: &Connection) -> Option<(Buffer, String)> {
    let uri = meant(connection, None).ok()?;
    let buffer = connection.workspace.overlay().by_uri(&uri)?;
    let text = parsed(&buffer.text.to_string()).text;
    (!text.is_empty()).then_some((buffer, text))
}

/// Waits until what was sent from the prompt document `uri` stands there no more; `true` beside what is to be held: there was
/// something. `None`: the editor does not take it out.
pub async fn leaving(connection: &Connection, uri: &str) -> Option<(OwnedMutexGuard<()>, bool)> {
    let leaving = connection.prompts.leaving(uri);
    match leaving.clone().try_lock_owned() {
        Ok(held) => Some((held, false)),
        Err(_) => Some((tokio::time::timeout(LEAVING, leaving.lock_owned()).await.ok()?, true)),
    }
}

/// Empties a prompt document of what was used, as [`cleared`] does. Not waited for.
pub fn clear(connection: &Arc<Connection>, buffer: Buffer) {
    let connection = connection.clone();
    tokio::spawn(async move {
        let _held = leaving(&connection, &buffer.uri).await;
        cleared(&connection, &buffer, "").await;
    });
}

/// Leaves only `left` of what was written in a prompt document, as one undo step. What was typed behind it meanwhile stays; an
/// editor that refuses is asked again on its newer text.
pub async fn cleared(connection: &Arc<Connection>, buffer: &Buffer, left: &str) {
    let sent = prompt_in(&buffer.text.to_string());
    if left.is_empty() {
        connection.prompts.set_about(&buffer.uri, None);
        drafts::forget(connection, &buffer.uri, &sent).await;
    }
    taken_out(connection, buffer, (&sent, left)).await;
    connection.prompts.gone(&buffer.uri);
}

async fn taken_out(connection: &Arc<Connection>, buffer: &Buffer, (sent, left): (&str, &str)) {
    for _ in 0..TRIES {
        let Some(now) = connection.workspace.overlay().by_uri(&buffer.uri) else {
            return drafts::closed(connection, &buffer.uri).await;
        };
        let written = prompt_in(&now.text.to_string());
        // What was changed before its end is another prompt now.
        let Some(rest) = written.strip_prefix(sent) else { return };
        let text = [left, rest.trim()].join("\n\n");
        let about = shown(connection, &buffer.uri);
        let wanted = recomposed(&now.text.to_string(), about.as_deref(), &[], text.trim());
        if now.text == wanted.as_str() {
            return;
        }
        let is_done = connection.rewrite(&now, &wanted, "Glossator: sent").await;
        // Until the editor has told of it, the text here is the old one.
        showing::newer(connection, &now).await;
        if is_done {
            return;
        }
    }
}

/// Puts a text back into an open prompt document in which nothing is written; `false`: something else is, or it is not open.
pub async fn put_back(connection: &Connection, uri: &str, text: &str) -> bool {
    for _ in 0..TRIES {
        let Some(buffer) = connection.workspace.overlay().by_uri(uri) else { return false };
        let written = prompt_in(&buffer.text.to_string());
        if !written.is_empty() {
            return written == text;
        }
        let wanted = recomposed(&buffer.text.to_string(), shown(connection, uri).as_deref(), &[], text);
        if connection.rewrite(&buffer, &wanted, "Glossator: prompt").await {
            return true;
        }
        showing::newer(connection, &buffer).await;
    }
    false
}

/// The end of a prompt document, where the user goes on.
pub fn end_of(connection: &Connection, uri: &Url) -> lsp::Range {
    let line = match documents::open(connection, uri) {
        Some(buffer) => u32::try_from(buffer.text.len_lines().saturating_sub(1)).unwrap_or_default(),
        // Below the heading and an empty line.
        None => 2 + u32::from(connection.prompts.about(uri.as_str()).is_some()),
    };
    let at = crate::convert::lsp_range(Range {
        start: Position { line, character: 0 },
        end: Position { line, character: 0 },
    });
    lsp::Range { start: at.start, end: at.end }
}

fn path_of(uri: &Url) -> String {
    let path = crate::convert::path_of(uri);
    cut(&path.map_or_else(|| uri.to_string(), |path| path.display().to_string()), 300)
}
