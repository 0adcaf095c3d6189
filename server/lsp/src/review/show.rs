//! How a hunk is shown in its file by standard LSP: a hint diagnostic, a hover, code lenses. Pure.

use crate::review::hunks::{Shown, count, listed};
use crate::words::cut;
use glossator_protocol_ext::command;
use glossator_session::{HunkPart, HunkState};
use glossator_text::{line_content, lines};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{
    CodeLens, Command, Diagnostic, DiagnosticSeverity, Hover, HoverContents, MarkupContent, MarkupKind,
    NumberOrString, Range,
};

/// `source` of our diagnostics.
pub const SOURCE: &str = "glossator";

/// Lines of a text that a hover shows, and characters of each.
const HOVER_LINES: usize = 40;
const HOVER_WIDTH: usize = 300;

/// The hint on the lines of a hunk; `None` where it has no place.
pub fn diagnostic(hunk: &Shown) -> Option<Diagnostic> {
    let place = hunk.place?;
    // A whole file is not underlined from top to bottom.
    let range = if hunk.view.part.is_lines() { place.lines } else { place.first_line };
    Some(Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::HINT),
        code: Some(NumberOrString::String(hunk.view.id.0.clone())),
        source: Some(SOURCE.to_owned()),
        message: format!("Glossator {} ({}, {})", deed(hunk), hunk.view.turn, hunk.view.state.name()),
        data: Some(json!({ "session": hunk.view.session, "hunk": hunk.view.id })),
        ..Diagnostic::default()
    })
}

/// What was done, in words.
pub fn deed(hunk: &Shown) -> String {
    let view = &hunk.view;
    match &view.part {
        HunkPart::Create => "created this file".to_owned(),
        HunkPart::Delete => "deleted this file".to_owned(),
        HunkPart::Move { from } => {
            let name = from.file_name().unwrap_or(from.as_os_str());
            format!("moved this file, which was {}", name.to_string_lossy())
        }
        HunkPart::Lines if view.base.is_empty() => format!("added {}", count(&view.proposed)),
        HunkPart::Lines if view.proposed.is_empty() => format!("removed {}", count(&view.base)),
        HunkPart::Lines => format!("changed {}", count(&view.proposed)),
    }
}

/// What a hunk is, with the lines that were there before. `markdown`: what the client shows.
pub fn hover(hunk: &Shown, markdown: bool) -> Option<Hover> {
    let place = hunk.place?;
    let view = &hunk.view;
    let mut parts =
        vec![format!("Glossator {} ({}, {}, {}).", deed(hunk), view.id, view.turn, view.state.name())];
    let removed = matches!(view.part, HunkPart::Lines).then(|| prefixed('-', &view.base)).unwrap_or_default();
    if !removed.is_empty() {
        parts.push(fenced(&removed, markdown));
    }
    if view.state == HunkState::Amended {
        parts.push("It was changed since. What the agent wrote:".to_owned());
        parts.push(fenced(&prefixed('+', &view.proposed), markdown));
    }
    if !hunk.over.is_empty() {
        parts.push(format!(
            "It took over what {} had changed here: rejecting it takes that back too.",
            listed(&hunk.over)
        ));
    }
    parts.push(
        "Code actions on these lines keep it, or reject it and put back what was there before \
         (also glossator.keepHunk, glossator.rejectHunk)."
            .to_owned(),
    );
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = HoverContents::Markup(MarkupContent { kind, value: parts.join("\n\n") });
    Some(Hover { contents, range: Some(place.lines) })
}

fn prefixed(sign: char, text: &str) -> String {
    let all = lines(text).count();
    let mut shown: Vec<String> = lines(text)
        .take(HOVER_LINES)
        .map(|line| format!("{sign}{}", cut(line_content(line), HOVER_WIDTH)))
        .collect();
    if all > HOVER_LINES {
        shown.push(format!("{sign}… {} more lines", all - HOVER_LINES));
    }
    shown.join("\n")
}

/// A diff block whose fence is longer than any in the text.
fn fenced(diff: &str, markdown: bool) -> String {
    if !markdown {
        return diff.to_owned();
    }
    let longest = diff.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}diff\n{diff}\n{fence}")
}

/// The code lenses of one hunk: above its lines, or at the top of a file that is new or was moved.
pub fn lenses(hunk: &Shown) -> Vec<CodeLens> {
    let Some(place) = hunk.place else { return Vec::new() };
    let view = &hunk.view;
    let at = place.lines.start;
    let range = Range { start: at, end: at };
    let named = json!({ "hunks": [view.id], "sessionId": view.session });
    let turn = json!({ "turnId": view.turn, "sessionId": view.session, "hunk": view.id });
    let what = if view.part.is_lines() { "" } else { " file" };
    let lens = |title: String, name: &str, argument: &Value| CodeLens {
        range,
        command: Some(Command { title, command: name.to_owned(), arguments: Some(vec![argument.clone()]) }),
        data: None,
    };
    vec![
        lens(format!("Keep{what}"), command::KEEP_HUNK, &named),
        lens(format!("Reject{what}{}", hunk.with_earlier()), command::REJECT_HUNK, &named),
        lens("Diff".to_owned(), command::REVIEW, &turn),
    ]
}

#[cfg(test)]
mod tests;
