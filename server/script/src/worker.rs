//! The worker process: one script in one fresh engine, reached over the socket that is its standard input.
//! Never opens a file or a connection of its own, and never outlives its host.

#[cfg(unix)]
use std::os::{fd::AsFd, unix::net::UnixStream};

#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod desk;
#[cfg(unix)]
mod lock_down;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod vm;

/// The hidden first argument under which the binary must call [`worker_main`], before anything else starts.
pub const WORKER_ARGUMENT: &str = "script-worker";

/// Stack of the thread that parses and runs. Parsers recurse with the nesting of the script; the longest script
/// allowed fits even when it is nothing but brackets, in an unoptimised build too (a test holds that). Only pages
/// that are touched cost memory.
#[cfg(unix)]
const THREAD_STACK: usize = 256 * 1024 * 1024;

/// Serves one script over standard input and ends the process. Call it first thing in `main`, before any other
/// thread or runtime exists.
#[cfg(unix)]
pub fn worker_main() -> ! {
    lock_down::lock_down();
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK).spawn(|| {
        let code = serve();
        // The engine is never freed: exiting is faster and cannot trip over what a script left behind.
        std::process::exit(code)
    });
    let code = match thread {
        Ok(thread) => thread.join().unwrap_or(70),
        Err(_) => 71,
    };
    std::process::exit(code)
}

/// Makes an engine and serves the one script that comes over standard input; the exit code.
#[cfg(unix)]
fn serve() -> i32 {
    lock_down::no_more_processes();
    // The socket the host left as standard input.
    let Ok(input) = std::io::stdin().as_fd().try_clone_to_owned() else { return 73 };
    match vm::Vm::prepare() {
        Ok(vm) => serve::serve(&vm, UnixStream::from(input)),
        Err(_) => 75,
    }
}

/// Scripts need a Unix socket pair; there is no worker on this system.
#[cfg(not(unix))]
pub fn worker_main() -> ! {
    std::process::exit(72)
}
