//! Runs the patches of `cases/`: each folder holds `input/`, `patch.txt` and either `expected/` (absent: no file is
//! left) or `error.txt` (every problem, word for word); `warnings.txt` where there are any, and an empty file
//! `overwrite` where that is allowed. What a failing case gave instead is written to the target folder.

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
                self.0.insert(name, fs::read(&path).unwrap());
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

fn run(case: &Path, input: &Folder) -> Result<Plan, String> {
    let text = String::from_utf8(fs::read(case.join("patch.txt")).unwrap()).unwrap();
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
        return Some(format!("expected\n{}found\n{}", shown(&expected), shown(&output)));
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join("patch-cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 50, "only {} cases were found", cases.len());
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
