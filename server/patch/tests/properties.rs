//! Properties: a patch made from two texts leads from one to the other, and no text makes the parser or planner panic.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use glossator_patch::{Current, Files, Found, Options, Plan, Problem, parse, plan};
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
}
