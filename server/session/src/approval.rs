//! Approval: the question, its one answer, and what is remembered.

use crate::{AskId, CallId};
use serde::{Deserialize, Serialize};

/// A question to the user about one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// Its id.
    pub id: AskId,
    /// The call that waits.
    pub call: CallId,
    /// One line: `Run npm test?`
    pub title: String,
    /// Why it is asked.
    pub reason: String,
    /// All that is needed to decide.
    pub subject: AskSubject,
    /// The grants that may be given with *allow*, narrowest first.
    pub grants: Vec<Grant>,
}

/// What an ask is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum AskSubject {
    /// A command.
    Command {
        /// As it would be typed in a shell.
        command: String,
        /// Absolute working folder.
        cwd: String,
        /// The words that all commands begin with which the grant `prefix` covers; there where it is offered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begins: Option<String>,
    },
    /// An edit.
    Edit {
        /// Paths as the user knows them.
        files: Vec<String>,
        /// The whole change as a unified diff.
        diff: String,
        /// Its hunks, numbered from 1 in this order, where they can be answered one by one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hunks: Vec<AskHunk>,
    },
    /// A script that repeats text the model was shown (a page, a file) and may not be the model's own wish.
    Script {
        /// The code.
        source: String,
    },
    /// A question of the model's, answered in words: *allow* with the answer as its message, without one the default.
    Question {
        /// The question.
        question: String,
        /// Answers to pick from; the user may always write another one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<String>,
        /// What holds when the user leaves it open, or does not answer in time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
}

/// One hunk of an edit that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskHunk {
    /// Path as the user knows it.
    pub path: String,
    /// First line that changes in the text as it is now, from 1; where lines only come in, the line they come before.
    pub line: usize,
    /// The whole lines that stand there.
    pub base: String,
    /// The whole lines that would stand there.
    pub proposed: String,
}

/// How long an *allow* holds, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grant {
    /// This call only.
    #[default]
    Once,
    /// The same action until the session ends.
    Session,
    /// Exactly this action, saved for the workspace.
    Exact,
    /// All commands that begin with the same words, saved for the workspace.
    Prefix,
    /// The same program in this folder. Not offered by this version, and refused then.
    Directory,
    /// This kind of action. Not offered by this version, and refused then.
    Always,
}

impl Grant {
    /// As the protocol has it.
    pub fn name(self) -> &'static str {
        match self {
            Grant::Once => "once",
            Grant::Session => "session",
            Grant::Exact => "exact",
            Grant::Prefix => "prefix",
            Grant::Directory => "directory",
            Grant::Always => "always",
        }
    }
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// Do it.
    Allow,
    /// Do not.
    Deny,
}

/// The one answer to an ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Yes or no.
    pub decision: Decision,
    /// What is remembered of a yes.
    #[serde(default)]
    pub grant: Grant,
    /// What the user had to say to the model; with a yes to a question, the answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// With a yes to an edit whose ask has hunks: the numbers of those to be made; all, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hunks: Option<Vec<usize>>,
}
