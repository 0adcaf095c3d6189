//! The connected editor as the workspace's `Editor` port: versioned edits, renames and deletions by `workspace/applyEdit`,
//! saving by `glossator/buffers/save`, what it tells of code (`lookups`).
//! Reports the client's answer and no more; what counts is the text that the client sends afterwards.

use crate::lookups;
use futures::future::BoxFuture;
use glossator_protocol_ext as ext;
use glossator_workspace::{
    DocumentName, Editor, EditorEdit, EditorRefusal, Lookup, LookupError, Reported, SymbolQuery, Symbols,
};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tower_lsp::Client;
use tower_lsp::lsp_types::{
    ApplyWorkspaceEditParams, ClientCapabilities, DeleteFile, DocumentChangeOperation, DocumentChanges,
    OneOf, OptionalVersionedTextDocumentIdentifier, RenameFile, RenameFileOptions, ResourceOp,
    ResourceOperationKind, TextDocumentEdit, TextEdit, WorkspaceEdit,
    request::{ApplyWorkspaceEdit, Request},
};
use url::Url;

/// The editor at the other end of the connection.
pub struct LspEditor {
    client: Client,
    /// Whether the client announced that it renames and deletes files.
    resource_operations: AtomicBool,
    /// Whether it saves documents when it is asked to.
    saves: AtomicBool,
    /// Whether it passes on what other language servers report, and what they know of symbols.
    diagnostics: AtomicBool,
    symbols: AtomicBool,
}

/// `glossator/buffers/save`.
enum SaveBuffers {}

impl Request for SaveBuffers {
    type Params = ext::SaveBuffersParams;
    type Result = ext::SaveBuffersResult;
    const METHOD: &'static str = ext::method::BUFFERS_SAVE;
}

impl LspEditor {
    pub fn new(client: Client) -> LspEditor {
        let (resource_operations, saves, diagnostics, symbols) = Default::default();
        LspEditor { client, resource_operations, saves, diagnostics, symbols }
    }

    /// Takes in what the client announced.
    pub fn announce(&self, capabilities: &ClientCapabilities, extension: Option<&ext::Capability>) {
        let kinds = capabilities
            .workspace
            .as_ref()
            .and_then(|workspace| workspace.workspace_edit.as_ref()?.resource_operations.as_ref());
        let has = |kind| kinds.is_some_and(|kinds| kinds.contains(&kind));
        let both = has(ResourceOperationKind::Rename) && has(ResourceOperationKind::Delete);
        self.resource_operations.store(both, Ordering::Relaxed);
        let saves = extension.is_some_and(|extension| extension.handles("save"));
        self.saves.store(saves, Ordering::Relaxed);
        for (feature, told) in [("diagnostics", &self.diagnostics), ("symbols", &self.symbols)] {
            told.store(extension.is_some_and(|extension| extension.names(feature)), Ordering::Relaxed);
        }
    }
}

impl Editor for LspEditor {
    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(async move {
            let params = params(edit).map_err(|reason| refusal(&reason))?;
            let client = self.client.clone();
            // A task of its own: the commit may see the new text before the client answers and drop this future, and an
            // answer without its asker is an error to tower-lsp.
            let asked = tokio::spawn(async move { client.send_request::<ApplyWorkspaceEdit>(params).await });
            match asked.await.map_err(|_| refusal(BROKEN))? {
                Ok(answer) if answer.applied => Ok(()),
                Ok(answer) => {
                    // No client names the reason in a way that could be told apart: any refusal may be a stale version.
                    let reason = answer
                        .failure_reason
                        .unwrap_or_else(|| "the editor did not apply the edit".to_owned());
                    Err(EditorRefusal { reason, stale: true })
                }
                Err(error) => Err(refusal(&error.message)),
            }
        })
    }

    fn saves(&self) -> bool {
        self.saves.load(Ordering::Relaxed)
    }

    fn save(&self, uris: Vec<String>) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(async move {
            let client = self.client.clone();
            let asked_for = uris.len();
            let params = ext::SaveBuffersParams { uris };
            // A task of its own, as for edits.
            let asked = tokio::spawn(async move { client.send_request::<SaveBuffers>(params).await });
            let answer = asked.await.map_err(|_| refusal(BROKEN))?;
            let saved = answer.map_err(|error| refusal(&error.message))?.saved;
            match saved.len() >= asked_for {
                true => Ok(()),
                false => Err(refusal(&format!("the editor saved {} of {asked_for} files", saved.len()))),
            }
        })
    }

    fn looks_up(&self, what: Lookup) -> bool {
        let told = match what {
            Lookup::Diagnostics => &self.diagnostics,
            Lookup::Symbols => &self.symbols,
        };
        told.load(Ordering::Relaxed)
    }

    fn diagnostics(&self, of: Option<DocumentName>) -> BoxFuture<'_, Result<Vec<Reported>, LookupError>> {
        Box::pin(lookups::diagnostics(&self.client, of))
    }

    fn symbols(&self, query: SymbolQuery) -> BoxFuture<'_, Result<Symbols, LookupError>> {
        Box::pin(lookups::symbols(&self.client, query))
    }

    fn has_resource_operations(&self) -> bool {
        self.resource_operations.load(Ordering::Relaxed)
    }
}

const BROKEN: &str = "the connection to the editor broke";

fn refusal(reason: &str) -> EditorRefusal {
    EditorRefusal { reason: reason.to_owned(), stale: false }
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
