//! `workspace/executeCommand`: the one table of commands and what runs each. What they do is elsewhere.

mod answers;
mod open_asks;
mod prompts;
mod questions;
mod saying;
pub mod sending;
mod work;

use crate::auth::{command_data, commands as auth};
use crate::chat;
use crate::choosing;
use crate::connection::Connection;
use crate::context::commands as context;
use crate::intents;
use crate::review::commands as review;
use crate::sessions::commands as sessions;
use crate::status;
use crate::words::failed;
use futures::future::BoxFuture;
use glossator_protocol_ext::command;
use serde_json::Value;
use std::sync::Arc;
use tower_lsp::jsonrpc::Error;
use tower_lsp::lsp_types::{ExecuteCommandParams, MessageType};

/// Runs a command with its first argument, if it has one. The error is for people.
type Run = for<'a> fn(&'a Arc<Connection>, Option<Value>) -> BoxFuture<'a, Result<Value, String>>;

/// A row: the name, and an `async fn(&Arc<Connection>, Option<Value>) -> Result<Value, String>`.
macro_rules! row {
    ($name:ident, $run:path) => {
        (command::$name, |connection, first| Box::pin($run(connection, first)))
    };
}

/// Every command.
const TABLE: &[(&str, Run)] = &[
    row!(ASK, prompts::ask),
    row!(EDIT, prompts::edit),
    row!(SEND, sending::send),
    row!(STOP, work::stop),
    row!(UNDO_TURN, review::undo),
    row!(REDO_TURN, review::redo),
    row!(REVIEW, review::review),
    row!(NEXT_HUNK, review::next),
    row!(SHOW_HUNK, review::show),
    row!(KEEP_HUNK, review::keep_hunk),
    row!(REJECT_HUNK, review::reject_hunk),
    row!(REOPEN_HUNK, review::reopen),
    row!(KEEP_FILE, review::keep_file),
    row!(REJECT_FILE, review::reject_file),
    row!(KEEP_ALL, review::keep_all),
    row!(REJECT_ALL, review::reject_all),
    row!(APPLY_REVIEW, review::apply),
    row!(TRUST, work::trust),
    row!(APPROVE, answers::approve),
    row!(DENY, answers::deny),
    row!(NEW_SESSION, work::new_session),
    row!(SESSIONS, sessions::sessions),
    row!(RESUME, sessions::resume),
    row!(FORK, sessions::fork),
    row!(RENAME_SESSION, sessions::rename),
    row!(ARCHIVE_SESSION, sessions::archive),
    row!(DELETE_SESSION, sessions::delete),
    row!(EXPORT_SESSION, sessions::export),
    row!(COMPACT, context::compact),
    row!(CONTEXT, context::context),
    row!(BOARD, context::board),
    row!(CABINET, context::cabinet_document),
    row!(USAGE, context::spent),
    row!(TASKS, work::list_tasks),
    row!(CANCEL_TASK, work::cancel_task),
    row!(CHAT, chat::commands::chat),
    row!(QUEUE, saying::queue),
    row!(STEER, saying::steer),
    row!(FIX, intents::fix),
    row!(EXPLAIN, intents::explain),
    row!(TESTS, intents::tests),
    row!(DOCUMENT, intents::document),
    row!(REVIEW_CODE, intents::review_code),
    row!(DO_COMMENT, intents::do_comment),
    row!(FORK_HERE, chat::commands::fork_here),
    row!(APPLY_BLOCK, chat::apply::apply_block),
    row!(MODEL, choosing::model),
    row!(PACK, choosing::pack),
    row!(POLICY, choosing::policy),
    row!(GRANTS, choosing::grants),
    row!(LOGIN, auth::login),
    row!(LOGOUT, auth::logout),
    row!(STATUS, status::status),
    row!(ANSWER, questions::answer),
    row!(OPEN, chat::commands::open),
];

/// What runs a command.
fn named(name: &str) -> Option<Run> {
    TABLE.iter().find(|(row, _)| *row == name).map(|(_, run)| *run)
}

/// Runs one command.
pub async fn run(connection: &Arc<Connection>, params: ExecuteCommandParams) -> Result<Value, String> {
    let first = params.arguments.into_iter().next();
    match named(&params.command) {
        Some(run) => run(connection, first).await,
        None => {
            let known: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
            Err(format!("There is no command {}. Glossator has: {}.", params.command, known.join(", ")))
        }
    }
}

/// The answer to a command that came to `message`; a person is shown that, by the client or by us.
pub async fn failure(connection: &Arc<Connection>, message: String) -> Error {
    // Several editors drop the error of a command; those with the extension show it themselves.
    if !connection.extension("turns") {
        connection.show(MessageType::ERROR, format!("Glossator: {message}"));
        return failed(message);
    }
    let data = command_data(connection, &message).await;
    Error { data, ..failed(message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_protocol_ext::COMMANDS;

    #[test]
    fn every_command_is_run_by_something() {
        let names = |rows: Vec<&str>| {
            let mut rows = rows;
            rows.sort_unstable();
            rows.join("\n")
        };
        let told = names(COMMANDS.iter().map(|row| row.name).collect());
        assert_eq!(names(TABLE.iter().map(|(name, _)| *name).collect()), told);
    }
}
