//! `writeFile`: a whole file from a text or from a key, as a change set like any other. Writes nothing itself.

use crate::arguments::{About, to_value};
use crate::edit::{Edit, Made, Wanted, What};
use crate::keys::{self, Found};
use crate::{Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::ReadError;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "writeFile",
    description: "Writes a whole file: from `content`, or from the text under a key, which you need not read for that. A \
                  file that exists is replaced only with `overwrite: true`, and keeps its encoding and line endings. \
                  For a part of a file use `applyPatch`.",
    example: "await tools.writeFile({ path: \"docs/report.md\", fileKey: \"K3\" })",
    plain: None,
    bare: false,
    effect: Effect::Write,
    freeform: None,
    brief: "Writes a whole file from `content`, or from a kept text that you need not read.",
    rare: &[
        "files",
        "review",
        "movedFrom",
        "kind",
        "hunks",
        "rejected",
        "message",
        "warnings",
        "diagnostics",
    ],
};

/// What stands in a kept text where a key stood.
const REDACTED: &str = "[redacted]";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Relative to the workspace, or absolute inside it. Folders that are missing are made.
    path: String,
    /// Its text. Give either `content` or `fileKey`.
    #[serde(default)]
    content: Option<String>,
    /// In place of `content`: the key of a kept text, like "K3", or of a document of the cabinet, like "F2".
    #[serde(default)]
    file_key: Option<String>,
    /// Replace a file that exists.
    #[serde(default)]
    overwrite: bool,
}

/// The tool.
pub struct WriteFile {
    spec: ToolSpec,
}

impl WriteFile {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Made>() }
    }
}

impl Tool for WriteFile {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { path, content, file_key, overwrite } =
                ABOUT.parse(&self.spec.input_schema, arguments)?;
            let (text, marks) = match (content, file_key) {
                (Some(text), None) => (text, None),
                (None, Some(key)) => {
                    let found = keys::text_of(cx.turn.clone(), &key).await?;
                    let marks = marks(&found);
                    (found.text, marks)
                }
                (None, None) => {
                    return Err(ABOUT.wrong("give `content` (a text) or `fileKey` (a kept text)."));
                }
                (Some(_), Some(_)) => return Err(ABOUT.wrong("give `content` or `fileKey`, not both.")),
            };
            let text = as_it_stands(cx, &path, text, overwrite).await?;
            let what = What::File { path, text };
            let edit = Edit::planned(cx, Wanted { what, overwrite, folder: None }).await;
            let edit = edit.map_err(ToolError::failed)?;
            let (line, action) = (edit.line(ABOUT.name), edit.action());
            Ok(Prepared { line, action, run: Box::new(move |cx| Box::pin(commit(edit, marks, cx))) })
        })
    }
}

/// The text with the line ends that planning expects where it replaces one; an error where it may not.
async fn as_it_stands(cx: &ToolCx, path: &str, text: String, overwrite: bool) -> Result<String, ToolError> {
    let resolved =
        cx.workspace.roots().resolve(path).map_err(|error| ToolError::failed(error.to_string()))?;
    match cx.workspace.read(&resolved).await {
        Ok(document) if !overwrite => Err(ToolError::failed(format!(
            "nothing was changed. {path} exists already ({} lines, {} bytes): add `overwrite: true` to replace it, or change \
             a part of it with `applyPatch`",
            document.text.lines().count(),
            document.text.len()
        ))),
        // Its own line endings come back when it is planned.
        Ok(_) => Ok(text.replace("\r\n", "\n")),
        Err(ReadError::NotFound { .. }) => Ok(text),
        Err(error) => Err(ToolError::failed(format!("nothing was changed. {error}"))),
    }
}

/// What the model is told of a kept text that is not what it was: keys were taken out of it.
fn marks(found: &Found) -> Option<String> {
    let marks = found.text.matches(REDACTED).count();
    let these = if marks == 1 { "mark" } else { "marks" };
    (marks > 0).then(|| {
        format!(
            "the text under {} holds {marks} {these} `{REDACTED}`, written as they stand: there a key was taken out when the \
             text was kept. If the file needs what stood there, tell the user; nobody here knows it",
            found.key
        )
    })
}

async fn commit(edit: Edit, marks: Option<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let mut made = edit.commit_and_look(&cx).await?;
    made.warnings.extend(marks);
    Ok(ToolOutput { value: to_value(&made)?, summary: made.summary() })
}
