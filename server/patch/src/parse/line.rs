//! The text of a patch as numbered lines. Knows nothing of what they mean.

/// A line of the patch text without its line break, with its one-based number.
#[derive(Debug, Clone, Copy)]
pub(super) struct PatchLine<'a> {
    pub number: usize,
    pub text: &'a str,
}

/// Cuts at LF (a CR before it goes too); a text without any LF is cut at CR.
pub(super) fn patch_lines(text: &str) -> Vec<PatchLine<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = if text.contains('\n') { '\n' } else { '\r' };
    let mut lines: Vec<PatchLine<'_>> = text
        .split(separator)
        .enumerate()
        .map(|(at, text)| PatchLine { number: at + 1, text: text.strip_suffix('\r').unwrap_or(text) })
        .collect();
    if lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    lines
}
