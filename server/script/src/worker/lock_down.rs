//! What a worker gives up before it reads a script, and its own check that it is gone.
//! Never runs a script; the environment is already empty, as the host starts the worker that way.

#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod ruleset;
#[cfg(target_os = "linux")]
mod verify;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::Walls;
use crate::build_id::build_id;

/// Address space, in bytes: the engine's heap limit, the thread's stack and the program itself fit easily.
const ADDRESS_SPACE: u64 = 1024 * 1024 * 1024;
/// Standard descriptors, the socket a few times over and a few of the runtime's own.
const OPEN_FILES: u64 = 16;
/// A zygote has one for each of its children, and a few more.
#[cfg(target_os = "linux")]
const ZYGOTE_FILES: u64 = MOST_CHILDREN as u64 + 32;
/// How many children a zygote may have at once.
#[cfg(target_os = "linux")]
pub const MOST_CHILDREN: usize = 1000;

/// Which process is being locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Forks workers, runs nothing.
    #[cfg(target_os = "linux")]
    Zygote,
    /// Runs one script.
    Worker,
}

/// The first half, in the main thread before there is another.
///
/// No parent death signal for a process that the host starts: it fires when the *thread* that started it ends, which in
/// the host may be any time. Such a process sees the end of its socket, or that it has another parent, and leaves.
pub fn begin(role: Role) -> Walls {
    let mut walls = Walls { build: build_id(), ..Walls::default() };
    #[cfg(target_os = "linux")]
    descriptors::close_all(&mut walls);
    limit(Resource::As, ADDRESS_SPACE, &mut walls);
    limit(Resource::Core, 0, &mut walls);
    #[cfg(target_os = "linux")]
    {
        let files = if role == Role::Zygote { ZYGOTE_FILES } else { OPEN_FILES };
        limit(Resource::Nofile, files, &mut walls);
        verify::load_time_zone();
        // Looks up where the kernel keeps its clock, for which it needs a call that will be gone.
        super::clock::cpu_now();
        seal(&mut walls);
        ruleset::apply(&mut walls);
    }
    #[cfg(not(target_os = "linux"))]
    {
        let Role::Worker = role;
        limit(Resource::Nofile, OPEN_FILES, &mut walls);
    }
    walls
}

/// No new privileges, no debugger, and no huge pages, which a fork would have to copy whole.
#[cfg(target_os = "linux")]
fn seal(walls: &mut Walls) {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    use rustix::thread::{disable_transparent_huge_pages, set_no_new_privs};
    let sealed = set_no_new_privs(true).and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
    walls.sealed = sealed.is_ok();
    let _only_slower = disable_transparent_huge_pages(true);
}

/// The second half, in the thread that works, for all threads; then tries the doors.
pub fn finish(role: Role, walls: &mut Walls) {
    if role == Role::Worker {
        no_more_processes(walls);
    }
    #[cfg(target_os = "linux")]
    {
        let on = filter::base().and_then(|()| match role {
            Role::Zygote => Ok(()),
            Role::Worker => filter::Tight::compile().and_then(|tight| tight.apply_to_all()),
        });
        note_filter(on, walls);
        // What was found open before the limit of open files was lowered stays found.
        let before = std::mem::take(&mut walls.open);
        walls.open = verify::open_doors(role == Role::Zygote);
        note_others(!before.is_empty() || descriptors::has_others(), walls);
    }
    describe(walls);
}

/// What a forked worker gives up beyond its zygote; tries the doors again.
#[cfg(target_os = "linux")]
pub fn tighten(tight: &filter::Tight, walls: &mut Walls) {
    walls.made = crate::Made::Forked;
    // Looks as far as the zygote's own limit goes, which is about to shrink.
    let others = descriptors::has_others();
    limit(Resource::Nofile, OPEN_FILES, walls);
    no_more_processes(walls);
    note_filter(tight.apply(), walls);
    walls.open = verify::open_doors(false);
    note_others(others, walls);
    describe(walls);
}

#[cfg(target_os = "linux")]
fn note_others(others: bool, walls: &mut Walls) {
    if others {
        walls.open.push(crate::Door::Descriptors);
    }
}

/// The name under which people see the process: the one it was started by may say nothing.
#[cfg(target_os = "linux")]
pub fn take_name() {
    let _only_a_name = rustix::thread::set_name(c"script-worker");
}

#[cfg(target_os = "linux")]
pub use descriptors::close_others;
#[cfg(target_os = "linux")]
pub use filter::Tight;

#[cfg(target_os = "linux")]
fn note_filter(on: Result<(), String>, walls: &mut Walls) {
    walls.seccomp = on.is_ok();
    if let Err(fault) = on {
        walls.faults.push(format!("seccomp: {fault}"));
    }
}

fn no_more_processes(walls: &mut Walls) {
    // No bound for a privileged user; there the filter is what holds.
    limit(Resource::Nproc, 0, walls);
}

/// Lets the system end the process after so many seconds of CPU time in all, also in a loop of native code.
/// The first limit ends it by a signal that says why; the second, a second later, by one that cannot be ignored.
pub fn cpu_seconds(seconds: u64) {
    let _the_host_has_a_clock_too = set(Resource::Cpu, seconds, seconds + 1);
}

const NAMED: &[(Resource, &str)] = &[
    (Resource::As, "address space in bytes"),
    (Resource::Core, "core file in bytes"),
    (Resource::Nofile, "open files"),
    (Resource::Nproc, "processes and threads"),
];

fn describe(walls: &mut Walls) {
    walls.pid = std::process::id();
    let held = NAMED.iter().filter_map(|(resource, name)| {
        let limit = getrlimit(*resource).current?;
        Some(((*name).to_owned(), limit))
    });
    walls.limits = held.collect();
}

/// Best effort: the engine's own limits hold without it.
fn limit(resource: Resource, wanted: u64, walls: &mut Walls) {
    if let Err(error) = set(resource, wanted, wanted) {
        walls.faults.push(format!("limit {resource:?} not set: {error}"));
    }
}

fn set(resource: Resource, soft: u64, hard: u64) -> rustix::io::Result<()> {
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    setrlimit(resource, Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) })
}
