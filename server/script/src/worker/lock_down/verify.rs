//! A worker's own look at its walls: tries what it must not be able to do and says what went through.
//! Every try undoes itself; nothing here is needed to work.

use crate::Door;

/// Reads the time zone while files can still be opened, so that scripts see the user's: the one that the
/// variable `TZ` names, else that of the system.
pub fn load_time_zone() {
    let now: libc::time_t = 0;
    // SAFETY: both pointers are to live values of the right type; zero is a valid `tm`.
    unsafe {
        let mut broken_down: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const now, &raw mut broken_down);
    }
}

/// The doors that are open, but for descriptors. `may_fork`: this process is a zygote, and only its children must not fork.
pub fn open_doors(may_fork: bool) -> Vec<Door> {
    let tries = [
        (Door::Files, opens_files()),
        (Door::Network, opens_sockets()),
        (Door::Processes, executes() || (!may_fork && forks())),
    ];
    tries.into_iter().filter_map(|(door, open)| open.then_some(door)).collect()
}

fn opens_files() -> bool {
    // SAFETY: a constant path; the descriptor, if there is one, is closed at once.
    unsafe { went_through(libc::open(c"/".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC)) }
}

fn opens_sockets() -> bool {
    [libc::AF_INET, libc::AF_INET6, libc::AF_UNIX].into_iter().any(|family| {
        // SAFETY: plain numbers; the descriptor, if there is one, is closed at once.
        unsafe { went_through(libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0)) }
    })
}

/// Whether a call made a descriptor; closes it.
///
/// # Safety
/// `made` is a descriptor nobody else owns, or negative.
unsafe fn went_through(made: i32) -> bool {
    if made >= 0 {
        // SAFETY: as the caller promises.
        unsafe { libc::close(made) };
    }
    made >= 0
}

fn executes() -> bool {
    let none = [std::ptr::null::<libc::c_char>()];
    // SAFETY: the empty path names no program, so the call fails in any case; how it fails tells whether it may be made.
    let made = unsafe { libc::execve(c"".as_ptr(), none.as_ptr(), none.as_ptr()) };
    made != -1 || std::io::Error::last_os_error().raw_os_error() != Some(libc::EPERM)
}

fn forks() -> bool {
    // SAFETY: the child does nothing but end, which is allowed whatever other threads held at the fork.
    let child = unsafe { libc::fork() };
    match child {
        -1 => false,
        0 => {
            // SAFETY: ends this process.
            unsafe { libc::_exit(0) }
        }
        child => {
            let mut status = 0;
            // SAFETY: our own child, and a live place for its status.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::open_doors;
    use crate::Door;

    #[test]
    fn an_unlocked_process_sees_every_door_open() {
        let all = [Door::Files, Door::Network, Door::Processes];
        assert_eq!(open_doors(false), all);
        assert_eq!(open_doors(true), all);
    }
}
