//! The page of a review document: made of hunks, and what an edited document decides. Pure.

use crate::review::hunks::Shown;
use glossator_agent::Resolution;
use glossator_review::document::{Choice, Decision, Page, PageFile, PageHunk, Problem, at_line};
use glossator_session::{HunkId, HunkPart, TurnId};
use glossator_text::lines;
use glossator_workspace::Roots;

/// Problems of an edited document that are named.
const NAMED: usize = 5;

/// The page of a turn.
pub fn page(turn: TurnId, hunks: &[Shown], roots: &Roots) -> Page {
    let mut page = Page { turn: turn.to_string(), files: Vec::new() };
    for Shown { view, .. } in hunks {
        if page.files.last().is_none_or(|file| file.path != view.shown) {
            let text = view.text.clone();
            page.files.push(PageFile { path: view.shown.clone(), from: None, text, hunks: Vec::new() });
        }
        let Some(file) = page.files.last_mut() else { continue };
        if let HunkPart::Move { from } = &view.part {
            file.from = Some(roots.display(from));
        }
        file.hunks.push(PageHunk {
            id: view.id.clone(),
            part: view.part.clone(),
            state: view.state,
            base: view.base.clone(),
            current: view.current.clone(),
            range: view.range.clone(),
        });
    }
    page
}

/// The hunk of a page.
pub fn hunk<'a>(page: &'a Page, id: &HunkId) -> Option<&'a PageHunk> {
    page.files.iter().flat_map(|file| &file.hunks).find(|hunk| hunk.id == *id)
}

/// The line of its file at which a hunk of a page stood, from 0.
pub fn first_line(page: &Page, id: &HunkId) -> Option<usize> {
    let file = page.files.iter().find(|file| file.hunks.iter().any(|hunk| hunk.id == *id))?;
    let start = hunk(page, id)?.range.as_ref()?.start;
    Some(lines(file.text.as_ref()?.get(..start)?).count())
}

/// The first line of a document that is of a hunk, from 0.
pub fn line_of(text: &str, id: &HunkId) -> Option<u32> {
    let is_there = |line: &usize| at_line(text, *line).is_some_and(|spot| spot.hunk.as_ref() == Some(id));
    // Only lines that name it can be the first one.
    let mut named =
        lines(text).enumerate().filter(|(_, line)| line.contains(id.0.as_str())).map(|(line, _)| line);
    named.find(is_there).and_then(|line| u32::try_from(line).ok())
}

/// What an edited document decides, for the agent.
pub fn decisions(found: Vec<Decision>) -> Vec<(HunkId, Resolution)> {
    let decision = |Decision { id, choice }| match choice {
        Choice::Keep => (id, Resolution::Keep),
        Choice::Reject => (id, Resolution::Reject),
        Choice::Edit(text) => (id, Resolution::Edit(text)),
    };
    found.into_iter().map(decision).collect()
}

/// What is wrong with an edited document, for people.
pub fn in_words(problems: &[Problem]) -> String {
    let named = problems.iter().take(NAMED).map(|one| format!("Line {}: {}.", one.line + 1, one.message));
    let mut named: Vec<String> = named.collect();
    match problems.len().saturating_sub(NAMED) {
        0 => {}
        more => named.push(format!("{more} more like these.")),
    }
    format!("The review document cannot be applied, and nothing was decided. {}", named.join(" "))
}
