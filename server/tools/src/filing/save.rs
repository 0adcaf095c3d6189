//! `saveToFC`: puts a text into the file cabinet.

use super::days_left;
use crate::arguments::{About, to_value};
use crate::keys::{self, blocking, one_line};
use crate::{Action, Filed, Prepared, Tool, ToolCx, Turn};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const SAVE: About = About {
    name: "saveToFC",
    description: "Puts a text into the file cabinet, where all sessions of this workspace find it for 30 days: a kept text, an \
                  entry of the board, or `text` itself. Say in the note what it is, so that it is found again.",
    example: "await tools.saveToFC({ fileKey: \"K3\", note: \"Protocol of the v2 API\" })",
    plain: Some("fileKey"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Keeps a kept text, or `text`, for 30 days for all sessions of this workspace.",
    rare: &["bytes", "expiresInDays", "hint"],
};

/// Characters of a note.
const NOTE: usize = 200;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// The key of a kept text ("K3") or of an entry of the board ("B1"). Give either `fileKey` or `text`.
    #[serde(default)]
    file_key: Option<String>,
    /// In place of `fileKey`: the text.
    #[serde(default)]
    text: Option<String>,
    /// What it is, in a line; the first line of the text if not given.
    #[serde(default)]
    note: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// The key in the cabinet: `F` and a number.
    file_key: String,
    /// What the listing says of it.
    note: String,
    bytes: u64,
    expires_in_days: i64,
    /// How any session of this workspace gets it back.
    hint: String,
}

/// The tool.
pub struct Save {
    spec: ToolSpec,
}

impl Save {
    pub fn new() -> Self {
        Self { spec: SAVE.spec::<Input, Output>() }
    }
}

impl Tool for Save {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { file_key, text, note } = SAVE.parse(&self.spec.input_schema, arguments)?;
            let (from, name) = match (file_key, text) {
                (Some(key), None) => (From::Key(key.clone()), one_line(&key, 20)),
                (None, Some(text)) if !text.trim().is_empty() => (From::Text(text), "a text".to_owned()),
                (None, Some(_)) => return Err(SAVE.wrong("`text` is empty.")),
                (None, None) => return Err(SAVE.wrong("give `fileKey` (a kept text) or `text`.")),
                (Some(_), Some(_)) => return Err(SAVE.wrong("give `fileKey` or `text`, not both.")),
            };
            let line = format!("saveToFC {name}");
            Ok(Prepared {
                line,
                action: Action::Look,
                run: Box::new(move |cx| Box::pin(save(from, note, cx))),
            })
        })
    }
}

/// Where the text comes from.
enum From {
    Key(String),
    Text(String),
}

async fn save(from: From, note: Option<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let (text, what) = match from {
        From::Text(text) => (text, None),
        From::Key(key) => {
            let found = keys::text_of(cx.turn.clone(), &key).await?;
            if found.key.0.starts_with('F') {
                return Err(ToolError::failed(format!(
                    "{0} is in the cabinet already: await tools.fetchFromFC({{ fileKey: \"{0}\" }})",
                    found.key
                )));
            }
            (found.text, found.what)
        }
    };
    let turn = cx.turn;
    let filed = blocking(move || put(turn.as_ref(), &text, note.or(what))).await?;
    let hint = format!("await tools.fetchFromFC({{ fileKey: \"{}\" }})", filed.key);
    let summary = format!("{} ({} bytes) is in the cabinet", filed.key, filed.bytes);
    let output = Output {
        expires_in_days: days_left(filed.expires_at),
        file_key: filed.key.0,
        note: filed.note,
        bytes: filed.bytes,
        hint,
    };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

fn put(turn: &dyn Turn, text: &str, note: Option<String>) -> Result<Filed, String> {
    let text = turn.redact(text);
    let note = turn.redact(&note.unwrap_or_default());
    let first = || text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(empty)");
    let note = one_line(if note.trim().is_empty() { first() } else { &note }, NOTE);
    turn.cabinet()?.put(&text, &note)
}
