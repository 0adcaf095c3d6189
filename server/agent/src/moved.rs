//! Files that the user moved in the editor: their hunks go along, and the sessions that read or edited them are told.
//! What an edit of a session moved is no news to it.

use crate::Agent;
use crate::looks;
use crate::session::{Session, now};
use glossator_session::{ChangeState, ContextItem, InputPart, Item, ItemBody, ReviewedBy};
use glossator_store::Sync;
use glossator_workspace::{Roots, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// An edit of a session that is not older may be what the editor tells of.
const OWN: Duration = Duration::from_secs(120);

/// Moves that are told in one line each.
const TOLD: usize = 20;

impl Agent {
    /// Files are about to be moved: what changed of their hunks is recorded, as long as they are where they were. Does
    /// nothing while an edit is made, which may be what moves them.
    pub async fn before_move(&self, workspace: &Workspace) {
        for session in self.sessions() {
            looks::look((self.shared(), &session), workspace, None).await;
        }
    }

    /// Files or folders (both paths resolved) were moved in the editor behind `workspace`. Waits for edits that are being
    /// made.
    pub async fn moved(&self, moves: &[(PathBuf, PathBuf)], workspace: &Workspace) {
        for session in self.sessions() {
            let _nobody_decides = session.hunks.deciding.lock().await;
            let _nobody_edits = self.shared().commit_lock.lock().await;
            let moves: Vec<_> = moves.iter().filter(|one| !is_own(&session, one)).collect();
            for (from, to) in &moves {
                hunks_go_along(&session, workspace, (from, to)).await;
            }
            tell(&session, workspace, &moves);
        }
    }
}

/// Whether an edit of the session made this move a moment ago.
fn is_own(session: &Session, (from, to): &(PathBuf, PathBuf)) -> bool {
    let since = now().saturating_sub(i64::try_from(OWN.as_millis()).unwrap_or(i64::MAX));
    let makes_it = |item: &Item| match &item.body {
        ItemBody::ChangeSet { state: ChangeState::Intended { change, .. }, .. } => {
            change.files.iter().any(|file| file.path == *from && file.path_after() == to)
        }
        _ => false,
    };
    session.with_items(|items| items.iter().rev().take_while(|item| item.at >= since).any(makes_it))
}

/// Brings the hunks of what was moved under its new path.
async fn hunks_go_along(session: &Session, workspace: &Workspace, (from, to): (&Path, &Path)) {
    let files: Vec<PathBuf> = {
        let table = looks::table(session);
        table.ledger.files().filter(|path| path.starts_with(from)).map(Path::to_path_buf).collect()
    };
    for file in files {
        let Ok(inner) = file.strip_prefix(from) else { continue };
        // A path that is joined with nothing ends with a slash.
        let there = if inner.as_os_str().is_empty() { to.to_path_buf() } else { to.join(inner) };
        let text = workspace.read(&there).await.ok().map(|document| Arc::from(document.text));
        let changed = looks::table(session).moved(&file, &there, text);
        looks::record(session, (changed, ReviewedBy::Seen), Sync::No);
    }
}

/// Tells the session of moves of what it read or edited.
fn tell(session: &Session, workspace: &Workspace, moves: &[&(PathBuf, PathBuf)]) {
    if session.begun().is_none() {
        return;
    }
    let roots = workspace.roots();
    let touched = session.touched();
    let known = |from: &PathBuf| {
        touched.iter().any(|path| path.starts_with(from))
            || session.with_items(|items| items.iter().any(|item| names(item, from, &roots)))
    };
    let mut lines: Vec<String> = moves
        .iter()
        .filter(|(from, _)| known(from))
        .map(|(from, to)| format!("{} is {} now", roots.display(from), roots.display(to)))
        .collect();
    if lines.is_empty() {
        return;
    }
    if lines.len() > TOLD {
        let more = lines.split_off(TOLD).len();
        lines.push(format!("{more} more were moved"));
    }
    let text = format!("The user moved files in the editor: {}.", lines.join("; "));
    let (turn, _) = session.place();
    let told = ContextItem::Told { text, about: String::new() };
    // A log that cannot be written has been reported by `record`.
    let _ = session.record(turn, ItemBody::Context(told), Sync::No);
}

/// Whether an item speaks of a path or of something below it: a call with it, or a prompt that points there.
fn names(item: &Item, from: &Path, roots: &Roots) -> bool {
    let name = from.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let leads = |written: &str| {
        // Looks at the disk: only where the words fit.
        written.contains(&*name) && roots.resolve_any(written).is_ok_and(|(path, _)| path.starts_with(from))
    };
    match &item.body {
        ItemBody::ToolCall { call, .. } => call.arguments["path"].as_str().is_some_and(leads),
        ItemBody::UserMessage { input, .. } => input.iter().any(|part| match part {
            InputPart::Mention { uri, .. } => {
                uri.strip_prefix("file://").is_some_and(|path| decoded(path).starts_with(from))
            }
            _ => false,
        }),
        _ => false,
    }
}

/// The path of a URI, whose odd bytes are written as `%20`.
fn decoded(path: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|two| *first == b'%' && two.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_paths_again() {
        for (uri, path) in [
            ("/w/a.rs", "/w/a.rs"),
            ("/w/a%20b/%C3%A4%20.rs", "/w/a b/\u{e4} .rs"),
            ("/w/100%", "/w/100%"),
            ("/w/%2", "/w/%2"),
            ("/w/%+4", "/w/%+4"),
            ("/w/%zz%41", "/w/%zzA"),
            ("/w/%\u{e4}", "/w/%\u{e4}"),
            ("", ""),
        ] {
            assert_eq!(decoded(uri), Path::new(path), "{uri}");
        }
    }
}
