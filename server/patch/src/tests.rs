//! Tests of the pure parts that the cases do not reach by name: matching keys, indentation, paths, speed.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use glossator_text::{Base, FileFormat, text_hash};

use proptest::prelude::*;

use crate::find::Search;
use crate::indent::reindented;
use crate::lines::{PASSES, Pass, fingerprint, longest_word};
use crate::view::View;
use crate::*;

struct OneFile(String);

impl Files for OneFile {
    fn find(&self, path: &str) -> Result<Found, String> {
        let text = self.0.clone();
        let current =
            Current { base: Base::Disk { hash: text_hash(&text) }, format: FileFormat::of_text(&text), text };
        Ok(Found { path: PathBuf::from(path), current: Some(current) })
    }
}

#[test]
fn passes_forgive_more_and_more() {
    use Pass::{Exact, Indentation, InnerSpace, Punctuation, TrailingSpace};
    // (line of the patch, line of the file, first pass in which they are the same)
    let cases = [
        ("a b", "a b", Some(Exact)),
        ("a", "a \t", Some(TrailingSpace)),
        ("a", " a", Some(Indentation)),
        ("it's", "it\u{2019}s", Some(Punctuation)),
        ("- - -", "\u{2013} \u{2014} \u{2212}", Some(Punctuation)),
        ("a b", "a\u{a0}b", Some(Punctuation)),
        ("f(a,b)", "f( a, b )", Some(InnerSpace)),
        ("a  b", "a b", Some(InnerSpace)),
        ("ab", "a b", None),
        ("a", "A", None),
    ];
    for (patch, file, expected) in cases {
        let found = crate::lines::PASSES.into_iter().find(|pass| pass.key(patch) == pass.key(file));
        assert_eq!(found, expected, "{patch:?} {file:?}");
    }
}

#[test]
fn added_lines_take_the_indentation_around_them() {
    // (old line of the patch, the file's, indentation of the added line, expected, file uses tabs elsewhere)
    let cases = [
        ("a", "    a", "", "    ", false),
        ("a", "    a", "  ", "      ", false),
        ("a", "\ta", "    ", "\t\t", false),
        ("    a", "\ta", "        ", "\t\t", false),
        ("  a", "\ta", "    ", "\t\t", false),
        ("  a", "\ta", "", "", false),
        ("\ta", "    a", "\t\t", "        ", false),
        ("\ta", "  a", "\t\t", "    ", false),
        ("    a", "a", "    ", "", true),
        ("    a", "a", "        ", "\t", true),
        ("        a", "    a", "    ", "", false),
        ("        a", "    a", "", "", false),
    ];
    for (patch, file, space, expected, tabs) in cases {
        let lines = [ChunkLine::Keep(patch.into()), ChunkLine::Add(format!("{space}x"))];
        let found = reindented(&lines, &[file], tabs);
        assert_eq!(found[1], ChunkLine::Add(format!("{expected}x")), "{patch:?} {file:?} {space:?}");
    }
}

#[test]
fn paths_are_read_as_written() {
    let cases = [
        ("*** Delete File:  a b.txt ", "a b.txt"),
        ("diff --git a/x y b/x y\ndeleted file mode 100644", "x y"),
        ("--- a/x b/y\t2026\n+++ /dev/null\n@@ -1 +0,0 @@\n-a", "x b/y"),
        ("--- \"a/\\ttab\\\\\"\n+++ /dev/null\n@@ -1 +0,0 @@\n-a", "\ttab\\"),
    ];
    for (text, path) in cases {
        let patch = parse(text).unwrap();
        let [FilePatch { path: found, operation: Operation::Delete { .. } }] = &patch.files[..] else {
            panic!("{text:?}: {patch:?}")
        };
        assert_eq!(found, path, "{text:?}");
    }
}

/// Plans `patch` over a file of `lines` lines and returns what came out; fails when it takes unreasonably long.
fn timed(text: String, patch: &str) -> Result<Plan, Vec<Problem>> {
    let started = Instant::now();
    let patch = parse(patch).unwrap();
    let result = plan(&patch, &OneFile(text), &Options::default());
    // A debug build on a busy machine needs a second or two; anything quadratic needs minutes.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    result
}

#[test]
fn long_chunks_are_indented_fast() {
    let text: String = (0..20_000).map(|n| format!("\tline {n}\n")).collect();
    let line = |n: usize| format!(" line {n}\n+  new {n}\n");
    let patch: String =
        std::iter::once("*** Update File: f\n".to_owned()).chain((0..20_000).map(line)).collect();
    let planned = timed(text, &patch).unwrap();
    assert_eq!(planned.files[0].added, 20_000);
}

#[test]
fn long_files_are_planned_fast() {
    let text: String = (0..100_000).map(|n| format!("    line number {n}\n")).collect();
    let chunk = |n: usize| format!("@@\n     line number {n}\n-    line number {}\n+    new {n}\n", n + 1);
    let chunks: String = (0..100).map(|n| chunk(n * 990)).collect();
    let plan = timed(text, &format!("*** Update File: f\n{chunks}")).unwrap();
    assert_eq!((plan.files[0].added, plan.files[0].removed, plan.files[0].hunks.len()), (100, 100, 100));
}

#[test]
fn long_files_of_equal_lines_are_refused_fast() {
    let text = "    x\n".repeat(100_000);
    let chunk = format!("{}-    y\n", "     x\n".repeat(5_000));
    let problems = timed(text.clone(), &format!("*** Update File: f\n{chunk}")).unwrap_err();
    assert!(problems[0].message.contains("not in the file"), "{}", problems[0]);
    let chunk = format!("@@ x\n@@ x\n{}+    y\n", "     x\n".repeat(5_000));
    let problems = timed(text, &format!("*** Update File: f\n{chunk}")).unwrap_err();
    assert!(problems[0].message.contains("95001 places"), "{}", problems[0]);
}

/// Lines that some pass takes for equal.
const ALIKE: [&str; 12] = [
    "",
    " ",
    "}",
    " }",
    "a b",
    "a  b",
    "a\u{a0}b",
    "f(a,b)",
    "f( a, b )",
    "“q” — x",
    "\"q\" - x",
    "w\u{200b}ord",
];

proptest! {
    #[test]
    fn every_way_of_searching_finds_the_same(
        kinds in 1..ALIKE.len(),
        first in 0..ALIKE.len(),
        places in prop::collection::vec(0..100_usize, 1..700),
        (start, len) in (0..700_usize, 1..5_usize),
        other in 0..12_usize,
    ) {
        let line = |place: usize| ALIKE[(first + place % kinds) % ALIKE.len()];
        let lines: Vec<&str> = places.iter().map(|place| line(*place)).collect();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let mut wanted: Vec<&str> = lines.iter().copied().cycle().skip(start % lines.len()).take(len).collect();
        if other < len {
            wanted[other] = ALIKE[other];
        }
        let view = View::new(&text);
        for pass in PASSES {
            let same = |(a, b): (&&str, &&str)| pass.key(a) == pass.key(b);
            let naive = |at: &usize| {
                at + wanted.len() <= lines.len() && lines[*at..].iter().zip(&wanted).all(same)
            };
            let expected: Vec<usize> = (0..lines.len()).filter(naive).collect();
            let keys: Vec<_> = wanted.iter().map(|line| pass.key(line)).collect();
            prop_assert_eq!(&view.find_keys(pass, &keys), &expected);
            // The first searches go through the text itself, the later ones by an index.
            for _ in 0..3 {
                prop_assert_eq!(&Search::new(&view, &wanted).find(pass), &expected, "{:?}", wanted);
            }
            view.index();
        }
    }

    #[test]
    fn equal_lines_have_equal_fingerprints_and_share_their_word(a in "[ab_ \\t\u{a0}\u{2014}\u{2019}('.-]{0,24}", b in 0..5_usize) {
        let spaced = |char: char| format!("{}{char}{}", " ".repeat(b), if b > 2 { "\t" } else { "" });
        let wide: String = a.chars().map(spaced).collect();
        for line in [a.trim().to_owned(), format!("\t{a} "), a.replace('\u{2014}', "-"), a.replace('\u{a0}', " "), wide] {
            if Pass::InnerSpace.key(&a) == Pass::InnerSpace.key(&line) {
                prop_assert_eq!(fingerprint(&a), fingerprint(&line), "{:?} {:?}", a, line);
                prop_assert!(line.contains(longest_word(&a)), "{:?} {:?}", a, line);
            }
        }
    }
}

#[test]
fn fingerprints_tell_lines_apart() {
    let mut seen = std::collections::HashSet::new();
    let lines = (0..50_000).flat_map(|n| {
        [format!("    let value_{n} = {n};"), format!("{n}"), "x".repeat(n % 300 + 1) + &n.to_string()]
    });
    for line in lines.collect::<std::collections::BTreeSet<_>>() {
        assert!(seen.insert(fingerprint(&line)), "{line}");
    }
}
