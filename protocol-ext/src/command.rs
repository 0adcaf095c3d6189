//! Names of the commands of `workspace/executeCommand`. Plain words.

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
/// Make the edits of a turn again.
pub const REDO_TURN: &str = "glossator.redoTurn";
/// Show the hunks of a turn.
pub const REVIEW: &str = "glossator.review";
/// Go to the next hunk.
pub const NEXT_HUNK: &str = "glossator.nextHunk";
/// Go to a hunk in its file.
pub const SHOW_HUNK: &str = "glossator.showHunk";
/// Keep a hunk.
pub const KEEP_HUNK: &str = "glossator.keepHunk";
/// Reject a hunk.
pub const REJECT_HUNK: &str = "glossator.rejectHunk";
/// Take the decision about a hunk back.
pub const REOPEN_HUNK: &str = "glossator.reopenHunk";
/// Keep the hunks of a file.
pub const KEEP_FILE: &str = "glossator.keepFile";
/// Reject the hunks of a file.
pub const REJECT_FILE: &str = "glossator.rejectFile";
/// Keep the hunks of a turn.
pub const KEEP_ALL: &str = "glossator.keepAll";
/// Reject the hunks of a turn.
pub const REJECT_ALL: &str = "glossator.rejectAll";
/// Do what an edited review document says.
pub const APPLY_REVIEW: &str = "glossator.applyReview";
/// Trust the workspace.
pub const TRUST: &str = "glossator.trust";
/// Answer an ask with yes.
pub const APPROVE: &str = "glossator.approve";
/// Answer an ask with no.
pub const DENY: &str = "glossator.deny";
/// Begin a new session.
pub const NEW_SESSION: &str = "glossator.newSession";
/// List the sessions.
pub const SESSIONS: &str = "glossator.sessions";
/// Go on with a session.
pub const RESUME: &str = "glossator.resume";
/// Fork a session.
pub const FORK: &str = "glossator.fork";
/// Rename a session.
pub const RENAME_SESSION: &str = "glossator.renameSession";
/// Put a session away.
pub const ARCHIVE_SESSION: &str = "glossator.archiveSession";
/// Delete a session.
pub const DELETE_SESSION: &str = "glossator.deleteSession";
/// Export a session.
pub const EXPORT_SESSION: &str = "glossator.exportSession";
/// Compact the history of a session.
pub const COMPACT: &str = "glossator.compact";
/// Show what the model is sent.
pub const CONTEXT: &str = "glossator.context";
/// Show the announcement board.
pub const BOARD: &str = "glossator.board";
/// Show the filing cabinet.
pub const CABINET: &str = "glossator.cabinet";
/// Show what was spent.
pub const USAGE: &str = "glossator.usage";
/// List the tasks that run.
pub const TASKS: &str = "glossator.tasks";
/// Stop a task.
pub const CANCEL_TASK: &str = "glossator.cancelTask";
/// Show the chat.
pub const CHAT: &str = "glossator.chat";
/// Let a prompt wait for its turn.
pub const QUEUE: &str = "glossator.queue";
/// Add to the running turn.
pub const STEER: &str = "glossator.steer";
/// Fix what is wrong at a place.
pub const FIX: &str = "glossator.fix";
/// Explain code.
pub const EXPLAIN: &str = "glossator.explain";
/// Write tests for code.
pub const TESTS: &str = "glossator.tests";
/// Document code.
pub const DOCUMENT: &str = "glossator.document";
/// Review code.
pub const REVIEW_CODE: &str = "glossator.reviewCode";
/// Do what a comment says.
pub const DO_COMMENT: &str = "glossator.doComment";
/// Fork at a turn of the transcript.
pub const FORK_HERE: &str = "glossator.forkHere";
/// Apply a code block.
pub const APPLY_BLOCK: &str = "glossator.applyBlock";
/// Choose the model.
pub const MODEL: &str = "glossator.model";
/// Choose the pack of tools.
pub const PACK: &str = "glossator.pack";
/// Choose the policy.
pub const POLICY: &str = "glossator.policy";
/// Show what was allowed, and take it back.
pub const GRANTS: &str = "glossator.grants";
/// Sign in.
pub const LOGIN: &str = "glossator.login";
/// Sign out.
pub const LOGOUT: &str = "glossator.logout";
/// Show how things stand.
pub const STATUS: &str = "glossator.status";
/// Answer a question of the model's.
pub const ANSWER: &str = "glossator.answer";
/// Show what an id stands for.
pub const OPEN: &str = "glossator.open";
