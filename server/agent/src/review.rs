//! What fronts see and do of hunks under review: listed, resolved, undone and redone. The state itself is a fold over the
//! session's items, placed on the texts that the front's workspace shows.

mod again;
mod apply;
mod back;
mod carry;
mod conclude;
mod desk;
mod draft;
mod facts;
mod found;
mod irreversible;
mod layers;
mod resolve;
mod undo;
mod view;

pub use apply::Applied;
pub use view::{HunkQuery, HunkReport, HunkView, Resolution, TurnReport};

use crate::hunks::Placed;
use crate::looks;
use crate::session::Session;
use crate::{Agent, AgentError, Front};
use found::Way;
use glossator_session::{HunkId, HunkState, SessionId, TurnId};
use glossator_text::ChangeSet;
use std::collections::HashMap;
use std::path::PathBuf;

impl Agent {
    /// The hunks that match, on the texts as `front` shows them now: by path, then place. Those of sessions that are not
    /// open in this process are not seen, unless the session is named, which opens it. Where agents of several sessions
    /// changed the same lines the newest hunk stands for them; those below it are undone as long as it stands.
    pub async fn hunks(&self, query: HunkQuery<'_>, front: &Front) -> Vec<HunkView> {
        let sessions = match query.session {
            Some(id) => self.session(id).into_iter().collect(),
            None => self.sessions(),
        };
        let mut views = Vec::new();
        for session in sessions {
            // One that cannot be read again is shown without its old edits.
            let _ = again::know(self.shared(), &session, query.turn).await;
            views.extend(hunks(&session, &query, front).await);
        }
        let covered = layers::covered(self.shared(), paths_of(&views), &front.workspace).await;
        for view in &mut views {
            if covered.contains_key(&(view.session.clone(), view.id.clone())) {
                view.state = HunkState::Undone;
            }
        }
        views.retain(|view| query.all || view.state.is_open());
        views.sort_by(|a: &HunkView, b| {
            let place = |view: &HunkView| view.range.clone().map(|range| (range.start, range.end));
            (&a.path, place(a), &a.id).cmp(&(&b.path, place(b), &b.id))
        });
        views
    }

    /// Of the hunks of a session that took over what earlier turns had changed in their lines: those turns, oldest first.
    /// What stood there before is put back together with theirs.
    ///
    /// # Errors
    /// No such session.
    pub fn taken_over(&self, session: &SessionId) -> Result<HashMap<HunkId, Vec<TurnId>>, AgentError> {
        Ok(looks::table(&*self.session(session)?).ledger.turns_taken_over())
    }

    /// Decides about hunks of one session. Texts change through the same door as any edit, all files as one change set;
    /// what cannot be done is reported hunk by hunk, and the rest is done.
    ///
    /// # Errors
    /// No such session, or a turn of it is being taken back.
    pub async fn resolve(
        &self,
        session: &SessionId,
        decisions: Vec<(HunkId, Resolution)>,
        front: Front,
    ) -> Result<Vec<HunkReport>, AgentError> {
        resolve::resolve(self.shared(), &self.writable(session)?, decisions, front).await
    }

    /// Makes a change that the user takes from the answer of a turn. It is reviewed as the edits of that turn are, and undone with
    /// them; the model is told.
    ///
    /// # Errors
    /// No such session or turn, a turn that is being taken back, and a change that does not fit: nothing was changed then.
    pub async fn apply(
        &self,
        session: &SessionId,
        change: (TurnId, ChangeSet),
        front: Front,
    ) -> Result<Applied, AgentError> {
        apply::apply(self.shared(), &self.writable(session)?, change, front).await
    }

    /// Takes the edits of a turn back, hunk by hunk (the latest turn with edits that stand, if none is named): also those
    /// that were kept. What somebody changed since is left and reported.
    ///
    /// # Errors
    /// No such session, a running turn, or nothing to take back.
    pub async fn undo_edits(
        &self,
        session: &SessionId,
        turn: Option<TurnId>,
        front: Front,
    ) -> Result<TurnReport, AgentError> {
        undo::run(self.shared(), &self.writable(session)?, (Way::Undo, turn), front).await
    }

    /// Makes the edits of a turn again that were taken back (the latest such turn, if none is named): those that its last
    /// undo put back.
    ///
    /// # Errors
    /// As [`Agent::undo_edits`].
    pub async fn redo_edits(
        &self,
        session: &SessionId,
        turn: Option<TurnId>,
        front: Front,
    ) -> Result<TurnReport, AgentError> {
        undo::run(self.shared(), &self.writable(session)?, (Way::Redo, turn), front).await
    }
}

/// The hunks of one session that match.
async fn hunks(session: &Session, query: &HunkQuery<'_>, front: &Front) -> Vec<HunkView> {
    let only: Option<Vec<PathBuf>> = match query.path {
        Some(path) => Some(vec![path.to_path_buf()]),
        None if query.all => Some(looks::table(session).ledger.files().map(PathBuf::from).collect()),
        None => None,
    };
    looks::follow(session, &front.workspace, only.as_deref()).await;
    let table = looks::table(session);
    let roots = front.workspace.roots();
    let mut views = Vec::new();
    for placed in table.all() {
        let path = placed.review.path();
        if query.path.is_some_and(|only| only != path) {
            continue;
        }
        let shown = roots.display(path);
        for hunk in placed.review.hunks() {
            let Some(known) = table.ledger.known(&hunk.id) else { continue };
            let state = known.state_of(placed.review.state(hunk));
            let wanted = (query.all || state.is_open())
                && query.turn.is_none_or(|turn| turn == known.turn)
                && query.change_set.is_none_or(|set| *set == hunk.id.change_set());
            if wanted {
                views.push(view((session, known.turn, &shown), placed, (hunk, state)));
            }
        }
    }
    views
}

/// The files in which lines wait.
fn paths_of(views: &[HunkView]) -> Vec<PathBuf> {
    let open = views.iter().filter(|view| view.state.is_open() && view.part.is_lines());
    let mut paths: Vec<PathBuf> = open.map(|view| view.path.clone()).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn view(
    (session, turn, shown): (&Session, TurnId, &str),
    placed: &Placed,
    (hunk, state): (&glossator_review::Hunk, HunkState),
) -> HunkView {
    let review = &placed.review;
    let findable = !hunk.lost && placed.trouble.is_none() && review.text().is_some();
    HunkView {
        session: session.id().clone(),
        turn,
        id: hunk.id.clone(),
        path: review.path().to_path_buf(),
        shown: shown.to_owned(),
        part: hunk.part.clone(),
        state,
        base: hunk.base.clone(),
        proposed: hunk.proposed.clone(),
        current: review.current(hunk).to_owned(),
        text: review.text().cloned(),
        range: findable.then(|| hunk.range.clone()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
