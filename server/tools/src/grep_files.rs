//! `grepFiles`: a regular expression over the files of the workspace, unsaved buffers as they are.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::{GrepCase, GrepRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "grepFiles",
    description: "Searches the files of the workspace for a regular expression (Rust syntax); .gitignore is respected, \
                  unsaved buffers are searched as they are.",
    example: "await tools.grepFiles({ pattern: \"fn parse_\\\\w+\", include: \"*.rs\" })",
    plain: Some("pattern"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Searches files and unsaved text for a regular expression (Rust syntax); `include` is a glob.",
    rare: &[],
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    pattern: String,
    /// Glob of the files to search: `*.rs`, `src/**`.
    #[serde(default)]
    include: Option<String>,
    /// A folder or a file; the workspace if not given.
    #[serde(default)]
    path: Option<String>,
    /// Take the pattern as plain text.
    #[serde(default)]
    literal: bool,
    /// If not given, case matters when the pattern has a capital.
    #[serde(default)]
    case_sensitive: Option<bool>,
    /// Lines shown around each match; 0 if not given.
    #[serde(default)]
    context: usize,
    /// Matches at the most; 100 if not given.
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    matches: Vec<Match>,
    /// Files with matches, and how many each has.
    files: Vec<FileCount>,
    truncated: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileCount {
    path: String,
    count: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Match {
    path: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    /// The line, cut at 500 characters.
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<String>,
}

/// The tool.
pub struct GrepFiles {
    spec: ToolSpec,
}

impl GrepFiles {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for GrepFiles {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            if input.pattern.is_empty() {
                return Err(ABOUT.wrong("`pattern` is empty."));
            }
            let mut line = format!("grepFiles {:?}", input.pattern);
            for (word, value) in [("in", &input.path), ("files", &input.include)] {
                if let Some(value) = value {
                    line.push_str(&format!(" {word} {value}"));
                }
            }
            let request = GrepRequest {
                pattern: input.pattern,
                literal: input.literal,
                case: match input.case_sensitive {
                    None => GrepCase::Smart,
                    Some(true) => GrepCase::Sensitive,
                    Some(false) => GrepCase::Insensitive,
                },
                include: input.include,
                path: input.path,
                context: input.context.min(20),
                limit: input.limit.unwrap_or(100).clamp(1, 2000),
            };
            Ok(Prepared {
                line,
                action: Action::Look,
                run: Box::new(move |cx| Box::pin(search(request, cx))),
            })
        })
    }
}

async fn search(request: GrepRequest, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let found = cx.workspace.grep(request).await.map_err(|error| ToolError::failed(error.to_string()))?;
    let matches: Vec<Match> = found
        .matches
        .into_iter()
        .map(|one| Match {
            path: one.path,
            line: one.line,
            column: one.column,
            text: one.text,
            before: one.before,
            after: one.after,
        })
        .collect();
    let files: Vec<FileCount> =
        found.files.into_iter().map(|(path, count)| FileCount { path, count }).collect();
    let more = if found.truncated { " (more were left out)" } else { "" };
    let summary = format!("{} matches in {} files{more}", matches.len(), files.len());
    let output = Output { matches, files, truncated: found.truncated };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}
