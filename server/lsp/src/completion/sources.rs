//! Where offers come from: open documents, the list of paths, symbols, sessions, agents, commands. Each is bounded, and none
//! is waited for long.

use super::place::Wanted;
use super::{About, Offer};
use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::convert;
use crate::editor_words;
use crate::mentions::{Symbol, quoted, seen_symbols, symbols};
use crate::slash::WORDS;
use crate::words::{ago, cut};
use glossator_agent::ListQuery;
use glossator_protocol_ext::PromptItemKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// How long the first list of files is waited for.
const PATIENCE: Duration = Duration::from_millis(40);
/// Paths that are offered at once.
const PATHS: usize = 50;
/// Open documents that come before other files.
const OPEN: usize = 10;
/// Symbols, and documents whose symbols are offered where none is named.
const SYMBOLS: usize = 100;
const DOCUMENTS: usize = 10;
/// Sessions.
const SESSIONS: usize = 20;
/// Characters of a title.
const TITLE: usize = 60;

/// What is offered for `wanted`, best first, and whether there is more.
pub(super) async fn offers(connection: &Arc<Connection>, wanted: &Wanted<'_>) -> (Vec<Offer>, bool) {
    match wanted {
        Wanted::Command { query } => (commands(query), false),
        Wanted::Session { query } => sessions(connection, query).await,
        Wanted::Symbol { path: "", query } => (symbols_of_open(connection, query).await, true),
        Wanted::Symbol { path, query } => (symbols_of_file(connection, path, query).await, false),
        Wanted::Mention { query, first } => mentions(connection, query, *first).await,
    }
}

fn commands(query: &str) -> Vec<Offer> {
    let query = query.to_ascii_lowercase();
    let found = WORDS.iter().filter(|one| one.word.starts_with(&query)).map(|one| {
        let insert = if one.takes.is_empty() { format!("/{}", one.word) } else { format!("/{} ", one.word) };
        let takes = if one.takes.is_empty() { String::new() } else { format!(" [{}]", one.takes) };
        Offer {
            label: format!("/{}{takes}", one.word),
            kind: PromptItemKind::Command,
            detail: Some(first_sentence(one.doc())),
            filter: format!("/{}", one.word),
            insert,
            about: Some(About::Command { word: one.word.to_owned() }),
        }
    });
    found.collect()
}

fn first_sentence(text: &str) -> String {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end().to_owned()
}

async fn mentions(connection: &Arc<Connection>, query: &str, first: bool) -> (Vec<Offer>, bool) {
    let mut found = Vec::new();
    if first {
        found.extend(agents(connection, query).await);
    }
    let open = open_files(connection);
    let shown: Vec<String> = open.iter().map(|(path, _)| path.clone()).collect();
    let is_meant = |path: &str| is_subsequence(query, path);
    found.extend(open.into_iter().filter(|(path, _)| is_meant(path)).take(OPEN).map(|(path, unsaved)| {
        let detail = if unsaved { "open, unsaved" } else { "open" };
        file(path, PromptItemKind::Buffer, Some(detail.to_owned()))
    }));
    if connection.names("diagnostics") && is_subsequence(query, "diagnostics") {
        found.push(Offer {
            label: "diagnostics".to_owned(),
            kind: PromptItemKind::Diagnostics,
            detail: Some("what other language servers report".to_owned()),
            insert: "@diagnostics".to_owned(),
            filter: "@diagnostics".to_owned(),
            about: None,
        });
    }
    if !query.is_empty() && "session:".starts_with(&query.to_ascii_lowercase()) {
        found.push(Offer {
            label: "session:".to_owned(),
            kind: PromptItemKind::Session,
            detail: Some("another session, by its title".to_owned()),
            insert: "@session:".to_owned(),
            filter: "@session:".to_owned(),
            about: None,
        });
    }
    let listed = connection.workspace.find_listed(query, PATHS, PATIENCE).await;
    let others = listed.found.into_iter().map(|one| one.path).filter(|path| !shown.contains(path));
    found.extend(others.map(|path| {
        let kind = if path.ends_with('/') { PromptItemKind::Folder } else { PromptItemKind::File };
        file(path, kind, None)
    }));
    // The list may be a moment old, and a query that is longer finds others.
    (found, !listed.complete)
}

fn file(path: String, kind: PromptItemKind, detail: Option<String>) -> Offer {
    Offer {
        kind,
        detail,
        insert: format!("@{}", quoted(&path)),
        filter: format!("@{}", quoted(&path)),
        about: (kind != PromptItemKind::Folder).then(|| About::File { path: path.clone(), line: 0 }),
        label: path,
    }
}

/// Open files of the workspace, the one that the user was in last first, and whether they hold unsaved text.
fn open_files(connection: &Connection) -> Vec<(String, bool)> {
    let roots = connection.workspace.roots();
    let last = connection.looking.last().map(|at| at.uri);
    let mut open: Vec<(bool, String, bool)> = Vec::new();
    for buffer in connection.workspace.overlay().all() {
        let path = buffer.path.filter(|path| !connection.is_ours(Some(path)));
        let Some(path) = path.and_then(|path| roots.resolve(&path.to_string_lossy()).ok()) else { continue };
        open.push((Some(&buffer.uri) != last.as_ref(), roots.display(&path), buffer.dirty));
    }
    open.sort();
    open.into_iter().map(|(_, path, unsaved)| (path, unsaved)).collect()
}

async fn agents(connection: &Arc<Connection>, query: &str) -> Vec<Offer> {
    let asked = connection.clone();
    let names = tokio::task::spawn_blocking(move || {
        let config = asked.config(asked.trusted());
        let agents = config.agents.into_iter();
        let named = agents.map(|(name, setup)| (name.0, format!("agent: {}", setup.model.request.model)));
        named.collect::<Vec<_>>()
    });
    let names = names.await.unwrap_or_default();
    let meant = names.into_iter().filter(|(name, _)| is_subsequence(query, name));
    meant
        .map(|(name, detail)| Offer {
            label: name.clone(),
            kind: PromptItemKind::Agent,
            detail: Some(detail),
            insert: format!("@{name} "),
            filter: format!("@{name}"),
            about: Some(About::Agent { name }),
        })
        .collect()
}

async fn sessions(connection: &Arc<Connection>, query: &str) -> (Vec<Offer>, bool) {
    let list = ListQuery { text: query.to_owned(), limit: SESSIONS, ..ListQuery::default() };
    let Ok(page) = with_agent(connection, move |agent| agent.list(&list)).await else {
        return (Vec::new(), true);
    };
    let current = connection.peek_session();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let more = page.next.is_some();
    let others = page.sessions.into_iter().filter(|one| Some(&one.id) != current.as_ref());
    let offer = |one: glossator_agent::SessionSummary| {
        let title = if one.title.is_empty() { &one.last_prompt } else { &one.title };
        let turns = if one.turns == 1 { "1 turn".to_owned() } else { format!("{} turns", one.turns) };
        Offer {
            label: cut(&title.replace('\n', " "), TITLE),
            kind: PromptItemKind::Session,
            detail: Some(format!("{}, {turns}", ago(now.saturating_sub(one.updated_at)))),
            insert: format!("@session:{}", one.id),
            // Found by its words, whatever their order: what was typed is what it is found by.
            filter: format!("@session:{query}"),
            about: Some(About::Session { id: one.id.0.clone() }),
        }
    };
    (others.map(offer).collect(), more || query.is_empty())
}

async fn symbols_of_file(connection: &Arc<Connection>, written: &str, query: &str) -> Vec<Offer> {
    let Ok(path) = connection.workspace.roots().resolve(written) else { return Vec::new() };
    let found = symbols(connection, &path).await;
    let meant = found.into_iter().filter(|one| is_subsequence(query, &one.name));
    meant.take(SYMBOLS).map(|one| symbol(written, one)).collect()
}

/// The symbols of documents that are open, the one that the user was in last first; and those that other servers know.
async fn symbols_of_open(connection: &Arc<Connection>, query: &str) -> Vec<Offer> {
    let roots = connection.workspace.roots();
    let mut found: Vec<Offer> = Vec::new();
    for (shown, _) in open_files(connection).into_iter().take(DOCUMENTS) {
        let Ok(path) = roots.resolve(&shown) else { continue };
        let symbols = seen_symbols(connection, &path).await.into_iter();
        let meant = symbols.filter(|one| is_subsequence(query, &one.name));
        found.extend(meant.take(SYMBOLS).map(|one| symbol(&shown, one)));
    }
    if !query.is_empty() {
        for one in editor_words::workspace_symbols(connection, query).await {
            let path: Option<PathBuf> = Url::parse(&one.uri).ok().as_ref().and_then(convert::path_of);
            let inside = path.and_then(|path| roots.resolve(&path.to_string_lossy()).ok());
            let Some(shown) = inside.map(|path| roots.display(&path)) else { continue };
            let offer = symbol(&shown, Symbol::from(one));
            if !found.iter().any(|known| known.insert == offer.insert) {
                found.push(offer);
            }
        }
    }
    found.truncate(SYMBOLS);
    found
}

fn symbol(path: &str, one: Symbol) -> Offer {
    let place = match &one.container {
        Some(container) => format!("{} in {container}", one.kind),
        None => one.kind.clone(),
    };
    // A name with blanks ends with the first one where it is written.
    let name = one.name.split_whitespace().next().unwrap_or_default();
    Offer {
        label: one.name.clone(),
        kind: PromptItemKind::Symbol,
        detail: Some(format!("{}, {path}:{}", place.trim(), one.lines.0 + 1)),
        insert: format!("@{}#{name}", quoted(path)),
        filter: format!("@{}#{name}", quoted(path)),
        about: Some(About::File { path: path.to_owned(), line: one.lines.0 }),
    }
}

/// Whether the letters of `query` stand in `text` in their order, in whatever case.
fn is_subsequence(query: &str, text: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_their_order() {
        for (query, text, is) in [
            ("", "a", true),
            ("sw", "src/Walk.rs", true),
            ("WALK", "src/walk.rs", true),
            ("wks", "walk", false),
        ] {
            assert_eq!(is_subsequence(query, text), is, "{query} {text}");
        }
    }

    #[test]
    fn commands_say_what_they_take() {
        let found = commands("mod");
        assert_eq!((found.len(), found[0].insert.as_str()), (1, "/model "));
        assert_eq!(found[0].label, "/model [provider/model]");
        assert_eq!(commands("comp")[0].insert, "/compact");
        assert_eq!(commands("COMP").len(), 1);
        assert_eq!(commands("").len(), WORDS.len());
        assert!(commands("nothing").is_empty());
        assert!(commands("").iter().all(|one| one.detail.as_ref().is_some_and(|detail| !detail.is_empty())));
    }
}
