//! The code actions of the intents, and *Edit with Glossator…*. On an automatic request only what fixes a diagnostic.

use super::place::{Here, here, is_workable};
use super::table::{Intent, all};
use crate::connection::Connection;
use crate::convert;
use crate::words::cut;
use glossator_protocol_ext::command;
use glossator_text::Range;
use serde_json::{Value, json};
use tower_lsp::lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionTriggerKind, Command,
    Diagnostic,
};

/// Characters of a problem and of a name in a title.
const PROBLEM: usize = 80;
const NAME: usize = 40;

/// The actions for one request; `problems` are the diagnostics that are not ours.
pub fn actions(
    connection: &Connection,
    params: &CodeActionParams,
    problems: &[Diagnostic],
) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    if !is_workable(connection, uri) {
        return Vec::new();
    }
    let mut found: Vec<CodeAction> = fixes(uri.as_str(), problems);
    if params.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC) {
        found.extend(on_request(connection, params));
    }
    let later = completes_later(connection);
    let made = found.into_iter().map(|action| if later { action } else { complete(action) });
    made.map(CodeActionOrCommand::CodeAction).collect()
}

/// Whether the client asks for the command of an action once it is chosen. Helix asks, and then runs the command that the
/// action had before.
fn completes_later(connection: &Connection) -> bool {
    if connection.is_client("helix") {
        return false;
    }
    let documents = connection.capabilities().and_then(|all| all.text_document.as_ref());
    let Some(actions) = documents.and_then(|documents| documents.code_action.as_ref()) else { return false };
    let properties = actions.resolve_support.as_ref().map(|support| support.properties.as_slice());
    actions.data_support == Some(true) && properties.is_some_and(|all| all.iter().any(|one| one == "command"))
}

/// An action with the command that its data says. Any other is left as it is.
pub fn complete(mut action: CodeAction) -> CodeAction {
    let data = action.data.clone().unwrap_or_default();
    let known = data["command"]
        .as_str()
        .filter(|name| *name == command::EDIT || all().iter().any(|intent| intent.command == *name));
    if let (Some(name), None) = (known, &action.command) {
        let command = name.to_owned();
        let arguments = Some(vec![data["argument"].clone()]);
        action.command = Some(Command { title: action.title.clone(), command, arguments });
        action.data = None;
    }
    action
}

fn fixes(uri: &str, problems: &[Diagnostic]) -> Vec<CodeAction> {
    let fixing = || all().iter().filter(|intent| intent.on.problem.is_some());
    let mut found = Vec::new();
    for problem in problems {
        let first = problem.message.lines().next().unwrap_or_default();
        for intent in fixing() {
            let title =
                intent.on.problem.as_deref().unwrap_or_default().replace("{problem}", &cut(first, PROBLEM));
            found.push(fix(intent, title, uri, std::slice::from_ref(problem)));
        }
    }
    for intent in fixing().filter(|_| problems.len() > 1) {
        if let Some(title) = &intent.on.problems {
            found.push(fix(intent, title.replace("{count}", &problems.len().to_string()), uri, problems));
        }
    }
    found
}

fn fix(intent: &Intent, title: String, uri: &str, problems: &[Diagnostic]) -> CodeAction {
    let start = problems.iter().map(|one| one.range.start).min().unwrap_or_default();
    let end = problems.iter().map(|one| one.range.end).max().unwrap_or_default();
    let range = tower_lsp::lsp_types::Range { start, end };
    let argument = json!({ "uri": uri, "range": range, "diagnostics": problems });
    CodeAction {
        diagnostics: Some(problems.to_vec()),
        ..action(title, &intent.kind, (&intent.command, argument))
    }
}

fn on_request(connection: &Connection, params: &CodeActionParams) -> Vec<CodeAction> {
    let uri = &params.text_document.uri;
    let selected = params.range.start != params.range.end;
    let buffer = connection.workspace.overlay().by_uri(uri.as_str());
    let here = buffer.map(|buffer| here(&buffer, params.range.start.line)).unwrap_or_default();
    let selection = convert::range(params.range);
    let mut found = Vec::new();
    if let Some((name, range)) = edited(selected.then_some(selection), &here) {
        let title = match name {
            Some(name) => format!("Edit {} with Glossator…", cut(&name, NAME)),
            None => "Edit with Glossator…".to_owned(),
        };
        let argument = json!({ "uri": uri, "range": convert::lsp_range(range) });
        found.push(action(title, "refactor.rewrite", (command::EDIT, argument)));
    }
    for intent in all() {
        let offered = if selected { on_selection(intent, selection, &here) } else { on_place(intent, &here) };
        for (title, range) in offered {
            let mut argument = json!({ "uri": uri });
            if let Some(range) = range {
                argument["range"] = json!(convert::lsp_range(range));
            }
            found.push(action(title, &intent.kind, (&intent.command, argument)));
        }
    }
    found
}

/// What *Edit…* is about: the selection, else the definition at the place and its name.
fn edited(selection: Option<Range>, here: &Here) -> Option<(Option<String>, Range)> {
    let definition = || here.definition.clone().map(|(name, range)| (Some(name), range));
    selection.map(|range| (None, range)).or_else(definition)
}

/// What the menu says on a selection, and about which part.
fn on_selection(intent: &Intent, selection: Range, here: &Here) -> Vec<(String, Option<Range>)> {
    let on = &intent.on;
    let comment = on.comment.as_ref().zip(here.comment).map(|(title, range)| (title.clone(), Some(range)));
    let selection = on.selection.as_ref().map(|title| (title.clone(), Some(selection)));
    comment.into_iter().chain(selection).collect()
}

/// What the menu says without a selection.
fn on_place(intent: &Intent, here: &Here) -> Vec<(String, Option<Range>)> {
    let on = &intent.on;
    let comment = on.comment.as_ref().zip(here.comment).map(|(title, range)| (title.clone(), Some(range)));
    let definition = on.definition.as_ref().zip(here.definition.as_ref());
    let definition =
        definition.map(|(title, (name, range))| (title.replace("{name}", &cut(name, NAME)), Some(*range)));
    let file = on.file.as_ref().map(|title| (title.clone(), None));
    comment.into_iter().chain(definition).chain(file).collect()
}

/// An action whose command is in its data.
fn action(title: String, kind: &str, (command, argument): (&str, Value)) -> CodeAction {
    CodeAction {
        title,
        kind: Some(CodeActionKind::from(kind.to_owned())),
        data: Some(json!({ "command": command, "argument": argument })),
        ..CodeAction::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::Position;

    fn lines(first: u32, last: u32) -> Range {
        Range { start: Position { line: first, character: 0 }, end: Position { line: last, character: 0 } }
    }

    type Offered<'a> = &'a dyn Fn(&Intent) -> Vec<(String, Option<Range>)>;

    #[test]
    fn what_is_offered_where() {
        let here = Here { comment: Some(lines(1, 2)), definition: Some(("walk".to_owned(), lines(0, 9))) };
        let titles = |offered: Offered<'_>| {
            let all: Vec<String> = all().iter().flat_map(offered).map(|(title, _)| title).collect();
            all.join("|")
        };
        let placed = titles(&|intent| on_place(intent, &here));
        for title in [
            "Do what this comment says",
            "Explain walk",
            "Write tests for walk",
            "Document walk",
            "Review this file",
        ] {
            assert!(placed.contains(title), "{placed}");
        }
        assert_eq!(titles(&|intent| on_place(intent, &Here::default())), "Review this file with Glossator");
        let selected = titles(&|intent| on_selection(intent, lines(3, 4), &Here::default()));
        for title in ["Explain with", "Write tests with", "Document with", "Review with"] {
            assert!(selected.contains(title), "{selected}");
        }
        assert!(!selected.contains("comment") && !selected.contains("file"), "{selected}");
    }

    #[test]
    fn an_action_is_completed_once_and_only_if_it_is_ours() {
        let made = action("t".to_owned(), "", ("glossator.explain", json!({ "uri": "u" })));
        let complete_one = complete(made);
        let command = complete_one.command.clone().unwrap();
        assert_eq!(
            (command.command.as_str(), command.arguments),
            ("glossator.explain", Some(vec![json!({ "uri": "u" })]))
        );
        assert_eq!(complete(complete_one.clone()), complete_one);
        let foreign = action("t".to_owned(), "", ("rm", json!(null)));
        assert_eq!(complete(foreign.clone()), foreign);
    }
}
