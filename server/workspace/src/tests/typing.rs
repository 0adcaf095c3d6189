//! A user who types without end in the buffer that is being patched: no key is lost, and every patch is made or refused.

use super::support::opening;
use crate::{Change, Editor, EditorEdit, EditorRefusal, Outcome, Overlay, Roots, Workspace};
use futures::future::BoxFuture;
use glossator_text::{
    Action, ChangeSet, FileChange, Position, PositionEncoding, Range, Replacement, byte_range, position_at,
};
use parking_lot::{Mutex, RwLock};
use ropey::Rope;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

const ENCODING: PositionEncoding = PositionEncoding::Utf16;
const URI: &str = "file:///typed";
const LINES: usize = 12;
const PATCHES: usize = 14;

/// Numbers that are the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What goes from the editor to the server, in this order.
enum Message {
    Changed(i32, Vec<Change>),
    Answer(oneshot::Sender<Result<(), EditorRefusal>>, Result<(), EditorRefusal>),
}

/// An editor that does exactly what it is told, and whose messages take their time.
struct Typist {
    text: Mutex<(Rope, i32)>,
    wire: mpsc::UnboundedSender<(Instant, Message)>,
    latency: Duration,
}

impl Typist {
    /// The buffer changes, and that is reported.
    fn change(&self, state: &mut (Rope, i32), changes: Vec<Change>) {
        for change in &changes {
            match change.range {
                None => state.0 = Rope::from_str(&change.text),
                Some(range) => {
                    let bytes = byte_range(&state.0, range, ENCODING);
                    let mut text = state.0.to_string();
                    text.replace_range(bytes, &change.text);
                    state.0 = Rope::from_str(&text);
                }
            }
        }
        state.1 += 1;
        self.send(Message::Changed(state.1, changes));
    }

    fn send(&self, message: Message) {
        self.wire.send((Instant::now() + self.latency, message)).unwrap();
    }

    /// A key that can be told from all others, at a place where a cursor can stand.
    fn type_at(&self, line: usize, random: &mut Random, key: &str) {
        let mut state = self.text.lock();
        let line = line.min(state.0.len_lines() - 1);
        let (start, length) = (state.0.line_to_byte(line), state.0.line(line).len_bytes());
        let text = state.0.to_string();
        let wanted = start + random.below(length + 1);
        // Not inside another key.
        let at = (wanted..=text.len()).find(|&at| text.is_char_boundary(at) && !inside_key(&text[..at]));
        let place = position_at(&state.0, at.unwrap(), ENCODING);
        let change = match random.below(20) {
            // Some editors, and formatters, send all of it.
            0 => {
                let mut text = text.clone();
                text.insert_str(at.unwrap(), key);
                Change { range: None, text }
            }
            _ => Change { range: Some(Range { start: place, end: place }), text: key.to_owned() },
        };
        self.change(&mut state, vec![change]);
    }
}

fn inside_key(before: &str) -> bool {
    before.rfind('‹') > before.rfind('›')
}

impl Editor for Typist {
    fn apply(&self, edit: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(async move {
            sleep(self.latency).await;
            let (told, answer) = oneshot::channel();
            let EditorEdit::Text { version, edits, .. } = edit else { panic!("{edit:?}") };
            {
                let mut state = self.text.lock();
                let fits = state.1 == version;
                if fits {
                    let changes = edits.into_iter().rev();
                    let changes = changes.map(|(range, text)| Change { range: Some(range), text }).collect();
                    self.change(&mut state, changes);
                }
                let refusal = EditorRefusal { reason: "document has changed".to_owned(), stale: true };
                self.send(Message::Answer(told, if fits { Ok(()) } else { Err(refusal) }));
            }
            answer.await.unwrap()
        })
    }
}

/// How a user types.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Keys at once, and the time to the next ones.
    keys: usize,
    pause: Duration,
    latency: Duration,
    /// Of ten keys so many go into the line that is patched.
    in_the_way: usize,
}

/// What was made and refused.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    made: usize,
    undone: usize,
    refused: usize,
    keys: usize,
}

/// What an agent's patch does to a line.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Patch {
    /// A sign at its end.
    Append,
    /// A sign at its beginning.
    Prepend,
    /// A line below it.
    Below(usize),
}

/// The text, once the keys are taken out: the lines with what the patches made of them.
fn expected(made: &[(usize, Patch)]) -> String {
    let mut lines: BTreeMap<usize, (String, Vec<usize>)> =
        (0..LINES).map(|line| (line, (line_text(line), Vec::new()))).collect();
    for (line, patch) in made {
        let (text, below) = lines.get_mut(line).unwrap();
        match patch {
            Patch::Append => text.push('+'),
            Patch::Prepend => text.insert(0, '-'),
            Patch::Below(number) => below.insert(0, *number),
        }
    }
    let shown = |(text, below): &(String, Vec<usize>)| {
        let below: String = below.iter().map(|number| format!("patch {number}\n")).collect();
        format!("{text}\n{below}")
    };
    lines.values().map(shown).collect()
}

fn line_text(line: usize) -> String {
    format!("line {line}: wörds and 😀 here")
}

/// A text without its keys, and the keys.
fn without_keys(text: &str) -> (String, Vec<usize>) {
    let (mut plain, mut keys) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('‹') {
        let (key, behind) = after.split_once('›').unwrap();
        plain.push_str(before);
        keys.push(key.trim().parse().unwrap());
        rest = behind;
    }
    keys.sort_unstable();
    (plain + rest, keys)
}

/// A patch of the line `number`, planned on the text as the server knows it. None if the user broke the line's mark up.
fn plan(workspace: &Workspace, path: &std::path::Path, number: usize, patch: Patch) -> Option<FileChange> {
    let document = workspace.read_blocking(path).unwrap();
    let mark = format!("line {number}:");
    let mut start = 0;
    for line in document.text.split_inclusive('\n') {
        if line.contains(&mark) && without_whole_keys(line) {
            let content = line.strip_suffix('\n').unwrap();
            let new = match patch {
                Patch::Append => format!("{content}+\n"),
                Patch::Prepend => format!("-{content}\n"),
                Patch::Below(number) => format!("{content}\npatch {number}\n"),
            };
            let edits = vec![Replacement { start, old: line.to_owned(), new }];
            let action = Action::Update { edits, move_to: None };
            return Some(FileChange::new(path.to_path_buf(), document.base(), action, document.format));
        }
        start += line.len();
    }
    None
}

/// Whether a line holds its keys whole: some hold a line break.
fn without_whole_keys(line: &str) -> bool {
    !inside_key(line) && line.find('›').is_none_or(|end| line.find('‹').is_some_and(|start| start < end))
}

async fn run(seed: u64, pace: Pace) -> Count {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let path = root.join("typed");
    let text = expected(&[]);
    std::fs::write(&path, &text).unwrap();
    let overlay = Arc::new(Overlay::new(ENCODING));
    overlay.open(URI, opening(Some(path.clone()), 1, &text));
    let (wire, mut far) = mpsc::unbounded_channel();
    let state = Mutex::new((Rope::from_str(&text), 1));
    let typist = Arc::new(Typist { text: state, wire, latency: pace.latency });
    let roots = Arc::new(RwLock::new(Roots::new(vec![root])));
    let workspace = Workspace::new(roots, overlay.clone(), Some(typist.clone()));
    let server = overlay.clone();
    let pump = tokio::spawn(async move {
        while let Some((due, message)) = far.recv().await {
            sleep_until(due).await;
            match message {
                Message::Changed(version, changes) => server.change(URI, version, &changes).unwrap(),
                Message::Answer(told, answer) => drop(told.send(answer)),
            }
        }
    });
    let hot = Arc::new(Mutex::new(0));
    let user = tokio::spawn({
        let (typist, hot, mut random) = (typist.clone(), hot.clone(), Random(seed));
        async move {
            let mut keys = 0;
            while Arc::strong_count(&hot) > 1 {
                for _ in 0..pace.keys {
                    let line = match random.below(10) < pace.in_the_way {
                        true => line_of(&typist, *hot.lock()),
                        false => random.below(LINES * 2),
                    };
                    let line_break = if random.below(8) == 0 { "\n" } else { "" };
                    typist.type_at(line, &mut random, &format!("‹{keys}{line_break}›"));
                    keys += 1;
                }
                sleep(pace.pause).await;
            }
            keys
        }
    });
    let (mut count, made) = agent(&workspace, &path, hot, Random(seed ^ 0x5eed)).await;
    count.keys = user.await.unwrap();
    // All messages are delivered.
    let (told, heard) = oneshot::channel();
    typist.send(Message::Answer(told, Ok(())));
    heard.await.unwrap().unwrap();
    let now = typist.text.lock().0.to_string();
    assert_eq!(overlay.by_uri(URI).unwrap().text.to_string(), now, "seed {seed}: server and editor differ");
    let (plain, keys) = without_keys(&now);
    assert_eq!(keys, (0..count.keys).collect::<Vec<_>>(), "seed {seed}: keys are lost in {now}");
    assert_eq!(plain, expected(&made), "seed {seed}, {pace:?}, {made:?}: {now}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "seed {seed}: the disk is not the buffer's");
    pump.abort();
    count
}

/// The line of the text that the agent calls `number`.
fn line_of(typist: &Typist, number: usize) -> usize {
    let text = typist.text.lock().0.to_string();
    text.find(&format!("line {number}:")).map_or(0, |at| text[..at].matches('\n').count())
}

/// Patches one line after the other, and takes some of them back.
async fn agent(
    workspace: &Workspace,
    path: &std::path::Path,
    hot: Arc<Mutex<usize>>,
    mut random: Random,
) -> (Count, Vec<(usize, Patch)>) {
    let (mut count, mut made) = (Count::default(), Vec::new());
    for number in 0..PATCHES {
        let line = random.below(LINES);
        *hot.lock() = line;
        let patch = [Patch::Append, Patch::Prepend, Patch::Below(number)][random.below(3)];
        let Some(change) = plan(workspace, path, line, patch) else { continue };
        sleep(Duration::from_millis(random.below(30) as u64)).await;
        match commit(workspace, vec![change]).await {
            Ok(inverse) => {
                made.push((line, patch));
                count.made += 1;
                if random.below(3) == 0 {
                    sleep(Duration::from_millis(random.below(50) as u64)).await;
                    if commit(workspace, inverse.files).await.is_ok() {
                        made.pop();
                        count.undone += 1;
                    }
                }
            }
            Err(why) => {
                let clear = ["it changed after it was read", "the text kept changing while it was edited"];
                assert!(clear.iter().any(|part| why.contains(part)), "{why}");
                count.refused += 1;
            }
        }
    }
    (count, made)
}

async fn commit(workspace: &Workspace, files: Vec<FileChange>) -> Result<ChangeSet, String> {
    let checked = workspace.check(ChangeSet { files }).await.map_err(|problems| problems.join("\n"))?;
    let inverse = checked.inverse().clone();
    let report = checked.commit("patch").await;
    match &report.files[0].outcome {
        Outcome::Editor => Ok(inverse),
        Outcome::Failed(why) => Err(why.clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn no_key_is_lost_and_every_patch_is_made_or_refused() {
    let pace = |keys, pause, latency, in_the_way| Pace {
        keys,
        pause: Duration::from_micros(pause),
        latency: Duration::from_micros(latency),
        in_the_way,
    };
    let paces = [
        // 200 a second: near and far editors, anywhere and mostly in the patched line.
        pace(1, 5_000, 200, 0),
        pace(1, 5_000, 1_500, 3),
        pace(1, 5_000, 9_000, 3),
        pace(1, 5_000, 500, 9),
        // Bursts, as of a macro, and somebody who thinks.
        pace(40, 200_000, 1_000, 2),
        pace(3, 60_000, 20_000, 5),
    ];
    let mut all = Count::default();
    for seed in 0..24 {
        let pace = paces[usize::try_from(seed).unwrap() % paces.len()];
        let count = run(seed, pace).await;
        all.made += count.made;
        all.undone += count.undone;
        all.refused += count.refused;
        all.keys += count.keys;
    }
    // Otherwise nothing was tried.
    assert!(all.made > 50 && all.undone > 10 && all.refused > 30 && all.keys > 1_000, "{all:?}");
}

#[test]
fn keys_are_told_apart() {
    let (plain, keys) = without_keys("a‹1›b‹0\n›\nc");
    assert_eq!((plain.as_str(), keys), ("ab\nc", vec![0, 1]));
    assert!(inside_key("a‹1") && !inside_key("a‹1›") && !inside_key("a"));
    let start = Position { line: 0, character: 0 };
    assert_eq!(position_at(&Rope::from_str("😀"), 0, ENCODING), start);
}
