//! Keeps an open transcript up to date, by edits of what has changed: at most four a second, none while somebody types, on the
//! text that the editor has. What a user changes there is put right with the next one. One task for each open transcript.

use crate::chat::load::{self, Loaded};
use crate::chat::transcript::Transcript;
use crate::connection::Connection;
use crate::ours::Kind;
use crate::sessions::commands::now;
use crate::showing;
use glossator_session::{Event, SessionId};
use glossator_workspace::Buffer;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Time between two edits, a little above a quarter of a second.
const PACE: Duration = Duration::from_millis(270);
/// Time without a keystroke before an edit, a little above what is promised.
const QUIET: Duration = Duration::from_millis(420);
/// The longest wait after edits that were refused; after this many the text has to change first.
const LONGEST: Duration = Duration::from_secs(8);
const REFUSALS: u32 = 8;

const LABEL: &str = "Glossator: chat";

/// A document was opened: a transcript is kept up to date from now on, whoever opened it.
pub fn opened(connection: &Arc<Connection>, uri: &str) {
    let ours = connection.prompts.folders.document(uri).filter(|ours| ours.kind == Kind::Transcript);
    let Some(ours) = ours else { return };
    if !connection.prompts.follow(uri) {
        return;
    }
    let (connection, uri) = (connection.clone(), uri.to_owned());
    tokio::spawn(async move {
        loop {
            match run(&connection, &uri, &ours.session).await {
                End::Session => {}
                End::Nothing => return connection.prompts.unfollow(&uri),
                End::Document => {
                    connection.prompts.unfollow(&uri);
                    // Opened again in the moment in which it was let go.
                    let is_open = connection.workspace.overlay().by_uri(&uri).is_some();
                    if !is_open || !connection.prompts.follow(&uri) {
                        return;
                    }
                }
            }
        }
    });
}

/// Why a transcript is not followed any more.
enum End {
    /// The session was closed, and may be opened anew.
    Session,
    /// The document was closed.
    Document,
    /// The session cannot be read, or the client is gone.
    Nothing,
}

async fn run(connection: &Arc<Connection>, uri: &str, session: &SessionId) -> End {
    let Ok(Loaded { mut events, transcript }) = load::watched(connection, session).await else {
        return End::Nothing;
    };
    let mut view = View::over(transcript);
    let overlay = connection.workspace.overlay();
    let mut changed = overlay.changed();
    loop {
        let Some(buffer) = overlay.by_uri(uri) else { return End::Document };
        view.look(&buffer);
        let due = view.due(connection);
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { return End::Session };
                view.take(connection, &event);
                while let Some(event) = events.try_next() {
                    view.take(connection, &event);
                }
                view.learn(connection, session).await;
            }
            changed = changed.changed() => {
                if changed.is_err() {
                    return End::Nothing;
                }
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                view.write(connection, &buffer).await;
            }
            () = connection.gone() => return End::Nothing,
        }
    }
}

/// A transcript and the text that the editor shows of it.
struct View {
    transcript: Transcript,
    /// Whether something may have to be written.
    stale: bool,
    /// The version of the text that was looked at last.
    version: Option<i32>,
    /// When an edit was made last.
    last: Option<Instant>,
    /// Edits that were refused in a row.
    refused: u32,
    /// Whether the session's head has to be read again.
    unborn: bool,
}

impl View {
    fn over(transcript: Transcript) -> View {
        let unborn = transcript.is_unborn();
        View { transcript, stale: true, version: None, last: None, refused: 0, unborn }
    }

    /// The editor shows this text.
    fn look(&mut self, buffer: &Buffer) {
        if self.version.replace(buffer.version) != Some(buffer.version) {
            (self.stale, self.refused) = (true, 0);
        }
        if buffer.out_of_step {
            self.stale = false;
        }
    }

    fn take(&mut self, connection: &Connection, event: &Event) {
        let roots = connection.workspace.roots();
        self.transcript.event(event, now(), &|path: &Path| roots.display(path));
        self.stale = true;
    }

    /// Reads the head of a session that has begun meanwhile.
    async fn learn(&mut self, connection: &Arc<Connection>, session: &SessionId) {
        if self.unborn
            && self.transcript.running().is_some()
            && let Some(head) = load::head(connection, session).await
        {
            self.transcript.begun(&head);
            self.unborn = self.transcript.is_unborn();
        }
    }

    /// When the next edit may be made; `None`: there is nothing to write.
    fn due(&self, connection: &Connection) -> Option<Instant> {
        if !self.stale || self.refused >= REFUSALS {
            return None;
        }
        let wait = PACE.saturating_mul(1 << self.refused.min(8)).min(LONGEST);
        let paced = self.last.map(|last| last + wait);
        let quiet = connection.looking.last_typed().map(|at| Instant::from_std(at + QUIET));
        Some([paced, quiet].into_iter().flatten().max().unwrap_or_else(Instant::now))
    }

    async fn write(&mut self, connection: &Connection, buffer: &Buffer) {
        // A key that was pressed in this moment.
        if self.due(connection).is_some_and(|due| due > Instant::now()) {
            return;
        }
        self.stale = false;
        let text = self.transcript.markdown();
        // An editor may keep it with other line ends.
        let has_crlf = buffer.text.get_line(0).is_some_and(|line| line.to_string().ends_with("\r\n"));
        let text = if has_crlf { text.replace('\n', "\r\n") } else { text };
        if buffer.text == text.as_str() {
            return;
        }
        self.last = Some(Instant::now());
        let overlay = connection.workspace.overlay();
        let accepted = connection.rewrite(buffer, &text, LABEL).await;
        if accepted {
            // Its text comes behind the answer, or before it.
            showing::newer(connection, buffer).await;
        }
        // Some editors say that they did what they refused.
        let moved = overlay.by_uri(&buffer.uri).is_none_or(|now| now.version != buffer.version);
        self.refused = if accepted && moved { 0 } else { self.refused + 1 };
        // Whatever the editor made of it is looked at.
        self.stale = true;
    }
}
