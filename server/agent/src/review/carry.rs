//! Carrying a drafted change out: all files as one change set, without those that are refused.

use glossator_session::ChangeSetId;
use glossator_text::{ChangeSet, FileChange};
use glossator_tools::{Committed, Door};
use std::path::{Path, PathBuf};

/// What came of a change.
pub(crate) struct Carried {
    /// What was made; `None`: there was nothing to make.
    pub committed: Option<Committed>,
    /// Files that were not changed, each under the paths it has before and after, and why.
    pub refused: Vec<(Vec<PathBuf>, String)>,
}

impl Carried {
    /// Why a hunk of these files was not made.
    pub fn refusal(&self, paths: &[PathBuf]) -> Option<&str> {
        let touches = |refused: &[PathBuf]| paths.iter().any(|path| refused.contains(path));
        self.refused.iter().find(|(refused, _)| touches(refused)).map(|(_, why)| why.as_str())
    }
}

/// Commits `change` under `label`. Files that checking refuses are left out; if nothing could be made of the rest, `refused`
/// holds all of it.
pub(crate) async fn carry_out(
    door: &Door,
    mut change: ChangeSet,
    (label, undoes): (&str, Option<ChangeSetId>),
) -> Carried {
    let mut refused = Vec::new();
    while !change.files.is_empty() {
        let Err(problems) = door.workspace.check(change.clone()).await.map(drop) else { break };
        let (left, out) = without(door, change, &problems);
        change = left;
        refused.extend(out);
    }
    if change.files.is_empty() {
        return Carried { committed: None, refused };
    }
    let files: Vec<Vec<PathBuf>> = change.files.iter().map(paths).collect();
    match door.commit(change, label, undoes).await {
        Ok(committed) => Carried { committed: Some(committed), refused },
        Err(why) => {
            refused.extend(files.into_iter().map(|paths| (paths, why.clone())));
            Carried { committed: None, refused }
        }
    }
}

/// The change without the files that `problems` name; without any, if they name none.
fn without(door: &Door, change: ChangeSet, problems: &[String]) -> (ChangeSet, Vec<(Vec<PathBuf>, String)>) {
    let roots = door.workspace.roots();
    let why = |path: &Path| {
        let name = format!("{}: ", roots.display(path));
        problems.iter().find_map(|problem| problem.strip_prefix(&name)).map(str::to_owned)
    };
    let (mut left, mut out) = (ChangeSet::default(), Vec::new());
    for file in change.files {
        match why(&file.path) {
            Some(why) => out.push((paths(&file), why)),
            None => left.files.push(file),
        }
    }
    if out.is_empty() {
        let all = std::mem::take(&mut left.files);
        out.extend(all.iter().map(|file| (paths(file), problems.join("\n"))));
    }
    (left, out)
}

fn paths(file: &FileChange) -> Vec<PathBuf> {
    vec![file.path.clone(), file.path_after().to_path_buf()]
}
