//! Documents of ours: what those of a session are called, and which one a URI names. Names are ids, never titles.

use crate::convert;
use glossator_session::{SessionId, TurnId};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The transcript.
pub const TRANSCRIPT: &str = "chat.md";
/// The prompt document.
pub const PROMPT: &str = "prompt.md";
/// What was written in the prompt document and not sent.
pub const DRAFT: &str = "draft.md";
/// Drafts of sessions that have not begun.
pub const UNBORN: &str = "drafts.json";
/// Turns of a page.
const PER_PAGE: u32 = 30;

/// A document of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// The session in whose folder it lies.
    pub session: SessionId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// What a document of ours is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The latest turns.
    Transcript,
    /// A page of older turns, from 1.
    Page(u32),
    /// What the user writes.
    Prompt,
    /// Anything else.
    Other,
}

/// The state folder, as it was named and as it really is: editors say either.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    folders: Arc<[PathBuf]>,
}

impl Folders {
    /// Those of the state folder `state`.
    pub fn of(state: &Path) -> Folders {
        let mut folders = vec![state.to_path_buf()];
        folders.extend(glossator_workspace::physical(state).ok().filter(|other| other != state));
        Folders { folders: folders.into() }
    }

    /// Whether a file is one of ours.
    pub fn hold(&self, path: &Path) -> bool {
        self.folders.iter().any(|state| path.starts_with(state))
    }

    /// Whether the document `uri` is one of ours.
    pub fn hold_uri(&self, uri: &str) -> bool {
        Url::parse(uri).ok().as_ref().and_then(convert::path_of).is_some_and(|path| self.hold(&path))
    }

    /// The document `uri` of a session, if it is one.
    pub fn document(&self, uri: &str) -> Option<Ours> {
        let path = convert::path_of(&Url::parse(uri).ok()?)?;
        self.folders.iter().find_map(|state| named(state, &path))
    }
}

impl Ours {
    /// Whether it shows turns.
    pub fn has_turns(&self) -> bool {
        matches!(self.kind, Kind::Transcript | Kind::Page(_))
    }
}

/// The document at `path` below the state folder `state`.
fn named(state: &Path, path: &Path) -> Option<Ours> {
    let mut parts = path.strip_prefix(state).ok()?.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let mut next = || parts.next().flatten();
    let (workspaces, _, sessions) = (next()?, next()?, next()?);
    let (session, name) = (next()?, next()?);
    if (workspaces, sessions) != ("workspaces", "sessions") || parts.next().is_some() {
        return None;
    }
    Some(Ours { session: SessionId::from(session), name: name.to_owned(), kind: kind(name) })
}

fn kind(name: &str) -> Kind {
    match name {
        TRANSCRIPT => Kind::Transcript,
        PROMPT => Kind::Prompt,
        other => page_number(other).map_or(Kind::Other, Kind::Page),
    }
}

/// The number of a page by its name `chat-3.md`.
pub fn page_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("chat-")?.strip_suffix(".md")?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The page that a turn is on.
pub fn page_of(turn: TurnId) -> u32 {
    turn.0.saturating_sub(1) / PER_PAGE + 1
}

/// The name of a page.
pub fn page_name(page: u32) -> String {
    format!("chat-{page}.md")
}

/// The turn behind a page, and how many it has.
pub fn page_turns(page: u32) -> (TurnId, usize) {
    (TurnId(page.saturating_mul(PER_PAGE).saturating_add(1)), PER_PAGE as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_known_by_where_they_lie() {
        let check = |path: &str, expected: Option<(&str, Kind)>| {
            let found = named(Path::new("/state"), Path::new(path));
            let found = found.as_ref().map(|ours| (ours.session.0.as_str(), ours.kind));
            assert_eq!(found, expected, "{path}");
        };
        check("/state/workspaces/w-1/sessions/s-1/chat.md", Some(("s-1", Kind::Transcript)));
        check("/state/workspaces/w-1/sessions/s-1/chat-12.md", Some(("s-1", Kind::Page(12))));
        check("/state/workspaces/w-1/sessions/s-1/prompt.md", Some(("s-1", Kind::Prompt)));
        for other in ["T-3.diff", "chat-0.md", "chat-01.md", "chat-x.md", "chat-99999999999.md", "log.jsonl"]
        {
            check(&format!("/state/workspaces/w-1/sessions/s-1/{other}"), Some(("s-1", Kind::Other)));
        }
        check("/state/workspaces/w-1/sessions/s-1/kept/K1", None);
        check("/state/workspaces/w-1/sessions/chat.md", None);
        check("/state/workspaces/w-1/other/s-1/chat.md", None);
        check("/elsewhere/workspaces/w-1/sessions/s-1/chat.md", None);
        check("/state/workspaces/w-1/sessions/../chat.md", None);
    }

    #[test]
    fn pages_hold_turns_in_order() {
        for (turn, page) in [(1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (4970, 166)] {
            assert_eq!(page_of(TurnId(turn)), page);
            let (behind, count) = page_turns(page);
            assert!(turn < behind.0 && turn + count as u32 >= behind.0);
        }
        assert_eq!(page_number(&page_name(7)), Some(7));
    }
}
