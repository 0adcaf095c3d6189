//! Loading a model onto the machine, with its progress. A download that was cut or stopped goes on where it was when it is
//! asked for again; that is the server's doing.

use super::{hinted, text};
use crate::{Client, ErrorKind, ModelError, Provider};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// Longest piece of the server's words that is shown, in characters.
const LONGEST_QUOTE: usize = 600;

/// The progress of a download, in order. Its last item is one that is done, or an error. Dropping it stops the download.
pub type PullStream = BoxStream<'static, Result<PullProgress, ModelError>>;

/// A step of a download.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PullProgress {
    /// What goes on, in the server's words (`pulling manifest`, `verifying sha256 digest`, `success`).
    pub status: String,
    /// The layer that is loaded; there are several.
    pub digest: Option<String>,
    /// Bytes of this layer that are here.
    pub completed: u64,
    /// Bytes of this layer; `None` where not told.
    pub total: Option<u64>,
}

impl PullProgress {
    /// Whether the model is there, whole and checked.
    pub fn is_done(&self) -> bool {
        self.status == "success"
    }
}

/// The sum over all layers, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PullTotals {
    layers: BTreeMap<String, (u64, u64)>,
}

impl PullTotals {
    /// Takes in a step.
    pub fn push(&mut self, step: &PullProgress) {
        if let Some(digest) = &step.digest {
            let (completed, total) = self.layers.entry(digest.clone()).or_default();
            *completed = (*completed).max(step.completed);
            *total = (*total).max(step.total.unwrap_or(0)).max(*completed);
        }
    }

    /// Bytes that are here.
    pub fn completed(&self) -> u64 {
        self.layers.values().fold(0, |sum, (completed, _)| sum.saturating_add(*completed))
    }

    /// Bytes of all layers that have been named so far; grows while the download goes on.
    pub fn total(&self) -> u64 {
        self.layers.values().fold(0, |sum, (_, total)| sum.saturating_add(*total))
    }
}

/// Where a download stands.
struct Pull {
    model: String,
    cancel: CancellationToken,
    lines: BoxStream<'static, Result<String, ModelError>>,
    over: bool,
}

/// Loads `model` onto the machine. Nothing is sent before the stream is first polled; a cancelled `cancel` comes as an error
/// of [`ErrorKind::Cancelled`], with the connection closed by then.
pub fn pull(client: &Client, provider: &Provider, model: &str, cancel: CancellationToken) -> PullStream {
    let (client, provider, model) = (client.clone(), provider.clone(), model.to_owned());
    let asked = model.clone();
    let lines = stream::once(async move {
        let body = json!({"model": asked, "stream": true});
        client.exchange(&provider).about(&asked).post_lines("/api/pull", &body).await.map_err(hinted)
    });
    let start = Pull { model, cancel, lines: lines.try_flatten().boxed(), over: false };
    stream::unfold(start, async |mut pull| {
        if pull.over {
            return None;
        }
        let step = pull.step().await;
        pull.over = step.as_ref().map_or(true, PullProgress::is_done);
        if pull.over {
            // Closes the connection.
            pull.lines = stream::empty().boxed();
        }
        Some((step, pull))
    })
    .boxed()
}

impl Pull {
    async fn step(&mut self) -> Result<PullProgress, ModelError> {
        let line = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(ModelError::cancelled()),
            line = self.lines.next() => line,
        };
        let Some(line) = line else {
            let why = "the connection ended before it was complete";
            return Err(self.failed(ErrorKind::Stream, why));
        };
        self.read(&line?)
    }

    fn read(&self, line: &str) -> Result<PullProgress, ModelError> {
        let json: Value = serde_json::from_str(line).map_err(|error| {
            if error.is_eof() {
                return self.failed(ErrorKind::Stream, "the connection ended before it was complete");
            }
            let start: String = line.chars().take(120).collect();
            ModelError::new(
                ErrorKind::Protocol,
                format!("What came is not Ollama's ({error}): {start}. Check base_url of the provider."),
            )
        })?;
        if let Some(words) = text(&json["error"]).or_else(|| text(&json["error"]["message"])) {
            let kind = if unknown(&words) { ErrorKind::NotFound } else { ErrorKind::Stream };
            return Err(self.failed(kind, &words));
        }
        Ok(PullProgress {
            status: text(&json["status"]).unwrap_or_default(),
            digest: text(&json["digest"]),
            completed: json["completed"].as_u64().unwrap_or(0),
            total: json["total"].as_u64().filter(|total| *total > 0),
        })
    }

    fn failed(&self, kind: ErrorKind, words: &str) -> ModelError {
        let words: String = words.trim_end_matches('.').chars().take(LONGEST_QUOTE).collect();
        let (next, retryable) = match kind {
            ErrorKind::NotFound => {
                ("Check the name: https://ollama.com/library lists those there are.", false)
            }
            _ => ("Ask again: what was loaded is kept, and it goes on from there.", true),
        };
        let message = format!("Ollama could not load '{}': {words}. {next}", self.model);
        ModelError { retryable, ..ModelError::new(kind, message) }
    }
}

fn unknown(words: &str) -> bool {
    words.contains("file does not exist") || words.contains("not found")
}
