//! `applyPatch`: patch text to change set to commit, as one undoable step.

use crate::arguments::{About, to_value};
use crate::edit::{Edit, Made, Wanted, What};
use crate::{Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What the model is told.
pub const ABOUT: About = About {
    name: "applyPatch",
    description: "Changes, creates, moves and deletes files by a patch. All of it is checked first; if anything does not \
                  fit, nothing is written and every problem is named. Open files change in the editor's buffer and are \
                  not saved.",
    example: "await tools.applyPatch({ patch: `*** Begin Patch\\n*** Update File: src/a.rs\\n@@ fn area\\n-    2 * r\\n+    PI * r * r\\n*** End Patch` })",
    plain: Some("patch"),
    bare: false,
    effect: Effect::Write,
    freeform: Some("patch"),
    brief: "Edits files by a patch, whole or not at all: see Editing.",
    rare: &["movedFrom", "kind", "hunks", "warnings", "diagnostics"],
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// The patch: `*** Begin Patch` … `*** End Patch`; a unified diff and SEARCH/REPLACE blocks are understood too.
    patch: String,
    /// Let `*** Add File` replace a file that exists.
    #[serde(default)]
    overwrite: bool,
}

/// The tool.
pub struct ApplyPatch {
    spec: ToolSpec,
}

impl ApplyPatch {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Made>() }
    }
}

impl Tool for ApplyPatch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { patch, overwrite } = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let wanted = Wanted { what: What::Patch(patch), overwrite, folder: None };
            let edit = Edit::planned(cx, wanted).await.map_err(ToolError::failed)?;
            let (line, action) = (edit.line(ABOUT.name), edit.action());
            Ok(Prepared { line, action, run: Box::new(move |cx| Box::pin(commit(edit, cx))) })
        })
    }
}

async fn commit(edit: Edit, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let made = edit.commit_and_look(&cx).await?;
    Ok(ToolOutput { value: to_value(&made)?, summary: made.summary() })
}
