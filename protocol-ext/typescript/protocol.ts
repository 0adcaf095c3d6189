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
   * `glossator/buffers/save`; an empty list means everything of the version. Only one that names `editor` is sent
   * `glossator/editor/state`, since each prompt waits for its answer; only one that names `input`, `diagnostics` or
   * `symbols` is sent `glossator/input/ask`, `glossator/diagnostics/read` or `glossator/symbols/read`.
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
  model: string,
  /** How many turns it has; left out where that was not counted. */
  turns?: number,
  /** Bytes of its log, in lists. */
  bytes?: number,
  /** Whether it was put away. */
  archived?: boolean,
  /** The session that it is a fork of. */
  parent?: SessionParent,
  /** The folder of its workspace, where that is not the client's own but one that overlaps with it. */
  workspace?: string,
  /** The first words of its latest prompt, in lists. */
  lastPrompt?: string,
  /** The turn of it that is running or waiting, in lists: a client that comes back can go on with that session. */
  running?: string, };

/**
 * Where a fork left its parent.
 */
export type SessionParent = {
  /** The session it was taken from. */
  sessionId: string,
  /** The last turn that both share; `T-0`: none. */
  turnId: string, };

/**
 * Parameters of `glossator/session/new`.
 */
export type NewSessionParams = {
  /** What to call it; left out: the first words of the first prompt. */
  title?: string,
  /** The pack of tools that the session has from its first turn to its last; left out: the one in the settings. */
  pack?: string, };

/**
 * Result of `glossator/session/new`, `glossator/session/fork` and `glossator/session/import`.
 */
export type NewSessionResult = {
  /** The session. */
  session: Session, };

/**
 * Parameters of `glossator/session/list`; what is left out does not narrow.
 */
export type ListSessionsParams = {
  /** Words that title or prompts hold. */
  text?: string,
  /** `true`: only those that were put away; left out or `false`: only the others. */
  archived?: boolean,
  /** The model that they talk to, or a part of its name. */
  model?: string,
  /** Written to at this time or later: milliseconds since the Unix epoch. */
  since?: number,
  /** Last written to before this time: milliseconds since the Unix epoch. */
  until?: number,
  /** Those of workspaces too that contain this one or lie in it. */
  overlapping?: boolean,
  /** How many at most; left out: 200. More than 1,000 are never given at once. */
  limit?: number,
  /** The `next` of the page before this one. */
  before?: string, };

/**
 * Result of `glossator/session/list`.
 */
export type ListSessionsResult = {
  /** The sessions, newest first. */
  sessions: Array<Session>,
  /** What `before` of the next page is; left out: there are no more. */
  next?: string,
  /** What was not as it should be, for people. */
  notices?: Array<string>, };

/**
 * Parameters of `glossator/session/search`.
 */
export type SearchSessionsParams = {
  /** What is looked for: words (all have to be there), `"a phrase"`, `-not`, and the filters `model:`, `before:`, `after:`,
   * `in:prompt|answer|script|edit` and `file:`.
   */
  text: string,
  /** Only in this session. */
  sessionId?: string,
  /** Only in texts of these kinds: `title`, `prompt`, `answer`, `script`, `call`, `edit`, `notice`; empty: in all. */
  kinds?: Array<string>,
  /** Said at this time or later: milliseconds since the Unix epoch. */
  since?: number,
  /** Said before this time: milliseconds since the Unix epoch. */
  until?: number,
  /** In workspaces too that contain this one or lie in it. */
  overlapping?: boolean,
  /** How many hits at most; left out: 50. More than 500 are never given. */
  limit?: number, };

/**
 * Result of `glossator/session/search`.
 */
export type SearchSessionsResult = {
  /** What was found, best first. */
  hits: Array<SessionHit>,
  /** What was not as it should be, for people. */
  notices?: Array<string>, };

/**
 * One place where it was found.
 */
export type SessionHit = {
  /** The session. */
  sessionId: string,
  /** What it is called. */
  title: string,
  /** The turn; `T-0`: it is the title. */
  turnId: string,
  /** The item. */
  item: number,
  /** What kind of text it is: `prompt`, `answer`, `script`, `edit`, ... Kinds that are not known are shown as they are. */
  kind: string,
  /** The text around the place. */
  snippet: string,
  /** What was found in it: pairs of offsets in bytes of its UTF-8, each start and end. */
  marks: Array<[number, number]>,
  /** When it was said: milliseconds since the Unix epoch. */
  at: number,
  /** The folder of its workspace, where that is not the client's own. */
  workspace?: string,
  /** How well it fits; higher is better, and only to be compared within one result. */
  score: number, };

/**
 * Parameters of `glossator/session/read`.
 */
export type ReadSessionParams = {
  /** The session. */
  sessionId: string,
  /** The `seq` of the last update before the gap: the updates behind it are wanted. */
  afterSeq?: number,
  /** Only turns before this one are wanted: an older page. */
  before?: string,
  /** How many turns at most, the newest ones (before `before`); left out without `before`: what the server holds, with
   * it 30. More than 1,000 are never given at once.
   */
  turns?: number, };

/**
 * Result of `glossator/session/read`: either `updates` (all of them behind `afterSeq`, to be applied in order) or
 * `items` (to be shown instead of what was there before, or before it where an older page was asked for).
 */
export type ReadSessionResult = {
  /** The session. */
  session: Session,
  /** The `seq` of the newest update that this result covers; the next one will be one more. 0: none was sent yet, or
   * an older page was asked for, which says nothing of it. It need not begin at 1: it goes up from whatever is read
   * here, and a number that the server did not give out since it was started is answered with `items`.
   */
  seq: number,
  /** Items of the session's log, oldest first: `{ id, turn, round, at, agent?, kind, ... }`. Kinds that are not known are
   * to be skipped. Left out when `updates` is given.
   */
  items?: Array<Item>,
  /** The updates behind `afterSeq`, when the server still holds all of them. Fragments are not among them. */
  updates?: Array<SessionUpdateParams>,
  /** The first turn that `items` holds; left out where it holds none. */
  first?: string,
  /** Whether there are turns before `first`: `before` with it reads them. */
  more?: boolean,
  /** The turn that is running, if one is. */
  running?: string,
  /** What has begun in it and is no item yet, as of `seq`: shown behind `items` or `updates`, in place of whatever the
   * client held of it. Fragments with a higher `seq` add to it.
   */
  writing?: Array<Writing>,
  /** The asks that still wait for an answer. */
  asks: Array<Ask>,
  /** The prompts that wait for their turn. */
  queued?: Array<QueuedPrompt>,
  /** What its next turn will be run with. */
  settings?: SessionSettings,
  /** Why the session can only be read and followed for now: who writes it. */
  readOnly?: string, };

/**
 * What a turn has begun to write and is no item yet: what `itemStarted` and the `itemDelta`s of one stream came to. For eyes
 * only, as they are.
 */
export type Writing = {
  /** The turn. */
  turnId: string,
  /** The `stream` of its fragments, as in `itemDelta`. */
  stream: string,
  /** What it will be; left out: output of a call that runs. */
  item?: StartedKind,
  /** What it is about, in one line. */
  title?: string,
  /** The agent that it is of; left out: the session's own. */
  agent?: string,
  /** What was written up to now. */
  text: string,
  /** Whether the beginning of `text` is missing, because it is too long to be kept. */
  cut?: boolean, };

/**
 * Parameters of `glossator/session/resume`.
 */
export type ResumeSessionParams = {
  /** The session; left out: the newest one of the workspace that is not archived. */
  sessionId?: string,
  /** How many turns at most, the newest ones; left out: 30. */
  turns?: number, };

/**
 * Result of `glossator/session/resume`: from now on the client is told of the session, and commands go to it.
 */
export type ResumeSessionResult = {
  /** The session, with its newest turns. */
  read: ReadSessionResult,
  /** How it was left. */
  left: SessionLeft, };

/**
 * How a session was left.
 */
export type SessionLeft = {
  /** The latest turn, if it was stopped before its end: by the user or with the server. */
  interrupted?: string,
  /** How many hunks wait for a decision. */
  hunks: number,
  /** The files that they are in, as the user knows them. */
  files: Array<string>,
  /** The tasks that run. */
  runningTasks: Array<Task>,
  /** The tasks of the latest turns whose results are lost. */
  lostTasks: Array<Task>,
  /** All of this for people, in a sentence or several. */
  message: string, };

/**
 * Parameters of `glossator/session/fork`.
 */
export type ForkSessionParams = {
  /** The session. */
  sessionId: string,
  /** The last turn that the fork shares with it, one that has ended; `T-0`: none. Left out: the latest that has ended. */
  turnId?: string,
  /** What to call the fork; left out: after its parent. */
  title?: string, };

/**
 * Parameters of `glossator/session/rename`.
 */
export type RenameSessionParams = {
  /** The session. */
  sessionId: string,
  /** What to call it, in one line of at most 200 characters. */
  title: string, };

/**
 * Result of `glossator/session/rename`.
 */
export type RenameSessionResult = {
  /** What it is called now. */
  title: string, };

/**
 * Parameters of `glossator/session/archive`.
 */
export type ArchiveSessionParams = {
  /** The session. */
  sessionId: string,
  /** `true` (also when left out): put it away; `false`: bring it back. */
  archived?: boolean, };

/**
 * Result of `glossator/session/archive`.
 */
export type ArchiveSessionResult = {
  /** Whether it is put away now. */
  archived: boolean, };

/**
 * Parameters of `glossator/session/delete`.
 */
export type DeleteSessionParams = {
  /** The session. One that is being written is left alone. */
  sessionId: string, };

/**
 * Result of `glossator/session/delete`.
 */
export type DeleteSessionResult = {
  /** How many long texts went with it, which no other session needs. */
  blobs: number,
  /** Bytes that were freed. */
  bytes: number, };

/**
 * The form of an export.
 */
export type ExportFormat = "markdown" | "jsonl";

/**
 * Parameters of `glossator/session/export`.
 */
export type ExportSessionParams = {
  /** The session. */
  sessionId: string,
  /** The form; left out: Markdown. */
  format?: ExportFormat, };

/**
 * Result of `glossator/session/export`: `text`, or the `path` of a file in the state folder where it is longer than a
 * megabyte (2^20 bytes).
 */
export type ExportSessionResult = {
  /** The export. */
  text?: string,
  /** Where it is. */
  path?: string,
  /** Its length. */
  bytes: number, };

/**
 * Parameters of `glossator/session/import`: an export of the form `jsonl`, as a text or as a file.
 */
export type ImportSessionParams = {
  /** The export itself. */
  text?: string,
  /** The absolute path of a file that holds it. */
  path?: string, };

/**
 * Parameters of `glossator/session/configure`: what holds for this session over all settings, from its next turn on.
 * What is left out stays as it is; an empty text takes a choice back.
 */
export type ConfigureSessionParams = {
  /** The session. */
  sessionId: string,
  /** The model: `provider/model id` or the slug of a `[models.slug]` section. */
  model?: string,
  /** The pack of tools. Refused once the session has begun: its tools are part of what never changes. */
  pack?: string,
  /** What may be done without asking: `read-only`, `ask`, `auto-edit` or `full`. */
  policy?: string,
  /** The agents that prompts go to which name none; an empty list: the session's own. */
  agents?: Array<string>, };

/**
 * Result of `glossator/session/configure`.
 */
export type ConfigureSessionResult = {
  /** The model of the next turn. */
  model: string,
  /** The pack of tools. */
  pack: string,
  /** The policy of the next turn. */
  policy: string,
  /** The agents that prompts go to which name none. */
  agents: Array<string>,
  /** For people: what the change means. With another model, thinking up to now is not sent any more. */
  message: string, };

/**
 * Parameters of `glossator/session/compact`.
 */
export type CompactSessionParams = {
  /** The session; no turn of it may be running. */
  sessionId: string, };

/**
 * Result of `glossator/session/compact`, given at once: the work goes on as a turn of its own and is told by
 * `glossator/session/update`; its outcome is an item of the kind `compaction`.
 */
export type CompactSessionResult = {
  /** The turn, which can be interrupted. */
  turnId: string, };

/**
 * Parameters of `glossator/editor/state`.
 */
export type EditorStateParams = Record<symbol, never>;

/**
 * Result of `glossator/editor/state`, and the `editor` of `glossator/turn/start`.
 */
export type EditorState = {
  /** The document that has the focus, or had it last. */
  active?: ActiveDocument,
  /** URIs of the documents that are visible or in tabs, in the editor's order; left out: the open ones as LSP tells. */
  open?: Array<string>, };

/**
 * The document that the user works in.
 */
export type ActiveDocument = {
  /** Its URI. */
  uri: string,
  /** The selection; empty: the cursor. */
  selection?: Range,
  /** The lines that are seen. */
  visible?: Range, };

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
  range?: Range, } | { "kind": "image",
  /** `image/png`, `image/jpeg`, `image/gif` or `image/webp`. */
  mediaType: string,
  /** Its bytes in base64 (standard alphabet, padded); at most 5 megabytes (5 * 2^20 bytes) of it. */
  data: string,
  /** What it is called; left out: nothing. */
  name?: string, };

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
  pack?: string,
  /** The agents that answer, in this order; left out: those whom the prompt names at its start (`@reviewer ...`), else
   * those that the session was configured to, else the session's own.
   */
  agents?: Array<string>,
  /** What the user sees in the editor now; left out: as far as LSP tells. */
  editor?: EditorState, };

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
 * What the next turn of a session will be run with: its own choices over the settings.
 */
export type SessionSettings = {
  /** The model that is asked: `provider/model`. */
  model: string,
  /** The pack of tools. */
  pack: string,
  /** The policy: `ask`, `auto-edit`, ... */
  policy: string,
  /** The agents that prompts go to, where others than the session's own were chosen. */
  agents?: Array<string>, };

/**
 * Parameters of `glossator/turn/steer`.
 */
export type SteerTurnParams = {
  /** The session. */
  sessionId: string,
  /** The turn that is meant; left out: the one that runs. When it has ended, what was said is a prompt of its own. */
  turnId?: string,
  /** What the user adds, as in `glossator/turn/start`. At least one part. */
  input: Array<Input>, };

/**
 * Result of `glossator/turn/steer`, given at once. The model reads it with its next request; a request that is under way is
 * not broken off.
 */
export type SteerTurnResult = {
  /** The turn that it went to. */
  turnId: string,
  /** Whether that turn was started with it, because none was running any more. */
  started: boolean, };

/**
 * A prompt that waits for its turn.
 */
export type QueuedPrompt = {
  /** Its id, never used twice in a session: `Q3`. */
  id: string,
  /** What the user wrote. */
  input: Array<Input>,
  /** When it was queued: milliseconds since the Unix epoch. */
  at: number, };

/**
 * Result of `glossator/turn/queue`.
 */
export type QueueTurnResult = {
  /** The prompt's id in the queue: `Q3`. */
  id: string,
  /** Its place, from 1; 0: it was started at once. */
  position: number,
  /** The turn that was started with it, when nothing ran and nothing waited before it. */
  turnId?: string,
  /** Why the queue waits for the user, if it does: the turn before was stopped, failed or met a limit. The next prompt that is
   * started or queued, or `glossator.queue` without a text, lets it go on.
   */
  waits?: string,
  /** What is missing, where it waits for that; it goes on by itself once it is there. */
  missing?: Missing, };

/**
 * Parameters of `glossator/turn/queued`.
 */
export type ListQueuedParams = {
  /** The session. */
  sessionId: string, };

/**
 * Result of `glossator/turn/queued`.
 */
export type ListQueuedResult = {
  /** The prompts that wait, in the order in which they are started. */
  prompts: Array<QueuedPrompt>,
  /** Why the queue waits for the user, if it does; left out: the first prompt starts when the running turn is done. */
  waits?: string, };

/**
 * Parameters of `glossator/turn/unqueue`.
 */
export type UnqueueTurnParams = {
  /** The session. */
  sessionId: string,
  /** The prompt: `Q3`. */
  id: string, };

/**
 * Result of `glossator/turn/unqueue`.
 */
export type UnqueueTurnResult = {
  /** Whether it waited; `false`: it was started or taken out before. */
  removed: boolean,
  /** What was written there, to be gone on with. */
  input: Array<Input>, };

/**
 * A piece of a request: a layer, or a part of a message.
 */
export type ContextPiece = {
  /** The layer it belongs to: `instructions`, `toolReference`, `project`, `environment`, `history`, `turn`, ... */
  layer: string,
  /** Where it comes from: the user, the model, a tool, or which part of the harness. */
  origin: string,
  /** The text, exactly as it is sent. */
  text: string,
  /** Its tokens, as estimated. */
  tokens: number, };

/**
 * Parameters of `glossator/context/preview`.
 */
export type PreviewContextParams = {
  /** The session. */
  sessionId: string,
  /** What the user would send; may be left out. */
  input?: Array<Input>, };

/**
 * Result of `glossator/context/preview`: the next request, of which nothing was sent or kept.
 */
export type PreviewContextResult = {
  /** Who would be asked: `provider/model`. */
  model: string,
  /** Its pieces in order. */
  pieces: Array<ContextPiece>,
  /** Tokens of all of them, as estimated. */
  tokens: number,
  /** The model's window in tokens, where it is known. */
  window?: number,
  /** What its input would cost without any cache, where a price is known. */
  estimatedCost?: Cost, };

/**
 * Parameters of `glossator/context/sent`.
 */
export type SentContextParams = {
  /** The session. */
  sessionId: string,
  /** The turn; left out: the latest one that sent a request. */
  turnId?: string,
  /** The round, from 1; left out: the latest of the turn. */
  round?: number, };

/**
 * Result of `glossator/context/sent`.
 */
export type SentContextResult = {
  /** The turn. */
  turnId: string,
  /** The round. */
  round: number,
  /** The request beside its body. */
  request: SentRequest,
  /** The body as it was sent: made again from the log. */
  body: string,
  /** Whether `body` is byte for byte what was sent. */
  exact: boolean,
  /** Its pieces in order. */
  pieces: Array<ContextPiece>, };

/**
 * A request that was sent, beside its body.
 */
export type SentRequest = {
  /** Who was asked: `provider/model`. */
  model: string,
  /** The protocol. */
  wire: string,
  /** What of it is not made of the log: output limit, effort, tools by name. */
  parameters?: unknown,
  /** What the provider counted. */
  usage: Usage,
  /** What it cost, where a price is known. */
  cost?: Cost,
  /** From sending to the end of the answer, in milliseconds. */
  millis: number,
  /** Length of the body in bytes. */
  bytes: number,
  /** Input tokens as they had been estimated. */
  estimated: number,
  /** Why it failed, if it did. */
  error?: string, };

/**
 * Parameters of `glossator/usage/read`.
 */
export type ReadUsageParams = {
  /** The session; left out: the one that this client went on with last, if there is one. */
  sessionId?: string,
  /** The day, `2026-11-20`, by the clock of the user; left out: today. */
  day?: string, };

/**
 * Result of `glossator/usage/read`.
 */
export type ReadUsageResult = {
  /** What the session has spent; left out without one. */
  session?: SessionUsage,
  /** What all sessions of this user have spent on the day. */
  day: DayUsage,
  /** The budgets that are set. */
  budgets: Array<Budget>, };

/**
 * What a session has spent.
 */
export type SessionUsage = {
  /** The session. */
  sessionId: string,
  /** How many turns it has. */
  turns: number,
  /** Sum over its turns. */
  usage: Usage,
  /** What that cost, where a price is known. */
  cost?: Cost, };

/**
 * What was spent on one day.
 */
export type DayUsage = {
  /** The day: `2026-11-20`. */
  day: string,
  /** Tokens, cached ones included. */
  tokens: number,
  /** Millionths of a US dollar, where prices are known. */
  microUsd: number, };

/**
 * A budget and what is left of it. Of a turn nothing is spent before it begins.
 */
export type Budget = {
  /** Its key in the section `[budget]` of the settings: `day_usd`. */
  key: string,
  /** The most that may be spent: tokens, or millionths of a US dollar for keys that end in `usd`. */
  limit: number,
  /** What of it is left. */
  left: number, };

/**
 * An entry of the board.
 */
export type BoardEntry = {
  /** Its id on this board: `B3`. */
  id: string,
  /** Where it comes from. */
  source: BoardSource,
  /** What it is called. */
  title: string,
  /** What it says; of a document of the cabinet its note. */
  text: string,
  /** The key of the whole text, where that is more than `text`. */
  key?: string,
  /** Length of that text in bytes; 0 without a key. */
  bytes: number,
  /** Turns it is shown in, the one in which it was posted included. */
  turns: number, };

/**
 * Where an entry of the board comes from. Clients show kinds that they do not know like notes.
 */
export type BoardSource = "page" | "turn" | "task" | "cabinet" | "note";

/**
 * Parameters of `glossator/board/read`.
 */
export type ReadBoardParams = {
  /** The session. */
  sessionId: string, };

/**
 * Result of `glossator/board/read`.
 */
export type ReadBoardResult = {
  /** What the model is shown, oldest first. */
  entries: Array<BoardEntry>, };

/**
 * Parameters of `glossator/board/post`.
 */
export type PostBoardParams = {
  /** The session. */
  sessionId: string,
  /** What the entry is called, in one line. */
  title: string,
  /** What it says. */
  text: string,
  /** Turns it is shown in, from 1 to 50; left out: what the settings say (5). */
  turns?: number, };

/**
 * Result of `glossator/board/post`.
 */
export type PostBoardResult = {
  /** The entry's id. */
  id: string, };

/**
 * Parameters of `glossator/board/remove`.
 */
export type RemoveBoardParams = {
  /** The session. */
  sessionId: string,
  /** The entry. */
  id: string, };

/**
 * Result of `glossator/board/remove`.
 */
export type RemoveBoardResult = {
  /** Whether it was there. */
  removed: boolean, };

/**
 * A document of the cabinet.
 */
export type CabinetDocument = {
  /** Its key: `F3`. */
  key: string,
  /** What it is. */
  note: string,
  /** Its length in bytes. */
  bytes: number,
  /** When it was saved: milliseconds since the Unix epoch. */
  savedAt: number,
  /** When it goes: milliseconds since the Unix epoch. */
  expiresAt: number, };

/**
 * Parameters of `glossator/cabinet/read` and `glossator/cabinet/delete`.
 */
export type CabinetKeyParams = {
  /** The document. */
  key: string, };

/**
 * Parameters of `glossator/cabinet/list`.
 */
export type ListCabinetParams = Record<symbol, never>;

/**
 * Result of `glossator/cabinet/list`.
 */
export type ListCabinetResult = {
  /** What is kept, oldest first. */
  documents: Array<CabinetDocument>,
  /** What could not be read, a line each. */
  problems?: Array<string>, };

/**
 * Result of `glossator/cabinet/read`.
 */
export type ReadCabinetResult = {
  /** The document. */
  document: CabinetDocument,
  /** Its text. */
  text: string, };

/**
 * Result of `glossator/cabinet/delete`.
 */
export type DeleteCabinetResult = {
  /** Whether it was there. */
  deleted: boolean, };

/**
 * Parameters of `glossator/cabinet/save`.
 */
export type SaveCabinetParams = {
  /** The text, at most 16 megabytes (2^24 bytes). */
  text: string,
  /** What it is, in a line: all that is seen of it in lists. */
  note: string, };

/**
 * Result of `glossator/cabinet/save`.
 */
export type SaveCabinetResult = {
  /** Its key. */
  key: string, };

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
  /** What it does, in a sentence. */
  summary: string,
  /** What it does, all of it. */
  description: string,
  /** What a call may do to the world. */
  effect: Effect,
  /** Its declaration in TypeScript, doc comments included. */
  declaration: string, };

/**
 * Parameters of `glossator/tools/list`.
 */
export type ListToolsParams = {
  /** The session whose tools are meant: of one that has begun they are those of its pack, as it was begun with. */
  sessionId?: string,
  /** The pack; left out: that of the session, else the one in the settings. */
  pack?: string, };

/**
 * Result of `glossator/tools/list`.
 */
export type ListToolsResult = {
  /** The pack. */
  pack: string,
  /** The tools, in the order in which the model is told of them. */
  tools: Array<Tool>, };

/**
 * Parameters of `glossator/models/list`.
 */
export type ListModelsParams = {
  /** Only models of this provider; left out: of every one. */
  provider?: string,
  /** Say which model of this session is asked; left out: as the settings say. */
  sessionId?: string, };

/**
 * Result of `glossator/models/list`: what the settings name, the catalogue knows and the providers list. Providers are asked
 * for at most 3 s.
 */
export type ListModelsResult = {
  /** The models, by provider; the one that is asked first. */
  models: Array<ModelInfo>,
  /** For people: which providers did not answer, and why. */
  notices: Array<string>, };

/**
 * A model that can be asked.
 */
export type ModelInfo = {
  /** What is written in settings: `provider/model id`. */
  id: string,
  /** The provider's slug. */
  provider: string,
  /** What the provider calls it. */
  name?: string,
  /** Tokens that prompt and answer may have together, where known. */
  contextWindow?: number,
  /** The most tokens of an answer, where known. */
  maxOutput?: number,
  /** US dollars per million tokens of input, where known. */
  inputPrice?: number,
  /** US dollars per million tokens of output, where known. */
  outputPrice?: number,
  /** Whether it is the one that is asked now. */
  current: boolean,
  /** Whether it can be asked as things are: its provider is set up and has its key. */
  usable: boolean,
  /** For people: why it cannot be asked, or what to know of it. */
  note?: string, };

/**
 * Parameters of `glossator/grants/list`.
 */
export type ListGrantsParams = {
  /** Only those of this session and those that are saved; left out: of every session that is open, too. */
  sessionId?: string, };

/**
 * Result of `glossator/grants/list`.
 */
export type ListGrantsResult = {
  /** The grants, oldest first. */
  grants: Array<GrantInfo>,
  /** Why what is saved cannot be read: nothing of it counts then. */
  notice?: string, };

/**
 * Something that was allowed, and so is not asked again.
 */
export type GrantInfo = {
  /** Its id: `G2` in its session, `W2` of those that are saved for the workspace. */
  id: string,
  /** The session that it holds for; left out: it is saved. */
  sessionId?: string,
  /** Whether it is saved, and holds for every session of the workspace. */
  saved: boolean,
  /** What is allowed, in one line. */
  what: string,
  /** When it was allowed: milliseconds since the Unix epoch. */
  at: number, };

/**
 * Parameters of `glossator/grants/revoke`.
 */
export type RevokeGrantsParams = {
  /** The session; not needed for a grant that is saved. */
  sessionId?: string,
  /** The grant; left out: every one of the session, and none that is saved. */
  id?: string, };

/**
 * Result of `glossator/grants/revoke`: the next call of the kind is asked about again.
 */
export type RevokeGrantsResult = {
  /** How many were taken back. */
  revoked: number, };

/**
 * Parameters of `glossator/auth/status`.
 */
export type AuthStatusParams = Record<symbol, never>;

/**
 * Result of `glossator/auth/status`.
 */
export type AuthStatusResult = {
  /** The providers, the one of the model that is asked first. */
  providers: Array<AuthProvider>,
  /** Whether the model that is asked can be asked. */
  ready: boolean,
  /** All of this for people: what is ready, and else what to do next. */
  message: string, };

/**
 * How one provider stands.
 */
export type AuthProvider = {
  /** Its slug. */
  id: string,
  /** The protocol that is spoken with it: `responses`, `chat`, `messages` or `ollama`. */
  wire: string,
  /** Where it is asked. */
  baseUrl: string,
  /** Whether it wants a key. */
  needsKey: boolean,
  /** Whether it can be asked as things are. */
  ready: boolean,
  /** Where its key comes from; left out where there is none. */
  source?: KeySource,
  /** The environment variable that its key may stand in. */
  keyEnv?: string,
  /** For people: what to do for it to be ready. */
  next?: string, };

/**
 * What is missing for a turn to begin.
 */
export type Missing = "noModel" | "noKey";

/**
 * `data` of the error where a turn cannot begin for want of a model or a key: answers to `glossator/turn/start` and
 * `glossator/turn/steer`, and to commands of clients with the feature `turns`.
 */
export type RefusedData = {
  /** What is missing. */
  kind: Missing,
  /** That in one sentence for people; it names no command. */
  message: string,
  /** The provider that wants a key. */
  provider?: string,
  /** How things stand. */
  signIn: AuthStatusResult, };

/**
 * Where a key comes from.
 */
export type KeySource = "environment" | "keyring" | "file" | "settings" | "dotenv";

/**
 * Parameters of `glossator/auth/login`.
 */
export type LoginParams = {
  /** The provider's slug. */
  provider: string,
  /** Its key; left out: the answer's `message` lists the ways to sign in. */
  key?: string, };

/**
 * Result of `glossator/auth/login`.
 */
export type LoginResult = {
  /** The provider. */
  provider: string,
  /** Where the key was stored: `keyring` or `file`; left out where none was given. */
  stored?: KeySource,
  /** Whether the provider can be asked now. */
  ready: boolean,
  /** For people: what was done, or which ways there are. */
  message: string, };

/**
 * Parameters of `glossator/auth/logout`.
 */
export type LogoutParams = {
  /** The provider's slug. */
  provider: string, };

/**
 * Result of `glossator/auth/logout`.
 */
export type LogoutResult = {
  /** Whether there was a stored key. */
  removed: boolean,
  /** For people: what was done, and whether a key is still found elsewhere. */
  message: string, };

/**
 * Parameters of `glossator/mcp/status`.
 */
export type McpStatusParams = Record<symbol, never>;

/**
 * Result of `glossator/mcp/status`.
 */
export type McpStatusResult = {
  /** The servers. */
  servers: Array<McpServer>,
  /** All of this for people. */
  message: string, };

/**
 * One MCP server.
 */
export type McpServer = {
  /** What the settings call it. */
  name: string,
  /** Whether its tools can be called. */
  ready: boolean,
  /** For people: why not, or what it offers. */
  message: string, };

/**
 * Parameters of `glossator/prompt/complete`.
 */
export type CompletePromptParams = {
  /** The session that the prompt is for; left out: the one that this client works in. */
  sessionId?: string,
  /** The prompt as far as it is written. */
  text: string,
  /** The place in `text`, in the negotiated position encoding. */
  position: Position, };

/**
 * Result of `glossator/prompt/complete`.
 */
export type CompletePromptResult = {
  /** What may be written, best first. */
  items: Array<PromptItem>,
  /** Whether there is more: to be asked again when more is written. */
  incomplete: boolean, };

/**
 * Something that may be written in a prompt.
 */
export type PromptItem = {
  /** What lists show. */
  label: string,
  /** What it is. */
  kind: PromptItemKind,
  /** More about it, in one line. */
  detail?: string,
  /** What to write in the place of `range`. */
  insertText: string,
  /** The part of `text` that it replaces. */
  range: Range, };

/**
 * What may be mentioned or done in a prompt.
 */
export type PromptItemKind = "file" | "folder" | "symbol" | "buffer" | "diagnostics" | "session" | "agent" | "command";

/**
 * Parameters of `glossator/input/ask`.
 */
export type AskInputParams = {
  /** The session that asks. */
  sessionId: string,
  /** The turn that waits for the answer. */
  turnId: string,
  /** The question's id, for `glossator.answer`. */
  askId: string,
  /** The question. */
  question: string,
  /** Answers to pick from; the user may always write another one. Empty: none are proposed. */
  options: Array<string>, };

/**
 * Result of `glossator/input/ask`. A null result (the dialog was dismissed) is no answer: the question stays open.
 */
export type InputAnswer = {
  /** What the user said. */
  answer: string, };

/**
 * Parameters of `glossator/diagnostics/read`.
 */
export type ReadDiagnosticsParams = {
  /** Only of this document; left out: of every one that has some. */
  uri?: string, };

/**
 * Result of `glossator/diagnostics/read`.
 */
export type ReadDiagnosticsResult = {
  /** The documents that have some. */
  documents: Array<DocumentDiagnostics>, };

/**
 * The diagnostics of one document; those of Glossator itself are left out.
 */
export type DocumentDiagnostics = {
  /** Its URI. */
  uri: string,
  /** The version that they are of, where it is known. */
  version?: number,
  /** As LSP has them (`Diagnostic`), in the negotiated position encoding. */
  diagnostics: Array<{ range: Range, severity?: number, code?: number | string, source?: string, message: string, [field: string]: unknown }>, };

/**
 * Parameters of `glossator/symbols/read`.
 */
export type ReadSymbolsParams = {
  /** What is looked for. */
  kind: SymbolsKind,
  /** The document; left out for `workspace`. */
  uri?: string,
  /** The place in it, for `definition` and `references`. */
  position?: Position,
  /** The name or a part of it, for `workspace`. */
  query?: string, };

/**
 * What is looked for.
 */
export type SymbolsKind = "definition" | "references" | "document" | "workspace";

/**
 * Result of `glossator/symbols/read`.
 */
export type ReadSymbolsResult = {
  /** What was found. */
  symbols: Array<SymbolInfo>,
  /** Whether that is all: every server that could know was asked and answered. */
  complete: boolean, };

/**
 * A symbol, or a place where one is used.
 */
export type SymbolInfo = {
  /** Its name; may be empty for `definition` and `references`. */
  name: string,
  /** What it is, in a word: `function`, `struct`; may be empty. */
  kind: string,
  /** The document that it is in. */
  uri: string,
  /** Where in it. */
  range: Range,
  /** What it is a part of. */
  container?: string, };

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
  cwd: string,
  /** The words that all commands begin with which the grant `prefix` covers: `cargo test`. */
  begins?: string, } | { "kind": "edit",
  /** Paths as the user knows them. */
  files: Array<string>,
  /** The whole change as a unified diff. */
  diff: string,
  /** Its hunks, numbered from 1 in this order, where they can be answered one by one. */
  hunks?: Array<AskHunk>, } | { "kind": "script",
  /** The code. */
  source: string, } | { "kind": "question",
  /** The question. */
  question: string,
  /** Answers to pick from; the user may always write another one. */
  options?: Array<string>,
  /** What holds when the user leaves it open, or does not answer in time. */
  default?: string, };

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
  /** What the user has to say to the model; with a yes to a question, the answer to it. */
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
 * What a turn cost.
 */
export type Cost = {
  /** Millionths of a US dollar. */
  microUsd: number,
  /** The day the prices are of; `provider` when the provider itself said the sum. */
  pricesOf: string, };

/**
 * Something that began and will be an item.
 */
export type StartedItem = {
  /** What it will be. */
  kind: StartedKind,
  /** Where its fragments come: the `stream` of `itemDelta`, which for a call or a script is its id. */
  id: string,
  /** What it is about, in one line: the tool and what it is called with. */
  title?: string,
  /** The agent that it is of; left out: the session's own. */
  agent?: string, };

/**
 * What a started item will be.
 */
export type StartedKind = "toolCall" | "script" | "reasoning" | "answer";

/**
 * One step of a plan.
 */
export type PlanStep = {
  /** What is to be done. */
  text: string,
  /** How far it is. */
  status: PlanStepStatus, };

/**
 * How far a step of a plan is.
 */
export type PlanStepStatus = "pending" | "inProgress" | "done";

/**
 * What happened. Clients skip kinds that they do not know.
 */
export type Update = { "kind": "turnStarted" } | { "kind": "itemStarted",
  /** What. */
  item: StartedItem, } | { "kind": "itemDelta",
  /** `answer`, `reasoning`, `script` (the code of a script while it is written) or the id of a call: tells
   * fragments of different things apart.
   */
  stream: string,
  /** The fragment. */
  text: string,
  /** The agent that it is of; left out: the session's own. */
  agent?: string, } | { "kind": "itemCompleted",
  /** `{ id, turn, round, at, agent?, kind, ... }`, as it stands in the session's log. The plan, the board and compactions
   * are told by items too: `plan`, `posted`, `removed`, `compaction`.
   */
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
  archived: boolean,
  /** What its next turn will be run with, as far as it is known. */
  settings?: SessionSettings, } | { "kind": "plan",
  /** All of it now. */
  plan: Array<PlanStep>, } | { "kind": "queue",
  /** All of them now, in the order in which they are started. */
  prompts: Array<QueuedPrompt>,
  /** Why the queue waits for the user, if it does. */
  waits?: string, } | { "kind": "notice",
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
 * The argument of `glossator.ask`, `glossator.queue` and `glossator.steer`.
 */
export type AskArgument = string | {
  /** The prompt. */
  text: string,
  /** A file it is about. */
  uri?: string,
  /** The part of the file. */
  range?: Range, } | {
  /** The prompt document. */
  uri: string, };

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
 * The argument of the commands about a turn: `undoTurn`, `redoTurn`, `keepAll`, `rejectAll`, `fork`.
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
 * The argument of the commands about a session: `resume`, `renameSession`, `archiveSession`, `deleteSession`,
 * `exportSession`, `compact`, `context`, `board`, `usage`. Each looks at the fields that mean something to it.
 */
export type SessionArgument = string | {
  /** The session's id; left out: the one that this client went on with last. */
  sessionId?: string,
  /** For `renameSession`: what to call it. */
  title?: string,
  /** For `exportSession`: the form. */
  format?: ExportFormat,
  /** For `context`: the turn. */
  turnId?: string,
  /** For `context`: the round. */
  round?: number,
  /** For `archiveSession`: `false` brings it back. */
  archived?: boolean,
  /** For `deleteSession`: the user has said yes already. */
  confirmed?: boolean, };

/**
 * The argument of `glossator.chat`.
 */
export type ChatArgument = string | {
  /** The session's id; left out: the one that this client works in. */
  sessionId?: string,
  /** Whether the documents are shown; left out: they are. */
  show?: boolean, };

/**
 * The argument of `glossator.stop`.
 */
export type StopArgument = string | {
  /** The session's id; left out: the one that this client works in, else another one that runs for it. */
  sessionId?: string,
  /** The turn that is meant: another one is not stopped. Left out: the one that runs. */
  turnId?: string, };

/**
 * The argument of `glossator.fix`, `explain`, `tests`, `document`, `reviewCode` and `doComment`.
 */
export type CodeArgument = string | {
  /** The file. */
  uri: string,
  /** The part of it; left out: all of it. */
  range?: Range,
  /** What the user adds. */
  text?: string,
  /** For `fix`: the diagnostics that are meant, as LSP has them. */
  diagnostics?: Array<unknown>, };

/**
 * The argument of `glossator.forkHere`.
 */
export type ForkHereArgument = string | {
  /** The turn's id. */
  turnId: string,
  /** Its session; left out: the one that this client went on with last. */
  sessionId?: string, } | {
  /** The transcript, or a page of it. */
  uri: string,
  /** The place in it. */
  position: Position, };

/**
 * The argument of `glossator.open`.
 */
export type OpenArgument = string | {
  /** The id. */
  id: string,
  /** Its session; left out: the one that this client went on with last. */
  sessionId?: string,
  /** For `#57`, an item of the log: its turn. */
  turnId?: string, } | {
  /** The document. */
  uri: string,
  /** The place in it. */
  position: Position, };

/**
 * The argument of `glossator.applyBlock`.
 */
export type BlockArgument = {
  /** The transcript, or a page of it. */
  uri: string,
  /** The place in it. */
  position: Position, } | {
  /** What is in it. */
  text: string,
  /** What follows its opening fence: `rust src/walk.rs`. */
  info?: string,
  /** The session whose answer it is of; left out: the one that this client went on with last. */
  sessionId?: string,
  /** The file that it is for; left out: the one that the block names, else the one that the user is in. */
  target?: string,
  /** The part of the file that it is to replace. */
  range?: Range, };

/**
 * The argument of `glossator.model`, `pack` and `policy`.
 */
export type ChoiceArgument = string | {
  /** What is chosen; empty takes a choice back; left out: what there is to choose from is shown. */
  value?: string,
  /** The session that it is chosen for; left out: the one that this client works in. */
  sessionId?: string, };

/**
 * The argument of `glossator.login` and `glossator.logout`.
 */
export type ProviderArgument = string | {
  /** The provider's slug. */
  provider: string,
  /** For `login`: the key. */
  key?: string, };

/**
 * The argument of `glossator.answer`.
 */
export type QuestionArgument = string | {
  /** The question; left out: the only open one. */
  askId?: string,
  /** The answer; left out: what is written in the prompt document, which is opened if nothing is written there. */
  answer?: string, };

/**
 * Requests the client sends.
 */
export interface ClientRequests {
  "glossator/session/new": { params: NewSessionParams, result: NewSessionResult },
  "glossator/session/list": { params: ListSessionsParams, result: ListSessionsResult },
  "glossator/session/search": { params: SearchSessionsParams, result: SearchSessionsResult },
  "glossator/session/read": { params: ReadSessionParams, result: ReadSessionResult },
  "glossator/session/resume": { params: ResumeSessionParams, result: ResumeSessionResult },
  "glossator/session/fork": { params: ForkSessionParams, result: NewSessionResult },
  "glossator/session/rename": { params: RenameSessionParams, result: RenameSessionResult },
  "glossator/session/archive": { params: ArchiveSessionParams, result: ArchiveSessionResult },
  "glossator/session/delete": { params: DeleteSessionParams, result: DeleteSessionResult },
  "glossator/session/export": { params: ExportSessionParams, result: ExportSessionResult },
  "glossator/session/import": { params: ImportSessionParams, result: NewSessionResult },
  "glossator/session/configure": { params: ConfigureSessionParams, result: ConfigureSessionResult },
  "glossator/session/compact": { params: CompactSessionParams, result: CompactSessionResult },
  "glossator/context/preview": { params: PreviewContextParams, result: PreviewContextResult },
  "glossator/context/sent": { params: SentContextParams, result: SentContextResult },
  "glossator/usage/read": { params: ReadUsageParams, result: ReadUsageResult },
  "glossator/board/read": { params: ReadBoardParams, result: ReadBoardResult },
  "glossator/board/post": { params: PostBoardParams, result: PostBoardResult },
  "glossator/board/remove": { params: RemoveBoardParams, result: RemoveBoardResult },
  "glossator/cabinet/list": { params: ListCabinetParams, result: ListCabinetResult },
  "glossator/cabinet/read": { params: CabinetKeyParams, result: ReadCabinetResult },
  "glossator/cabinet/delete": { params: CabinetKeyParams, result: DeleteCabinetResult },
  "glossator/cabinet/save": { params: SaveCabinetParams, result: SaveCabinetResult },
  "glossator/turn/start": { params: StartTurnParams, result: StartTurnResult },
  "glossator/turn/interrupt": { params: InterruptTurnParams, result: InterruptTurnResult },
  "glossator/turn/steer": { params: SteerTurnParams, result: SteerTurnResult },
  "glossator/turn/queue": { params: StartTurnParams, result: QueueTurnResult },
  "glossator/turn/queued": { params: ListQueuedParams, result: ListQueuedResult },
  "glossator/turn/unqueue": { params: UnqueueTurnParams, result: UnqueueTurnResult },
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
  "glossator/models/list": { params: ListModelsParams, result: ListModelsResult },
  "glossator/grants/list": { params: ListGrantsParams, result: ListGrantsResult },
  "glossator/grants/revoke": { params: RevokeGrantsParams, result: RevokeGrantsResult },
  "glossator/auth/status": { params: AuthStatusParams, result: AuthStatusResult },
  "glossator/auth/login": { params: LoginParams, result: LoginResult },
  "glossator/auth/logout": { params: LogoutParams, result: LogoutResult },
  "glossator/mcp/status": { params: McpStatusParams, result: McpStatusResult },
  "glossator/prompt/complete": { params: CompletePromptParams, result: CompletePromptResult },
}

/**
 * Requests the server sends.
 */
export interface ServerRequests {
  "glossator/approval/ask": { params: AskParams, result: Answer },
  "glossator/changeSet/show": { params: ShowChangeSetParams, result: ShowChangeSetResult },
  "glossator/buffers/save": { params: SaveBuffersParams, result: SaveBuffersResult },
  "glossator/editor/state": { params: EditorStateParams, result: EditorState },
  "glossator/input/ask": { params: AskInputParams, result: InputAnswer },
  "glossator/diagnostics/read": { params: ReadDiagnosticsParams, result: ReadDiagnosticsResult },
  "glossator/symbols/read": { params: ReadSymbolsParams, result: ReadSymbolsResult },
}

/**
 * Notifications the server sends.
 */
export interface ServerNotifications {
  "glossator/session/update": { params: SessionUpdateParams },
}
