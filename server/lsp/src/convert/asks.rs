//! Questions to the user and their answers, between the extension's types and ours. Pure.

use super::same;
use glossator_protocol_ext as ext;
use glossator_session::{Answer, Ask, AskHunk, AskSubject, Decision, Grant};

/// A question, as clients with the extension are told of it.
pub fn ask(ask: &Ask) -> ext::Ask {
    ext::Ask {
        id: ask.id.0.clone(),
        call: ask.call.0.clone(),
        title: ask.title.clone(),
        reason: ask.reason.clone(),
        subject: match &ask.subject {
            AskSubject::Command { command, cwd, begins } => ext::AskSubject::Command {
                command: command.clone(),
                cwd: cwd.clone(),
                begins: begins.clone(),
            },
            AskSubject::Edit { files, diff, hunks } => ext::AskSubject::Edit {
                files: files.clone(),
                diff: diff.clone(),
                hunks: hunks.iter().map(ask_hunk).collect(),
            },
            AskSubject::Script { source } => ext::AskSubject::Script { source: source.clone() },
            AskSubject::Question { question, options, default } => ext::AskSubject::Question {
                question: question.clone(),
                options: options.clone(),
                default: default.clone(),
            },
        },
        grants: ask.grants.iter().map(|grant| same(grant, ext::Grant::Once)).collect(),
    }
}

fn ask_hunk(hunk: &AskHunk) -> ext::AskHunk {
    ext::AskHunk {
        path: hunk.path.clone(),
        line: hunk.line,
        base: hunk.base.clone(),
        proposed: hunk.proposed.clone(),
    }
}

/// An answer that holds.
pub fn ext_answer(answer: &Answer) -> ext::Answer {
    ext::Answer {
        decision: match answer.decision {
            Decision::Allow => ext::Decision::Allow,
            Decision::Deny => ext::Decision::Deny,
        },
        grant: same(&answer.grant, ext::Grant::Once),
        message: answer.message.clone(),
        hunks: answer.hunks.clone(),
    }
}

/// An answer of a client's.
pub fn answer(answer: ext::Answer) -> Answer {
    Answer {
        decision: match answer.decision {
            ext::Decision::Allow => Decision::Allow,
            ext::Decision::Deny => Decision::Deny,
        },
        grant: grant(answer.grant),
        message: answer.message,
        hunks: answer.hunks,
    }
}

/// How long a yes holds.
pub fn grant(grant: ext::Grant) -> Grant {
    same(&grant, Grant::Once)
}
