//! What an offer is, in more words: told when the user looks at it.

use super::About;
use crate::blocking::with_agent;
use crate::connection::Connection;
use crate::language::language;
use crate::markdown::fenced;
use crate::mentions::session_digest;
use crate::slash::WORDS;
use crate::words::cut;
use glossator_session::{AgentId, SessionId};
use glossator_text::lines;
use std::sync::Arc;
use tower_lsp::lsp_types::{CompletionItem, Documentation, MarkupContent, MarkupKind};

/// Lines of a file, and characters of each, that are shown.
const LINES: usize = 20;
const WIDTH: usize = 160;
/// Characters of a session that are shown.
const SESSION: usize = 2000;

/// `item` with its documentation, as far as there is any.
pub async fn explain(connection: &Arc<Connection>, mut item: CompletionItem) -> CompletionItem {
    let about = item.data.as_ref().and_then(|data| serde_json::from_value::<About>(data.clone()).ok());
    let Some(about) = about else { return item };
    let markdown = shows_markdown(connection);
    if let Some(value) = words(connection, about, markdown).await {
        let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
        item.documentation = Some(Documentation::MarkupContent(MarkupContent { kind, value }));
    }
    item
}

/// Whether the client shows Markdown here; one that does not say is not taken to.
fn shows_markdown(connection: &Connection) -> bool {
    let documents = connection.capabilities().and_then(|all| all.text_document.as_ref());
    let item = documents.and_then(|documents| documents.completion.as_ref()?.completion_item.as_ref());
    let formats = item.and_then(|item| item.documentation_format.as_ref());
    formats.is_some_and(|formats| formats.contains(&MarkupKind::Markdown))
}

async fn words(connection: &Arc<Connection>, about: About, markdown: bool) -> Option<String> {
    match about {
        About::Command { word } => {
            let word = WORDS.iter().find(|one| one.word == word)?;
            let takes = if word.takes.is_empty() { String::new() } else { format!(" [{}]", word.takes) };
            Some(format!("/{}{takes}\n\n{}\n\nAlso the command {}.", word.word, word.doc(), word.command))
        }
        About::Agent { name } => {
            let config = connection.config_now().await.ok()?;
            let agent = config.agents.get(&AgentId(name.clone()))?;
            Some(format!("{name}: {}\n\n{}", agent.model.request.model, agent.role))
        }
        About::Session { id } => {
            let id = SessionId(id);
            let page = with_agent(connection, move |agent| agent.page(&id, None, 3)).await.ok()?;
            Some(cut(&connection.cleaned(session_digest(&page)).await, SESSION))
        }
        About::File { path, line } => {
            let path = connection.workspace.roots().resolve(&path).ok()?;
            let text = connection.workspace.read(&path).await.ok()?.text;
            let shown: Vec<String> =
                lines(&text).skip(line).take(LINES).map(|line| cut(line.trim_end(), WIDTH)).collect();
            let name = language("", Some(&path)).map_or("", |language| language.name());
            let shown = shown.join("\n");
            Some(if markdown { fenced(name, &shown) } else { shown })
        }
    }
}
