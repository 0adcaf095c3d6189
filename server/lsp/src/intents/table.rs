//! The intents as data: what is offered where, and what the model is asked. Pure.

use serde::Deserialize;
use std::sync::LazyLock;

const DATA: &str = include_str!("intents.toml");

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(DATA).expect("the data is part of the program and a test reads it"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    intent: Vec<Intent>,
}

/// Something that the user can have done with a place in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The command that does it.
    pub command: String,
    /// The kind of its code action.
    pub kind: String,
    /// What the model is asked.
    pub prompt: String,
    /// What it is asked where problems are known.
    #[serde(default)]
    prompt_problems: Option<String>,
    /// Where it is offered, and what the menu says there.
    pub on: On,
}

/// What the menu says, where it is offered.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct On {
    /// On a diagnostic.
    pub problem: Option<String>,
    /// On several.
    pub problems: Option<String>,
    /// On a selection.
    pub selection: Option<String>,
    /// In a definition, without a selection.
    pub definition: Option<String>,
    /// On a comment.
    pub comment: Option<String>,
    /// Anywhere in a file, without a selection.
    pub file: Option<String>,
}

/// Every intent, in the order of menus.
pub fn all() -> &'static [Intent] {
    &TABLE.intent
}

/// The intent that a command does.
pub fn of_command(command: &str) -> Option<&'static Intent> {
    all().iter().find(|one| one.command == command)
}

impl Intent {
    /// What the model is asked, with what is wrong and what the user adds.
    pub fn prompt(&self, problems: &[String], added: Option<&str>) -> String {
        let mut text = match (&self.prompt_problems, problems.is_empty()) {
            (Some(prompt), false) => prompt.replace("{problems}", &problems.join("\n")),
            _ => self.prompt.clone(),
        };
        if let Some(added) = added.map(str::trim).filter(|added| !added.is_empty()) {
            text.push_str("\n\n");
            text.push_str(added);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_protocol_ext::COMMANDS;

    #[test]
    fn every_intent_is_a_command_and_is_offered_somewhere() {
        for one in all() {
            assert!(COMMANDS.iter().any(|row| row.name == one.command), "{}", one.command);
            let same = all().iter().filter(|other| other.command == one.command).count();
            assert_eq!(same, 1, "{}", one.command);
            assert!(one.prompt.ends_with('.'), "{}", one.command);
            let On { problem, problems, selection, definition, comment, file } = &one.on;
            let titles: Vec<&String> =
                [problem, problems, selection, definition, comment, file].into_iter().flatten().collect();
            assert!(
                !titles.is_empty() && titles.iter().all(|title| title.contains("Glossator")),
                "{}",
                one.command
            );
        }
    }

    #[test]
    fn prompts_hold_what_is_wrong_and_what_is_added() {
        let fix = of_command("glossator.fix").unwrap();
        let problems = ["3: unused (rustc)".to_owned(), "4: no".to_owned()];
        let text = fix.prompt(&problems, Some(" quickly \n"));
        assert_eq!(text, "Fix this, and nothing else:\n3: unused (rustc)\n4: no\n\nquickly");
        assert!(fix.prompt(&[], None).contains("find out what is wrong"));
        let explain = of_command("glossator.explain").unwrap();
        assert_eq!(explain.prompt(&problems, Some(" ")), explain.prompt);
    }
}
