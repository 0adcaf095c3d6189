//! `list` and `search`: what is printed of many sessions.

use super::arguments::{List, Search};
use super::paint::{Paint, count, paint, plain, size, time};
use super::{Desk, Done, Failure};
use crate::terminal::{complain, say};
use glossator_store::{Cursor, Hit, ListQuery, SearchQuery, SessionSummary};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the index may be read for at once before a search.
const STRETCH: Duration = Duration::from_secs(10);

impl Desk {
    pub fn list(&self, asked: List) -> Done {
        let before =
            asked.before.map(|before| before.parse::<Cursor>()).transpose().map_err(Failure::Usage)?;
        let query = ListQuery {
            text: asked.text.join(" "),
            archived: Some(asked.archived),
            model: asked.model.unwrap_or_default(),
            overlapping: asked.all,
            limit: asked.limit,
            before,
            ..ListQuery::default()
        };
        let page = self.store.list(&query)?;
        page.notices.iter().for_each(|notice| complain!("note: {}", plain(notice)));
        for session in &page.sessions {
            match self.json {
                true => say!("{}", as_json(session)),
                false => say!("{}", line(session)),
            }
        }
        let next = page.next.map(|next| next.to_string());
        if self.json {
            let usage = self.store.disk_usage();
            let parts = json!({
                "all": usage.all, "sessions": usage.sessions, "blobs": usage.blobs,
                "cabinet": usage.cabinet, "index": usage.index,
            });
            say!("{}", json!({ "next": next, "diskUsage": parts }));
            return Ok(());
        }
        if page.sessions.is_empty() {
            let hint = match (asked.archived, asked.all) {
                (true, _) => "",
                (false, true) => " --archived lists those that were put away.",
                (false, false) => " --all also looks in folders around this one.",
            };
            complain!("no sessions in {}.{hint}", self.workspace.display());
        }
        if let Some(next) = next {
            complain!("there are more: --before {next}");
        }
        Ok(())
    }

    pub fn search(&self, asked: Search) -> Done {
        let session = asked.session.as_deref().map(|id| self.id(id)).transpose()?;
        // Whoever waits at a shell wants all of it.
        loop {
            let indexed = self.store.index_all(STRETCH);
            if indexed.left == 0 {
                break;
            }
            complain!("note: {} still to be read", count(indexed.left as u64, "session"));
        }
        let query = SearchQuery {
            text: asked.words.join(" "),
            session,
            overlapping: asked.all,
            limit: asked.limit,
            ..SearchQuery::default()
        };
        let found = self.store.search(&query)?;
        found.notices.iter().for_each(|notice| complain!("note: {}", plain(notice)));
        for hit in &found.hits {
            match self.json {
                true => say!("{}", hit_as_json(hit)),
                false => show(hit),
            }
        }
        if found.hits.is_empty() && !self.json {
            complain!(
                "nothing found; all words must be in one text (--all also looks in folders around this one)"
            );
        }
        Ok(())
    }
}

/// A session as JSON.
pub fn as_json(session: &SessionSummary) -> Value {
    json!({
        "id": session.id,
        "title": session.title,
        "createdAt": session.created_at,
        "updatedAt": session.updated_at,
        "model": session.model,
        "turns": session.turns,
        "bytes": session.bytes,
        "archived": session.archived,
        "parent": session.parent,
        "workspace": session.workspace,
        "lastPrompt": session.last_prompt,
    })
}

/// A session in a line.
pub fn line(session: &SessionSummary) -> String {
    let facts = format!("{}  {:>9}", time(session.updated_at), count(session.turns.into(), "turn"));
    let mut more = Vec::new();
    if session.archived {
        more.push("archived".to_owned());
    }
    more.extend(session.parent.as_ref().map(|parent| format!("fork at {}", parent.turn)));
    more.extend(session.workspace.as_ref().map(|path| format!("in {}", path.display())));
    let more = if more.is_empty() { String::new() } else { format!("  ({})", more.join(", ")) };
    let title = if session.title.is_empty() { "(nothing was asked yet)" } else { &session.title };
    format!(
        "{}  {}  {:>8}  {}{}",
        session.id,
        paint(Paint::Dim, &facts),
        size(session.bytes),
        paint(Paint::Bold, &one_line(title)),
        paint(Paint::Dim, &one_line(&more))
    )
}

fn one_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

fn show(hit: &Hit) {
    let place = match hit.turn.0 {
        0 => "title".to_owned(),
        _ => format!("{} {}", hit.turn, hit.kind.name()),
    };
    let elsewhere = hit.workspace.as_ref().map(|path| format!("  in {}", path.display())).unwrap_or_default();
    let head = format!("{}  {place}  {}{elsewhere}", hit.session, time(hit.at));
    say!("{}  {}", paint(Paint::Dim, &head), paint(Paint::Bold, &one_line(&hit.title)));
    let mut text = String::new();
    let mut done = 0;
    for mark in &hit.snippet.marks {
        text.push_str(&one_line(hit.snippet.text.get(done..mark.start).unwrap_or_default()));
        text.push_str(&paint(Paint::Mark, &one_line(hit.snippet.text.get(mark.clone()).unwrap_or_default())));
        done = mark.end;
    }
    text.push_str(&one_line(hit.snippet.text.get(done..).unwrap_or_default()));
    say!("    {text}");
}

fn hit_as_json(hit: &Hit) -> Value {
    let marks: Vec<[usize; 2]> = hit.snippet.marks.iter().map(|mark| [mark.start, mark.end]).collect();
    json!({
        "session": hit.session,
        "turn": hit.turn,
        "item": hit.item,
        "kind": hit.kind.name(),
        "title": hit.title,
        "snippet": { "text": hit.snippet.text, "marks": marks },
        "at": hit.at,
        "score": hit.score,
        "workspace": hit.workspace,
    })
}
