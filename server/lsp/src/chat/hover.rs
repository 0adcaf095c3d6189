//! Hovers on the words of our documents: what a turn was, what came of a call, how a hunk stands, what a key holds.

use crate::approvals;
use crate::blocking::with_agent;
use crate::chat::load::items_of;
use crate::chat::outline::Outline;
use crate::chat::outputs::{self, Wanted};
use crate::chat::place::Lines;
use crate::chat::target::{self, Target};
use crate::chat::turn::Turn;
use crate::connection::Connection;
use crate::context::cabinet;
use crate::convert;
use crate::markdown::{fenced, plain};
use crate::review;
use crate::words::cut;
use glossator_agent::HunkQuery;
use glossator_session::{AskId, ChangeSetId, FileKey, HunkId, SessionId, TurnId};
use std::path::Path;
use std::sync::Arc;
use tower_lsp::lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Range};
use url::Url;

/// Lines and characters of a text that are shown.
const LINES: usize = 16;
const WIDTH: usize = 160;
/// Characters of a prompt and of a title.
const WORDS: usize = 400;

/// What is told of a place: of a hunk in the user's files, of a word in documents of ours.
pub async fn anywhere(connection: &Arc<Connection>, uri: &Url, at: Position) -> Option<Hover> {
    if connection.prompts.folders.hold_uri(uri.as_str()) {
        return hover(connection, uri, at).await;
    }
    let hunks = review::hunks::in_document(connection, uri).await;
    let markdown = convert::shows_markdown(connection.capabilities());
    let hunk = hunks.iter().find(|hunk| hunk.touches(&Range { start: at, end: at }));
    hunk.and_then(|hunk| review::show::hover(hunk, markdown))
}

/// What is told of the word at a place of a document of ours; `None` where nothing is known.
async fn hover(connection: &Arc<Connection>, uri: &Url, at: Position) -> Option<Hover> {
    let ours = connection.prompts.folders.document(uri.as_str()).map(|ours| ours.session);
    // Documents of the workspace tell of the session that is worked in.
    let session = ours.or_else(|| connection.peek_session())?;
    let (range, told) = {
        let lines = Lines::of(connection, uri)?;
        let number = at.line as usize;
        let (bytes, target) = target::at(&lines.line(number), lines.byte(at))?;
        let turn = Outline::of(&lines.text()).turn_at(number).map(|turn| turn.id);
        (lines.range(number, bytes), (target, turn))
    };
    let text = about(connection, &session, told).await?;
    let markdown = convert::shows_markdown(connection.capabilities());
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = HoverContents::Markup(MarkupContent { kind, value: text });
    Some(Hover { contents, range: Some(range) })
}

async fn about(
    connection: &Arc<Connection>,
    session: &SessionId,
    (target, turn): (Target, Option<TurnId>),
) -> Option<String> {
    match target {
        Target::Turn(turn) | Target::Review(turn) | Target::Context(turn) => {
            of_turn(connection, session, turn).await
        }
        Target::Call(turn, call) => output(connection, session, (turn, Wanted::Call(call))).await,
        Target::Item(number) => output(connection, session, (turn?, Wanted::Item(number))).await,
        Target::Hunk(id) => hunk(connection, session, &id).await,
        Target::Change(id) => change(connection, session, &id).await,
        Target::Text(key) => kept(connection, session, key).await,
        Target::Board(id) => board(connection, session, &id).await,
        Target::Ask(id) => ask(connection, session, &id),
        Target::Transcript | Target::Page(_) | Target::Prompt => None,
    }
}

/// What was asked in a turn, and how it went.
async fn of_turn(connection: &Arc<Connection>, session: &SessionId, turn: TurnId) -> Option<String> {
    let (worker, id) = (connection.clone(), session.clone());
    let found = with_agent(connection, move |agent| {
        let roots = worker.workspace.roots();
        let mut found = Turn::new(turn);
        let items = items_of(agent, &id, turn)?;
        items.iter().for_each(|item| found.add(item, &|path: &Path| roots.display(path)));
        Ok((!items.is_empty()).then(|| found.markdown().to_owned()))
    });
    let text = found.await.ok()??;
    let heading = text.lines().next()?.trim_start_matches('#').trim();
    let prompt = prompt(&text);
    let mut parts = vec![format!("**{heading}**"), fenced("", &cut(prompt.trim(), WORDS))];
    let edits: Vec<&str> = text.lines().filter(|line| line.starts_with("- ▸ edit ")).take(LINES).collect();
    if !edits.is_empty() {
        parts.push(edits.join("\n"));
    }
    Some(parts.join("\n\n"))
}

/// What the user said in the text of a turn; an answer quotes, too.
fn prompt(text: &str) -> String {
    let mut is_users = false;
    let said = text.lines().filter_map(|line| {
        if line.starts_with("### ") {
            is_users = line.starts_with("### You");
        }
        line.strip_prefix("> ").filter(|_| is_users)
    });
    said.collect::<Vec<_>>().join("\n")
}

async fn output(
    connection: &Arc<Connection>,
    session: &SessionId,
    (turn, wanted): (TurnId, Wanted),
) -> Option<String> {
    let id = session.clone();
    let text = with_agent(connection, move |agent| Ok(outputs::text(&items_of(agent, &id, turn)?, &wanted)));
    Some(fenced("", &beginning(&text.await.ok()??)))
}

async fn hunk(connection: &Arc<Connection>, session: &SessionId, id: &HunkId) -> Option<String> {
    let query = HunkQuery { session: Some(session), all: true, ..HunkQuery::default() };
    let all = review::hunks::hunks(connection, query).await;
    let hunk = all.iter().find(|hunk| hunk.view.id == *id)?;
    let view = &hunk.view;
    let diff = format!("{}{}", signed('-', &view.base), signed('+', &view.current));
    Some(format!(
        "**{}** {} in {}, {} ({})\n\n{}",
        view.id,
        review::show::deed(hunk),
        plain(&hunk.location(), WIDTH),
        view.state.name(),
        view.turn,
        fenced("diff", &beginning(&diff))
    ))
}

async fn change(connection: &Arc<Connection>, session: &SessionId, id: &ChangeSetId) -> Option<String> {
    let query = HunkQuery { session: Some(session), change_set: Some(id), all: true, ..HunkQuery::default() };
    let all = review::hunks::hunks(connection, query).await;
    let lines: Vec<String> = all
        .iter()
        .take(LINES)
        .map(|hunk| {
            format!("- {} {} ({})", hunk.view.id, plain(&hunk.location(), WIDTH), hunk.view.state.name())
        })
        .collect();
    let more = all.len().saturating_sub(LINES);
    let more = if more > 0 { format!("\n- and {more} more") } else { String::new() };
    (!lines.is_empty()).then(|| format!("**{id}**\n\n{}{more}", lines.join("\n")))
}

async fn kept(connection: &Arc<Connection>, session: &SessionId, key: FileKey) -> Option<String> {
    let (id, of) = (session.clone(), key.clone());
    let found = with_agent(connection, move |agent| match of.0.starts_with('F') {
        true => agent.filed_text(&of).map(|(entry, text)| (entry.note, text)),
        false => agent.kept_text(&id, &of).map(|text| (String::new(), text)),
    });
    let (note, text) = found.await.ok()?;
    let note = if note.is_empty() { String::new() } else { format!(": {}", plain(&note, WORDS)) };
    Some(format!("**{key}**{note}, {} bytes\n\n{}", text.len(), fenced("", &beginning(&text))))
}

async fn board(connection: &Arc<Connection>, session: &SessionId, id: &str) -> Option<String> {
    let entries = cabinet::board(connection, session.clone()).await.ok()?;
    let entry = entries.into_iter().find(|entry| entry.id == id)?;
    Some(format!(
        "**{}** {}\n\n{}",
        entry.id,
        plain(&entry.title, WORDS),
        fenced("", &beginning(&entry.text))
    ))
}

fn ask(connection: &Connection, session: &SessionId, id: &AskId) -> Option<String> {
    let pending = approvals::open(connection, session, id)?;
    let ask = &pending.ask;
    Some(format!(
        "**{}** waits for an answer: {} ({})\n\n{}",
        ask.id,
        plain(&ask.title, WORDS),
        plain(&ask.reason, WORDS),
        fenced("", &beginning(&approvals::document(ask).1))
    ))
}

fn signed(sign: char, text: &str) -> String {
    text.lines().map(|line| format!("{sign}{line}\n")).collect()
}

/// The first lines of a text.
fn beginning(text: &str) -> String {
    let count = text.lines().count();
    let mut lines: Vec<String> = text.lines().take(LINES).map(|line| cut(line, WIDTH)).collect();
    if count > LINES {
        lines.push(format!("… {} more lines", count - LINES));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_said_is_not_what_an_answer_quotes() {
        let text = "## T-1\n\n### You\n\n> a\n> b\n\n### Glossator\n\n> quoted\n\n### You, later\n\n> c\n";
        assert_eq!(prompt(text), "a\nb\nc");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(beginning("a\nb"), "a\nb");
        let long: String = (0..40).map(|line| format!("{line}\n")).collect();
        assert!(beginning(&long).ends_with("15\n… 24 more lines"));
        assert!(beginning(&"x".repeat(999)).chars().count() < 200);
    }
}
