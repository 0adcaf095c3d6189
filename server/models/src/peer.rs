//! The provider at the other end of one HTTP exchange: sends it a request, reads its bytes with every silence timed, and
//! words what goes wrong on the way. Knows no wire, never tries again.

use crate::sse::SseError;
use crate::transport::{Clients, host, root_cause, unreachable};
use crate::{Config, ErrorKind, ModelError, Provider, SecretHeader};
use futures::{Stream, stream};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderName};
use reqwest::{Request, Response};
use std::time::Duration;
use tokio::time::timeout;

/// Largest part of an error body that is read, in bytes.
const MAX_ERROR_BODY: usize = 64 << 10;

/// The headers with the key, as [`crate::Auth`] gives them.
pub(crate) type Secrets = Vec<(String, SecretHeader)>;

/// Why the bytes of an answer ended early.
pub(crate) enum Broken {
    Network(reqwest::Error),
    Idle,
}

/// One provider, as far as an exchange with it goes.
#[derive(Clone)]
pub(crate) struct Peer {
    slug: String,
    /// Host and port, as far as the address can be read.
    name: String,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

impl Peer {
    pub(crate) fn new(config: &Config, provider: &Provider) -> Self {
        let slug = provider.slug.clone();
        let name = provider.url("").map_or_else(|_| format!("Provider '{slug}'"), |url| host(&url));
        let Config { connect_timeout, idle_timeout, .. } = *config;
        Self { slug, name, connect_timeout, idle_timeout }
    }

    /// The name of the provider in the settings.
    pub(crate) fn slug(&self) -> &str {
        &self.slug
    }

    /// What people know it by: host and port.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A header as the settings have it.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub(crate) fn header(&self, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ModelError> {
        let made = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        made.ok_or_else(|| self.bad_header(&format!("'{name}'")))
    }

    /// Sends `http` and waits for the head of an answer.
    ///
    /// # Errors
    /// When no answer begins in time, or none can be had.
    pub(crate) async fn send(&self, clients: &Clients, http: Request) -> Result<Response, ModelError> {
        let url = http.url().clone();
        let client = clients.get(&url, self.connect_timeout)?;
        match timeout(self.idle_timeout, client.execute(http)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(&error, &url, &self.slug)),
            Err(_) => Err(self.silent()),
        }
    }

    /// The bytes of an answer as they come; every silence is timed, and any byte counts as life.
    pub(crate) fn bytes(
        &self,
        response: Response,
    ) -> impl Stream<Item = Result<impl AsRef<[u8]> + Send + use<>, Broken>> + Send + use<> {
        let idle = self.idle_timeout;
        stream::unfold(response, move |mut response| async move {
            match timeout(idle, response.chunk()).await {
                Ok(Ok(Some(chunk))) => Some((Ok(chunk), response)),
                Ok(Ok(None)) => None,
                Ok(Err(error)) => Some((Err(Broken::Network(error)), response)),
                Err(_) => Some((Err(Broken::Idle), response)),
            }
        })
    }

    /// The body of an answer that reports an error, at most 64 KiB of it; what came in time has to do.
    pub(crate) async fn error_body(&self, mut response: Response) -> Vec<u8> {
        let mut body = Vec::new();
        let read = async {
            while body.len() < MAX_ERROR_BODY
                && let Ok(Some(chunk)) = response.chunk().await
            {
                body.extend_from_slice(&chunk);
            }
        };
        let _ = timeout(self.connect_timeout, read).await;
        body.truncate(MAX_ERROR_BODY);
        body
    }

    /// The error of an answer that ended early.
    pub(crate) fn broken(&self, error: SseError<Broken>) -> ModelError {
        match error {
            SseError::Transport(Broken::Idle) => self.silent(),
            SseError::Transport(Broken::Network(error)) => {
                let cause = root_cause(&error);
                let message = format!(
                    "The answer is incomplete: the connection to {} broke ({cause}). Ask again.",
                    self.name
                );
                ModelError::passing(ErrorKind::Stream, message)
            }
            SseError::Framing(why) => {
                let message = format!("The answer of {} cannot be read: {why}.", self.name);
                ModelError::new(ErrorKind::Protocol, message)
            }
        }
    }

    /// The error of an answer that points `to` another address.
    pub(crate) fn redirected(&self, to: &str) -> ModelError {
        let message = format!(
            "{} redirects to {to}, which is not followed because the key would go along. If that is right, put it into \
             base_url of [providers.{}] in the settings.",
            self.name, self.slug
        );
        ModelError::new(ErrorKind::Invalid, message)
    }

    /// The error of a header that cannot be sent; `which` tells it apart from the others.
    pub(crate) fn bad_header(&self, which: &str) -> ModelError {
        let message = format!(
            "The header {which} of provider '{0}' cannot be sent: its name or value holds characters that a header cannot \
             carry. Correct [providers.{0}] in the settings.",
            self.slug
        );
        ModelError::new(ErrorKind::Invalid, message)
    }

    fn silent(&self) -> ModelError {
        let seconds = self.idle_timeout.as_secs_f64();
        let message = format!(
            "{} (provider '{}') sent nothing for {seconds} seconds. Ask again.",
            self.name, self.slug
        );
        ModelError::passing(ErrorKind::Network, message)
    }
}

/// Puts the headers with the key among the others.
///
/// # Errors
/// When the name of one cannot be sent.
pub(crate) fn put_secrets(headers: &mut HeaderMap, secrets: &Secrets) -> Result<(), InvalidHeaderName> {
    for (name, secret) in secrets {
        headers.insert(HeaderName::from_bytes(name.as_bytes())?, secret.value());
    }
    Ok(())
}

/// The error without any secret in it.
pub(crate) fn hidden(secrets: &Secrets, mut error: ModelError) -> ModelError {
    for (_, secret) in secrets {
        error.message = secret.hide_in(&error.message);
    }
    error
}
