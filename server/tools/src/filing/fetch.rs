//! `fetchFromFC`: puts documents of the file cabinet on the board.

use super::days_left;
use crate::arguments::{About, to_value};
use crate::board::{self, Draft};
use crate::keys::{blocking, documents, hint, one_line};
use crate::{Action, Filed, Prepared, Tool, ToolCx, Turn};
use futures::future::BoxFuture;
use glossator_session::{BoardSource, Effect, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const FETCH: About = About {
    name: "fetchFromFC",
    description: "Puts documents of the file cabinet on the announcement board: short ones whole, of long ones the begin. The \
                  rest is read with `readFile({ fileKey })`; `listFC` tells which documents there are.",
    example: "await tools.fetchFromFC({ fileKey: \"F2\" })",
    plain: Some("fileKey"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Puts documents of the cabinet on your board.",
    rare: &["bytes", "id", "turns", "expiresInDays", "hint"],
};

/// Documents that one call fetches.
const MOST: usize = 12;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// The key of a document, like "F2", or several.
    file_key: Keys,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Keys {
    One(String),
    Many(Vec<String>),
}

#[derive(Serialize, JsonSchema)]
struct Output {
    documents: Vec<Fetched>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Fetched {
    file_key: String,
    note: String,
    bytes: u64,
    expires_in_days: i64,
    /// All of it where it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Its entry on the board.
    id: String,
    /// Turns that the board shows it in, this one included.
    turns: u32,
    /// How the rest of it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The tool.
pub struct Fetch {
    spec: ToolSpec,
}

impl Fetch {
    pub fn new() -> Self {
        Self { spec: FETCH.spec::<Input, Output>() }
    }
}

impl Tool for Fetch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { file_key } = FETCH.parse(&self.spec.input_schema, arguments)?;
            let keys = match file_key {
                Keys::One(key) => vec![key],
                Keys::Many(keys) => keys,
            };
            if keys.is_empty() || keys.len() > MOST {
                return Err(FETCH.wrong(&format!("give 1 to {MOST} keys, not {}.", keys.len())));
            }
            let line = format!("fetchFromFC {}", one_line(&keys.join(", "), 100));
            Ok(Prepared { line, action: Action::Look, run: Box::new(move |cx| Box::pin(run(keys, cx))) })
        })
    }
}

async fn run(keys: Vec<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let turn = cx.turn;
    let fetched = blocking(move || {
        let found = documents(turn.as_ref(), &keys)?;
        found
            .into_iter()
            .map(|(filed, text)| fetch(turn.as_ref(), filed, text))
            .collect::<Result<Vec<_>, _>>()
    });
    let documents = fetched.await?;
    let names: Vec<&str> = documents.iter().map(|one| one.file_key.as_str()).collect();
    let summary = format!("{} on the board", names.join(", "));
    Ok(ToolOutput { value: to_value(&Output { documents })?, summary })
}

fn fetch(turn: &dyn Turn, filed: Filed, text: String) -> Result<Fetched, String> {
    let whole = (text.len() <= board::WHOLE).then(|| text.clone());
    let entry = board::post(
        turn,
        Draft {
            source: BoardSource::Cabinet,
            title: filed.note.clone(),
            text,
            kept: Some((filed.key.clone(), filed.bytes)),
            turns: turn.board_turns(),
        },
    )?;
    let hint = whole.is_none().then(|| hint(&filed.key, entry.text.lines().count()));
    Ok(Fetched {
        expires_in_days: days_left(filed.expires_at),
        file_key: filed.key.0,
        note: filed.note,
        bytes: filed.bytes,
        text: whole,
        id: entry.id,
        turns: entry.turns,
        hint,
    })
}
