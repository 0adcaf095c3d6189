//! Sessions, hits and items as clients with the extension are told of them. Pure.

use glossator_agent::{ForkPoint, Hit, SessionHead, SessionSummary, Snapshot, Writing};
use glossator_protocol_ext as ext;
use glossator_session::{Item, Started};
use serde_json::value::{RawValue, to_raw_value};
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

/// What is being written.
pub fn writing(one: &Writing) -> ext::Writing {
    let kind = |started: Started| match started {
        Started::ToolCall => ext::StartedKind::ToolCall,
        Started::Script => ext::StartedKind::Script,
        Started::Reasoning => ext::StartedKind::Reasoning,
        Started::Answer => ext::StartedKind::Answer,
    };
    // A stream of another agent is named after it.
    let (stream, named) = match one.stream.split_once('@') {
        Some((stream, agent)) => (stream, Some(agent.to_owned())),
        None => (one.stream.as_str(), None),
    };
    ext::Writing {
        turn_id: one.turn.to_string(),
        stream: stream.to_owned(),
        item: one.item.map(kind),
        title: one.title.clone(),
        agent: one.agent.as_ref().map(|agent| agent.0.clone()).or(named),
        text: one.text.clone(),
        cut: one.cut,
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
pub fn items(items: &[Item]) -> Vec<Box<RawValue>> {
    items.iter().filter_map(|item| to_raw_value(item).ok()).collect()
}

/// Kinds of items that tell how a session was left.
const ENDS: [&str; 3] = ["\"kind\":\"turnEnded\"", "\"kind\":\"task\"", "\"kind\":\"asked\""];
/// Bytes of an item's JSON in which its kind stands, where we wrote it.
const KIND_WITHIN: usize = 400;

/// Of these items those that tell how the session was left, and the last: the only ones that are taken apart.
pub fn ends(items: &[Box<RawValue>]) -> Vec<Item> {
    let last = items.len().saturating_sub(1);
    let tells = |json: &str| {
        let start = &json[..json.floor_char_boundary(KIND_WITHIN)];
        ENDS.iter().any(|kind| start.contains(kind))
    };
    let wanted = items.iter().enumerate().filter(|(at, item)| *at == last || tells(item.get()));
    wanted.filter_map(|(_, item)| Item::from_json(item.get().as_bytes()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ContextItem, ItemBody, ItemId, TaskState, TurnId, TurnStatus, Usage};

    #[test]
    fn streams_of_agents_are_told_as_in_fragments() {
        let writing = |stream: &str, item| Writing {
            turn: TurnId(2),
            stream: stream.to_owned(),
            item,
            title: None,
            agent: None,
            text: "x".to_owned(),
            cut: false,
        };
        let told = super::writing(&writing("answer@reviewer", Some(Started::Answer)));
        assert_eq!((told.stream.as_str(), told.agent.as_deref()), ("answer", Some("reviewer")));
        assert_eq!((told.turn_id.as_str(), told.item), ("T-2", Some(ext::StartedKind::Answer)));
        let told = super::writing(&writing("S1-1-1.2", None));
        assert_eq!((told.stream.as_str(), told.agent, told.item), ("S1-1-1.2", None, None));
    }

    #[test]
    fn only_what_tells_of_an_end_is_taken_apart() {
        let said = |text: &str| ItemBody::Answer { text: text.to_owned(), raw: None };
        let status = TurnStatus::Interrupted;
        let bodies = [
            said("hello"),
            ItemBody::Task { id: "S1.1".into(), state: TaskState::Lost },
            ItemBody::TurnEnded { status, usage: Usage::default(), cost: None, message: None },
            said("of \"kind\":\"task\""),
            ItemBody::Context(ContextItem::Asked { ask: "A1".into(), title: "Run?".into(), lost: true }),
            said("the last"),
        ];
        let at = |(id, body)| {
            let agent = (id == 2).then(|| "other".into());
            Item { id: ItemId(id), turn: TurnId(1), round: 0, at: 5, agent, body }
        };
        let all: Vec<Item> = (1..).zip(bodies).map(at).collect();
        let found: Vec<u64> = ends(&items(&all)).iter().map(|item| item.id.0).collect();
        assert_eq!(found, [2, 3, 5, 6]);
        assert_eq!(ends(&[]), []);
    }
}
