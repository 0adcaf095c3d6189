// The other side of the page: the extension, reached by messages. Requests have answers, in whatever order they come.

import type { ClientRequests } from "@protocol";
import type { DraftImage, FromPage, HostTask, KeptDrafts, PageCommand, PageRequest, ToPage } from "../chat/messages";

/** What VS Code gives a page. */
interface Api {
  postMessage(message: FromPage): void;
}

declare function acquireVsCodeApi(): Api;

/** Why something was not done, in words for people. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(failure: Failure): void;
}

type News = Exclude<ToPage, { type: "response" } | { type: "failure" }>;
type Asked =
  | { readonly type: "request"; readonly method: PageRequest; readonly params: unknown }
  | { readonly type: "command"; readonly name: PageCommand; readonly args: readonly unknown[] }
  | { readonly type: "task"; readonly task: HostTask };

/** The extension. */
export class Host {
  private readonly api = acquireVsCodeApi();
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** Tells `hear` everything that is no answer. */
  listen(hear: (message: News) => void): void {
    window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
      if (typeof data !== "object" || data === null) return;
      if (data.type === "response") this.take(data.id)?.resolve(data.result);
      else if (data.type === "failure") this.take(data.id)?.reject(new Failure(data.message, data.data));
      else hear(data);
    });
    this.api.postMessage({ type: "ready" });
  }

  /** Asks the server. */
  request<M extends PageRequest>(method: M, params: ClientRequests[M]["params"]): Promise<ClientRequests[M]["result"]> {
    return this.ask({ type: "request", method, params }) as Promise<ClientRequests[M]["result"]>;
  }

  /** Runs a command. */
  command(name: PageCommand, ...args: readonly unknown[]): Promise<unknown> {
    return this.ask({ type: "command", name, args });
  }

  /** Has something done by VS Code. */
  task(task: HostTask): Promise<unknown> {
    return this.ask({ type: "task", task });
  }

  /** Keeps what is written for the time after the page. */
  keep(drafts: KeptDrafts): void {
    this.api.postMessage({ type: "keep", drafts });
  }

  /** Keeps the images of a draft. */
  keepImages(session: string, images: readonly DraftImage[]): void {
    this.api.postMessage({ type: "keepImages", session, images });
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private ask(what: Asked): Promise<unknown> {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.api.postMessage({ ...what, id });
    });
  }
}
