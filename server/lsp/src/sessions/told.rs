//! Sessions, hits and items as clients with the extension are told of them. Pure.

use glossator_agent::{ForkPoint, Hit, SessionHead, SessionSummary, Snapshot};
use glossator_protocol_ext as ext;
use glossator_session::Item;
use serde_json::Value;
use std::path::Path;

/// A session of a list.
pub fn summary(one: &SessionSummary) -> ext::Session {
    ext::Session {
        id: one.id.0.clone(),
        title: one.title.clone(),
        created_at: one.created_at,
        updated_at: one.updated_at,
        model: one.model.clone(),
        turns: Some(one.turns),
        bytes: Some(one.bytes),
        archived: one.archived,
        parent: one.parent.as_ref().map(parent),
        workspace: one.workspace.as_deref().map(shown),
        last_prompt: Some(one.last_prompt.clone()).filter(|words| !words.is_empty()),
        running: None,
    }
}

/// A session that has just begun, as a fork or an import too.
pub fn head(head: &SessionHead) -> ext::Session {
    ext::Session {
        id: head.id.0.clone(),
        title: head.title.clone(),
        created_at: head.created_at,
        updated_at: head.created_at,
        model: head.model.clone(),
        turns: None,
        bytes: None,
        archived: false,
        parent: head.parent.as_ref().map(parent),
        workspace: None,
        last_prompt: None,
        running: None,
    }
}

/// A session as it is held now.
pub fn snapshot(snapshot: &Snapshot) -> ext::Session {
    let last = snapshot.items.last();
    ext::Session {
        updated_at: last.map_or(snapshot.head.created_at, |item| item.at),
        turns: last.map(|item| item.turn.0),
        archived: snapshot.archived,
        ..head(&snapshot.head)
    }
}

fn parent(fork: &ForkPoint) -> ext::SessionParent {
    ext::SessionParent { session_id: fork.session.0.clone(), turn_id: fork.turn.to_string() }
}

/// A hit of a search.
pub fn hit(hit: Hit) -> ext::SessionHit {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    ext::SessionHit {
        session_id: hit.session.0,
        title: hit.title,
        turn_id: hit.turn.to_string(),
        item: hit.item.0,
        kind: hit.kind.name().to_owned(),
        marks: hit.snippet.marks.iter().map(|mark| (offset(mark.start), offset(mark.end))).collect(),
        snippet: hit.snippet.text,
        at: hit.at,
        workspace: hit.workspace.as_deref().map(shown),
        score: hit.score,
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Items as they stand in the log.
pub fn items(items: &[Item]) -> Vec<Value> {
    items.iter().filter_map(|item| serde_json::to_value(item).ok()).collect()
}
