//! `kill -9` at random moments of everything that a session does, on and on over the same sessions: after each one the log
//! is whole, what a client was told is in it, files and hunks agree with it, and work goes on. `GLOSSATOR_KILLS` says how
//! often, `GLOSSATOR_KILL_SEED` repeats a series.

mod checks;
mod deeds;
mod lab;
mod random;
mod state;
mod trouble;

use crate::harness::{Peer, World};
use lab::Lab;
use std::io::Write;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Kills of a series where nothing else is said: a minute for both on two cores.
const KILLS: u64 = 120;
/// One in so many is of a core.
const CORES: u64 = 5;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn kills() -> u64 {
    number("GLOSSATOR_KILLS").unwrap_or(KILLS)
}

/// Kills and restarts, and looks at everything each time.
async fn series(what: &str, kills: u64, make: fn(World) -> World) {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = number("GLOSSATOR_KILL_SEED").unwrap_or(clock % 1_000_000);
    let began = Instant::now();
    let mut lab = Lab::new(seed, make).await;
    let mut peer = lab.editor().await;
    lab.begin(&peer).await;
    for _ in 0..kills {
        peer = cycle(&mut lab, peer).await;
    }
    lab.look_at_everything(&peer).await;
    let seconds = began.elapsed().as_secs();
    // Shown where the output of tests is, so that a series can be repeated.
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills {what} in {seconds} s, seed {seed}: {}",
        lab.counts.in_words()
    );
}

/// One deed, the kill in the middle of it, and the look afterwards.
async fn cycle(lab: &mut Lab, mut peer: Peer) -> Peer {
    lab.prepare(&peer).await;
    let told = lab.act_until_the_kill(&mut peer).await;
    drop(peer);
    let peer = lab.editor().await;
    lab.look(&peer, told).await;
    lab.go_on(&peer).await;
    peer
}

#[tokio::test]
async fn a_server_killed_at_any_moment_loses_nothing() {
    series("of servers", kills(), World::in_process).await;
}

#[tokio::test]
async fn a_core_killed_at_any_moment_loses_nothing() {
    series("of cores", kills() / CORES, World::with_core).await;
}
