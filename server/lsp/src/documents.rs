//! Documents of ours that only show something: written anew each time that they are asked for, in the editor where they are
//! open there, else in the state folder. What they say is made elsewhere.

use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::showing;
use glossator_session::SessionId;
use glossator_workspace::Buffer;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// Shows `text` as the document `name` of a session, or of the workspace; gives its URI.
pub async fn show(
    connection: &Arc<Connection>,
    document: (Option<SessionId>, String),
    text: String,
) -> Result<Url, String> {
    let uri = write(connection, document, text).await?;
    let path = uri.to_file_path().unwrap_or_default();
    open_file(connection, &path)?;
    Ok(uri)
}

/// Writes `text` into the document `name` of a session, or of the workspace: in the editor where it is open there, else on the
/// disk, unless another editor has it open, which keeps what it shows. Gives its URI.
pub async fn write(
    connection: &Arc<Connection>,
    (session, name): (Option<SessionId>, String),
    text: String,
) -> Result<Url, String> {
    let (of, named) = (session.clone(), name.clone());
    let path = with_agent(connection, move |agent| agent.document(of.as_ref(), &named));
    let path = path.await.map_err(|error| error.to_string())?;
    let uri = uri_of(&path)?;
    let open = open(connection, &uri);
    let rewritten = match open {
        Some(buffer) => {
            buffer.text == text.as_str() || connection.rewrite(&buffer, &text, "Glossator: shown anew").await
        }
        None => connection.workspace.is_open_elsewhere(&path),
    };
    if !rewritten {
        let written =
            with_agent(connection, move |agent| agent.write_document(session.as_ref(), (&name, &text)));
        written.await.map_err(|error| error.to_string())?;
    }
    Ok(uri)
}

/// The buffer of a document of ours, if the editor has it open, however it writes the URI.
pub fn open(connection: &Connection, uri: &Url) -> Option<Buffer> {
    let overlay = connection.workspace.overlay();
    let own = || {
        let path = crate::convert::path_of(uri)?;
        let physical = glossator_workspace::physical(&path).unwrap_or_else(|_| path.clone());
        let (name, _) = overlay.uri_of(&physical).or_else(|| overlay.uri_of(&path))?;
        overlay.by_uri(&name)
    };
    overlay.by_uri(uri.as_str()).or_else(own)
}

/// As [`open`], by a URI that is text.
pub fn named(connection: &Connection, uri: &str) -> Option<Buffer> {
    let parsed = || open(connection, &Url::parse(uri).ok()?);
    connection.workspace.overlay().by_uri(uri).or_else(parsed)
}

/// Shows a file of ours.
pub fn open_file(connection: &Connection, path: &Path) -> Result<Url, String> {
    let uri = uri_of(path)?;
    showing::open(connection, uri.clone(), None, format!("Glossator: it is in {}.", path.display()));
    Ok(uri)
}

/// The file of a URI; nothing, where it is of none.
pub fn path_of(uri: &str) -> PathBuf {
    Url::parse(uri).ok().as_ref().and_then(crate::convert::path_of).unwrap_or_default()
}

/// The URI of a file.
pub fn uri_of(path: &Path) -> Result<Url, String> {
    Url::from_file_path(path).map_err(|()| format!("{} cannot be written as a URI", path.display()))
}
