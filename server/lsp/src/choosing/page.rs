//! The documents that list what there is to choose from, and what a line of one stands for. Pure.

use crate::prose::line;
use glossator_protocol_ext::command;
use std::fmt::Write;

/// Characters of a line that is not ours.
const LINE: usize = 400;

/// What can be chosen.
#[derive(Debug)]
pub struct Kind {
    /// The command that chooses it.
    pub command: &'static str,
    /// Its document.
    pub document: &'static str,
    /// What choosing `{}` is called.
    pub action: &'static str,
    /// Its heading.
    heading: &'static str,
    /// What the document says first.
    about: &'static str,
}

const USE: &str = "Use {} for this session";

/// The model.
pub const MODEL: &Kind = &Kind {
    command: command::MODEL,
    document: "models.md",
    action: USE,
    heading: "Models",
    about: "A code action on a line chooses its model for the session from the next turn on; so does glossator.model with \
            its name, or /model in the prompt document. Any other id can be chosen as well, as provider/model id.",
};

/// The pack.
pub const PACK: &Kind = &Kind {
    command: command::PACK,
    document: "packs.md",
    action: USE,
    heading: "Packs of tools",
    about: "A code action on a line chooses its pack for a session that has not begun; so does glossator.pack with its \
            name, or /pack in the prompt document.",
};

/// The policy.
pub const POLICY: &Kind = &Kind {
    command: command::POLICY,
    document: "policies.md",
    action: USE,
    heading: "Policies",
    about: "A code action on a line chooses its policy for the session from the next turn on; so does glossator.policy with \
            its name, or /policy in the prompt document.",
};

/// What was allowed without being asked again.
pub const GRANTS: &Kind = &Kind {
    command: command::GRANTS,
    document: "grants.md",
    action: "Take {} back: it is asked again",
    heading: "Allowed without being asked again",
    about: "A code action on a line takes it back; so does glossator.grants with its id, or /allowed in the prompt document. \
            What begins with G holds for the session, what begins with W for the workspace, until it is taken back.",
};

/// All of them.
pub const KINDS: &[&Kind] = &[MODEL, PACK, POLICY, GRANTS];

/// One thing to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is written to choose it.
    pub value: String,
    /// What to know of it, in one line.
    pub about: String,
    /// Whether it is in force.
    pub current: bool,
}

/// The document; `notices` are told above the list.
pub fn render(kind: &Kind, choices: &[Choice], notices: &[String]) -> String {
    let mut out = format!("# {}\n\n{}\n\n", kind.heading, kind.about);
    for notice in notices {
        let _ = writeln!(out, "> {}\n", line(notice, LINE));
    }
    if choices.is_empty() {
        out.push_str("There is nothing.\n");
    }
    for one in choices {
        let current = if one.current { ", **in force**" } else { "" };
        let about =
            if one.about.is_empty() { String::new() } else { format!(": {}", line(&one.about, LINE)) };
        let _ = writeln!(out, "- `{}`{current}{about}", one.value.replace(['`', '\n'], " "));
    }
    out
}

/// What a line of a document stands for.
pub fn value_at(text: &str, line: usize) -> Option<&str> {
    let rest = text.lines().nth(line)?.strip_prefix("- `")?;
    let (value, _) = rest.split_once('`')?;
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_names_its_choice() {
        let choice = |value: &str, about: &str, current| Choice {
            value: value.to_owned(),
            about: about.to_owned(),
            current,
        };
        let choices = [choice("a/b", "", true), choice("a/c:free", "200000 tokens\n- `x` <b>", false)];
        let page = render(MODEL, &choices, &["ollama did not answer".to_owned()]);
        let found: Vec<&str> = (0..page.lines().count()).filter_map(|line| value_at(&page, line)).collect();
        assert_eq!(found, ["a/b", "a/c:free"], "{page}");
        assert!(page.contains("- `a/b`, **in force**\n"), "{page}");
        assert!(page.contains("> ollama did not answer\n"), "{page}");
        assert!(render(PACK, &[], &[]).contains("There is nothing."));
        assert_eq!(value_at("- ``", 0), None);
        assert_eq!(value_at("", 7), None);
    }
}
