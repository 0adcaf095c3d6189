//! The worker process: one script in one fresh engine, reached over the socket that is its standard input.
//! Never opens a file or a connection of its own, and never outlives its host.

#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod desk;
#[cfg(unix)]
mod inbox;
#[cfg(unix)]
mod lock_down;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
mod native;
#[cfg(unix)]
mod numbers;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod shelf;
#[cfg(unix)]
mod timers;
#[cfg(unix)]
mod url;
#[cfg(unix)]
mod vm;
#[cfg(unix)]
mod warm;
#[cfg(target_os = "linux")]
mod zygote;

#[cfg(unix)]
use std::io::Write;
#[cfg(unix)]
use std::mem::ManuallyDrop;
#[cfg(unix)]
use std::os::{fd::AsFd, unix::net::UnixStream};

#[cfg(unix)]
use crate::{Walls, protocol};

/// The hidden first argument under which the binary must call [`worker_main`], before anything else starts.
pub const WORKER_ARGUMENT: &str = "script-worker";

/// The argument after all others that makes a zygote of a worker.
#[cfg(target_os = "linux")]
pub(crate) const ZYGOTE_ARGUMENT: &str = "zygote";

/// Stack of the thread that parses and runs. Parsers recurse with the nesting of the script; the longest script
/// allowed fits even when it is nothing but brackets, in an unoptimised build too (a test holds that). Only pages
/// that are touched cost memory.
#[cfg(unix)]
const THREAD_STACK: usize = 256 * 1024 * 1024;

/// What is done with the socket once everything is locked.
#[cfg(unix)]
type ServeBy = Box<dyn Fn(&vm::Vm, UnixStream) -> i32 + Send>;

/// Why a worker or a zygote left, as its exit code.
#[cfg(unix)]
struct Code;

#[cfg(unix)]
impl Code {
    const PANIC: i32 = 70;
    const NO_THREAD: i32 = 71;
    const NO_SOCKET: i32 = 73;
    const NO_HELLO: i32 = 74;
    const NO_ENGINE: i32 = 75;
    #[cfg(target_os = "linux")]
    const NOT_A_MESSAGE: i32 = 76;
    #[cfg(target_os = "linux")]
    const NO_FORK: i32 = 77;
    const UNLOCKED: i32 = 78;
}

/// What a worker's exit code means to people, when it left before it was ready.
#[cfg(unix)]
pub(crate) fn reason(code: i32) -> Option<&'static str> {
    Some(match code {
        Code::PANIC => "it ran into a fault of its own",
        Code::NO_THREAD => {
            "it could not make its thread: a limit of memory, data or processes is too low (`ulimit -v`, `-d`, `-u`)"
        }
        Code::NO_SOCKET => "it found no socket as its standard input",
        Code::NO_HELLO => "the server did not listen",
        Code::NO_ENGINE => "its engine could not be made: there is too little memory",
        Code::UNLOCKED => "it could not lock itself down",
        _ => return None,
    })
}

/// Serves one script over standard input and ends the process; as a zygote, forks processes that do. Call it first
/// thing in `main`, before any other thread or runtime exists.
#[cfg(unix)]
pub fn worker_main() -> ! {
    run(Box::new(serve::serve))
}

/// Like [`worker_main`], but what is done with the socket once everything is locked is `probe`; its value is the exit
/// code. For tests of the walls.
#[cfg(unix)]
#[doc(hidden)]
pub fn worker_main_with(probe: fn(UnixStream) -> i32) -> ! {
    run(Box::new(move |_, socket| probe(socket)))
}

#[cfg(unix)]
fn run(serve: ServeBy) -> ! {
    #[cfg(target_os = "linux")]
    let role = match std::env::args_os().next_back() {
        Some(last) if last == ZYGOTE_ARGUMENT => lock_down::Role::Zygote,
        _ => lock_down::Role::Worker,
    };
    #[cfg(not(target_os = "linux"))]
    let role = lock_down::Role::Worker;
    // The first look at this clock asks the system more than a locked worker may.
    clock::cpu_now();
    #[cfg(target_os = "linux")]
    lock_down::take_name();
    let walls = lock_down::begin(role);
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK).spawn(move || {
        let code = match role {
            #[cfg(target_os = "linux")]
            lock_down::Role::Zygote => zygote::run(walls, &serve),
            lock_down::Role::Worker => work(walls, &serve),
        };
        std::process::exit(code)
    });
    let code = match thread {
        Ok(thread) => thread.join().unwrap_or(Code::PANIC),
        Err(_) => Code::NO_THREAD,
    };
    std::process::exit(code)
}

/// Locks the process, makes an engine and serves the one script that comes over standard input; the exit code.
#[cfg(unix)]
fn work(mut walls: Walls, serve: &ServeBy) -> i32 {
    lock_down::finish(lock_down::Role::Worker, &mut walls);
    // Never freed: freeing takes time and trips over what a script left behind.
    let Ok(vm) = vm::Vm::prepare().map(ManuallyDrop::new) else { return Code::NO_ENGINE };
    match hello(&walls) {
        Ok(()) => serve_on_stdin(&vm, serve),
        Err(code) => code,
    }
}

/// Tells the host of the walls; an exit code when the worker must not work.
#[cfg(unix)]
fn hello(walls: &Walls) -> Result<(), i32> {
    let frame = protocol::encode(walls).map_err(|_| Code::NO_HELLO)?;
    socket()?.write_all(&frame).map_err(|_| Code::NO_HELLO)?;
    if walls.breach().is_some() { Err(Code::UNLOCKED) } else { Ok(()) }
}

#[cfg(unix)]
fn serve_on_stdin(vm: &vm::Vm, serve: &ServeBy) -> i32 {
    match socket() {
        Ok(socket) => serve(vm, socket),
        Err(code) => code,
    }
}

/// The socket the host left as standard input.
#[cfg(unix)]
fn socket() -> Result<UnixStream, i32> {
    let owned = std::io::stdin().as_fd().try_clone_to_owned().map_err(|_| Code::NO_SOCKET)?;
    Ok(UnixStream::from(owned))
}

/// Scripts need a Unix socket pair; there is no worker on this system.
#[cfg(not(unix))]
pub fn worker_main() -> ! {
    std::process::exit(72)
}
