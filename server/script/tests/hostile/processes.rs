//! What /proc says about this process and those it has started.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A process below this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Below {
    pub pid: i32,
    pub parent: i32,
    /// Ticks since boot.
    pub started: u64,
    /// `Z` for one that has ended and that nobody has waited for.
    pub state: char,
}

/// The processes below this one, oldest first, the dead ones included.
pub fn below() -> Vec<Below> {
    let all: Vec<Below> =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| stat(&entry.ok()?)).collect();
    let mut known = vec![i32::try_from(std::process::id()).unwrap()];
    let mut found: Vec<Below> = Vec::new();
    loop {
        let next: Vec<Below> = all
            .iter()
            .filter(|process| known.contains(&process.parent) && !known.contains(&process.pid))
            .copied()
            .collect();
        if next.is_empty() {
            found.sort_by_key(|process| (process.started, process.pid));
            return found;
        }
        known.extend(next.iter().map(|process| process.pid));
        found.extend(next);
    }
}

fn stat(entry: &std::fs::DirEntry) -> Option<Below> {
    let pid = entry.file_name().to_str()?.parse().ok()?;
    let text = std::fs::read_to_string(entry.path().join("stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Below {
        pid,
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

/// What an earlier test has left to its runtime, and that runtime to nobody: the dead that stay. Waits for the others.
pub async fn left_before() -> Vec<Below> {
    let gone = soon(Duration::from_secs(30), || below().iter().all(|process| process.state == 'Z')).await;
    assert!(gone, "an earlier test has left {:?}", below());
    below()
}

/// Waits until there are no more processes than `before`; what there still is too much. One that was being started may
/// come after the others have gone; it must go as well.
pub async fn left_since(before: &[Below]) -> Vec<Below> {
    let mut more = Vec::new();
    for _ in 0..2 {
        soon(Duration::from_secs(30), || {
            more = below();
            more.retain(|process| !before.contains(process));
            more.is_empty()
        })
        .await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    more
}

/// Those that run scripts: nothing runs below them.
pub fn workers() -> Vec<Below> {
    let all = below();
    all.iter()
        .filter(|process| process.state != 'Z' && !all.iter().any(|other| other.parent == process.pid))
        .copied()
        .collect()
}

/// Sends a signal; a process that is gone is no error.
pub fn signal(process: &Below, signal: Signal) {
    if let Some(pid) = Pid::from_raw(process.pid) {
        let _gone = kill_process(pid, signal);
    }
}

/// Resident bytes of a process; 0 when it is gone.
pub fn resident(pid: i32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Open descriptors of this process.
pub fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Threads of this process.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Looks every 20 ms until it is so, at most that long.
pub async fn soon(most: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + most;
    while Instant::now() < end {
        if is_so() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    is_so()
}
