//! The face of the crate: takes a request and hands out its events. Owns cancellation; what happens to the request is
//! the job's.

use crate::exchange::Exchange;
use crate::job::Job;
use crate::transport::Clients;
use crate::{Config, Encoded, ModelError, ModelEvent, Provider, Request};
use futures::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Events that may wait for their reader before the socket has to wait too.
const CHANNEL: usize = 64;

/// Speaks with providers. Cheap to make: connections and certificates come with the first request.
#[derive(Clone)]
pub struct Client {
    config: Config,
    clients: Arc<Clients>,
}

/// The events of one request, in order; the first error is the last item. Dropping it ends the request and closes its
/// connection at once.
#[derive(Debug)]
pub struct ModelStream {
    events: mpsc::Receiver<Result<ModelEvent, ModelError>>,
}

impl ModelStream {
    /// The next event; `None` after [`ModelEvent::Stopped`] or an error.
    pub async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        self.events.recv().await
    }
}

impl Stream for ModelStream {
    type Item = Result<ModelEvent, ModelError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(cx)
    }
}

impl Client {
    /// A client; opens nothing yet.
    pub fn new(config: Config) -> Self {
        Self { clients: Arc::new(Clients::new(&config)), config }
    }

    /// What asks `provider` for plain JSON beside its streams.
    pub(crate) fn exchange<'a>(&'a self, provider: &'a Provider) -> Exchange<'a> {
        Exchange::new(&self.config, &self.clients, provider)
    }

    /// Sends `request` to `provider`. Must be called within a tokio runtime. Failures come as an item of the stream, a
    /// cancelled `cancel` as one of [`crate::ErrorKind::Cancelled`], with the connection closed by then.
    pub fn stream(&self, provider: &Provider, request: &Request, cancel: CancellationToken) -> ModelStream {
        let encoded = provider.wire.encode(request, &provider.dialect);
        self.stream_encoded(provider, (&request.model, encoded), cancel)
    }

    /// As [`Client::stream`], with what the provider's wire made of a request to `model`: a long one takes time to encode.
    pub fn stream_encoded(
        &self,
        provider: &Provider,
        (model, encoded): (&str, Result<Encoded, ModelError>),
        cancel: CancellationToken,
    ) -> ModelStream {
        let (sender, events) = mpsc::channel(CHANNEL);
        let job =
            encoded.and_then(|encoded| Job::new(&self.config, &self.clients, provider, (model, encoded)));
        tokio::spawn(async move {
            let run = async {
                match job {
                    Ok(job) => job.run(&sender).await,
                    Err(error) => Err(error),
                }
            };
            let end = tokio::select! {
                biased;
                () = cancel.cancelled() => Err(ModelError::cancelled()),
                () = sender.closed() => return,
                end = run => end,
            };
            if let Err(error) = end {
                // Fails when nobody listens any more.
                let _ = sender.send(Err(error)).await;
            }
        });
        ModelStream { events }
    }
}
