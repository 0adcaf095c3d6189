//! Editing an open buffer, or its file, through the editor: send, see for oneself what came of it, rebase and try again.
//! Never changes the overlay: only the editor's own reports do.

use crate::asking::Port;
use crate::editor::{EditorEdit, EditorRefusal};
use crate::flight::{CONFIRM, Flight, GRACE, Landed, Reply, Sent, Verdict, WATCH, broken, holds, send};
use crate::overlay::{Buffer, Overlay};
use crate::read_error::ReadError;
use crate::rebase::{invert, rebase, splice};
use futures::future::{BoxFuture, FutureExt};
use glossator_text::{Replacement, line_replacements};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often a stale edit is rebased and sent again.
const RETRIES: usize = 3;

/// Why something is not known to be done.
pub(crate) enum Miss<T> {
    /// It is not done.
    Failed(String),
    /// It failed half-way, and what the reason names of it stands.
    Half(String),
    /// It may be done yet: why that is not known, and what tells what became of it, in ten minutes at the latest.
    Unknown(String, BoxFuture<'static, T>),
}

impl<T: 'static> Miss<T> {
    /// It failed, and `left` says what stands of it, if something does.
    pub(crate) fn with(why: String, left: Option<String>) -> Miss<T> {
        match left {
            None => Miss::Failed(why),
            Some(left) => Miss::Half(format!("{why}; {left}")),
        }
    }

    /// The same about something that is told in other words.
    pub(crate) fn map<U>(self, tell: impl FnOnce(T) -> U + Send + 'static) -> Miss<U> {
        match self {
            Miss::Failed(why) => Miss::Failed(why),
            Miss::Half(why) => Miss::Half(why),
            Miss::Unknown(why, late) => Miss::Unknown(why, late.map(tell).boxed()),
        }
    }
}

impl<T> From<String> for Miss<T> {
    fn from(why: String) -> Miss<T> {
        Miss::Failed(why)
    }
}

/// Makes `edits`, planned on `base`, in the open buffer `uri`. Otherwise says why the buffer does not hold them, as far as
/// is known, and whether it holds a part of them.
pub(crate) async fn edit_buffer(
    port: &Port,
    uri: &str,
    (base, edits): (&str, &[Replacement]),
) -> Result<Landed, Miss<Option<Landed>>> {
    let mut task = Task { port, uri, base: base.to_owned(), edits: edits.to_vec(), part: None };
    let outcome = task.carry_out().await;
    let Some(part) = task.part else { return outcome };
    match outcome {
        Ok(last) => as_one((base, edits), &last.after).ok_or_else(|| {
            let why = "the editor made the edit in parts, and it stands; something was typed between them";
            Miss::Half(format!("{why}, so that it cannot be undone as one"))
        }),
        Err(Miss::Failed(why) | Miss::Half(why)) => {
            Err(Miss::Half(format!("the editor made only part of the edit, which stands: {why}")))
        }
        Err(Miss::Unknown(why, late)) => {
            let why = format!("{why}; part of it stands already");
            Err(Miss::Unknown(why, late.map(|all| all.or(Some(part))).boxed()))
        }
    }
}

/// What is left to be done in a buffer.
struct Task<'a> {
    port: &'a Port,
    uri: &'a str,
    base: String,
    edits: Vec<Replacement>,
    /// What the buffer came to hold of what was asked, if that is not all.
    part: Option<Landed>,
}

impl Task<'_> {
    async fn carry_out(&mut self) -> Result<Landed, Miss<Option<Landed>>> {
        let mut last: Option<Sent> = None;
        let mut reason = String::new();
        for _ in 0..=RETRIES {
            let buffer = self.buffer()?;
            let before = buffer.text.to_string();
            // What was sent before may have landed after it was given up, in whole or in part.
            if let Some(sent) = last.take() {
                if holds(&sent, &before) {
                    return Ok(sent.into());
                }
                self.leave_out(&sent, &before);
            }
            if self.port.asking.is_stopped() {
                return Err(Miss::Failed(STOPPED.to_owned()));
            }
            let edits = rebase(&self.edits, Some(&self.base), &before)?;
            let expected = splice(&edits, &before)?;
            if expected == before {
                return Ok(Landed { edits, after: before });
            }
            let mut flight = Flight::start(self.port, &buffer, Sent { before, edits, expected });
            let verdict = flight.wait(&self.port.asking).await;
            match verdict {
                Verdict::Landed => return Ok(flight.into_sent().into()),
                Verdict::Unknown(why) => return Err(Miss::Unknown(why, flight.late().boxed())),
                Verdict::Refused(why) => {
                    if let Some(now) = self.port.overlay.by_uri(self.uri) {
                        self.leave_out(&flight.into_sent(), &now.text.to_string());
                    }
                    return Err(Miss::Failed(why));
                }
                Verdict::Stale(why) => reason = why,
            }
            last = Some(flight.into_sent());
        }
        if let (Some(sent), Ok(buffer)) = (last, self.buffer()) {
            let now = buffer.text.to_string();
            if holds(&sent, &now) {
                return Ok(sent.into());
            }
            self.leave_out(&sent, &now);
        }
        Err(Miss::Failed(format!(
            "the text kept changing while it was edited ({RETRIES} retries); the editor said: {reason}"
        )))
    }

    fn buffer(&self) -> Result<Buffer, String> {
        let buffer = self.port.overlay.by_uri(self.uri);
        let buffer = buffer.ok_or_else(|| "it was closed in the editor meanwhile".to_owned())?;
        if buffer.out_of_step {
            let path = buffer.path.map_or(buffer.uri, |path| path.to_string_lossy().into_owned());
            return Err(ReadError::OutOfStep { path }.to_string());
        }
        Ok(buffer)
    }

    /// Takes those of the edits out that `now` holds already, as after an editor that made only some of them. Goes on
    /// from what was `sent`.
    fn leave_out(&mut self, sent: &Sent, now: &str) {
        let drift = line_replacements(&sent.before, now);
        let (made, open): (Vec<Replacement>, Vec<Replacement>) =
            sent.edits.iter().cloned().partition(|edit| drift.contains(edit));
        let Ok(base) = splice(&made, &sent.before) else { return };
        if made.is_empty() || open.is_empty() {
            return;
        }
        let made_edits = made.clone();
        let (mut passed, mut added, mut removed) = (made.into_iter().peekable(), 0, 0);
        let moved = |mut edit: Replacement| {
            while let Some(one) = passed.next_if(|one| one.start <= edit.start) {
                added += one.new.len();
                removed += one.old.len();
            }
            edit.start = edit.start + added - removed;
            edit
        };
        self.edits = open.into_iter().map(moved).collect();
        self.part = Some(Landed { edits: made_edits, after: base.clone() });
        self.base = base;
    }
}

/// `edits`, planned on `base`, as one in the text `after` that came to hold them in parts.
fn as_one((base, edits): (&str, &[Replacement]), after: &str) -> Option<Landed> {
    let done = splice(edits, base).ok()?;
    let back = rebase(&invert(edits), Some(&done), after).ok()?;
    Some(Landed { edits: invert(&back), after: after.to_owned() })
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
