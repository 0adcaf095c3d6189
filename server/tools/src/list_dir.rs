//! `listDir`: what stands in a folder, open buffers that exist only in memory included.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::ListRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "listDir",
    description: "Lists a folder, sorted; ignored and hidden entries are left out unless asked for.",
    example: "await tools.listDir({ path: \"src\", depth: 2 })",
    plain: Some("path"),
    bare: true,
    effect: Effect::Read,
    freeform: None,
    brief: "Lists a folder.",
    rare: &["offset", "target"],
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// The folder; the workspace if not given.
    #[serde(default)]
    path: Option<String>,
    /// How many levels down; 2 if not given.
    #[serde(default)]
    depth: Option<usize>,
    /// How many entries to pass over.
    #[serde(default)]
    offset: usize,
    /// How many entries at the most; 500 if not given.
    #[serde(default)]
    limit: Option<usize>,
    /// Also entries whose name starts with a dot.
    #[serde(default)]
    hidden: bool,
    /// Also entries that .gitignore leaves out.
    #[serde(default)]
    ignored: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    entries: Vec<Entry>,
    /// Entries in all, before `offset` and `limit`.
    total: usize,
    truncated: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Relative to the workspace.
    path: String,
    /// `file`, `folder`, `link` or `buffer` (open in the editor, not on disk yet).
    kind: String,
    /// Bytes, for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Where a link points.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

/// The tool.
pub struct ListDir {
    spec: ToolSpec,
}

impl ListDir {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for ListDir {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let path = input.path.unwrap_or_else(|| ".".to_owned());
            let request = ListRequest {
                path: path.clone(),
                depth: input.depth.unwrap_or(2),
                offset: input.offset,
                limit: input.limit.unwrap_or(500),
                hidden: input.hidden,
                ignored: input.ignored,
            };
            Ok(Prepared {
                line: format!("listDir {path}"),
                action: Action::Look,
                run: Box::new(move |cx| {
                    Box::pin(async move {
                        let listing = cx
                            .workspace
                            .list(request)
                            .await
                            .map_err(|error| ToolError::failed(error.to_string()))?;
                        let entries: Vec<Entry> = listing
                            .entries
                            .into_iter()
                            .map(|entry| Entry {
                                path: entry.path,
                                kind: entry.kind.name().to_owned(),
                                size: entry.size,
                                target: entry.target,
                            })
                            .collect();
                        let summary = format!("{} of {} entries", entries.len(), listing.total);
                        let output = Output { entries, total: listing.total, truncated: listing.truncated };
                        Ok(ToolOutput { value: to_value(&output)?, summary })
                    })
                }),
            })
        })
    }
}
