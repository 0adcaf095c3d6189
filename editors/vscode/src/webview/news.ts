// What the extension tells the page, taken into its stores: updates once a frame, and what has to be read because of them.

import type { SessionUpdateParams } from "@protocol";
import { leftOver } from "../chat/left";
import type { ToPage } from "../chat/messages";
import type { App } from "./app";
import { appended, NO_SESSION, selectionKey } from "./draft";
import { isOpen } from "./edits";
import type { Turn } from "./model";
import { fields, text } from "./read";
import { contextTokens, type Event } from "./state";
import { Frames } from "./store";

/** Milliseconds after which hunks are read that something happened to. */
const SETTLE = 200;

/** Turns whose hunks are looked at again when a session is opened. */
const LOOKED_AT = 6;

type News = Exclude<ToPage, { type: "response" } | { type: "failure" }>;

/** Listens to the extension for as long as there is a page. */
export class Listener {
  private readonly events = new Frames<Event>((events) => events.forEach((event) => this.app.actions.dispatch(event)));
  private readonly touched = new Set<string>();
  private timer = 0;
  /** The model whose window was asked for. */
  private model: string | undefined;

  constructor(private readonly app: App) {}

  /** Begins. */
  start(): void {
    const { host, session } = this.app;
    session.subscribe(() => this.look());
    host.listen((message) => this.hear(message));
    this.app.actions.checkSignIn();
  }

  private hear(message: News): void {
    const { page } = this.app;
    switch (message.type) {
      case "drafts":
        return this.app.drafts.restore(message.drafts, message.images);
      case "surroundings":
        return this.surround(message.now);
      case "updates":
        this.events.add({ type: "updates", updates: message.updates, roots: page.value.around.roots, at: Date.now() });
        for (const update of message.updates) this.follow(update);
        return;
      case "shown":
        return this.show(message.shown);
      case "compose":
        return this.compose(message);
      case "page":
        page.patch({ page: message.page });
        if (message.focus) this.app.actions.focus();
    }
  }

  private surround(now: Extract<News, { type: "surroundings" }>["now"]): void {
    const { page, actions } = this.app;
    const { around } = page.value;
    page.patch({ around: { ...around, ...now } });
    if (now.connection !== undefined && now.connection.kind !== around.connection.kind) this.events.add({ type: "say", text: CONNECTIONS[now.connection.kind] });
    if (now.connection?.kind === "ready" || now.changes !== undefined) actions.checkSignIn();
    if (now.hunks !== undefined) this.touch("");
    const known = around.asks.map(({ askId }) => askId);
    for (const ask of now.asks ?? []) {
      if (known.includes(ask.askId)) continue;
      const words = ask.kind === "question" ? ask.question : text(fields(ask.ask)["title"]);
      this.events.add({ type: "say", text: `Glossator asks: ${words}` });
    }
    if (now.sessionId === null) this.events.add({ type: "none" });
  }

  private show({ read, left, reason }: Extract<News, { type: "shown" }>["shown"]): void {
    const { page, actions } = this.app;
    this.events.flush();
    const over = leftOver(left);
    actions.dispatch({ type: "reset", read, roots: page.value.around.roots, ...(over !== undefined && { left: over }) });
    if (reason === "restarted") actions.tell("Glossator's server was started again; the session goes on where it was.");
    for (const turn of waiting(this.app.session.value.turns)) void actions.readHunks(turn.id);
    actions.readUsage();
    actions.readTasks();
    actions.readQueue();
  }

  private compose({ text: words, send, selection }: Extract<News, { type: "compose" }>): void {
    const { page, draft, actions } = this.app;
    page.patch({ page: "chat" });
    const next = appended(draft.value, words);
    const known = selection !== null && next.places.some((place) => selectionKey(place) === selectionKey(selection));
    draft.set(selection === null || known ? next : { ...next, places: [...next.places, selection] });
    actions.focus();
    if (send) void actions.send("send");
  }

  /** Reads what an update does not tell itself. */
  private follow(params: SessionUpdateParams): void {
    if (params.sessionId !== this.app.session.value.session?.id) return;
    const update = fields(params.update);
    const item = fields(update["item"]);
    if (item["kind"] === "userMessage" || update["kind"] === "turnCompleted") this.app.actions.readTitle();
    if (update["kind"] === "turnCompleted") this.app.actions.readUsage();
    // What is said before there is a turn has no place in the transcript.
    if (update["kind"] === "notice" && this.app.session.value.turns.length === 0) {
      this.app.page.patch({ message: { level: update["level"] === "info" ? "info" : "error", text: text(update["text"]) } });
    }
    if (update["kind"] === "changeSet" || item["kind"] === "changeSet") this.touch(params.turnId ?? "");
  }

  /** Hunks of older turns may be concerned as well: of every one that is shown and waits. */
  private touch(turnId: string): void {
    this.touched.add(turnId);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      const open = waiting(this.app.session.value.turns).map(({ id }) => id);
      const ids = new Set([...this.touched, ...open]);
      this.touched.clear();
      for (const id of ids) if (id !== "") void this.app.actions.readHunks(id);
    }, SETTLE);
  }

  /** Another session has another draft, and another model another window. */
  private look(): void {
    const { session, drafts, page, actions } = this.app;
    const { choices } = session.value;
    const id = session.value.session?.id ?? NO_SESSION;
    if (id !== drafts.current) {
      // What was said is about the session that it was said in.
      if (drafts.current !== NO_SESSION) page.patch({ message: null });
      drafts.move(id);
      page.patch({ usage: null });
    }
    // Asked for only when there is something to fill it: it is asked of the provider.
    if (choices.model === undefined || choices.model === this.model || contextTokens(session.value) === 0) return;
    this.model = choices.model;
    actions.readWindow(choices.model);
  }
}

/** Turns whose hunks may still change. */
function waiting(turns: readonly Turn[]): readonly Turn[] {
  return turns.filter((turn) => turn.edits.some((edits) => edits.state === "committed" && edits.hunks.some((hunk) => isOpen(hunk) || hunk.state === "undone"))).slice(-LOOKED_AT);
}

const CONNECTIONS = {
  starting: "Glossator is starting",
  ready: "Glossator is ready",
  restarting: "Glossator is being started again",
  stopped: "Glossator was stopped",
  idle: "No folder is open",
  missing: "Glossator's program was not found",
  failed: "Glossator could not be started",
} as const;
