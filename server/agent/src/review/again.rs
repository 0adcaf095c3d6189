//! Old edits: what of them is not in memory any more is read from the log again, before somebody decides about them.
//! Changes nothing.

use super::found::{Way, sets_of};
use crate::AgentError;
use crate::hunks::Ledger;
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{HunkId, Item, ItemId, TurnId};
use glossator_store::{Store, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Turns that are read one by one; of more the whole log is.
const SINGLE: usize = 4;

/// Makes sure that what an undo or a redo of `turn` needs is at hand.
pub(crate) async fn for_turn(
    shared: &Shared,
    session: &Arc<Session>,
    (way, turn): (Way, Option<TurnId>),
) -> Result<(), AgentError> {
    know(shared, session, turn).await?;
    if sets_of(&session.table().ledger, way, turn).is_none() {
        // It may be long ago.
        know(shared, session, Some(TurnId(0))).await?;
    }
    let needed = {
        let table = session.table();
        let Some((turn, sets)) = sets_of(&table.ledger, way, turn) else { return Ok(()) };
        let hunks: Vec<HunkId> = match way {
            Way::Undo => sets.iter().flat_map(|set| set.hunks.clone()).collect(),
            Way::Redo => {
                let put_back = sets.iter().flat_map(|set| table.ledger.put_back_by(&set.id));
                put_back.map(|(record, _)| record.id).collect()
            }
        };
        let mut needed = Needed::default();
        needed.turns.insert(turn);
        for set in sets {
            needed.items.insert((set.turn, set.item));
            let undone = set.undoes.as_ref().and_then(|id| table.ledger.set(id));
            needed.items.extend(undone.map(|set| (set.turn, set.item)));
        }
        needed.add_hunks(&table.ledger, &hunks);
        needed
    };
    needed.fetch(shared, session).await
}

/// Makes sure that what deciding about hunks needs is at hand.
pub(crate) async fn for_hunks(
    shared: &Shared,
    session: &Arc<Session>,
    hunks: &[HunkId],
) -> Result<(), AgentError> {
    let is_known = {
        let table = session.table();
        hunks.iter().all(|id| table.ledger.known(id).is_some())
    };
    if !is_known {
        // It may be of a turn of long ago.
        know(shared, session, Some(TurnId(0))).await?;
    }
    let needed = {
        let table = session.table();
        let mut needed = Needed::default();
        needed.add_hunks(&table.ledger, hunks);
        needed
    };
    needed.fetch(shared, session).await
}

/// Makes sure that the edits of `turn` are known, however long ago it was.
pub(crate) async fn know(
    shared: &Shared,
    session: &Arc<Session>,
    turn: Option<TurnId>,
) -> Result<(), AgentError> {
    let is_forgotten = |session: &Session| {
        let table = session.table();
        turn.is_some_and(|turn| turn < table.ledger.since())
    };
    if !is_forgotten(session) {
        return Ok(());
    }
    let id = session.id().clone();
    let items = read(shared, move |store| Ok(store.read(&id)?.items)).await?;
    let mut ledger = Ledger::default();
    ledger.catch_up(&items);
    let mut table = session.table();
    // What was recorded meanwhile is caught up with.
    table.ledger = ledger;
    Ok(())
}

/// What is needed of old items.
#[derive(Default)]
struct Needed {
    /// Whole turns.
    turns: BTreeSet<TurnId>,
    /// Single items, with the turn that they are of.
    items: BTreeSet<(TurnId, ItemId)>,
}

impl Needed {
    /// The items that say what was stored of the files of hunks.
    fn add_hunks(&mut self, ledger: &Ledger, hunks: &[HunkId]) {
        let mut open: Vec<HunkId> = hunks.to_vec();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            self.items.extend(ledger.set(&id.change_set()).map(|set| (set.turn, set.item)));
            open.extend(ledger.taken_over(&id));
        }
    }

    async fn fetch(self, shared: &Shared, session: &Session) -> Result<(), AgentError> {
        let ids: Vec<ItemId> = self.items.iter().map(|(_, id)| *id).collect();
        let missing: BTreeSet<ItemId> = session.not_at_hand(&ids).into_iter().collect();
        let turns: BTreeSet<TurnId> =
            self.turns.into_iter().filter(|turn| session.of_turn(*turn).is_none()).collect();
        if missing.is_empty() && turns.is_empty() {
            return Ok(());
        }
        let of_missing = self.items.iter().filter(|(_, id)| missing.contains(id)).map(|(turn, _)| *turn);
        let pages: BTreeSet<TurnId> = turns.iter().copied().chain(of_missing).collect();
        let id = session.id().clone();
        let wanted = move |item: &Item| missing.contains(&item.id) || turns.contains(&item.turn);
        let complete = {
            let ids: Vec<ItemId> = self.items.iter().map(|(_, id)| *id).collect();
            move |session: &Session| session.not_at_hand(&ids).is_empty()
        };
        if pages.len() <= SINGLE {
            let (id, wanted) = (id.clone(), wanted.clone());
            let found = read(shared, move |store| {
                let mut found = Vec::new();
                for turn in pages {
                    let page = store.page(&id, Some(TurnId(turn.0.saturating_add(1))), 1)?;
                    found.extend(page.items.into_iter().filter(&wanted));
                }
                Ok(found)
            });
            session.hold(found.await?);
        }
        if complete(session) {
            return Ok(());
        }
        // What a task did after its turn stands elsewhere in the log.
        let found = read(shared, move |store| {
            let mut items = store.read(&id)?.items;
            items.retain(wanted);
            Ok(items)
        });
        session.hold(found.await?);
        Ok(())
    }
}

/// Reads from the store, away from the threads that serve editors.
async fn read(
    shared: &Shared,
    read: impl FnOnce(&Store) -> Result<Vec<Item>, StoreError> + Send + 'static,
) -> Result<Vec<Item>, AgentError> {
    let failed = |error: String| AgentError::Store(error);
    let store = shared.store.as_ref().map_err(|error| failed(error.to_string()))?.clone();
    let items = tokio::task::spawn_blocking(move || read(&store)).await;
    items.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
}
