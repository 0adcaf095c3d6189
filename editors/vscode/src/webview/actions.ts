// What a user does, as requests. Nothing is shown as done before the server has told so; what fails is said, and nothing that
// was written is lost by it.

import type { Answer, Input, Session } from "@protocol";
import type { HostTask, PageCommand } from "../chat/messages";
import { refusal, type Help } from "../chat/refusal";
import type { App } from "./app";
import { input, places, selectionKey, sent, takenBack, type Draft } from "./draft";
import { Failure } from "./host";
import { turnNumber, type Turn } from "./model";
import { saidAgain } from "./prompts";
import { reduce, type Event } from "./state";

/** How a prompt is sent. */
export type Way = "send" | "queue";

/** Turns of one older page, and how many are read to show one of long ago. */
const PAGE = 30;
const FAR = 300;

/** What the page can do. */
export class Actions {
  constructor(private readonly app: Omit<App, "actions">) {}

  /** Changes the session's state. */
  dispatch(event: Event): void {
    this.app.session.set(reduce(this.app.session.value, event));
  }

  /** Says what went wrong. */
  fail(error: unknown): void {
    const refused = error instanceof Failure ? refusal(error.data) : undefined;
    const text = error instanceof Error ? error.message : String(error);
    this.app.page.patch({ message: { level: "error", ...(refused ?? { text }) } });
  }

  /** Says what came of something. */
  tell(text: string): void {
    this.app.page.patch({ message: { level: "info", text } });
  }

  /** Does something that may fail. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  task(task: HostTask): Promise<boolean> {
    return this.attempt(() => this.app.host.task(task));
  }

  command(name: PageCommand, ...args: readonly unknown[]): Promise<boolean> {
    return this.attempt(async () => {
      const result = await this.app.host.command(name, ...args);
      const said = result !== null && typeof result === "object" && "message" in result ? result.message : result;
      if (typeof said === "string" && said !== "") this.tell(said);
    });
  }

  /** Does what helps where no turn could begin. */
  help(help: Help, provider?: string): Promise<boolean> {
    return help === "model" ? this.command("glossator.model") : this.command("glossator.signIn", ...(provider === undefined ? [] : [provider]));
  }

  /** Sends what is written: begins a turn, adds to the one that runs, or puts it in the queue. */
  async send(way: Way): Promise<void> {
    const { page, draft, drafts } = this.app;
    const session = drafts.current;
    // What is on its way still stands in the prompt: pressed twice it is sent once, and what was written since goes behind it.
    const known = this.underWay.filter((one) => one.session === session);
    const written = known.reduce((draft, one) => sent(draft, one.written), draft.value);
    const parts = input(written, page.value.around.selection);
    if (parts.length === 0) return;
    this.underWay.push({ session, written });
    page.patch({ sending: true, message: null });
    const [before, target] = [this.sent, this.target()];
    this.sent = before.then(() => this.deliver(way, parts, target)).then(
      () => this.cleared(session, written),
      (error: unknown) => {
        this.fail(error);
        this.checkSignIn();
      },
    );
    await this.sent;
    this.underWay.shift();
    page.patch({ sending: this.underWay.length > 0 });
  }

  /** Prompts that are on their way. */
  private readonly underWay: { readonly session: string; readonly written: Draft }[] = [];
  /** Settled when the last of them is there. */
  private sent: Promise<void> = Promise.resolve();

  private cleared(session: string, written: Draft): void {
    const { draft, drafts, page } = this.app;
    drafts.sent(session, written);
    // What went along once does not go along again by itself.
    const { selection } = page.value.around;
    if (selection !== null && places(written, selection).includes(selection)) draft.patch({ without: selectionKey(selection) });
  }

  /** The session that is written in; a new one where there is none, the same for all that is sent before it is there. */
  private target(): string | Promise<string> {
    const known = this.app.session.value.session?.id ?? this.app.page.value.around.sessionId;
    if (known !== null && known !== undefined) return known;
    if (this.begun === undefined) {
      this.begun = this.app.host.task({ type: "newSession" }).then((session) => (session as Session).id);
      const over = (): void => void (this.begun = undefined);
      this.begun.then(over, over);
    }
    return this.begun;
  }

  /** The session that is being begun. */
  private begun: Promise<string> | undefined;

  /** Passes a prompt on; what runs is looked at when its time has come. */
  private async deliver(way: Way, parts: Input[], target: string | Promise<string>): Promise<unknown> {
    const { host, session } = this.app;
    const sessionId = await target;
    const { session: shown, running } = session.value;
    // What runs in a session that is not shown any more is not known here.
    const isElsewhere = shown !== undefined && shown.id !== sessionId;
    if (way === "queue" && (running !== undefined || isElsewhere)) return host.request("glossator/turn/queue", { sessionId, input: parts });
    if (isElsewhere) return host.request("glossator/turn/steer", { sessionId, input: parts });
    if (running === undefined) return host.request("glossator/turn/start", { sessionId, input: parts });
    return host.request("glossator/turn/steer", { sessionId, turnId: running, input: parts });
  }

  /** Begins a turn with the prompt of one that failed. */
  again(turn: Turn): Promise<boolean> {
    const prompt = turn.blocks.find((block) => block.kind === "prompt");
    return this.attempt(async () => {
      const { session } = this.app.session.value;
      if (prompt?.kind === "prompt" && session !== undefined) {
        await this.app.host.request("glossator/turn/start", { sessionId: session.id, input: saidAgain(prompt.parts) });
      }
    });
  }

  /** Stops the turn that runs. */
  stop(): Promise<boolean> {
    return this.attempt(async () => {
      const { session, running } = this.app.session.value;
      if (session === undefined) return;
      await this.app.host.request("glossator/turn/interrupt", { sessionId: session.id, ...(running !== undefined && { turnId: running }) });
    });
  }

  /** Takes a prompt out of the queue; to be written on, or for good. */
  unqueue(id: string, edit: boolean): Promise<boolean> {
    return this.attempt(async () => {
      const { session, queue, queueWaits: waits } = this.app.session.value;
      if (session === undefined) return;
      const { removed, input: parts } = await this.app.host.request("glossator/turn/unqueue", { sessionId: session.id, id });
      if (!removed) return this.tell("That prompt was sent already.");
      const prompts = queue.filter((one) => one.id !== id).map((one) => ({ id: one.id, input: one.parts }));
      if (this.shows(session)) this.dispatch({ type: "queue", prompts, ...(waits !== undefined && { waits }) });
      if (!edit) return;
      // It belongs to the session that it waited in.
      this.app.drafts.change(session.id, (draft) => takenBack(draft, parts, this.app.page.value.around.roots));
      if (this.shows(session)) this.focus();
    });
  }

  /** Reads the turns before the first that is shown. */
  async older(count = PAGE): Promise<void> {
    const { page, session, host } = this.app;
    const { session: shown, turns, more } = session.value;
    const first = turns[0];
    if (shown === undefined || first === undefined || !more || page.value.loading) return;
    page.patch({ loading: true });
    await this.attempt(async () => {
      const read = await host.request("glossator/session/read", { sessionId: shown.id, before: first.id, turns: count });
      this.dispatch({ type: "older", read, roots: page.value.around.roots });
    });
    page.patch({ loading: false });
  }

  /** Goes on with another session, or with a new one. */
  async open(sessionId: string | undefined): Promise<void> {
    const done = await this.task(sessionId === undefined ? { type: "newSession" } : { type: "openSession", sessionId });
    if (!done) return;
    this.app.page.patch({ page: "chat" });
    this.focus();
  }

  /** Goes on with a session, at one of its turns. */
  async openAt(sessionId: string, turnId: string): Promise<void> {
    await this.open(sessionId);
    const { session: shown, turns } = this.app.session.value;
    const wanted = turnNumber(turnId);
    if (shown?.id !== sessionId || wanted === 0) return;
    const missing = turnNumber(turns[0]?.id) - wanted;
    // What is too far back to be shown here has a page of its own.
    if (missing > FAR) return void (await this.command("glossator.open", turnId));
    if (missing > 0) await this.older(missing + 5);
    this.app.page.patch({ wanted: { turnId } });
  }

  /** Makes a session of the turns up to this one, and goes on with it. */
  async fork(sessionId: string, turnId?: string): Promise<void> {
    await this.attempt(async () => {
      const { session } = await this.app.host.request("glossator/session/fork", { sessionId, ...(turnId !== undefined && { turnId }) });
      await this.open(session.id);
      this.tell(turnId === undefined ? "This is a copy of the session." : `This is a copy of the session up to ${turnId}.`);
    });
  }

  /** Lets the user name a session. */
  rename(sessionId: string, title: string): Promise<boolean> {
    return this.attempt(async () => {
      const named = (await this.app.host.task({ type: "rename", sessionId, title })) as { title: string } | null;
      if (named !== null && sessionId === this.app.session.value.session?.id) this.dispatch({ type: "renamed", title: named.title });
    });
  }

  /** Takes the edits of a turn back, or makes them again. */
  undo(turnId: string, again: boolean): Promise<boolean> {
    return this.attempt(async () => {
      const { session } = this.app.session.value;
      if (session === undefined) return;
      const method = again ? "glossator/turn/redo" : "glossator/turn/undo";
      const { message } = await this.app.host.request(method, { sessionId: session.id, turnId });
      this.tell(message);
      await this.readHunks(turnId);
    });
  }

  /** Decides about hunks. */
  resolve(turnId: string, hunks: readonly string[], resolution: "keep" | "reject"): Promise<boolean> {
    return this.attempt(async () => {
      const { session } = this.app.session.value;
      if (session === undefined) return;
      const decisions = hunks.map((hunk) => ({ hunk, resolution }));
      const result = await this.app.host.request("glossator/changeSet/resolve", { sessionId: session.id, decisions });
      const errors = result.hunks.flatMap(({ id, path, error }) => (error === undefined ? [] : [`${path} (${id}): ${error}`]));
      if (errors.length > 0) this.fail(errors.join("\n"));
      await this.readHunks(turnId);
    });
  }

  /** Reads the hunks of a turn as they stand now. */
  async readHunks(turnId: string): Promise<void> {
    const { session } = this.app.session.value;
    if (session === undefined) return;
    const read = this.app.host.request("glossator/changeSet/read", { sessionId: session.id, turnId, all: true });
    // The log's word for it is shown where this cannot be had.
    const result = await read.catch(() => undefined);
    if (result !== undefined && this.shows(session)) this.dispatch({ type: "hunks", turnId, hunks: result.hunks });
  }

  /** Answers a question about a call. */
  answer(askId: string, answer: Answer): Promise<boolean> {
    return this.task({ type: "answer", askId, answer });
  }

  /** Whether a session is still the one that is shown: another one may have come while it was asked about. */
  private shows({ id }: Session): boolean {
    return this.app.session.value.session?.id === id;
  }

  /** The cursor goes to the prompt. */
  focus(): void {
    this.app.page.patch({ focus: this.app.page.value.focus + 1 });
  }

  /** Looks whether the model can be asked at all. */
  checkSignIn(): void {
    void this.app.host
      .request("glossator/auth/status", {})
      .then((auth) => {
        this.app.page.patch({ auth });
        this.readPreset(auth.providers[0]?.id);
      })
      .catch(() => undefined);
  }

  /** Reads which model a session would begin with, of the provider that is asked first; a session knows its own. */
  private readPreset(provider: string | undefined): void {
    const { host, page, session } = this.app;
    if (provider === undefined || session.value.choices.model !== undefined) return;
    void host
      .request("glossator/models/list", { provider })
      .then(({ models }) => page.patch({ preset: models.find(({ current }) => current)?.id ?? "" }))
      .catch(() => undefined);
  }

  /** Reads what the session has spent. */
  readUsage(): void {
    const { session } = this.app.session.value;
    if (session === undefined) return;
    void this.app.host
      .request("glossator/usage/read", { sessionId: session.id })
      .then((usage) => this.shows(session) && this.app.page.patch({ usage }))
      .catch(() => undefined);
  }

  /** Reads what the session is called, where its first prompt gave it a name. */
  readTitle(): void {
    const { session } = this.app.session.value;
    if (session === undefined || session.title !== "") return;
    void this.app.host
      .request("glossator/session/read", { sessionId: session.id, turns: 1 })
      .then((read) => read.session.id === this.app.session.value.session?.id && this.dispatch({ type: "renamed", title: read.session.title }))
      .catch(() => undefined);
  }

  /** Reads why prompts wait, if they do. */
  readQueue(): void {
    const { session, queue } = this.app.session.value;
    if (session === undefined || queue.length === 0) return;
    void this.app.host
      .request("glossator/turn/queued", { sessionId: session.id })
      .then(({ prompts, waits }) => this.shows(session) && this.dispatch({ type: "queue", prompts, ...(waits !== undefined && { waits }) }))
      .catch(() => undefined);
  }

  /** Reads which tasks run. */
  readTasks(): void {
    const { session } = this.app.session.value;
    if (session === undefined) return;
    void this.app.host
      .request("glossator/tasks/list", { sessionId: session.id })
      .then(({ tasks }) => this.shows(session) && this.dispatch({ type: "tasks", tasks }))
      .catch(() => undefined);
  }

  /** Reads how much the model's window holds. */
  readWindow(model: string): void {
    const provider = model.split("/")[0] ?? "";
    void this.app.host
      .request("glossator/models/list", { provider })
      .then(({ models }) => this.app.page.patch({ window: models.find(({ id }) => id === model)?.contextWindow ?? 0 }))
      .catch(() => this.app.page.patch({ window: 0 }));
  }
}
