//! What stands around a patch: its dialect, Markdown fences, heredoc lines, prose before it.

use super::line::PatchLine;
use super::native::{is_begin, is_file_directive};
use super::search::SEARCH;
use super::unified::{hunk_header, is_header};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `*** Begin Patch`
    Native,
    /// `diff --git`, `---` and `+++`, `@@ -1 +1 @@`
    Unified,
    /// `<<<<<<< SEARCH`
    Search,
}

/// The dialect, and the index of the line that tells it.
pub(super) fn dialect(lines: &[PatchLine<'_>]) -> Option<(Dialect, usize)> {
    lines.iter().enumerate().find_map(|(at, line)| {
        let next = lines.get(at + 1).map_or("", |line| line.text);
        let text = line.text;
        if is_begin(text) || is_file_directive(text) {
            Some((Dialect::Native, at))
        } else if text.starts_with("diff --git ") || is_header(text, next) || hunk_header(text).is_some() {
            Some((Dialect::Unified, at))
        } else if text.trim_end() == SEARCH {
            Some((Dialect::Search, at))
        } else {
            None
        }
    })
}

/// The patch from line `at` on, without the closing lines of the fences and heredocs that were opened before it.
pub(super) fn unwrapped<'a>(lines: &[PatchLine<'a>], at: usize) -> Vec<PatchLine<'a>> {
    let closers: Vec<&str> = lines[..at].iter().filter_map(|line| closer(line.text)).collect();
    let rest = &lines[at..];
    let is_closer = |line: &PatchLine<'_>| closers.contains(&line.text.trim_end());
    let Some(end) = rest.iter().position(is_closer) else {
        return rest.to_vec();
    };
    if dialect(&rest[end..]).is_some() {
        // More of the patch follows: leave out the wrapping lines only. Prose between is the parser's to refuse.
        let wrapping = |line: &&PatchLine<'_>| !is_closer(line) && closer(line.text).is_none();
        return rest.iter().filter(wrapping).copied().collect();
    }
    rest[..end].to_vec()
}

/// The line that closes what `text` opens: a Markdown fence or a heredoc.
fn closer(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '`' | '~')) {
        let len = text.len() - text.trim_start_matches(mark).len();
        return (len >= 3).then(|| &text[..len]);
    }
    let (_, after) = text.split_once("<<")?;
    let word = after.strip_prefix('-').unwrap_or(after).trim_start();
    let quoted = ['\'', '"'].iter().find_map(|quote| word.strip_prefix(*quote)?.split(*quote).next());
    let word = quoted.or_else(|| word.trim_start_matches('\\').split_whitespace().next())?;
    (!word.is_empty() && !word.starts_with('<')).then_some(word)
}
