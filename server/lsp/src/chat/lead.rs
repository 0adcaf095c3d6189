//! Where the words of our documents lead: each to a document, made when it is asked for and not before, and a place in it.
//! Shows nothing.

use crate::approvals;
use crate::blocking::with_agent;
use crate::chat::load::{self, items_of};
use crate::chat::outline::Outline;
use crate::chat::outputs::{self, Wanted};
use crate::chat::target::Target;
use crate::connection::Connection;
use crate::context::{cabinet, page, sent};
use crate::documents;
use crate::ours::page_of;
use crate::prompting;
use crate::review;
use glossator_agent::{AgentError, HunkQuery};
use glossator_session::{ChangeSetId, ChangeState, FileKey, HunkId, ItemBody, SessionId, TurnId};
use std::path::PathBuf;
use std::sync::Arc;
use tower_lsp::lsp_types::{Position, Range};
use url::Url;

/// A document, and the line in it that is meant, from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub uri: Url,
    pub line: Option<u32>,
}

impl Place {
    fn at(uri: Url) -> Place {
        Place { uri, line: None }
    }

    /// The place for `window/showDocument`.
    pub fn range(&self) -> Option<Range> {
        let at = Position { line: self.line?, character: 0 };
        Some(Range { start: at, end: at })
    }

    /// The URI with the line in it, as editors understand it in links.
    pub fn link(&self) -> Url {
        let mut uri = self.uri.clone();
        uri.set_fragment(self.line.map(|line| format!("L{}", line + 1)).as_deref());
        uri
    }
}

/// The place that a word of a session leads to; `turn` is the one that the word stands in, if it stands in one.
pub async fn ready(
    connection: &Arc<Connection>,
    session: &SessionId,
    (target, turn): (Target, Option<TurnId>),
) -> Result<Place, String> {
    match target {
        Target::Transcript => load::transcript(connection, session).await.map(Place::at),
        Target::Prompt => prompting::ready(connection, session, None).await.map(Place::at),
        Target::Page(number) => match load::page(connection, session, number).await? {
            Some(uri) => Ok(Place::at(uri)),
            None => Err(format!("There is no page {number} of this session.")),
        },
        Target::Turn(turn) => of_turn(connection, session, turn).await,
        Target::Review(turn) => review::document::made(connection, (session, turn)).await.map(Place::at),
        Target::Context(turn) => context(connection, session, turn).await,
        Target::Call(turn, call) => output(connection, session, (turn, Wanted::Call(call))).await,
        Target::Item(number) => {
            let turn = turn.ok_or("An item is told of in its turn only; name it there.")?;
            output(connection, session, (turn, Wanted::Item(number))).await
        }
        Target::Hunk(id) => hunk(connection, session, |hunk| *hunk == id).await,
        Target::Change(id) => hunk(connection, session, |hunk| hunk.change_set() == id).await,
        Target::Text(key) => kept(connection, session, key).await,
        Target::Board(_) => board(connection, session).await,
        Target::Ask(id) => {
            let pending = approvals::open(connection, session, &id);
            let pending = pending.ok_or_else(|| format!("The question {id} is no longer open."))?;
            of_turn(connection, &pending.session, pending.turn).await
        }
    }
}

/// The heading of a turn, in the transcript or on its page.
async fn of_turn(connection: &Arc<Connection>, session: &SessionId, turn: TurnId) -> Result<Place, String> {
    let uri = load::transcript(connection, session).await?;
    if let Some(line) = heading(connection, &uri, turn).await {
        return Ok(Place { uri, line: Some(line) });
    }
    let missing = || format!("There is no turn {turn} in this session.");
    let uri = load::page(connection, session, page_of(turn)).await?.ok_or_else(missing)?;
    let line = heading(connection, &uri, turn).await.ok_or_else(missing)?;
    Ok(Place { uri, line: Some(line) })
}

async fn heading(connection: &Connection, uri: &Url, turn: TurnId) -> Option<u32> {
    let text = text(connection, uri).await?;
    let outline = Outline::of(&text);
    let line = outline.turns.iter().find(|part| part.id == turn)?.line;
    u32::try_from(line).ok()
}

/// The text of a document of ours: what the editor has, else what was written.
pub async fn text(connection: &Connection, uri: &Url) -> Option<String> {
    if let Some(buffer) = documents::open(connection, uri) {
        return Some(buffer.text.to_string());
    }
    let path = crate::convert::path_of(uri)?;
    connection.workspace.read(&path).await.ok().map(|document| document.text)
}

async fn context(connection: &Arc<Connection>, session: &SessionId, turn: TurnId) -> Result<Place, String> {
    let sent = sent::sent(connection, (session.clone(), (Some(turn), None))).await;
    let sent = sent.map_err(|error| error.to_string())?;
    let name = format!("{turn}-context.md");
    documents::write(connection, (Some(session.clone()), name), page::sent(&sent)).await.map(Place::at)
}

async fn output(
    connection: &Arc<Connection>,
    session: &SessionId,
    (turn, wanted): (TurnId, Wanted),
) -> Result<Place, String> {
    let (id, of) = (session.clone(), wanted.clone());
    let text = with_agent(connection, move |agent| Ok(outputs::text(&items_of(agent, &id, turn)?, &of)));
    let text = text.await.map_err(|error| error.to_string())?;
    let text = text.ok_or_else(|| format!("{turn} has no such call."))?;
    let name = outputs::name(turn, &wanted);
    documents::write(connection, (Some(session.clone()), name), text).await.map(Place::at)
}

/// The first hunk that is meant, in its file.
async fn hunk(
    connection: &Arc<Connection>,
    session: &SessionId,
    is_it: impl Fn(&HunkId) -> bool,
) -> Result<Place, String> {
    let query = HunkQuery { session: Some(session), all: true, ..HunkQuery::default() };
    let all = review::hunks::hunks(connection, query).await;
    let found = all.iter().find(|hunk| is_it(&hunk.view.id));
    let found = found.ok_or("There is no such hunk in this session.")?;
    Ok(Place { uri: found.uri.clone(), line: found.place.map(|place| place.lines.start.line) })
}

/// A text that is kept under a key.
async fn kept(connection: &Arc<Connection>, session: &SessionId, key: FileKey) -> Result<Place, String> {
    let (id, of) = (session.clone(), key.clone());
    let text = with_agent(connection, move |agent| match of.0.starts_with('F') {
        true => agent.filed_text(&of).map(|(_, text)| text),
        false => agent.kept_text(&id, &of),
    });
    let text = text.await.map_err(|error| error.to_string())?;
    let name = format!("{key}.txt");
    documents::write(connection, (Some(session.clone()), name), text).await.map(Place::at)
}

async fn board(connection: &Arc<Connection>, session: &SessionId) -> Result<Place, String> {
    let entries = cabinet::board(connection, session.clone()).await.map_err(|error| error.to_string())?;
    let name = (Some(session.clone()), "board.md".to_owned());
    documents::write(connection, name, page::board(&entries)).await.map(Place::at)
}

/// The file of an edit, by its number from 0, at the first line that the edit changed.
pub async fn file_of(
    connection: &Arc<Connection>,
    session: &SessionId,
    (turn, change, number): (TurnId, ChangeSetId, usize),
) -> Result<Place, String> {
    let id = session.clone();
    let found = with_agent(connection, move |agent| {
        let found = items_of(agent, &id, turn)?.into_iter().find_map(|item| match item.body {
            ItemBody::ChangeSet { id, state: ChangeState::Intended { change: set, hunks, .. } }
                if id == change =>
            {
                let path: PathBuf = set.files.get(number)?.path_after().to_path_buf();
                let line = hunks.iter().find(|hunk| hunk.path == path).and_then(|hunk| hunk.place.line);
                Some((path, line))
            }
            _ => None,
        });
        found.ok_or_else(|| AgentError::Refused(format!("{turn} has no such edit")))
    });
    let (path, line) = found.await.map_err(|error| error.to_string())?;
    let open = connection.workspace.overlay().by_path(&path).and_then(|buffer| Url::parse(&buffer.uri).ok());
    let uri = match open {
        Some(uri) => uri,
        None => documents::uri_of(&path)?,
    };
    let line = line.and_then(|line| u32::try_from(line.saturating_sub(1)).ok());
    Ok(Place { uri, line })
}
