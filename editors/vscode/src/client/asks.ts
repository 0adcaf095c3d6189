// What waits for an answer of the user: each has one answer, on whatever road, and all roads are told when it is over.
// Shows nothing itself.

import type { Answer } from "@protocol";
import { Emitter } from "../emitter";
import type { OpenApproval, OpenAsk, OpenQuestion } from "../server";

interface Waiting {
  readonly ask: OpenAsk;
  /** Ends the server's request; null is no answer. */
  readonly end: (answer: Answer | string | null) => void;
}

/** The open questions of every session, oldest first. */
export class Asks {
  private readonly waiting = new Map<string, Waiting>();
  private readonly opened = new Emitter<OpenAsk>();
  private readonly closed = new Emitter<{ readonly askId: string; readonly answer?: Answer }>();
  readonly onAsk = this.opened.event;
  readonly onClosed = this.closed.event;

  get open(): readonly OpenAsk[] {
    return [...this.waiting.values()].map((one) => one.ask);
  }

  /** Opens an approval; gives its answer, or null if it ended by another road. */
  approve(ask: OpenApproval): Promise<Answer | null> {
    return this.put(ask).then((answer) => (typeof answer === "string" ? null : answer));
  }

  /** Opens a question; gives the words of the user, or null if it ended by another road. */
  question(ask: OpenQuestion): Promise<string | null> {
    return this.put(ask).then((answer) => (typeof answer === "string" ? answer : null));
  }

  /** Answers an approval of that id, if one is open. */
  answer(askId: string, answer: Answer): void {
    if (this.waiting.get(askId)?.ask.kind === "approval") {
      this.end(askId, answer, answer);
    }
  }

  /** Answers a question of that id, if one is open. */
  reply(askId: string, text: string): void {
    if (this.waiting.get(askId)?.ask.kind === "question") {
      this.end(askId, text);
    }
  }

  /** It is over without an answer of ours. */
  close(askId: string, answer?: Answer): void {
    this.end(askId, null, answer);
  }

  /** The server is gone, and with it all that it asked. */
  clear(): void {
    [...this.waiting.keys()].forEach((askId) => this.close(askId));
  }

  private put(ask: OpenAsk): Promise<Answer | string | null> {
    const before = this.waiting.get(ask.askId);
    return new Promise((resolve) => {
      this.waiting.set(ask.askId, { ask, end: resolve });
      // The same question by a new request: it stays open, and the old request has its end.
      if (before) {
        before.end(null);
      } else {
        this.opened.fire(ask);
      }
    });
  }

  private end(askId: string, result: Answer | string | null, answer?: Answer): void {
    const one = this.waiting.get(askId);
    if (one && this.waiting.delete(askId)) {
      one.end(result);
      this.closed.fire(answer ? { askId, answer } : { askId });
    }
  }
}
