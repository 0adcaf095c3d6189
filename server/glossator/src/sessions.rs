//! `glossator sessions`: the stored sessions of a workspace from a shell. Works on the store, also while a core or another
//! process writes a session: what must not happen then is refused by the store. Starts no model and no editor.

mod arguments;
mod change;
mod listing;
mod paint;
mod remove;
mod turns;

pub use arguments::Sessions;
pub use paint::{count, size};

use crate::assemble;
use crate::terminal::complain;
use arguments::Command;
use glossator_session::{SessionId, TurnId};
use glossator_store::{ListQuery, SessionSummary, Store, StoreError};
use std::path::PathBuf;

/// Exit codes: done, failed, usage.
const DONE: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// Why a command ended without doing what it was asked to.
enum Failure {
    /// It could not be done.
    Failed(String),
    /// It was asked for in a wrong way.
    Usage(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let text = error.to_string();
        // The store speaks to clients of the protocol.
        Failure::Failed(text.replace("`glossator/session/list`", "`glossator sessions list`"))
    }
}

type Done = Result<(), Failure>;

/// The sessions of one workspace, and how things are printed.
struct Desk {
    store: Store,
    workspace: PathBuf,
    json: bool,
}

/// Does it.
pub async fn run(arguments: Sessions) -> u8 {
    // All of it blocks on the disk.
    let done = tokio::task::spawn_blocking(move || carry_out(arguments)).await;
    let done = done.unwrap_or_else(|_| Err(Failure::Failed("it broke down; the log has more".to_owned())));
    match done {
        Ok(()) => DONE,
        Err(Failure::Failed(why)) => {
            complain!("error: {why}");
            FAILED
        }
        Err(Failure::Usage(why)) => {
            complain!("error: {why}");
            USAGE
        }
    }
}

fn carry_out(arguments: Sessions) -> Done {
    let folder = crate::exec::folder(arguments.cwd.as_deref()).map_err(Failure::Usage)?;
    let workspace = glossator_workspace::identity(&folder);
    let store = Store::open(&assemble::folders().state, &workspace)?;
    let desk = Desk { store, workspace, json: arguments.json };
    match arguments.command {
        Command::List(asked) => desk.list(asked),
        Command::Search(asked) => desk.search(asked),
        Command::Show { id, turn, last } => desk.show(&id, turn.as_deref(), last),
        Command::Export { id, format, out } => desk.export(&id, format, out.as_deref()),
        Command::Import { file } => desk.import(&file),
        Command::Fork { id, turn, title } => desk.fork(&id, turn.as_deref(), title),
        Command::Rename { id, title } => desk.rename(&id, &title.join(" ")),
        Command::Archive { ids } => desk.archive(&ids, true),
        Command::Unarchive { ids } => desk.archive(&ids, false),
        Command::Delete { ids, yes } => desk.delete(&ids, yes),
        Command::Attach { folder } => desk.attach(folder.as_deref()),
        Command::Tidy { yes, days } => desk.tidy(yes, days),
        Command::Reindex => desk.reindex(),
    }
}

impl Desk {
    /// The one session whose id begins so.
    fn find(&self, beginning: &str) -> Result<SessionSummary, Failure> {
        let page = self.store.list(&ListQuery::default())?;
        let mut found = page.sessions.into_iter().filter(|session| session.id.0.starts_with(beginning));
        let sure = |session: &SessionSummary| !beginning.is_empty() && session.id.0 == beginning;
        match (found.next(), found.next()) {
            (Some(one), None) if !beginning.is_empty() => Ok(one),
            (Some(one), _) if sure(&one) => Ok(one),
            (Some(_), Some(two)) if sure(&two) => Ok(two),
            (Some(one), Some(two)) => Err(Failure::Failed(format!(
                "the ids of several sessions begin with '{beginning}' ({}, {}, ...): give more of it",
                one.id, two.id
            ))),
            _ => Err(Failure::Failed(format!(
                "there is no session '{beginning}' in {}; `glossator sessions list --all` shows those that exist",
                self.workspace.display()
            ))),
        }
    }

    fn find_all(&self, beginnings: &[String]) -> Result<Vec<SessionSummary>, Failure> {
        let mut found: Vec<SessionSummary> = Vec::new();
        for beginning in beginnings {
            let session = self.find(beginning)?;
            if found.iter().all(|known| known.id != session.id) {
                found.push(session);
            }
        }
        Ok(found)
    }

    /// The id alone, where that is all that is needed.
    fn id(&self, beginning: &str) -> Result<SessionId, Failure> {
        Ok(self.find(beginning)?.id)
    }
}

/// A turn as people write it: `T-7`, `t-7` or 7.
fn turn(text: &str) -> Result<TurnId, Failure> {
    let number = text.trim_start_matches(['T', 't']).trim_start_matches('-');
    let number =
        number.parse().map_err(|_| Failure::Usage(format!("'{text}' is no turn; turns look like T-7")))?;
    Ok(TurnId(number))
}
