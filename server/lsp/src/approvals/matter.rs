//! What an ask is about: in a title, in one line, whole, and as a document. Pure.

use crate::markdown::fenced;
use crate::words::cut;
use glossator_session::{Ask, AskSubject, Grant};

/// Characters of a title and of a reason in one line.
const LINE: usize = 200;

/// The matter in one line.
pub fn summary(ask: &Ask) -> String {
    format!("{} ({})", cut(&ask.title.replace('\n', " "), LINE), cut(&ask.reason, LINE))
}

/// The matter as a title among others: `touch x` of `Allow exec touch x?`.
pub fn title(ask: &Ask) -> String {
    let title = ask.title.replace('\n', " ");
    let title = match (&ask.subject, title.strip_prefix("Allow ").and_then(|rest| rest.strip_suffix('?'))) {
        (AskSubject::Question { .. }, _) | (_, None) => title.as_str(),
        (_, Some(call)) => call.strip_prefix("exec ").unwrap_or(call),
    };
    cut(title, LINE)
}

/// How an ask is answered where there are no buttons.
pub fn how(ask: &Ask) -> &'static str {
    match &ask.subject {
        AskSubject::Question { .. } => {
            "Answer by a code action, in the prompt document, or by glossator.answer."
        }
        _ => "Answer by a code action (Allow / Deny) or by glossator.approve / glossator.deny.",
    }
}

/// The lasting *allows* that an ask offers, as their answers are called.
pub fn lasting(ask: &Ask) -> Vec<(Grant, String)> {
    let called = |grant: &Grant| match (grant, &ask.subject) {
        (Grant::Session, _) => Some("Allow for this session".to_owned()),
        (Grant::Exact, _) => Some("Always allow exactly this".to_owned()),
        (Grant::Prefix, AskSubject::Command { begins: Some(words), .. }) => {
            Some(format!("Always allow `{words} …`"))
        }
        _ => None,
    };
    ask.grants.iter().filter_map(|grant| Some((*grant, called(grant)?))).collect()
}

/// The whole matter.
pub fn whole(ask: &Ask) -> String {
    match &ask.subject {
        AskSubject::Command { command, cwd, .. } => format!("{command}\n\nin {cwd}"),
        AskSubject::Edit { diff, .. } => match numbered(ask) {
            Some(hunks) => format!("{diff}\n{hunks}"),
            None => diff.clone(),
        },
        AskSubject::Script { source } => {
            format!("{}\n{}\n\n{}", ask.title, ask.reason, source.trim_matches('\n'))
        }
        AskSubject::Question { question, options, default } => {
            format!("{question}\n{}", listed(options, default.as_deref()))
        }
    }
}

/// The answers that a question proposes, a line each.
fn listed(options: &[String], default: Option<&str>) -> String {
    let default = default.map(|default| format!("If you leave it open: {default}"));
    let lines = options.iter().map(|option| format!("- {option}")).chain(default);
    lines.collect::<Vec<_>>().join("\n")
}

/// The hunks of an edit by their numbers, where there are several.
fn numbered(ask: &Ask) -> Option<String> {
    let AskSubject::Edit { hunks, .. } = &ask.subject else { return None };
    let numbered = (1..).zip(hunks).map(|(number, hunk)| format!("{number}: {}:{}", hunk.path, hunk.line));
    let numbered: Vec<String> = numbered.collect();
    (hunks.len() > 1).then(|| {
        format!(
            "Its hunks: {}. To allow some of them: glossator.approve [{{\"askId\":\"{}\",\"hunks\":[1]}}]",
            numbered.join(", "),
            ask.id
        )
    })
}

/// The matter as a document of the session: its name and its text. An edit is a diff, anything else Markdown.
pub fn document(ask: &Ask) -> (String, String) {
    let how = match &ask.subject {
        AskSubject::Question { .. } => format!(
            "Answer by a code action here or in any other document, by `answer {0}: ...` in the prompt document, or by \
             glossator.answer with {{\"askId\":\"{0}\",\"answer\":\"...\"}}.",
            ask.id
        ),
        _ => format!(
            "Answer by a code action (Allow, Deny) here or in any other document, or by glossator.approve or glossator.deny \
             with \"{}\".",
            ask.id
        ),
    };
    let head = |mark: &str| format!("{mark}{}\n\n{}\n\n{how}\n\n", ask.title.replace('\n', " "), ask.reason);
    let block =
        |language: &str, text: &str| format!("{}{}\n", head("# "), fenced(language, text.trim_matches('\n')));
    match &ask.subject {
        AskSubject::Command { command, cwd, .. } => {
            (format!("{}.md", ask.id), format!("{}\nin `{}`\n", block("sh", command), cwd.replace('`', "'")))
        }
        AskSubject::Script { source } => (format!("{}.md", ask.id), block("ts", source)),
        AskSubject::Question { question, options, default } => {
            let text = format!("{question}\n{}", listed(options, default.as_deref()));
            (format!("{}.md", ask.id), block("", &text))
        }
        AskSubject::Edit { diff, .. } => {
            // What stands before the first file of a diff is words for people.
            let hunks = numbered(ask).map(|hunks| format!("{hunks}\n\n")).unwrap_or_default();
            (format!("{}.diff", ask.id), format!("{}{hunks}{diff}", head("")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{AskHunk, AskId, CallId};

    fn ask(subject: AskSubject) -> Ask {
        Ask {
            id: AskId("A1-x".to_owned()),
            call: CallId("c".to_owned()),
            title: "Run\nit?".to_owned(),
            reason: "it asks".to_owned(),
            subject,
            grants: vec![Grant::Once],
        }
    }

    #[test]
    fn titles_say_a_thing_once() {
        let script = || AskSubject::Script { source: String::new() };
        let question =
            || AskSubject::Question { question: String::new(), options: Vec::new(), default: None };
        for (whole, subject, expected) in [
            ("Allow exec touch x?", script(), "touch x"),
            ("Allow applyPatch a.rs, b.rs?", script(), "applyPatch a.rs, b.rs"),
            ("Run make on the saved\ntext?", script(), "Run make on the saved text?"),
            ("Allow exec a?", question(), "Allow exec a?"),
        ] {
            assert_eq!(title(&Ask { title: whole.to_owned(), ..ask(subject) }), expected);
        }
    }

    #[test]
    fn every_matter_is_a_document_of_its_kind() {
        let command =
            ask(AskSubject::Command { command: "echo ```".to_owned(), cwd: "/a".to_owned(), begins: None });
        let (name, text) = document(&command);
        assert_eq!(name, "A1-x.md");
        assert!(
            text.starts_with("# Run it?\n\nit asks\n\n") && text.contains("````sh\necho ```\n````"),
            "{text}"
        );
        assert!(text.contains("in `/a`") && text.contains("glossator.deny with \"A1-x\""), "{text}");
        let hunk =
            |line| AskHunk { path: "a".to_owned(), line, base: String::new(), proposed: String::new() };
        let diff = "--- a\n+++ a\n".to_owned();
        let edit = ask(AskSubject::Edit { files: vec![], diff, hunks: vec![hunk(1), hunk(9)] });
        let (name, text) = document(&edit);
        assert_eq!(name, "A1-x.diff");
        assert!(text.starts_with("Run it?\n") && text.ends_with("\n--- a\n+++ a\n"), "{text}");
        assert!(text.contains("1: a:1, 2: a:9"), "{text}");
        let options = vec!["red".to_owned(), "blue".to_owned()];
        let question = "What *colour*?".to_owned();
        let question = ask(AskSubject::Question { question, options, default: Some("red".to_owned()) });
        let (name, text) = document(&question);
        assert_eq!(name, "A1-x.md");
        assert!(text.contains("What *colour*?\n- red\n- blue\nIf you leave it open: red\n"), "{text}");
        assert!(text.contains("`answer A1-x: ...`") && whole(&question).contains("- blue"), "{text}");
        let (name, text) = document(&ask(AskSubject::Script { source: "\nreturn 1;\n".to_owned() }));
        assert!(name.ends_with(".md") && text.contains("```ts\nreturn 1;\n```"), "{text}");
    }
}
