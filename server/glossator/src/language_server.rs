//! `glossator lsp`: one client on standard input and output.
#![allow(clippy::disallowed_methods)] // The program reads its environment here and hands it on.

use crate::signals::asked_to_end;
use crate::{assemble, logging};
use glossator_lsp::serve;
use glossator_lsp::transport::{End, Options};

/// Serves until the client leaves; the exit code is the protocol's.
pub async fn run() -> u8 {
    let kit = assemble::kit();
    logging::start(&kit.folders.state, std::env::var("GLOSSATOR_LOG").ok().as_deref());
    let stop = kit.stop.clone();
    tokio::spawn(async move {
        asked_to_end().await;
        stop.cancel();
    });
    match serve(tokio::io::stdin(), tokio::io::stdout(), kit, Options::default()).await {
        End::Exit { after_shutdown: true } => 0,
        // The client went without a word: that is its business, but not a clean end.
        End::Exit { after_shutdown: false } | End::InputClosed | End::OutputLost => 1,
    }
}
