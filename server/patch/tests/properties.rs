//! Properties: a patch made from two texts leads from one to the other, and no text makes the parser or planner panic.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use glossator_patch::{
    ChangeKind, Chunk, ChunkLine, Current, Event, Files, Found, Operation, Options, Patch, Plan, Problem,
    Stream, parse, plan,
};
use glossator_text::{Base, FileFormat, diff_lines, text_hash, unified_diff};
use proptest::prelude::*;

/// Every path is the same file.
struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn find(&self, _: &str) -> Result<Found, String> {
        let text = self.0.to_owned();
        let current =
            Current { base: Base::Disk { hash: text_hash(&text) }, format: FileFormat::of_text(&text), text };
        Ok(Found { path: PathBuf::from("/w/f"), current: Some(current) })
    }
}

fn planned(before: &str, patch: &str) -> Result<Plan, Vec<Problem>> {
    parse(patch).and_then(|patch| plan(&patch, &OneFile(before), &Options { overwrite: true }))
}

fn applied(before: &str, patch: &str) -> Result<String, String> {
    let plan = planned(before, patch)
        .map_err(|problems| problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())?;
    match &plan.change.files[..] {
        [] => Ok(before.to_owned()),
        [file] => Ok(file.action.apply(Some(before))?.unwrap()),
        files => Err(format!("{files:?}")),
    }
}

/// Lines that stand only once, some indented, some blank next to one that is not.
fn unique_lines(mark: char) -> impl Strategy<Value = Vec<String>> {
    let indent = prop::sample::select(vec!["", "  ", "    ", "\t", "--", "++", "@@ ", "*** "]);
    prop::collection::vec(indent, 0..30).prop_map(move |indents| {
        indents.iter().enumerate().map(|(at, indent)| format!("{indent}{mark}{at} é")).collect()
    })
}

/// What becomes of each line of the text before.
#[derive(Debug, Clone)]
enum Fate {
    Keep,
    Remove,
    Replace,
    InsertAfter(usize),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Keep), 1 => Just(Fate::Remove), 1 => Just(Fate::Replace), 1 => (1..4_usize).prop_map(Fate::InsertAfter)]
}

fn edited(lines: &[String], fates: &[Fate]) -> Vec<String> {
    let mut out = Vec::new();
    let new = |at: usize, n: usize| format!("  new {at} {n}");
    for (at, line) in lines.iter().enumerate() {
        match &fates[at % fates.len()] {
            Fate::Keep => out.push(line.clone()),
            Fate::Remove => {}
            Fate::Replace => out.push(new(at, 0)),
            Fate::InsertAfter(count) => {
                out.push(line.clone());
                out.extend((0..*count).map(|n| new(at, n)));
            }
        }
    }
    out
}

fn joined(lines: &[String], ending: &str, final_newline: bool) -> String {
    let mut text = lines.join(ending);
    if final_newline && !lines.is_empty() {
        text += ending;
    }
    text
}

/// The patch as a model would write it: a chunk per change with `around` lines of context.
fn native(before: &[String], after: &[String], around: usize) -> Vec<String> {
    let hunks = diff_lines(&joined(before, "\n", true), &joined(after, "\n", true));
    let chunk = |hunk: glossator_text::LineHunk| {
        let start = hunk.old.start.saturating_sub(around);
        let end = (hunk.old.end + around).min(before.len());
        let mut chunk = "@@\n".to_owned();
        let mut push =
            |sign: char, lines: &[String]| lines.iter().for_each(|line| chunk += &format!("{sign}{line}\n"));
        push(' ', &before[start..hunk.old.start]);
        push('-', &before[hunk.old.clone()]);
        push('+', &after[hunk.new]);
        push(' ', &before[hunk.old.end..end]);
        chunk
    };
    hunks.into_iter().map(chunk).collect()
}

/// Small texts with many equal lines.
fn repetitive() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["", "a", "b", " a", "}", "-- x", "++ y", "@@", "\\ z", "é"]);
    (prop::collection::vec(line, 0..25), any::<bool>()).prop_map(|(lines, newline)| {
        let text = lines.join("\n");
        if newline && !text.is_empty() { text + "\n" } else { text }
    })
}

/// Text that is close enough to a patch to get far into the parser.
fn nearly_a_patch() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "*** Begin Patch\n",
        "*** End Patch\n",
        "*** Update File: f\n",
        "*** Add File: f\n",
        "*** Delete File: f\n",
        "*** Move to: g\n",
        "*** End of File\n",
        "@@\n",
        "@@ a\n",
        "@@ -1,3 +1,2 @@ a\n",
        "@@ -99999999999999999999 +1 @@\n",
        "--- a/f\n",
        "+++ b/f\n",
        "--- /dev/null\n",
        "+++ /dev/null\n",
        "diff --git a/f b/g\n",
        "rename from f\n",
        "rename to g\n",
        "new file mode 1\n",
        "\\ No newline at end of file\n",
        "<<<<<<< SEARCH\n",
        "=======\n",
        ">>>>>>> REPLACE\n",
        "f\n",
        "```\n",
        "cat <<EOF\n",
        "EOF\n",
        "\n",
        " a\n",
        "-a\n",
        "+a\n",
        "+é\n",
        " \n",
        "-\n",
        "+\n",
        "-}\n",
        "\r",
        "\r\n",
        "\u{feff}",
        "é\n",
        "\"a/\\303\n",
        "<<",
        "*** \n",
        "--- \n",
        "+++ \n",
        "-- \n",
    ]);
    let free = "\\PC{0,6}\n?";
    let piece = prop_oneof![8 => piece.prop_map(str::to_owned), 1 => free.prop_map(String::from)];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// A text, and a patch of lines that were taken from it and written a little differently.
fn written_carelessly() -> impl Strategy<Value = (String, String)> {
    const LINES: [&str; 18] = [
        "",
        "a",
        "b",
        " a",
        "  a",
        "\ta",
        "}",
        "a b",
        "a\u{a0}b",
        "f(a, b)",
        "f( a,b )",
        "“q”",
        "\"q\"",
        "x — y",
        "class A:",
        "  def f():",
        "    return 1",
        "c\u{200b}",
    ];
    let line = || prop::sample::select(LINES.to_vec());
    let change = prop::collection::vec((0..8_u8, line()), 5);
    let chunk = (0..30_usize, 1..5_usize, change, prop::option::of(0..30_usize), any::<bool>());
    let lines = prop::collection::vec(line(), 1..30);
    let ending = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    (lines, ending, any::<bool>(), prop::collection::vec(chunk, 1..4)).prop_map(
        |(lines, ending, newline, chunks)| {
            let text = lines.join(ending) + if newline { ending } else { "" };
            let mut patch = String::from("*** Update File: f\n");
            for (start, len, changes, context, at_end) in chunks {
                let start = start % lines.len();
                let context = context.map_or("", |context| lines[context % lines.len()]);
                patch += &format!("@@ {context}\n");
                for (line, (change, other)) in lines.iter().skip(start).take(len).zip(changes) {
                    let plain = line.replace(['“', '”'], "\"").replace('—', "-").replace('\u{a0}', " ");
                    patch += &match change {
                        0 => format!("-{line}\n"),
                        1 => format!("-{line}\n+{other}\n"),
                        2 => format!(" {line}\n+{other}\n"),
                        3 => format!("+{other}\n {line}\n"),
                        4 => format!(" {}\n", line.trim()),
                        5 => format!("-{plain}\n+{other}\n"),
                        _ => format!(" {line}\n"),
                    };
                }
                patch += if at_end { "*** End of File\n" } else { "" };
            }
            (text, patch)
        },
    )
}

/// What is left of a line without white space and typography.
fn bare(line: &str) -> String {
    let plain = line.replace(['“', '”'], "\"").replace('—', "-");
    plain.chars().filter(|char| !char.is_whitespace() && *char != '\u{200b}').collect()
}

/// The lines of a text without line breaks. A blank line at the end of a text that ends without a line break is none.
fn solid_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = glossator_text::lines(text).map(glossator_text::line_content).collect();
    while lines.pop_if(|line| line.is_empty()).is_some() {}
    lines
}

/// How often each line stands there.
fn counted<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, isize> {
    let mut counts = BTreeMap::new();
    lines.iter().for_each(|line| *counts.entry(*line).or_default() += 1);
    counts
}

type Streamed = (Vec<Event>, Result<Patch, Vec<Problem>>);

/// The patch pushed in pieces that end before the characters at `cuts` (as far as there are so many).
fn streamed(text: &str, cuts: &[usize]) -> Streamed {
    let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let mut cuts: Vec<usize> = cuts.iter().filter_map(|cut| borders.get(*cut).copied()).collect();
    cuts.sort_unstable();
    let mut stream = Stream::new();
    let mut events = Vec::new();
    let mut done = 0;
    for cut in cuts.into_iter().chain([text.len()]) {
        events.extend(stream.push(&text[done..cut]));
        done = cut;
    }
    (events, stream.finish())
}

/// What a whole patch would tell, apart from its last lines; a patch with several sections for a file tells each.
fn told(patch: &Patch) -> Vec<Event> {
    let mut events = Vec::new();
    for file in &patch.files {
        let (change, move_to) = match &file.operation {
            Operation::Add { .. } => (ChangeKind::Add, None),
            Operation::Delete { .. } => (ChangeKind::Delete, None),
            Operation::Update { move_to: None, .. } => (ChangeKind::Update, None),
            Operation::Update { move_to, .. } => (ChangeKind::Move, move_to.clone()),
        };
        events.push(Event::File { path: file.path.clone(), change, move_to });
        let count = |chunk: &Chunk, wanted: fn(&ChunkLine) -> bool| {
            chunk.lines.iter().filter(|line| wanted(line)).count()
        };
        match &file.operation {
            Operation::Add { text } if !text.is_empty() => {
                events.push(Event::Chunk { added: text.matches('\n').count(), removed: 0 });
            }
            Operation::Update { chunks, .. } => events.extend(chunks.iter().map(|chunk| Event::Chunk {
                added: count(chunk, |line| matches!(line, ChunkLine::Add(_))),
                removed: count(chunk, |line| matches!(line, ChunkLine::Remove(_))),
            })),
            Operation::Add { .. } | Operation::Delete { .. } => {}
        }
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn native_patches_lead_to_the_text(
        before in unique_lines('l'),
        fates in prop::collection::vec(fate(), 1..30),
        around in 1..4_usize,
        backwards in any::<bool>(),
        ending in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        final_newline in any::<bool>(),
    ) {
        let after = edited(&before, &fates);
        if before == after {
            return Ok(());
        }
        // A text of one line without a line break has no line ending to keep.
        let ending = if before.len() == 1 && !final_newline { "\n" } else { ending };
        let mut chunks = native(&before, &after, around);
        if backwards {
            chunks.reverse();
        }
        let patch = format!("*** Begin Patch\n*** Update File: f\n{}*** End Patch", chunks.concat());
        let found = applied(&joined(&before, ending, final_newline), &patch);
        prop_assert_eq!(found, Ok(joined(&after, ending, final_newline)), "{}", patch);
    }

    #[test]
    fn unified_diffs_lead_to_the_text(before in repetitive(), after in repetitive()) {
        if before == after {
            return Ok(());
        }
        let patch = unified_diff("f", Some(&before), Some(&after));
        prop_assert_eq!(applied(&before, &patch), Ok(after), "{}", patch);
    }

    #[test]
    fn only_named_lines_change((before, patch) in written_carelessly()) {
        let Ok(after) = applied(&before, &patch) else { return Ok(()) };
        let named = |sign: char| patch.lines().filter_map(|line| line.strip_prefix(sign)).map(bare).collect::<Vec<_>>();
        let (removed, added) = (named('-'), named('+'));
        let (was, is) = (solid_lines(&before), solid_lines(&after));
        let (often, now) = (counted(&was), counted(&is));
        for line in often.keys().chain(now.keys()).filter(|line| !line.is_empty()) {
            let more = now.get(line).unwrap_or(&0) - often.get(line).unwrap_or(&0);
            prop_assert!(more >= 0 || removed.contains(&bare(line)), "{:?} went\n{}{:?}", line, patch, before);
            prop_assert!(more <= 0 || added.contains(&bare(line)), "{:?} came\n{}{:?}", line, patch, before);
        }
        // What stays has its order and its bytes.
        let stays = |lines: Vec<&str>| -> Vec<String> {
            let unnamed = |line: &&str| !removed.contains(&bare(line)) && !added.contains(&bare(line));
            lines.into_iter().filter(|line| !line.is_empty()).filter(unnamed).map(str::to_owned).collect()
        };
        prop_assert_eq!(stays(was), stays(is), "{}{:?}", patch, before);
    }

    #[test]
    fn no_text_panics(patch in nearly_a_patch(), before in repetitive()) {
        match planned(&before, &patch) {
            Ok(plan) => for file in &plan.change.files {
                file.action.apply(Some(&before)).unwrap();
            },
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }

    #[test]
    fn no_free_text_panics(patch in any::<String>(), before in any::<String>()) {
        let _ = planned(&before, &patch);
        let _ = planned(&before, &format!("*** Update File: f\n{patch}"));
    }

    #[test]
    fn streams_are_cut_anywhere(
        patch in prop_oneof![4 => nearly_a_patch(), 1 => any::<String>()],
        cuts in prop::collection::vec(0..300_usize, 0..40),
    ) {
        let whole = streamed(&patch, &[]);
        prop_assert_eq!(&whole.1, &parse(&patch));
        prop_assert_eq!(&streamed(&patch, &cuts), &whole);
        let every: Vec<usize> = (0..patch.len()).collect();
        prop_assert_eq!(&streamed(&patch, &every), &whole);
    }

    #[test]
    fn streams_tell_what_the_patch_says(
        before in unique_lines('l'),
        fates in prop::collection::vec(fate(), 1..30),
        others in prop::collection::vec(0..5_usize, 0..5),
    ) {
        let mut patch = String::from("*** Begin Patch\n");
        for (at, other) in others.iter().enumerate() {
            patch += &match other {
                0 => format!("*** Delete File: d{at}\n"),
                1 => format!("*** Add File: a{at}\n+x\n\n+y\n"),
                2 => format!("*** Add File: a{at}\n"),
                3 => format!("*** Update File: u{at}\n*** Move to: m{at}\n"),
                _ => format!("*** Update File: f{at}\n{}+x\n", native(&before, &edited(&before, &fates), 1).concat()),
            };
        }
        patch += "*** End Patch\n";
        let (events, made) = streamed(&patch, &[]);
        if others.is_empty() {
            prop_assert!(made.is_err());
        } else {
            prop_assert_eq!(events, told(&made.unwrap()));
        }
    }
}
