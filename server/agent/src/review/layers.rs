//! Lines that agents of several sessions changed: the newest hunk there stands for them, and older ones lie below it until
//! what stood there before it stands there again. Decides nothing by itself.

use crate::hunks::Table;
use crate::looks;
use crate::session::Session;
use crate::shared::Shared;
use glossator_session::{HunkId, HunkState, HunkVerdict, ReviewedBy, SessionId, TurnId};
use glossator_store::Sync;
use glossator_workspace::Workspace;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A hunk of one of the sessions.
pub(crate) type Named = (SessionId, HunkId);

/// The hunk that lies above another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Above {
    pub session: SessionId,
    pub turn: TurnId,
    pub hunk: HunkId,
    pub state: HunkState,
}

/// Lines that a hunk has in a file.
struct Layer {
    above: Above,
    /// When its edit was made; 0: nobody wrote it down.
    at: i64,
    /// Whether its edit is known from another session, of which this one is a fork or a copy.
    is_copy: bool,
    range: Range<usize>,
    text: Arc<str>,
}

/// The open hunks in these files that lie below a newer one of another session, with that one.
pub(crate) async fn covered(
    shared: &Shared,
    paths: Vec<PathBuf>,
    workspace: &Workspace,
) -> HashMap<Named, Above> {
    let mut found = HashMap::new();
    let sessions = open_sessions(shared);
    if sessions.len() < 2 {
        return found;
    }
    for path in paths {
        let has_hunks = |session: &&Arc<Session>| looks::table(session).ledger.states(&path).next().is_some();
        let those: Vec<&Arc<Session>> = sessions.iter().filter(has_hunks).collect();
        if those.len() < 2 {
            continue;
        }
        let mut layers = Vec::new();
        for session in those {
            looks::follow(session, workspace, Some(std::slice::from_ref(&path))).await;
            layers.extend(layers_of(session.id(), &looks::table(session), &path));
        }
        for layer in &mut layers {
            layer.is_copy = is_copy(&sessions, layer);
        }
        found.extend(below(&layers));
    }
    found
}

/// The sessions that are open and can be written, in no order.
fn open_sessions(shared: &Shared) -> Vec<Arc<Session>> {
    let all = shared.sessions.lock();
    all.values().filter(|session| session.read_only().is_none()).cloned().collect()
}

/// Whether an older session made the edit of a hunk: the ids of sessions rise.
fn is_copy(sessions: &[Arc<Session>], layer: &Layer) -> bool {
    let set = layer.above.hunk.change_set();
    let made_it = |session: &Arc<Session>| {
        looks::table(session).ledger.set(&set).is_some_and(|set| set.at == layer.at && set.at != 0)
    };
    sessions.iter().any(|session| *session.id() < layer.above.session && made_it(session))
}

/// The lines that stand in a file by the hunks of one session.
fn layers_of(session: &SessionId, table: &Table, path: &Path) -> Vec<Layer> {
    let placed = table.placed().find(|(one, _)| *one == path).map(|(_, placed)| placed);
    let Some((placed, text)) = placed.and_then(|placed| Some((placed, placed.review.text()?))) else {
        return Vec::new();
    };
    let layer = |hunk: &glossator_review::Hunk| {
        let known = table.ledger.known(&hunk.id)?;
        let state = known.state_of(placed.review.state(hunk));
        let stands = hunk.part.is_lines()
            && !hunk.lost
            && matches!(state, HunkState::Pending | HunkState::Amended | HunkState::Kept);
        let above = Above { session: session.clone(), turn: known.turn, hunk: hunk.id.clone(), state };
        let at = table.ledger.set(&hunk.id.change_set()).map_or(0, |set| set.at);
        stands.then(|| Layer { above, at, is_copy: false, range: hunk.range.clone(), text: text.clone() })
    };
    placed.review.hunks().iter().filter_map(layer).collect()
}

/// The open ones that lie below another, with the newest of those.
fn below(layers: &[Layer]) -> HashMap<Named, Above> {
    let mut found = HashMap::new();
    for one in layers.iter().filter(|one| one.above.state.is_open()) {
        let newer = layers.iter().filter(|other| lies_over(other, one));
        if let Some(newest) = newer.max_by(|a, b| age(a).cmp(&age(b))) {
            found.insert((one.above.session.clone(), one.above.hunk.clone()), newest.above.clone());
        }
    }
    found
}

/// What orders edits of several sessions.
fn age(layer: &Layer) -> (i64, &SessionId) {
    (layer.at, &layer.above.session)
}

/// Whether a hunk is newer than another session's, and about the same lines. What was kept settles only what it holds
/// wholly: the rest still waits. Hunks that a fork or a copy of a session inherited lie over nothing, and below their own
/// originals.
fn lies_over(newer: &Layer, one: &Layer) -> bool {
    let (a, b) = (&newer.range, &one.range);
    let meets = a == b || (a.start < b.end && b.start < a.end);
    let holds = newer.above.state.is_open() || (a.start <= b.start && b.end <= a.end);
    let is_original = one.is_copy && newer.above.hunk == one.above.hunk && newer.at == one.at;
    newer.above.session != one.above.session
        && !newer.is_copy
        && newer.at != 0
        && (is_original || age(newer) > age(one))
        && newer.text == one.text
        && meets
        && holds
}

/// Hunks of `session` were kept: those of other sessions that lie wholly below them are settled with them.
pub(crate) async fn settle_below(
    (shared, session): (&Shared, &Session),
    kept: &[HunkId],
    (paths, workspace): (Vec<PathBuf>, &Workspace),
) {
    let covered = covered(shared, paths, workspace).await;
    let by_these = |above: &Above| {
        above.session == *session.id() && above.state == HunkState::Kept && kept.contains(&above.hunk)
    };
    let mut settled: HashMap<SessionId, Vec<HunkId>> = HashMap::new();
    for ((id, hunk), above) in covered {
        if by_these(&above) {
            settled.entry(id).or_default().push(hunk);
        }
    }
    for other in open_sessions(shared) {
        let Some(hunks) = settled.remove(other.id()) else { continue };
        // Somebody decides about hunks there at this moment: they are still below, only nobody writes it down.
        let Ok(_nobody_decides) = other.hunks.deciding.try_lock() else { continue };
        let records = looks::table(&other).decide(&hunks, Some(&HunkVerdict::Kept));
        looks::record(&other, (records, ReviewedBy::Policy), Sync::No);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HunkState::{Amended, Kept, Pending};

    #[test]
    fn the_newest_of_several_sessions_stands_for_its_lines() {
        // Session, when, lines, state; and what lies below what.
        type One = (&'static str, i64, Range<usize>, HunkState);
        let check = |ones: &[One], expected: &[(&str, &str)]| {
            let layer = |(session, at, range, state): &One| Layer {
                above: Above {
                    session: SessionId::from(*session),
                    turn: TurnId(1),
                    hunk: "C1.1".into(),
                    state: *state,
                },
                at: *at,
                is_copy: session.starts_with("copy"),
                range: range.clone(),
                text: "0123456789".into(),
            };
            let layers: Vec<Layer> = ones.iter().map(layer).collect();
            let mut found: Vec<(String, String)> =
                below(&layers).into_iter().map(|((one, _), above)| (one.0, above.session.0)).collect();
            found.sort();
            let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            assert_eq!(found, expected, "{ones:?}");
        };
        check(&[("a", 1, 0..4, Pending), ("b", 2, 0..4, Pending)], &[("a", "b")]);
        check(&[("a", 2, 0..4, Pending), ("b", 1, 0..4, Pending)], &[("b", "a")]);
        check(&[("a", 1, 0..4, Pending), ("b", 1, 0..4, Pending)], &[("a", "b")]);
        check(&[("a", 1, 0..4, Amended), ("b", 2, 2..3, Pending)], &[("a", "b")]);
        check(&[("a", 1, 0..4, Pending), ("b", 2, 4..6, Pending)], &[]);
        check(&[("a", 1, 4..4, Pending), ("b", 2, 4..4, Pending)], &[("a", "b")]);
        check(&[("a", 1, 4..4, Pending), ("b", 2, 4..6, Pending)], &[]);
        // What was kept settles what it holds wholly.
        check(&[("a", 1, 0..4, Pending), ("b", 2, 0..4, Kept)], &[("a", "b")]);
        check(&[("a", 1, 0..4, Pending), ("b", 2, 1..4, Kept)], &[]);
        check(&[("a", 1, 0..4, Kept), ("b", 2, 0..4, Pending)], &[]);
        check(&[("a", 1, 0..4, Pending), ("b", 2, 0..4, Pending), ("c", 3, 3..6, Kept)], &[("a", "b")]);
        check(
            &[("a", 1, 0..4, Pending), ("b", 2, 0..4, Pending), ("c", 3, 3..6, Pending)],
            &[("a", "c"), ("b", "c")],
        );
        check(&[("a", 1, 0..4, Pending), ("a", 2, 0..4, Pending)], &[]);
        check(&[("a", 0, 0..4, Pending), ("b", 0, 0..4, Pending)], &[]);
        // What a fork or an imported session inherited.
        check(&[("a", 1, 0..4, Pending), ("copy", 1, 0..4, Kept)], &[]);
        check(&[("a", 1, 0..4, Pending), ("copy", 1, 0..4, Pending)], &[("copy", "a")]);
        check(&[("a", 1, 0..4, Pending), ("copy", 2, 0..4, Kept)], &[]);
        check(&[("copy", 1, 0..4, Pending), ("d", 2, 0..4, Pending)], &[("copy", "d")]);
    }
}
