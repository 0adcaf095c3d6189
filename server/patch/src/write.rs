//! What edits of lines make of a text: the places that differ, with line breaks as the text has them.

use glossator_text::{LineHunk, diff_lines, lines};

use crate::view::View;

/// A run of lines that goes and what comes for it.
pub(crate) struct Edit {
    /// One-based number of the chunk.
    pub chunk: usize,
    pub start: usize,
    pub end: usize,
    pub new: Vec<String>,
}

/// Whole lines with what comes for them. Two of a text never touch.
struct Region {
    start: usize,
    end: usize,
    new: String,
    /// Length of the last line break in `new`.
    break_len: usize,
}

/// The places in which the text differs after `edits` (in order, not overlapping). A changed line keeps its line break, a
/// new one gets `ending`, all others stay byte for byte but for the break at the end of the text.
pub(crate) fn hunks<'a>(
    view: &View<'_>,
    edits: &[Edit],
    ending: impl Fn() -> &'a str,
    final_newline: Option<bool>,
) -> Vec<LineHunk> {
    let had_break = view.len().checked_sub(1).is_none_or(|last| !view.ending(last).is_empty());
    let final_newline = final_newline.unwrap_or(had_break);
    let mut regions = Vec::new();
    for edit in edits {
        let mut region = Region { start: edit.start, end: edit.end, new: String::new(), break_len: 0 };
        for (at, new) in edit.new.iter().enumerate() {
            let replaced = edit.start + at;
            let own = if replaced < edit.end { view.ending(replaced) } else { "" };
            region.push(new, if own.is_empty() { ending() } else { own });
        }
        push(&mut regions, region);
    }
    end_text(view, &mut regions, ending, final_newline);
    differences(view, &regions)
}

/// Makes the text end with a line break or without one.
fn end_text<'a>(
    view: &View<'_>,
    regions: &mut Vec<Region>,
    ending: impl Fn() -> &'a str,
    final_newline: bool,
) {
    let mut last = regions.pop_if(|last| last.end == view.len());
    let (kept, is_last) = match &mut last {
        None => (view.len().checked_sub(1), true),
        Some(last) if last.new.is_empty() => (last.start.checked_sub(1), true),
        Some(last) => {
            if !final_newline {
                last.new.truncate(last.new.len() - last.break_len);
            }
            (last.start.checked_sub(1).filter(|_| last.start == last.end), false)
        }
    };
    if let Some(kept) = kept {
        let own = view.ending(kept);
        let wanted = match (is_last && !final_newline, own) {
            (true, _) => "",
            (false, "") => ending(),
            (false, own) => own,
        };
        if wanted != own {
            let mut region = Region { start: kept, end: kept + 1, new: String::new(), break_len: 0 };
            region.push(view.content(kept), wanted);
            push(regions, region);
        }
    }
    if let Some(last) = last {
        push(regions, last);
    }
}

impl Region {
    fn push(&mut self, line: &str, line_break: &str) {
        self.new.push_str(line);
        self.new.push_str(line_break);
        self.break_len = line_break.len();
    }
}

fn push(regions: &mut Vec<Region>, region: Region) {
    match regions.last_mut() {
        Some(last) if last.end == region.start => {
            last.end = region.end;
            if !region.new.is_empty() {
                last.new.push_str(&region.new);
                last.break_len = region.break_len;
            }
        }
        _ => regions.push(region),
    }
}

fn differences(view: &View<'_>, regions: &[Region]) -> Vec<LineHunk> {
    let mut all = Vec::with_capacity(regions.len());
    // Lines that came and went above.
    let (mut came, mut went) = (0, 0);
    for region in regions {
        let (line, byte) = (region.start, view.start(region.start));
        for mut hunk in diff_lines(view.span(region.start, region.end), &region.new) {
            let new_line = line + came - went;
            hunk.old = hunk.old.start + line..hunk.old.end + line;
            hunk.new = hunk.new.start + new_line..hunk.new.end + new_line;
            hunk.edit.start += byte;
            all.push(hunk);
        }
        came += lines(&region.new).count();
        went += region.end - region.start;
    }
    all
}

/// The text with these places changed.
pub(crate) fn applied(text: &str, hunks: &[LineHunk]) -> String {
    let mut out =
        String::with_capacity(text.len() + hunks.iter().map(|hunk| hunk.edit.new.len()).sum::<usize>());
    let mut done = 0;
    for edit in hunks.iter().map(|hunk| &hunk.edit) {
        out.push_str(&text[done..edit.start]);
        out.push_str(&edit.new);
        done = edit.start + edit.old.len();
    }
    out.push_str(&text[done..]);
    out
}

/// Whether several places that change leave the text as it was, as when a line goes above equal ones and comes again
/// below them.
pub(crate) fn cancel_out(text: &str, hunks: &[LineHunk]) -> bool {
    let length = |side: fn(&LineHunk) -> &str| hunks.iter().map(|hunk| side(hunk).len()).sum::<usize>();
    let moves = hunks.iter().any(|hunk| hunk.edit.old.len() != hunk.edit.new.len());
    moves && length(|hunk| &hunk.edit.old) == length(|hunk| &hunk.edit.new) && applied(text, hunks) == text
}
