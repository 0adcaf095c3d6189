//! Lists and searches, from what clients ask to what the agent is asked. Blocks: called off the message loop.

use crate::sessions::told;
use glossator_agent::{Agent, AgentError, Cursor, ListQuery, SearchQuery, SessionSummary, TextKind};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;

/// Sessions of a page, where no number is named, and at the most.
const SESSIONS: u32 = 200;
const MOST_SESSIONS: u32 = 1000;

/// Hits, where no number is named, and at the most.
const HITS: u32 = 50;
const MOST_HITS: u32 = 500;

/// What a client's wish for a list is.
///
/// # Errors
/// A cursor that is none.
pub fn list_query(params: ext::ListSessionsParams) -> Result<ListQuery, String> {
    Ok(ListQuery {
        text: params.text.unwrap_or_default(),
        archived: Some(params.archived.unwrap_or(false)),
        model: params.model.unwrap_or_default(),
        since: params.since,
        until: params.until,
        overlapping: params.overlapping,
        limit: bounded(params.limit, (SESSIONS, MOST_SESSIONS)),
        before: params.before.map(|text| text.parse::<Cursor>()).transpose()?,
    })
}

/// What a client's wish for a search is.
///
/// # Errors
/// A kind that is none, or nothing to look for.
pub fn search_query(params: ext::SearchSessionsParams) -> Result<SearchQuery, String> {
    if params.text.trim().is_empty() {
        return Err("say what to look for: `text` is empty".to_owned());
    }
    let kinds: Result<Vec<TextKind>, _> = params.kinds.iter().map(|kind| text_kind(kind)).collect();
    Ok(SearchQuery {
        text: params.text,
        session: params.session_id.map(SessionId),
        kinds: kinds?,
        since: params.since,
        until: params.until,
        overlapping: params.overlapping,
        limit: bounded(params.limit, (HITS, MOST_HITS)),
    })
}

fn text_kind(name: &str) -> Result<TextKind, String> {
    TextKind::named(name).ok_or_else(|| {
        let known: Vec<&str> = TextKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("'{name}' is no kind of text; there are {}", known.join(", "))
    })
}

fn bounded(asked: Option<u32>, (usual, most): (u32, u32)) -> usize {
    asked.unwrap_or(usual).clamp(1, most) as usize
}

/// Lists.
pub fn list(agent: &Agent, query: &ListQuery) -> Result<ext::ListSessionsResult, AgentError> {
    let page = agent.list(query)?;
    let running = agent.running();
    let turn = |id: &SessionId| Some(running.iter().find(|(session, _)| session == id)?.1.to_string());
    let told = |one: &SessionSummary| ext::Session { running: turn(&one.id), ..told::summary(one) };
    Ok(ext::ListSessionsResult {
        sessions: page.sessions.iter().map(told).collect(),
        next: page.next.map(|next| next.to_string()),
        notices: page.notices,
    })
}

/// Searches.
pub fn search(agent: &Agent, query: &SearchQuery) -> Result<ext::SearchSessionsResult, AgentError> {
    let found = agent.search(query)?;
    Ok(ext::SearchSessionsResult {
        hits: found.hits.into_iter().map(told::hit).collect(),
        notices: found.notices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_bounded_and_read() {
        let query = list_query(ext::ListSessionsParams::default()).unwrap();
        assert_eq!((query.archived, query.limit, query.before), (Some(false), 200, None));
        for (limit, given) in [(Some(0), 1), (Some(5), 5), (Some(u32::MAX), 1000)] {
            let params = ext::ListSessionsParams { limit, ..Default::default() };
            assert_eq!(list_query(params).unwrap().limit, given, "{limit:?}");
        }
        let before = Some("nonsense".to_owned());
        assert!(list_query(ext::ListSessionsParams { before, ..Default::default() }).is_err());
        let text = |text: &str| ext::SearchSessionsParams { text: text.to_owned(), ..Default::default() };
        assert!(search_query(text(" \n")).unwrap_err().contains("look for"));
        let kinds = vec!["prompt".to_owned(), "edit".to_owned()];
        assert_eq!(search_query(ext::SearchSessionsParams { kinds, ..text("a") }).unwrap().kinds.len(), 2);
        let kinds = vec!["poem".to_owned()];
        assert!(search_query(ext::SearchSessionsParams { kinds, ..text("a") }).is_err());
    }
}
