//! Owns the mount namespace of the helper: its own, private, with the user's own ids. Mounts nothing.

use std::fs;

use rustix::io::Errno;
use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{getegid, geteuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Puts this process, which must have one thread, into a mount namespace of its own: by itself where it may, else in a
/// user namespace in which everybody is who he was. What is mounted from now on is seen by it and its descendants alone.
///
/// Tells whether it took a user namespace.
///
/// # Errors
/// The reason, in plain words.
pub fn enter() -> Result<bool, String> {
    let by_user = unshare(UnshareFlags::NEWNS).is_err();
    if by_user {
        let (user, group) = (geteuid().as_raw(), getegid().as_raw());
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)
            .map_err(|errno| no_spaces(&errno.to_string()))?;
        // Before groups can be mapped, they must not be changeable; a kernel that does not know the file does not mind.
        let _ = fs::write("/proc/self/setgroups", "deny");
        let map = |file: &str, id: u32| fs::write(file, format!("{id} {id} 1\n"));
        map("/proc/self/uid_map", user)
            .and_then(|()| map("/proc/self/gid_map", group))
            .map_err(|error| no_spaces(&error.to_string()))?;
    }
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)
        .map_err(|errno| no_spaces(&errno.to_string()))?;
    Ok(by_user)
}

fn unshare(flags: UnshareFlags) -> Result<(), Errno> {
    // SAFETY: the table of descriptors is not among what is unshared, and there is one thread.
    unsafe { unshare_unsafe(flags) }
}

fn no_spaces(said: &str) -> String {
    format!(
        "this system gives no user namespaces ({said}): a container, or a setting such as user.max_user_namespaces, \
         kernel.unprivileged_userns_clone or kernel.apparmor_restrict_unprivileged_userns, forbids them"
    )
}
