//! Makes a process of its own out of a copy of this one: detached from the editor that started it, its terminal, its
//! folder and its descriptors. Started as a copy and not anew: it is the same build whatever lies under the program's name
//! by now, its loaded pages are shared, and it is there a millisecond sooner.

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{chdir, setsid};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

/// Which of the two we are.
pub enum Forked {
    /// The one that was there before.
    Parent,
    /// The new one.
    Child,
}

/// Makes the copy. It keeps the descriptors `kept`, and no other. To be called while this process has one thread.
///
/// # Errors
/// What the system said; there is no copy then.
pub fn fork(kept: [BorrowedFd<'_>; 2]) -> io::Result<Forked> {
    // SAFETY: this process has a single thread, so the child has all of its state and no lock is held by a thread that is
    // not there any more.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            detach(kept);
            Ok(Forked::Child)
        }
        _ => Ok(Forked::Parent),
    }
}

/// What fails here costs tidiness, not the core. The umask stays the editor's: files that the agent and its commands make
/// are the user's own, and what is private is made with a mode that says so.
fn detach(kept: [BorrowedFd<'_>; 2]) {
    let _ = setsid();
    let _ = chdir("/");
    if let Ok(null) = open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) {
        // The editor must see its ends close when its own process ends, not this one.
        let _ = rustix::stdio::dup2_stdin(null.as_fd());
        let _ = rustix::stdio::dup2_stdout(null.as_fd());
        let _ = rustix::stdio::dup2_stderr(null.as_fd());
    }
    if let Ok(name) = open("/proc/self/comm", OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()) {
        // So that a list of processes tells it from the pumps.
        let _ = rustix::io::write(name, b"glossator-core");
    }
    close_all_but(kept);
}

/// Closes what an editor left open to us by accident.
#[cfg(target_os = "linux")]
fn close_all_but(kept: [BorrowedFd<'_>; 2]) {
    let mut kept = kept.map(|fd| fd.as_raw_fd().unsigned_abs());
    kept.sort_unstable();
    let mut first = 3;
    for end in kept.into_iter().chain([u32::MAX]) {
        if first < end {
            // SAFETY: nothing in this process uses a descriptor but the three standard ones and those that are kept. An
            // older kernel refuses, and then they stay open.
            unsafe { libc::syscall(libc::SYS_close_range, first, end.saturating_sub(1), 0) };
        }
        first = end.saturating_add(1);
    }
}

/// Other systems' editors close what is theirs.
#[cfg(not(target_os = "linux"))]
fn close_all_but(_kept: [BorrowedFd<'_>; 2]) {}
