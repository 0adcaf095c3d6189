//! A command that carries a patch is an edit: planned, judged and made as one, and reported as the patch program would
//! have reported it, so that a model which called that program goes on as it knows.

use crate::edit::{Changed, Edit, Kind, Made, Wanted, What};
use crate::{Action, Prepared, ToolCx};
use glossator_exec::{Carried, Request, carried_patch};
use glossator_session::{ToolError, ToolErrorKind, ToolOutput};
use glossator_workspace::ReadError;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The edit that `request` stands for; `None`: it is a command like any other.
pub(crate) async fn prepared(cx: &ToolCx, request: &Request) -> Option<Prepared> {
    let plain = request.env.is_empty() && request.stdin.is_none() && request.arg0.is_none();
    let Carried { patch, cwd } = if plain { carried_patch(&request.command)? } else { return None };
    let planned = match folder(cx, &request.cwd, cwd.as_deref()).await {
        Ok(folder) => Edit::planned(cx, Wanted { what: What::Patch(patch), overwrite: false, folder }).await,
        Err(why) => Err(why),
    };
    Some(match planned {
        Ok(edit) => Prepared {
            line: edit.line("exec apply_patch"),
            action: edit.action(),
            run: Box::new(move |cx| Box::pin(make(edit, cx))),
        },
        // As that program would fail: nothing is done, and the model reads why.
        Err(why) => Prepared {
            line: "exec apply_patch (the patch does not fit)".to_owned(),
            action: Action::Look,
            run: Box::new(move |_| Box::pin(std::future::ready(Ok(failed(&why, Instant::now()))))),
        },
    })
}

/// The folder that the patch's paths count from; `None`: the workspace, as in any other patch.
async fn folder(cx: &ToolCx, cwd: &Path, cd: Option<&str>) -> Result<Option<PathBuf>, String> {
    let roots = cx.workspace.roots();
    let folder = match cd {
        Some(cd) => {
            let path = cwd.join(cd);
            let path = path.to_str().ok_or_else(|| format!("cd: {cd}: this is not a path of text"))?;
            roots.resolve(path).map_err(|error| format!("cd: {cd}: {error}"))?
        }
        None => cwd.to_path_buf(),
    };
    match cx.workspace.read(&folder).await {
        Err(ReadError::Directory { .. }) => {}
        _ => return Err(format!("cd: {}: there is no such folder", cd.unwrap_or(&roots.display(&folder)))),
    }
    Ok((roots.folders().first() != Some(&folder)).then_some(folder))
}

async fn make(edit: Edit, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let started = Instant::now();
    match edit.commit(&cx).await {
        Ok(made) => Ok(done(&made, started)),
        Err(error) if error.kind == ToolErrorKind::ToolFailed => Ok(failed(&error.message, started)),
        Err(error) => Err(error),
    }
}

fn done(made: &Made, started: Instant) -> ToolOutput {
    let mut stdout = "Success. Updated the following files:\n".to_owned();
    for file in &made.files {
        let letter = match file.kind {
            Kind::Add => 'A',
            Kind::Update | Kind::Move => 'M',
            Kind::Delete => 'D',
        };
        // Writing to a string cannot fail.
        let _ = writeln!(stdout, "{letter} {}", file.path);
    }
    let mut stderr: String = made.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    for one in &made.rejected {
        let _ = writeln!(stderr, "rejected by the user: the hunk at line {} of {}", one.line, one.path);
    }
    if let Some(said) = &made.message {
        let _ = writeln!(stderr, "the user said: {said}");
    }
    let mut value = ran(0, &stdout, &stderr, started);
    value["changeSet"] = json!(made.change_set);
    value["changes"] = made.files.iter().map(without_places).collect();
    ToolOutput { value, summary: format!("exit 0, {}", made.summary()) }
}

fn without_places(file: &Changed) -> Value {
    let mut value = json!(file);
    if let Some(map) = value.as_object_mut() {
        map.remove("hunks");
    }
    value
}

fn failed(why: &str, started: Instant) -> ToolOutput {
    let first = why.lines().next().unwrap_or_default();
    let summary = format!("exit 1, {}", crate::render::cut_middle(first, 200));
    ToolOutput { value: ran(1, "", &format!("{why}\n"), started), summary }
}

/// The result of `exec` for a program that was not started.
fn ran(exit_code: i32, stdout: &str, stderr: &str, started: Instant) -> Value {
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut value = json!({
        "exitCode": exit_code, "timedOut": false, "stdout": stdout, "stderr": stderr, "truncated": false,
        "durationMs": millis, "sandbox": "none",
    });
    if !stderr.is_empty() {
        value["aggregated"] = json!(format!("{stdout}{stderr}"));
    }
    value
}
