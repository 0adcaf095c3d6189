// What the chat's page and the extension say to each other, and which requests and commands the page may make at all.
// Plain data; known to both sides.

import type { Answer, ClientRequests, Range, ReadSessionResult, SessionLeft, SessionUpdateParams } from "@protocol";

/** Requests to the server that the page makes. What deletes, trusts or signs in is asked for by the host itself. */
export const PAGE_REQUESTS = [
  "glossator/session/list",
  "glossator/session/search",
  "glossator/session/read",
  "glossator/session/archive",
  "glossator/session/fork",
  "glossator/turn/start",
  "glossator/turn/steer",
  "glossator/turn/queue",
  "glossator/turn/queued",
  "glossator/turn/unqueue",
  "glossator/turn/interrupt",
  "glossator/turn/undo",
  "glossator/turn/redo",
  "glossator/changeSet/read",
  "glossator/changeSet/resolve",
  "glossator/tasks/list",
  "glossator/tasks/cancel",
  "glossator/prompt/complete",
  "glossator/usage/read",
  "glossator/models/list",
  "glossator/auth/status",
] as const satisfies readonly (keyof ClientRequests)[];

/** One of them. */
export type PageRequest = (typeof PAGE_REQUESTS)[number];

/** Commands of the server, made by `workspace/executeCommand`. */
export const SERVER_COMMANDS = ["glossator.applyBlock"] as const;

/** Commands that the extension registers with VS Code. */
export const EDITOR_COMMANDS = [
  "glossator.review",
  "glossator.context",
  "glossator.open",
  "glossator.model",
  "glossator.pack",
  "glossator.policy",
  "glossator.signIn",
  "glossator.demo",
  "glossator.trust",
  "glossator.showAsk",
  "glossator.restart",
  "glossator.showLog",
  "glossator.openSettings",
  "vscode.openFolder",
] as const;

/** What the page may run by name. */
export type PageCommand = (typeof SERVER_COMMANDS)[number] | (typeof EDITOR_COMMANDS)[number];

/** How it stands with the server. */
export interface Connection {
  readonly kind: "starting" | "ready" | "restarting" | "stopped" | "idle" | "missing" | "failed";
  readonly message?: string;
}

/** What is selected in the editor. */
export interface Selection {
  readonly uri: string;
  /** Path as it is shown. */
  readonly path: string;
  readonly range: Range;
  /** First and last line, from 1. */
  readonly lines: readonly [number, number];
}

/** A session shown anew. */
export interface Shown {
  readonly read: ReadSessionResult;
  readonly left?: SessionLeft;
  readonly reason: "opened" | "gap" | "restarted";
}

/** A question that waits for the user, as the server's side of the extension has it. */
export type PageAsk =
  | { readonly kind: "approval"; readonly sessionId: string; readonly turnId: string; readonly askId: string; readonly ask: unknown }
  | {
      readonly kind: "question";
      readonly sessionId: string;
      readonly turnId: string;
      readonly askId: string;
      readonly question: string;
      readonly options: readonly string[];
    };

/** What the page is told once it is there, and again whenever it changes. */
export interface Surroundings {
  readonly connection: Connection;
  /** Folders of the workspace, as paths. */
  readonly roots: readonly string[];
  readonly enterSends: boolean;
  /** VS Code's Restricted Mode is in force. */
  readonly restricted: boolean;
  readonly mac: boolean;
  readonly selection: Selection | null;
  readonly asks: readonly PageAsk[];
  /** The session that this window works in. */
  readonly sessionId: string | null;
  /** Counts changes of settings and keys: what depends on them is to be read anew. */
  readonly changes: number;
  /** Counts changes of hunks that no update tells of: by the editor's own undo, by typing. */
  readonly hunks: number;
}

/** Words that were written and not sent, by the id of their session; those without one under an empty id. */
export type KeptDrafts = Readonly<Record<string, string>>;

/** An image that was pasted or dropped; or, as `text/plain`, words that are too many for the prompt. */
export interface DraftImage {
  readonly mediaType: string;
  /** In base 64; words as they are. */
  readonly data: string;
  readonly name: string;
}

/** Images of drafts, by the same ids. */
export type KeptImages = Readonly<Record<string, readonly DraftImage[]>>;

/** From the extension to the page. */
export type ToPage =
  | { readonly type: "drafts"; readonly drafts: KeptDrafts; readonly images?: KeptImages }
  | { readonly type: "surroundings"; readonly now: Partial<Surroundings> }
  | { readonly type: "updates"; readonly updates: readonly SessionUpdateParams[] }
  | { readonly type: "shown"; readonly shown: Shown }
  | { readonly type: "response"; readonly id: number; readonly result: unknown }
  | { readonly type: "failure"; readonly id: number; readonly message: string; readonly data?: unknown }
  | { readonly type: "compose"; readonly text: string; readonly send: boolean; readonly selection: Selection | null }
  | { readonly type: "page"; readonly page: "chat" | "sessions"; readonly focus: boolean };

/** What the host does and answers, beside requests and commands. */
export type HostTask =
  | { readonly type: "newSession" }
  | { readonly type: "openSession"; readonly sessionId: string }
  | { readonly type: "readSession" }
  | { readonly type: "goOn" }
  | { readonly type: "rename"; readonly sessionId: string; readonly title: string }
  | { readonly type: "delete"; readonly sessionId: string; readonly title: string }
  | { readonly type: "export"; readonly sessionId: string }
  | { readonly type: "copy"; readonly text: string }
  | { readonly type: "insert"; readonly text: string }
  | { readonly type: "follow"; readonly href: string }
  | { readonly type: "show"; readonly text: string; readonly language: string }
  | { readonly type: "answer"; readonly askId: string; readonly answer: Answer }
  | { readonly type: "reply"; readonly askId: string; readonly text: string };

/** From the page to the extension. */
export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "keep"; readonly drafts: KeptDrafts }
  | { readonly type: "keepImages"; readonly session: string; readonly images: readonly DraftImage[] }
  | { readonly type: "request"; readonly id: number; readonly method: PageRequest; readonly params: unknown }
  | { readonly type: "command"; readonly id: number; readonly name: PageCommand; readonly args: readonly unknown[] }
  | { readonly type: "task"; readonly id: number; readonly task: HostTask };
