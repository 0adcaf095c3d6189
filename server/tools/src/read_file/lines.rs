//! Lines of a text, and the blocks and headers that their indentation shows. Pure.

/// Lines with their endings (LF, CRLF and CR).
pub fn split_lines(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'\n' => at + 1,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => at + 2,
            b'\r' => at + 1,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push(&text[start..end]);
        start = end;
        at = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// Columns of white space before the text (a tab counts 4); `None` for a blank line.
fn indent(line: &str) -> Option<usize> {
    let width = line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
    (!line.trim().is_empty()).then_some(width)
}

/// The block that line `at` opens (its header, what is indented deeper, the closing line), else the run of lines around it
/// that are indented at least as far; with `siblings` always the latter. As a range of line indexes, `limit` at the most.
pub fn block(lines: &[&str], at: usize, limit: usize, siblings: bool) -> (usize, usize) {
    let Some(depth) = lines.get(at).and_then(|line| indent(line)) else {
        return (at, (at + 1).min(lines.len()));
    };
    let deeper = |line: &&&str| indent(line).is_none_or(|width| width > depth);
    let as_deep = |line: &&&str| indent(line).is_none_or(|width| width >= depth);
    let inside = lines[at + 1..].iter().take_while(deeper).count();
    let opens = lines[at + 1..at + 1 + inside].iter().any(|line| indent(line).is_some());
    let (first, mut last) = match opens && !siblings {
        true => {
            let closing = lines.get(at + 1 + inside).is_some_and(|line| {
                indent(line) == Some(depth) && line.trim_start().starts_with(['}', ')', ']'])
            });
            (at, at + 1 + inside + usize::from(closing))
        }
        false => {
            let before = lines[..at].iter().rev().take_while(as_deep).count();
            (at - before.min(limit / 2), at + 1 + lines[at + 1..].iter().take_while(as_deep).count())
        }
    };
    while last > at + 1 && indent(lines[last - 1]).is_none() {
        last -= 1;
    }
    (first, last.min(first + limit))
}

/// The headers that enclose line `at`, outermost first.
pub fn parents(lines: &[&str], at: usize, most: Option<usize>) -> Vec<usize> {
    let Some(mut depth) = lines.get(at).and_then(|line| indent(line)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for candidate in (0..at).rev() {
        if depth == 0 || most.is_some_and(|most| found.len() >= most) {
            break;
        }
        if let Some(width) = indent(lines[candidate]).filter(|width| *width < depth) {
            depth = width;
            found.push(candidate);
        }
    }
    found.reverse();
    found
}
