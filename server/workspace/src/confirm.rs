//! Editing an open buffer, or its file, through the editor: send, see for oneself what came of it, rebase and try again.
//! Never changes the overlay: only the editor's own reports do.

use crate::asking::Port;
use crate::editor::{EditorEdit, EditorRefusal};
use crate::flight::{CONFIRM, Flight, GRACE, Landed, Reply, Sent, Verdict, WATCH, broken, holds, send};
use crate::overlay::Overlay;
use crate::read_error::ReadError;
use crate::rebase::{rebase, splice};
use futures::future::{BoxFuture, FutureExt};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often a stale edit is rebased and sent again.
const RETRIES: usize = 3;

/// Why something is not known to be done.
pub(crate) enum Miss<T> {
    /// It is not done.
    Failed(String),
    /// It may be done yet: why that is not known, and what tells what became of it, in ten minutes at the latest.
    Unknown(String, BoxFuture<'static, T>),
}

/// Makes `edits`, planned on `base`, in the open buffer `uri`. Otherwise says why the buffer does not hold them, as far as
/// is known.
pub(crate) async fn edit_buffer(
    port: &Port,
    uri: &str,
    (base, edits): (&str, &[glossator_text::Replacement]),
) -> Result<Landed, Miss<Option<Landed>>> {
    let mut last: Option<Sent> = None;
    let mut reason = String::new();
    for _ in 0..=RETRIES {
        let Some(buffer) = port.overlay.by_uri(uri) else {
            return Err(Miss::Failed("it was closed in the editor meanwhile".to_owned()));
        };
        if buffer.out_of_step {
            let path = buffer.path.map_or(buffer.uri, |path| path.to_string_lossy().into_owned());
            return Err(Miss::Failed(ReadError::OutOfStep { path }.to_string()));
        }
        let before = buffer.text.to_string();
        // What was sent before may have landed after it was given up.
        if let Some(sent) = last.take().filter(|sent| holds(sent, &before)) {
            return Ok(sent.into());
        }
        if port.asking.is_stopped() {
            return Err(Miss::Failed(STOPPED.to_owned()));
        }
        let edits = rebase(edits, Some(base), &before).map_err(Miss::Failed)?;
        let expected = splice(&edits, &before).map_err(Miss::Failed)?;
        if expected == before {
            return Ok(Landed { edits, after: before });
        }
        let mut flight = Flight::start(port, &buffer, Sent { before, edits, expected });
        match flight.wait(&port.asking).await {
            Verdict::Landed => return Ok(flight.into_sent().into()),
            Verdict::Refused(why) => return Err(Miss::Failed(why)),
            Verdict::Unknown(why) => return Err(Miss::Unknown(why, flight.late().boxed())),
            Verdict::Stale(why) => reason = why,
        }
        last = Some(flight.into_sent());
    }
    if let (Some(sent), Some(buffer)) = (last, port.overlay.by_uri(uri))
        && holds(&sent, &buffer.text.to_string())
    {
        return Ok(sent.into());
    }
    Err(Miss::Failed(format!(
        "the text kept changing while it was edited ({RETRIES} retries); the editor said: {reason}"
    )))
}

/// Why nothing is asked any more.
pub(crate) const STOPPED: &str = "it was stopped before this file was reached";

/// A request to rename or delete, and how its effect is seen on disk. What an editor does to files is not reported.
struct Request<F> {
    /// What the editor is asked to do, in one word.
    what: &'static str,
    reply: Reply,
    answer: Option<Result<(), EditorRefusal>>,
    done: F,
}

impl<F: Fn() -> bool + Send + 'static> Request<F> {
    /// Waits for the answer as long as it takes, and then for the effect.
    async fn outcome(&mut self) -> Result<(), String> {
        if self.answer.is_none() {
            self.answer = Some((&mut self.reply).await.unwrap_or_else(|_| Err(broken())));
        }
        let said_yes = matches!(self.answer, Some(Ok(())));
        if wait_for(&self.done, if said_yes { CONFIRM } else { GRACE }).await {
            return Ok(());
        }
        let what = self.what;
        Err(match &self.answer {
            Some(Err(refusal)) => format!("the editor did not {what} it: {}", refusal.reason),
            _ => format!("the editor said it did {what} it, but the file on disk says otherwise"),
        })
    }
}

/// Has the editor rename or delete a file, which is `what`; `done` tells whether that happened.
pub(crate) async fn change_file(
    port: &Port,
    (what, edit): (&'static str, EditorEdit),
    done: impl Fn() -> bool + Send + Sync + 'static,
) -> Result<(), Miss<bool>> {
    let mut request = Request { what, reply: send(port, edit), answer: None, done };
    tokio::select! {
        outcome = request.outcome() => return outcome.map_err(Miss::Failed),
        () = port.asking.over() => {}
    }
    if (request.done)() {
        return Ok(());
    }
    let late = async move { matches!(timeout(WATCH, request.outcome()).await, Ok(Ok(()))) };
    Err(Miss::Unknown(port.asking.no_answer(), late.boxed()))
}

/// Waits until `done` holds, at most `time`.
async fn wait_for(done: impl Fn() -> bool, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Gives the editor a moment to report `path` as open, as after a rename. Some editors never do.
pub(crate) async fn wait_until_open(overlay: &Overlay, path: &Path) {
    wait_for(|| overlay.is_open(path), GRACE).await;
}
