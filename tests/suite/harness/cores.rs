//! The core processes of a world: found by the locks they hold, ended with it.

use super::World;
use std::path::Path;
use std::process::Command;

/// The processes that hold a lock in the runtime folder of `world`.
pub fn cores(world: &World) -> Vec<u32> {
    cores_in(&world.runtime())
}

fn cores_in(runtime: &Path) -> Vec<u32> {
    let Ok(folder) = std::fs::read_dir(runtime) else { return Vec::new() };
    let locks = folder
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "lock"));
    let named = locks.filter_map(|lock| std::fs::read_to_string(lock).ok()?.trim().parse().ok());
    named.filter(|pid| is_ours(*pid, runtime)).collect()
}

/// Whether `pid` is a program that was started for this runtime folder: numbers of ended processes are used again.
fn is_ours(pid: u32, runtime: &Path) -> bool {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let wanted = format!("GLOSSATOR_RUNTIME_DIR={}", runtime.display());
    environment.split(|&byte| byte == 0).any(|one| one == wanted.as_bytes())
}

/// Sends a signal to one process.
pub fn signal(pid: u32, name: &str) {
    // One that has just ended needs none.
    let _ = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
}

/// Ends the cores of a runtime folder.
pub fn end_cores(runtime: &Path) {
    for pid in cores_in(runtime) {
        signal(pid, "KILL");
    }
}
