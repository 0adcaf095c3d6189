//! The commands of `workspace/executeCommand`: what every LSP client can use, with plain, JSON or no arguments.

use crate::{Grant, Range};
use serde::{Deserialize, Serialize};

/// Names of the commands.
pub mod command {
    /// Start a turn.
    pub const ASK: &str = "glossator.ask";
    /// Start a turn about a selection.
    pub const EDIT: &str = "glossator.edit";
    /// Send the prompt document.
    pub const SEND: &str = "glossator.send";
    /// Stop the running turn.
    pub const STOP: &str = "glossator.stop";
    /// Take the edits of a turn back.
    pub const UNDO_TURN: &str = "glossator.undoTurn";
    /// Trust the workspace.
    pub const TRUST: &str = "glossator.trust";
    /// Answer an ask with yes.
    pub const APPROVE: &str = "glossator.approve";
    /// Answer an ask with no.
    pub const DENY: &str = "glossator.deny";
    /// Begin a new session.
    pub const NEW_SESSION: &str = "glossator.newSession";
    /// List the tasks that run.
    pub const TASKS: &str = "glossator.tasks";
    /// Stop a task.
    pub const CANCEL_TASK: &str = "glossator.cancelTask";
}

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// What the client sends as `command`.
    pub name: &'static str,
    /// What palettes show.
    pub title: &'static str,
    /// What it does, one or two sentences.
    pub doc: &'static str,
    /// Arguments that are understood, each a JSON array.
    pub examples: &'static [&'static str],
}

/// All commands.
pub const COMMANDS: &[CommandRow] = &[
    CommandRow {
        name: command::ASK,
        title: "Glossator: Ask",
        doc: "Starts a turn with a prompt, and with a file or a part of one if it is named. Without arguments a message says how.",
        examples: &[
            r#"["Why does the parser test fail?"]"#,
            r#"[{"text":"Explain this","uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
            "[]",
        ],
    },
    CommandRow {
        name: command::EDIT,
        title: "Glossator: Edit...",
        doc: "What the code action of the same name runs: a prompt about a selection. Without a text the prompt document is opened to write it in.",
        examples: &[
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}},"text":"Make it iterative"}]"#,
            "[]",
        ],
    },
    CommandRow {
        name: command::SEND,
        title: "Glossator: Send",
        doc: "Starts a turn with what is written in a prompt document; without an argument in the only one that is open.",
        examples: &["[]", r#"[{"uri":"file:///state/prompt.md"}]"#],
    },
    CommandRow {
        name: command::STOP,
        title: "Glossator: Stop",
        doc: "Stops the running turn. What it has done until then stands, and its tasks go on.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::UNDO_TURN,
        title: "Glossator: Undo turn",
        doc: "Takes back the edits of a turn; without an argument those of the newest turn whose edits stand.",
        examples: &["[]", r#"["T-12"]"#, r#"[{"turnId":"T-12"}]"#],
    },
    CommandRow {
        name: command::TRUST,
        title: "Glossator: Trust this workspace",
        doc: "Trusts the workspace folders: their settings and AGENTS.md files are followed from the next turn on.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::APPROVE,
        title: "Glossator: Allow",
        doc: "Answers an ask with yes. Without an argument the only pending ask; when there are several they are listed.",
        examples: &["[]", r#"["ask-1"]"#, r#"[{"askId":"ask-1","grant":"session"}]"#],
    },
    CommandRow {
        name: command::DENY,
        title: "Glossator: Deny",
        doc: "Answers an ask with no, and with a reason for the model if one is given. Without an argument the only pending ask.",
        examples: &["[]", r#"["ask-1"]"#, r#"[{"askId":"ask-1","message":"use cargo nextest"}]"#],
    },
    CommandRow {
        name: command::NEW_SESSION,
        title: "Glossator: New session",
        doc: "Begins a new session; the next prompt goes to it.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::TASKS,
        title: "Glossator: Tasks",
        doc: "Lists the tasks that run: calls that scripts started to go on by themselves.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::CANCEL_TASK,
        title: "Glossator: Cancel task",
        doc: "Stops a task. What it has done until then stands. Without an argument the only one that runs; when there are several they are listed.",
        examples: &["[]", r#"["S1-1-1.2"]"#, r#"[{"id":"S1-1-1.2"}]"#],
    },
];

/// The argument of `glossator.ask`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum AskArgument {
    /// The prompt alone.
    Text(String),
    /// The prompt and what it is about.
    Full {
        /// The prompt.
        text: String,
        /// A file it is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        uri: Option<String>,
        /// The part of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        range: Option<Range>,
    },
}

/// The argument of `glossator.edit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct EditArgument {
    /// The file.
    pub uri: String,
    /// The selection.
    pub range: Range,
    /// The prompt; left out where the client had no way to ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
}

/// The argument of `glossator.send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SendArgument {
    /// The prompt document; left out: the only one that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uri: Option<String>,
}

/// The argument of `glossator.undoTurn`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum TurnArgument {
    /// The turn's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The turn's id.
        turn_id: String,
    },
}

/// The argument of `glossator.approve` and `glossator.deny`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum AnswerArgument {
    /// The ask's id.
    Id(String),
    /// With more to say.
    Full {
        /// The ask; left out: the only pending one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        ask_id: Option<String>,
        /// How long a yes holds; `once` when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        grant: Option<Grant>,
        /// What the user has to say to the model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        message: Option<String>,
    },
}

/// The argument of `glossator.cancelTask`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum TaskArgument {
    /// The task's id.
    Id(String),
    /// The same as an object.
    Full {
        /// The task's id.
        id: String,
        /// Its session; needed only where tasks of several sessions have the same id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        session_id: Option<String>,
    },
}
