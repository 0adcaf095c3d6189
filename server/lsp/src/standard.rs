//! What of standard LSP is offered to a client, by what it says of itself, but for what `chat` adds. Pure. The handlers are in
//! `server`; a test holds the two together.

use crate::convert;
use crate::files;
use glossator_protocol_ext::COMMANDS;
use glossator_text::PositionEncoding;
use tower_lsp::lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, ExecuteCommandOptions, HoverProviderCapability, OneOf, SaveOptions,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

/// What is typed before a mention or a command. No more: some clients ask every server at each of them, in any document.
const TRIGGERS: &[&str] = &["@", "/"];

/// What is offered to a client with which positions are counted so.
pub fn capabilities(encoding: PositionEncoding, client: Option<&ClientCapabilities>) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(OneOf::Left(true)),
    };
    let has_lenses = client
        .and_then(|client| client.text_document.as_ref())
        .is_some_and(|documents| documents.code_lens.is_some());
    ServerCapabilities {
        position_encoding: Some(convert::encoding_kind(encoding)),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_lens_provider: has_lenses.then_some(CodeLensOptions { resolve_provider: Some(false) }),
        code_action_provider: Some(code_actions()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(TRIGGERS.iter().map(|it| (*it).to_owned()).collect()),
            resolve_provider: Some(true),
            ..CompletionOptions::default()
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.iter().map(|row| row.name.to_owned()).collect(),
            ..ExecuteCommandOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(folders),
            file_operations: files::operations(client.and_then(|client| client.workspace.as_ref())),
        }),
        ..ServerCapabilities::default()
    }
}

/// The kinds are named, since some clients take an empty object for nothing.
fn code_actions() -> CodeActionProviderCapability {
    CodeActionProviderCapability::Options(CodeActionOptions {
        code_action_kinds: Some(vec![
            CodeActionKind::QUICKFIX,
            CodeActionKind::REFACTOR,
            CodeActionKind::REFACTOR_REWRITE,
            CodeActionKind::SOURCE,
        ]),
        resolve_provider: Some(true),
        ..CodeActionOptions::default()
    })
}
