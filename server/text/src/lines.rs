//! Cutting a text into lines. LF, CRLF and a lone CR end a line, as in the Language Server Protocol.

/// The lines of `text`, each with its line break. Joined they are the text; the empty text has no line.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut breaks = memchr::memchr2_iter(b'\n', b'\r', bytes).peekable();
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == text.len() {
            return None;
        }
        let end = match breaks.next() {
            None => text.len(),
            Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => {
                breaks.next();
                at + 2
            }
            Some(at) => at + 1,
        };
        let line = &text[start..end];
        start = end;
        Some(line)
    })
}

/// `line` without the one line break at its end, if it has one.
pub fn line_content(line: &str) -> &str {
    match line.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => line.strip_suffix('\r').unwrap_or(line),
    }
}
