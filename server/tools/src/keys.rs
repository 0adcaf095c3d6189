//! Texts by their keys: those that the session keeps (`K3`), documents of the file cabinet (`F2`), entries of the board
//! (`B1`). Finds and names them; never keeps anything.

use crate::{Filed, Turn};
use glossator_session::{BoardEntry, FileKey, ToolError};
use std::sync::Arc;

/// Documents and entries that an error lists.
const LISTED: usize = 10;
/// Characters of a note in such a list.
const SHOWN: usize = 60;

/// A text that was found under its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The key in its one form; of an entry of the board without a key its id.
    pub key: FileKey,
    pub text: String,
    /// What is known of it: the note of a document, the title of an entry.
    pub what: Option<String>,
}

/// What a key names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Kept(FileKey),
    Filed(FileKey),
    Entry(String),
}

/// Reads a key as people and models write it: `K3`, `k3`, ` F2 `.
fn named(key: &str) -> Option<Named> {
    let mut chars = key.trim().chars();
    let letter = chars.next()?.to_ascii_uppercase();
    let digits = chars.as_str();
    if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let key = format!("{letter}{digits}");
    match letter {
        'K' => Some(Named::Kept(FileKey(key))),
        'F' => Some(Named::Filed(FileKey(key))),
        'B' => Some(Named::Entry(key)),
        _ => None,
    }
}

/// The text under `key`, looked for on a thread of its own, since it may lie on a disk.
pub(crate) async fn text_of(turn: Arc<dyn Turn>, key: &str) -> Result<Found, ToolError> {
    let key = key.to_owned();
    blocking(move || find(turn.as_ref(), &key)).await
}

/// Does what may wait for a disk; an error is one of the tool.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, ToolError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done =
        done.map_err(|_| ToolError::failed("reading the kept text broke down; see Glossator's log"))?;
    done.map_err(ToolError::failed)
}

fn find(turn: &dyn Turn, key: &str) -> Result<Found, String> {
    match named(key) {
        Some(Named::Filed(key)) => {
            let (filed, text) = document(turn, &key)?;
            Ok(Found { key, text, what: Some(filed.note) })
        }
        Some(Named::Entry(id)) => {
            let entry = entry(turn, &id)?;
            match &entry.key {
                // A key never names an entry, so this ends.
                Some(key) if !matches!(named(&key.0), Some(Named::Entry(_))) => {
                    Ok(Found { what: Some(entry.title), ..find(turn, &key.0)? })
                }
                _ => Ok(Found { key: FileKey(id), text: entry.text, what: Some(entry.title) }),
            }
        }
        Some(Named::Kept(key)) => kept(turn, key),
        None => kept(turn, FileKey(key.to_owned())),
    }
}

fn kept(turn: &dyn Turn, key: FileKey) -> Result<Found, String> {
    let unknown = |why: String| {
        format!(
            "{}. Keys look like K3 and belong to this session; they come with values that were too long to show and with the \
             results of tasks (`tools.spawn.list()`). Keys like F2 belong to the file cabinet (`tools.listFC()`). A file \
             of the workspace is read by its `path`.",
            glossator_exec::visible(&why)
        )
    };
    let text = turn.kept(&key).map_err(unknown)?;
    Ok(Found { key, text, what: None })
}

/// The document under `key`; an error says which there are.
pub(crate) fn document(turn: &dyn Turn, key: &FileKey) -> Result<(Filed, String), String> {
    let cabinet = turn.cabinet()?;
    match cabinet.get(key)? {
        Some(found) => Ok(found),
        None => Err(missing(key, &cabinet.list()?)),
    }
}

/// The documents that `keys` name, each once; an error names every key that names none.
pub(crate) fn documents(turn: &dyn Turn, keys: &[String]) -> Result<Vec<(Filed, String)>, String> {
    let mut wanted: Vec<FileKey> = Vec::new();
    let mut problems = Vec::new();
    for key in keys {
        match named(key) {
            Some(Named::Filed(key)) if wanted.contains(&key) => {}
            Some(Named::Filed(key)) => wanted.push(key),
            Some(Named::Kept(key)) => problems.push(format!(
                "{key} is a text of this session, not of the cabinet: await tools.readFile({{ fileKey: \"{key}\" }})"
            )),
            _ => problems.push(missing(&FileKey(key.clone()), &turn.cabinet()?.list()?)),
        }
    }
    let mut found = Vec::new();
    for key in &wanted {
        match document(turn, key) {
            Ok(document) => found.push(document),
            Err(why) => problems.push(why),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems.join("\n")) }
}

/// The entry of the board called `id`; an error says which there are.
pub(crate) fn entry(turn: &dyn Turn, id: &str) -> Result<BoardEntry, String> {
    let wanted = id.trim().to_ascii_uppercase();
    let mut board = turn.board();
    if let Some(at) = board.iter().position(|entry| entry.id == wanted) {
        return Ok(board.swap_remove(at));
    }
    let there: Vec<String> =
        board.iter().rev().take(LISTED).map(|entry| named_so(&entry.id, &entry.title)).collect();
    let there = match there.is_empty() {
        true => "The board is empty".to_owned(),
        false => format!("The board has {}", there.join(", ")),
    };
    Err(format!("there is no entry {} on the board (any more). {there}.", glossator_exec::visible(&cut(id))))
}

/// What is said of a key that names no document.
fn missing(key: &FileKey, filed: &[Filed]) -> String {
    let number = |key: &FileKey| key.0.get(1..).and_then(|digits| digits.parse::<u64>().ok());
    let is_key = matches!(named(&key.0), Some(Named::Filed(_)));
    let was = is_key && filed.iter().any(|other| number(&other.key) > number(key));
    let any_more = if was {
        " any more: documents go 30 days after they were saved, or when they are taken away"
    } else {
        ""
    };
    // What is no key at all may be the note of a document.
    let meant = crate::nearest::meant(&key.0, filed.iter().map(|filed| filed.note.as_str()));
    let meant = meant.filter(|_| !is_key).and_then(|note| filed.iter().find(|filed| filed.note == note));
    let meant = meant
        .map(|filed| format!("; did you mean {}?", named_so(&filed.key.0, &filed.note)))
        .unwrap_or_default();
    let newest: Vec<String> =
        filed.iter().rev().take(LISTED).map(|filed| named_so(&filed.key.0, &filed.note)).collect();
    let there = match newest.len() {
        0 => {
            "The cabinet is empty: await tools.saveToFC({ fileKey: \"K3\", note: \"...\" }) puts a text there"
                .to_owned()
        }
        shown if shown < filed.len() => {
            format!("The newest of {} are {}; await tools.listFC() has all", filed.len(), newest.join(", "))
        }
        _ => format!("There are {}", newest.join(", ")),
    };
    let key = glossator_exec::visible(&cut(&key.0));
    format!("the file cabinet has no document {key}{any_more}{meant}. {there}.")
}

/// `F2 ("notes on parsing")`
fn named_so(key: &str, what: &str) -> String {
    format!("{key} (\"{}\")", glossator_exec::visible(&cut(what)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `text` in one line of at most `most` characters.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if let Some((end, _)) = line.char_indices().nth(most) {
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

/// The begin of `text` in at most `most` bytes: whole lines where that leaves at least half of it.
pub(crate) fn head(text: &str, most: usize) -> &str {
    let end = text.floor_char_boundary(most);
    if end == text.len() {
        return text;
    }
    match text[..end].rfind('\n') {
        Some(line) if line >= most / 2 => &text[..line + 1],
        _ => &text[..end],
    }
}

/// How a kept text is read from its begin, or behind the `shown` lines that are known already.
pub(crate) fn hint(key: &FileKey, shown: usize) -> String {
    let offset = if shown > 0 { format!(", offset: {}", shown + 1) } else { String::new() };
    format!("await tools.readFile({{ fileKey: \"{key}\"{offset} }})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (text, expected) in [
            ("K3", Some(Named::Kept("K3".into()))),
            (" k3\n", Some(Named::Kept("K3".into()))),
            ("f12", Some(Named::Filed("F12".into()))),
            ("b1", Some(Named::Entry("B1".to_owned()))),
            ("K", None),
            ("", None),
            ("K-1", None),
            ("Q1", None),
            ("../K1", None),
            ("K1234567890123", None),
            ("é1", None),
        ] {
            assert_eq!(named(text), expected, "{text:?}");
        }
    }

    #[test]
    fn heads_end_with_a_line_where_one_is_near() {
        for (text, most, expected) in [
            ("a\nb\n", 10, "a\nb\n"),
            ("aaaa\nbbbb", 7, "aaaa\n"),
            ("a\nbbbbbbbbb", 8, "a\nbbbbbb"),
            ("ééé", 3, "é"),
            ("", 3, ""),
        ] {
            assert_eq!(head(text, most), expected, "{text:?}");
        }
        assert_eq!(one_line(" a\n\tb  c ", 10), "a b c");
        assert_eq!(one_line("abcdef ghi", 8), "abcdef g…");
    }

    #[test]
    fn what_is_missing_is_told_with_what_there_is() {
        let filed = |key: &str, note: &str| Filed {
            key: key.into(),
            note: note.to_owned(),
            bytes: 1,
            saved_at: 0,
            expires_at: 0,
        };
        let two = [filed("F2", "parser notes"), filed("F5", "release plan")];
        for (key, all, words) in [
            ("F9", &two[..], "no document F9. There are F5 (\"release plan\"), F2 (\"parser notes\")."),
            ("F3", &two, "no document F3 any more: documents go 30 days after"),
            ("F1", &[], "no document F1. The cabinet is empty: await tools.saveToFC"),
            ("parser note", &two, "did you mean F2 (\"parser notes\")?"),
        ] {
            let text = missing(&key.into(), all);
            assert!(text.contains(words), "{text}");
        }
        let many: Vec<Filed> = (1..=30).map(|n| filed(&format!("F{n}"), &"n".repeat(300))).collect();
        let text = missing(&"F31".into(), &many);
        assert!(text.contains("newest of 30 are F30") && text.len() < 1200, "{text}");
    }
}
