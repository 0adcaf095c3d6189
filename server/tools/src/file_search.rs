//! `fileSearch`: files whose path matches a few letters, best first.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "fileSearch",
    description: "Finds files by a fuzzy match on their path, best first.",
    example: "await tools.fileSearch({ query: \"srvconf\", limit: 10 })",
    plain: Some("query"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Finds files by letters of their path, best first.",
    rare: &["score", "indices"],
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Letters of the path, in order.
    query: String,
    /// Files at the most; 20 if not given.
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    files: Vec<Found>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Found {
    path: String,
    /// Higher is better.
    score: u32,
    /// Which characters of the path matched.
    indices: Vec<u32>,
}

/// The tool.
pub struct FileSearch {
    spec: ToolSpec,
}

impl FileSearch {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for FileSearch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let limit = input.limit.unwrap_or(20).clamp(1, 1000);
            Ok(Prepared {
                line: format!("fileSearch {:?}", input.query),
                action: Action::Look,
                run: Box::new(move |cx| {
                    Box::pin(async move {
                        let found = cx
                            .workspace
                            .find(&input.query, limit)
                            .await
                            .map_err(|error| ToolError::failed(error.to_string()))?;
                        let files: Vec<Found> = found
                            .into_iter()
                            .map(|one| Found { path: one.path, score: one.score, indices: one.indices })
                            .collect();
                        let summary = format!("{} files", files.len());
                        Ok(ToolOutput { value: to_value(&Output { files })?, summary })
                    })
                }),
            })
        })
    }
}
