//! What tools see of a session's desk: the file cabinet of the workspace, the board and how long its entries are shown, and
//! what was allowed for good.
//! Hands through; decides nothing.

use crate::session::{Session, now};
use glossator_context::board_at;
use glossator_session::{BoardEntry, FileKey, SessionId, TurnId};
use glossator_store::{CabinetEntry, Store, StoreError};
use glossator_tools::{Cabinet, Filed};
use std::fmt::Display;
use std::sync::Arc;

/// What a turn needs for its desk.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    /// The state of the workspace; `None`: it has none.
    store: Option<Store>,
    /// Turns that an entry of the board is shown in.
    pub board_turns: u32,
}

impl Desk {
    pub fn of<E>(store: &Result<Store, E>, board_turns: u32) -> Desk {
        Desk { store: store.as_ref().ok().cloned(), board_turns }
    }

    /// The cabinet, as the session `id` uses it.
    pub fn cabinet(&self, id: &SessionId) -> Result<Arc<dyn Cabinet>, String> {
        let store = self.store.as_ref().ok_or(
            "there is no file cabinet here: Glossator's state folder cannot be used (`glossator doctor` says why)",
        )?;
        Ok(Arc::new(Filing { cabinet: store.cabinet(), session: id.clone() }))
    }

    /// Whether one of `keys` is allowed for good in the workspace.
    pub fn is_allowed(&self, keys: &[String]) -> bool {
        self.store.as_ref().is_some_and(|store| store.is_saved(keys))
    }

    /// Allows `key` for good; an error says why that cannot be kept.
    pub fn allow(&self, key: &str, what: &str) -> Result<(), String> {
        let store = self.store.as_ref().ok_or("Glossator's state folder cannot be used")?;
        store.save_grant(key, (what, now())).map_err(|error| error.to_string())
    }
}

/// What stands on the board of `session` in `turn`, oldest first.
pub(crate) fn board(session: &Session, turn: TurnId) -> Vec<BoardEntry> {
    session.with_items(|items| board_at(items, turn).into_iter().cloned().collect())
}

/// The cabinet of the workspace as a session uses it.
struct Filing {
    cabinet: glossator_store::Cabinet,
    session: SessionId,
}

impl Cabinet for Filing {
    fn put(&self, text: &str, note: &str) -> Result<Filed, String> {
        // What is over goes when something new comes.
        let _ = self.cabinet.expire(now());
        self.cabinet.put(text, note, &self.session.0, now()).map(filed).map_err(why)
    }

    fn get(&self, key: &FileKey) -> Result<Option<(Filed, String)>, String> {
        match self.cabinet.get(key, now()) {
            Ok((entry, text)) => Ok(Some((filed(entry), text))),
            Err(StoreError::NoText { .. }) => Ok(None),
            Err(error) => Err(why(error)),
        }
    }

    fn list(&self) -> Result<Vec<Filed>, String> {
        let list = self.cabinet.list(now()).map_err(why)?;
        for notice in &list.notices {
            tracing::warn!(%notice, "a document of the cabinet cannot be read");
        }
        Ok(list.entries.into_iter().map(filed).collect())
    }

    fn delete(&self, key: &FileKey) -> Result<bool, String> {
        self.cabinet.delete(key).map_err(why)
    }
}

fn filed(entry: CabinetEntry) -> Filed {
    let CabinetEntry { key, note, saved_at, expires_at, bytes, .. } = entry;
    Filed { key, note, bytes, saved_at, expires_at }
}

fn why(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cabinet_of_the_workspace_is_handed_through() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), folder.path());
        let desk = Desk::of(&store, 5);
        let cabinet = desk.cabinet(&"s-1".into()).unwrap();
        assert_eq!(cabinet.list(), Ok(Vec::new()));
        assert_eq!(cabinet.get(&"F1".into()), Ok(None));
        let filed = cabinet.put("text", "note").unwrap();
        assert_eq!((filed.key.0.as_str(), filed.note.as_str(), filed.bytes), ("F1", "note", 4));
        assert!(filed.expires_at > filed.saved_at);
        // Another session of the workspace finds it.
        let other = desk.cabinet(&"s-2".into()).unwrap();
        assert_eq!(other.get(&"F1".into()), Ok(Some((filed.clone(), "text".to_owned()))));
        assert_eq!(other.list(), Ok(vec![filed]));
        assert!(cabinet.put(&"x".repeat((16 << 20) + 1), "").unwrap_err().contains("at most"));
        assert_eq!(other.delete(&"F1".into()), Ok(true));
        assert_eq!(cabinet.delete(&"F1".into()), Ok(false));
    }

    #[test]
    fn without_state_there_is_no_cabinet_and_it_is_said_why() {
        let desk = Desk::of(&Err::<Store, _>("no disk"), 5);
        let why = desk.cabinet(&"s-1".into()).err().unwrap();
        assert!(why.contains("no file cabinet here") && why.contains("glossator doctor"), "{why}");
    }
}
