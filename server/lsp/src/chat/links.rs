//! `textDocument/documentLink`: the words of our documents that lead somewhere. Where to is found out when a link is followed,
//! so that nothing is written that nobody opens.

use crate::chat::lead;
use crate::chat::outline::Outline;
use crate::chat::place::Lines;
use crate::chat::target::{self, Target};
use crate::chat::turn::is_ours;
use crate::connection::Connection;
use crate::markdown::{Fences, Place};
use crate::mentions;
use crate::ours::Kind;
use glossator_session::{ChangeSetId, InputPart, SessionId, TurnId};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use tower_lsp::lsp_types::{DocumentLink, Position};
use url::Url;

/// What a link carries until it is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    session: SessionId,
    /// The word that is followed; an edit for one of its files.
    word: String,
    /// The turn that it stands in.
    #[serde(default)]
    turn: Option<TurnId>,
    /// The number of a file of an edit, from 0.
    #[serde(default)]
    file: Option<usize>,
}

/// A link in a line: its bytes, and what is followed.
#[derive(Debug, PartialEq, Eq)]
struct Link<'a> {
    bytes: Range<usize>,
    word: &'a str,
    file: Option<usize>,
}

/// The links of a document of ours; none in any other.
pub fn links(connection: &Connection, uri: &Url) -> Option<Vec<DocumentLink>> {
    let ours = connection.prompts.folders.document(uri.as_str())?;
    let lines = Lines::of(connection, uri)?;
    let text = lines.text();
    let outline = Outline::of(&text);
    let mut turns = outline.turns.iter().peekable();
    let mut turn = None;
    let mut fences = Fences::default();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(part) = turns.next_if(|part| part.line <= number) {
            turn = Some(part.id);
        }
        if fences.line(line) != Place::Outside {
            continue;
        }
        let of_user = ours.kind == Kind::Prompt || line.starts_with("> ");
        let mentioned = if of_user { mentioned(line) } else { Vec::new() };
        for link in in_line(line, ours.has_turns() && number < 4).into_iter().chain(mentioned) {
            let data =
                Data { session: ours.session.clone(), word: link.word.to_owned(), turn, file: link.file };
            found.push(document_link(&lines, (number, link.bytes), data));
        }
        let is_answer = ours.has_turns() && !of_user && !is_ours(line);
        for (bytes, word) in is_answer.then(|| linked(line)).into_iter().flatten() {
            let data = Data { session: ours.session.clone(), word, turn, file: None };
            found.push(document_link(&lines, (number, bytes), data));
        }
    }
    Some(found)
}

fn document_link(lines: &Lines, (number, bytes): (usize, Range<usize>), data: Data) -> DocumentLink {
    DocumentLink {
        range: lines.range(number, bytes),
        target: None,
        tooltip: Some(tooltip(&data)),
        data: serde_json::to_value(data).ok(),
    }
}

/// The file that a line of a transcript points at where the cursor is, else anywhere: in an answer or in the user's words.
/// `None`: at none.
pub async fn file_at(
    connection: &Arc<Connection>,
    uri: &str,
    at: Position,
) -> Option<Result<(SessionId, lead::Place), String>> {
    let ours = connection.prompts.folders.document(uri).filter(|ours| ours.has_turns())?;
    let word = {
        let lines = Lines::of(connection, &Url::parse(uri).ok()?)?;
        let (line, byte) = (lines.line(at.line as usize), lines.byte(at));
        let of_user = line.starts_with("> ");
        if is_ours(&line) || (!of_user && target::at(&line, byte).is_some()) {
            return None;
        }
        let words: Vec<(Range<usize>, String)> = match of_user {
            true => mentioned(&line).into_iter().map(|link| (link.bytes, link.word.to_owned())).collect(),
            false => linked(&line),
        };
        let here = words.iter().find(|(bytes, _)| (bytes.start..=bytes.end).contains(&byte));
        here.or(words.first())?.1.clone()
    };
    Some(pointed_at(connection, &word).await.map(|place| (ours.session, place)))
}

/// The links of a line; `head`: of the head of a transcript.
fn in_line(line: &str, head: bool) -> Vec<Link<'_>> {
    let ours = is_ours(line);
    let leads = |target: &Target| match target {
        Target::Turn(_) => !line.starts_with("## "),
        Target::Page(_) | Target::Transcript | Target::Prompt => head,
        // What the model says of keys and hunks is told on hover.
        _ => ours,
    };
    let mut found: Vec<Link<'_>> = target::words(line)
        .filter_map(|(bytes, word)| {
            let (bytes, target) = target::at(line, bytes.start)?;
            leads(&target).then_some(Link { bytes, word, file: None })
        })
        .collect();
    if let Some((set, rest)) = edit(line).filter(|_| ours) {
        for (number, bytes) in code_spans(line, rest).enumerate() {
            found.push(Link { bytes, word: set, file: Some(number) });
        }
    }
    found
}

/// The files that a user's line points at (`@src/a.rs:12`). Whether there are such files is found out when they are followed.
fn mentioned(line: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find('@')).map(|at| from + at) {
        let rest = &line[at + 1..];
        let quoted = rest.strip_prefix('"').and_then(|inner| inner.find('"')).map_or(0, |end| end + 2);
        let end = rest[quoted..].find(char::is_whitespace).map_or(rest.len(), |end| quoted + end);
        let word = line[at..at + 1 + end]
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '*', '_', '\'', '`']);
        let is_file = word.contains(['.', '/']) && !word.starts_with("@session:");
        if is_file && mentions::may_begin(line, at) {
            found.push(Link { bytes: at..at + word.len(), word, file: None });
        }
        from = at + 1 + end.min(word.len().max(1));
    }
    found
}

/// The files of the workspace that links of an answer (`[a.rs](src/a.rs#L3)`) lead to, as mentions of them. Whether there are
/// such files is found out when they are followed.
fn linked(line: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("](") {
        let start = at + 2;
        let Some(len) = line[start..].find(')') else { continue };
        let inner = line[start..start + len].trim_start_matches('<').trim_end_matches('>');
        let (path, fragment) = inner.split_once('#').unwrap_or((inner, ""));
        let (path, number) = match path.rsplit_once(':') {
            Some((path, number)) if number.parse::<u32>().is_ok() => (path, number),
            _ => (path, fragment.strip_prefix('L').unwrap_or_default()),
        };
        let digits = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let path = path.trim_start_matches("./").replace("%20", " ");
        if path.is_empty() || path.contains(['"', ':']) || path.starts_with("//") {
            continue;
        }
        let line = if digits.is_empty() { String::new() } else { format!(":{digits}") };
        found.push((start..start + len, format!("@\"{path}\"{line}")));
    }
    found
}

/// The edit that a line of ours tells of, and where its files begin.
fn edit(line: &str) -> Option<(&str, usize)> {
    let start = line.find("edit C").filter(|start| *start < 12)? + "edit ".len();
    let end = start + line[start..].find(':')?;
    Some((&line[start..end], end))
}

/// What stands between backticks behind byte `from`, with its backticks.
fn code_spans(line: &str, from: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = from;
    std::iter::from_fn(move || {
        let start = at + line.get(at..)?.find('`')?;
        let run = line[start..].bytes().take_while(|byte| *byte == b'`').count();
        let inner = start + run;
        let mut close = inner;
        loop {
            close += line.get(close..)?.find('`')?;
            let found = line[close..].bytes().take_while(|byte| *byte == b'`').count();
            close += found;
            if found == run {
                break;
            }
        }
        at = close;
        Some(start..close)
    })
}

fn tooltip(data: &Data) -> String {
    match (Target::of(&data.word), data.file) {
        _ if data.word.starts_with('@') => "Show the file".to_owned(),
        (_, Some(_)) => "Show the file".to_owned(),
        (Some(Target::Turn(turn)), _) => format!("Show {turn}"),
        (Some(Target::Review(_)), _) => "Show the hunks of this turn".to_owned(),
        (Some(Target::Context(_)), _) => "Show what the model was sent".to_owned(),
        (Some(Target::Call(..) | Target::Item(_)), _) => "Show all of it".to_owned(),
        (Some(Target::Page(_) | Target::Transcript), _) => "Show these turns".to_owned(),
        _ => format!("Show {}", data.word),
    }
}

/// `documentLink/resolve`: finds out where a link leads.
pub async fn resolve(connection: &Arc<Connection>, mut link: DocumentLink) -> Result<DocumentLink, String> {
    let data = link.data.clone().and_then(|data| serde_json::from_value::<Data>(data).ok());
    let data = data.ok_or("This link is not one of Glossator's.")?;
    let place = match (data.file, data.turn) {
        _ if data.word.starts_with('@') => pointed_at(connection, &data.word).await?,
        (Some(number), Some(turn)) => {
            let change = ChangeSetId(data.word.clone());
            lead::file_of(connection, &data.session, (turn, change, number)).await?
        }
        _ => {
            let target = Target::of(&data.word).ok_or_else(|| format!("'{}' leads nowhere.", data.word))?;
            lead::ready(connection, &data.session, (target, data.turn)).await?
        }
    };
    link.target = Some(place.link());
    Ok(link)
}

/// The file that a mention means.
async fn pointed_at(connection: &Arc<Connection>, word: &str) -> Result<lead::Place, String> {
    let words = InputPart::Text { text: word.to_owned() };
    let found =
        mentions::looked_up(connection, vec![words]).await.0.into_iter().find_map(|part| match part {
            InputPart::Mention { uri, range, .. } => Some((Url::parse(&uri).ok()?, range)),
            _ => None,
        });
    let (uri, range) = found.ok_or_else(|| format!("There is no file {} in the workspace.", &word[1..]))?;
    Ok(lead::Place { uri, line: range.map(|range| range.start.line) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_lines() {
        let check = |line: &str, head: bool, expected: &[(&str, Option<usize>, &str)]| {
            let found = in_line(line, head);
            let found: Vec<_> =
                found.iter().map(|link| (link.word, link.file, &line[link.bytes.clone()])).collect();
            assert_eq!(found, expected, "{line}");
        };
        check("- ▸ exec `T-1` → ok (S1-1-1)", false, &[("T-1", None, "T-1"), ("S1-1-1", None, "S1-1-1")]);
        check("  - ▸ exec → ok (#57)", false, &[("#57", None, "#57")]);
        check("exec → ok (#57) K3 as in T-3.", false, &[("T-3", None, "T-3")]);
        check("## T-3 · done", false, &[]);
        check(
            "session `x` · earlier turns: chat-3.md · write in prompt.md",
            true,
            &[("chat-3.md", None, "chat-3.md"), ("prompt.md", None, "prompt.md")],
        );
        check("see chat-3.md", false, &[]);
        check(
            "- ▸ edit C3: `a b.rs` new +1 −0, `` c`d `` +1 −1 → pending",
            false,
            &[("C3", None, "C3"), ("C3", Some(0), "`a b.rs`"), ("C3", Some(1), "`` c`d ``")],
        );
        check(
            "- ▸ review: T-3.diff · sent to the model: T-3-context.md",
            false,
            &[("T-3.diff", None, "T-3.diff"), ("T-3-context.md", None, "T-3-context.md")],
        );
        check("- ▸ edit C3: `unclosed", false, &[("C3", None, "C3")]);
        check("", true, &[]);
    }

    #[test]
    fn files_that_answers_link_to() {
        let check = |line: &str, expected: &[(&str, &str)]| {
            let found = linked(line);
            let found: Vec<_> =
                found.iter().map(|(bytes, word)| (&line[bytes.clone()], word.as_str())).collect();
            assert_eq!(found, expected, "{line}");
        };
        check(
            "See [price.py](price.py#L3), [é](./src/a%20b.rs:12) and [c](<d.rs#L3-L9>).",
            &[
                ("price.py#L3", "@\"price.py\":3"),
                ("./src/a%20b.rs:12", "@\"src/a b.rs\":12"),
                ("<d.rs#L3-L9>", "@\"d.rs\":3"),
            ],
        );
        check("[site](https://example.org/a.rs) [top](#heading) [m](mailto:a@b.c) [x](y", &[]);
        check("f[0](x) []()", &[("x", "@\"x\"")]);
    }

    #[test]
    fn files_that_are_pointed_at() {
        let check = |line: &str, expected: &[&str]| {
            let found = mentioned(line);
            let found: Vec<_> = found.iter().map(|link| &line[link.bytes.clone()]).collect();
            assert_eq!(found, expected, "{line}");
        };
        check("Fix @src/a.rs:12, and @\"b c.txt\":3-4.", &["@src/a.rs:12", "@\"b c.txt\":3-4"]);
        check("@reviewer look at (@é/ü.rs)", &["@é/ü.rs"]);
        check("mail me@example.org or @session:0199 or @diagnostics", &[]);
        check("@", &[]);
        check("@@a.b @\"open", &["@@a.b"]);
    }
}
