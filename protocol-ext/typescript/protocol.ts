// Types of the Glossator extension of LSP, for clients in TypeScript.
// Generated from the Rust types in protocol-ext; do not edit. To write it anew:
//     GLOSSATOR_ACCEPT=1 cargo test -p glossator-protocol-ext

/**
 * An item of a session's log. Which other fields there are depends on `kind`; skip kinds you do not know.
 */
export type Item = { id: number, turn: string, round: number, at: number, kind: string, [field: string]: unknown };

/**
 * `capabilities.experimental.glossator`, the same object in both directions.
 */
export type Capability = {
  /** The version spoken, from 1. */
  version: number,
  /** Names of what is offered (server) or handled (client). A client that handles `approvals` is sent
   * `glossator/approval/ask`, one that handles `review` `glossator/changeSet/show`, one that handles `save`
   * `glossator/buffers/save`; an empty list means everything of the version.
   */
  features?: Array<string>, };

/**
 * A session as lists show it.
 */
export type Session = {
  /** Its id. */
  id: string,
  /** What it is called; may be empty before the first turn. */
  title: string,
  /** When it began: milliseconds since the Unix epoch. */
  createdAt: number,
  /** When it was last written to: milliseconds since the Unix epoch. */
  updatedAt: number,
  /** The model it talks to: `provider/model`. */
  model: string, };

/**
 * Parameters of `glossator/session/new`.
 */
export type NewSessionParams = {
  /** What to call it; left out: the first words of the first prompt. */
  title?: string,
  /** The pack of tools that the session has from its first turn to its last; left out: the one in the settings. */
  pack?: string, };

/**
 * Result of `glossator/session/new`.
 */
export type NewSessionResult = {
  /** The session. */
  session: Session, };

/**
 * Parameters of `glossator/session/list`.
 */
export type ListSessionsParams = Record<symbol, never>;

/**
 * Result of `glossator/session/list`.
 */
export type ListSessionsResult = {
  /** The sessions of this workspace, newest first. */
  sessions: Array<Session>, };

/**
 * Parameters of `glossator/session/read`.
 */
export type ReadSessionParams = {
  /** The session. */
  sessionId: string,
  /** The `seq` of the last update before the gap; left out: everything is wanted. */
  afterSeq?: number, };

/**
 * Result of `glossator/session/read`: either `updates` (all of them behind `afterSeq`, to be applied in order) or
 * `items` (the whole session, to be shown instead of what was there before).
 */
export type ReadSessionResult = {
  /** The session. */
  session: Session,
  /** The `seq` of the newest update that this result covers; the next one will be one more. 0: none was sent yet. */
  seq: number,
  /** The items of the session's log, oldest first: `{ id, turn, round, at, kind, ... }`. Kinds that are not known are
   * to be skipped. Left out when `updates` is given.
   */
  items?: Array<Item>,
  /** The updates behind `afterSeq`, when the server still holds all of them. */
  updates?: Array<SessionUpdateParams>,
  /** The turn that is running, if one is. */
  running?: string,
  /** The asks that still wait for an answer. */
  asks: Array<Ask>, };

/**
 * A place in a file, as LSP has it.
 */
export type Position = {
  /** Line, from 0. */
  line: number,
  /** Units of the negotiated position encoding within the line, from 0. */
  character: number, };

/**
 * A half-open range, as LSP has it.
 */
export type Range = {
  /** Where it starts. */
  start: Position,
  /** The first place behind it. */
  end: Position, };

/**
 * A part of what the user sends.
 */
export type Input = { "kind": "text",
  /** As typed. */
  text: string, } | { "kind": "mention",
  /** URI of the file. */
  uri: string,
  /** The part; left out for the whole file. */
  range?: Range, };

/**
 * Parameters of `glossator/turn/start`.
 */
export type StartTurnParams = {
  /** The session to go on with. */
  sessionId: string,
  /** What the user sends, in the order in which it was given. At least one part. */
  input: Array<Input>,
  /** What becomes of the scripts of this turn; left out: what the settings say. */
  mode?: ScriptMode,
  /** In this turn only those tools of the session work that are in this pack too. */
  pack?: string, };

/**
 * Result of `glossator/turn/start`, given at once: the work goes on and is told by `glossator/session/update`.
 */
export type StartTurnResult = {
  /** The new turn: `T-12`. */
  turnId: string, };

/**
 * Parameters of `glossator/turn/interrupt`.
 */
export type InterruptTurnParams = {
  /** The session. */
  sessionId: string,
  /** The turn to stop; left out: the one that runs. One that has ended is left alone. */
  turnId?: string, };

/**
 * Result of `glossator/turn/interrupt`, given at once; the end itself is told by `turnCompleted`.
 */
export type InterruptTurnResult = {
  /** Whether a turn was running. */
  interrupted: boolean, };

/**
 * Parameters of `glossator/turn/undo` and `glossator/turn/redo`.
 */
export type UndoTurnParams = {
  /** The session. */
  sessionId: string,
  /** The turn; left out: the newest one with edits that stand (undo), or the one that was undone last (redo). */
  turnId?: string, };

/**
 * Result of `glossator/turn/undo` and `glossator/turn/redo`.
 */
export type UndoTurnResult = {
  /** The turn whose edits were taken back or made again. */
  turnId: string,
  /** The files that were changed, as the user knows them. */
  files: Array<string>,
  /** For the user: what was done, and what could not be. */
  message: string,
  /** What became of each hunk that was to change. */
  hunks: Array<HunkOutcome>,
  /** What cannot be restored, a line each: files that a command changed and of which nothing was kept. */
  irreversible: Array<string>, };

/**
 * What a hunk is for whoever looks at it.
 */
export type HunkState = "pending" | "amended" | "undone" | "kept" | "rejected";

/**
 * What of a file a hunk is.
 */
export type HunkPart = { "kind": "lines" } | { "kind": "create" } | { "kind": "delete" } | { "kind": "move",
  /** URI of the place before. */
  from: string, };

/**
 * A hunk: whole lines that the agent changed, or a whole file.
 */
export type Hunk = {
  /** Its id, the same as long as the session lives: `C3.2`. */
  id: string,
  /** The turn that made it. */
  turnId: string,
  /** URI of the file. */
  uri: string,
  /** The file's path as the user knows it. */
  path: string,
  /** What of the file it is; left out for lines of its text. */
  part?: HunkPart,
  /** Its state. */
  state: HunkState,
  /** The whole lines before the agent's edit; the whole text of a deleted file. */
  base: string,
  /** The whole lines that the agent wrote; the whole text of a new file. */
  proposed: string,
  /** What stands there now, if it is not `proposed`. */
  current?: string,
  /** Where that stands, empty where lines were only taken out; left out: the place was not found, or the file is gone. */
  range?: Range,
  /** The version of the document that `range` counts in, if it is open. */
  version?: number, };

/**
 * A file with hunks.
 */
export type HunkFile = {
  /** URI of the file. */
  uri: string,
  /** Its path as the user knows it. */
  path: string,
  /** How many of its hunks that were read wait for a decision. */
  open: number,
  /** How many hunks of it were read. */
  hunks: number, };

/**
 * What became of a hunk: its state, or why it could not be done.
 */
export type HunkOutcome = {
  /** Its id. */
  id: string,
  /** Its file as the user knows it. */
  path: string,
  /** First line of its place before, from 1; left out where its place is not known. */
  line?: number,
  /** Its state afterwards. */
  state?: HunkState,
  /** Why it was not done, for people. */
  error?: string, };

/**
 * Parameters of `glossator/changeSet/read`.
 */
export type ReadChangeSetParams = {
  /** The session. */
  sessionId: string,
  /** Only of this change set. */
  changeSetId?: string,
  /** Only of this turn. */
  turnId?: string,
  /** Only of this file: its URI, or its path as the user knows it. */
  path?: string,
  /** Also hunks that are decided or undone; left out: only those that wait for a decision. */
  all?: boolean, };

/**
 * Result of `glossator/changeSet/read`, on the texts as this client shows them now.
 */
export type ReadChangeSetResult = {
  /** The hunks, by file, then by place. */
  hunks: Array<Hunk>,
  /** The files that they are in, each once. */
  files: Array<HunkFile>, };

/**
 * A decision.
 */
export type Resolution = "keep" | "reject" | "reopen" | { "edit": string };

/**
 * What is decided about one hunk.
 */
export type HunkDecision = {
  /** Its id. */
  hunk: string,
  /** The decision. */
  resolution: Resolution, };

/**
 * Parameters of `glossator/changeSet/resolve`.
 */
export type ResolveChangeSetParams = {
  /** The session. */
  sessionId: string,
  /** What is decided, each hunk once. */
  decisions: Array<HunkDecision>, };

/**
 * Result of `glossator/changeSet/resolve`.
 */
export type ResolveChangeSetResult = {
  /** What became of each hunk that was named. */
  hunks: Array<HunkOutcome>, };

/**
 * A file whose hunks are shown.
 */
export type ShownFile = {
  /** URI of the file. */
  uri: string,
  /** Its hunks, by place. */
  hunks: Array<Hunk>, };

/**
 * Parameters of `glossator/changeSet/show`.
 */
export type ShowChangeSetParams = {
  /** The session. */
  sessionId: string,
  /** The turn whose hunks the user wants to see. */
  turnId: string,
  /** Its files with their hunks, decided ones included. */
  files: Array<ShownFile>, };

/**
 * Result of `glossator/changeSet/show`.
 */
export type ShowChangeSetResult = {
  /** Whether they are shown; if not, the review document is opened instead. */
  shown: boolean, };

/**
 * Parameters of `glossator/buffers/save`.
 */
export type SaveBuffersParams = {
  /** The open documents to save, named as the client named them. */
  uris: Array<string>, };

/**
 * Result of `glossator/buffers/save`, given after the `textDocument/didSave` of each.
 */
export type SaveBuffersResult = {
  /** Those that were saved. */
  saved: Array<string>, };

/**
 * What becomes of the scripts of a turn.
 */
export type ScriptMode = "enabled" | "dry-run" | "disabled";

/**
 * How far a script is checked.
 */
export type CheckMode = "check" | "dry-run";

/**
 * Parameters of `glossator/script/check`.
 */
export type CheckScriptParams = {
  /** The script, without its tags. */
  source: string,
  /** The pack whose tools it has; left out: the one in the settings. */
  pack?: string,
  /** How far to go; `check` when left out. */
  mode?: CheckMode, };

/**
 * Result of `glossator/script/check`.
 */
export type CheckScriptResult = {
  /** Whether nothing is wrong with it. */
  ok: boolean,
  /** What is wrong. */
  error?: ScriptError,
  /** The calls it would make, in its own order; given with `dry-run`. */
  calls?: Array<ScriptCall>,
  /** The whole matter as the model would read it. */
  text: string, };

/**
 * What is wrong with a script.
 */
export type ScriptError = {
  /** One of the names in `docs/errors.md`. */
  name: string,
  /** What happened, why, and what to do. */
  message: string,
  /** Line in the script, from 1. */
  line?: number,
  /** Column in the line, from 1. */
  column?: number,
  /** The line with a caret under the place. */
  excerpt?: string,
  /** What to write instead. */
  hint?: string, };

/**
 * A call that a script would make.
 */
export type ScriptCall = {
  /** The tool. */
  name: string,
  /** The call in one line. */
  line: string,
  /** For people: `would run`, `would ask: ...`, `would be refused: ...` or `could not be checked: ...`. */
  verdict: string, };

/**
 * A detached call (`tools.spawn.exec(...)` in a script).
 */
export type Task = {
  /** The session that it belongs to. */
  sessionId: string,
  /** Its id, unique in the session. */
  id: string,
  /** The tool. */
  tool: string,
  /** The call in one line. */
  line: string,
  /** How far it came. */
  state: TaskStatus,
  /** When it was started: milliseconds since the Unix epoch. */
  startedAt: number,
  /** How long it ran, in milliseconds; left out while it runs and where that is not known. */
  millis?: number,
  /** Its outcome in one line, once it is done. */
  summary?: string,
  /** The key under which its value is kept: what `tools.readFile({ fileKey })` takes. */
  fileKey?: string,
  /** Length of that value as JSON, in bytes. */
  bytes?: number,
  /** Why it failed, or what its loss means. */
  error?: string, };

/**
 * How far a task came.
 */
export type TaskStatus = "running" | "done" | "failed" | "cancelled" | "lost";

/**
 * Parameters of `glossator/tasks/list`.
 */
export type ListTasksParams = {
  /** The session; left out: all sessions that this client was told of. */
  sessionId?: string, };

/**
 * Result of `glossator/tasks/list`.
 */
export type ListTasksResult = {
  /** The tasks, those that have ended included, oldest first within each session. */
  tasks: Array<Task>, };

/**
 * Parameters of `glossator/tasks/cancel`.
 */
export type CancelTaskParams = {
  /** The session. */
  sessionId: string,
  /** The task. One that has ended is left alone. */
  id: string, };

/**
 * Result of `glossator/tasks/cancel`, given at once; the end itself is told by the update `task`.
 */
export type CancelTaskResult = {
  /** Whether the task was running. */
  cancelled: boolean, };

/**
 * A named choice of tools.
 */
export type Pack = {
  /** What is written in settings and in `pack`. */
  slug: string,
  /** Names of its tools; none where there is a problem. */
  tools: Array<string>,
  /** Whether it comes with Glossator; `false`: it is defined in settings. */
  builtIn: boolean,
  /** Why it cannot be used. */
  problem?: string, };

/**
 * Parameters of `glossator/packs/list`.
 */
export type ListPacksParams = Record<symbol, never>;

/**
 * Result of `glossator/packs/list`.
 */
export type ListPacksResult = {
  /** The packs, the built-in ones first. */
  packs: Array<Pack>, };

/**
 * What a call may do to the world.
 */
export type Effect = "read" | "write" | "run" | "network" | "agent";

/**
 * A tool as the model is told of it.
 */
export type Tool = {
  /** Its name; dots are namespaces. */
  name: string,
  /** What it does. */
  description: string,
  /** What a call may do to the world. */
  effect: Effect,
  /** Its declaration in TypeScript, doc comments included. */
  declaration: string, };

/**
 * Parameters of `glossator/tools/list`.
 */
export type ListToolsParams = {
  /** The pack; left out: the one in the settings. */
  pack?: string, };

/**
 * Result of `glossator/tools/list`.
 */
export type ListToolsResult = {
  /** The tools, in the order in which the model is told of them. */
  tools: Array<Tool>, };

/**
 * Parameters of `glossator/trust/read`.
 */
export type ReadTrustParams = Record<symbol, never>;

/**
 * Parameters of `glossator/trust/set`.
 */
export type SetTrustParams = {
  /** The folder; left out: every workspace folder of this client. */
  uri?: string,
  /** Whether it is trusted from now on. */
  trusted: boolean, };

/**
 * Result of `glossator/trust/read` and `glossator/trust/set`.
 */
export type TrustResult = {
  /** The workspace folders of this client. */
  folders: Array<FolderTrust>, };

/**
 * Whether one folder is trusted.
 */
export type FolderTrust = {
  /** URI of the folder. */
  uri: string,
  /** Whether it is trusted. */
  trusted: boolean, };

/**
 * Yes or no.
 */
export type Decision = "allow" | "deny";

/**
 * How long an *allow* holds, and for what.
 */
export type Grant = "once" | "session" | "exact" | "prefix" | "directory" | "always";

/**
 * One hunk of an edit that is asked for.
 */
export type AskHunk = {
  /** Path as the user knows it. */
  path: string,
  /** First line that changes in the text as it is now, from 1; where lines only come in, the line they come before. */
  line: number,
  /** The whole lines that stand there. */
  base: string,
  /** The whole lines that would stand there. */
  proposed: string, };

/**
 * What a question is about.
 */
export type AskSubject = { "kind": "command",
  /** As it would be typed in a shell. */
  command: string,
  /** Absolute working folder. */
  cwd: string, } | { "kind": "edit",
  /** Paths as the user knows them. */
  files: Array<string>,
  /** The whole change as a unified diff. */
  diff: string,
  /** Its hunks, numbered from 1 in this order, where they can be answered one by one. */
  hunks?: Array<AskHunk>, } | { "kind": "script",
  /** The code. */
  source: string, };

/**
 * A question to the user about one call.
 */
export type Ask = {
  /** Its id, for `glossator.approve` and `glossator.deny`. */
  id: string,
  /** The call that waits. */
  call: string,
  /** One line: `Run npm test?` */
  title: string,
  /** Why it is asked. */
  reason: string,
  /** All that is needed to decide. */
  subject: AskSubject,
  /** The grants that may be given with *allow*, narrowest first. */
  grants: Array<Grant>, };

/**
 * Parameters of `glossator/approval/ask`.
 */
export type AskParams = {
  /** The session that asks. */
  sessionId: string,
  /** The turn that waits for the answer. */
  turnId: string,
  /** The question. */
  ask: Ask, };

/**
 * Result of `glossator/approval/ask`, and the answer shown with `askResolved`. A null result (the dialog was
 * dismissed) is no answer: the ask stays open.
 */
export type Answer = {
  /** Yes or no. */
  decision: Decision,
  /** What is remembered of a yes; `once` when left out. */
  grant?: Grant,
  /** What the user has to say to the model. */
  message?: string,
  /** With a yes to an edit whose ask has hunks: the numbers of those to be made; all, if it is left out. */
  hunks?: Array<number>, };

/**
 * How a turn ended.
 */
export type TurnStatus = "done" | "failed" | "interrupted" | "limited";

/**
 * How much a notice matters.
 */
export type NoticeLevel = "info" | "warning" | "error";

/**
 * Tokens.
 */
export type Usage = {
  /** Input tokens that were neither read from nor written to a cache. */
  input: number,
  /** Input tokens read from a cache. */
  cacheRead: number,
  /** Input tokens written to a cache. */
  cacheWrite: number,
  /** Output tokens, reasoning included. */
  output: number,
  /** Output tokens spent on reasoning. */
  reasoning: number, };

/**
 * What happened. Clients skip kinds that they do not know.
 */
export type Update = { "kind": "turnStarted" } | { "kind": "itemDelta",
  /** `answer`, `reasoning`, `script` (the code of a script while it is written) or the id of a call: tells
   * fragments of different things apart.
   */
  stream: string,
  /** The fragment. */
  text: string, } | { "kind": "itemCompleted",
  /** `{ id, turn, round, at, kind, ... }`, as it stands in the session's log. */
  item: Item, } | { "kind": "changeSet",
  /** Its id. */
  id: string,
  /** `committed`, `failed` or `undone`. */
  state: string,
  /** Paths as the user knows them. */
  files: Array<string>, } | { "kind": "usage",
  /** Sum over its rounds. */
  usage: Usage,
  /** What that cost, where a price is known. */
  cost?: Cost | null, } | { "kind": "rateLimits",
  /** `{ windows: [{ name, limit?, remaining?, used?, resetAtMillis? }], status? }`. */
  limits: unknown, } | { "kind": "ask",
  /** The question. */
  ask: Ask, } | { "kind": "askResolved",
  /** The ask. */
  id: string,
  /** The answer that holds. */
  answer: Answer, } | { "kind": "task" } & Task | { "kind": "session",
  /** What it is called now. */
  title: string,
  /** Whether it is archived. */
  archived: boolean, } | { "kind": "notice",
  /** How much it matters. */
  level: NoticeLevel,
  /** For people. */
  text: string, } | { "kind": "turnCompleted",
  /** How. */
  status: TurnStatus,
  /** Why, when it is not simply done. */
  message?: string | null, };

/**
 * Parameters of `glossator/session/update`.
 */
export type SessionUpdateParams = {
  /** The session. */
  sessionId: string,
  /** The turn, where the update belongs to one. */
  turnId?: string,
  /** From 1, one more with each update of the session: a gap means that something was lost. */
  seq: number,
  /** What happened. */
  update: Update, };

/**
 * The argument of `glossator.ask`.
 */
export type AskArgument = string | {
  /** The prompt. */
  text: string,
  /** A file it is about. */
  uri?: string,
  /** The part of the file. */
  range?: Range, };

/**
 * The argument of `glossator.edit`.
 */
export type EditArgument = {
  /** The file. */
  uri: string,
  /** The selection. */
  range: Range,
  /** The prompt; left out where the client had no way to ask for it. */
  text?: string, };

/**
 * The argument of `glossator.send` and `glossator.applyReview`.
 */
export type SendArgument = {
  /** The prompt or review document; left out: the only one that is open. */
  uri?: string, };

/**
 * The argument of the commands about a turn: `undoTurn`, `redoTurn`, `keepAll`, `rejectAll`.
 */
export type TurnArgument = string | {
  /** The turn's id. */
  turnId: string,
  /** Its session; left out: the one that this client went on with last. */
  sessionId?: string, };

/**
 * The argument of `glossator.approve` and `glossator.deny`.
 */
export type AnswerArgument = string | {
  /** The ask; left out: the only pending one. */
  askId?: string,
  /** How long a yes holds; `once` when left out. */
  grant?: Grant,
  /** What the user has to say to the model. */
  message?: string,
  /** With a yes to an edit whose ask has hunks: the numbers of those to be made; all, if it is left out. */
  hunks?: Array<number>,
  /** Decides about this hunk of an edit alone, by its number; the ask is answered when that was done for every one. */
  hunk?: number, };

/**
 * The argument of `glossator.cancelTask`.
 */
export type TaskArgument = string | {
  /** The task's id. */
  id: string,
  /** Its session; needed only where tasks of several sessions have the same id. */
  sessionId?: string, };

/**
 * The argument of `glossator.review`.
 */
export type ReviewArgument = string | {
  /** The turn's id. */
  turnId: string,
  /** Its session; left out: the one that this client went on with last. */
  sessionId?: string,
  /** A hunk of it to show first. */
  hunk?: string, };

/**
 * The argument of `glossator.keepHunk`, `rejectHunk`, `reopenHunk` and `showHunk`: hunks by their ids, or a place.
 */
export type HunkArgument = string | {
  /** The ids. */
  hunks: Array<string>,
  /** Their session; left out: the one that this client went on with last. */
  sessionId?: string, } | {
  /** The document: a file with hunks, or a review document. */
  uri: string,
  /** The place in it. */
  position: Position, };

/**
 * A place in a document; the argument of `glossator.nextHunk`.
 */
export type PlaceArgument = string | {
  /** The document. */
  uri: string,
  /** The place in it. */
  position: Position, };

/**
 * The argument of `glossator.keepFile` and `glossator.rejectFile`.
 */
export type FileArgument = string | {
  /** The file's URI, or its path as the user knows it. */
  uri: string,
  /** Only hunks of this session; left out: of every one. */
  sessionId?: string, };

/**
 * Requests the client sends.
 */
export interface ClientRequests {
  "glossator/session/new": { params: NewSessionParams, result: NewSessionResult },
  "glossator/session/list": { params: ListSessionsParams, result: ListSessionsResult },
  "glossator/session/read": { params: ReadSessionParams, result: ReadSessionResult },
  "glossator/turn/start": { params: StartTurnParams, result: StartTurnResult },
  "glossator/turn/interrupt": { params: InterruptTurnParams, result: InterruptTurnResult },
  "glossator/turn/undo": { params: UndoTurnParams, result: UndoTurnResult },
  "glossator/turn/redo": { params: UndoTurnParams, result: UndoTurnResult },
  "glossator/changeSet/read": { params: ReadChangeSetParams, result: ReadChangeSetResult },
  "glossator/changeSet/resolve": { params: ResolveChangeSetParams, result: ResolveChangeSetResult },
  "glossator/trust/read": { params: ReadTrustParams, result: TrustResult },
  "glossator/trust/set": { params: SetTrustParams, result: TrustResult },
  "glossator/script/check": { params: CheckScriptParams, result: CheckScriptResult },
  "glossator/tasks/list": { params: ListTasksParams, result: ListTasksResult },
  "glossator/tasks/cancel": { params: CancelTaskParams, result: CancelTaskResult },
  "glossator/packs/list": { params: ListPacksParams, result: ListPacksResult },
  "glossator/tools/list": { params: ListToolsParams, result: ListToolsResult },
}

/**
 * Requests the server sends.
 */
export interface ServerRequests {
  "glossator/approval/ask": { params: AskParams, result: Answer },
  "glossator/changeSet/show": { params: ShowChangeSetParams, result: ShowChangeSetResult },
  "glossator/buffers/save": { params: SaveBuffersParams, result: SaveBuffersResult },
}

/**
 * Notifications the server sends.
 */
export interface ServerNotifications {
  "glossator/session/update": { params: SessionUpdateParams },
}
