//! Runs the patches of `tests/cases/patch/`: each folder holds `input/`, `patch.txt` and either `expected/` (absent: no file is
//! left) or `error.txt` (every problem, word for word); `warnings.txt` where there are any, and an empty file
//! `overwrite` where that is allowed. Of a file `x.recipe`, `x` is made (see [`expanded`]). What a failing case gave
//! instead is written to the target folder.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use glossator_patch::{Current, Files, Found, Options, Plan, parse, plan};
use glossator_text::{Base, ChangeSet, FileFormat, FileText, text_hash};

/// File contents by path, as if they stood in the folder `/w`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Files for Folder {
    fn find(&self, path: &str) -> Result<Found, String> {
        let inside = path.strip_prefix("/w/").unwrap_or(path);
        let inside = inside.strip_prefix("./").unwrap_or(inside);
        if inside.starts_with('/') || inside.split('/').any(|part| part == "..") {
            return Err("the path is outside the workspace".into());
        }
        if inside.split('/').any(|part| part == ".git") {
            return Err("files of .git are never written".into());
        }
        let current = match self.0.get(inside) {
            None => None,
            Some(bytes) => {
                let FileText { text, format } = FileText::decode(bytes).map_err(|error| error.to_string())?;
                let base = Base::Disk { hash: text_hash(&text) };
                Some(Current { text, base, format })
            }
        };
        Ok(Found { path: Path::new("/w").join(inside), current })
    }
}

impl Folder {
    fn read(root: &Path) -> Folder {
        let mut folder = Folder::default();
        folder.read_into(root, root);
        folder
    }

    fn read_into(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read_into(root, &path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                match name.strip_suffix(".recipe") {
                    Some(name) => self.0.insert(name.to_owned(), recipe(&path).into_bytes()),
                    None => self.0.insert(name, fs::read(&path).unwrap()),
                };
            }
        }
    }

    /// Commits like a strict committer: every base must be as planned, nothing may be overwritten.
    fn commit(&mut self, change: &ChangeSet) {
        for file in &change.files {
            let name = |path: &Path| path.strip_prefix("/w").unwrap().to_str().unwrap().to_owned();
            let before = self.0.remove(&name(&file.path)).map(|bytes| FileText::decode(&bytes).unwrap().text);
            match (&file.base, &before) {
                (Base::Absent, None) => {}
                (Base::Disk { hash }, Some(text)) => assert_eq!(hash, &text_hash(text), "{:?}", file.path),
                other => panic!("{:?}: {other:?}", file.path),
            }
            if let Some(after) = file.action.apply(before.as_deref()).unwrap() {
                let bytes = file.format.encode(&after).unwrap();
                assert_eq!(self.0.insert(name(file.path_after()), bytes), None, "overwritten");
            }
        }
    }

    fn hash(&self, path: &Path) -> Option<String> {
        let bytes = self.0.get(path.strip_prefix("/w").unwrap().to_str().unwrap())?;
        Some(text_hash(&FileText::decode(bytes).unwrap().text))
    }
}

fn recipe(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    expanded(&mut text.lines(), None, None)
}

/// Lines as they are, but those between `#repeat FROM TO [STEP]` and `#end` once for each number, and in them `{n}` as
/// the number of the outer and `{m}` as that of the inner repetition; also `{n*20+1}` and `{n*20+m}`.
fn expanded<'a>(
    lines: &mut (impl Iterator<Item = &'a str> + Clone),
    n: Option<i64>,
    m: Option<i64>,
) -> String {
    let mut out = String::new();
    while let Some(line) = lines.next() {
        if line == "#end" {
            break;
        }
        let Some(range) = line.strip_prefix("#repeat ") else {
            out += &filled(line, n, m);
            out.push('\n');
            continue;
        };
        let range: Vec<i64> = range.split(' ').map(|number| number.parse().unwrap()).collect();
        let step = range.get(2).copied().unwrap_or(1);
        let (mut at, body) = (range[0], lines.clone());
        while (range[1] - at) * step >= 0 {
            *lines = body.clone();
            out += &if n.is_none() { expanded(lines, Some(at), None) } else { expanded(lines, n, Some(at)) };
            at += step;
        }
    }
    out
}

fn filled(line: &str, n: Option<i64>, m: Option<i64>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, (inner, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        let number = |name: &str| match name {
            "n" => n,
            "m" => m,
            digits => digits.parse().ok(),
        };
        let product = |part: &str| part.split('*').map(number).product::<Option<i64>>();
        match inner.split('+').map(product).sum::<Option<i64>>() {
            Some(number) => out += &format!("{before}{number}"),
            None => out += &format!("{before}{{{inner}}}"),
        }
        rest = after;
    }
    out + rest
}

fn run(case: &Path, input: &Folder) -> Result<Plan, String> {
    let stored = fs::read_to_string(case.join("patch.txt"));
    let text = stored.unwrap_or_else(|_| recipe(&case.join("patch.recipe")));
    let options = Options { overwrite: case.join("overwrite").exists() };
    parse(&text).and_then(|patch| plan(&patch, input, &options)).map_err(|problems| {
        assert!(!problems.is_empty());
        problems.iter().map(|problem| format!("{problem}\n")).collect()
    })
}

/// What is wrong with a case; `None` when it passes.
fn check(case: &Path, actual: &Path) -> Option<String> {
    let input = Folder::read(&case.join("input"));
    let error = fs::read_to_string(case.join("error.txt")).ok();
    let plan = match (run(case, &input), error) {
        (Err(found), Some(expected)) if found == expected => return None,
        (Err(found), _) => {
            fs::create_dir_all(actual).unwrap();
            fs::write(actual.join("error.txt"), &found).unwrap();
            return Some(format!("refused:\n{found}"));
        }
        (Ok(plan), None) => plan,
        (Ok(plan), Some(_)) => return Some(format!("not refused: {plan:#?}")),
    };
    let mut output = input.clone();
    output.commit(&plan.change);
    let warnings: String = plan.warnings.iter().map(|warning| format!("{warning}\n")).collect();
    let expected = Folder::read(&case.join("expected"));
    if output != expected {
        let shown = |folder: &Folder| {
            folder
                .0
                .iter()
                .map(|(name, bytes)| format!("  {name}: {:?}\n", String::from_utf8_lossy(bytes)))
                .collect::<String>()
        };
        let cut = |text: String| text.chars().take(2000).collect::<String>();
        return Some(format!("expected\n{}found\n{}", cut(shown(&expected)), cut(shown(&output))));
    }
    if warnings != fs::read_to_string(case.join("warnings.txt")).unwrap_or_default() {
        fs::create_dir_all(actual).unwrap();
        fs::write(actual.join("warnings.txt"), &warnings).unwrap();
        return Some(format!("warnings:\n{warnings}"));
    }
    output.commit(&plan.change.inverse(|path| expected.hash(path)));
    (output != input).then(|| "the inverse does not bring the input back".into())
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/patch");
    let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join("patch-cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 180, "only {} cases were found", cases.len());
    let mut failed = String::new();
    for case in &cases {
        let name = case.file_name().unwrap();
        if let Some(message) = check(case, &actual.join(name)) {
            failed += &format!("== {}: {message}\n", name.display());
        }
    }
    assert!(failed.is_empty(), "\n{failed}");
}

#[test]
fn formats_of_new_files_are_plain() {
    let patch = parse("*** Begin Patch\n*** Add File: x\n+a\n*** End Patch").unwrap();
    let plan = plan(&patch, &Folder::default(), &Options::default()).unwrap();
    assert_eq!(plan.change.files[0].format, FileFormat::default());
}
