//! What the end-to-end tests are made with: a world (folders, settings, scripted model), a scripted editor over the real
//! server binary, and words for scripts and requests. Waits for what happens, never for time to pass.

mod cores;
mod logs;
mod peer;
mod program;
mod replies;
mod requests;
mod turns;
mod who;
mod world;

pub use cores::{cores, signal};
pub use glossator_lsp::client::Reply as Answer;
pub use glossator_models::scripted::Reply;
pub use logs::{items, kinds, log_file, only_log};
pub use peer::{Asked, Message, Peer};
pub use program::{Ran, run};
pub use replies::{calls, patch, script, script_and, thinking};
pub use requests::{last_user_text, messages, text_of};
pub use turns::Ended;
pub use who::Who;
pub use world::{KEY, World};

use std::time::Duration;

/// How long anything may take before it counts as lost, on a machine that has other work too.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `holds`, looking every few milliseconds: for what no message tells (files, processes).
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "waited in vain until {what}");
}

/// What `look` finds, asked again and again until it finds something: for what only an answer of the server tells.
pub async fn soon<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, asking).await;
    found.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
