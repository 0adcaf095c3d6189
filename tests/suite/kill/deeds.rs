//! What is done when the kill comes: turns of every kind, and requests that change a session.

use super::random::Random;
use crate::harness::{Reply, script};
use glossator_models::scripted::sse;
use serde_json::{Value, json};
use std::time::Duration;

/// Files that edits go to, and lines of each.
pub const FILES: u64 = 6;
pub const LINES: u64 = 60;
/// The file that commands write.
pub const COMMANDS: &str = "commands.txt";

/// A hand-over as a model would write it.
const HAND_OVER: &str = "## Goal\nThe user wants the numbers to go up in all files.\n\n## State\nSome went up; nothing failed \
    until now.\n\n## Findings\nNumbers stand at the ends of lines.\n\n## Agreements\nNone.\n\n## Next\nGo on with the next.";

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A turn with this prompt.
    Turn(String),
    /// A request of this name, with more parameters than the session's id.
    Request(&'static str, Value),
}

pub fn file_name(number: u64) -> String {
    format!("src/file-{number}.txt")
}

pub fn first_text(number: u64) -> String {
    (0..LINES).map(|line| format!("file {number} line {line} v0\n")).collect()
}

pub fn hand_over() -> Reply {
    Reply::Text(HAND_OVER.to_owned())
}

/// Script functions: a patch section that counts numbers up, and one that makes a file or deletes it.
const HELPERS: &str = r"
async function bump(path, places) {
  const lines = (await tools.readFile({ path })).text.split('\n');
  const hunk = (at) => `@@\n-${lines[at]}\n+${lines[at].replace(/v(\d+)$/, (_, n) => 'v' + (Number(n) + 1))}\n`;
  return `*** Update File: ${path}\n` + places.map(hunk).join('');
}
async function flip(path) {
  const there = await tools.readFile({ path }).then(() => true, () => false);
  return there ? `*** Delete File: ${path}\n` : `*** Add File: ${path}\n+made\n+here\n`;
}
async function change(sections) {
  return await tools.applyPatch({ patch: '*** Begin Patch\n' + sections.join('') + '*** End Patch\n' });
}
";

fn places(random: &mut Random) -> String {
    let mut all: Vec<u64> = (0..=random.below(3)).map(|_| random.below(LINES)).collect();
    all.sort_unstable();
    all.dedup();
    json!(all).to_string()
}

fn edit(random: &mut Random) -> String {
    let mut files: Vec<u64> = (0..=random.below(3)).map(|_| random.below(FILES)).collect();
    files.sort_unstable();
    files.dedup();
    let mut sections: Vec<String> = files
        .into_iter()
        .map(|file| format!("await bump('{}', {})", file_name(file), places(random)))
        .collect();
    if random.one_in(4) {
        sections.push(format!("await flip('made/{}.txt')", random.below(4)));
    }
    format!("{HELPERS}\nreturn await change([{}]);", sections.join(", "))
}

fn source(random: &mut Random) -> String {
    match random.below(16) {
        0..=6 => edit(random),
        7 => format!("{}\nconsole.log('twice');\n{{ {} }}", edit(random).replace("return await change", "await change"), {
            let again = edit(random);
            again.trim_start_matches(HELPERS).replace("return await", "await")
        }),
        8 | 9 => format!("return await tools.exec({{ script: 'echo one >> {COMMANDS}; echo two >> {COMMANDS}' }});"),
        10 => "return await tools.spawn.exec({ command: ['sleep', '0.05'] });".to_owned(),
        11 => "await tools.board.post({ title: 'A note', text: 'to be seen for a while' });\nstore.set('count', \
               (store.get('count') ?? 0) + 1);"
            .to_owned(),
        12 => "await tools.updatePlan({ plan: [{ step: 'Look', status: 'completed' }, { step: 'Go on', status: \
               'in_progress' }] });\nreturn await tools.saveToFC({ text: 'long words '.repeat(2000), note: 'words' });"
            .to_owned(),
        13 => "return 'words of a long result '.repeat(900);".to_owned(),
        14 => "return (await tools.grepFiles({ pattern: 'line 7 ' })).matches.length;".to_owned(),
        _ => "return (await tools.readFile({ path: 'big.txt' })).text;".to_owned(),
    }
}

/// An answer that comes in two pieces.
fn slowly(text: &str, pause: Duration) -> Reply {
    let bytes = sse("m", &[json!({ "type": "text", "text": text })], "end_turn", 1);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    Reply::Raw { chunks: vec![(Duration::ZERO, first.to_vec()), (pause, second.to_vec())] }
}

fn answer(random: &mut Random, text: String) -> Reply {
    let pause = Duration::from_millis(5 + random.below(60));
    if random.one_in(5) { slowly(&text, pause) } else { Reply::Text(text) }
}

/// What the model answers in a turn, request by request.
pub fn answers(random: &mut Random) -> Vec<Reply> {
    let mut all = Vec::new();
    for _ in 0..=random.below(4) {
        let source = source(random);
        if random.one_in(6) {
            all.push(script(&source));
        } else {
            let text = format!("I will do it.\n\n<tool-calls>\n{source}\n</tool-calls>\n");
            all.push(answer(random, text));
        }
    }
    let last = if random.one_in(6) {
        "An answer at length, with many words. ".repeat(600)
    } else {
        "Done.".to_owned()
    };
    all.push(answer(random, last));
    all
}

/// A prompt with a word that no other has.
pub fn prompt(random: &mut Random, word: &str) -> String {
    let more =
        if random.one_in(12) { "More that the user has to say of it. ".repeat(600) } else { String::new() };
    format!("Let {word} go up.{more}")
}
