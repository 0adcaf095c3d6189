// The connection to the language server: starts the program, starts it again when it ends, and then goes on with the session
// of the window. Makes a `Server` of it for the rest of the extension.

import type {
  Answer,
  ClientRequests,
  NewSessionParams,
  ReadSessionResult,
  ResumeSessionResult,
  Session,
  SessionUpdateParams,
} from "@protocol";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, ErrorCodes, type LanguageClient, State } from "vscode-languageclient/node";
import { Emitter } from "../emitter";
import type { OpenAsk, Reset, Server, ServerState } from "../server";
import { range } from "../places";
import { message } from "../text";
import { Asks } from "./asks";
import { languageClient } from "./client";
import { Feed } from "./feed";
import { userEditor } from "./handlers";
import { whenReady, why } from "./readiness";
import { Restarts } from "./restarts";

/** How long the last words of a program that did not start are waited for, in milliseconds. */
const LAST_WORDS = 200;

/** Errors of a request that did not leave this process. */
const UNSENT = ["EPIPE", "ERR_STREAM_DESTROYED", String(ErrorCodes.MessageWriteError)];

/** How long it takes until the end of a server is known, in milliseconds. */
const NOTICED = 500;

/** Turns that are read when a session is opened. */
const TURNS = 30;

/** Commands after which the window works in the session that their result names. */
const MOVES = ["glossator.newSession", "glossator.resume", "glossator.fork", "glossator.forkHere"];

/** The server ended before it answered. */
class Lost extends Error {
  constructor() {
    super("Glossator's server ended before it answered. It is being started again: then try once more.");
  }
}

/** What the one who assembles the extension gives. */
export interface Host {
  readonly output: vscode.LogOutputChannel;
  /** The program; or why there is none, or why none is needed. */
  find(): { readonly command: string } | { readonly missing: string } | { readonly idle: string };
  /** What the server is sent as settings. */
  settings(): Record<string, unknown>;
  /** Adds what the server may ask of this window. */
  handle(client: LanguageClient, asks: Asks): void;
  /** Called each time the server is ready, before anybody else is told and may ask it something. */
  ready(ask: Server["request"]): Promise<void>;
  /** The session to go on with in a window that has none yet. */
  firstSession(): Promise<string | undefined>;
}

/** The language server behind its client. */
export class Connection implements Server, vscode.Disposable {
  private client: LanguageClient | undefined;
  /** The program that was started. */
  private program = "";
  private current: ServerState = { kind: "stopped" };
  private session: string | undefined;
  private readonly restarts = new Restarts();
  /** Sessions that are being read. */
  private readonly opening = new Map<string, Promise<void>>();
  /** Over when nobody starts the server anew. */
  private restarting: Promise<void> = Promise.resolve();
  /** Over when the window goes on with its session after a start. */
  private resuming: Promise<void> = Promise.resolve();
  private readonly questions = new Asks();
  private readonly states = new Emitter<ServerState>();
  private readonly sessions = new Emitter<string | undefined>();
  private readonly updates = new Emitter<SessionUpdateParams>();
  private readonly resets = new Emitter<Reset>();
  private readonly feed = new Feed({
    read: (sessionId, afterSeq) => this.send("glossator/session/read", { sessionId, afterSeq }),
    update: (params) => this.update(params),
    reset: (sessionId, read) => this.resets.fire({ sessionId, read, reason: "gap" }),
    failed: (sessionId, error) => this.host.output.warn(`Session ${sessionId} could not be read after a gap: ${message(error)}`),
  });

  readonly onState = this.states.event;
  readonly onSession = this.sessions.event;
  readonly onUpdate = this.updates.event;
  readonly onReset = this.resets.event;
  readonly onAsk = this.questions.onAsk;
  readonly onAskClosed = this.questions.onClosed;

  constructor(private readonly host: Host) {}

  get state(): ServerState {
    return this.current;
  }

  get sessionId(): string | undefined {
    return this.session;
  }

  get asks(): readonly OpenAsk[] {
    return this.questions.open;
  }

  /** Starts the server, unless it runs. */
  async start(): Promise<void> {
    if (this.client) {
      return;
    }
    const program = this.host.find();
    if (!("command" in program)) {
      this.set("missing" in program ? { kind: "missing", message: program.missing } : { kind: "idle", message: program.idle });
      return;
    }
    this.program = program.command;
    this.set({ kind: "starting" });
    this.host.output.info(`Starting ${program.command} lsp`);
    const client = languageClient(program.command, {
      settings: () => this.host.settings(),
      outputChannel: this.host.output,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(client),
      },
    });
    this.client = client;
    this.host.handle(client, this.questions);
    client.onNotification("glossator/session/update", (params: SessionUpdateParams) => {
      if (this.client === client) {
        this.feed.take(params);
      }
    });
    // Also told when the client starts the server again by itself.
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        // Ready is the one who has sent `initialized`, a moment later.
        void client.start().then(() => this.ready(client));
      } else if (newState === State.StartFailed && this.client === client) {
        this.client = undefined;
        // What the program itself says comes last.
        setTimeout(() => this.failed(`it could not be started (${client.trouble})`), LAST_WORDS);
      }
    });
    await client.start().catch((error: unknown) => this.host.output.error(`The server did not start: ${message(error)}`));
  }

  /** Ends the server for this window; what it has stored stays. */
  stop(): Promise<void> {
    return this.end({ kind: "stopped" });
  }

  /** Starts the server anew; the session of the window is gone on with, and what is asked meanwhile waits. */
  restart(): Promise<void> {
    const again = async () => {
      this.restarts.forget();
      await this.end({ kind: "restarting", message: "Glossator's server is being started again." });
      // Not if it was to end meanwhile.
      if (this.current.kind === "restarting") {
        await this.start();
      }
    };
    return (this.restarting = this.restarting.then(again, again));
  }

  /** The program may be another one now: then the server is started anew. */
  async change(): Promise<void> {
    const found = this.host.find();
    // VS Code tells of settings that it has only read again, as when the workspace is trusted.
    const isSame = this.client !== undefined && "command" in found && found.command === this.program;
    if (!isSame) {
      await this.restart();
    }
  }

  dispose(): Thenable<void> {
    return this.stop();
  }

  async request<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]["params"],
    token?: vscode.CancellationToken,
  ): Promise<ClientRequests[M]["result"]> {
    await whenReady(this);
    const result = await this.send(method, params, token);
    if (method === "glossator/session/delete" && "sessionId" in params && params.sessionId === this.session) {
      this.choose(undefined);
    }
    return result;
  }

  async executeCommand(name: string, ...args: unknown[]): Promise<unknown> {
    await whenReady(this);
    // A prompt that comes before the window's session was gone on with would begin another one.
    await this.resuming;
    if (name === "glossator.applyBlock") {
      await this.pointAt(userEditor());
    }
    const result = await this.raw("workspace/executeCommand", { command: name, arguments: args });
    await this.follow(name, result);
    return result;
  }

  /** Tells the server something; what is said to nobody is forgotten. */
  notify(method: string, params: unknown): void {
    void this.client
      ?.sendNotification(method, params)
      .catch((error: unknown) => this.host.output.warn(`${method}: ${message(error)}`));
  }

  has(feature: string): boolean {
    const announced: unknown = this.client?.initializeResult?.capabilities.experimental?.glossator?.features;
    return Array.isArray(announced) && announced.includes(feature);
  }

  /** The commands that the server announced. */
  get commands(): readonly string[] {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands ?? [];
  }

  async newSession(params: NewSessionParams = {}): Promise<Session> {
    const { session } = await this.request("glossator/session/new", params);
    await this.show(session.id, "opened");
    return session;
  }

  async openSession(sessionId?: string): Promise<ResumeSessionResult> {
    await whenReady(this);
    if (sessionId !== undefined) {
      this.feed.hold(sessionId);
    }
    try {
      const params = sessionId === undefined ? { turns: TURNS } : { sessionId, turns: TURNS };
      const resumed = await this.send("glossator/session/resume", params);
      this.opened(resumed.read, { left: resumed.left, reason: "opened" });
      return resumed;
    } catch (error) {
      if (sessionId !== undefined) {
        this.feed.release(sessionId);
      }
      throw error;
    }
  }

  async readSession(): Promise<ReadSessionResult | undefined> {
    const sessionId = this.session;
    return sessionId === undefined ? undefined : this.request("glossator/session/read", { sessionId, turns: TURNS });
  }

  answer(askId: string, answer: Answer): void {
    this.questions.answer(askId, answer);
  }

  reply(askId: string, text: string): void {
    this.questions.reply(askId, text);
  }

  /** Tells the server where the user is: a block of code that names no file goes to the place that was asked about last. */
  private async pointAt(editor: vscode.TextEditor | undefined): Promise<void> {
    if (editor) {
      const textDocument = { uri: editor.document.uri.toString() };
      await this.raw("textDocument/codeAction", { textDocument, range: range(editor.selection), context: { diagnostics: [] } });
    }
  }

  private send<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]["params"],
    token?: vscode.CancellationToken,
  ): Promise<ClientRequests[M]["result"]> {
    return this.raw(method, params, token) as Promise<ClientRequests[M]["result"]>;
  }

  private async raw(method: string, params: unknown, token?: vscode.CancellationToken, again = true): Promise<unknown> {
    const client = this.client;
    if (!client) {
      if (!again) {
        throw new Error(why(this.state));
      }
      await whenReady(this);
      return this.raw(method, params, token, false);
    }
    try {
      return await client.sendRequest(method, params, ...(token ? [token] : []));
    } catch (error) {
      // It was never sent: the server has just ended, and that is not known yet.
      if (again && UNSENT.includes(String((error as { code?: unknown }).code))) {
        await new Promise((resolve) => setTimeout(resolve, NOTICED));
        await whenReady(this);
        return this.raw(method, params, token, false);
      }
      const wasLost = (error as { code?: unknown }).code === ErrorCodes.PendingResponseRejected;
      if (client.isRunning() && !wasLost) {
        throw error;
      }
      throw new Lost();
    }
  }

  private async ready(client: LanguageClient): Promise<void> {
    if (this.client !== client) {
      return;
    }
    await this.host
      .ready((method, params, token) => this.send(method, params, token))
      .catch((error: unknown) => this.host.output.warn(message(error)));
    if (this.client !== client) {
      return;
    }
    this.set({ kind: "ready" });
    await (this.resuming = this.goOn());
  }

  /** Goes on with the session of the window, or with the one that it begins with. Never rejects. */
  private async goOn(): Promise<void> {
    try {
      if (this.session !== undefined) {
        await this.show(this.session, "restarted");
      } else {
        const first = await this.host.firstSession();
        if (first !== undefined && this.session === undefined) {
          await this.openSession(first);
        }
      }
    } catch (error) {
      this.host.output.warn(`The session could not be gone on with: ${message(error)}`);
      // Its next start goes on with it.
      if (!(error instanceof Lost)) {
        this.choose(undefined);
      }
    }
  }

  /** Goes on with a session that the server works in already, or is to work in; once, however many ask for it. */
  private show(sessionId: string, reason: Reset["reason"]): Promise<void> {
    const opening = this.opening.get(sessionId) ?? this.open(sessionId, reason).finally(() => this.opening.delete(sessionId));
    this.opening.set(sessionId, opening);
    return opening;
  }

  private async open(sessionId: string, reason: Reset["reason"]): Promise<void> {
    this.feed.hold(sessionId);
    try {
      const { read } = await this.send("glossator/session/resume", { sessionId, turns: TURNS });
      this.opened(read, { reason });
    } catch (error) {
      this.feed.release(sessionId);
      throw error;
    }
  }

  private opened(read: ReadSessionResult, how: Pick<Reset, "left" | "reason">): void {
    const sessionId = read.session.id;
    this.choose(sessionId);
    this.resets.fire({ sessionId, read, ...how });
    this.feed.opened(sessionId, read.seq);
  }

  /** A command may have gone on with another session. */
  private async follow(name: string, result: unknown): Promise<void> {
    const told = result as { sessionId?: unknown; session?: { id?: unknown } } | null;
    const sessionId = told?.session?.id ?? told?.sessionId;
    const moves = this.session === undefined || MOVES.includes(name);
    if (typeof sessionId === "string" && sessionId !== this.session && moves) {
      await this.show(sessionId, "opened");
    }
  }

  private update(params: SessionUpdateParams): void {
    const { update } = params;
    if (update.kind === "askResolved") {
      this.questions.close(update.id, update.answer);
    }
    this.updates.fire(params);
    // A turn that was begun by a code action, in a window that worked in no session yet.
    if (update.kind === "turnStarted" && this.session === undefined) {
      this.show(params.sessionId, "opened").catch((error: unknown) => this.host.output.warn(message(error)));
    }
  }

  private choose(sessionId: string | undefined): void {
    if (this.session !== sessionId) {
      this.session = sessionId;
      this.sessions.fire(sessionId);
    }
  }

  private async closed(client: LanguageClient): Promise<{ action: CloseAction; handled: boolean }> {
    const stay = { action: CloseAction.DoNotRestart, handled: true };
    if (this.client !== client) {
      return stay;
    }
    this.leave();
    const wait = this.restarts.next(Date.now());
    if (wait === undefined) {
      this.client = undefined;
      this.failed("it ended several times in a row");
      return stay;
    }
    this.set({ kind: "restarting", message: "Glossator's server ended and is being started again." });
    await new Promise((resolve) => setTimeout(resolve, wait));
    return this.client === client ? { action: CloseAction.Restart, handled: true } : stay;
  }

  /** Nothing of the server that was holds any more. */
  private leave(): void {
    this.questions.clear();
    this.feed.clear();
  }

  private async end(state: ServerState): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.leave();
    this.set(state);
    await client
      ?.dispose()
      .catch((error: unknown) => this.host.output.warn(`The server did not end in order: ${message(error)}`));
  }

  private failed(why: string): void {
    if (this.client) {
      return;
    }
    this.leave();
    this.set({ kind: "failed", message: `Glossator's server does not run: ${why}. Its log says more (Glossator: Show Log).` });
  }

  private set(state: ServerState): void {
    this.current = state;
    this.states.fire(state);
  }
}
