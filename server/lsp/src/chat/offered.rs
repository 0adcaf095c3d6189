//! What of standard LSP serves our documents. Pure.

use tower_lsp::lsp_types::{
    DocumentLinkOptions, FoldingRangeProviderCapability, OneOf, ServerCapabilities, WorkDoneProgressOptions,
};

/// Adds it to `capabilities`.
pub fn offer(capabilities: &mut ServerCapabilities) {
    capabilities.document_link_provider = Some(DocumentLinkOptions {
        resolve_provider: Some(true),
        work_done_progress_options: WorkDoneProgressOptions::default(),
    });
    capabilities.document_symbol_provider = Some(OneOf::Left(true));
    capabilities.folding_range_provider = Some(FoldingRangeProviderCapability::Simple(true));
}
