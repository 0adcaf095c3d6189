//! Owns what a path says about where it leads, from its letters alone: inside the working folder or not, and whether
//! it belongs to the system or to the user's own settings. Never asks the disk, so links are not seen through.

use std::path::PathBuf;

/// Whether an argument of a reading program may name something outside the working folder and `folders`.
/// Options count with the value that is attached to them.
pub(crate) fn leaves(word: &str, folders: &[PathBuf]) -> bool {
    let path = match (word.strip_prefix("--"), word.strip_prefix('-')) {
        (Some(option), _) => option.split_once('=').map_or("", |(_, value)| value),
        (None, Some(option)) => option.find('/').map_or("", |at| &option[at..]),
        (None, None) => word,
    };
    if path.starts_with('~') || path.split('/').chain(word.split('/')).any(may_be_parent) {
        return true;
    }
    path.starts_with('/') && !is_readable_device(path) && !below(path, folders)
}

/// A device that may be read and comes to an end.
pub(crate) fn is_readable_device(path: &str) -> bool {
    ["/dev/null", "/dev/stdin"].contains(&path)
}

/// `..`, or a pattern such as `.*` that some shells expand to it.
fn may_be_parent(part: &str) -> bool {
    part == ".." || part.strip_prefix('.').is_some_and(|rest| rest.starts_with(['*', '?', '[', '.']))
}

fn below(path: &str, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| folder.is_absolute() && std::path::Path::new(path).starts_with(folder))
}

/// Why writing to `path` is dangerous, if it is.
pub(crate) fn write_danger(path: &str, folders: &[PathBuf]) -> Option<&'static str> {
    let own = ["~/.", "$HOME/.", "${HOME}/."];
    if own.iter().any(|start| path.starts_with(start)) {
        return Some("it changes settings in the user's home folder");
    }
    if !path.starts_with('/') {
        return None;
    }
    let path = normalised(path);
    if HARMLESS_DEVICES.contains(&path.as_str()) || below(&path, folders) {
        return None;
    }
    let within = |folder: &&str| {
        path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if OPEN_FOLDERS.iter().any(&within) {
        return None;
    }
    if path == "/dev" || path.starts_with("/dev/") {
        return Some("it writes to a device");
    }
    if path == "/" || SYSTEM_FOLDERS.iter().any(within) {
        return Some("it changes files of the system");
    }
    let home = path.strip_prefix("/root/").or_else(|| {
        let rest = path.strip_prefix("/home/").or_else(|| path.strip_prefix("/Users/"))?;
        rest.split_once('/').map(|(_, rest)| rest)
    });
    if home.is_some_and(|rest| rest.starts_with('.')) {
        return Some("it changes settings in the user's home folder");
    }
    (!folders.is_empty()).then_some("it writes outside the workspace")
}

/// `path` (absolute) without empty parts, `.` and `..`.
fn normalised(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Devices to which writing does no harm.
const HARMLESS_DEVICES: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/full"];

/// Folders below system folders that are for everybody to write.
const OPEN_FOLDERS: &[&str] =
    &["/tmp", "/var/tmp", "/private/tmp", "/dev/shm", "/dev/fd", "/usr/src", "/var/www"];

const SYSTEM_FOLDERS: &[&str] = &[
    "/bin",
    "/boot",
    "/efi",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
    "/Applications",
    "/Library",
    "/System",
    "/private/etc",
    "/private/var",
];

#[cfg(test)]
mod tests {
    use super::{leaves, write_danger};
    use std::path::PathBuf;

    #[test]
    fn paths_that_leave() {
        let folders = [PathBuf::from("/work/a")];
        for (word, expected) in [
            ("src/a", false),
            ("./a", false),
            ("a..b", false),
            ("HEAD..main", false),
            ("..", true),
            ("a/../../b", true),
            (".*", true),
            (".github", false),
            ("/etc/passwd", true),
            ("/work/a", false),
            ("/work/a/b", false),
            ("/work/ab", true),
            ("/work/a/../b", true),
            ("~", true),
            ("~/x", true),
            ("/dev/null", false),
            ("/dev/stdin", false),
            ("/dev/zero", true),
            ("/dev/full", true),
            ("/dev/tty", true),
            ("/dev/random", true),
            ("--a/../../x", true),
            ("--file=/etc/x", true),
            ("--file=x", false),
            ("-f/etc/x", true),
            ("-rf/etc/x", true),
            ("-f../x", true),
            ("-I/work/a/x", false),
            ("--include=*.rs", false),
            ("-", false),
        ] {
            assert_eq!(leaves(word, &folders), expected, "{word}");
        }
    }

    #[test]
    fn places_that_are_not_to_be_written() {
        for (path, dangerous) in [
            ("out.txt", false),
            ("/tmp/x", false),
            ("/tmp/../etc/x", true),
            ("/dev/null", false),
            ("/dev/sda", true),
            ("/dev/shm/x", false),
            ("/etc/hosts", true),
            ("/etcetera/x", false),
            ("/", true),
            ("~/.bashrc", true),
            ("$HOME/.ssh/config", true),
            ("/root/.profile", true),
            ("/home/u/.config/x", true),
            ("/home/u/project/x", false),
            ("/usr/local/bin/x", true),
        ] {
            assert_eq!(write_danger(path, &[]).is_some(), dangerous, "{path}");
        }
        let folders = [PathBuf::from("/usr/local/work")];
        assert_eq!(write_danger("/usr/local/work/x", &folders), None);
        assert!(write_danger("/home/u/other", &folders).is_some());
    }
}
