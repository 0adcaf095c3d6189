//! `glossator debug patch`: the patch engine on the current folder.

use super::text;
use crate::exec::headless_workspace;
use crate::terminal::{complain, say};
use glossator_patch::{Options, Plan, Problem};
use glossator_tools::WorkspaceFiles;
use serde_json::json;
use std::path::Path;

/// How it is run.
pub struct How {
    pub dry_run: bool,
    pub json: bool,
    pub overwrite: bool,
}

/// Exit code 0 done, 1 refused and nothing written.
pub async fn run(how: How) -> Result<u8, String> {
    let patch = text(Path::new("-"))?;
    let folder = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let workspace = headless_workspace(&folder);
    let planned = (|| -> Result<Plan, Vec<Problem>> {
        let patch = glossator_patch::parse(&patch)?;
        glossator_patch::plan(&patch, &WorkspaceFiles(&workspace), &Options { overwrite: how.overwrite })
    })();
    let refused = |problems: Vec<String>| {
        match how.json {
            true => say!("{}", json!({ "status": "refused", "problems": problems })),
            false => complain!("refused, nothing was written:\n{}", problems.join("\n\n")),
        }
        Ok(1)
    };
    let plan = match planned {
        Ok(plan) => plan,
        Err(problems) => return refused(problems.iter().map(ToString::to_string).collect()),
    };
    let checked = match workspace.check(plan.change).await {
        Ok(checked) => checked,
        Err(problems) => return refused(problems),
    };
    let diff = checked.diff();
    if !how.dry_run {
        let report = checked.commit("glossator debug patch").await;
        if !report.ok {
            return refused(
                report.files.iter().map(|file| format!("{}: {:?}", file.path, file.outcome)).collect(),
            );
        }
    }
    let files: Vec<_> = plan
        .files
        .iter()
        .map(|file| json!({ "path": file.path, "movedFrom": file.moved_from, "added": file.added, "removed": file.removed }))
        .collect();
    let status = if how.dry_run { "fits" } else { "done" };
    match how.json {
        true => {
            say!("{}", json!({ "status": status, "files": files, "warnings": plan.warnings, "diff": diff }))
        }
        false => {
            for warning in &plan.warnings {
                complain!("warning: {warning}");
            }
            crate::terminal::out(&diff.to_string());
        }
    }
    Ok(0)
}
