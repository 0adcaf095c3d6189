//! The review document: written from any edit, read back whole and after any change to it.
#![no_main]

use glossator_review::document::{Page, PageFile, PageHunk, at_line, read, render};
use glossator_review::{FileReview, hunks_of};
use glossator_session::ChangeSetId;
use glossator_text::{Action, Base, FileChange, FileFormat};
use std::path::Path;

fn page(before: Option<&str>, after: Option<&str>, now: Option<&str>) -> Page {
    let action = Action::Update { edits: Vec::new(), move_to: None };
    let change = FileChange::new("/project/a b.rs".into(), Base::Absent, action, FileFormat::default());
    let records = hunks_of(&ChangeSetId::from("C1"), &mut 1, &change, (before, after));
    let mut review = FileReview::load(Path::new("/project/a b.rs"), after.map(Into::into), &records);
    review.follow(now.map(Into::into));
    let hunks = review.hunks().iter().map(|hunk| PageHunk {
        id: hunk.id.clone(),
        part: hunk.part.clone(),
        state: review.state(hunk),
        base: hunk.base.clone(),
        current: review.current(hunk).to_owned(),
        range: (!hunk.lost).then(|| hunk.range.clone()),
    });
    let hunks = hunks.collect();
    Page {
        turn: "T-1".to_owned(),
        files: vec![PageFile { path: "a b.rs".to_owned(), from: None, text: now.map(Into::into), hunks }],
    }
}

libfuzzer_sys::fuzz_target!(|input: (Option<&str>, Option<&str>, Option<&str>, u16, &str)| {
    let (before, after, now, at, put) = input;
    let page = page(before, after, now);
    let mut text = render(&page);
    assert_eq!(read(&text, &page), Ok(Vec::new()), "an unedited document decides nothing");
    let mut at = usize::from(at).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.insert_str(at, put);
    for text in [text.as_str(), put] {
        match read(text, &page) {
            Ok(decisions) => {
                let hunks: Vec<_> = page.files.iter().flat_map(|file| &file.hunks).collect();
                assert!(decisions.iter().all(|decision| hunks.iter().any(|hunk| hunk.id == decision.id)));
            }
            Err(problems) => assert!(!problems.is_empty(), "a refusal has a reason"),
        }
        let lines = text.lines().count();
        for line in [0, lines / 2, lines] {
            let _ = at_line(text, line);
        }
    }
});
