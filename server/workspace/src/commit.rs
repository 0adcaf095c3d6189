//! Committing a checked change set: step by step, and back again when a later step fails.
//! The report says exactly what stands.

use crate::check::Checked;
use crate::report::{FileReport, Outcome, Report};
use crate::step::Done;

impl Checked {
    /// Makes the change: closed files and all creations on disk, open files through the editor, one after the other. If
    /// one fails, those before it are taken back. `label` names the undo steps of editors that show a name. The work goes
    /// on if the future is dropped.
    pub async fn commit(self, label: &str) -> Report {
        let (label, shown) = (label.to_owned(), self.shown.clone());
        tokio::spawn(async move { self.run(&label).await }).await.unwrap_or_else(|error| {
            let why = format!("the commit was broken off, part of it may stand: {error}");
            let files =
                shown.into_iter().map(|path| FileReport { path, outcome: Outcome::Failed(why.clone()) });
            Report { files: files.collect(), ok: false }
        })
    }

    async fn run(self, label: &str) -> Report {
        let mut done: Vec<Done> = Vec::new();
        let mut failed = None;
        for step in &self.steps {
            match step.run(&self.workspace, label).await {
                Ok(made) => done.push(made),
                Err(why) => {
                    failed = Some(why);
                    break;
                }
            }
        }
        let ok = failed.is_none();
        let mut outcomes: Vec<Outcome> = match failed {
            None => done.into_iter().map(|made| made.outcome).collect(),
            Some(why) => {
                let mut outcomes = self.take_back(done, label).await;
                outcomes.push(Outcome::Failed(why));
                outcomes
            }
        };
        outcomes.resize(self.shown.len(), Outcome::NotReached);
        let files = self.shown.into_iter().zip(outcomes).map(|(path, outcome)| FileReport { path, outcome });
        Report { files: files.collect(), ok }
    }

    async fn take_back(&self, done: Vec<Done>, label: &str) -> Vec<Outcome> {
        let label = format!("{label} (taken back)");
        let mut outcomes = Vec::new();
        for made in done.iter().rev() {
            outcomes.push(match made.inverse.run(&self.workspace, &label).await {
                Ok(_) => Outcome::TakenBack,
                Err(why) => {
                    tracing::warn!(path = %made.inverse.change.path.display(), %why, "a change could not be taken back");
                    Outcome::TakeBackFailed(why)
                }
            });
        }
        outcomes.reverse();
        outcomes
    }
}
