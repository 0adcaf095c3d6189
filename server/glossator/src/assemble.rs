//! Puts the crates together: folders, environment, and the agent of a workspace.
#![allow(clippy::disallowed_methods)] // The program reads its environment here and hands it on.

use glossator_agent::{Agent, Parts};
use glossator_auth::process_env;
use glossator_lsp::{Kit, MakeAgent};
use glossator_script::{Engine, Limits, WorkerProgram};
use glossator_settings::{Environment, Folders};
use glossator_store::Store;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The kit of this process: the user's own folders and environment.
pub fn kit() -> Kit {
    kit_in(Folders::find(|name| std::env::var(name).ok()))
}

/// A kit over `folders`.
pub fn kit_in(folders: Folders) -> Kit {
    let state = folders.state.clone();
    let environment =
        Environment { variables: process_env(), settings_file: folders.config.join("settings.toml") };
    Kit {
        folders,
        environment,
        agent: one_each(move |workspace| agent(&state, workspace)),
        stop: CancellationToken::new(),
    }
}

/// One agent for each workspace of this process: its connections share sessions and know each other's buffers.
fn one_each(make: impl Fn(&Path) -> Agent + Send + Sync + 'static) -> MakeAgent {
    let made: Mutex<HashMap<PathBuf, Agent>> = Mutex::default();
    Arc::new(move |workspace| {
        let mut made = made.lock();
        made.entry(workspace.to_path_buf()).or_insert_with(|| make(workspace)).clone()
    })
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
