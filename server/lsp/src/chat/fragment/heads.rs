//! The lines of a text that begin a definition or a section, and which of them each line belongs to: by what such lines look like
//! in common languages. Pure.

/// What may stand before the word that defines something.
const BEFORE: [&str; 10] =
    ["export", "default", "pub", "async", "static", "unsafe", "const", "public", "private", "protected"];
/// Words behind which the name of a definition stands.
const DEFINE: [&str; 12] =
    ["fn", "def", "class", "func", "function", "impl", "struct", "enum", "trait", "interface", "mod", "type"];
/// What a line begins with that is of the definition below.
const ABOVE: [&str; 4] = ["//", "#", "@", "/*"];

/// The name that a line defines, or its section: `load` of `pub fn load(`, `[a]`.
pub fn head(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.len() > 2 && line.starts_with('[') && line.ends_with(']') {
        return Some(line);
    }
    let mut rest = line;
    loop {
        let (word, behind) = rest.split_once(char::is_whitespace)?;
        if DEFINE.contains(&word) {
            let behind = behind.trim_start();
            let end = behind.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(behind.len());
            return Some(&behind[..end]).filter(|name| !name.is_empty());
        }
        let is_before = BEFORE.contains(&word) || (word.starts_with("pub(") && word.ends_with(')'));
        if !is_before {
            return None;
        }
        rest = behind.trim_start();
    }
}

/// What each line belongs to: the last head above it, or the one below of which it is the comment; `None`: nothing that is
/// named.
pub fn places<'a>(lines: &[&'a str]) -> Vec<Option<&'a str>> {
    let mut last = None;
    let mut places: Vec<Option<&str>> = lines
        .iter()
        .map(|line| {
            last = head(line).or(last);
            last
        })
        .collect();
    let mut below = None;
    for (place, line) in places.iter_mut().zip(lines).rev() {
        let start = line.trim_start();
        // What stands for lines that are left out ends a comment, and a text's own comment is of no definition.
        let words = start.trim_start_matches(['/', '#', '*', ' ']);
        let is_other = start.starts_with("//!") || words.starts_with("...") || words.starts_with('…');
        let is_above = !is_other && ABOVE.iter().any(|mark| start.starts_with(mark));
        match head(line) {
            Some(name) => below = Some(name),
            None if is_above && below.is_some() => *place = below,
            None => below = None,
        }
    }
    places
}
