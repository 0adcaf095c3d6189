//! What the worker gives up before it reads a script.
//! The environment is already empty and every other descriptor closed: the host starts the worker that way.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Address space, in bytes: the engine's heap limit, the thread's stack and the program itself fit easily.
const ADDRESS_SPACE: u64 = 1024 * 1024 * 1024;
/// Standard descriptors, the socket twice and a few of the runtime's own.
const OPEN_FILES: u64 = 16;

/// Gives up what the worker never needs. Best effort: a limit the system refuses is skipped, the engine's own
/// limits still hold.
///
/// No parent death signal: it fires when the *thread* that started the worker ends, which in the host may be any
/// time. A worker whose host is gone reads the end of its socket, or sees that it has another parent, and leaves.
pub fn lock_down() {
    // An address sanitizer or a debugger may need more; 64-bit only, as elsewhere 1 GiB is no limit.
    limit(Resource::As, ADDRESS_SPACE);
    limit(Resource::Core, 0);
    limit(Resource::Nofile, OPEN_FILES);
}

/// No more threads or processes from here on.
pub fn no_more_processes() {
    limit(Resource::Nproc, 0);
}

/// Lets the system end the process after so many seconds of CPU time in all, also in a loop of native code.
/// The first limit ends it by a signal that says why; the second, a second later, by one that cannot be ignored.
pub fn cpu_seconds(seconds: u64) {
    set(Resource::Cpu, seconds, seconds + 1);
}

fn limit(resource: Resource, wanted: u64) {
    set(resource, wanted, wanted);
}

fn set(resource: Resource, soft: u64, hard: u64) {
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let wanted = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
    let refused = setrlimit(resource, wanted);
    if let Err(error) = refused {
        tracing::debug!(?resource, %error, "limit not set");
    }
}
