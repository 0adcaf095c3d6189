//! One code action that runs a command of ours. Pure.

use serde_json::Value;
use tower_lsp::lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, Command, Diagnostic};

/// A code action that runs a command, as an answer to `diagnostics`.
pub fn action(
    title: &str,
    kind: CodeActionKind,
    (name, arguments): (&str, Vec<Value>),
    diagnostics: Vec<Diagnostic>,
) -> CodeActionOrCommand {
    let command = Command { title: title.to_owned(), command: name.to_owned(), arguments: Some(arguments) };
    CodeActionOrCommand::CodeAction(CodeAction {
        title: title.to_owned(),
        kind: Some(kind),
        diagnostics: (!diagnostics.is_empty()).then_some(diagnostics),
        command: Some(command),
        ..CodeAction::default()
    })
}
