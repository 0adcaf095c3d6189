//! Writing the review document: a diff that `git apply -R` takes while every hunk is pending.

use super::{Page, PageFile, PageHunk};
use crate::border::{is_broken, line_above, line_end};
use crate::endings::fitted;
use crate::made::line_starts;
use glossator_session::{HunkPart, HunkState};
use glossator_text::{line_content, lines};
use std::fmt::Write;
use std::ops::Range;

/// Lines of context on each side.
const CONTEXT: usize = 3;

/// The document of a page. Lines keep the file's line ending, so that the diff fits the file.
pub fn render(page: &Page) -> String {
    let mut out = String::new();
    head(&mut out, page);
    for file in &page.files {
        render_file(&mut out, file);
    }
    out
}

fn head(out: &mut String, page: &Page) {
    let hunks = || page.files.iter().flat_map(|file| &file.hunks);
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let open = hunks().filter(|hunk| hunk.state.is_open()).count();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "# {}: {} in {}, {open} to decide.\n\
         # Keep or reject them by code action, each for itself, by file or all. Or edit this document and then Apply it:\n\
         # - change + lines: that text is put there and kept\n\
         # - write keep or reject in place of a hunk's state, or delete the whole hunk to reject it\n\
         # Lines that begin with - or a blank must stay as they are.",
        page.turn,
        count(hunks().count(), "hunk"),
        count(page.files.len(), "file"),
    );
}

fn render_file(out: &mut String, file: &PageFile) {
    let (shown, noted): (Vec<&PageHunk>, Vec<&PageHunk>) =
        file.hunks.iter().partition(|hunk| has_lines(hunk));
    for hunk in noted {
        note(out, file, hunk);
    }
    let is = |part: fn(&HunkPart) -> bool| file.hunks.iter().any(|hunk| part(&hunk.part));
    let is_new = is(|part| *part == HunkPart::Create) && file.text.is_some();
    let is_gone = is(|part| *part == HunkPart::Delete) && file.text.is_none();
    let from = file.from.as_ref().filter(|_| is(|part| matches!(part, HunkPart::Move { .. })));
    if shown.is_empty() && !is_new && !is_gone && from.is_none() {
        return;
    }
    let old = from.unwrap_or(&file.path);
    let _ = writeln!(out, "diff --git {} {}", name("a/", old), name("b/", &file.path));
    if is_new {
        out.push_str("new file mode 100644\n");
    }
    if is_gone {
        out.push_str("deleted file mode 100644\n");
    }
    if let Some(from) = from {
        let _ = writeln!(out, "rename from {}\nrename to {}", name("", from), name("", &file.path));
    }
    if !shown.is_empty() {
        let (old, new) = (name("a/", old), name("b/", &file.path));
        // After a name with a blank git wants a tab.
        let tab = |name: &str| if name.contains(' ') { "\t" } else { "" };
        let old = if is_new { "/dev/null".to_owned() } else { format!("{old}{}", tab(&old)) };
        let new = if is_gone { "/dev/null".to_owned() } else { format!("{new}{}", tab(&new)) };
        let _ = writeln!(out, "--- {old}\n+++ {new}");
    }
    render_hunks(out, file.text.as_deref().unwrap_or_default(), &shown);
}

/// Whether there is something to show of a hunk in the form of a diff.
fn has_lines(hunk: &PageHunk) -> bool {
    let has_place = match hunk.part {
        HunkPart::Lines => hunk.range.is_some(),
        HunkPart::Create | HunkPart::Delete => true,
        HunkPart::Move { .. } => false,
    };
    has_place && !(hunk.base.is_empty() && hunk.current.is_empty())
}

/// A hunk without lines, as a line that is no part of the diff.
fn note(out: &mut String, file: &PageFile, hunk: &PageHunk) {
    let what = match (&hunk.part, &hunk.range) {
        (HunkPart::Move { .. }, _) => {
            format!("moved here from {}", file.from.as_deref().unwrap_or("elsewhere"))
        }
        (HunkPart::Create, _) if file.text.is_none() => "a new file, which is gone".to_owned(),
        (HunkPart::Create, _) => "a new file, which is empty".to_owned(),
        (HunkPart::Delete, _) => "an empty file, which was deleted".to_owned(),
        (HunkPart::Lines, None) => "where it stands in the file is not known any more".to_owned(),
        (HunkPart::Lines, Some(_)) => "nothing is left of it".to_owned(),
    };
    let path = name("", &file.path);
    let _ = writeln!(out, "# {} {}: {path}: {}", hunk.id, hunk.state.name(), what.replace(['\n', '\r'], " "));
}

/// A hunk with its lines of context, in bytes of the file's text.
struct Framed<'a> {
    hunk: &'a PageHunk,
    place: Range<usize>,
    above: Range<usize>,
    below: Range<usize>,
}

fn render_hunks(out: &mut String, text: &str, hunks: &[&PageHunk]) {
    let starts = line_starts(text);
    let mut framed = Vec::with_capacity(hunks.len());
    let mut free = 0;
    for (index, hunk) in hunks.iter().enumerate() {
        let whole = if hunk.part.is_lines() { hunk.range.clone() } else { Some(0..text.len()) };
        let place = whole.filter(|place| text.get(place.clone()).is_some()).unwrap_or_default();
        let next = hunks[index + 1..]
            .iter()
            .find_map(|hunk| hunk.range.as_ref())
            .map_or(text.len(), |next| next.start);
        let (mut above, mut below) = (place.start, place.end);
        for _ in 0..CONTEXT {
            above = line_above(text, above).filter(|start| *start >= free).unwrap_or(above);
            below = line_end(text, below).filter(|end| *end <= next).unwrap_or(below);
        }
        free = below;
        framed.push(Framed { hunk, above: above..place.start, below: place.end..below, place });
    }
    let mut grown = 0isize;
    for one in framed {
        grown += render_hunk(out, text, &one, (&starts, grown));
    }
}

/// Gives by how many lines the hunk makes the file longer.
fn render_hunk(out: &mut String, text: &str, one: &Framed<'_>, (starts, grown): (&[usize], isize)) -> isize {
    let Framed { hunk, place, above, below } = one;
    let base = fitted(text, place, &hunk.base);
    let (above, below) = (&text[above.clone()], &text[below.clone()]);
    let count = |text: &str| lines(text).count();
    let around = count(above) + count(below);
    let (old, new) = (around + count(&base), around + count(&hunk.current));
    let start = starts.partition_point(|start| *start < place.start) - count(above);
    let old_start = start.saturating_add_signed(-grown);
    let now = if hunk.state == HunkState::Amended { ": + lines are what stands there now" } else { "" };
    let _ = writeln!(
        out,
        "@@ -{} +{} @@ {} {}{now}",
        span(old_start, old),
        span(start, new),
        hunk.id,
        hunk.state.name()
    );
    for (sign, text) in [(' ', above), ('-', &*base), ('+', &*hunk.current), (' ', below)] {
        push(out, sign, text);
    }
    new as isize - old as isize
}

fn push(out: &mut String, sign: char, text: &str) {
    for line in lines(text) {
        out.push(sign);
        out.push_str(line);
        if !is_broken(line) {
            out.push_str("\n\\ No newline at end of file\n");
        } else if line.ends_with('\r') {
            // A lone CR ends a line of the file, not one of a diff.
            out.push('\n');
        }
    }
    debug_assert!(lines(text).all(|line| !line_content(line).contains('\n')), "lines are lines");
}

fn span(start: usize, count: usize) -> String {
    match count {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{count}", start + 1),
    }
}

/// A path as git writes it: in quotes where it has signs that would end or change it.
fn name(prefix: &str, path: &str) -> String {
    if !path.contains(|c: char| c.is_control() || c == '"' || c == '\\') {
        return format!("{prefix}{path}");
    }
    let mut quoted = format!("\"{prefix}");
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
