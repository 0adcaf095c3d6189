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
use tower_lsp::lsp_types::DocumentLink;
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
            found.push(DocumentLink {
                range: lines.range(number, link.bytes),
                target: None,
                tooltip: Some(tooltip(&data)),
                data: serde_json::to_value(data).ok(),
            });
        }
    }
    Some(found)
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
    let found = mentions::resolved(connection, vec![words]).await.into_iter().find_map(|part| match part {
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
