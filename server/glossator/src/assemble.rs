//! Puts the crates together: folders, environment, and the agent of a workspace.
#![allow(clippy::disallowed_methods)] // The program reads its environment here and hands it on.

use glossator_agent::{Agent, Parts};
use glossator_auth::process_env;
use glossator_lsp::{Kit, MakeAgent};
use glossator_script::{Engine, Limits, WorkerProgram};
use glossator_settings::{Environment, Folders};
use glossator_store::Store;
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The kit of this process: the user's own folders and environment.
pub fn kit() -> Kit {
    kit_in(folders())
}

/// The user's own folders.
pub fn folders() -> Folders {
    Folders::find(|name| std::env::var(name).ok())
}

/// A kit over `folders`.
pub fn kit_in(folders: Folders) -> Kit {
    let agents = Agents::in_state(&folders.state);
    let settings_file = folders.config.join("settings.toml");
    Kit {
        folders,
        environment: Environment {
            variables: process_env(),
            settings_file,
            inherited: None,
            dotenv: None,
            is_hurried: false,
        },
        agent: agents.maker(),
        stop: CancellationToken::new(),
        cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
        interactive: true,
        command_line: Value::Null,
        notices: Vec::new(),
        outlives: false,
    }
}

/// One agent for each workspace of this process: its connections share sessions and know each other's buffers.
pub struct Agents {
    state: PathBuf,
    made: Mutex<HashMap<PathBuf, Agent>>,
}

impl Agents {
    /// None yet; their sessions are kept in `state`.
    pub fn in_state(state: &Path) -> Arc<Agents> {
        Arc::new(Agents { state: state.to_owned(), made: Mutex::default() })
    }

    /// The agent of a workspace, made when it is first asked for.
    pub fn of(&self, workspace: &Path) -> Agent {
        let mut made = self.made.lock();
        made.entry(workspace.to_path_buf()).or_insert_with(|| agent(&self.state, workspace)).clone()
    }

    /// Those that were made.
    #[cfg(unix)]
    pub fn all(&self) -> Vec<Agent> {
        self.made.lock().values().cloned().collect()
    }

    /// What makes agents for connections.
    pub fn maker(self: &Arc<Self>) -> MakeAgent {
        let agents = self.clone();
        Arc::new(move |workspace| agents.of(workspace))
    }
}

fn agent(state: &Path, workspace: &Path) -> Agent {
    Agent::new(Parts { store: Store::open(state, workspace), engine: Arc::new(engine()) })
}

/// The script engine; its workers are this very program, in the user's time zone.
pub fn engine() -> Engine {
    let zone = std::env::var("TZ").ok();
    Engine::new(WorkerProgram::this(), most()).in_time_zone(zone.as_deref())
}

/// The most that settings may allow a script: what one worker process can hold without harm to the machine.
fn most() -> Limits {
    Limits {
        source_bytes: 64 << 10,
        memory_bytes: 512 << 20,
        stack_bytes: 8 << 20,
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(300),
        calls: 10_000,
        concurrent_calls: 64,
        result_bytes: 1 << 20,
        console_lines: 2_000,
        console_per_second: 200,
        store_bytes: 4 << 20,
        ..Limits::default()
    }
}
