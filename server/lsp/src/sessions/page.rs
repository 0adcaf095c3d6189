//! The document that lists the sessions of a workspace, and which session a line of it is of. Pure.

use crate::words::ago;
use glossator_agent::SessionSummary;
use glossator_session::SessionId;
use std::fmt::Write;

/// The name of the document.
pub const NAME: &str = "sessions.md";

/// Characters of a title and of a prompt that are shown.
const SHOWN: usize = 100;

/// What is listed.
pub struct Listed<'a> {
    pub sessions: &'a [SessionSummary],
    pub archived: &'a [SessionSummary],
    /// The one that the client works in.
    pub current: Option<&'a SessionId>,
    /// Milliseconds since the Unix epoch.
    pub now: i64,
    /// What was looked for, if something was.
    pub text: Option<&'a str>,
    pub notices: &'a [String],
}

/// The document.
pub fn render(listed: &Listed) -> String {
    let mut out = String::from("# Sessions\n\n");
    if let Some(text) = listed.text {
        let _ = writeln!(out, "With {}. glossator.sessions lists all of them.\n", escaped(text));
    }
    out.push_str(
        "The code actions of a line go on with its session, or fork, archive, export or delete it. \
         glossator.newSession begins another one.\n\n",
    );
    for notice in listed.notices {
        let _ = writeln!(out, "> {}\n", escaped(notice));
    }
    if listed.sessions.is_empty() {
        out.push_str("There is no session.\n");
    }
    for one in listed.sessions {
        line(&mut out, one, listed);
    }
    if !listed.archived.is_empty() {
        out.push_str("\n## Archived\n\n");
        for one in listed.archived {
            line(&mut out, one, listed);
        }
    }
    out
}

fn line(out: &mut String, one: &SessionSummary, listed: &Listed) {
    let here = if Some(&one.id) == listed.current { ", this one" } else { "" };
    let title = if one.title.is_empty() { "(without a title)".to_owned() } else { escaped(&one.title) };
    let turns = if one.turns == 1 { "1 turn".to_owned() } else { format!("{} turns", one.turns) };
    let _ = write!(
        out,
        "- `{}` **{title}**{here}, {}, {turns}, {}",
        one.id,
        ago(listed.now.saturating_sub(one.updated_at)),
        escaped(&one.model)
    );
    if let Some(parent) = &one.parent {
        let _ = write!(out, ", fork of `{}` at {}", parent.session, parent.turn);
    }
    if let Some(folder) = &one.workspace {
        let _ = write!(out, ", of {}", escaped(&folder.display().to_string()));
    }
    if !one.last_prompt.is_empty() && one.last_prompt != one.title {
        let _ = write!(out, ": {}", escaped(&one.last_prompt));
    }
    out.push('\n');
}

/// In one line, without marks that Markdown would take for its own.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(SHOWN) {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

/// The session that a line of the document is of.
pub fn session_at(text: &str, line: usize) -> Option<SessionId> {
    let rest = text.lines().nth(line)?.strip_prefix("- `")?;
    let (id, _) = rest.split_once('`')?;
    Some(SessionId::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_agent::ForkPoint;
    use glossator_session::{ItemId, TurnId};

    fn summary(id: &str, title: &str) -> SessionSummary {
        SessionSummary {
            id: id.into(),
            title: title.to_owned(),
            created_at: 0,
            updated_at: 0,
            model: "a/b".to_owned(),
            turns: 1,
            bytes: 10,
            archived: false,
            parent: None,
            workspace: None,
            last_prompt: String::new(),
        }
    }

    #[test]
    fn each_line_names_its_session() {
        let fork = ForkPoint { session: "one".into(), turn: TurnId(2), item: ItemId(9) };
        let sessions = [
            summary("one", "A `title`\n- `three` *x*"),
            SessionSummary {
                parent: Some(fork),
                last_prompt: "go on".to_owned(),
                turns: 3,
                ..summary("two", "")
            },
        ];
        let archived = [summary("old", "Old")];
        let current = SessionId::from("two");
        let notices = ["something".to_owned()];
        let listed = Listed {
            sessions: &sessions,
            archived: &archived,
            current: Some(&current),
            now: 600_000,
            text: None,
            notices: &notices,
        };
        let page = render(&listed);
        let found: Vec<String> =
            (0..page.lines().count()).filter_map(|line| session_at(&page, line)).map(|id| id.0).collect();
        assert_eq!(found, ["one", "two", "old"], "{page}");
        assert!(
            page.contains("- `one` **A \\`title\\` - \\`three\\` \\*x\\***, 10 min ago, 1 turn, a/b\n"),
            "{page}"
        );
        assert!(
            page.contains(
                "(without a title)**, this one, 10 min ago, 3 turns, a/b, fork of `one` at T-2: go on\n"
            ),
            "{page}"
        );
        assert_eq!(session_at(&page, 9999), None);
    }
}
