//! One text edit on its way to an open buffer: sent once, and watched until the buffer holds it or cannot any more.
//! Believes only the buffer's text. Never sends again; that is `confirm`'s.

use crate::asking::{Asking, Patience, Port};
use crate::editor::{EditorEdit, EditorRefusal};
use crate::files::blocking;
use crate::on_disk::{read_disk, same_lines};
use crate::overlay::{Buffer, Overlay};
use crate::rebase::{invert, minimal, splice, touches};
use glossator_text::{PositionEncoding, Range, Replacement, byte_range, line_replacements, position_at};
use ropey::Rope;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// How long an edit that the editor says it made may take to be reported.
pub(crate) const CONFIRM: Duration =
    if cfg!(test) { Duration::from_millis(600) } else { Duration::from_secs(5) };
/// How long newer text is waited for after the editor called an edit stale. Neovim holds reports back for 150 ms.
const NEWER_TEXT: Duration = Duration::from_secs(2);
/// How long an edit that the editor refused may still turn up, or one that was made may follow other new text.
pub(crate) const GRACE: Duration = Duration::from_millis(400);
/// How long an edit that was not answered is watched for after it was given up.
pub(crate) const WATCH: Duration = Duration::from_secs(600);

/// The editor's answer, on a task of its own: it goes on when nobody waits for it.
pub(crate) type Reply = JoinHandle<Result<(), EditorRefusal>>;

/// An edit that a buffer holds.
pub(crate) struct Landed {
    /// The edits as they were sent, on the text they were sent for.
    pub(crate) edits: Vec<Replacement>,
    /// That text with the edits. The buffer may hold more: what was typed meanwhile.
    pub(crate) after: String,
}

impl From<Sent> for Landed {
    fn from(sent: Sent) -> Landed {
        Landed { edits: sent.edits, after: sent.expected }
    }
}

/// One edit, and the texts before and after.
pub(crate) struct Sent {
    pub(crate) before: String,
    pub(crate) edits: Vec<Replacement>,
    pub(crate) expected: String,
}

/// What became of an edit as far as can be told when the waiting ends.
pub(crate) enum Verdict {
    Landed,
    /// Not made, and worth trying on newer text.
    Stale(String),
    /// Not made.
    Refused(String),
    /// May be made yet.
    Unknown(String),
}

/// What a buffer tells about an edit.
enum Sight {
    Closed,
    NothingNew,
    Moved,
    Landed,
}

/// An edit on its way.
pub(crate) struct Flight {
    overlay: Arc<Overlay>,
    uri: String,
    path: Option<PathBuf>,
    sent: Sent,
    reply: Reply,
    answer: Option<Result<(), EditorRefusal>>,
    changed: watch::Receiver<u64>,
    seen: Rope,
    /// Other text came first. If the edit was made it follows soon, else it was stale.
    moved: bool,
    /// The buffer is closed, for now: an editor that reloads a file may close and open it.
    closed: bool,
}

impl Flight {
    /// Sends the edit to the editor of `buffer`.
    pub(crate) fn start(port: &Port, buffer: &Buffer, sent: Sent) -> Flight {
        let changed = port.overlay.changed();
        let edit = EditorEdit::Text {
            uri: buffer.uri.clone(),
            version: buffer.version,
            label: port.asking.label.clone(),
            edits: positioned(&buffer.text, &sent.edits, port.overlay.encoding()),
        };
        let (uri, path, seen) = (buffer.uri.clone(), buffer.path.clone(), buffer.text.clone());
        let (overlay, reply) = (port.overlay.clone(), send(port, edit));
        Flight { overlay, uri, path, sent, reply, answer: None, changed, seen, moved: false, closed: false }
    }

    /// Watches the buffer until something is certain, or for as long as `asking` has it.
    pub(crate) async fn wait(&mut self, asking: &Asking) -> Verdict {
        let whole = asking.deadline();
        let mut deadline = whole;
        loop {
            self.changed.borrow_and_update();
            let sight = self.look();
            if self.closed && !matches!(sight, Sight::Closed) {
                self.closed = false;
                deadline = if self.answer.is_some() { Instant::now() + GRACE } else { whole };
            }
            match sight {
                Sight::Landed => return Verdict::Landed,
                Sight::Closed if !self.closed => {
                    self.closed = true;
                    deadline = deadline.min(Instant::now() + GRACE);
                }
                Sight::Moved if !self.moved => {
                    self.moved = true;
                    if self.answer.is_some() {
                        deadline = deadline.min(Instant::now() + GRACE);
                    }
                }
                Sight::Closed | Sight::Moved | Sight::NothingNew => {}
            }
            tokio::select! {
                said = &mut self.reply, if self.answer.is_none() => {
                    let said = said.unwrap_or_else(|_| Err(broken()));
                    deadline = Instant::now() + self.time_after(&said);
                    self.answer = Some(said);
                }
                _ = self.changed.changed() => {}
                () = asking.stopped() => break,
                () = sleep_until(deadline) => break,
            }
        }
        if self.closed { self.verdict_of_closed().await } else { self.verdict(asking) }
    }

    /// Watches on after an unknown outcome: the edit, if the buffer comes to hold it.
    pub(crate) async fn late(mut self) -> Option<Landed> {
        // An answer that came already is followed by its edit soon, as far as that can be seen.
        let soon = self.answer.is_some() && !self.is_out_of_step();
        let patience = Patience { answer: if soon { CONFIRM } else { WATCH } };
        let verdict = self.wait(&Asking::new(String::new(), patience, CancellationToken::new())).await;
        let made = match verdict {
            Verdict::Landed => true,
            // The buffer cannot be seen, so the editor's word is all there is.
            Verdict::Unknown(_) => matches!(self.answer, Some(Ok(()))),
            Verdict::Stale(_) | Verdict::Refused(_) => false,
        };
        made.then(|| self.sent.into())
    }

    pub(crate) fn into_sent(self) -> Sent {
        self.sent
    }

    /// How long the buffer is watched after an answer.
    fn time_after(&self, said: &Result<(), EditorRefusal>) -> Duration {
        match said {
            _ if self.moved || self.closed => GRACE,
            Ok(()) => CONFIRM,
            Err(refusal) if refusal.stale => NEWER_TEXT,
            Err(_) => GRACE,
        }
    }

    fn verdict(&self, asking: &Asking) -> Verdict {
        match &self.answer {
            Some(Err(refusal)) if refusal.stale => Verdict::Stale(refusal.reason.clone()),
            Some(Err(refusal)) => {
                Verdict::Refused(format!("the editor refused the edit: {}", refusal.reason))
            }
            None => Verdict::Unknown(asking.no_answer()),
            Some(Ok(())) if self.is_out_of_step() => Verdict::Unknown(
                "the editor said it made the edit, but its changes of the buffer could not be followed; \
                 close and reopen it there"
                    .to_owned(),
            ),
            Some(Ok(())) if asking.is_stopped() => {
                Verdict::Unknown("it was stopped before the editor reported the edit".to_owned())
            }
            Some(Ok(())) if self.moved => {
                Verdict::Stale("the edit was made, although other text came instead".to_owned())
            }
            Some(Ok(())) => Verdict::Refused(
                "the editor said it made the edit, but the buffer's text did not change; it may be read-only"
                    .to_owned(),
            ),
        }
    }

    /// What can be told of an edit whose buffer is gone: only what was saved of it counts.
    async fn verdict_of_closed(&self) -> Verdict {
        let closed = "it was closed in the editor meanwhile";
        let why = match &self.answer {
            None => return Verdict::Unknown(format!("{closed}, before the editor answered")),
            Some(Err(_)) => return Verdict::Refused(closed.to_owned()),
            Some(Ok(())) => format!("{closed}, and the edit was not saved"),
        };
        let Some(path) = self.path.clone() else { return Verdict::Refused(why) };
        match blocking(move || read_disk(&path)).await {
            Ok(Ok(file)) if holds(&self.sent, &file.text) => Verdict::Landed,
            _ => Verdict::Refused(why),
        }
    }

    fn is_out_of_step(&self) -> bool {
        self.overlay.by_uri(&self.uri).is_some_and(|buffer| buffer.out_of_step)
    }

    /// What the buffer tells now; texts are compared only when there is one that was not seen.
    fn look(&mut self) -> Sight {
        let Some(buffer) = self.overlay.by_uri(&self.uri) else {
            return Sight::Closed;
        };
        if buffer.out_of_step || buffer.text.is_instance(&self.seen) {
            return Sight::NothingNew;
        }
        self.seen = buffer.text;
        let now = self.seen.to_string();
        if holds(&self.sent, &now) { Sight::Landed } else { Sight::Moved }
    }
}

/// Asks the editor.
pub(crate) fn send(port: &Port, edit: EditorEdit) -> Reply {
    let editor = port.editor.clone();
    tokio::spawn(async move { editor.apply(edit).await })
}

/// What counts as the answer where asking broke off.
pub(crate) fn broken() -> EditorRefusal {
    EditorRefusal { reason: "asking the editor was broken off".to_owned(), stale: false }
}

/// Whether `now` is the text that was expected, or that text with other changes outside the edits: it must be nearer to
/// the text with the edits than to the one without, and every edited place untouched.
pub(crate) fn holds(sent: &Sent, now: &str) -> bool {
    // An editor may give the whole text its own line endings; an edit of line endings must be found as it is.
    let alike = same_lines(now, &sent.expected) && !same_lines(now, &sent.before);
    if now == sent.expected || alike {
        return true;
    }
    let typed = line_replacements(&sent.expected, now);
    let cost =
        |changes: &[Replacement]| changes.iter().map(|one| one.old.len() + one.new.len()).sum::<usize>();
    if cost(&typed) >= cost(&line_replacements(&sent.before, now)) {
        return false;
    }
    let edited = invert(&sent.edits);
    let untouched = |edit: &Replacement| {
        let place = edit.start..edit.start + edit.old.len();
        typed.iter().all(|change| !touches(change, &place))
    };
    edited.iter().all(untouched)
}

/// Edits in the editor's positions. Falls back to one edit of the whole text where a border cannot be expressed, as
/// between the two characters of a line break.
pub(crate) fn positioned(
    text: &Rope,
    edits: &[Replacement],
    encoding: PositionEncoding,
) -> Vec<(Range, String)> {
    let place = |start: usize, end: usize| {
        let range =
            Range { start: position_at(text, start, encoding), end: position_at(text, end, encoding) };
        (byte_range(text, range, encoding) == (start..end)).then_some(range)
    };
    let exact: Option<Vec<(Range, String)>> = minimal(edits)
        .into_iter()
        .map(|edit| Some((place(edit.start, edit.start + edit.old.len())?, edit.new)))
        .collect();
    exact.unwrap_or_else(|| {
        let whole = Range {
            start: position_at(text, 0, encoding),
            end: position_at(text, text.len_bytes(), encoding),
        };
        let after = splice(edits, &text.to_string()).unwrap_or_else(|_| text.to_string());
        vec![(whole, after)]
    })
}
