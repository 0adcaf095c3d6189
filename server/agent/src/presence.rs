//! Which connections an agent has, and which turns would wait for one. Decides nothing about turns: they ask here.

use glossator_session::{SessionId, TurnId};
use glossator_workspace::Workspace;
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// An editor that is ready opens its documents within this time: before that, what it shows would be edited on the disk.
const OPENING: Duration = Duration::from_millis(500);
/// An editor that does not say that it is ready is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// What goes on at an agent, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rest {
    /// Nothing.
    Idle,
    /// Turns wait for an editor, and need not be kept for that: they can be interrupted and gone on with by a prompt.
    Paused,
    /// Turns wait for an editor, and are to be kept until one comes.
    Parked,
    /// A turn, a task or an undo is at work.
    Working,
}

/// A turn that can say whether it works.
pub(crate) trait Resting: Send + Sync {
    fn rest(&self) -> Rest;
}

/// The connections of one agent.
#[derive(Default)]
pub struct Presence {
    table: Mutex<Table>,
    /// Counts the comings and goings.
    changes: watch::Sender<u64>,
    /// Why all of it ends, once it does.
    closing: OnceLock<String>,
    turns: Mutex<Vec<Known>>,
}

/// A turn that runs, or has ended.
struct Known {
    session: SessionId,
    turn: TurnId,
    resting: Weak<dyn Resting>,
}

#[derive(Default)]
struct Table {
    last: u64,
    /// In the order in which they came.
    here: Vec<Here>,
}

struct Here {
    number: u64,
    workspace: Workspace,
    /// Whether a person sits there.
    interactive: bool,
    /// When its documents are open, as far as is known.
    settled: Instant,
}

/// A connection's place at its agent. Clones are the same place. The default is one at no agent, which is never given up.
#[derive(Clone, Default)]
pub struct Seat {
    at: Option<(Arc<Presence>, u64)>,
}

impl Presence {
    /// A connection came. It stays until [`Seat::leave`].
    pub fn join(self: &Arc<Self>, workspace: &Workspace, interactive: bool) -> Seat {
        let number = {
            let mut table = self.table.lock();
            table.last += 1;
            let number = table.last;
            let settled = Instant::now() + PATIENCE;
            table.here.push(Here { number, workspace: workspace.clone(), interactive, settled });
            number
        };
        self.changes.send_modify(|count| *count += 1);
        Seat { at: Some((self.clone(), number)) }
    }

    /// Says why everything ends, for turns that are interrupted by it. The first reason stays.
    pub fn close(&self, why: &str) {
        // A later reason is a consequence of the first.
        let _ = self.closing.set(why.to_owned());
    }

    /// Why everything ends, if it does.
    pub fn closing(&self) -> Option<String> {
        self.closing.get().cloned()
    }

    /// A turn began that can wait for an editor.
    pub(crate) fn enter(&self, (session, turn): (SessionId, TurnId), resting: &Arc<impl Resting + 'static>) {
        let mut turns = self.turns.lock();
        turns.retain(|known| known.resting.strong_count() > 0);
        let resting: Arc<dyn Resting> = resting.clone();
        turns.push(Known { session, turn, resting: Arc::downgrade(&resting) });
    }

    /// Whether that turn works.
    pub(crate) fn rest(&self, session: &SessionId, turn: TurnId) -> Rest {
        let turns = self.turns.lock();
        let known = turns.iter().find(|known| known.session == *session && known.turn == turn);
        let known = known.and_then(|known| known.resting.upgrade());
        drop(turns);
        known.map_or(Rest::Working, |resting| resting.rest())
    }

    /// Comings and goings from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The number of the connection that came last with a person at it, and its workspace.
    pub(crate) fn latest(&self) -> Option<(u64, Workspace)> {
        let table = self.table.lock();
        let latest = table.here.iter().rev().find(|one| one.interactive);
        latest.map(|one| (one.number, one.workspace.clone()))
    }

    /// When every editor that is here has opened its documents, as far as is known, but for that of the connection `own`;
    /// `None`: they have.
    pub(crate) fn settles(&self, own: &Seat) -> Option<Instant> {
        let own = own.at.as_ref().map(|(_, number)| *number);
        let table = self.table.lock();
        let others = table.here.iter().filter(|one| one.interactive && Some(one.number) != own);
        others.map(|one| one.settled).max().filter(|settled| *settled > Instant::now())
    }
}

impl Seat {
    /// The editor is ready: it opens its documents now, and is edited in soon.
    pub fn ready(&self) {
        let Some((presence, number)) = &self.at else { return };
        let mut table = presence.table.lock();
        if let Some(here) = table.here.iter_mut().find(|one| one.number == *number) {
            here.settled = here.settled.min(Instant::now() + OPENING);
        }
        drop(table);
        presence.changes.send_modify(|count| *count += 1);
    }

    /// The connection is gone.
    pub fn leave(&self) {
        let Some((presence, number)) = &self.at else { return };
        presence.table.lock().here.retain(|one| one.number != *number);
        presence.changes.send_modify(|count| *count += 1);
    }

    /// Whether the connection is still there.
    pub fn is_taken(&self) -> bool {
        let Some((presence, number)) = &self.at else { return true };
        presence.table.lock().here.iter().any(|one| one.number == *number)
    }

    /// The agent's connections; `None` where nobody keeps count of them.
    pub(crate) fn presence(&self) -> Option<&Arc<Presence>> {
        self.at.as_ref().map(|(presence, _)| presence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::PositionEncoding;
    use glossator_workspace::{Overlay, Roots};
    use parking_lot::RwLock;

    fn workspace() -> Workspace {
        let roots = Arc::new(RwLock::new(Roots::default()));
        Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None)
    }

    #[test]
    fn the_latest_person_counts() {
        let presence = Arc::new(Presence::default());
        let latest = || presence.latest().map(|(number, _)| number);
        assert_eq!(latest(), None);
        let first = presence.join(&workspace(), true);
        let _headless = presence.join(&workspace(), false);
        assert_eq!(latest(), Some(1));
        let third = presence.join(&workspace(), true);
        assert_eq!(latest(), Some(3));
        third.leave();
        third.leave();
        assert!(first.is_taken() && !third.is_taken());
        assert_eq!(latest(), Some(1));
        first.clone().leave();
        assert!(!first.is_taken());
        assert_eq!(latest(), None);
        assert!(Seat::default().is_taken());
    }

    #[test]
    fn an_editor_settles_soon_after_it_is_ready() {
        let presence = Arc::new(Presence::default());
        let left = |own: &Seat| presence.settles(own).map(|at| at.saturating_duration_since(Instant::now()));
        let first = presence.join(&workspace(), true);
        let _headless = presence.join(&workspace(), false);
        // What a user begins in an editor knows what that shows.
        assert_eq!(left(&first), None);
        assert!(left(&Seat::default()).is_some_and(|left| left > OPENING));
        first.ready();
        assert!(left(&Seat::default()).is_some_and(|left| left <= OPENING));
        std::thread::sleep(OPENING / 2);
        // Said again, it is no later.
        first.ready();
        std::thread::sleep(OPENING / 2);
        assert_eq!(left(&Seat::default()), None);
        let second = presence.join(&workspace(), true);
        assert!(left(&first).is_some());
        second.leave();
        assert_eq!(left(&first), None);
    }

    #[tokio::test]
    async fn comings_and_goings_are_told() {
        let presence = Arc::new(Presence::default());
        let mut changes = presence.changes();
        let seat = presence.join(&workspace(), true);
        changes.changed().await.unwrap();
        seat.leave();
        changes.changed().await.unwrap();
        assert!(!changes.has_changed().unwrap());
    }
}
