//! The commands of review, with JSON, plain or no arguments.

use crate::arguments::argument;
use crate::connection::Connection;
use crate::convert;
use crate::review::choose::{self, Chosen, NONE_OPEN};
use crate::review::decide::{Way, decided, resolve, turn};
use crate::review::document;
use crate::review::hunks::{Shown, hunks, listed};
use crate::showing;
use glossator_agent::{AgentError, HunkQuery, Resolution};
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{HunkId, SessionId};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::lsp_types::{MessageType, Position};
use url::Url;

/// Commands that are the same but for what they do with hunks or a turn.
macro_rules! commands {
    ($($name:ident = $run:ident($command:ident, $what:expr)),* $(,)?) => {
        $(
            #[doc = concat!("`", stringify!($command), "`")]
            pub async fn $name(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
                $run(connection, first, (command::$command, $what)).await
            }
        )*
    };
}

commands! {
    keep_hunk = hunk(KEEP_HUNK, Resolution::Keep),
    reject_hunk = hunk(REJECT_HUNK, Resolution::Reject),
    keep_file = file(KEEP_FILE, Resolution::Keep),
    reject_file = file(REJECT_FILE, Resolution::Reject),
    keep_all = all(KEEP_ALL, Resolution::Keep),
    reject_all = all(REJECT_ALL, Resolution::Reject),
    undo = whole(UNDO_TURN, Way::Undo),
    redo = whole(REDO_TURN, Way::Redo),
}

async fn hunk(
    connection: &Arc<Connection>,
    first: Option<Value>,
    (name, resolution): (&str, Resolution),
) -> Result<Value, String> {
    let chosen = choose::by_hunk(connection, argument(first, name)?).await?;
    decide(connection, chosen, resolution).await
}

/// `glossator.reopenHunk`
pub async fn reopen(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let argument: Option<ext::HunkArgument> = argument(first, command::REOPEN_HUNK)?;
    let argument = argument
        .ok_or("Name the hunk that is to be open again; glossator.review shows those of the latest turn.")?;
    decide(connection, choose::by_hunk(connection, Some(argument)).await?, Resolution::Reopen).await
}

async fn file(
    connection: &Arc<Connection>,
    first: Option<Value>,
    (name, resolution): (&str, Resolution),
) -> Result<Value, String> {
    let chosen = choose::by_file(connection, argument(first, name)?).await?;
    decide(connection, chosen, resolution).await
}

async fn all(
    connection: &Arc<Connection>,
    first: Option<Value>,
    (name, resolution): (&str, Resolution),
) -> Result<Value, String> {
    let (session, turn) = choose::by_turn(connection, argument(first, name)?).await?;
    let query = HunkQuery { session: Some(&session), turn: Some(turn), ..HunkQuery::default() };
    let open = hunks(connection, query).await;
    if open.is_empty() {
        return Err(format!("No hunk of {turn} waits for a decision."));
    }
    decide(connection, choose::chosen(&open), resolution).await
}

async fn decide(
    connection: &Arc<Connection>,
    chosen: Chosen,
    resolution: Resolution,
) -> Result<Value, String> {
    let (mut outcomes, mut notes) = (Vec::new(), Vec::new());
    for (session, ids) in chosen {
        let decisions = ids.into_iter().map(|id| (id, resolution.clone())).collect();
        let done = resolve(connection, &session, decisions).await.map_err(words)?;
        notes.extend(with_earlier(connection, &session, &done));
        outcomes.extend(done);
    }
    report(connection, outcomes, &notes)
}

/// What went with hunks that were rejected: changes of earlier turns that they had taken over.
fn with_earlier(connection: &Connection, session: &SessionId, outcomes: &[ext::HunkOutcome]) -> Vec<String> {
    let all = connection.agent().and_then(|agent| agent.taken_over(session).ok()).unwrap_or_default();
    let rejected = outcomes.iter().filter(|one| one.state == Some(ext::HunkState::Rejected));
    let with = |one: &ext::HunkOutcome| {
        let turns = all.get(&HunkId(one.id.clone()))?;
        Some(format!("With {} went what {} had changed there.", one.id, listed(turns)))
    };
    rejected.filter_map(with).collect()
}

/// What was decided, as the answer to a command; what could not be done is shown.
fn report(
    connection: &Connection,
    outcomes: Vec<ext::HunkOutcome>,
    notes: &[String],
) -> Result<Value, String> {
    let mut done = decided(outcomes);
    for note in notes {
        done.message.push(' ');
        done.message.push_str(note);
    }
    match done.failed {
        0 => {}
        failed if failed == done.hunks.len() => return Err(done.message),
        _ => connection.show(MessageType::WARNING, format!("Glossator: {}", done.message)),
    }
    Ok(json!({ "hunks": done.hunks, "message": done.message }))
}

/// `glossator.review`
pub async fn review(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let (turn, hunk) = match argument(first, command::REVIEW)? {
        None => (None, None),
        Some(ext::ReviewArgument::Id(id)) => (Some(ext::TurnArgument::Id(id)), None),
        Some(ext::ReviewArgument::Full { turn_id, session_id, hunk }) => {
            (Some(ext::TurnArgument::Full { turn_id, session_id }), hunk.map(HunkId))
        }
    };
    let turn = match turn {
        Some(turn) => choose::by_turn(connection, Some(turn)).await?,
        None => {
            let current = choose::session(connection).await;
            let turns = choose::turns(&hunks(connection, HunkQuery::default()).await);
            let here = turns.iter().rev().find(|(session, _)| Some(session) == current.as_ref());
            here.or(turns.last()).cloned().ok_or(NONE_OPEN)?
        }
    };
    document::open(connection, turn, hunk).await
}

/// `glossator.nextHunk`
pub async fn next(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let place: Option<ext::PlaceArgument> = argument(first, command::NEXT_HUNK)?;
    choose::session(connection).await;
    let open: Vec<Shown> = hunks(connection, HunkQuery::default()).await;
    if open.is_empty() {
        return Err(NONE_OPEN.to_owned());
    }
    let behind = match place {
        Some(place) => {
            let (uri, position) = choose::place(connection, place)?;
            follower(&open, &uri, position)
        }
        None => {
            // Editors that can pass no place show one after the other.
            let last = connection.looking.last().and_then(|at| {
                let position = convert::lsp_range(at.selection?).end;
                follower(&open, &Url::parse(&at.uri).ok()?, position)
            });
            last.or_else(|| open.iter().find(|hunk| hunk.place.is_some()))
        }
    };
    let Some(hunk) = behind else {
        let text =
            "The hunks that wait for a decision have no place in an open text; glossator.review shows them.";
        return Err(text.to_owned());
    };
    Ok(go_to(connection, hunk, None))
}

/// The next hunk behind a place: in its document, then in the documents after it, then from the first one on.
fn follower<'a>(open: &'a [Shown], uri: &Url, position: Position) -> Option<&'a Shown> {
    let placed = || open.iter().filter(|hunk| hunk.place.is_some());
    let line = |hunk: &Shown| hunk.place.map_or(0, |place| place.lines.start.line);
    let mut here = placed().filter(|hunk| hunk.uri == *uri);
    here.find(|hunk| line(hunk) > position.line)
        .or_else(|| placed().skip_while(|hunk| hunk.uri != *uri).find(|hunk| hunk.uri != *uri))
        .or_else(|| placed().next())
}

/// Opens the file of a hunk at its first line, or at the `line` of the file.
fn go_to(connection: &Connection, hunk: &Shown, line: Option<u32>) -> Value {
    let start = hunk.place.map(|place| place.lines.start);
    let at = line.map(|line| Position { line, character: 0 }).or(start).unwrap_or_default();
    let range = tower_lsp::lsp_types::Range { start: at, end: at };
    connection.looking.at(hunk.uri.as_str(), Some(convert::range(range)));
    let otherwise =
        format!("Glossator: the hunk {} is at {}:{}.", hunk.view.id, hunk.view.shown, at.line + 1);
    showing::open(connection, hunk.uri.clone(), Some(range), otherwise);
    json!({ "hunk": hunk.view.id, "sessionId": hunk.view.session, "uri": hunk.uri, "range": range })
}

/// `glossator.showHunk`
pub async fn show(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let argument: Option<ext::HunkArgument> = argument(first, command::SHOW_HUNK)?;
    if let Some(ext::HunkArgument::At { uri, position }) = &argument {
        let (uri, position) = choose::document_place(uri, *position)?;
        if connection.reviews.document(uri.as_str()).is_some() {
            let source = document::source(connection, &uri, position).await;
            let (hunk, line) = source.ok_or("This line of the review document shows nothing of a file.")?;
            return Ok(go_to(connection, &hunk, line));
        }
    }
    let chosen = choose::by_hunk(connection, argument).await?;
    let (session, ids) = chosen.first_key_value().ok_or(NONE_OPEN)?;
    let query = HunkQuery { session: Some(session), all: true, ..HunkQuery::default() };
    let all = hunks(connection, query).await;
    let hunk = all.iter().find(|hunk| ids.contains(&hunk.view.id));
    let hunk = hunk.ok_or_else(|| format!("There is no hunk {} in this session.", ids[0]))?;
    Ok(go_to(connection, hunk, None))
}

/// `glossator.applyReview`
pub async fn apply(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let argument: Option<ext::SendArgument> = argument(first, command::APPLY_REVIEW)?;
    let outcomes = document::apply(connection, argument.and_then(|argument| argument.uri)).await?;
    report(connection, outcomes, &[])
}

async fn whole(
    connection: &Arc<Connection>,
    first: Option<Value>,
    (name, way): (&str, Way),
) -> Result<Value, String> {
    let argument: Option<ext::TurnArgument> = argument(first, name)?;
    let (named, wanted) = match argument.map(choose::turn_argument).transpose()? {
        Some((session, turn)) => (session, Some(turn)),
        None => (None, None),
    };
    let session = match named {
        Some(session) => session,
        None => choose::session(connection)
            .await
            .ok_or("There is no session yet, so there is nothing to take back or to make again.")?,
    };
    let (result, failed) = turn(connection, (&session, wanted), way).await.map_err(words)?;
    let kind = if failed { MessageType::WARNING } else { MessageType::INFO };
    connection.show(kind, format!("Glossator: {}", result.message));
    Ok(json!(result))
}

fn words(error: AgentError) -> String {
    error.to_string()
}
