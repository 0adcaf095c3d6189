//! What a setup comes to, as data: whole files before and after, programs to run, and what to tell. Does nothing itself.

use std::path::{Path, PathBuf};

/// One file, as it is and as it is to be; `None`: there is none.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// As the user knows it; may be a link.
    pub path: PathBuf,
    pub before: Option<String>,
    pub after: Option<String>,
    /// It is the user's: what it held is kept beside it, and all of the change is shown.
    pub users: bool,
}

impl Change {
    /// A change of a file of the user's; none where nothing changes. A file that would be left empty goes.
    pub fn of_user(path: PathBuf, before: Option<String>, after: String) -> Option<Change> {
        let after = (!after.trim().is_empty()).then_some(after);
        let change = Change { path, before, after, users: true };
        change.is_one().then_some(change)
    }

    /// A change of a file that is ours alone.
    pub fn of_ours(path: PathBuf, before: Option<String>, after: Option<String>) -> Option<Change> {
        let change = Change { path, before, after, users: false };
        change.is_one().then_some(change)
    }

    fn is_one(&self) -> bool {
        let empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        self.before != self.after && !(empty(&self.before) && self.after.is_none() && self.users)
    }

    /// Where what it held is kept.
    pub fn backup(&self) -> Option<PathBuf> {
        let kept = self.users && self.before.is_some();
        kept.then(|| {
            let mut name = self.path.file_name().unwrap_or_default().to_owned();
            name.push(".before-glossator");
            self.path.with_file_name(name)
        })
    }

    /// What was done, for people.
    pub fn told(&self) -> String {
        let verb = if self.after.is_some() { "wrote" } else { "removed" };
        let kept = self.backup().map(|path| format!("; what it held: {}", path.display()));
        format!("{verb} {}{}", self.path.display(), kept.unwrap_or_default())
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    /// What the user should know before deciding.
    pub notes: Vec<String>,
    /// Programs to run when the files stand.
    pub commands: Vec<Vec<String>>,
    /// What to do next, told at the end.
    pub next: Vec<String>,
}

/// A file's folder.
pub fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
