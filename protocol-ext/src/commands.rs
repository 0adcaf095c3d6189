//! The commands of `workspace/executeCommand`: what every LSP client can use, with plain, JSON or no arguments.
//! A table; what the arguments are is in `arguments`.

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
        doc: "Takes back the edits of a turn; without an argument those of the newest turn whose edits stand. What no longer fits is left and named.",
        examples: &["[]", r#"["T-12"]"#, r#"[{"turnId":"T-12"}]"#],
    },
    CommandRow {
        name: command::REDO_TURN,
        title: "Glossator: Redo turn",
        doc: "Makes the edits of a turn again that were taken back; without an argument those that were taken back last.",
        examples: &["[]", r#"["T-12"]"#, r#"[{"turnId":"T-12"}]"#],
    },
    CommandRow {
        name: command::REVIEW,
        title: "Glossator: Review",
        doc: "Shows the hunks of a turn in its review document; without an argument those of the newest turn with hunks that wait for a decision.",
        examples: &[
            "[]",
            r#"["T-12"]"#,
            r#"[{"turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","hunk":"C3.2"}]"#,
        ],
    },
    CommandRow {
        name: command::NEXT_HUNK,
        title: "Glossator: Next hunk",
        doc: "Shows the next hunk that waits for a decision: behind a place, else the first one.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","position":{"line":2,"character":0}}]"#,
        ],
    },
    CommandRow {
        name: command::SHOW_HUNK,
        title: "Glossator: Go to hunk",
        doc: "Shows a hunk in its file; with a place in a review document, the line of the file that the line there shows.",
        examples: &[
            "[]",
            r#"["C3.2"]"#,
            r#"[{"uri":"file:///state/T-12.diff","position":{"line":9,"character":0}}]"#,
        ],
    },
    CommandRow {
        name: command::KEEP_HUNK,
        title: "Glossator: Keep hunk",
        doc: "Keeps a hunk as it stands now: one that is named, or the one at a place of its file or of a review document. Without an argument the only one that waits for a decision; when there are several they are listed.",
        examples: &[
            "[]",
            r#"["C3.2"]"#,
            r#"["src/a.rs:3"]"#,
            r#"[{"hunks":["C3.2","C3.3"],"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
            r#"[{"uri":"file:///project/a.rs","position":{"line":2,"character":0}}]"#,
        ],
    },
    CommandRow {
        name: command::REJECT_HUNK,
        title: "Glossator: Reject hunk",
        doc: "Puts back what stood in the place of a hunk before, also where it was changed since. Arguments as for `glossator.keepHunk`.",
        examples: &[
            "[]",
            r#"["C3.2"]"#,
            r#"["src/a.rs:3"]"#,
            r#"[{"hunks":["C3.2"],"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
            r#"[{"uri":"file:///project/a.rs","position":{"line":2,"character":0}}]"#,
        ],
    },
    CommandRow {
        name: command::REOPEN_HUNK,
        title: "Glossator: Reopen hunk",
        doc: "Takes the decision about a hunk back. What a rejection took away comes back, also what the user had written there.",
        examples: &[
            r#"["C3.2"]"#,
            r#"[{"hunks":["C3.2"],"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::KEEP_FILE,
        title: "Glossator: Keep file",
        doc: "Keeps every hunk of a file that waits for a decision. Without an argument of the only file that has some.",
        examples: &["[]", r#"["src/a.rs"]"#, r#"[{"uri":"file:///project/src/a.rs"}]"#],
    },
    CommandRow {
        name: command::REJECT_FILE,
        title: "Glossator: Reject file",
        doc: "Rejects every hunk of a file that waits for a decision. Without an argument of the only file that has some.",
        examples: &["[]", r#"["src/a.rs"]"#, r#"[{"uri":"file:///project/src/a.rs"}]"#],
    },
    CommandRow {
        name: command::KEEP_ALL,
        title: "Glossator: Keep all",
        doc: "Keeps every hunk of a turn that waits for a decision. Without an argument of the only turn that has some.",
        examples: &[
            "[]",
            r#"["T-12"]"#,
            r#"[{"turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::REJECT_ALL,
        title: "Glossator: Reject all",
        doc: "Rejects every hunk of a turn that waits for a decision. Without an argument of the only turn that has some.",
        examples: &[
            "[]",
            r#"["T-12"]"#,
            r#"[{"turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::APPLY_REVIEW,
        title: "Glossator: Apply review",
        doc: "Does what an edited review document says: changed lines become the text of their hunk, a hunk that was taken out is rejected. Without an argument the only review document that is open.",
        examples: &["[]", r#"[{"uri":"file:///state/T-12.diff"}]"#],
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
        examples: &[
            "[]",
            r#"["ask-1"]"#,
            r#"[{"askId":"ask-1","grant":"session"}]"#,
            r#"[{"askId":"ask-1","hunks":[1,3]}]"#,
            r#"[{"askId":"ask-1","hunk":2}]"#,
        ],
    },
    CommandRow {
        name: command::DENY,
        title: "Glossator: Deny",
        doc: "Answers an ask with no, and with a reason for the model if one is given. Without an argument the only pending ask.",
        examples: &[
            "[]",
            r#"["ask-1"]"#,
            r#"[{"askId":"ask-1","message":"use cargo nextest"}]"#,
            r#"[{"askId":"ask-1","hunk":2}]"#,
        ],
    },
    CommandRow {
        name: command::NEW_SESSION,
        title: "Glossator: New session",
        doc: "Begins a new session; the next prompt goes to it.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::SESSIONS,
        title: "Glossator: Sessions",
        doc: "Lists the sessions of this workspace in a document, whose code actions go on with one, fork, archive or export it; with a text those whose title or prompts hold it. Where the editor has dialogs, the newest few are offered to go on with.",
        examples: &["[]", r#"["parser"]"#],
    },
    CommandRow {
        name: command::RESUME,
        title: "Glossator: Resume",
        doc: "Goes on with a session, and says how it was left. Without an argument the newest of the others is taken; where the editor has dialogs, the newest few are offered.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::FORK,
        title: "Glossator: Fork session",
        doc: "Makes a session that shares the turns of this one up to a turn, and goes on with it; without an argument up to the latest that has ended.",
        examples: &[
            "[]",
            r#"["T-12"]"#,
            r#"[{"turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::RENAME_SESSION,
        title: "Glossator: Rename session",
        doc: "Gives the session a name. Without an argument what is written in the prompt document is taken, which is opened if nothing is written there.",
        examples: &[
            "[]",
            r#"["Parser clean-up"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","title":"Parser clean-up"}]"#,
        ],
    },
    CommandRow {
        name: command::ARCHIVE_SESSION,
        title: "Glossator: Archive session",
        doc: "Puts the session away: lists leave it out from then on. One that was put away is brought back.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","archived":false}]"#,
        ],
    },
    CommandRow {
        name: command::DELETE_SESSION,
        title: "Glossator: Delete session",
        doc: "Deletes the session and what only it needs, once the user has said yes: in a dialog, or where there are none by running it again within a minute.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","confirmed":true}]"#,
        ],
    },
    CommandRow {
        name: command::EXPORT_SESSION,
        title: "Glossator: Export session",
        doc: "Writes the session into a file and shows it, as Markdown or as `jsonl`, which can be imported.",
        examples: &[
            "[]",
            r#"["jsonl"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","format":"markdown"}]"#,
        ],
    },
    CommandRow {
        name: command::COMPACT,
        title: "Glossator: Compact history",
        doc: "Makes a short hand-over of the history up to now, which the model is sent in its place. Nothing is deleted.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::CONTEXT,
        title: "Glossator: Context",
        doc: "Shows what the model was sent with a request, layer by layer with tokens, and the exact body; without an argument with the latest, and before the first what it would be sent.",
        examples: &[
            "[]",
            r#"["T-3"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","turnId":"T-3","round":2}]"#,
        ],
    },
    CommandRow {
        name: command::BOARD,
        title: "Glossator: Board",
        doc: "Shows the announcement board of the session: what the model is shown for some turns.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::CABINET,
        title: "Glossator: Cabinet",
        doc: "Shows the filing cabinet of the workspace: documents that are kept for 30 days.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::USAGE,
        title: "Glossator: Usage",
        doc: "Says what the session and this day have spent, and what is left of the budgets.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
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
