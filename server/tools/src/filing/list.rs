//! `listFC`: what the file cabinet holds, without the texts.

use super::days_left;
use crate::arguments::{About, to_value};
use crate::keys::blocking;
use crate::{Action, Filed, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const LIST: About = About {
    name: "listFC",
    description: "Lists the documents of the file cabinet, newest first: key, note and size, not their text.",
    example: "await tools.listFC()",
    plain: Some("query"),
    bare: true,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// Documents that one call lists.
const MOST: usize = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Words that the note has to hold.
    #[serde(default)]
    query: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Output {
    documents: Vec<Listed>,
    /// How many there are, listed or not.
    total: usize,
    /// How to go on.
    hint: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Listed {
    file_key: String,
    note: String,
    bytes: u64,
    expires_in_days: i64,
}

/// The tool.
pub struct List {
    spec: ToolSpec,
}

impl List {
    pub fn new() -> Self {
        Self { spec: LIST.spec::<Input, Output>() }
    }
}

impl Tool for List {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { query } = LIST.parse(&self.spec.input_schema, arguments)?;
            let line = "listFC".to_owned();
            Ok(Prepared { line, action: Action::Look, run: Box::new(move |cx| Box::pin(list(query, cx))) })
        })
    }
}

async fn list(query: Option<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let turn = cx.turn;
    let filed = blocking(move || turn.cabinet()?.list()).await?;
    let words: Vec<String> = query.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let fits = |filed: &&Filed| {
        let note = filed.note.to_lowercase();
        words.iter().all(|word| note.contains(word))
    };
    let listed = |filed: &Filed| Listed {
        file_key: filed.key.0.clone(),
        note: filed.note.clone(),
        bytes: filed.bytes,
        expires_in_days: days_left(filed.expires_at),
    };
    let documents: Vec<Listed> = filed.iter().rev().filter(fits).take(MOST).map(listed).collect();
    let hint = match documents.first() {
        Some(first) => format!("await tools.fetchFromFC({{ fileKey: \"{}\" }})", first.file_key),
        None if filed.is_empty() => {
            "The cabinet is empty. await tools.saveToFC({ fileKey: \"K3\", note: \"...\" })".to_owned()
        }
        None => "No note has these words. await tools.listFC()".to_owned(),
    };
    let summary = format!("{} of {} documents", documents.len(), filed.len());
    Ok(ToolOutput { value: to_value(&Output { documents, total: filed.len(), hint })?, summary })
}
