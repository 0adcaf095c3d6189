//! Plain exchanges with a provider beside its streams: a JSON question and its JSON answer, or an answer of lines (lists of
//! models, downloads). Owns their timeouts and errors; never retries, never reads what the JSON means.

use crate::failure::{Origin, ProviderError};
use crate::frames::{Framing, frames};
use crate::sse::SseError;
use crate::transport::{Clients, host, root_cause, unreachable};
use crate::{Config, ErrorKind, ModelError, Provider, SecretHeader};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, stream};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Largest JSON answer that is read, in bytes; a list of all models of a large gateway has about two million.
const MAX_ANSWER: usize = 32 << 20;
/// Largest part of an error body that is read, in bytes.
const MAX_ERROR_BODY: usize = 64 << 10;

/// One provider and the means to ask it.
pub(crate) struct Exchange<'a> {
    config: &'a Config,
    clients: &'a Clients,
    provider: &'a Provider,
    /// The model that errors speak of; empty where none is meant.
    model: &'a str,
}

type Secrets = Vec<(String, SecretHeader)>;

/// What is asked: the method and path after the base address, and the body of a POST.
struct Question<'q> {
    path: &'q str,
    body: Option<&'q Value>,
}

/// Why the bytes of an answer ended early.
enum Broken {
    Network(reqwest::Error),
    Idle,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(config: &'a Config, clients: &'a Clients, provider: &'a Provider) -> Self {
        Self { config, clients, provider, model: "" }
    }

    /// The same, with errors that speak of `model`.
    pub(crate) fn about(self, model: &'a str) -> Self {
        Self { model, ..self }
    }

    /// The JSON at `path`.
    ///
    /// # Errors
    /// When the provider cannot be reached, refuses, or answers with something else.
    pub(crate) async fn get_json(&self, path: &str) -> Result<Value, ModelError> {
        self.json(Question { path, body: None }).await
    }

    /// The JSON that `path` answers to `body`.
    ///
    /// # Errors
    /// As [`Self::get_json`].
    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Result<Value, ModelError> {
        self.json(Question { path, body: Some(body) }).await
    }

    /// The lines that `path` answers to `body`; the first error is the last item. Dropping it closes the connection.
    ///
    /// # Errors
    /// When no answer begins: as [`Self::get_json`].
    pub(crate) async fn post_lines(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<BoxStream<'static, Result<String, ModelError>>, ModelError> {
        let secrets = self.secrets()?;
        let question = Question { path, body: Some(body) };
        let response = self.answer(&question, &secrets).await.map_err(|error| hidden(&secrets, error))?;
        let (provider, idle) = (self.provider.clone(), self.config.idle_timeout);
        let lines = frames(Framing::Lines, bytes(response, idle));
        Ok(lines.map(move |line| line.map_err(|error| broken(&provider, idle, error))).boxed())
    }

    async fn json(&self, question: Question<'_>) -> Result<Value, ModelError> {
        let secrets = self.secrets()?;
        let answer = async {
            let body = self.read(self.answer(&question, &secrets).await?).await?;
            let json: Value = serde_json::from_slice(&body).map_err(|_| self.no_json(question.path))?;
            // Some say so with a status of success.
            let failed = json.get("error").is_some_and(|error| !error.is_null());
            if failed { Err(ProviderError::parse(&body).in_stream()) } else { Ok(json) }
        };
        answer.await.map_err(|error| hidden(&secrets, error))
    }

    fn secrets(&self) -> Result<Secrets, ModelError> {
        (self.provider.auth)().map_err(|message| ModelError::new(ErrorKind::Auth, message))
    }

    /// The answer to `question` once it is known to be a good one.
    async fn answer(&self, question: &Question<'_>, secrets: &Secrets) -> Result<Response, ModelError> {
        let response = self.send(question, secrets).await?;
        if response.status().is_success() { Ok(response) } else { Err(self.refused(response).await) }
    }

    async fn send(&self, question: &Question<'_>, secrets: &Secrets) -> Result<Response, ModelError> {
        let url = self.provider.url(question.path)?;
        let client = self.clients.get(&url, self.config.connect_timeout)?;
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut http = reqwest::Request::new(method, url.clone());
        for (name, value) in &self.provider.headers {
            let (name, value) = self.header(name, value)?;
            http.headers_mut().insert(name, value);
        }
        for (name, secret) in secrets {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| self.bad_header("of its key"))?;
            http.headers_mut().insert(name, secret.value());
        }
        if let Some(body) = question.body {
            http.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
            *http.body_mut() = Some(body.to_string().into());
        }
        match timeout(self.config.idle_timeout, client.execute(http)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(&error, &url, &self.provider.slug)),
            Err(_) => Err(silent(self.provider, self.config.idle_timeout)),
        }
    }

    fn header(&self, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ModelError> {
        let made = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        made.ok_or_else(|| self.bad_header(&format!("'{name}'")))
    }

    async fn refused(&self, mut response: Response) -> ModelError {
        let status = response.status();
        let told = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
        };
        let id = told("request-id").or_else(|| told("x-request-id"));
        let location = told("location").filter(|_| status.is_redirection());
        let mut body = Vec::new();
        let read = async {
            while body.len() < MAX_ERROR_BODY
                && let Ok(Some(chunk)) = response.chunk().await
            {
                body.extend_from_slice(&chunk);
            }
        };
        // What came until then has to do.
        let _ = timeout(self.config.connect_timeout, read).await;
        body.truncate(MAX_ERROR_BODY);
        if location.is_some() {
            return self.redirected();
        }
        let origin =
            Origin { provider: &self.provider.slug, model: self.model, status: Some(status.as_u16()) };
        let mut error = ProviderError::parse(&body).answered(status.as_u16(), None, &origin);
        error.request_id = error.request_id.or(id);
        error
    }

    async fn read(&self, response: Response) -> Result<Vec<u8>, ModelError> {
        let idle = self.config.idle_timeout;
        let mut bytes = Box::pin(bytes(response, idle));
        let mut body = Vec::new();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|error| broken(self.provider, idle, SseError::Transport(error)))?;
            if body.len() + chunk.as_ref().len() > MAX_ANSWER {
                let why = "it is longer than 32 MiB".to_owned();
                return Err(broken(self.provider, idle, SseError::Framing(why)));
            }
            body.extend_from_slice(chunk.as_ref());
        }
        Ok(body)
    }

    fn no_json(&self, path: &str) -> ModelError {
        let message = format!(
            "{} answered {path} with something that is not JSON. Check base_url and wire of provider '{}'.",
            address(self.provider),
            self.provider.slug
        );
        ModelError::new(ErrorKind::Protocol, message)
    }

    fn redirected(&self) -> ModelError {
        let message = format!(
            "{} redirects to another address, which is not followed because the key would go along. If that is right, put \
             it into base_url of [providers.{}] in the settings.",
            address(self.provider),
            self.provider.slug
        );
        ModelError::new(ErrorKind::Invalid, message)
    }

    fn bad_header(&self, which: &str) -> ModelError {
        let message = format!(
            "The header {which} of provider '{0}' cannot be sent: its name or value holds characters that a header cannot \
             carry. Correct [providers.{0}] in the settings.",
            self.provider.slug
        );
        ModelError::new(ErrorKind::Invalid, message)
    }
}

/// The error without any secret in it.
fn hidden(secrets: &Secrets, mut error: ModelError) -> ModelError {
    for (_, secret) in secrets {
        error.message = secret.hide_in(&error.message);
    }
    error
}

/// Host and port of a provider, as far as its address can be read.
fn address(provider: &Provider) -> String {
    provider.url("").map_or_else(|_| format!("Provider '{}'", provider.slug), |url| host(&url))
}

fn silent(provider: &Provider, idle: Duration) -> ModelError {
    let seconds = idle.as_secs_f64();
    let message = format!(
        "{} (provider '{}') sent nothing for {seconds} seconds. Ask again.",
        address(provider),
        provider.slug
    );
    ModelError::passing(ErrorKind::Network, message)
}

fn broken(provider: &Provider, idle: Duration, error: SseError<Broken>) -> ModelError {
    let who = address(provider);
    match error {
        SseError::Transport(Broken::Idle) => silent(provider, idle),
        SseError::Transport(Broken::Network(error)) => {
            let cause = root_cause(&error);
            let message =
                format!("The answer is incomplete: the connection to {who} broke ({cause}). Ask again.");
            ModelError::passing(ErrorKind::Stream, message)
        }
        SseError::Framing(why) => {
            ModelError::new(ErrorKind::Protocol, format!("The answer of {who} cannot be read: {why}."))
        }
    }
}

/// The bytes of an answer as they come; every silence is timed.
fn bytes(
    response: Response,
    idle: Duration,
) -> impl Stream<Item = Result<impl AsRef<[u8]> + Send + 'static, Broken>> + Send + 'static {
    stream::unfold(response, move |mut response| async move {
        match timeout(idle, response.chunk()).await {
            Ok(Ok(Some(chunk))) => Some((Ok(chunk), response)),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some((Err(Broken::Network(error)), response)),
            Err(_) => Some((Err(Broken::Idle), response)),
        }
    })
}
