//! A change that the user takes from an answer: made in the name of its turn, with hunks that wait for a decision as those of
//! any edit. The model is told with its next request.

use super::facts::door;
use crate::AgentError;
use crate::config::Front;
use crate::looks;
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{ChangeSetId, ContextItem, ItemBody, TurnId};
use glossator_store::Sync;
use glossator_text::ChangeSet;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its change set.
    pub id: ChangeSetId,
    /// Its files, as the user knows them.
    pub files: Vec<String>,
}

pub(crate) async fn apply(
    shared: &Shared,
    session: &Arc<Session>,
    (turn, change): (TurnId, ChangeSet),
    front: Front,
) -> Result<Applied, AgentError> {
    if session.is_undoing() {
        return Err(AgentError::Undoing);
    }
    let latest = session.place().0;
    if turn.0 == 0 || turn > latest {
        return Err(AgentError::Refused(format!("there is no turn {turn} in this session")));
    }
    let _deciding = session.hunks.deciding.lock().await;
    let paths: Vec<PathBuf> = change.files.iter().map(|file| file.path.clone()).collect();
    // What the user changed in these files counts first.
    looks::follow(session, &front.workspace, Some(&paths)).await;
    looks::record_seen(session);
    let door = door(shared, session, (&front, turn, &CancellationToken::new()));
    let label = format!("Glossator: block of {turn}");
    let made = door.commit(change, &label, None).await.map_err(AgentError::Refused)?;
    let text = format!(
        "The user applied a code block of the answer in {turn} to {} ({}); the edit waits for the user's review.",
        made.files.join(", "),
        made.id
    );
    let told = ContextItem::Told { text, about: String::new() };
    // A log that cannot be written has been reported by `record`, and the edit stands.
    let _ = session.record(latest, ItemBody::Context(told), Sync::No);
    Ok(Applied { id: made.id, files: made.files })
}
