//! What a command changed in the user's files: found out, made a change set like any edit's, and told.
//! Whatever cannot become one is named, never passed over in silence.

mod apply;
mod ask;
mod collect;
mod git;
mod given;
mod pairs;
#[cfg(test)]
mod tests;
mod track;

pub(crate) use apply::apply;
pub(crate) use given::{Given, remember_memory};
pub(crate) use track::Tracked;

use glossator_session::ChangeSetId;
use schemars::JsonSchema;
use serde::Serialize;

/// What became of a command's changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Effects {
    /// The change set; none where no text changed.
    pub(crate) change_set: Option<ChangeSetId>,
    /// What is in it.
    pub(crate) changes: Vec<Changed>,
    /// What changed and cannot be taken back.
    pub(crate) not_reversible: Vec<Named>,
    /// What the command changed where it ran, and what was not carried over to the user's files.
    pub(crate) not_applied: Vec<NotApplied>,
    /// What else is to be known, a sentence each.
    pub(crate) notes: Vec<String>,
}

/// A file of a change set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_from: Option<String>,
    /// `add`, `update`, `delete` or `move`.
    pub(crate) kind: String,
    pub(crate) added: usize,
    pub(crate) removed: usize,
}

/// A path with a reason.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Named {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// A change that was not carried over.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotApplied {
    pub(crate) path: String,
    pub(crate) why: String,
    /// Its text, for `readFile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_key: Option<String>,
}

/// Paths of each kind that are named; more are counted.
pub(crate) const MOST_NAMED: usize = 100;

impl Effects {
    /// Cuts what is named to a bearable length, and says how much was left out.
    pub(crate) fn bounded(mut self) -> Effects {
        let mut notes = Vec::new();
        let mut cut = |what: &str, length: usize| {
            if let Some(more) = length.checked_sub(MOST_NAMED).filter(|more| *more > 0) {
                notes.push(format!("{more} more files {what}."));
            }
        };
        cut("changed", self.changes.len());
        cut("changed and cannot be taken back", self.not_reversible.len());
        cut("were not carried over", self.not_applied.len());
        self.changes.truncate(MOST_NAMED);
        self.not_reversible.truncate(MOST_NAMED);
        self.not_applied.truncate(MOST_NAMED);
        self.notes.extend(notes);
        self
    }

    /// In a few words, for one line; nothing if nothing changed.
    pub(crate) fn summary(&self) -> String {
        let count = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 file {what}")),
            many => Some(format!("{many} files {what}")),
        };
        let parts = [
            count(self.changes.len(), "changed"),
            count(self.not_reversible.len(), "not reversible"),
            count(self.not_applied.len(), "not applied"),
        ];
        parts.into_iter().flatten().map(|part| format!(", {part}")).collect()
    }
}
