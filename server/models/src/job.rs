//! One request on its way: sends it, reads the answer, tries again. Owns timeouts; the meaning of bytes is the wire's, the
//! meaning of failures is told by `failure` and `retry`.

use crate::failure::{Origin, ProviderError};
use crate::frames::frames;
use crate::head::Head;
use crate::peer::{Peer, Secrets, hidden, put_secrets};
use crate::transport::{Clients, host};
use crate::{Auth, Config, Encoded, ErrorKind, ModelError, ModelEvent, Provider, Wire, WireNames, retry};
use futures::StreamExt;
use reqwest::{Method, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long a finished answer's connection is read to its end, so that the next request can use it.
const DRAIN: Duration = Duration::from_secs(1);

/// A failed attempt, with the pause that the provider asked for.
struct Failure {
    error: ModelError,
    wait: Option<Duration>,
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self { error, wait: None }
    }
}

type Events = mpsc::Sender<Result<ModelEvent, ModelError>>;

/// One request with all it needs.
pub(crate) struct Job {
    config: Config,
    clients: Arc<Clients>,
    http: reqwest::Request,
    auth: Auth,
    peer: Peer,
    wire: Wire,
    model: String,
    names: WireNames,
}

impl Job {
    /// Of a request to `model`, encoded for `provider`.
    pub(crate) fn new(
        config: &Config,
        clients: &Arc<Clients>,
        provider: &Provider,
        (model, encoded): (&str, Encoded),
    ) -> Result<Self, ModelError> {
        let peer = Peer::new(config, provider);
        let mut http = reqwest::Request::new(Method::POST, provider.url(provider.wire.path())?);
        let defaults = provider.wire.headers().iter().map(|(name, value)| (*name, *value));
        let own = provider.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in defaults.chain(own) {
            let (name, value) = peer.header(name, value)?;
            http.headers_mut().insert(name, value);
        }
        *http.body_mut() = Some(encoded.body.into());
        Ok(Self {
            config: config.clone(),
            clients: Arc::clone(clients),
            http,
            auth: Arc::clone(&provider.auth),
            peer,
            wire: provider.wire,
            model: model.to_owned(),
            names: encoded.names,
        })
    }

    /// Sends it, again where that may help, until its last event or its final error.
    pub(crate) async fn run(&self, events: &Events) -> Result<(), ModelError> {
        let mut attempt = 0;
        loop {
            let mut shown = false;
            let Err(Failure { mut error, wait }) = self.attempt(events, &mut shown).await else {
                return Ok(());
            };
            if shown || !error.retryable || self.config.max_retries == 0 {
                return Err(error);
            }
            if attempt >= self.config.max_retries {
                error.message.push_str(&format!(" ({} attempts were made.)", attempt + 1));
                return Err(error);
            }
            attempt += 1;
            let backoff = || retry::backoff(self.config.backoff_base, self.config.backoff_cap, attempt);
            let in_words =
                || retry::wait_in_words(&error.message).filter(|wait| *wait <= self.config.max_wait);
            let wait = wait.or_else(in_words).unwrap_or_else(backoff);
            if wait > self.config.max_wait {
                error.message.push_str(&format!(" (It asks to wait {} seconds.)", wait.as_secs()));
                return Err(error);
            }
            tracing::debug!(provider = %self.peer.slug(), attempt, ?wait, reason = %error.message, "retrying");
            let of = self.config.max_retries;
            self.emit(events, ModelEvent::Retrying { attempt, of, wait, reason: error.message }).await;
            tokio::time::sleep(wait).await;
        }
    }

    /// One attempt; `shown` is set when something came that a person or a tool may have seen.
    async fn attempt(&self, events: &Events, shown: &mut bool) -> Result<(), Failure> {
        let secrets = (self.auth)().map_err(|message| ModelError::new(ErrorKind::Auth, message))?;
        let result = self.exchange(&secrets, events, shown).await;
        result.map_err(|failure| Failure { error: hidden(&secrets, failure.error), ..failure })
    }

    async fn exchange(&self, secrets: &Secrets, events: &Events, shown: &mut bool) -> Result<(), Failure> {
        let response = self.send(secrets).await?;
        let mut head = Head::of(&response);
        if let Some(limits) = head.limits.take() {
            self.emit(events, ModelEvent::RateLimits(limits)).await;
        }
        if !head.is_stream() {
            return Err(self.refused(response, head).await);
        }
        let id = head.request_id;
        self.read(response, events, shown).await.map_err(|mut error| {
            error.request_id = error.request_id.or(id);
            error.into()
        })
    }

    async fn send(&self, secrets: &Secrets) -> Result<Response, ModelError> {
        let unsendable = |why: &str| {
            ModelError::new(
                ErrorKind::Invalid,
                format!("The request to provider '{}' cannot be sent: {why}.", self.peer.slug()),
            )
        };
        let mut http = self.http.try_clone().ok_or_else(|| unsendable("its body cannot be repeated"))?;
        put_secrets(http.headers_mut(), secrets)
            .map_err(|_| unsendable("the name of its key's header is wrong"))?;
        self.peer.send(&self.clients, http).await
    }

    /// What an answer that is no stream comes to.
    async fn refused(&self, response: Response, head: Head) -> Failure {
        let sent = self.http.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let report = ProviderError::parse(&self.peer.error_body(response).await).of_request(sent);
        let origin = Origin { provider: self.peer.slug(), model: &self.model, status: Some(head.status) };
        let mut error = if let Some(location) = &head.location {
            self.redirected(location)
        } else if !(200..300).contains(&head.status) {
            report.answered(head.status, head.should_retry, &origin)
        } else if report.is_report {
            report.in_stream()
        } else {
            self.no_stream(&head.kind)
        };
        error.request_id = error.request_id.or(head.request_id);
        Failure { error, wait: retry::kept_wait(head.wait, self.wire) }
    }

    async fn read(&self, response: Response, events: &Events, shown: &mut bool) -> Result<(), ModelError> {
        let mut decoder = self.wire.decoder(&self.model, self.names.clone());
        let mut frames = frames(self.wire.framing(), self.peer.bytes(response));
        while let Some(frame) = frames.next().await {
            let came = decoder.push(&frame.map_err(|error| self.peer.broken(error))?)?;
            if self.hand_on(came, events, shown).await {
                tokio::spawn(timeout(DRAIN, async move { while frames.next().await.is_some() {} }));
                return Ok(());
            }
        }
        self.hand_on(decoder.finish()?, events, shown).await;
        Ok(())
    }

    /// Hands events on; `true` when the answer has ended with them.
    async fn hand_on(&self, came: Vec<ModelEvent>, events: &Events, shown: &mut bool) -> bool {
        let mut stopped = false;
        for event in came {
            *shown |= matches!(
                event,
                ModelEvent::Text { .. } | ModelEvent::Reasoning { .. } | ModelEvent::ToolCall { .. }
            );
            stopped |= matches!(event, ModelEvent::Stopped { .. });
            self.emit(events, event).await;
        }
        stopped
    }

    async fn emit(&self, events: &Events, event: ModelEvent) {
        // Fails when nobody listens any more; then the whole job is about to be dropped.
        let _ = events.send(Ok(event)).await;
    }

    fn redirected(&self, location: &str) -> ModelError {
        let to = self.http.url().join(location);
        self.peer.redirected(&to.map_or_else(|_| "another address".to_owned(), |url| host(&url)))
    }

    fn no_stream(&self, kind: &str) -> ModelError {
        let message = format!(
            "{} answered with {kind} where a stream of events was expected. Check that base_url and wire of provider '{}' \
             belong together.",
            self.peer.name(),
            self.peer.slug()
        );
        ModelError::new(ErrorKind::Protocol, message)
    }
}
