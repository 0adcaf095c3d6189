//! The review document of a turn, `T-183.diff`: opened as the answer to a command, kept up to date while nobody has edited
//! it, and applied once somebody has. Its text is the user's as soon as it is edited: it is never overwritten then.

use crate::connection::{Connection, not_started};
use crate::documents;
use crate::offer::action;
use crate::review::decide::resolve;
use crate::review::hunks::{Shown, hunks};
use crate::review::page;
use crate::reviewed::Written;
use crate::showing;
use glossator_agent::HunkQuery;
use glossator_protocol_ext::{self as ext, command};
use glossator_review::document::{at_line, read, render};
use glossator_session::{HunkId, HunkState, SessionId, TurnId};
use glossator_workspace::Buffer;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tower_lsp::lsp_types::request::Request;
use tower_lsp::lsp_types::{CodeActionKind, CodeActionOrCommand, MessageType, Position, Range};
use url::Url;

/// `glossator/changeSet/show`.
enum ShowChangeSet {}

impl Request for ShowChangeSet {
    type Params = ext::ShowChangeSetParams;
    type Result = ext::ShowChangeSetResult;
    const METHOD: &'static str = ext::method::CHANGE_SET_SHOW;
}

const LABEL: &str = "Glossator: review";

const AS_LEFT: &str = "Glossator: the review document holds changes of yours, so it is shown as you left it. Apply them \
                       (glossator.applyReview) or undo them to see it as it is now.";

/// What the file of a review document holds that is not open.
#[derive(PartialEq, Eq)]
enum Saved {
    /// Nothing but what was written there.
    Ours,
    /// What the user made of it.
    Edited,
    /// What was there before this server was started: it may be the user's.
    Unknown,
}

/// Shows the hunks of a turn, at `hunk` if one is named: in the client's own way where it has one, else in the review
/// document.
pub async fn open(
    connection: &Arc<Connection>,
    (session, turn): (SessionId, TurnId),
    hunk: Option<HunkId>,
) -> Result<Value, String> {
    let found = of_turn(connection, &session, turn).await;
    if found.is_empty() {
        return Err(format!("{turn} made no edit that could be shown."));
    }
    let answer = json!({ "sessionId": session, "turnId": turn });
    if !connection.extension("review") {
        let uri = open_document(connection, (&session, turn), &found, hunk).await?;
        return Ok(json!({ "sessionId": session, "turnId": turn, "uri": uri }));
    }
    let client = connection.client.clone();
    let params = ext::ShowChangeSetParams {
        session_id: session.0.clone(),
        turn_id: turn.to_string(),
        files: by_file(&found),
    };
    let connection = connection.clone();
    // Not waited for: the client may answer only after this command has been answered.
    tokio::spawn(async move {
        let shown = client.send_request::<ShowChangeSet>(params).await.is_ok_and(|answer| answer.shown);
        if !shown && let Err(why) = open_document(&connection, (&session, turn), &found, hunk).await {
            connection.show(MessageType::ERROR, format!("Glossator: {why}"));
        }
    });
    Ok(answer)
}

fn by_file(hunks: &[Shown]) -> Vec<ext::ShownFile> {
    let mut files: Vec<ext::ShownFile> = Vec::new();
    for hunk in hunks {
        let uri = hunk.uri.to_string();
        match files.last_mut().filter(|file| file.uri == uri) {
            Some(file) => file.hunks.push(hunk.told()),
            None => files.push(ext::ShownFile { uri, hunks: vec![hunk.told()] }),
        }
    }
    files
}

async fn of_turn(connection: &Arc<Connection>, session: &SessionId, turn: TurnId) -> Vec<Shown> {
    let query = HunkQuery { session: Some(session), turn: Some(turn), all: true, ..HunkQuery::default() };
    hunks(connection, query).await
}

/// The review document of a turn as it is now, written and not shown.
pub async fn made(
    connection: &Arc<Connection>,
    (session, turn): (&SessionId, TurnId),
) -> Result<Url, String> {
    let found = of_turn(connection, session, turn).await;
    if found.is_empty() {
        return Err(format!("{turn} made no edit that could be shown."));
    }
    made_of(connection, (session, turn), &found).await
}

async fn made_of(
    connection: &Arc<Connection>,
    (session, turn): (&SessionId, TurnId),
    hunks: &[Shown],
) -> Result<Url, String> {
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
    let path = agent.review_document(session, turn, None).map_err(|error| error.to_string())?;
    let uri =
        Url::from_file_path(&path).map_err(|()| format!("{} cannot be written as a URI", path.display()))?;
    match documents::open(connection, &uri) {
        Some(buffer) if edited(connection, &buffer) => connection.show(MessageType::INFO, AS_LEFT.to_owned()),
        Some(buffer) => rewrite(connection, &buffer, written(connection, (session, turn), hunks)).await,
        None => {
            let written = written(connection, (session, turn), hunks);
            let saved = saved(connection, (&uri, &path), &written.text).await;
            if saved == Saved::Unknown {
                agent.set_review_aside(session, turn).map_err(|error| error.to_string())?;
            }
            if saved == Saved::Edited {
                connection.show(MessageType::INFO, AS_LEFT.to_owned());
            } else {
                agent
                    .review_document(session, turn, Some(&written.text))
                    .map_err(|error| error.to_string())?;
                connection.reviews.wrote(uri.as_str(), written);
            }
        }
    }
    Ok(uri)
}

async fn open_document(
    connection: &Arc<Connection>,
    (session, turn): (&SessionId, TurnId),
    hunks: &[Shown],
    hunk: Option<HunkId>,
) -> Result<Url, String> {
    let uri = made_of(connection, (session, turn), hunks).await?;
    let otherwise = format!("Glossator: the review of {turn} is in {}.", uri.path());
    let text = text_of(connection, &uri).map(|(text, _)| text).unwrap_or_default();
    let line = hunk.and_then(|hunk| page::line_of(&text, &hunk));
    let at = line.map(|line| Position { line, character: 0 });
    showing::open(connection, uri.clone(), at.map(|at| Range { start: at, end: at }), otherwise);
    Ok(uri)
}

/// What the file of a review document that is not open holds; `new` is to be written there.
async fn saved(connection: &Connection, (uri, path): (&Url, &Path), new: &str) -> Saved {
    let Ok(document) = connection.workspace.read(path).await else { return Saved::Ours };
    match connection.reviews.document(uri.as_str()) {
        _ if document.text == new => Saved::Ours,
        Some(_) if connection.reviews.is_ours(uri.as_str(), &document.text) => Saved::Ours,
        Some(_) => Saved::Edited,
        None => Saved::Unknown,
    }
}

fn written(connection: &Connection, (session, turn): (&SessionId, TurnId), hunks: &[Shown]) -> Written {
    let page = page::page(turn, hunks, &connection.workspace.roots());
    Written { session: session.clone(), turn, text: render(&page), page }
}

/// Whether the user changed an open review document; one of an earlier run of the server counts as not changed, as an
/// editor can undo that it is written anew.
fn edited(connection: &Connection, buffer: &Buffer) -> bool {
    connection.reviews.document(&buffer.uri).is_some_and(|written| buffer.text != written.text)
}

async fn rewrite(connection: &Connection, buffer: &Buffer, written: Written) {
    let is_new = buffer.text != written.text;
    if !is_new || connection.rewrite(buffer, &written.text, LABEL).await {
        connection.reviews.wrote(&buffer.uri, written);
    }
}

/// Writes the open review documents anew that nobody has edited, where something of their hunks has changed.
pub async fn refresh_all(connection: &Arc<Connection>) {
    for (uri, before) in connection.reviews.documents() {
        let open = documents::named(connection, &uri);
        let Some(buffer) = open.filter(|buffer| buffer.text == before.text && !buffer.out_of_step) else {
            continue;
        };
        let found = of_turn(connection, &before.session, before.turn).await;
        if !found.is_empty() {
            rewrite(connection, &buffer, written(connection, (&before.session, before.turn), &found)).await;
        }
    }
}

/// The code actions at a place of a review document.
pub async fn actions(connection: &Arc<Connection>, uri: &Url, at: Position) -> Vec<CodeActionOrCommand> {
    let Some((text, known)) = text_of(connection, uri) else { return Vec::new() };
    let all = of_turn(connection, &known.session, known.turn).await;
    let (open, closed): (Vec<Shown>, Vec<Shown>) =
        all.into_iter().partition(|hunk| hunk.view.state.is_open());
    let mut found = Vec::new();
    let mut offer = |title: &str, name: &str, argument: Value| {
        found.push(action(title, CodeActionKind::QUICKFIX, (name, vec![argument]), Vec::new()));
    };
    let ids = |hunks: &[&Shown]| {
        let ids: Vec<&HunkId> = hunks.iter().map(|hunk| &hunk.view.id).collect();
        json!({ "hunks": ids, "sessionId": known.session })
    };
    if text != known.text {
        offer("Apply my edits", command::APPLY_REVIEW, json!({ "uri": uri }));
    }
    if let Some(spot) = at_line(&text, at.line as usize) {
        if let Some(hunk) = open.iter().find(|hunk| Some(&hunk.view.id) == spot.hunk.as_ref()) {
            offer("Keep hunk", command::KEEP_HUNK, ids(&[hunk]));
            offer("Reject hunk", command::REJECT_HUNK, ids(&[hunk]));
        }
        let decided = |hunk: &&Shown| matches!(hunk.view.state, HunkState::Kept | HunkState::Rejected);
        let here = |hunk: &&Shown| Some(&hunk.view.id) == spot.hunk.as_ref();
        if let Some(hunk) = closed.iter().filter(decided).find(here) {
            offer("Reopen hunk", command::REOPEN_HUNK, ids(&[hunk]));
        }
        let file: Vec<&Shown> = open.iter().filter(|hunk| hunk.view.shown == spot.path).collect();
        if !file.is_empty() {
            offer("Keep file", command::KEEP_HUNK, ids(&file));
            offer("Reject file", command::REJECT_HUNK, ids(&file));
        }
        offer("Go to source", command::SHOW_HUNK, json!({ "uri": uri, "position": at }));
    }
    if !open.is_empty() {
        let argument = json!({ "turnId": known.turn, "sessionId": known.session });
        offer(&format!("Keep all of {}", known.turn), command::KEEP_ALL, argument.clone());
        offer(&format!("Reject all of {}", known.turn), command::REJECT_ALL, argument);
    }
    found
}

/// The text of an open review document, and what was written there last.
fn text_of(connection: &Connection, uri: &Url) -> Option<(String, Written)> {
    let known = connection.reviews.document(uri.as_str())?;
    let buffer = documents::open(connection, uri);
    let text = buffer.map_or_else(|| known.text.clone(), |buffer| buffer.text.to_string());
    Some((text, known))
}

/// The hunk that a line of a review document is of; in the head of a file none.
pub fn hunk_at(connection: &Connection, uri: &Url, at: Position) -> Option<HunkId> {
    let (text, _) = text_of(connection, uri)?;
    at_line(&text, at.line as usize)?.hunk
}

/// What a line of a review document shows: a hunk (the first one in the head of a file), and the line in its file, from 0.
pub async fn source(connection: &Arc<Connection>, uri: &Url, at: Position) -> Option<(Shown, Option<u32>)> {
    let (text, known) = text_of(connection, uri)?;
    let spot = at_line(&text, at.line as usize)?;
    let all = of_turn(connection, &known.session, known.turn).await;
    let hunk = all.into_iter().find(|hunk| match &spot.hunk {
        Some(id) => hunk.view.id == *id,
        None => hunk.view.shown == spot.path,
    })?;
    // The document counts as the file was when it was written.
    let then = page::first_line(&known.page, &hunk.view.id);
    let line = hunk.place.zip(spot.line).zip(then).map(|((place, line), then)| {
        let now = place.range.start.line as usize;
        u32::try_from((line + now).saturating_sub(then)).unwrap_or(u32::MAX)
    });
    Some((hunk, line))
}

/// Does what an edited review document says; without a name the only one that is open.
pub async fn apply(
    connection: &Arc<Connection>,
    uri: Option<String>,
) -> Result<Vec<ext::HunkOutcome>, String> {
    let (buffer, known) = named(connection, uri)?;
    if buffer.out_of_step {
        return Err("The review document could not be followed; close and open it again.".to_owned());
    }
    let decisions = read(&buffer.text.to_string(), &known.page).map_err(|found| page::in_words(&found))?;
    if decisions.is_empty() {
        return Err("The review document holds no change; nothing was decided.".to_owned());
    }
    let decisions = page::decisions(decisions);
    let now = of_turn(connection, &known.session, known.turn).await;
    let changed = |id: &HunkId| {
        let now = now.iter().find(|hunk| hunk.view.id == *id).map(|hunk| &hunk.view.current);
        now != page::hunk(&known.page, id).map(|hunk| &hunk.current)
    };
    let (stale, good): (Vec<_>, Vec<_>) = decisions.into_iter().partition(|(id, _)| changed(id));
    let mut outcomes = match good.is_empty() {
        true => Vec::new(),
        false => resolve(connection, &known.session, good).await.map_err(|error| error.to_string())?,
    };
    outcomes.extend(stale.into_iter().map(|(id, _)| conflict(&now, id)));
    if outcomes.iter().all(|one| one.error.is_none()) {
        show_anew(connection, &buffer, &known).await;
    }
    Ok(outcomes)
}

fn conflict(now: &[Shown], id: HunkId) -> ext::HunkOutcome {
    let hunk = now.iter().find(|hunk| hunk.view.id == id);
    let why = "its lines were changed since the review document was written; undo your changes there and run \
               glossator.review to see them";
    ext::HunkOutcome {
        path: hunk.map(|hunk| hunk.view.shown.clone()).unwrap_or_default(),
        line: hunk.and_then(|hunk| hunk.place).map(|place| place.range.start.line as usize + 1),
        id: id.0,
        state: None,
        error: Some(why.to_owned()),
    }
}

/// What the user wrote has been done: the document shows the hunks as they are now.
async fn show_anew(connection: &Arc<Connection>, buffer: &Buffer, known: &Written) {
    let found = of_turn(connection, &known.session, known.turn).await;
    // Typed on meanwhile: that is not lost.
    let now = connection.workspace.overlay().by_uri(&buffer.uri).filter(|now| now.version == buffer.version);
    if let Some(now) = now {
        rewrite(connection, &now, written(connection, (&known.session, known.turn), &found)).await;
    }
}

fn named(connection: &Connection, uri: Option<String>) -> Result<(Buffer, Written), String> {
    let open = |uri: &str| documents::named(connection, uri);
    if let Some(uri) = uri {
        let known =
            connection.reviews.document(&uri).ok_or("This is not a review document of Glossator's.")?;
        let buffer = open(&uri)
            .ok_or("The review document is not open in the editor, or not known to this server.")?;
        return Ok((buffer, known));
    }
    let mut all = connection.reviews.documents();
    let mut found: Vec<_> = all.drain(..).filter_map(|(uri, known)| Some((open(&uri)?, known))).collect();
    match found.len() {
        0 => Err("No review document is open; glossator.review opens one.".to_owned()),
        1 => Ok(found.remove(0)),
        _ => {
            let uris: Vec<&str> = found.iter().map(|(buffer, _)| buffer.uri.as_str()).collect();
            Err(format!("Several review documents are open; name one of them: {}", uris.join(", ")))
        }
    }
}
