//! Descriptors that a worker must not have: closes what its host, or whoever started that, has left open, and looks.
//! Knows the standard three and nothing of what they are.

use rustix::process::{Resource, getrlimit};

use crate::{Door, Walls};

/// First descriptor that is not standard input, output or error.
const FIRST: i32 = 3;
/// How far is looked where neither kernel nor `/proc` tell what is open.
const FARTHEST: i32 = 1 << 20;
/// How far is looked in any case.
const NEAR: i32 = 1024;

/// Closes every descriptor but the standard three; whether the kernel can.
pub fn close_others() -> bool {
    // SAFETY: nothing that owns one of them is used afterwards: at start there is no owner yet, and a forked worker
    // forgets those of its zygote. A kernel without the call leaves them open.
    unsafe { libc::syscall(libc::SYS_close_range, FIRST, u32::MAX, 0) == 0 }
}

/// Closes them also where the kernel cannot at once, and notes what stays open. Before the limit of open files is lowered:
/// a descriptor may lie beyond the limit that comes.
pub fn close_all(walls: &mut Walls) {
    let closed = close_others();
    let listed = listed();
    if !closed {
        let each = listed.clone().unwrap_or_else(|| (FIRST..farthest()).collect());
        for descriptor in each {
            // SAFETY: as above; a number without a descriptor is an error that changes nothing.
            unsafe { libc::close(descriptor) };
        }
        if listed.is_none() {
            walls.faults.push(format!(
                "neither close_range nor /proc is there: descriptors from {} on could not be looked for",
                farthest()
            ));
        }
    }
    let left = self::listed().is_some_and(|left| !left.is_empty());
    if left || open_below(if closed || listed.is_some() { NEAR } else { farthest() }) {
        walls.open.push(Door::Descriptors);
    }
}

/// Whether any is open below the present limit of open files.
pub fn has_others() -> bool {
    open_below(farthest().min(NEAR * 2))
}

/// The highest number that a descriptor can have got under the limits that hold now, and one more.
fn farthest() -> i32 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    i32::try_from(most).unwrap_or(FARTHEST).min(FARTHEST)
}

/// Whether a descriptor from the first on and below `end` is open.
fn open_below(end: i32) -> bool {
    // The system takes no more at once than files may be open.
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let chunk = usize::try_from(most).unwrap_or(usize::MAX).clamp(1, 4096);
    let all: Vec<i32> = (FIRST..end).collect();
    all.chunks(chunk).any(|numbers| {
        let mut looked: Vec<libc::pollfd> =
            numbers.iter().map(|fd| libc::pollfd { fd: *fd, events: 0, revents: 0 }).collect();
        // SAFETY: the pointer and the count are those of a live vector; polling only looks.
        let found = unsafe { libc::poll(looked.as_mut_ptr(), looked.len() as libc::nfds_t, 0) };
        found < 0 || looked.iter().any(|place| place.revents & libc::POLLNVAL == 0)
    })
}

/// What `/proc` says is open beyond the standard three; `None` where it says nothing.
fn listed() -> Option<Vec<i32>> {
    // SAFETY: a constant path; the stream is used only here and closed once.
    unsafe {
        let folder = libc::opendir(c"/proc/self/fd".as_ptr());
        if folder.is_null() {
            return None;
        }
        let own = libc::dirfd(folder);
        let mut found = Vec::new();
        loop {
            let entry = libc::readdir(folder);
            if entry.is_null() {
                break;
            }
            let name = std::ffi::CStr::from_ptr((*entry).d_name.as_ptr());
            let number = name.to_str().ok().and_then(|name| name.parse::<i32>().ok());
            found.extend(number.filter(|number| *number >= FIRST && *number != own));
        }
        libc::closedir(folder);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{has_others, listed, open_below};
    use std::os::fd::AsRawFd;

    #[test]
    fn what_is_open_is_seen() {
        let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        assert!(has_others() && open_below(one.as_raw_fd() + 1) && !open_below(3));
        assert!(listed().is_none_or(|listed| listed.contains(&one.as_raw_fd())));
    }
}
