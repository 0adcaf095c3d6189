// The chat view: makes its page, and passes messages between page and server. What the page may do is in `messages.ts`, how
// it is done in `tasks.ts`. Keeps nothing of a session: the page has its state, the server the truth.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { SessionLeft, SessionUpdateParams } from "@protocol";
import type { ChatView, OpenAsk, Server } from "../server";
import { Batch } from "./batch";
import { html } from "./html";
import { KeptDraftImages } from "./images";
import { EDITOR_COMMANDS, PAGE_REQUESTS, SERVER_COMMANDS } from "./messages";
import type { FromPage, KeptDrafts, PageAsk, PageRequest, Shown, Surroundings, ToPage } from "./messages";
import { selectionOf, watchSelection } from "./selection";
import { perform } from "./tasks";

/** The view's id in package.json. */
export const VIEW = "glossator.chat";

/** Where words that were not sent are kept. VS Code's own state of a page is written too seldom for that. */
const DRAFTS = "chat.drafts";

/** Milliseconds in which updates are gathered for one message to the page. */
const GATHER = 24;

/** Adds the chat view to VS Code, until the context's subscriptions are disposed of. */
export function registerChatView(context: vscode.ExtensionContext, server: Server): ChatView {
  const chat = new Chat(context.extensionUri, context.workspaceState, new KeptDraftImages(context.storageUri), server);
  context.subscriptions.push(
    chat,
    vscode.window.registerWebviewViewProvider(VIEW, chat, { webviewOptions: { retainContextWhenHidden: true } }),
  );
  return chat;
}

function shownAsk(ask: OpenAsk): PageAsk {
  return ask;
}

class Chat implements ChatView, vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  /** Whether the page's script runs and hears. */
  private ready = false;
  /** How often settings or keys may have changed. */
  private changes = 0;
  /** How the hunks stood last, and how often they changed. */
  private hunks = "";
  private hunkChanges = 0;
  /** What was to be told to a page that is not there yet. */
  private early: ToPage[] = [];
  /** Reads that are under way: updates that come meanwhile are shown after them. */
  private reading = 0;
  /** How the session was left: for a page that comes later. */
  private left: { readonly sessionId: string; readonly left: SessionLeft } | undefined;
  private readonly updates = new Batch<SessionUpdateParams>(GATHER, (updates) => this.post({ type: "updates", updates }));
  private readonly visibility = new vscode.EventEmitter<boolean>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onVisible = this.visibility.event;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly memory: vscode.Memento,
    private readonly images: KeptDraftImages,
    private readonly server: Server,
  ) {
    this.subscriptions = [
      server.onState((state) => this.tell({ connection: state })),
      server.onSession((id) => this.changed(id)),
      server.onUpdate((params) => this.update(params)),
      server.onReset(({ sessionId, read, left, reason }) => {
        this.left = left && { sessionId, left };
        this.showAnew({ read, reason, ...(left && { left }) });
      }),
      server.onAsk(() => this.tell({ asks: server.asks.map(shownAsk) })),
      server.onAskClosed(() => this.tell({ asks: server.asks.map(shownAsk) })),
      watchSelection((selection) => this.tell({ selection })),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("glossator.chat")) this.tell({ enterSends: enterSends() });
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.tell({ roots: roots() })),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.tell({ restricted: false })),
    ];
  }

  get visible(): boolean {
    return this.view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.ready = false;
    const folder = vscode.Uri.joinPath(this.extension, "dist", "webview");
    view.webview.options = { enableScripts: true, enableCommandUris: false, enableForms: false, localResourceRoots: [folder] };
    const heard = view.webview.onDidReceiveMessage((message: FromPage) => void this.hear(message));
    const shown = view.onDidChangeVisibility(() => this.visibility.fire(view.visible));
    view.onDidDispose(() => {
      heard.dispose();
      shown.dispose();
      if (this.view !== view) return;
      this.view = undefined;
      this.ready = false;
      this.visibility.fire(false);
    });
    view.webview.html = html({
      source: view.webview.cspSource,
      nonce: randomBytes(18).toString("base64url"),
      script: view.webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.js")).toString(),
      style: view.webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.css")).toString(),
    });
    this.visibility.fire(view.visible);
  }

  async show(options: { focus?: boolean } = {}): Promise<void> {
    await this.open("chat", options.focus ?? true);
  }

  async open(page: "chat" | "sessions", focus = true): Promise<void> {
    await this.reveal(focus);
    this.say({ type: "page", page, focus });
  }

  async compose(text: string, options: { send?: boolean; uri?: vscode.Uri; range?: vscode.Range } = {}): Promise<void> {
    await this.reveal(true);
    const selection = options.uri === undefined ? null : selectionOf(options.uri, options.range);
    this.say({ type: "compose", text, send: options.send === true, selection });
  }

  decided(hunks: string): void {
    if (hunks === this.hunks) return;
    this.hunks = hunks;
    this.hunkChanges += 1;
    this.tell({ hunks: this.hunkChanges });
  }

  refresh(): void {
    this.changes += 1;
    this.tell({ changes: this.changes });
  }

  dispose(): void {
    this.updates.clear();
    this.visibility.dispose();
    this.subscriptions.forEach((one) => one.dispose());
  }

  private async reveal(focus: boolean): Promise<void> {
    if (this.view !== undefined && !focus) this.view.show(true);
    else await vscode.commands.executeCommand(`${VIEW}.focus`);
  }

  /** Sends a message to a page that may still be on its way. */
  private say(message: ToPage): void {
    if (this.ready) this.post(message);
    else this.early.push(message);
  }

  private post(message: ToPage): void {
    if (this.ready) void this.view?.webview.postMessage(message);
  }

  private tell(now: Partial<Surroundings>): void {
    this.post({ type: "surroundings", now });
  }

  private update(params: SessionUpdateParams): void {
    if (params.update.kind === "turnStarted") this.left = undefined;
    // A page that is not there reads the session when it comes.
    if (!this.ready) return;
    this.updates.add(params);
  }

  private showAnew(shown: Shown): void {
    this.updates.flush();
    this.post({ type: "shown", shown });
  }

  private changed(id: string | undefined): void {
    this.tell({ sessionId: id ?? null });
  }

  private async hear(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        return this.begin();
      case "keep":
        return this.memory.update(DRAFTS, message.drafts);
      case "keepImages":
        return this.images.keep(message.session, message.images);
      case "request":
        return this.respond(message.id, async () => {
          if (!PAGE_REQUESTS.includes(message.method)) throw new Error("The chat makes no such request.");
          return this.request(message.method, message.params);
        });
      case "command":
        return this.respond(message.id, () => this.run(message.name, message.args));
      case "task":
        return this.respond(message.id, () => perform(this.server, message.task));
    }
  }

  /** A prompt that is a command (`/compact`) is refused with that command, which is then run. */
  private async request(method: PageRequest, params: unknown): Promise<unknown> {
    try {
      return await this.server.request(method, params as never);
    } catch (error) {
      const { command, arguments: args } = ((error as { data?: unknown }).data ?? {}) as { command?: unknown; arguments?: unknown };
      if (typeof command !== "string" || !command.startsWith("glossator.")) throw error;
      await vscode.commands.executeCommand(command, ...(Array.isArray(args) ? args : []));
      return { ran: command };
    }
  }

  private async run(name: string, args: readonly unknown[]): Promise<unknown> {
    if ((SERVER_COMMANDS as readonly string[]).includes(name)) return this.server.executeCommand(name, ...args);
    if ((EDITOR_COMMANDS as readonly string[]).includes(name)) return vscode.commands.executeCommand(name, ...args);
    throw new Error("The chat runs no such command.");
  }

  private async respond(id: number, work: () => Promise<unknown>): Promise<void> {
    try {
      const result = (await work()) ?? null;
      this.post({ type: "response", id, result });
    } catch (error) {
      const { data } = error as { data?: unknown };
      const message = error instanceof Error ? error.message : String(error);
      this.post({ type: "failure", id, message, ...(data !== undefined && { data }) });
    }
  }

  private async begin(): Promise<void> {
    // Before anything is awaited: what is typed meanwhile is kept in its place.
    const drafts = this.memory.get<KeptDrafts>(DRAFTS, {});
    const images = await this.images.read();
    this.ready = true;
    this.post({ type: "drafts", drafts, images });
    this.tell({
      connection: this.server.state,
      roots: roots(),
      enterSends: enterSends(),
      restricted: !vscode.workspace.isTrusted,
      mac: process.platform === "darwin",
      selection: selectionOf(),
      asks: this.server.asks.map(shownAsk),
      sessionId: this.server.sessionId ?? null,
    });
    await this.read();
    for (const message of this.early.splice(0)) this.post(message);
  }

  /** Shows the session of this window as it is now. */
  private async read(): Promise<void> {
    if (this.server.sessionId === undefined) return;
    this.reading += 1;
    this.updates.hold();
    try {
      const read = await this.server.readSession();
      const left = this.left?.sessionId === read?.session.id ? this.left?.left : undefined;
      if (read !== undefined) this.post({ type: "shown", shown: { read, reason: "opened", ...(left && { left }) } });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.tell({ connection: { ...this.server.state, message } });
    } finally {
      this.reading -= 1;
      if (this.reading === 0) this.updates.release();
    }
  }
}

function roots(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

function enterSends(): boolean {
  return vscode.workspace.getConfiguration("glossator.chat").get("enterSends", true);
}
