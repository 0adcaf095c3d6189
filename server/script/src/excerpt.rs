//! Places in a script's text: byte offset to line and column, and the line with a caret below it. Pure.

/// Longest part of a line that an excerpt shows, in characters.
const WIDTH: usize = 120;

/// Line and column of a byte offset, both from 1; columns count characters. Lines end at LF, CRLF or CR.
/// Offsets past the end or inside a character are moved back to the nearest character.
pub fn place(source: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &source[..offset];
    let normal = before.replace("\r\n", "\n").replace('\r', "\n");
    let line = normal.matches('\n').count() + 1;
    let column = normal.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// The column in characters of a column in bytes, both from 1, on that line.
pub fn char_column(source: &str, line: u32, byte_column: usize) -> Option<u32> {
    let normal = source.replace("\r\n", "\n").replace('\r', "\n");
    let text = normal.split('\n').nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let before = text.char_indices().take_while(|(at, _)| at + 1 < byte_column).count();
    u32::try_from(before + 1).ok()
}

/// The source line with its number and a caret under `column`; `None` when there is no such line.
pub fn excerpt(source: &str, line: u32, column: u32) -> Option<String> {
    let normal = source.replace("\r\n", "\n").replace('\r', "\n");
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let text = normal.split('\n').nth(index)?;
    let chars: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let caret = (usize::try_from(column).ok()?.max(1) - 1).min(chars.len());
    let start = caret.saturating_sub(WIDTH * 3 / 4);
    let end = chars.len().min(start + WIDTH);
    let shown: String = chars[start..end].iter().collect();
    let (head, tail) = (if start > 0 { "…" } else { "" }, if end < chars.len() { "…" } else { "" });
    let number = line.to_string();
    let pad = " ".repeat(number.len());
    let indent = " ".repeat(caret - start + head.chars().count());
    Some(format!("{number} | {head}{shown}{tail}\n{pad} | {indent}^"))
}

#[cfg(test)]
mod tests {
    use super::{char_column, excerpt, place};

    #[test]
    fn offsets_become_lines_and_columns() {
        let text = "ab\r\né😀c\rd\n";
        for (offset, wanted) in [
            (0, (1, 1)),
            (2, (1, 3)),
            (4, (2, 1)),
            (5, (2, 1)),
            (6, (2, 2)),
            (10, (2, 3)),
            (11, (2, 4)),
            (12, (3, 1)),
            (14, (4, 1)),
            (99, (4, 1)),
        ] {
            assert_eq!(place(text, offset), wanted, "{offset}");
        }
        assert_eq!(char_column(text, 2, 7), Some(3));
        assert_eq!(char_column(text, 2, 99), Some(4));
        assert_eq!(char_column(text, 9, 1), None);
    }

    #[test]
    fn excerpts_show_the_line_with_a_caret() {
        assert_eq!(excerpt("a\n\tb c", 2, 4).unwrap(), "2 |  b c\n  |    ^");
        assert_eq!(excerpt("a", 1, 99).unwrap(), "1 | a\n  |  ^");
        assert_eq!(excerpt("a", 2, 1), None);
        assert_eq!(excerpt("a", 0, 1), None);
        let long = excerpt(&"x".repeat(500), 1, 300).unwrap();
        let (line, caret) = long.split_once('\n').unwrap();
        assert!(line.chars().count() < 130 && line.contains('…'));
        assert_eq!(caret.chars().count(), 4 + 1 + 90 + 1);
    }
}
