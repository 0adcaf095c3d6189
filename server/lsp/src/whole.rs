//! Requests that change something: once begun they are done to their end, whether their client still waits or not. Nothing else.

use crate::words::failed;
use futures::poll;
use std::future::Future;
use std::task::Poll;
use tower_lsp::jsonrpc::Result;

/// Does `work` to its end, also where the request that it is done for is cancelled or its client leaves: what an editor has been
/// asked for is then still taken in. What it does before it first waits is done in the order of the requests.
///
/// # Errors
/// When it broke down.
pub async fn whole<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    let mut work = Box::pin(work);
    if let Poll::Ready(done) = poll!(work.as_mut()) {
        return Ok(done);
    }
    tokio::spawn(work).await.map_err(|_| failed("it broke down; the log says where"))
}
