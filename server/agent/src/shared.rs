//! What belongs to one workspace and is shared by its sessions.

use crate::journal::Log;
use crate::presence::Presence;
use crate::session::Session;
use crate::upkeep::Upkeep;
use glossator_models::Client;
use glossator_script::Engine;
use glossator_session::SessionId;
use glossator_store::{SessionHead, Store, StoreError};
use glossator_tools::{Copies, ExecSetup};
use glossator_workspace::Neighbours;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// What an agent is made of. All of it belongs to the workspace; what belongs to a connection comes with each call.
pub struct Parts {
    /// Where sessions are kept; an error says why they cannot be, and sessions then live in memory only.
    pub store: Result<Store, StoreError>,
    /// Runs scripts.
    pub engine: Arc<Engine>,
}

pub(crate) struct Shared {
    pub store: Result<Store, StoreError>,
    /// Reaches models; made anew when its settings change.
    client: Mutex<Option<(glossator_models::Config, Arc<Client>)>>,
    pub engine: Arc<Engine>,
    pub commit_lock: Arc<tokio::sync::Mutex<()>>,
    /// The buffers of every connection to the workspace.
    pub neighbours: Arc<Neighbours>,
    /// Which connections there are.
    pub presence: Arc<Presence>,
    /// What files held before commands changed them.
    copies: Arc<Copies>,
    pub sessions: Mutex<HashMap<SessionId, Arc<Session>>>,
    /// Held while a session is read from the store.
    pub opening: Mutex<()>,
    pub upkeep: Upkeep,
}

impl Shared {
    pub fn new(parts: Parts) -> Shared {
        Shared {
            store: parts.store,
            client: Mutex::default(),
            engine: parts.engine,
            commit_lock: Arc::default(),
            neighbours: Arc::default(),
            presence: Arc::default(),
            copies: Arc::default(),
            sessions: Mutex::default(),
            opening: Mutex::default(),
            upkeep: Upkeep::default(),
        }
    }

    /// The client that reaches models as `config` says; connections are kept as long as it stays the same.
    pub fn client(&self, config: &glossator_models::Config) -> Arc<Client> {
        let mut kept = self.client.lock();
        match &*kept {
            Some((known, client)) if known == config => client.clone(),
            _ => {
                let client = Arc::new(Client::new(config.clone()));
                *kept = Some((config.clone(), client.clone()));
                client
            }
        }
    }

    /// How processes are run in this workspace, where the settings say `setup`.
    pub fn exec(&self, setup: &ExecSetup) -> Arc<ExecSetup> {
        let scratch = self.store.as_ref().ok().and_then(|store| store.scratch().ok());
        Arc::new(ExecSetup { scratch, copies: self.copies.clone(), ..setup.clone() })
    }

    /// The log of a session that begins, or why there can be none.
    pub fn create_log(&self) -> impl FnOnce(&SessionHead) -> Log {
        |head| {
            let store = self.store.as_ref().map_err(ToString::to_string);
            let created = store.and_then(|store| store.create(head).map_err(|error| error.to_string()));
            created.map_or_else(Log::Refused, Log::from)
        }
    }
}
