//! Plain exchanges with a provider beside its streams: a JSON question and its JSON answer, or an answer of lines (lists of
//! models, downloads). Owns their timeouts and errors; never retries, never reads what the JSON means.

use crate::failure::{Origin, ProviderError};
use crate::frames::{Framing, frames};
use crate::head::Head;
use crate::peer::{Peer, Secrets, hidden, put_secrets};
use crate::sse::SseError;
use crate::transport::Clients;
use crate::{Config, ErrorKind, ModelError, Provider};
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::header::HeaderValue;
use reqwest::{Method, Response};
use serde_json::Value;

/// Largest JSON answer that is read, in bytes; a list of all models of a large gateway has about two million.
const MAX_ANSWER: usize = 32 << 20;

/// One provider and the means to ask it.
pub(crate) struct Exchange<'a> {
    clients: &'a Clients,
    provider: &'a Provider,
    peer: Peer,
    /// The model that errors speak of; empty where none is meant.
    model: &'a str,
}

/// What is asked: the method and path after the base address, and the body of a POST.
struct Question<'q> {
    path: &'q str,
    body: Option<&'q Value>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(config: &'a Config, clients: &'a Clients, provider: &'a Provider) -> Self {
        let peer = Peer::new(config, provider);
        Self { clients, provider, peer, model: "" }
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
        let lines = frames(Framing::Lines, self.peer.bytes(response));
        let peer = self.peer.clone();
        Ok(lines.map(move |line| line.map_err(|error| peer.broken(error))).boxed())
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
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut http = reqwest::Request::new(method, self.provider.url(question.path)?);
        for (name, value) in &self.provider.headers {
            let (name, value) = self.peer.header(name, value)?;
            http.headers_mut().insert(name, value);
        }
        put_secrets(http.headers_mut(), secrets).map_err(|_| self.peer.bad_header("of its key"))?;
        if let Some(body) = question.body {
            http.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
            *http.body_mut() = Some(body.to_string().into());
        }
        self.peer.send(self.clients, http).await
    }

    async fn refused(&self, response: Response) -> ModelError {
        let head = Head::of(&response);
        if head.location.is_some() {
            return self.peer.redirected("another address");
        }
        let report = ProviderError::parse(&self.peer.error_body(response).await);
        let origin = Origin { provider: &self.provider.slug, model: self.model, status: Some(head.status) };
        let mut error = report.answered(head.status, None, &origin);
        error.request_id = error.request_id.or(head.request_id);
        error
    }

    async fn read(&self, response: Response) -> Result<Vec<u8>, ModelError> {
        let mut bytes = Box::pin(self.peer.bytes(response));
        let mut body = Vec::new();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|error| self.peer.broken(SseError::Transport(error)))?;
            if body.len() + chunk.as_ref().len() > MAX_ANSWER {
                let why = "it is longer than 32 MiB".to_owned();
                return Err(self.peer.broken(SseError::Framing(why)));
            }
            body.extend_from_slice(chunk.as_ref());
        }
        Ok(body)
    }

    fn no_json(&self, path: &str) -> ModelError {
        let message = format!(
            "{} answered {path} with something that is not JSON. Check base_url and wire of provider '{}'.",
            self.peer.name(),
            self.provider.slug
        );
        ModelError::new(ErrorKind::Protocol, message)
    }
}
