//! The requests about completion. Documents that are no prompts get nothing, at once: clients ask at every `/`.

use super::{explain, list, offers, prompt_items};
use crate::server::Server;
use glossator_protocol_ext as ext;
use glossator_text::{Position, Range, byte_range};
use ropey::Rope;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{CompletionItem, CompletionParams, CompletionResponse};

impl Server {
    /// `textDocument/completion`
    pub async fn complete_prompt(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let connection = &self.connection;
        let at = params.text_document_position;
        let uri = at.text_document.uri.as_str();
        if !connection.prompts.is_prompt(uri) {
            return Ok(None);
        }
        let overlay = connection.workspace.overlay();
        let Some(buffer) = overlay.by_uri(uri).filter(|buffer| !buffer.out_of_step) else { return Ok(None) };
        let encoding = overlay.encoding();
        let place = byte_of(&buffer.text, crate::convert::position(at.position), encoding);
        let found = offers(connection, &buffer.text.to_string(), place).await;
        Ok(found.map(|found| CompletionResponse::List(list(&buffer.text, found, encoding))))
    }

    /// `completionItem/resolve`
    pub async fn explain_offer(&self, item: CompletionItem) -> Result<CompletionItem> {
        Ok(explain::explain(&self.connection, item).await)
    }

    /// `glossator/prompt/complete`
    pub async fn prompt_complete(
        &self,
        params: ext::CompletePromptParams,
    ) -> Result<ext::CompletePromptResult> {
        let encoding = self.connection.workspace.overlay().encoding();
        let text = Rope::from_str(&params.text);
        let at = Position { line: params.position.line, character: params.position.character };
        let found = offers(&self.connection, &params.text, byte_of(&text, at, encoding)).await;
        Ok(prompt_items(&text, found.unwrap_or_default(), encoding))
    }
}

fn byte_of(text: &Rope, at: Position, encoding: glossator_text::PositionEncoding) -> usize {
    byte_range(text, Range { start: at, end: at }, encoding).start
}
