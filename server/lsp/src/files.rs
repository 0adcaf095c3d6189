//! Files that the editor creates, moves and deletes: what is known of them goes along. Answers at once; the work is done
//! behind it.

use crate::connection::Connection;
use crate::convert;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower_lsp::lsp_types::{
    FileOperationFilter, FileOperationPattern, FileOperationRegistrationOptions, RenameFilesParams,
    WorkspaceClientCapabilities, WorkspaceFileOperationsServerCapabilities,
};
use url::Url;

/// How long the editor waits for us before it moves a file.
const PATIENCE: Duration = Duration::from_millis(500);

/// The operations that a client is told we want to hear of: those that it tells of.
pub fn operations(
    client: Option<&WorkspaceClientCapabilities>,
) -> Option<WorkspaceFileOperationsServerCapabilities> {
    let told = client?.file_operations.as_ref()?;
    let all = || FileOperationRegistrationOptions {
        filters: vec![FileOperationFilter {
            scheme: Some("file".to_owned()),
            pattern: FileOperationPattern { glob: "**/*".to_owned(), matches: None, options: None },
        }],
    };
    let wanted = |told: Option<bool>| told.unwrap_or(false).then(all);
    let operations = WorkspaceFileOperationsServerCapabilities {
        did_create: wanted(told.did_create),
        will_create: None,
        did_rename: wanted(told.did_rename),
        will_rename: wanted(told.will_rename),
        did_delete: wanted(told.did_delete),
        will_delete: None,
    };
    (operations != WorkspaceFileOperationsServerCapabilities::default()).then_some(operations)
}

/// Files are about to be moved: what the user has typed in them is recorded in its old place.
pub async fn will_move(connection: &Arc<Connection>) {
    let Some(agent) = connection.agent() else { return };
    // A move of ours comes here as well, while its edit is being made: nothing may wait for the other then.
    let _ = tokio::time::timeout(PATIENCE, agent.before_move(&connection.workspace)).await;
}

/// Files were moved. What an edit of ours moved is known already.
pub fn moved(connection: &Arc<Connection>, params: &RenameFilesParams) {
    connection.workspace.paths_changed();
    let moves: Vec<(PathBuf, PathBuf)> = params
        .files
        .iter()
        .filter_map(|one| Some((path(connection, &one.old_uri)?, path(connection, &one.new_uri)?)))
        .filter(|(from, to)| from != to)
        .collect();
    if moves.is_empty() {
        return;
    }
    let connection = connection.clone();
    tokio::spawn(async move {
        if let Some(agent) = connection.agent() {
            agent.moved(&moves, &connection.workspace).await;
        }
        connection.reviews.touch();
    });
}

/// Files came or went.
pub fn changed(connection: &Connection) {
    connection.workspace.paths_changed();
    connection.reviews.touch();
}

/// The path behind a URI, where it really leads.
fn path(connection: &Connection, uri: &str) -> Option<PathBuf> {
    let path = convert::path_of(&Url::parse(uri).ok()?)?;
    let (path, _) = connection.workspace.roots().resolve_any(path.to_str()?).ok()?;
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_client_tells_of_is_asked_for() {
        let of = |operations: serde_json::Value| {
            let client = serde_json::from_value(json!({ "fileOperations": operations })).unwrap();
            operations_of(&client)
        };
        fn operations_of(client: &WorkspaceClientCapabilities) -> serde_json::Value {
            json!(operations(Some(client)))
        }
        let all = json!({ "filters": [{ "scheme": "file", "pattern": { "glob": "**/*" } }] });
        assert_eq!(
            of(json!({ "didRename": true, "willRename": true, "didCreate": false, "willCreate": true })),
            json!({ "didRename": all, "willRename": all })
        );
        assert_eq!(of(json!({ "willDelete": true })), json!(null));
        assert_eq!(of(json!({})), json!(null));
        assert_eq!(operations(None), None);
    }
}
