//! Logs: to a file in the state folder, never to standard output, which carries LSP and nothing else.

use glossator_store::LogFile;
use std::path::Path;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;

/// What the user wants to have logged.
#[allow(clippy::disallowed_methods)] // The program reads its environment here and hands it on.
pub fn filter() -> Option<String> {
    std::env::var("GLOSSATOR_LOG").ok()
}

/// Starts logging as `GLOSSATOR_LOG` says (`warn` if it says nothing). A folder that cannot be written costs the log.
pub fn start(state: &Path, filter: Option<&str>) {
    let filter = EnvFilter::try_new(filter.unwrap_or("warn")).unwrap_or_else(|_| EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(LogFile::new(state)))
        .finish();
    // Only a second call could fail, and there is none.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        // Where, but not what: the text of a panic can hold what the user is working on.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a handler broke down; this is a fault of Glossator's");
    }));
}
