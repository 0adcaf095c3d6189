//! Decides about hunks and says what became of them; undo and redo of turns. The work itself is the agent's.

use crate::connection::{Connection, not_started};
use crate::convert;
use crate::present::forward;
use glossator_agent::{AgentError, HunkReport, Resolution, TurnReport};
use glossator_protocol_ext as ext;
use glossator_session::{HunkId, SessionId, TurnId};
use std::collections::HashSet;
use std::sync::Arc;

/// Hunks that a message names.
const NAMED: usize = 8;

/// What a decision or an undo came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub hunks: Vec<ext::HunkOutcome>,
    /// For people.
    pub message: String,
    /// How many could not be done.
    pub failed: usize,
}

/// Decides about hunks of one session.
pub async fn resolve(
    connection: &Arc<Connection>,
    session: &SessionId,
    decisions: Vec<(HunkId, Resolution)>,
) -> Result<Vec<ext::HunkOutcome>, AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?;
    forward(connection, session);
    let asked: Vec<HunkId> = decisions.iter().map(|(id, _)| id.clone()).collect();
    let reports = agent.resolve(session, decisions, connection.front()).await;
    connection.reviews.touch();
    let mut outcomes: Vec<ext::HunkOutcome> = reports?.iter().map(outcome).collect();
    let told: HashSet<String> = outcomes.iter().map(|one| one.id.clone()).collect();
    for id in asked {
        if !told.contains(&id.0) {
            let error = Some("there is no such hunk in this session".to_owned());
            outcomes.push(ext::HunkOutcome { id: id.0, path: String::new(), line: None, state: None, error });
        }
    }
    Ok(outcomes)
}

/// What became of hunks, in words.
pub fn decided(hunks: Vec<ext::HunkOutcome>) -> Decided {
    let mut parts = Vec::new();
    for (state, done) in [
        (ext::HunkState::Kept, "Kept"),
        (ext::HunkState::Rejected, "Rejected"),
        (ext::HunkState::Pending, "Opened again"),
        (ext::HunkState::Amended, "Opened again"),
        (ext::HunkState::Undone, "Undone already:"),
    ] {
        let those: Vec<_> = hunks.iter().filter(|one| one.state == Some(state)).collect();
        match those.as_slice() {
            [] => {}
            [one] => parts.push(format!("{done} {}.", named(one))),
            several => parts.push(format!("{done} {} hunks.", several.len())),
        }
    }
    parts.extend(not_done(&hunks));
    let failed = hunks.iter().filter(|one| one.error.is_some()).count();
    Decided { message: parts.join(" "), failed, hunks }
}

/// Those that could not be done, each with its reason.
fn not_done(hunks: &[ext::HunkOutcome]) -> Vec<String> {
    let failed: Vec<_> = hunks
        .iter()
        .filter_map(|one| one.error.as_ref().map(|why| format!("Not {}: {why}.", named(one))))
        .collect();
    let more = failed.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = failed.into_iter().take(NAMED).collect();
    if more > 0 {
        shown.push(format!("{more} more could not be done either."));
    }
    shown
}

/// `C3.2 (src/a.rs:12)`
fn named(one: &ext::HunkOutcome) -> String {
    match (one.path.as_str(), one.line) {
        ("", _) => one.id.clone(),
        (path, Some(line)) => format!("{} ({path}:{line})", one.id),
        (path, None) => format!("{} ({path})", one.id),
    }
}

fn outcome(report: &HunkReport) -> ext::HunkOutcome {
    let (state, error) = match &report.outcome {
        Ok(state) => (Some(convert::hunk_state(*state)), None),
        Err(why) => (None, Some(why.trim_end_matches('.').to_owned())),
    };
    ext::HunkOutcome { id: report.id.0.clone(), path: report.path.clone(), line: report.line, state, error }
}

/// Which way a turn goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its edits are taken back.
    Undo,
    /// They are made again.
    Redo,
}

/// Takes the edits of a turn back, or makes them again. `true`: something could not be done.
pub async fn turn(
    connection: &Arc<Connection>,
    (session, turn): (&SessionId, Option<TurnId>),
    way: Way,
) -> Result<(ext::UndoTurnResult, bool), AgentError> {
    let agent = connection.agent().ok_or_else(not_started)?;
    forward(connection, session);
    let front = connection.front();
    let report = match way {
        Way::Undo => agent.undo_edits(session, turn, front).await,
        Way::Redo => agent.redo_edits(session, turn, front).await,
    };
    connection.reviews.touch();
    Ok(told(report?, way))
}

fn told(report: TurnReport, way: Way) -> (ext::UndoTurnResult, bool) {
    let TurnReport { turn, mut files, mut hunks, irreversible } = report;
    files.sort();
    hunks.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    let hunks: Vec<_> = hunks.iter().map(outcome).collect();
    let done = match way {
        Way::Undo => "taken back",
        Way::Redo => "made again",
    };
    let mut parts = vec![match files.is_empty() {
        true => format!("Nothing of {turn} was {done}."),
        false => format!("The edits of {turn} were {done} in {}.", files.join(", ")),
    }];
    parts.extend(not_done(&hunks));
    if !irreversible.is_empty() {
        parts.push(format!("This cannot be restored: {}.", irreversible.join("; ")));
    }
    let failed = hunks.iter().any(|one| one.error.is_some()) || !irreversible.is_empty();
    let message = parts.join(" ");
    (ext::UndoTurnResult { turn_id: turn.to_string(), files, message, hunks, irreversible }, failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::HunkState;

    fn report(id: &str, line: Option<usize>, outcome: Result<HunkState, &str>) -> HunkReport {
        HunkReport { id: id.into(), path: "a.rs".to_owned(), line, outcome: outcome.map_err(str::to_owned) }
    }

    #[test]
    fn decisions_in_words() {
        let check = |reports: &[HunkReport], message: &str| {
            assert_eq!(decided(reports.iter().map(outcome).collect()).message, message);
        };
        check(&[report("C1.1", Some(3), Ok(HunkState::Kept))], "Kept C1.1 (a.rs:3).");
        check(
            &[
                report("C1.1", Some(3), Ok(HunkState::Rejected)),
                report("C1.2", None, Ok(HunkState::Rejected)),
                report("C1.3", None, Err("its place was not found.")),
            ],
            "Rejected 2 hunks. Not C1.3 (a.rs): its place was not found.",
        );
        check(&[], "");
        let many: Vec<_> = (0..20).map(|n| report(&format!("C1.{n}"), None, Err("no"))).collect();
        let found = decided(many.iter().map(outcome).collect());
        assert_eq!(found.failed, 20);
        assert!(
            found.message.ends_with("Not C1.7 (a.rs): no. 12 more could not be done either."),
            "{}",
            found.message
        );
    }

    #[test]
    fn turns_in_words() {
        let of = |files: &[&str], hunks: Vec<HunkReport>, irreversible: &[&str], way| {
            let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
            let report =
                TurnReport { turn: TurnId(7), files: owned(files), hunks, irreversible: owned(irreversible) };
            let (result, failed) = told(report, way);
            (result.message, failed)
        };
        let done = vec![report("C1.1", Some(1), Ok(HunkState::Undone))];
        assert_eq!(
            of(&["a.rs", "b.rs"], done, &[], Way::Undo),
            ("The edits of T-7 were taken back in a.rs, b.rs.".to_owned(), false)
        );
        let part = vec![report("C1.1", Some(1), Err("its lines were changed since"))];
        assert_eq!(
            of(&[], part, &["x.bin was changed by a command"], Way::Redo),
            (
                "Nothing of T-7 was made again. Not C1.1 (a.rs:1): its lines were changed since. \
                 This cannot be restored: x.bin was changed by a command."
                    .to_owned(),
                true
            )
        );
    }
}
