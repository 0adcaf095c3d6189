//! The connected editor as the workspace's `Editor` port: versioned edits, renames and deletions by `workspace/applyEdit`.
//! Reports the client's answer and no more; what counts is the text that the client sends afterwards.

use futures::future::BoxFuture;
use glossator_workspace::{Editor, EditorEdit, EditorRefusal};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tower_lsp::Client;
use tower_lsp::lsp_types::{
    ApplyWorkspaceEditParams, ClientCapabilities, DeleteFile, DocumentChangeOperation, DocumentChanges,
    OneOf, OptionalVersionedTextDocumentIdentifier, RenameFile, RenameFileOptions, ResourceOp,
    ResourceOperationKind, TextDocumentEdit, TextEdit, WorkspaceEdit, request::ApplyWorkspaceEdit,
};
use url::Url;

/// The editor at the other end of the connection.
pub struct LspEditor {
    client: Client,
    /// Whether the client announced that it renames and deletes files.
    resource_operations: AtomicBool,
}

impl LspEditor {
    pub fn new(client: Client) -> LspEditor {
        LspEditor { client, resource_operations: AtomicBool::new(false) }
    }

    /// Takes in what the client announced.
    pub fn announce(&self, capabilities: &ClientCapabilities) {
        let kinds = capabilities
            .workspace
            .as_ref()
            .and_then(|workspace| workspace.workspace_edit.as_ref()?.resource_operations.as_ref());
        let has = |kind| kinds.is_some_and(|kinds| kinds.contains(&kind));
        let both = has(ResourceOperationKind::Rename) && has(ResourceOperationKind::Delete);
        self.resource_operations.store(both, Ordering::Relaxed);
    }
}

impl Editor for LspEditor {
    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(async move {
            let params = params(edit).map_err(|reason| EditorRefusal { reason, stale: false })?;
            let client = self.client.clone();
            // A task of its own: the commit may see the new text before the client answers and drop this future, and an
            // answer without its asker is an error to tower-lsp.
            let asked = tokio::spawn(async move { client.send_request::<ApplyWorkspaceEdit>(params).await });
            let lost =
                |_| EditorRefusal { reason: "the connection to the editor broke".to_owned(), stale: false };
            match asked.await.map_err(lost)? {
                Ok(answer) if answer.applied => Ok(()),
                Ok(answer) => {
                    // No client names the reason in a way that could be told apart: any refusal may be a stale version.
                    let reason = answer
                        .failure_reason
                        .unwrap_or_else(|| "the editor did not apply the edit".to_owned());
                    Err(EditorRefusal { reason, stale: true })
                }
                Err(error) => Err(EditorRefusal { reason: error.message.to_string(), stale: false }),
            }
        })
    }

    fn has_resource_operations(&self) -> bool {
        self.resource_operations.load(Ordering::Relaxed)
    }
}

fn params(edit: EditorEdit) -> Result<ApplyWorkspaceEditParams, String> {
    let (label, changes) = match edit {
        EditorEdit::Text { uri, version, label, edits } => {
            let edits = edits
                .into_iter()
                .map(|(range, new_text)| {
                    OneOf::Left(TextEdit { range: crate::convert::lsp_range(range), new_text })
                })
                .collect();
            let text_document =
                OptionalVersionedTextDocumentIdentifier { uri: url(&uri)?, version: Some(version) };
            (label, DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }]))
        }
        EditorEdit::Rename { uri, to, label } => {
            let options = RenameFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
            let rename = RenameFile {
                old_uri: url(&uri)?,
                new_uri: file_url(&to)?,
                options: Some(options),
                annotation_id: None,
            };
            (
                label,
                DocumentChanges::Operations(vec![DocumentChangeOperation::Op(ResourceOp::Rename(rename))]),
            )
        }
        EditorEdit::Delete { uri, label } => {
            let delete = DeleteFile { uri: url(&uri)?, options: None };
            (
                label,
                DocumentChanges::Operations(vec![DocumentChangeOperation::Op(ResourceOp::Delete(delete))]),
            )
        }
    };
    let edit = WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() };
    Ok(ApplyWorkspaceEditParams { label: Some(label), edit })
}

fn url(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|error| format!("'{text}' is not a URI ({error})"))
}

fn file_url(path: &Path) -> Result<Url, String> {
    Url::from_file_path(path).map_err(|()| format!("{} cannot be written as a URI", path.display()))
}
