//! Where settings, state, caches and sockets live. The only place that reads the variables which move them.

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use std::path::PathBuf;

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
    /// name; `variable` looks a variable up. Without a home folder, a folder below the system's temporary one is taken.
    /// Sockets: `GLOSSATOR_RUNTIME_DIR`, else `glossator` in `XDG_RUNTIME_DIR`, else `glossator-<user id>` in the temporary one.
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Folders {
        let names = AppStrategyArgs {
            top_level_domain: "dev".to_owned(),
            author: "glossator".to_owned(),
            app_name: "glossator".to_owned(),
        };
        let nowhere = std::env::temp_dir().join("glossator");
        let (config, state, cache) = match choose_app_strategy(names) {
            Ok(found) => {
                let state = found.state_dir().unwrap_or_else(|| found.data_dir().join("state"));
                (found.config_dir(), state, found.cache_dir())
            }
            Err(_) => (nowhere.join("config"), nowhere.join("state"), nowhere.join("cache")),
        };
        // Absolute, since a core works in no folder of its user's.
        let whole = |path: String| std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(path));
        let named = |name: &str| variable(name).filter(|path| !path.is_empty()).map(whole);
        let moved = |name: &str, usual: PathBuf| named(name).unwrap_or(usual);
        let runtime = match named("XDG_RUNTIME_DIR") {
            Some(folder) => folder.join("glossator"),
            None => std::env::temp_dir().join(format!("glossator-{}", user())),
        };
        Folders {
            config: moved("GLOSSATOR_CONFIG_DIR", config),
            state: moved("GLOSSATOR_STATE_DIR", state),
            cache: moved("GLOSSATOR_CACHE_DIR", cache),
            runtime: moved("GLOSSATOR_RUNTIME_DIR", runtime),
        }
    }
}

/// The number of this user, where users have one.
fn user() -> u32 {
    #[cfg(unix)]
    let number = rustix::process::getuid().as_raw();
    #[cfg(not(unix))]
    let number = 0;
    number
}
