//! Which edits of a session stand, and which a crash left open: folds over its items.

use glossator_session::{ChangeSetId, ChangeState, Item, ItemBody, TurnId};
use glossator_tools::Undoable;

/// A change set that stands and can be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The turn that made it.
    pub turn: TurnId,
    /// The change set.
    pub undoable: Undoable,
}

/// The change sets that stand, oldest first.
pub(crate) fn standing(items: &[Item]) -> Vec<Standing> {
    let mut intended: Vec<(Standing, bool)> = Vec::new();
    for item in items {
        let ItemBody::ChangeSet { id, state } = &item.body else {
            continue;
        };
        match state {
            ChangeState::Intended { change, inverse, undoes: None, .. } => {
                let undoable = Undoable { id: id.clone(), change: change.clone(), inverse: inverse.clone() };
                intended.push((Standing { turn: item.turn, undoable }, false));
            }
            ChangeState::Intended { .. } => {}
            ChangeState::Committed => set(&mut intended, id, true),
            ChangeState::Failed { .. } | ChangeState::Undone => set(&mut intended, id, false),
            ChangeState::Reviewed { .. } => {}
        }
    }
    intended.into_iter().filter(|(_, stands)| *stands).map(|(standing, _)| standing).collect()
}

fn set(intended: &mut [(Standing, bool)], id: &ChangeSetId, stands: bool) {
    if let Some(one) = intended.iter_mut().find(|(one, _)| one.undoable.id == *id) {
        one.1 = stands;
    }
}

/// The change sets that were intended and have no outcome: what a crash leaves.
pub(crate) fn unfinished(items: &[Item]) -> Vec<ChangeSetId> {
    let mut open: Vec<ChangeSetId> = Vec::new();
    for item in items {
        match &item.body {
            ItemBody::ChangeSet { id, state: ChangeState::Intended { .. } } => open.push(id.clone()),
            ItemBody::ChangeSet { state: ChangeState::Reviewed { .. }, .. } => {}
            ItemBody::ChangeSet { id, .. } => open.retain(|other| other != id),
            _ => {}
        }
    }
    open
}
