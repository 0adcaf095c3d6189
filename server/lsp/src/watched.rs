//! Files that the editor watches for us, where it can: settings, guidance, and the files that are open. A change makes us look
//! again; what is on the disk is read where it is needed, never here.

use crate::connection::Connection;
use crate::files;
use crate::in_force;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tower_lsp::lsp_types::{DidChangeWatchedFilesParams, Registration, Unregistration};
use url::Url;

const WATCHED: &str = "workspace/didChangeWatchedFiles";
const CONFIGURATION: &str = "workspace/didChangeConfiguration";
/// The names of our registrations.
const FIXED: &str = "glossator-files";
const OPEN: &str = "glossator-open-files";
const SETTINGS: &str = "glossator-settings";

/// The open files are registered anew once none was opened or closed for this long.
const QUIET: Duration = Duration::from_secs(1);
/// Open files that are watched.
const MOST: usize = 200;

/// Asks the client to tell of files and settings, where it can be asked. Not waited for.
pub fn start(connection: &Arc<Connection>) {
    let workspace = connection.capabilities().and_then(|all| all.workspace.as_ref());
    let Some(workspace) = workspace else { return in_force::watch(connection) };
    let dynamic = |supported: Option<bool>| supported.unwrap_or(false);
    let tells_settings =
        workspace.did_change_configuration.is_some_and(|one| dynamic(one.dynamic_registration));
    let watches = workspace.did_change_watched_files.is_some_and(|one| dynamic(one.dynamic_registration));
    let relative =
        workspace.did_change_watched_files.is_some_and(|one| one.relative_pattern_support.unwrap_or(false));
    if !(watches && relative) {
        in_force::watch(connection);
    }
    let connection = connection.clone();
    tokio::spawn(async move {
        if tells_settings {
            register(&connection, SETTINGS, CONFIGURATION, json!({ "section": "glossator" })).await;
        }
        if watches {
            let watchers = fixed(&connection, relative);
            register(&connection, FIXED, WATCHED, json!({ "watchers": watchers })).await;
            open_files(&connection, relative).await;
        }
    });
}

async fn register(connection: &Connection, id: &str, method: &str, options: Value) -> bool {
    let registration =
        Registration { id: id.to_owned(), method: method.to_owned(), register_options: Some(options) };
    let done = connection.client.register_capability(vec![registration]).await;
    if let Err(error) = &done {
        tracing::debug!(%error, method, "the client registers nothing");
    }
    done.is_ok()
}

/// The files that matter wherever they are.
fn fixed(connection: &Connection, relative: bool) -> Vec<Value> {
    let mut names: BTreeSet<String> = connection.guidance_names().into_iter().collect();
    names.insert(".glossator/settings.toml".to_owned());
    let mut watchers: Vec<Value> =
        names.iter().map(|name| json!({ "globPattern": format!("**/{name}") })).collect();
    // It lies outside the workspace, where only a client that takes a base looks.
    watchers.extend(
        Some(connection.settings_file()).filter(|_| relative).and_then(|path| relative_pattern(&path)),
    );
    watchers
}

/// A watcher for one file, as a name in a base.
fn relative_pattern(path: &Path) -> Option<Value> {
    let base = Url::from_directory_path(path.parent()?).ok()?;
    let name = path.file_name()?.to_str()?;
    Some(json!({ "globPattern": { "baseUri": base, "pattern": escaped(name) } }))
}

/// A name without what globs give a meaning.
fn escaped(name: &str) -> String {
    name.chars().map(|c| if "*?{}[]!".contains(c) { '?' } else { c }).collect()
}

/// Keeps the client watching the files that are open, until it is gone: an editor need not tell that one changed behind it.
async fn open_files(connection: &Arc<Connection>, relative: bool) {
    let mut watched: BTreeSet<PathBuf> = BTreeSet::new();
    let mut changed = connection.workspace.overlay().changed();
    loop {
        let now = open(connection);
        if now != watched {
            if !watched.is_empty() {
                let gone = Unregistration { id: OPEN.to_owned(), method: WATCHED.to_owned() };
                // A client that refuses goes on telling of too much, which does no harm.
                let _ = connection.client.unregister_capability(vec![gone]).await;
            }
            let watchers: Vec<Value> = now.iter().filter_map(|path| watcher(path, relative)).collect();
            let options = json!({ "watchers": watchers });
            if !now.is_empty() && !register(connection, OPEN, WATCHED, options).await {
                return;
            }
            watched = now;
        }
        tokio::select! {
            () = connection.gone() => return,
            more = changed.changed() => if more.is_err() { return },
        }
        tokio::time::sleep(QUIET).await;
        changed.mark_unchanged();
    }
}

/// The files that are open.
fn open(connection: &Connection) -> BTreeSet<PathBuf> {
    let paths = connection.workspace.overlay().paths();
    paths.into_iter().filter(|path| !connection.is_ours(Some(path))).take(MOST).collect()
}

fn watcher(path: &Path, relative: bool) -> Option<Value> {
    match relative {
        true => relative_pattern(path),
        false => Some(json!({ "globPattern": escaped(path.to_str()?) })),
    }
}

/// Files changed behind the editor.
pub fn changed(connection: &Arc<Connection>, params: &DidChangeWatchedFilesParams) {
    files::changed(connection);
    let own = connection.settings_file();
    let is_settings = |uri: &Url| {
        let path = crate::convert::path_of(uri);
        path.as_deref() == Some(own.as_path())
            || path.is_some_and(|path| path.ends_with(".glossator/settings.toml"))
    };
    if params.changes.iter().any(|change| is_settings(&change.uri)) {
        // What is wrong with them is shown; they are read anew with each prompt.
        in_force::look(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_watched_by_its_name_in_its_folder() {
        let watcher = relative_pattern(Path::new("/work/src/a[1].rs")).unwrap();
        let expected = json!({ "globPattern": { "baseUri": "file:///work/src/", "pattern": "a?1?.rs" } });
        assert_eq!(watcher, expected);
        assert_eq!(
            super::watcher(Path::new("/a b/c.rs"), false),
            Some(json!({ "globPattern": "/a b/c.rs" }))
        );
        assert_eq!(relative_pattern(Path::new("/")), None);
    }
}
