//! What an ask is about: in one line, whole, and as a document. Pure.

use crate::markdown::fenced;
use crate::words::cut;
use glossator_session::{Ask, AskSubject};

/// Characters of a title and of a reason in one line.
const LINE: usize = 200;

/// The matter in one line.
pub fn summary(ask: &Ask) -> String {
    format!("{} ({})", cut(&ask.title.replace('\n', " "), LINE), cut(&ask.reason, LINE))
}

/// The whole matter.
pub fn whole(ask: &Ask) -> String {
    match &ask.subject {
        AskSubject::Command { command, cwd } => format!("{command}\n\nin {cwd}"),
        AskSubject::Edit { diff, .. } => match numbered(ask) {
            Some(hunks) => format!("{diff}\n{hunks}"),
            None => diff.clone(),
        },
        AskSubject::Script { source } => {
            format!("{}\n{}\n\n{}", ask.title, ask.reason, source.trim_matches('\n'))
        }
    }
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
    let how = format!(
        "Answer by a code action (Allow, Deny) here or in any other document, or by glossator.approve or glossator.deny with \
         \"{}\".",
        ask.id
    );
    let head = |mark: &str| format!("{mark}{}\n\n{}\n\n{how}\n\n", ask.title.replace('\n', " "), ask.reason);
    let block =
        |language: &str, text: &str| format!("{}{}\n", head("# "), fenced(language, text.trim_matches('\n')));
    match &ask.subject {
        AskSubject::Command { command, cwd } => {
            (format!("{}.md", ask.id), format!("{}\nin `{}`\n", block("sh", command), cwd.replace('`', "'")))
        }
        AskSubject::Script { source } => (format!("{}.md", ask.id), block("ts", source)),
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
    use glossator_session::{AskHunk, AskId, CallId, Grant};

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
    fn every_matter_is_a_document_of_its_kind() {
        let command = ask(AskSubject::Command { command: "echo ```".to_owned(), cwd: "/a".to_owned() });
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
        let (name, text) = document(&ask(AskSubject::Script { source: "\nreturn 1;\n".to_owned() }));
        assert!(name.ends_with(".md") && text.contains("```ts\nreturn 1;\n```"), "{text}");
    }
}
