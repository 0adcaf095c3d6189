//! The commands of `workspace/executeCommand`: what every LSP client can use, with plain, JSON or no arguments.
//! A table; what the arguments are is in `arguments` and `command_arguments`.

use crate::command;

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
        doc: "Sends what is written in a prompt document: starts a turn with it, or adds it to the one that runs; without an argument the only prompt document that is open.",
        examples: &["[]", r#"[{"uri":"file:///state/prompt.md"}]"#],
    },
    CommandRow {
        name: command::STOP,
        title: "Glossator: Stop",
        doc: "Stops the running turn of the session that this client works in, or of the one that is named. What it has done until then stands, and its tasks go on.",
        examples: &["[]", r#"["s-4f2a"]"#, r#"[{"sessionId":"s-4f2a","turnId":"T-3"}]"#],
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
        doc: "Shows the next hunk that waits for a decision: behind a place, else behind the one that was shown last or where the user was last, else the first one.",
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
    CommandRow {
        name: command::CHAT,
        title: "Glossator: Chat",
        doc: "Shows the chat of a session: its transcript, and the prompt document to write in. Without an argument that of the session that the client works in. With `show: false` it only says where they are.",
        examples: &[
            "[]",
            r#"["01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"]"#,
            r#"[{"sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11","show":false}]"#,
        ],
    },
    CommandRow {
        name: command::QUEUE,
        title: "Glossator: Queue",
        doc: "Lets a prompt wait until the running turn is done. Without a text what is written in the prompt document; where nothing is written there, a queue that waits for the user goes on, or what waits is listed.",
        examples: &[
            "[]",
            r#"["Then write the tests"]"#,
            r#"[{"text":"Then write its tests","uri":"file:///project/a.rs"}]"#,
            r#"[{"uri":"file:///state/prompt.md"}]"#,
        ],
    },
    CommandRow {
        name: command::STEER,
        title: "Glossator: Steer",
        doc: "Adds something to the running turn, for the model's next request. Without a text what is written in the prompt document, which is opened if nothing is written there.",
        examples: &[
            "[]",
            r#"["Leave the public names as they are."]"#,
            r#"[{"text":"Like here","uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
            r#"[{"uri":"file:///state/prompt.md"}]"#,
        ],
    },
    CommandRow {
        name: command::FIX,
        title: "Glossator: Fix this",
        doc: "Lets the agent fix what other language servers report at a place. Without an argument where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":2,"character":4}},"diagnostics":[{"message":"unused variable","range":{"start":{"line":2,"character":0},"end":{"line":2,"character":4}}}]}]"#,
        ],
    },
    CommandRow {
        name: command::EXPLAIN,
        title: "Glossator: Explain",
        doc: "Lets the agent explain a place. Without an argument where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
        ],
    },
    CommandRow {
        name: command::TESTS,
        title: "Glossator: Write tests",
        doc: "Lets the agent write tests for a place. Without an argument where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
        ],
    },
    CommandRow {
        name: command::DOCUMENT,
        title: "Glossator: Document",
        doc: "Lets the agent document a place. Without an argument where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
        ],
    },
    CommandRow {
        name: command::REVIEW_CODE,
        title: "Glossator: Review code",
        doc: "Lets the agent review a place or a file. Without an argument the file where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
        ],
    },
    CommandRow {
        name: command::DO_COMMENT,
        title: "Glossator: Do what this comment says",
        doc: "Lets the agent do what a comment says. Without an argument the one where the user was last.",
        examples: &[
            "[]",
            r#"["src/a.rs:3"]"#,
            r#"[{"uri":"file:///project/a.rs","range":{"start":{"line":2,"character":0},"end":{"line":9,"character":0}}}]"#,
        ],
    },
    CommandRow {
        name: command::FORK_HERE,
        title: "Glossator: Fork here",
        doc: "Makes a session that shares the turns of this one up to a turn of its transcript, and goes on with it. Without an argument up to the latest that has ended.",
        examples: &[
            "[]",
            r#"["T-12"]"#,
            r#"[{"turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
            r#"[{"uri":"file:///state/chat.md","position":{"line":9,"character":0}}]"#,
        ],
    },
    CommandRow {
        name: command::APPLY_BLOCK,
        title: "Glossator: Apply this block",
        doc: "Applies a code block of an answer to a file, as a change that can be reviewed. Without an argument the last block of the latest answer.",
        examples: &[
            "[]",
            r#"[{"uri":"file:///state/chat.md","position":{"line":9,"character":0}}]"#,
            r#"[{"text":"struct Stack;\n","info":"rust src/stack.rs","target":"src/stack.rs"}]"#,
        ],
    },
    CommandRow {
        name: command::MODEL,
        title: "Glossator: Model",
        doc: "Chooses the model of the session from its next turn on; an empty text takes the choice back. Without an argument the models are listed.",
        examples: &[
            "[]",
            r#"["anthropic/claude-sonnet-5-5"]"#,
            r#"[{"value":"openai/gpt-6","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::PACK,
        title: "Glossator: Tools",
        doc: "Chooses the pack of tools of a session that has not begun. Without an argument the packs are listed.",
        examples: &[
            "[]",
            r#"["read-only"]"#,
            r#"[{"value":"read-only","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::POLICY,
        title: "Glossator: Policy",
        doc: "Chooses what the session asks about from its next turn on; an empty text takes the choice back. Without an argument the policies are listed.",
        examples: &[
            "[]",
            r#"["ask"]"#,
            r#"[{"value":"ask","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::GRANTS,
        title: "Glossator: Allowed",
        doc: "Takes back what was allowed without being asked again, by its id. Without an argument all of that is listed: of the session, and of the workspace.",
        examples: &[
            "[]",
            r#"["W1"]"#,
            r#"[{"value":"G2","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"#,
        ],
    },
    CommandRow {
        name: command::LOGIN,
        title: "Glossator: Sign in",
        doc: "Stores the key of a provider. Without a key the ways to sign in are listed, without a provider those of every one.",
        examples: &[
            "[]",
            r#"["anthropic"]"#,
            r#"[{"provider":"anthropic","key":"the key as the provider gave it"}]"#,
        ],
    },
    CommandRow {
        name: command::LOGOUT,
        title: "Glossator: Sign out",
        doc: "Removes the stored key of a provider. Without an argument of the only one that has one.",
        examples: &["[]", r#"["anthropic"]"#],
    },
    CommandRow {
        name: command::STATUS,
        title: "Glossator: Status",
        doc: "Shows how things stand: session, model, core, tasks, questions, hunks, budgets, settings and their problems.",
        examples: &["[]"],
    },
    CommandRow {
        name: command::ANSWER,
        title: "Glossator: Answer",
        doc: "Answers a question of the model's. Without an answer what is written in the prompt document, which is opened if nothing is written there; when several questions are open they are listed.",
        examples: &[
            "[]",
            r#"["the new one"]"#,
            r#"[{"askId":"ask-2","answer":"the new one"}]"#,
            r#"[{"askId":"ask-2"}]"#,
        ],
    },
    CommandRow {
        name: command::OPEN,
        title: "Glossator: Open",
        doc: "Shows what an id stands for: a turn in the transcript, all of a call's output, a hunk in its file, a text under its key, the documents of a turn; or what stands at a place in a document of Glossator's.",
        examples: &[
            r#"["T-12"]"#,
            r#"["S12-1-1.2"]"#,
            r##"[{"id":"#57","turnId":"T-12","sessionId":"01997c5e-6d2c-7a31-9b0a-0f6f5f3f2a11"}]"##,
            r#"[{"uri":"file:///state/chat.md","position":{"line":9,"character":4}}]"#,
        ],
    },
];
