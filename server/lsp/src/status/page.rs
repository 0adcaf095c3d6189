//! The document that says how things stand. Pure.

use crate::markdown::{code, plain};
use crate::prose::{first_sentence, line, prose};
use crate::words::ago;
use std::fmt::Write;

/// Characters of a line that is not ours.
const LINE: usize = 300;

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub version: &'static str,
    pub place: Place,
    pub session: Option<Session>,
    pub run: Run,
    /// Tasks that run, one line each.
    pub tasks: Vec<String>,
    /// Questions that wait: id and line.
    pub asks: Vec<(String, String)>,
    /// Hunks that wait, by file.
    pub hunks: Vec<(String, usize)>,
    /// What was spent and what is left, in words.
    pub usage: String,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whether a core serves the connection, which outlives it.
    pub core: bool,
    pub folders: Vec<String>,
    pub trusted: bool,
}

/// How the next turn is run, and by which settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The model, or why there is none.
    pub model: Result<String, String>,
    pub pack: String,
    pub policy: &'static str,
    /// Settings files, and what became of each.
    pub settings: Vec<(String, &'static str)>,
    /// What is wrong with them.
    pub problems: Vec<String>,
}

/// The session that the client works in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    pub title: String,
    /// The turn that runs.
    pub running: Option<String>,
    /// When the last thing in it happened: milliseconds since the Unix epoch.
    pub last: Option<i64>,
    /// Prompts that wait for their turn.
    pub queued: usize,
    /// Why it can only be read.
    pub read_only: Option<String>,
}

/// The document.
pub fn render(facts: &Facts, now: i64) -> String {
    let mut out = format!("# Glossator {}\n\n", facts.version);
    session(&mut out, facts, now);
    section(&mut out, "What waits for you", &waits(facts));
    section(&mut out, "Tasks that run", &listed(facts.tasks.iter().map(|task| line(task, LINE))));
    section(&mut out, "Spending", &[prose(&facts.usage, (2000, 0))]);
    let found = facts.run.settings.iter().map(|(path, state)| format!("{}: {state}", code(path, LINE)));
    section(&mut out, "Settings files", &listed(found));
    section(
        &mut out,
        "What is wrong with the settings",
        &listed(facts.run.problems.iter().map(|one| prose(one, (1000, 2)))),
    );
    let served = if facts.place.core {
        "a core process, which goes on when the editor is closed"
    } else {
        "this editor alone"
    };
    let trust = if facts.place.trusted {
        "trusted"
    } else {
        "not trusted (glossator.trust): its settings and AGENTS.md are not followed"
    };
    let mut place = vec![format!("- served by {served}"), format!("- the workspace is {trust}")];
    place.extend(facts.place.folders.iter().map(|folder| format!("- folder {}", code(folder, LINE))));
    section(&mut out, "Where", &place);
    out
}

fn session(out: &mut String, facts: &Facts, now: i64) {
    match &facts.session {
        None => out
            .push_str("No session yet: a prompt begins one (glossator.chat opens the prompt document).\n\n"),
        Some(one) => {
            let title =
                if one.title.is_empty() { "without a title".to_owned() } else { plain(&one.title, LINE) };
            let last = one.last.map(|at| format!(", {}", ago(now.saturating_sub(at)))).unwrap_or_default();
            let _ = writeln!(out, "Session `{}`, {title}{last}.", one.id);
            if let Some(turn) = &one.running {
                let _ = writeln!(out, "{turn} runs (glossator.stop stops it).");
            }
            if one.queued > 0 {
                let _ = writeln!(out, "Prompts that wait for their turn: {} (glossator.queue).", one.queued);
            }
            if let Some(why) = &one.read_only {
                let _ = writeln!(out, "It can only be read: {}", prose(why, (LINE, 0)));
            }
            out.push('\n');
        }
    }
    let model = match &facts.run.model {
        Ok(model) => code(model, LINE),
        // What to do is said by the page of signing in.
        Err(why) => format!("{} glossator.login says what to do", line(first_sentence(why), 1000)),
    };
    let _ = writeln!(
        out,
        "- model: {model} (glossator.model)\n- tools: {} (glossator.pack)\n- policy: {} (glossator.policy)\n",
        code(&facts.run.pack, LINE),
        facts.run.policy
    );
}

fn waits(facts: &Facts) -> Vec<String> {
    let ask = |(id, told): &(String, String)| {
        format!("- question `{id}`: {} (glossator.approve, glossator.deny)", line(told, LINE))
    };
    let hunk = |(path, count): &(String, usize)| {
        let what = if *count == 1 { "1 hunk".to_owned() } else { format!("{count} hunks") };
        format!("- {what} in {} (glossator.review)", code(path, LINE))
    };
    facts.asks.iter().map(ask).chain(facts.hunks.iter().map(hunk)).collect()
}

fn listed(lines: impl Iterator<Item = String>) -> Vec<String> {
    lines.map(|line| format!("- {line}")).collect()
}

/// A section, unless there is nothing in it.
fn section(out: &mut String, title: &str, lines: &[String]) {
    if lines.iter().any(|line| !line.is_empty()) {
        let _ = writeln!(out, "## {title}\n\n{}\n", lines.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            version: "0.1.0",
            place: Place { core: true, folders: vec!["/project".to_owned()], trusted: false },
            session: None,
            run: Run {
                model: Err("No model is chosen. First store a key.".to_owned()),
                pack: "core".to_owned(),
                policy: "ask",
                settings: Vec::new(),
                problems: Vec::new(),
            },
            tasks: Vec::new(),
            asks: Vec::new(),
            hunks: Vec::new(),
            usage: String::new(),
        }
    }

    #[test]
    fn what_there_is_not_has_no_section() {
        let page = render(&facts(), 0);
        assert!(
            page.contains("No session yet")
                && page.contains("- model: No model is chosen. glossator.login says"),
            "{page}"
        );
        assert_eq!(page.matches("\n## ").count(), 1, "{page}");
        assert!(page.contains("not trusted (glossator.trust)"), "{page}");
    }

    #[test]
    fn everything_that_stands() {
        let session = Session {
            id: "s".to_owned(),
            title: "A # title".to_owned(),
            running: Some("T-3".to_owned()),
            last: Some(0),
            queued: 2,
            read_only: None,
        };
        let all = Facts {
            session: Some(session),
            run: Run {
                model: Ok("a/b".to_owned()),
                settings: vec![("/config/settings.toml".to_owned(), "read")],
                problems: vec!["settings.toml:4: `x` is left out".to_owned()],
                ..facts().run
            },
            place: Place { core: false, trusted: true, ..facts().place },
            tasks: vec!["S1 exec make".to_owned()],
            asks: vec![("A1-x".to_owned(), "Run make? (it asks)".to_owned())],
            hunks: vec![("src/a.rs".to_owned(), 1), ("b".to_owned(), 3)],
            usage: "This session: 3 turns.".to_owned(),
            ..facts()
        };
        let page = render(&all, 600_000);
        for part in [
            "Session `s`, A \\# title, 10 min ago.\nT-3 runs",
            "wait for their turn: 2",
            "- model: `a/b`",
            "- question `A1-x`: Run make? (it asks)",
            "- 1 hunk in `src/a.rs`",
            "- 3 hunks in `b`",
            "- S1 exec make",
            "- `/config/settings.toml`: read",
            "- settings.toml:4: `x` is left out",
            "this editor alone",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
