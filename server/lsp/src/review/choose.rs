//! Which hunks a command means: those it names, those at a place, or the only ones there are; several are listed.

use crate::connection::Connection;
use crate::present::forward;
use crate::review::document;
use crate::review::hunks::{Shown, hunks, in_document, path_of};
use glossator_agent::HunkQuery;
use glossator_protocol_ext as ext;
use glossator_session::{HunkId, SessionId, TurnId};
use glossator_workspace::Buffer;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use tower_lsp::lsp_types::{Position, Range};
use url::Url;

/// What an error lists at most.
const LISTED: usize = 20;

/// Hunks by their sessions.
pub type Chosen = BTreeMap<SessionId, Vec<HunkId>>;

pub const NONE_OPEN: &str = "No hunk waits for a decision.";

/// The session of this connection, opened if it was not yet, as after a restart: only then its hunks are seen.
pub async fn session(connection: &Arc<Connection>) -> Option<SessionId> {
    let asked = connection.clone();
    let opened = tokio::task::spawn_blocking(move || asked.last_session()).await;
    let session = opened.ok().flatten()?;
    forward(connection, &session);
    Some(session)
}

/// The hunks that `argument` means; the only open one without.
pub async fn by_hunk(
    connection: &Arc<Connection>,
    argument: Option<ext::HunkArgument>,
) -> Result<Chosen, String> {
    let current = session(connection).await;
    match argument {
        Some(ext::HunkArgument::Id(text)) => match line_of(connection, &text) {
            Some(place) => at(connection, place?).await,
            None => named(vec![text], None, current),
        },
        Some(ext::HunkArgument::Named { hunks, session_id }) => named(hunks, session_id, current),
        Some(ext::HunkArgument::At { uri, position }) => {
            at(connection, document_place(&uri, position)?).await
        }
        None => {
            let open = hunks(connection, HunkQuery::default()).await;
            match open.as_slice() {
                [] => Err(NONE_OPEN.to_owned()),
                [_] => Ok(chosen(&open)),
                several => {
                    let names = several.iter().map(|one| format!("{} ({})", one.view.id, one.location()));
                    Err(format!("Several hunks wait for a decision; name one of them: {}", list(names)))
                }
            }
        }
    }
}

fn named(ids: Vec<String>, session: Option<String>, current: Option<SessionId>) -> Result<Chosen, String> {
    if ids.is_empty() {
        return Err("No hunk is named.".to_owned());
    }
    let session =
        session.map(SessionId).or(current).ok_or("There is no session yet, so there are no hunks.")?;
    Ok(Chosen::from([(session, ids.into_iter().map(HunkId).collect())]))
}

async fn at(connection: &Arc<Connection>, (uri, position): (Url, Position)) -> Result<Chosen, String> {
    if let Some(written) = connection.reviews.document(uri.as_str()) {
        let id = document::hunk_at(connection, &uri, position)
            .ok_or("There is no hunk at this line of the review document.")?;
        return Ok(Chosen::from([(written.session, vec![id])]));
    }
    let found = touching(connection, &uri, position).await;
    match found.is_empty() {
        true => Err("There is no hunk at this place; glossator.nextHunk goes to the next one.".to_owned()),
        false => Ok(chosen(&found)),
    }
}

/// The open hunks at a place of a file.
pub async fn touching(connection: &Arc<Connection>, uri: &Url, position: Position) -> Vec<Shown> {
    let mut found = in_document(connection, uri).await;
    found.retain(|hunk| hunk.touches(&Range { start: position, end: position }));
    found
}

/// The place that an argument names.
pub fn place(connection: &Connection, place: ext::PlaceArgument) -> Result<(Url, Position), String> {
    match place {
        ext::PlaceArgument::At { uri, position } => document_place(&uri, position),
        ext::PlaceArgument::Line(text) => line_of(connection, &text)
            .unwrap_or_else(|| Err(format!("'{text}' is no place; say it like src/a.rs:12."))),
    }
}

/// The document and the place in it.
pub fn document_place(uri: &str, at: ext::Position) -> Result<(Url, Position), String> {
    let uri = Url::parse(uri).map_err(|error| format!("'{uri}' is not a URI ({error})."))?;
    Ok((uri, Position { line: at.line, character: at.character }))
}

/// The one open document that `../a.rs` or `~/src/a.rs` can mean.
fn meant(open: &[Buffer], name: &str) -> Result<Url, String> {
    let normal = |part: &Component<'_>| matches!(part, Component::Normal(name) if *name != "~");
    let rest: PathBuf = Path::new(name).components().filter(normal).collect();
    let ends = |buffer: &&Buffer| buffer.path.as_ref().is_some_and(|path| path.ends_with(&rest));
    let mut found = open.iter().filter(ends);
    match (found.next(), found.next()) {
        (Some(one), None) => Url::parse(&one.uri).map_err(|error| error.to_string()),
        _ => Err(format!("'{name}' does not tell one open document; name it from the workspace folder.")),
    }
}

/// The place that `src/a.rs:12` or a URI with a line means; `None` if `text` is nothing like that.
fn line_of(connection: &Connection, text: &str) -> Option<Result<(Url, Position), String>> {
    let (name, line) = text.rsplit_once(':')?;
    let line: u32 = line.parse().ok()?;
    let position = Position { line: line.saturating_sub(1), character: 0 };
    if let Some(uri) = Url::parse(name).ok().filter(|uri| !uri.cannot_be_a_base()) {
        return Some(Ok((uri, position)));
    }
    // Names that no path of the workspace begins with: what an editor writes from a folder of its own.
    if name.starts_with("~/") || name.starts_with("../") {
        return Some(meant(&connection.workspace.overlay().all(), name).map(|uri| (uri, position)));
    }
    let path = connection.workspace.roots().resolve(name);
    let uri = path.map_err(|error| error.to_string()).and_then(|path| {
        Url::from_file_path(&path).map_err(|()| format!("{} cannot be written as a URI", path.display()))
    });
    Some(uri.map(|uri| (uri, position)))
}

/// The open hunks of one file.
pub async fn by_file(
    connection: &Arc<Connection>,
    argument: Option<ext::FileArgument>,
) -> Result<Chosen, String> {
    session(connection).await;
    let (name, session) = match argument {
        Some(ext::FileArgument::Name(name)) => (Some(name), None),
        Some(ext::FileArgument::Full { uri, session_id }) => (Some(uri), session_id.map(SessionId)),
        None => (None, None),
    };
    let mut open = hunks(connection, HunkQuery { session: session.as_ref(), ..HunkQuery::default() }).await;
    let Some(name) = name else {
        let mut files: Vec<String> = open.iter().map(|hunk| hunk.view.shown.clone()).collect();
        files.dedup();
        return match files.as_slice() {
            [] => Err(NONE_OPEN.to_owned()),
            [_] => Ok(chosen(&open)),
            _ => {
                Err(format!("Hunks of several files wait for a decision; name one of them: {}", list(files)))
            }
        };
    };
    let meant = is_file(connection, &name);
    open.retain(|hunk| meant(hunk));
    match open.is_empty() {
        true => Err(format!("No hunk of {name} waits for a decision.")),
        false => Ok(chosen(&open)),
    }
}

/// Whether a hunk is in the file that `name` means: a URI, or a path as the user knows it.
pub fn is_file(connection: &Connection, name: &str) -> impl Fn(&Shown) -> bool {
    let uri = Url::parse(name).ok();
    let path = uri.as_ref().and_then(|uri| path_of(connection, uri)).unwrap_or_else(|| PathBuf::from(name));
    move |hunk| {
        Some(&hunk.uri) == uri.as_ref()
            || hunk.view.path == path
            || path.as_os_str() == hunk.view.shown.as_str()
    }
}

/// The turn that `argument` means; the only one with open hunks without.
pub async fn by_turn(
    connection: &Arc<Connection>,
    argument: Option<ext::TurnArgument>,
) -> Result<(SessionId, TurnId), String> {
    let current = session(connection).await;
    if let Some(argument) = argument {
        let (session, turn) = turn_argument(argument)?;
        let session = session.or(current).ok_or("There is no session yet, so there are no hunks.")?;
        return Ok((session, turn));
    }
    let open = hunks(connection, HunkQuery::default()).await;
    match turns(&open).as_slice() {
        [] => Err(NONE_OPEN.to_owned()),
        [one] => Ok(one.clone()),
        several => Err(format!(
            "Hunks of several turns wait for a decision; name one of them: {}",
            list(several.iter().map(|(session, turn)| match Some(session) == current.as_ref() {
                true => turn.to_string(),
                false => format!("{turn} of session {session}"),
            }))
        )),
    }
}

/// The session, if one is named, and the turn.
pub fn turn_argument(argument: ext::TurnArgument) -> Result<(Option<SessionId>, TurnId), String> {
    let (turn, session) = match argument {
        ext::TurnArgument::Id(id) => (id, None),
        ext::TurnArgument::Full { turn_id, session_id } => (turn_id, session_id.map(SessionId)),
    };
    Ok((session, TurnId::try_from(turn)?))
}

/// The turns that made these hunks, oldest first.
pub fn turns(open: &[Shown]) -> Vec<(SessionId, TurnId)> {
    let mut turns: Vec<_> = open.iter().map(|hunk| (hunk.view.session.clone(), hunk.view.turn)).collect();
    turns.sort();
    turns.dedup();
    turns
}

/// These hunks, by their sessions.
pub fn chosen(found: &[Shown]) -> Chosen {
    let mut chosen = Chosen::new();
    for Shown { view, .. } in found {
        chosen.entry(view.session.clone()).or_default().push(view.id.clone());
    }
    chosen
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<String> = names.into_iter().collect();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
