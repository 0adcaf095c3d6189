//! The transport of the language server: it survives whatever a client sends.
#![no_main]

use glossator_lsp::transport::{Options, serve};
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{InitializeParams, InitializeResult};
use tower_lsp::{LanguageServer, LspService, async_trait};

/// A server that does nothing.
struct Quiet;

#[async_trait]
impl LanguageServer for Quiet {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        Ok(InitializeResult::default())
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// Each message with a frame of its own, where the input holds messages rather than frames.
fn framed(input: &[u8]) -> Vec<u8> {
    let messages = input.split(|byte| *byte == b'\n');
    messages
        .flat_map(|body| [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat())
        .collect()
}

libfuzzer_sys::fuzz_target!(|input: (bool, &[u8])| {
    let (raw, bytes) = input;
    let bytes = if raw { bytes.to_vec() } else { framed(bytes) };
    let options = Options { max_frame: 64 << 10, ..Options::default() };
    RUNTIME.block_on(async {
        serve(bytes.as_slice(), tokio::io::sink(), LspService::new(|_| Quiet), options).await
    });
});
