//! What an edited review document decides. All problems at once; while there is one, nothing is decided.

use super::parsed::{Entry, Part, Sign, parse};
use super::{Choice, Decision, Page, PageFile, PageHunk, Problem, render};
use crate::endings::{ending, usual};
use glossator_session::{HunkId, HunkState};
use glossator_text::{line_content, lines};
use std::collections::{HashMap, VecDeque};

/// What `text`, the document of `page` after the user edited it, decides: in the order of the page, nothing for hunks that
/// are as they were. `page` is the one the document was made of; hunks are known by the ids in their headers, the numbers
/// there say nothing.
///
/// # Errors
/// Every place at which the document says something that cannot be done. Then nothing is decided.
pub fn read(text: &str, page: &Page) -> Result<Vec<Decision>, Vec<Problem>> {
    let mut parsed = parse(text);
    let original = render(page);
    let original = parse(&original).entries;
    let mut problems = std::mem::take(&mut parsed.problems);
    let mut given: HashMap<&HunkId, &Entry<'_>> = HashMap::new();
    for entry in &parsed.entries {
        let is_known = original.iter().any(|known| known.id == entry.id);
        let message = match given.insert(&entry.id, entry) {
            Some(_) => format!("hunk {} stands here twice; delete one of the two", entry.id),
            None if !is_known => {
                format!("there is no hunk {} in this document; its id must stay as it was", entry.id)
            }
            None => continue,
        };
        problems.push(Problem { line: entry.line, message });
    }
    if given.is_empty() && !original.is_empty() {
        let message = "there is no hunk left here; to reject all of them take the code action 'Reject all'";
        problems.push(Problem { line: 0, message: message.to_owned() });
    }
    let mut decisions = Vec::new();
    for known in &original {
        let mut of_page = page.files.iter().flat_map(|file| file.hunks.iter().map(move |hunk| (file, hunk)));
        let Some((file, hunk)) = of_page.find(|(_, hunk)| hunk.id == known.id) else { continue };
        let choice = match given.get(&known.id) {
            Some(entry) => decided(entry, known, (file, hunk)),
            None => Ok(removed(hunk)),
        };
        match choice {
            Ok(Some(choice)) => decisions.push(Decision { id: known.id.clone(), choice }),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() { Ok(decisions) } else { Err(problems) }
}

/// What it says that a hunk was deleted from the document: of one that is not in the file any more, or whose place is not
/// known, nothing.
fn removed(hunk: &PageHunk) -> Option<Choice> {
    let stands = !matches!(hunk.state, HunkState::Undone | HunkState::Rejected);
    (stands && (hunk.range.is_some() || !hunk.part.is_lines())).then_some(Choice::Reject)
}

fn decided(
    entry: &Entry<'_>,
    known: &Entry<'_>,
    (file, hunk): (&PageFile, &PageHunk),
) -> Result<Option<Choice>, Problem> {
    let said = match entry.word.as_str() {
        word if word == known.word => None,
        "keep" | "kept" => Some(Choice::Keep),
        "reject" | "rejected" => Some(Choice::Reject),
        word => {
            let message = format!(
                "'{word}' is no decision about hunk {}: write keep or reject, or leave '{}'",
                hunk.id, known.word
            );
            return Err(Problem { line: entry.line, message });
        }
    };
    let new = new_lines(entry, known)?;
    let is_same = same(&new, &part(known, Sign::New))
        && new.last().map(|part| part.is_unbroken) == last_unbroken(known);
    if is_same || said == Some(Choice::Reject) {
        return Ok(said);
    }
    let text = written(&new, file, hunk);
    Ok(Some(if text == hunk.base { Choice::Reject } else { Choice::Edit(text) }))
}

/// The `+` lines, when the others are as they were and stand around them.
fn new_lines<'e>(entry: &'e Entry<'_>, known: &Entry<'_>) -> Result<Vec<&'e Part<'e>>, Problem> {
    let problem = |line: usize, message: &str| Err(Problem { line, message: message.to_owned() });
    let mut expected = known.lines.iter().filter(|part| part.sign != Sign::New).peekable();
    let changes = known.lines.iter().position(|part| part.sign != Sign::Context).unwrap_or(0);
    let above = known.lines[..changes].len();
    let within = above + known.lines.iter().filter(|part| part.sign == Sign::Old).count();
    let mut seen = 0;
    let mut new = Vec::new();
    for part in &entry.lines {
        if part.sign == Sign::New {
            if !(above..=within).contains(&seen) {
                return problem(
                    part.line,
                    "lines can be put in only where the hunk's own are, not among the lines around it; edit the file there",
                );
            }
            new.push(part);
            continue;
        }
        match expected
            .next_if(|want| want.sign == part.sign && want.content.trim_end() == part.content.trim_end())
        {
            Some(_) => seen += 1,
            // Blank lines below the last one are the document's own.
            None if expected.peek().is_none()
                && part.sign == Sign::Context
                && part.content.trim().is_empty() => {}
            None => {
                return problem(
                    part.line,
                    "this is not what stood here: lines that begin with - or a blank must stay as they were; change + lines",
                );
            }
        }
    }
    match expected.next() {
        None => Ok(new),
        Some(missing) => {
            let message = format!(
                "the hunk lacks the line '{}', which began with - or a blank; put it back, or delete the whole hunk to \
                 reject it",
                missing.content.chars().take(60).collect::<String>()
            );
            Err(Problem { line: entry.line, message })
        }
    }
}

fn part<'e>(entry: &'e Entry<'_>, sign: Sign) -> Vec<&'e Part<'e>> {
    entry.lines.iter().filter(|part| part.sign == sign).collect()
}

fn same(a: &[&Part<'_>], b: &[&Part<'_>]) -> bool {
    a.iter().map(|part| part.content).eq(b.iter().map(|part| part.content))
}

fn last_unbroken(entry: &Entry<'_>) -> Option<bool> {
    part(entry, Sign::New).last().map(|part| part.is_unbroken)
}

/// The lines as they go into the file: each with the ending it had there, new ones with the usual one.
fn written(new: &[&Part<'_>], file: &PageFile, hunk: &PageHunk) -> String {
    let mut endings: HashMap<&str, VecDeque<&str>> = HashMap::new();
    for line in lines(&hunk.current).filter(|line| line_content(line).len() < line.len()) {
        endings.entry(line_content(line)).or_default().push_back(ending(line));
    }
    let texts = [&*hunk.current, &hunk.base, file.text.as_deref().unwrap_or_default()];
    let usual = texts.into_iter().find(|text| text.contains(['\n', '\r'])).map_or("\n", usual);
    let mut text = String::new();
    for (index, part) in new.iter().enumerate() {
        text.push_str(part.content);
        let had = endings.get_mut(part.content).and_then(VecDeque::pop_front);
        if index + 1 < new.len() || !part.is_unbroken {
            text.push_str(had.unwrap_or(usual));
        }
    }
    text
}
