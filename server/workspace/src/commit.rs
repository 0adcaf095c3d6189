//! Committing a checked change set: step by step, and back again when a later step fails.
//! The report says exactly what stands, what does not, and of what that is not known.

use crate::asking::{Asking, Patience};
use crate::check::Checked;
use crate::confirm::{Miss, STOPPED};
use crate::report::{FileReport, Outcome, Report};
use crate::step::Done;
use futures::future::BoxFuture;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// How long an editor that does not answer, or a user who stopped the turn, is kept waiting for each file that is to be
/// taken back.
const SHORT: Duration = Duration::from_secs(2);

impl Checked {
    /// As [`Checked::commit_with`], with usual patience and nobody who stops it.
    pub async fn commit(self, label: &str) -> Report {
        self.commit_with(label, Patience::default(), &CancellationToken::new()).await
    }

    /// Makes the change: closed files and all creations on disk, open files through the editor, one after the other. If
    /// one fails, those before it are taken back. `label` names the undo steps of editors that show a name. An edit that
    /// the editor does not answer within `patience` is unknown, not failed, and is watched for on; see [`Report::late`].
    /// `cancel` ends the waiting at once, with the edit under way unknown. The work goes on if the future is dropped.
    pub async fn commit_with(self, label: &str, patience: Patience, cancel: &CancellationToken) -> Report {
        let shown = self.shown.clone();
        let asking = Asking::new(label.to_owned(), patience, cancel.clone());
        tokio::spawn(async move { self.run(&asking, patience).await }).await.unwrap_or_else(|error| {
            let why = format!("the commit was broken off, part of it may stand: {error}");
            let files =
                shown.into_iter().map(|path| FileReport { path, outcome: Outcome::Failed(why.clone()) });
            Report { files: files.collect(), ok: false, late: None }
        })
    }

    async fn run(self, asking: &Asking, patience: Patience) -> Report {
        let mut done: Vec<Done> = Vec::new();
        let mut missed = None;
        for step in &self.steps {
            let made = match asking.is_stopped() {
                true => Err(Miss::Failed(STOPPED.to_owned())),
                false => step.run(&self.workspace, asking).await,
            };
            match made {
                Ok(made) => done.push(made),
                Err(miss) => {
                    missed = Some(miss);
                    break;
                }
            }
        }
        let Some(miss) = missed else {
            return self.report(done.into_iter().map(|made| made.outcome).collect(), None);
        };
        let hurried = asking.is_stopped() || matches!(miss, Miss::Unknown(..));
        let answer = if hurried { patience.answer.min(SHORT) } else { patience.answer };
        let label = format!("{} (taken back)", asking.label);
        let back = Asking::new(label, Patience { answer }, CancellationToken::new());
        let mut outcomes = self.take_back(done, &back).await;
        let late = match miss {
            Miss::Failed(why) => {
                outcomes.push(Outcome::Failed(why));
                None
            }
            Miss::Half(why) => {
                outcomes.push(Outcome::TakeBackFailed(why));
                None
            }
            Miss::Unknown(why, late) => {
                let stands = outcomes.iter().any(|outcome| *outcome != Outcome::TakenBack);
                outcomes.push(Outcome::Unknown(why));
                Some(watch(late, stands))
            }
        };
        self.report(outcomes, late)
    }

    fn report(self, mut outcomes: Vec<Outcome>, late: Option<oneshot::Receiver<bool>>) -> Report {
        let ok = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Editor | Outcome::Disk));
        outcomes.resize(self.shown.len(), Outcome::NotReached);
        let files = self.shown.into_iter().zip(outcomes).map(|(path, outcome)| FileReport { path, outcome });
        Report { files: files.collect(), ok, late }
    }

    async fn take_back(&self, done: Vec<Done>, asking: &Asking) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for made in done.iter().rev() {
            let path = made.inverse.change.path.display();
            let back = made.inverse.run_back(&self.workspace, asking).await;
            outcomes.push(
                match back.and_then(|back| back.left.map_or(Ok(()), |left| Err(Miss::Half(left)))) {
                    Ok(()) => Outcome::TakenBack,
                    Err(Miss::Failed(why) | Miss::Half(why)) => {
                        tracing::warn!(%path, %why, "a change could not be taken back");
                        Outcome::TakeBackFailed(why)
                    }
                    Err(Miss::Unknown(why, _)) => {
                        tracing::warn!(%path, %why, "a change may not have been taken back");
                        Outcome::Unknown(format!("it was changed, and it was to be changed back: {why}"))
                    }
                },
            );
        }
        outcomes.reverse();
        outcomes
    }
}

/// Tells once `late` is over whether it, or anything else, `stands`.
fn watch(late: BoxFuture<'static, bool>, stands: bool) -> oneshot::Receiver<bool> {
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let landed = late.await;
        // Whoever asked may be gone.
        let _ = tell.send(landed || stands);
    });
    told
}
