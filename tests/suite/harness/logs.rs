//! Session logs as they lie on disk.

use super::World;
use serde_json::Value;
use std::path::PathBuf;

/// The log of a session.
pub fn log_file(world: &World, session: &str) -> PathBuf {
    let workspaces = std::fs::read_dir(world.state().join("workspaces")).unwrap();
    let mut found =
        workspaces.map(|entry| entry.unwrap().path().join("sessions").join(session).join("log.jsonl"));
    found.find(|path| path.is_file()).unwrap_or_else(|| panic!("no log of session {session}"))
}

/// The log of the only session there is.
pub fn only_log(world: &World) -> PathBuf {
    let mut logs = Vec::new();
    for folder in std::fs::read_dir(world.state().join("workspaces")).unwrap() {
        for session in std::fs::read_dir(folder.unwrap().path().join("sessions")).unwrap() {
            logs.push(session.unwrap().path().join("log.jsonl"));
        }
    }
    assert_eq!(logs.len(), 1, "{logs:?}");
    logs.remove(0)
}

/// The items of a session as its log tells them; every line must be JSON.
pub fn items(world: &World, session: &str) -> Vec<Value> {
    let path = log_file(world, session);
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
    let store = glossator_store::Store::open(&world.state(), &world.workspace()).unwrap();
    let items = store.read(&session.into()).unwrap().items;
    items.iter().map(|item| serde_json::to_value(item).unwrap()).collect()
}

/// The kinds of a session's items, in order.
pub fn kinds(world: &World, session: &str) -> Vec<String> {
    items(world, session).iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}
