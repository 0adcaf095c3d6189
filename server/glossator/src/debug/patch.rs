//! `glossator debug patch`: the patch engine on the current folder. Nobody is asked; the rules for paths hold.

use super::input;
use crate::exec::headless_workspace;
use crate::terminal::{complain, out, say};
use glossator_patch::{ChangeKind, FileSummary, Options, Plan, Problem};
use glossator_tools::WorkspaceFiles;
use glossator_workspace::{Checked, Outcome, Report, Workspace};
use serde_json::{Value, json};
use std::path::Path;

/// How it is run.
pub struct How {
    pub dry_run: bool,
    pub json: bool,
    pub overwrite: bool,
}

/// A patch that was not made.
struct Refusal {
    problems: Vec<Problem>,
    /// What became of each file, where writing had begun.
    report: Option<Report>,
}

/// Exit code 0 done, 1 refused and nothing written.
pub async fn run(how: How) -> Result<u8, String> {
    let patch = input(Path::new("-"))?;
    let folder = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let workspace = headless_workspace(&folder);
    let made = match plan(patch, &workspace, how.overwrite) {
        Ok(plan) => commit(plan, &workspace, how.dry_run).await,
        Err(problems) => Err(Refusal { problems, report: None }),
    };
    match made {
        Ok(made) => {
            tell(&how, &made);
            Ok(0)
        }
        Err(refusal) => {
            refuse(&how, &refusal);
            Ok(1)
        }
    }
}

fn plan(patch: Vec<u8>, workspace: &Workspace, overwrite: bool) -> Result<Plan, Vec<Problem>> {
    let patch = String::from_utf8(patch).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        vec![problem(None, format!("the patch is not UTF-8 text (byte {at}); write it as UTF-8"))]
    })?;
    let patch = glossator_patch::parse(&patch)?;
    glossator_patch::plan(&patch, &WorkspaceFiles(workspace), &Options { overwrite })
}

/// A patch that was made, or that would be.
struct Made {
    files: Vec<FileSummary>,
    warnings: Vec<String>,
    diff: String,
}

async fn commit(plan: Plan, workspace: &Workspace, dry_run: bool) -> Result<Made, Refusal> {
    let named = |problems: Vec<String>| Refusal {
        problems: problems.into_iter().map(|message| problem(None, message)).collect(),
        report: None,
    };
    let checked: Checked = workspace.check(plan.change).await.map_err(named)?;
    let diff = checked.diff();
    if !dry_run {
        let report = checked.commit("glossator debug patch").await;
        if !report.ok {
            let failed = report.files.iter().filter_map(|file| match &file.outcome {
                Outcome::Failed(why) | Outcome::Unknown(why) | Outcome::TakeBackFailed(why) => {
                    Some(problem(Some(file.path.clone()), why.clone()))
                }
                Outcome::Editor | Outcome::Disk | Outcome::TakenBack | Outcome::NotReached => None,
            });
            return Err(Refusal { problems: failed.collect(), report: Some(report) });
        }
    }
    Ok(Made { files: plan.files, warnings: plan.warnings, diff })
}

fn tell(how: &How, made: &Made) {
    if how.json {
        let status = if how.dry_run { "fits" } else { "done" };
        let Made { files, warnings, diff } = made;
        return say!("{}", json!({ "status": status, "files": files, "warnings": warnings, "diff": diff }));
    }
    for warning in &made.warnings {
        complain!("warning: {warning}");
    }
    if how.dry_run {
        return out(&made.diff);
    }
    for file in &made.files {
        let (kind, path) = (word(file.kind), &file.path);
        let from = file.moved_from.as_ref().map(|from| format!("{from} -> ")).unwrap_or_default();
        say!("{kind} {from}{path} +{} -{}", file.added, file.removed);
    }
}

fn refuse(how: &How, refusal: &Refusal) {
    let stands = refusal.report.as_ref().is_some_and(|report| report.stands() || report.unknown());
    let status = if stands { "broken off" } else { "refused" };
    if how.json {
        let outcomes: Vec<Value> =
            refusal.report.iter().flat_map(|report| &report.files).map(outcome).collect();
        let mut result = json!({ "status": status, "problems": refusal.problems });
        if stands {
            result["outcomes"] = outcomes.into();
        }
        return say!("{result}");
    }
    let problems: Vec<String> = refusal.problems.iter().map(Problem::to_string).collect();
    match &refusal.report {
        Some(report) if stands => complain!("broken off, and not all could be taken back:\n{report}"),
        _ => complain!("refused, nothing was written:\n{}", problems.join("\n\n")),
    }
}

fn outcome(file: &glossator_workspace::FileReport) -> Value {
    let stands = match file.outcome {
        Outcome::Editor | Outcome::Disk | Outcome::TakeBackFailed(_) => json!(true),
        Outcome::Failed(_) | Outcome::TakenBack | Outcome::NotReached => json!(false),
        Outcome::Unknown(_) => Value::Null,
    };
    json!({ "path": file.path, "stands": stands })
}

fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Add => "add",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
        ChangeKind::Move => "move",
    }
}

fn problem(file: Option<String>, message: String) -> Problem {
    Problem { file, chunk: None, message }
}
