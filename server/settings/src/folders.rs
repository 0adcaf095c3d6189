//! Where settings, state, caches and sockets live. The only place that reads the variables which move them. Looks at folders
//! only to tell whether they are this user's own.

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use std::path::{Path, PathBuf};

/// The folders of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// `settings.toml`.
    pub config: PathBuf,
    /// Sessions, trust, logs.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// Sockets of running cores; gone when the user logs out, or when the system starts.
    pub runtime: PathBuf,
}

impl Folders {
    /// The platform's folders, or those that `GLOSSATOR_CONFIG_DIR`, `GLOSSATOR_STATE_DIR` and `GLOSSATOR_CACHE_DIR`
    /// name; `variable` looks a variable up. Without a home folder they lie in `glossator-home-<user id>` in the system's
    /// temporary one, which is made for this user alone; where that is somebody else's, nowhere. Sockets:
    /// `GLOSSATOR_RUNTIME_DIR`, else `glossator` in `XDG_RUNTIME_DIR` if that is this user's, else `glossator-<user id>` in the
    /// temporary folder; a path that is too long for a socket is passed over.
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Folders {
        let names = AppStrategyArgs {
            top_level_domain: "dev".to_owned(),
            author: "glossator".to_owned(),
            app_name: "glossator".to_owned(),
        };
        let (config, state, cache) = match choose_app_strategy(names) {
            // Settings are not read from whatever folder this is started in.
            Ok(found) if found.home_dir().is_absolute() => {
                let state = found.state_dir().unwrap_or_else(|| found.data_dir().join("state"));
                (found.config_dir(), state, found.cache_dir())
            }
            _ => {
                let place = homeless();
                (place.join("config"), place.join("state"), place.join("cache"))
            }
        };
        // Absolute, since a core works in no folder of its user's.
        let whole = |path: String| std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(path));
        let named = |name: &str| variable(name).filter(|path| !path.is_empty()).map(whole);
        let moved = |name: &str, usual: PathBuf| named(name).unwrap_or(usual);
        Folders {
            config: moved("GLOSSATOR_CONFIG_DIR", config),
            state: moved("GLOSSATOR_STATE_DIR", state),
            cache: moved("GLOSSATOR_CACHE_DIR", cache),
            runtime: named("GLOSSATOR_RUNTIME_DIR").unwrap_or_else(|| runtime(named("XDG_RUNTIME_DIR"))),
        }
    }
}

/// Bytes of the longest path that a socket can have.
const SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
/// Bytes of the name of a socket, with the slash before it.
const SOCKET_NAME: usize = 22;

/// Where sockets are, unless the user says so. `session`: what the system made for this login, which is not always ours (after
/// `sudo`), there (in a container), or short enough.
fn runtime(session: Option<PathBuf>) -> PathBuf {
    let own = format!("glossator-{}", user());
    let session = session.filter(|folder| is_own_folder(folder)).map(|folder| folder.join("glossator"));
    let temporary = std::env::temp_dir().join(&own);
    let last = if cfg!(unix) { Path::new("/tmp").join(&own) } else { temporary.clone() };
    let fits = |folder: &PathBuf| folder.as_os_str().len() + SOCKET_NAME <= SOCKET_PATH;
    session.into_iter().chain([temporary, last.clone()]).find(fits).unwrap_or(last)
}

/// Where settings and state are of a user without a home folder. Anybody may make folders in the temporary one, and settings say
/// where keys are sent: one that is not ours alone is not read.
fn homeless() -> PathBuf {
    let place = std::env::temp_dir().join(format!("glossator-home-{}", user()));
    if make_own_folder(&place) { place } else { PathBuf::from("/nonexistent/glossator") }
}

/// The number of this user, where users have one.
fn user() -> u32 {
    #[cfg(unix)]
    let number = rustix::process::getuid().as_raw();
    #[cfg(not(unix))]
    let number = 0;
    number
}

/// Whether `path` is a folder of this user's own, and no link.
#[allow(clippy::disallowed_methods)]
fn is_own_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|about| about.is_dir() && is_ours(&about))
}

/// Makes `path` for this user alone; `false`: there is something else.
#[allow(clippy::disallowed_methods, clippy::disallowed_types)]
fn make_own_folder(path: &Path) -> bool {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    // What is there already is looked at.
    let _ = builder.create(path);
    std::fs::symlink_metadata(path).is_ok_and(|about| about.is_dir() && is_ours(&about) && is_closed(&about))
}

#[cfg(unix)]
fn is_ours(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(about) == rustix::process::getuid().as_raw()
}

#[cfg(unix)]
fn is_closed(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o077 == 0
}

#[cfg(not(unix))]
fn is_ours(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_closed(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_lie_where_they_can() {
        let temporary = tempfile::tempdir().unwrap();
        let elsewhere = runtime(None);
        assert!(elsewhere.ends_with(format!("glossator-{}", user())), "{elsewhere:?}");
        let of = |folder: PathBuf| runtime(Some(folder));
        assert_eq!(of(temporary.path().to_owned()), temporary.path().join("glossator"));
        assert_eq!(of(temporary.path().join("gone")), elsewhere);
        let long = temporary.path().join("l".repeat(90));
        assert!(make_own_folder(&long) && is_own_folder(&long));
        assert_eq!(of(long), elsewhere);
    }

    #[cfg(unix)]
    #[test]
    #[allow(clippy::disallowed_methods)]
    fn a_folder_that_is_not_ours_alone_is_no_home() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        assert!(make_own_folder(&at("made")) && make_own_folder(&at("made")));
        symlink(at("made"), at("link")).unwrap();
        assert!(!make_own_folder(&at("link")) && !is_own_folder(&at("link")));
        std::fs::set_permissions(at("made"), std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(!make_own_folder(&at("made")) && is_own_folder(&at("made")));
        assert!(!make_own_folder(&at("deep/er")));
    }
}
