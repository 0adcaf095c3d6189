//! An edit from patch text to its commit, whoever asked for it: planned and checked before it is judged, then made, whole
//! or as far as the user accepted it. Writes nothing itself: the door of change sets does.

pub(crate) mod accept;

use crate::commit::Door;
use crate::editor_lookups::Before;
use crate::policy::is_protected;
use crate::{Action, Policy, ReviewMode, ToolCx};
use accept::{Piece, Proposal};
use glossator_patch::{
    ChangeKind, Current, FilePatch, FileSummary, Files, Found, Operation, Options, Patch, Plan, Problem,
};
use glossator_session::ToolError;
use glossator_text::{Action as FileAction, Base, ChangeSet, FileChange};
use glossator_workspace::{BeforeAndAfter, Checked, ReadError, Roots, Source, Workspace};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is to be made of which files.
pub(crate) enum What {
    /// What this patch says.
    Patch(String),
    /// A whole file; where it replaces one, lines end with LF and get the line endings of that file.
    File { path: String, text: String },
}

/// An edit that is to be made.
pub(crate) struct Wanted {
    pub what: What,
    /// Whether a file that is added may replace one that exists.
    pub overwrite: bool,
    /// The folder that its relative paths count from; `None`: the workspace.
    pub folder: Option<PathBuf>,
}

/// An edit that fits and is not made yet.
pub(crate) struct Edit {
    change: ChangeSet,
    /// What comes of it, in numbers.
    files: Vec<Changed>,
    warnings: Vec<String>,
    action: Action,
    /// Its hunks, if the user is asked about them.
    proposal: Option<Proposal>,
}

/// What an edit came to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Made {
    pub files: Vec<Changed>,
    /// Id of the change set.
    pub change_set: String,
    /// `pending`: the user has yet to keep or reject it.
    pub review: Standing,
    /// Hunks that the user did not accept; they were not made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
    /// What the user said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Errors and warnings that the editor shows in these files since then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<String>,
}

/// What the user's review of an edit has come to when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Standing {
    Pending,
    Kept,
    Accepted,
}

/// A hunk that was not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rejected {
    pub path: String,
    /// In the text before.
    pub line: usize,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    pub kind: Kind,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    pub hunks: Vec<Hunk>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Add,
    Update,
    Delete,
    Move,
}

/// One place that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hunk {
    /// First line in the new text, from 1.
    pub start_line: usize,
    pub old_lines: usize,
    pub new_lines: usize,
}

impl Edit {
    /// Reads `wanted`, plans it against the files as they are now and checks it. `Err` names every problem.
    pub async fn planned(cx: &ToolCx, wanted: Wanted) -> Result<Edit, String> {
        let plan = plan(cx.workspace.clone(), wanted).await?;
        let checked = cx.workspace.check(plan.change.clone()).await.map_err(|all| all.join("\n"))?;
        let roots = cx.workspace.roots();
        let files: Vec<String> =
            plan.change.files.iter().flat_map(paths).map(|path| roots.display(path)).collect();
        let protected: Vec<String> = files.iter().filter(|path| is_protected(path)).cloned().collect();
        let asked = cx.review == ReviewMode::Before || !protected.is_empty();
        let proposal = asked.then(|| Proposal::new(pieces(&checked, &roots)));
        let hunks = proposal.as_ref().map(Proposal::hunks).unwrap_or_default();
        let action = Action::Edit { files, protected, diff: checked.diff(), hunks };
        let summaries = plan.files.into_iter().map(Changed::from).collect();
        Ok(Edit { change: plan.change, files: summaries, warnings: plan.warnings, action, proposal })
    }

    /// What it would do, for the policy.
    pub fn action(&self) -> Action {
        self.action.clone()
    }

    /// The call of `tool` that makes it, in one line.
    pub fn line(&self, tool: &str) -> String {
        let Action::Edit { files, .. } = &self.action else { return tool.to_owned() };
        format!("{tool} {}", files.join(", "))
    }

    /// As [`Edit::commit`], and looks for what the editor reports of it.
    pub async fn commit_and_look(self, cx: &ToolCx) -> Result<Made, ToolError> {
        let paths = self.change.files.iter().map(|file| file.path_after().to_path_buf());
        let before = Before::look(cx, paths.collect()).await;
        let mut made = self.commit(cx).await?;
        if let Some(before) = before {
            made.diagnostics = before.appeared(cx).await;
        }
        Ok(made)
    }

    /// Makes it, or of it what the user accepted. Where the files have moved on in other lines it moves along.
    pub async fn commit(self, cx: &ToolCx) -> Result<Made, ToolError> {
        let accepted = match (&cx.accepted, self.proposal) {
            (Some(numbers), Some(proposal)) => Some(proposal.accepted(numbers)),
            _ => None,
        };
        let (change, files, rejected) = match accepted {
            Some(part) => (part.change, part.files, part.rejected),
            None => (self.change, self.files, Vec::new()),
        };
        let door = Door {
            workspace: cx.workspace.clone(),
            journal: cx.journal.clone(),
            lock: cx.commit_lock.clone(),
            cancel: cx.cancel.clone(),
        };
        let label = match files.as_slice() {
            [one] => format!("Glossator: {}", one.path),
            files => format!("Glossator: {} files", files.len()),
        };
        let committed = door.commit(change, &label, None).await.map_err(ToolError::failed)?;
        Ok(Made {
            files,
            change_set: committed.id.to_string(),
            review: standing(cx),
            rejected,
            message: cx.said.clone(),
            warnings: self.warnings,
            diagnostics: Vec::new(),
        })
    }
}

fn standing(cx: &ToolCx) -> Standing {
    match (cx.review, cx.policy) {
        (ReviewMode::Before, _) => Standing::Accepted,
        (ReviewMode::After, Policy::AutoEdit | Policy::Full) => Standing::Kept,
        (ReviewMode::After, Policy::ReadOnly | Policy::Ask) => Standing::Pending,
    }
}

impl Made {
    /// In one line.
    pub fn summary(&self) -> String {
        let (added, removed) =
            self.files.iter().fold((0, 0), |(a, r), file| (a + file.added, r + file.removed));
        let names: Vec<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        let left = match self.rejected.len() {
            0 => String::new(),
            1 => ", 1 hunk rejected by the user".to_owned(),
            many => format!(", {many} hunks rejected by the user"),
        };
        let reported = match self.diagnostics.len() {
            0 => String::new(),
            count => format!(", {count} new in the editor's diagnostics"),
        };
        format!("{} changed, +{added} -{removed}{left}{reported}", names.join(", "))
    }
}

/// The paths that a file's change touches.
fn paths(file: &FileChange) -> impl Iterator<Item = &Path> {
    let moved = match &file.action {
        FileAction::Update { move_to, .. } => move_to.as_deref(),
        _ => None,
    };
    std::iter::once(file.path.as_path()).chain(moved)
}

fn pieces(checked: &Checked, roots: &Roots) -> Vec<Piece> {
    let files = checked.change().files.iter().zip(checked.texts());
    let piece = |(change, (before, after)): (&FileChange, &BeforeAndAfter)| Piece {
        from: roots.display(&change.path),
        to: roots.display(change.path_after()),
        change: change.clone(),
        before: before.clone(),
        after: after.clone(),
    };
    files.map(piece).collect()
}

/// Parses and plans against the files as they are now; every problem at once.
async fn plan(workspace: Workspace, wanted: Wanted) -> Result<Plan, String> {
    let planned = tokio::task::spawn_blocking(move || {
        let patch = match wanted.what {
            What::Patch(text) => glossator_patch::parse(&text)?,
            What::File { path, text } => {
                Patch { files: vec![FilePatch { path, operation: Operation::Add { text } }] }
            }
        };
        let options = Options { overwrite: wanted.overwrite };
        let files = WorkspaceFiles(&workspace);
        match wanted.folder {
            Some(folder) => glossator_patch::plan(&patch, &FilesBelow { folder, files }, &options),
            None => glossator_patch::plan(&patch, &files, &options),
        }
    });
    let problems = |problems: Vec<Problem>| {
        let text = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n\n");
        format!("nothing was changed. {text}")
    };
    planned.await.map_err(|_| "planning the patch failed; nothing was changed".to_owned())?.map_err(problems)
}

impl From<FileSummary> for Changed {
    fn from(file: FileSummary) -> Changed {
        let kind = match file.kind {
            ChangeKind::Add => Kind::Add,
            ChangeKind::Update => Kind::Update,
            ChangeKind::Delete => Kind::Delete,
            ChangeKind::Move => Kind::Move,
        };
        let hunks = file.hunks.into_iter().map(|hunk| Hunk {
            start_line: hunk.start_line,
            old_lines: hunk.old_lines,
            new_lines: hunk.new_lines,
        });
        Changed {
            path: file.path,
            moved_from: file.moved_from,
            kind,
            added: file.added,
            removed: file.removed,
            hunks: hunks.collect(),
        }
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

    fn link(&self, path: &str) -> Option<String> {
        let roots = self.0.roots();
        roots.link(path).map(|target| roots.display(&target))
    }

    fn mode(&self, path: &Path) -> Option<u32> {
        self.0.mode_blocking(path, SystemTime::now()).map(|(mode, _)| mode)
    }
}

/// The same, where relative paths count from a folder.
struct FilesBelow<'a> {
    folder: PathBuf,
    files: WorkspaceFiles<'a>,
}

impl Files for FilesBelow<'_> {
    fn find(&self, path: &str) -> Result<Found, String> {
        let path = self.folder.join(path);
        let path = path.to_str().ok_or_else(|| format!("{} is not a path of text", path.display()))?;
        self.files.find(path)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.files.link(self.folder.join(path).to_str()?)
    }

    fn mode(&self, path: &Path) -> Option<u32> {
        self.files.mode(path)
    }
}
