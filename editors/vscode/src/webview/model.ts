// The view model: what the page shows of a session. Plain data, never changed in place: whoever changes something makes
// anew what holds it, so that views can tell by identity what has to be drawn again.

import type { Ask, Cost, HunkPart, HunkState, Session, Task, TurnStatus, Usage } from "@protocol";

/** A file, a place or words that the user sent. */
export type PromptPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "mention"; readonly uri: string; readonly lines?: readonly [number, number] }
  | { readonly kind: "image"; readonly mediaType: string; readonly data: string; readonly name: string };

/** What the user said: the prompt of a turn, or what was added while it ran. */
export interface PromptBlock {
  readonly kind: "prompt";
  readonly key: string;
  readonly at: number;
  readonly parts: readonly PromptPart[];
  /** Agents that it is for. */
  readonly to: readonly string[];
  readonly steering: boolean;
}

/** Text of the model, scripts taken out. */
export interface AnswerBlock {
  readonly kind: "answer";
  readonly key: string;
  readonly text: string;
  readonly agent?: string;
}

/** Thinking of the model. */
export interface ThinkingBlock {
  readonly kind: "thinking";
  readonly key: string;
  readonly text: string;
  readonly agent?: string;
}

/** A tool call, of a script or of the model itself. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
  /** What it wrote so far, the end of it where that is long. */
  readonly live: string;
  readonly done: boolean;
  readonly summary?: string;
  readonly value?: unknown;
  readonly error?: { readonly kind: string; readonly message: string };
  readonly millis?: number;
  /** It goes on without its script. */
  readonly detached: boolean;
  readonly approval?: Approval;
}

/** How a question about a call was answered. */
export interface Approval {
  readonly allowed: boolean;
  readonly grant: string;
  readonly message?: string;
}

/** A call that the model made without a script. */
export interface CallBlock {
  readonly kind: "call";
  readonly key: string;
  readonly call: Call;
}

/** A script, with its calls. */
export interface ScriptBlock {
  readonly kind: "script";
  readonly key: string;
  readonly id: string;
  readonly source: string;
  readonly calls: readonly Call[];
  readonly output?: string;
  readonly ok?: boolean;
  readonly agent?: string;
  /** When it began: milliseconds since the Unix epoch. */
  readonly at: number;
  /** How long it took, from its beginning to its end. */
  readonly millis?: number;
}

/** Something the user should know. */
export interface NoticeBlock {
  readonly kind: "notice";
  readonly key: string;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

/** The answer to a question whose call is not shown. */
export interface ApprovalBlock {
  readonly kind: "approval";
  readonly key: string;
  readonly title: string;
  readonly approval: Approval;
}

/** One step of the plan. */
export interface Step {
  readonly text: string;
  readonly status: "pending" | "inProgress" | "done";
}

/** The plan as this turn left it. */
export interface PlanBlock {
  readonly kind: "plan";
  readonly key: string;
  readonly steps: readonly Step[];
  readonly explanation: string;
}

/** The history up to here was replaced by a hand-over. */
export interface CompactionBlock {
  readonly kind: "compaction";
  readonly key: string;
  readonly before: number;
  readonly after: number;
  readonly summary: string;
}

/** A part of a turn, in the order in which it came about. */
export type Block =
  | PromptBlock
  | AnswerBlock
  | ThinkingBlock
  | ScriptBlock
  | CallBlock
  | NoticeBlock
  | ApprovalBlock
  | PlanBlock
  | CompactionBlock;

/** Something that is being written; gone as soon as the item it becomes is there. */
export interface Live {
  /** Unique among what is being written. */
  readonly key: string;
  readonly stream: "answer" | "reasoning" | "script";
  readonly agent?: string;
  readonly text: string;
}

/** A hunk of a turn's edits. */
export interface TurnHunk {
  readonly id: string;
  /** Path as the user knows it. */
  readonly path: string;
  readonly uri?: string;
  readonly part: HunkPart["kind"];
  readonly state: HunkState | "merged";
  readonly base: string;
  readonly proposed: string;
  /** First line in the file, from 1, where it is known. */
  readonly line?: number;
}

/** Edits that were made together. */
export interface Edits {
  /** `C3`. */
  readonly id: string;
  readonly state: "intended" | "committed" | "failed" | "undone";
  readonly message?: string;
  readonly hunks: readonly TurnHunk[];
}

/** A turn, as far as it came. */
export interface Turn {
  /** `T-12`. */
  readonly id: string;
  /** When it began: milliseconds since the Unix epoch. */
  readonly at: number;
  readonly blocks: readonly Block[];
  readonly live: readonly Live[];
  readonly edits: readonly Edits[];
  /** Model requests up to now. */
  readonly rounds: number;
  /** Who was asked last. */
  readonly model?: string;
  /** Input tokens of the latest request: how full the window is. */
  readonly context?: number;
  readonly usage?: Usage;
  readonly cost?: Cost;
  readonly end?: { readonly status: TurnStatus; readonly message?: string; readonly at: number };
}

/** A prompt that waits for the turn before it. */
export interface Queued {
  readonly id: string;
  readonly parts: readonly PromptPart[];
}

/** A question that waits for the user. */
export type Question =
  | { readonly kind: "approval"; readonly askId: string; readonly sessionId: string; readonly turnId: string; readonly ask: Ask }
  | {
      readonly kind: "question";
      readonly askId: string;
      readonly sessionId: string;
      readonly turnId: string;
      readonly question: string;
      readonly options: readonly string[];
    };

/** What is chosen for the session. */
export interface Choices {
  readonly model?: string;
  readonly pack?: string;
  readonly policy?: string;
}

/** Everything the page shows of the session it is at. */
export interface State {
  readonly session?: Session;
  readonly choices: Choices;
  /** `seq` of the newest update that was taken in. */
  readonly seq: number;
  /** Oldest first. */
  readonly turns: readonly Turn[];
  /** Whether there are turns before the first. */
  readonly more: boolean;
  /** The turn that runs. */
  readonly running?: string;
  readonly queue: readonly Queued[];
  /** Why the queue waits for the user, if it does. */
  readonly queueWaits?: string;
  readonly tasks: readonly Task[];
  readonly plan: readonly Step[];
  /** Why nothing can be sent for now. */
  readonly readOnly?: string;
  /** How the session was left, where it was gone on with. */
  readonly left?: string;
  /** What screen readers say: the latest change of state. `count` tells the same words twice apart. */
  readonly said: { readonly text: string; readonly count: number };
}

/** The state before there is a session. */
export const EMPTY: State = {
  choices: {},
  seq: 0,
  turns: [],
  more: false,
  queue: [],
  tasks: [],
  plan: [],
  said: { text: "", count: 0 },
};

/** A turn of which nothing is known yet. */
export function newTurn(id: string, at: number): Turn {
  return { id, at, blocks: [], live: [], edits: [], rounds: 0 };
}

/** The number in `T-12`; 0 for anything else. */
export function turnNumber(id: string | undefined): number {
  const number = Number(/^T-(\d{1,9})$/.exec(id ?? "")?.[1]);
  return Number.isSafeInteger(number) ? number : 0;
}
