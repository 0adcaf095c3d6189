//! `applyPatch`: patch text to change set to commit, as one undoable step.

use crate::arguments::{About, to_value};
use crate::commit::Door;
use crate::policy::is_protected;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_patch::{ChangeKind, Current, FileSummary, Files, Found, Options, Plan, Problem};
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use glossator_text::Base;
use glossator_workspace::{ReadError, Source, Workspace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
    listed: true,
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

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    files: Vec<Changed>,
    /// Id of the change set.
    change_set: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Changed {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<String>,
    /// `add`, `update`, `delete` or `move`.
    kind: String,
    /// Lines added.
    added: usize,
    /// Lines removed.
    removed: usize,
    hunks: Vec<Hunk>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Hunk {
    /// First line in the new text, from 1.
    start_line: usize,
    old_lines: usize,
    new_lines: usize,
}

/// The tool.
pub struct ApplyPatch {
    spec: ToolSpec,
}

impl ApplyPatch {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for ApplyPatch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let plan = plan(cx.workspace.clone(), input).await?;
            let checked = cx
                .workspace
                .check(plan.change.clone())
                .await
                .map_err(|all| ToolError::failed(all.join("\n")))?;
            let roots = cx.workspace.roots();
            let files: Vec<String> = plan
                .change
                .files
                .iter()
                .flat_map(|file| {
                    let moved = match &file.action {
                        glossator_text::Action::Update { move_to, .. } => move_to.as_deref(),
                        _ => None,
                    };
                    std::iter::once(file.path.as_path())
                        .chain(moved)
                        .map(|path| roots.display(path))
                        .collect::<Vec<_>>()
                })
                .collect();
            let protected = files.iter().filter(|path| is_protected(path)).cloned().collect();
            let action = Action::Edit { files: files.clone(), protected, diff: checked.diff() };
            let line = format!("applyPatch {}", files.join(", "));
            Ok(Prepared { line, action, run: Box::new(move |cx| Box::pin(commit(plan, cx))) })
        })
    }
}

/// Parses and plans against the files as they are now; every problem at once.
async fn plan(workspace: Workspace, input: Input) -> Result<Plan, ToolError> {
    let planned = tokio::task::spawn_blocking(move || {
        let patch = glossator_patch::parse(&input.patch)?;
        let options = Options { overwrite: input.overwrite };
        glossator_patch::plan(&patch, &WorkspaceFiles(&workspace), &options)
    });
    let problems = |problems: Vec<Problem>| {
        let text = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n\n");
        ToolError::failed(format!("nothing was changed. {text}"))
    };
    planned
        .await
        .map_err(|_| ToolError::failed("planning the patch failed; nothing was changed"))?
        .map_err(problems)
}

async fn commit(plan: Plan, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let door = Door {
        workspace: cx.workspace.clone(),
        journal: cx.journal.clone(),
        lock: cx.commit_lock.clone(),
        cancel: cx.cancel.clone(),
    };
    let (added, removed) = plan.files.iter().fold((0, 0), |(a, r), file| (a + file.added, r + file.removed));
    let label = match plan.files.as_slice() {
        [one] => format!("Glossator: {}", one.path),
        files => format!("Glossator: {} files", files.len()),
    };
    let committed = door.commit(plan.change, &label, None).await.map_err(ToolError::failed)?;
    let summary = format!("{} changed, +{added} -{removed}", committed.files.join(", "));
    let output = Output {
        files: plan.files.into_iter().map(changed).collect(),
        change_set: committed.id.to_string(),
        warnings: plan.warnings,
    };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

fn changed(file: FileSummary) -> Changed {
    let kind = match file.kind {
        ChangeKind::Add => "add",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
        ChangeKind::Move => "move",
    };
    let hunks = file.hunks.into_iter().map(|hunk| Hunk {
        start_line: hunk.start_line,
        old_lines: hunk.old_lines,
        new_lines: hunk.new_lines,
    });
    Changed {
        path: file.path,
        moved_from: file.moved_from,
        kind: kind.to_owned(),
        added: file.added,
        removed: file.removed,
        hunks: hunks.collect(),
    }
}

/// The workspace as planning sees it. Blocking.
pub struct WorkspaceFiles<'a>(pub &'a Workspace);

impl Files for WorkspaceFiles<'_> {
    fn find(&self, path: &str) -> Result<Found, String> {
        let resolved = self.0.roots().resolve(path).map_err(|error| error.to_string())?;
        let current = match self.0.read_blocking(&resolved) {
            Ok(document) => Some(Current {
                base: match document.source {
                    Source::Buffer { version, .. } => Base::Buffer { version, hash: document.hash.clone() },
                    Source::Disk => Base::Disk { hash: document.hash.clone() },
                },
                text: document.text,
                format: document.format,
            }),
            Err(ReadError::NotFound { .. }) => None,
            Err(error) => return Err(error.to_string()),
        };
        Ok(Found { path: resolved, current })
    }
}
