//! `glossator lsp` in one process: one client on standard input and output.

use crate::signals::asked_to_end;
use crate::{assemble, logging};
use glossator_lsp::serve;
use glossator_lsp::transport::{End, Options};
use std::io::Cursor;
use tokio::io::AsyncReadExt;

/// Serves until the client leaves; the exit code is the protocol's. `read` was read from it already; `notices` are shown to
/// its user.
pub async fn run(read: Vec<u8>, notices: Vec<String>) -> u8 {
    let mut kit = assemble::kit();
    kit.notices = notices;
    logging::start(&kit.folders.state, logging::filter().as_deref());
    let stop = kit.stop.clone();
    tokio::spawn(async move {
        asked_to_end().await;
        stop.cancel();
    });
    let input = Cursor::new(read).chain(tokio::io::stdin());
    match serve(input, tokio::io::stdout(), kit, Options::default()).await {
        End::Exit { after_shutdown: true } => 0,
        // The client went without a word: that is its business, but not a clean end.
        End::Exit { after_shutdown: false } | End::InputClosed | End::OutputLost => 1,
    }
}
