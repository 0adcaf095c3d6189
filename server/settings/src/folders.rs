//! Where settings, state and caches live. The only place that reads the variables which move them.

use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use std::path::PathBuf;

/// The three folders of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// `settings.toml`.
    pub config: PathBuf,
    /// Sessions, trust, logs.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
}

impl Folders {
    /// The platform's folders, or those that `GLOSSATOR_CONFIG_DIR`, `GLOSSATOR_STATE_DIR` and `GLOSSATOR_CACHE_DIR`
    /// name; `variable` looks a variable up. Without a home folder, a folder below the system's temporary one is taken.
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
        let moved = |name: &str, usual: PathBuf| match variable(name) {
            Some(path) if !path.is_empty() => PathBuf::from(path),
            _ => usual,
        };
        Folders {
            config: moved("GLOSSATOR_CONFIG_DIR", config),
            state: moved("GLOSSATOR_STATE_DIR", state),
            cache: moved("GLOSSATOR_CACHE_DIR", cache),
        }
    }
}
