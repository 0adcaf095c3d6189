//! The review document is a diff that git understands: taken back with `git apply -R` it gives the files before the edit.

use glossator_review::document::{Page, PageFile, PageHunk, render};
use glossator_review::{FileReview, hunks_of};
use glossator_session::ChangeSetId;
use glossator_text::{Action, Base, FileChange, FileFormat};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// A file before and after: path and text, `None` where there is none.
type Edit<'a> = (Option<(&'a str, &'a str)>, Option<(&'a str, &'a str)>);

fn page(edits: &[Edit<'_>]) -> Page {
    let mut next = 1;
    let files = edits.iter().map(|(before, after)| page_file(&mut next, *before, *after)).collect();
    Page { turn: "T-1".to_owned(), files }
}

fn page_file(next: &mut usize, before: Option<(&str, &str)>, after: Option<(&str, &str)>) -> PageFile {
    let (old, new) = (before.or(after).unwrap().0, after.or(before).unwrap().0);
    let move_to = (old != new).then(|| new.into());
    let action = Action::Update { edits: Vec::new(), move_to };
    let change = FileChange::new(old.into(), Base::Absent, action, FileFormat::default());
    let texts = (before.map(|(_, text)| text), after.map(|(_, text)| text));
    let records = hunks_of(&ChangeSetId::from("C1"), next, &change, texts);
    let text: Option<Arc<str>> = texts.1.map(Arc::from);
    let review = FileReview::load(Path::new(new), text.clone(), &records);
    let hunks = review.hunks().iter().map(|hunk| PageHunk {
        id: hunk.id.clone(),
        part: hunk.part.clone(),
        state: review.state(hunk),
        base: hunk.base.clone(),
        current: review.current(hunk).to_owned(),
        range: Some(hunk.range.clone()),
    });
    let from = (old != new).then(|| old.to_owned());
    PageFile { path: new.to_owned(), from, text, hunks: hunks.collect() }
}

fn git_takes_back(edits: &[Edit<'_>]) {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    edits.iter().filter_map(|(_, after)| *after).for_each(|(path, text)| write(path, text));
    let document = render(&page(edits));
    write("T-1.diff", &document);
    let git = Command::new("git")
        .args(["apply", "-R", "--whitespace=nowarn", "T-1.diff"])
        .env("GIT_CEILING_DIRECTORIES", folder.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(git.status.success(), "{}\n{document}", String::from_utf8_lossy(&git.stderr));
    for (before, after) in edits {
        if let Some((path, text)) = before {
            assert_eq!(&std::fs::read_to_string(folder.path().join(path)).unwrap(), text, "{document}");
        }
        if let Some((path, _)) = after.filter(|(path, _)| before.is_none_or(|(old, _)| old != *path)) {
            assert!(!folder.path().join(path).exists(), "{path} is still there\n{document}");
        }
    }
}

fn numbered(count: usize, ending: &str) -> String {
    (1..=count).map(|number| format!("line {number}{ending}")).collect()
}

#[test]
fn edited_files() {
    let before = numbered(60, "\n");
    let after = before
        .replace("line 3\n", "")
        .replace("line 6\n", "LINE 6\nand more\n")
        .replace("line 8\n", "LINE 8\n")
        .replace("line 30\n", "-- a/x\n@@ -1 +1 @@\n\n \n")
        .replace("line 60\n", "the end");
    let crlf =
        (numbered(9, "\r\n"), numbered(9, "\r\n").replace("line 5", "FIVE").replace("line 9\r\n", "ü"));
    git_takes_back(&[
        (Some(("src/a.rs", &before)), Some(("src/a.rs", &after))),
        (Some(("with blank/ä.txt", &crlf.0)), Some(("with blank/ä.txt", &crlf.1))),
        (Some(("only", "x")), Some(("only", "y\n"))),
        (Some(("filled", "")), Some(("filled", "y\n"))),
        (Some(("emptied", "y\nz\n")), Some(("emptied", ""))),
        (Some(("bare", "a\nb\nc")), Some(("bare", "a\nb\nc\nd"))),
    ]);
}

#[test]
fn created_deleted_and_moved_files() {
    let (before, after) = (numbered(20, "\n"), numbered(20, "\n").replace("line 7", "SEVEN"));
    git_takes_back(&[
        (None, Some(("made/new.txt", "one\ntwo"))),
        (None, Some(("made/empty.txt", ""))),
        (Some(("gone.txt", "one\ntwo\n")), None),
        (Some(("old place.rs", &before)), Some(("new place.rs", &after))),
        (Some(("from.rs", &before)), Some(("to/from.rs", &before))),
    ]);
}
