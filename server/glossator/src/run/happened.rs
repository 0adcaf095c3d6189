//! What happened in one run, as a fold over the items of its turn, be they told live or read from the log. Pure.

use glossator_session::{ChangeSetId, ChangeState, Cost, Item, ItemBody, ToolErrorKind, TurnStatus, Usage};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Characters of a refusal that are told.
const REFUSAL: usize = 200;

/// What happened in a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Happened {
    /// How it ended, and why; `None`: it has not.
    pub end: Option<(TurnStatus, Option<String>)>,
    /// The last words of the model.
    pub answer: String,
    /// The files that were changed.
    pub files: BTreeSet<PathBuf>,
    /// Calls that nobody was there to allow, and the first of them.
    pub refused: (usize, String),
    pub usage: Usage,
    pub cost: Option<Cost>,
    intended: BTreeMap<ChangeSetId, Vec<PathBuf>>,
}

impl Happened {
    pub fn add(&mut self, item: Item) {
        match item.body {
            ItemBody::Answer { text, .. } => self.answer = text,
            ItemBody::ChangeSet { id, state: ChangeState::Intended { change, .. } } => {
                let paths = change.files.iter().map(|file| file.path_after().to_owned());
                self.intended.insert(id, paths.collect());
            }
            ItemBody::ChangeSet { id, state: ChangeState::Committed } => {
                self.files.extend(self.intended.remove(&id).unwrap_or_default());
            }
            ItemBody::ToolOutput { outcome: Err(error), .. } if error.kind == ToolErrorKind::ToolDenied => {
                if self.refused.0 == 0 {
                    let line = error.message.lines().next().unwrap_or_default();
                    self.refused.1 = line.chars().take(REFUSAL).collect();
                }
                self.refused.0 += 1;
            }
            ItemBody::TurnEnded { status, usage, cost, message } => {
                self.end = Some((status, message));
                (self.usage, self.cost) = (usage, cost);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, ToolError, TurnId};
    use glossator_text::{Action, Base, ChangeSet, FileChange, FileFormat};

    #[test]
    fn what_is_counted() {
        let mut happened = Happened::default();
        let mut add = |body: ItemBody| {
            happened.add(Item { id: ItemId(1), turn: TurnId(1), round: 1, at: 0, agent: None, body });
        };
        let change = |id: &str, path: &str| {
            let action = Action::Create { text: String::new() };
            let file = FileChange::new(path.into(), Base::Absent, action, FileFormat::of_text(""));
            let (change, inverse) = (ChangeSet { files: vec![file] }, ChangeSet::default());
            let state = ChangeState::Intended { change, inverse, undoes: None, hunks: Vec::new() };
            ItemBody::ChangeSet { id: id.into(), state }
        };
        let end = |id: &str, state: ChangeState| ItemBody::ChangeSet { id: id.into(), state };
        add(change("C1", "/w/a"));
        add(change("C2", "/w/b"));
        add(end("C1", ChangeState::Committed));
        add(end("C2", ChangeState::Failed { message: "no".to_owned() }));
        for kind in [ToolErrorKind::ToolDenied, ToolErrorKind::ToolFailed, ToolErrorKind::ToolDenied] {
            let outcome = Err(ToolError::new(kind, "not now\nmore"));
            add(ItemBody::ToolOutput { call: "S1.1".into(), outcome, millis: 0 });
        }
        add(ItemBody::Answer { text: "first".to_owned(), raw: None });
        add(ItemBody::Answer { text: "last".to_owned(), raw: None });
        assert_eq!(happened.files, BTreeSet::from([PathBuf::from("/w/a")]));
        assert_eq!(happened.refused, (2, "not now".to_owned()));
        assert_eq!((happened.answer.as_str(), happened.end), ("last", None));
    }
}
