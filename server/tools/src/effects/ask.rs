//! Asks the user whether what a command changed may be carried over, hunk by hunk, where that is to be asked.
//! Decides what is left of the changes; makes none.

use super::NotApplied;
use super::pairs::Made;
use crate::edit::accept::{Piece, Proposal};
use crate::permit::{Permit, permitted};
use crate::{Action, ToolCx};
use glossator_exec::visible;
use glossator_session::{Ask, Grant, ItemBody};
use glossator_text::unified_diff;
use std::path::{Path, PathBuf};

/// What is asked about.
pub(super) struct Question<'a> {
    /// The command in one line.
    pub(super) line: &'a str,
    /// Why it is asked.
    pub(super) reason: String,
    /// Changes of texts.
    pub(super) made: Vec<Made>,
    /// What else changed, with what it is.
    pub(super) others: Vec<(PathBuf, String)>,
}

/// What the user left of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Answered {
    /// The changes to make.
    pub(super) made: Vec<Made>,
    /// Whether what is no text may be carried over.
    pub(super) others: bool,
    /// What the user does not want.
    pub(super) refused: Vec<NotApplied>,
}

/// Asks, and waits for the answer.
pub(super) async fn ask(cx: &ToolCx, question: Question<'_>) -> Answered {
    let roots = cx.workspace.roots();
    let display = |path: &Path| roots.display(path);
    if !cx.turn.can_ask() {
        let why = format!("{}, and nobody can be asked here", question.reason);
        return none_of(question, &why, &display);
    }
    let hunks = proposal(&question.made, &display).hunks();
    let count = hunks.len();
    let mut files: Vec<String> = question.made.iter().map(|made| display(made.change.path_after())).collect();
    let mut diff: String = question.made.iter().map(|made| shown(made, &display)).collect();
    for (path, what) in &question.others {
        files.push(display(path));
        diff.push_str(&format!("{}: {what}\n", display(path)));
    }
    let action = Action::Edit { files, protected: Vec::new(), diff, hunks };
    let Some(subject) = action.subject() else { return none_of(question, "it cannot be shown", &display) };
    let ask = Ask {
        id: cx.turn.fresh_ask_id(),
        call: cx.call.clone(),
        title: format!("Allow what {} changed?", visible(question.line)),
        reason: visible(&question.reason),
        subject,
        grants: vec![Grant::Once],
    };
    let answer = cx.turn.ask(ask.clone(), &[], &cx.cancel).await;
    if let Err(why) = cx.turn.record(ItemBody::Approval { ask, answer: answer.clone() }) {
        tracing::warn!(%why, "an answer could not be stored");
    }
    let line = format!("what {} changed", question.line);
    match permitted(answer, &line, count) {
        Err(error) => none_of(question, &error.message, &display),
        Ok(Permit { accepted: None, .. }) => {
            Answered { made: question.made, others: true, refused: Vec::new() }
        }
        Ok(Permit { accepted: Some(accepted), .. }) => some_of(question.made, &accepted, &display),
    }
}

fn none_of(question: Question, why: &str, display: &dyn Fn(&Path) -> String) -> Answered {
    let made = question.made.iter().map(|made| made.change.path_after());
    let paths = made.chain(question.others.iter().map(|(path, _)| path.as_path()));
    let refused = |path: &Path| NotApplied { path: display(path), why: why.to_owned(), file_key: None };
    Answered { refused: paths.map(refused).collect(), ..Answered::default() }
}

/// The changes with those of their hunks, numbered from 1, that were accepted.
pub(super) fn some_of(all: Vec<Made>, accepted: &[usize], display: &dyn Fn(&Path) -> String) -> Answered {
    let left = proposal(&all, display).accepted(accepted);
    let refused = left.rejected.into_iter().map(|one| {
        let why = format!("the user rejected its hunk at line {}", one.line);
        NotApplied { path: one.path, why, file_key: None }
    });
    let refused = refused.collect();
    let part = |mut one: Made| {
        one.change = left.change.files.iter().find(|change| change.path == one.change.path)?.clone();
        one.after = one.change.action.apply(one.before.as_deref()).ok()?.map(Into::into);
        Some(one)
    };
    Answered { made: all.into_iter().filter_map(part).collect(), others: true, refused }
}

fn proposal(made: &[Made], display: &dyn Fn(&Path) -> String) -> Proposal {
    let piece = |one: &Made| Piece {
        change: one.change.clone(),
        from: display(&one.change.path),
        to: display(one.change.path_after()),
        before: one.before.clone(),
        after: one.after.clone(),
    };
    Proposal::new(made.iter().map(piece).collect())
}

fn shown(made: &Made, display: &dyn Fn(&Path) -> String) -> String {
    let (from, to) = (display(&made.change.path), display(made.change.path_after()));
    let diff = unified_diff(&to, made.before.as_deref(), made.after.as_deref());
    if from == to { diff } else { format!("rename from {from}\nrename to {to}\n{diff}") }
}
