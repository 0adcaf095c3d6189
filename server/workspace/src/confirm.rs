//! Editing an open buffer through the editor: send, watch the buffer, believe only its text, rebase and try again.
//! Never changes the overlay: only the editor's own reports do.

use crate::document::same_lines;
use crate::editor::{Editor, EditorEdit, EditorRefusal};
use crate::overlay::{Buffer, Overlay};
use crate::rebase::{invert, minimal, rebase, splice, touches};
use glossator_text::{PositionEncoding, Range, Replacement, byte_range, line_replacements, position_at};
use ropey::Rope;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// How often a stale edit is rebased and sent again.
const RETRIES: usize = 3;
/// How long the editor may take to answer. It may be asking its user.
const ANSWER: Duration = Duration::from_secs(30);
/// How long an edit that the editor says it made may take to be reported.
const CONFIRM: Duration = if cfg!(test) { Duration::from_millis(600) } else { Duration::from_secs(5) };
/// How long newer text is waited for after the editor called an edit stale. Neovim holds reports back for 150 ms.
const NEWER_TEXT: Duration = Duration::from_secs(2);
/// How long an edit that the editor refused may still turn up, or one that was made may follow other new text.
const GRACE: Duration = Duration::from_millis(400);

/// The two sides of an edit: the editor that is asked, and the buffers that tell whether it did.
#[derive(Clone, Copy)]
pub(crate) struct Port<'a> {
    pub(crate) overlay: &'a Overlay,
    pub(crate) editor: &'a dyn Editor,
}

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

/// One edit on its way.
struct Sent {
    version: i32,
    before: String,
    edits: Vec<Replacement>,
    expected: String,
}

enum Verdict {
    Landed,
    Stale(String),
    Refused(String),
}

/// What a buffer tells about an edit.
enum Sight {
    Closed,
    NothingNew,
    Moved,
    Landed,
}

/// Makes `edits`, planned on `base`, in the open buffer `uri`. `Err` says why the buffer does not hold them.
pub(crate) async fn edit_buffer(
    port: Port<'_>,
    uri: &str,
    (base, edits): (&str, &[Replacement]),
    label: &str,
) -> Result<Landed, String> {
    let mut last: Option<Sent> = None;
    let mut reason = String::new();
    for _ in 0..=RETRIES {
        let buffer = port.overlay.by_uri(uri).ok_or("it was closed in the editor meanwhile")?;
        let before = buffer.text.to_string();
        // What was sent before may have landed after it was given up.
        if let Some(sent) = last.take().filter(|sent| holds(sent, &before)) {
            return Ok(sent.into());
        }
        let edits = rebase(edits, Some(base), &before)?;
        let expected = splice(&edits, &before)?;
        if expected == before {
            return Ok(Landed { edits, after: before });
        }
        let sent = Sent { version: buffer.version, before, edits, expected };
        match send(port, &buffer, &sent, label).await {
            Verdict::Landed => return Ok(sent.into()),
            Verdict::Refused(why) => return Err(why),
            Verdict::Stale(why) => reason = why,
        }
        last = Some(sent);
    }
    if let (Some(sent), Some(buffer)) = (last, port.overlay.by_uri(uri)) {
        let now = buffer.text.to_string();
        if holds(&sent, &now) {
            return Ok(sent.into());
        }
    }
    Err(format!("the text kept changing while it was edited ({RETRIES} retries); the editor said: {reason}"))
}

/// Waits until `done` holds on disk, at most as long as an edit may take. What an editor does to files is not reported.
pub(crate) async fn wait_for(done: impl Fn() -> bool, said_yes: bool) -> bool {
    let deadline = Instant::now() + if said_yes { CONFIRM } else { GRACE };
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
    wait_for(|| overlay.by_path(path).is_some(), false).await;
}

/// The editor's answer to `edit`, or a refusal if there is none in time.
pub(crate) async fn ask(editor: &dyn Editor, edit: EditorEdit) -> Result<(), EditorRefusal> {
    let late = |_| EditorRefusal { reason: no_answer(), stale: false };
    tokio::time::timeout(ANSWER, editor.apply(edit)).await.map_err(late)?
}

async fn send(port: Port<'_>, buffer: &Buffer, sent: &Sent, label: &str) -> Verdict {
    let Port { overlay, editor } = port;
    let mut changed = overlay.changed();
    let edits = positioned(&buffer.text, &sent.edits, overlay.encoding());
    let request =
        EditorEdit::Text { uri: buffer.uri.clone(), version: sent.version, label: label.to_owned(), edits };
    let mut reply = editor.apply(request);
    let mut answer: Option<Result<(), EditorRefusal>> = None;
    let mut deadline = Instant::now() + ANSWER;
    let mut seen = buffer.text.clone();
    let mut moved = false;
    loop {
        changed.borrow_and_update();
        match look(overlay, &buffer.uri, sent, &mut seen) {
            Sight::Closed => return Verdict::Refused("it was closed in the editor meanwhile".to_owned()),
            Sight::Landed => return Verdict::Landed,
            Sight::Moved if !moved => {
                moved = true;
                // Other text came first. If the edit was made it follows soon, else it was stale.
                if answer.is_some() {
                    deadline = deadline.min(Instant::now() + GRACE);
                }
            }
            Sight::Moved | Sight::NothingNew => {}
        }
        tokio::select! {
            said = &mut reply, if answer.is_none() => {
                let patience = match &said {
                    _ if moved => GRACE,
                    Ok(()) => CONFIRM,
                    Err(refusal) if refusal.stale => NEWER_TEXT,
                    Err(_) => GRACE,
                };
                deadline = Instant::now() + patience;
                answer = Some(said);
            }
            _ = changed.changed() => {}
            () = sleep_until(deadline) => return verdict(answer, moved),
        }
    }
}

fn verdict(answer: Option<Result<(), EditorRefusal>>, moved: bool) -> Verdict {
    match answer {
        Some(Err(refusal)) if refusal.stale => Verdict::Stale(refusal.reason),
        Some(Err(refusal)) => Verdict::Refused(format!("the editor refused the edit: {}", refusal.reason)),
        Some(Ok(())) if moved => {
            Verdict::Stale("the edit was made, although other text came instead".to_owned())
        }
        Some(Ok(())) => Verdict::Refused(
            "the editor said it made the edit, but the buffer's text did not change; it may be read-only"
                .to_owned(),
        ),
        None => Verdict::Refused(no_answer()),
    }
}

fn no_answer() -> String {
    format!("the editor did not answer within {} seconds", ANSWER.as_secs())
}

/// What the buffer tells now; texts are compared only when there is one that was not `seen`.
fn look(overlay: &Overlay, uri: &str, sent: &Sent, seen: &mut Rope) -> Sight {
    let Some(buffer) = overlay.by_uri(uri) else {
        return Sight::Closed;
    };
    if buffer.text.is_instance(seen) {
        return Sight::NothingNew;
    }
    *seen = buffer.text;
    let now = seen.to_string();
    if holds(sent, &now) { Sight::Landed } else { Sight::Moved }
}

/// Whether `now` is the text that was expected, or that text with other changes outside the edits: it must be nearer to
/// the text with the edits than to the one without, and every edited place untouched.
fn holds(sent: &Sent, now: &str) -> bool {
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
