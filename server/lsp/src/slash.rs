//! Commands that are written as a whole prompt: `/compact`, `/model openai/gpt-6`. A table, and what a prompt says. Pure.

use glossator_protocol_ext::{COMMANDS, command};
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, ErrorCode};

/// Code of an error that is the user's or the world's, not the protocol's: the protocol's `RequestFailed`.
const REQUEST_FAILED: i64 = -32803;

/// A word that begins a prompt and is a command.
#[derive(Debug)]
pub struct Word {
    /// Without its slash.
    pub word: &'static str,
    /// The command that it runs; what follows the word is its argument, as plain text.
    pub command: &'static str,
    /// What may follow it, for people; empty: nothing.
    pub takes: &'static str,
}

const fn word(word: &'static str, command: &'static str, takes: &'static str) -> Word {
    Word { word, command, takes }
}

/// Every word, those that are used most first.
pub const WORDS: &[Word] = &[
    word("new", command::NEW_SESSION, ""),
    word("model", command::MODEL, "provider/model"),
    word("compact", command::COMPACT, ""),
    word("context", command::CONTEXT, "T-3"),
    word("undo", command::UNDO_TURN, "T-3"),
    word("redo", command::REDO_TURN, "T-3"),
    word("review", command::REVIEW, "T-3"),
    word("keep", command::KEEP_ALL, "T-3"),
    word("reject", command::REJECT_ALL, "T-3"),
    word("status", command::STATUS, ""),
    word("usage", command::USAGE, ""),
    word("sessions", command::SESSIONS, "words"),
    word("resume", command::RESUME, "session"),
    word("fork", command::FORK, "T-3"),
    word("rename", command::RENAME_SESSION, "title"),
    word("archive", command::ARCHIVE_SESSION, ""),
    word("export", command::EXPORT_SESSION, "markdown or jsonl"),
    word("pack", command::PACK, "pack"),
    word("policy", command::POLICY, "policy"),
    word("queue", command::QUEUE, "prompt"),
    word("stop", command::STOP, ""),
    word("tasks", command::TASKS, ""),
    word("cancel", command::CANCEL_TASK, "task"),
    word("explain", command::EXPLAIN, "path:line"),
    word("fix", command::FIX, "path:line"),
    word("tests", command::TESTS, "path:line"),
    word("board", command::BOARD, ""),
    word("cabinet", command::CABINET, ""),
    word("trust", command::TRUST, ""),
    word("allowed", command::GRANTS, "grant"),
    word("login", command::LOGIN, "provider"),
    word("logout", command::LOGOUT, "provider"),
];

impl Word {
    /// What it does, for people.
    pub fn doc(&self) -> &'static str {
        COMMANDS.iter().find(|row| row.name == self.command).map_or("", |row| row.doc)
    }
}

/// A command that a prompt is.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name, as in `workspace/executeCommand`.
    pub command: &'static str,
    /// Its first argument, if something followed.
    pub argument: Option<Value>,
}

/// The command that a whole prompt is; `None`: it is none, but words for the model.
///
/// # Errors
/// A word behind a slash that is no command, and no path either: for people, who are to be left what they wrote.
pub fn of(prompt: &str) -> Result<Option<Run>, String> {
    let prompt = prompt.trim();
    let Some(rest) = prompt.strip_prefix('/') else { return Ok(None) };
    let (name, rest) = match rest.split_once(char::is_whitespace) {
        Some((name, rest)) => (name, rest.trim()),
        None => (rest, ""),
    };
    if let Some(found) = WORDS.iter().find(|one| one.word.eq_ignore_ascii_case(name)) {
        if found.takes.is_empty() && !rest.is_empty() {
            return Err(format!(
                "/{} takes nothing behind it. To send the text to the model, begin it with another character than a slash.",
                found.word
            ));
        }
        let argument = (!rest.is_empty()).then(|| json!(rest));
        return Ok(Some(Run { command: found.command, argument }));
    }
    // `/usr/bin`, `/a.txt`, `// a comment`, `/*`, `/2`.
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_');
    if !is_word {
        return Ok(None);
    }
    let known: Vec<String> = WORDS.iter().map(|one| format!("/{}", one.word)).collect();
    Err(format!(
        "There is no command /{name}. There are {}. To send the text to the model, begin it with another character than a \
         slash.",
        known.join(", ")
    ))
}

/// The answer to a request that was to start a turn with what is a command: it says what to run instead.
pub fn refusal(run: &Run) -> Error {
    let arguments: Vec<&Value> = run.argument.iter().collect();
    let message = format!("this prompt is a command: run {} by workspace/executeCommand", run.command);
    Error {
        code: ErrorCode::ServerError(REQUEST_FAILED),
        message: message.into(),
        data: Some(json!({ "command": run.command, "arguments": arguments })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_prompts_that_are_commands() {
        let run = |prompt: &str| of(prompt).unwrap();
        let some = |command, argument: Option<&str>| {
            Some(Run { command, argument: argument.map(|text| json!(text)) })
        };
        assert_eq!(run(" /compact \n"), some(command::COMPACT, None));
        assert_eq!(run("/model  a/b c"), some(command::MODEL, Some("a/b c")));
        assert_eq!(run("/UNDO\nT-3"), some(command::UNDO_TURN, Some("T-3")));
        for words in
            ["", "a /compact", "/usr/bin is full", "/a.txt", "// no", "/* no", "/", "/2", "/ compact", "/é"]
        {
            assert_eq!(run(words), None, "{words}");
        }
    }

    #[test]
    fn what_is_no_command_is_said_and_not_sent() {
        assert!(of("/compcat").unwrap_err().contains("no command /compcat. There are /new,"));
        assert!(of("/compact all of it").unwrap_err().contains("takes nothing"));
        assert!(of("/tmp").is_err());
    }

    #[test]
    fn words_are_unique_and_run_commands_that_exist() {
        for (at, one) in WORDS.iter().enumerate() {
            assert!(WORDS[at + 1..].iter().all(|other| other.word != one.word), "{}", one.word);
            assert!(!one.doc().is_empty(), "{}", one.word);
        }
    }

    #[test]
    fn a_refusal_says_what_to_run() {
        let run = of("/model a/b").unwrap().unwrap();
        let data = refusal(&run).data.unwrap();
        assert_eq!(data, json!({ "command": "glossator.model", "arguments": ["a/b"] }));
    }
}
