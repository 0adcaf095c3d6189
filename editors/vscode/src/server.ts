// What the parts of the extension know of the language server, and nothing of how it is reached: requests, updates in
// order, open questions, the session of this window. Types only; `client/` makes one.

import type {
  Answer,
  Ask,
  ClientRequests,
  NewSessionParams,
  ReadSessionResult,
  ResumeSessionResult,
  Session,
  SessionLeft,
  SessionUpdateParams,
} from "@protocol";
import type { CancellationToken, Event, Range, Uri } from "vscode";

/** How it stands with the server. */
export interface ServerState {
  /** `idle`: no folder is open; `missing`: there is no program to start; `failed`: it ended too often, or did not start. */
  readonly kind: "starting" | "ready" | "restarting" | "stopped" | "idle" | "missing" | "failed";
  /** For people: why. */
  readonly message?: string;
}

/** A question about a call that waits for the user. */
export interface OpenApproval {
  readonly kind: "approval";
  readonly sessionId: string;
  readonly turnId: string;
  /** The same as `ask.id`. */
  readonly askId: string;
  readonly ask: Ask;
}

/** A question of the agent in words. */
export interface OpenQuestion {
  readonly kind: "question";
  readonly sessionId: string;
  readonly turnId: string;
  readonly askId: string;
  readonly question: string;
  readonly options: readonly string[];
}

/** Anything that waits for an answer of the user. */
export type OpenAsk = OpenApproval | OpenQuestion;

/** A session is to be shown anew: `read.items` in place of what was shown; updates go on behind `read.seq`. */
export interface Reset {
  readonly sessionId: string;
  readonly read: ReadSessionResult;
  /** How it was left, where the user chose to go on with it. */
  readonly left?: SessionLeft;
  readonly reason: "opened" | "gap" | "restarted";
}

/** The language server as the rest of the extension sees it. Positions are in UTF-16, as VS Code's own. */
export interface Server {
  readonly state: ServerState;
  readonly onState: Event<ServerState>;

  /**
   * Sends a request; while the server is being started it waits for it, a minute at most. Rejects with an error whose message
   * is for people.
   */
  request<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]["params"],
    token?: CancellationToken,
  ): Promise<ClientRequests[M]["result"]>;

  /** Runs a command of the server (`glossator.applyBlock`, ...). Rejects as `request` does. */
  executeCommand(name: string, ...args: unknown[]): Promise<unknown>;

  /** Whether the server announced a feature of the extension. */
  has(feature: string): boolean;

  /** The session that this window works in; undefined until there is one. */
  readonly sessionId: string | undefined;
  readonly onSession: Event<string | undefined>;

  /** Begins a session and works in it from now on. */
  newSession(params?: NewSessionParams): Promise<Session>;

  /** Goes on with a session (left out: the newest one) and works in it from now on. */
  openSession(sessionId?: string): Promise<ResumeSessionResult>;

  /** The session of this window read anew, its newest turns; undefined where there is none. */
  readSession(): Promise<ReadSessionResult | undefined>;

  /** Updates of every session that this window is told of, in order and without gaps. */
  readonly onUpdate: Event<SessionUpdateParams>;

  /** A session was opened, or something of it was lost. */
  readonly onReset: Event<Reset>;

  /** What waits for the user, oldest first, of all sessions. */
  readonly asks: readonly OpenAsk[];
  readonly onAsk: Event<OpenAsk>;

  /** One was answered, on whatever road, or its turn has ended. */
  readonly onAskClosed: Event<{ readonly askId: string; readonly answer?: Answer }>;

  /** Answers an approval. Nothing happens if it is not open any more. */
  answer(askId: string, answer: Answer): void;

  /** Answers a question in words. Closing its card is no answer: then nothing is called. */
  reply(askId: string, text: string): void;
}

/** The chat view as the rest of the extension sees it. */
export interface ChatView {
  /** Whether it is on the screen: then questions are cards there, and no notification is shown. */
  readonly visible: boolean;
  readonly onVisible: Event<boolean>;

  /** Shows the view; `focus` (the default) puts the cursor into its prompt. */
  show(options?: { focus?: boolean }): Promise<void>;

  /** Shows the view and puts a text into its prompt, behind what is written there, with a place it is about. */
  compose(text: string, options?: { send?: boolean; uri?: Uri; range?: Range }): Promise<void>;

  /** How the hunks in open texts stand now, in any words that differ where they do. */
  decided(hunks: string): void;

  /** Settings or keys may be others now. */
  refresh(): void;

  /** Shows the list of sessions, or the chat. */
  open(page: "chat" | "sessions"): Promise<void>;
}
