//! `glossator/session/...`: new, list, read by pages and resume. What changes a session is in `session_change`.

use crate::{Ask, QueuedPrompt, SessionSettings, SessionUpdateParams, StartedKind, Task};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A session as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id.
    pub id: String,
    /// What it is called; may be empty before the first turn.
    pub title: String,
    /// When it began: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub created_at: i64,
    /// When it was last written to: milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub updated_at: i64,
    /// The model it talks to: `provider/model`.
    pub model: String,
    /// How many turns it has; left out where that was not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turns: Option<u32>,
    /// Bytes of its log, in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub bytes: Option<u64>,
    /// Whether it was put away.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub archived: bool,
    /// The session that it is a fork of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub parent: Option<SessionParent>,
    /// The folder of its workspace, where that is not the client's own but one that overlaps with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub workspace: Option<String>,
    /// The first words of its latest prompt, in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub last_prompt: Option<String>,
    /// The turn of it that is running or waiting, in lists: a client that comes back can go on with that session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub running: Option<String>,
}

/// Where a fork left its parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionParent {
    /// The session it was taken from.
    pub session_id: String,
    /// The last turn that both share; `T-0`: none.
    pub turn_id: String,
}

/// Parameters of `glossator/session/new`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct NewSessionParams {
    /// What to call it; left out: the first words of the first prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
    /// The pack of tools that the session has from its first turn to its last; left out: the one in the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub pack: Option<String>,
}

/// Result of `glossator/session/new`, `glossator/session/fork` and `glossator/session/import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NewSessionResult {
    /// The session.
    pub session: Session,
}

/// Parameters of `glossator/session/list`; what is left out does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ListSessionsParams {
    /// Words that title or prompts hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub text: Option<String>,
    /// `true`: only those that were put away; left out or `false`: only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub archived: Option<bool>,
    /// The model that they talk to, or a part of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub model: Option<String>,
    /// Written to at this time or later: milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub since: Option<i64>,
    /// Last written to before this time: milliseconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub until: Option<i64>,
    /// Those of workspaces too that contain this one or lie in it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub overlapping: bool,
    /// How many at most; left out: 200. More than 1,000 are never given at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub limit: Option<u32>,
    /// The `next` of the page before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub before: Option<String>,
}

/// Result of `glossator/session/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ListSessionsResult {
    /// The sessions, newest first.
    pub sessions: Vec<Session>,
    /// What `before` of the next page is; left out: there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub next: Option<String>,
    /// What was not as it should be, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional))]
    pub notices: Vec<String>,
}

/// Parameters of `glossator/session/read`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSessionParams {
    /// The session.
    pub session_id: String,
    /// The `seq` of the last update before the gap: the updates behind it are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "number"))]
    pub after_seq: Option<u64>,
    /// Only turns before this one are wanted: an older page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub before: Option<String>,
    /// How many turns at most, the newest ones (before `before`); left out without `before`: what the server holds, with
    /// it 30. More than 1,000 are never given at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turns: Option<u32>,
}

/// Result of `glossator/session/read`: either `updates` (all of them behind `afterSeq`, to be applied in order) or
/// `items` (to be shown instead of what was there before, or before it where an older page was asked for).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ReadSessionResult {
    /// The session.
    pub session: Session,
    /// The `seq` of the newest update that this result covers; the next one will be one more. 0: none was sent yet, or
    /// an older page was asked for, which says nothing of it. It need not begin at 1: it goes up from whatever is read
    /// here, and a number that the server did not give out since it was started is answered with `items`.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// Items of the session's log, oldest first: `{ id, turn, round, at, agent?, kind, ... }`. Kinds that are not known are
    /// to be skipped. Left out when `updates` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "Array<Item>"))]
    pub items: Option<Vec<Value>>,
    /// The updates behind `afterSeq`, when the server still holds all of them. Fragments are not among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub updates: Option<Vec<SessionUpdateParams>>,
    /// The first turn that `items` holds; left out where it holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub first: Option<String>,
    /// Whether there are turns before `first`: `before` with it reads them.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub more: bool,
    /// The turn that is running, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub running: Option<String>,
    /// What has begun in it and is no item yet, as of `seq`: shown behind `items` or `updates`, in place of whatever the
    /// client held of it. Fragments with a higher `seq` add to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Writing>>", optional))]
    pub writing: Vec<Writing>,
    /// The asks that still wait for an answer.
    #[serde(default)]
    pub asks: Vec<Ask>,
    /// The prompts that wait for their turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<QueuedPrompt>>", optional))]
    pub queued: Vec<QueuedPrompt>,
    /// What its next turn will be run with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub settings: Option<SessionSettings>,
    /// Why the session can only be read and followed for now: who writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub read_only: Option<String>,
}

/// What a turn has begun to write and is no item yet: what `itemStarted` and the `itemDelta`s of one stream came to. For eyes
/// only, as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Writing {
    /// The turn.
    pub turn_id: String,
    /// The `stream` of its fragments, as in `itemDelta`.
    pub stream: String,
    /// What it will be; left out: output of a call that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub item: Option<StartedKind>,
    /// What it is about, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub title: Option<String>,
    /// The agent that it is of; left out: the session's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub agent: Option<String>,
    /// What was written up to now.
    pub text: String,
    /// Whether the beginning of `text` is missing, because it is too long to be kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub cut: bool,
}

/// Parameters of `glossator/session/resume`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ResumeSessionParams {
    /// The session; left out: the newest one of the workspace that is not archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<String>,
    /// How many turns at most, the newest ones; left out: 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub turns: Option<u32>,
}

/// Result of `glossator/session/resume`: from now on the client is told of the session, and commands go to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ResumeSessionResult {
    /// The session, with its newest turns.
    pub read: ReadSessionResult,
    /// How it was left.
    pub left: SessionLeft,
}

/// How a session was left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct SessionLeft {
    /// The latest turn, if it was stopped before its end: by the user or with the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub interrupted: Option<String>,
    /// How many hunks wait for a decision.
    pub hunks: usize,
    /// The files that they are in, as the user knows them.
    pub files: Vec<String>,
    /// The tasks that run.
    pub running_tasks: Vec<Task>,
    /// The tasks of the latest turns whose results are lost.
    pub lost_tasks: Vec<Task>,
    /// All of this for people, in a sentence or several.
    pub message: String,
}
