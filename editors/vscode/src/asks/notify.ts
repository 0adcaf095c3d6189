// Tells of asks while the chat, where they are cards, is not seen: one notification at a time, which never takes the focus and
// goes when its ask is over. It is a progress, since only such a notification can be ended by us; so its answers are links.

import * as vscode from "vscode";
import type { ChatView, OpenAsk, Server } from "../server";
import { cut, inert, inOneLine } from "../text";
import { grantTitle, grantsOf, inOne } from "./words";

/** The longest text of an ask in a notification; the rest is seen by *Show*. */
const MOST = 300;

/** Grants that have a link of their own; the others are in the list that *Show* opens. */
const LINKED = ["once", "session"];

/** Proposed answers that have a link of their own: so many at the most, and so long. */
const OPTIONS = 3;
const SHORT = 24;

/** Tells of asks by notifications. */
export class AskNotices implements vscode.Disposable {
  private shown: { readonly askId: string; readonly end: () => void } | undefined;
  /** Those that the user has put off: they stay in the chat and in the status bar. */
  private readonly later = new Set<string>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly chat: ChatView,
  ) {
    this.subscriptions = [
      server.onAsk(() => this.look()),
      server.onAskClosed(() => this.look()),
      server.onSession(() => this.look()),
      chat.onVisible(() => this.look()),
    ];
    this.look();
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
    this.shown?.end();
  }

  /** Shows the oldest ask that is not seen elsewhere, and no other. */
  private look(): void {
    const isSeen = (ask: OpenAsk) => this.chat.visible && ask.sessionId === this.server.sessionId;
    const unseen = this.server.asks.filter((ask) => !isSeen(ask) && !this.later.has(ask.askId));
    const [next] = unseen;
    if (this.shown?.askId === next?.askId) {
      return;
    }
    this.shown?.end();
    this.shown = undefined;
    if (next) {
      const over = new Promise<void>((end) => (this.shown = { askId: next.askId, end }));
      const title = text(next, unseen.length - 1);
      // VS Code takes the button's name here, too, though its types do not say so; without it the button is called Cancel.
      const cancellable = "Later" as unknown as boolean;
      void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable }, (_, token) => {
        token.onCancellationRequested(() => {
          this.later.add(next.askId);
          this.look();
        });
        return over;
      });
    }
  }
}

function text(ask: OpenAsk, others: number): string {
  // A parenthesis would end the link.
  const encoded = (args: unknown[]) => encodeURIComponent(JSON.stringify(args)).replaceAll("(", "%28").replaceAll(")", "%29");
  const link = (title: string, command: string, ...args: unknown[]) => `[${title}](command:${command}?${encoded(args)})`;
  const more = others > 0 ? ` (${others} more behind it)` : "";
  if (ask.kind === "question") {
    const short = ask.options.filter((option) => option.length <= SHORT).slice(0, OPTIONS);
    const options = short.map((option) =>
      link(option.replaceAll(/[[\]()]/g, " "), "glossator.answer", { askId: ask.askId, answer: option }),
    );
    const own = link("Answer…", "glossator.answer", { askId: ask.askId });
    return `Glossator asks: ${words(ask.question)}${more} ${[...options, own].join("  ·  ")}`;
  }
  const links = grantsOf(ask.ask)
    .filter((grant) => LINKED.includes(grant))
    .map((grant) => link(grantTitle(grant, ask.ask), "glossator.approve", { askId: ask.askId, grant }));
  links.push(
    link("Deny", "glossator.deny", { askId: ask.askId, message: "" }),
    link("Show", "glossator.showAsk", { askId: ask.askId }),
  );
  return `Glossator asks: ${words(inOne(ask.ask))}${more} ${links.join("  ·  ")}`;
}

/** Brackets of theirs could become a part of our links. */
function words(of: string): string {
  return inert(cut(inOneLine(of), MOST).replaceAll("[", "(").replaceAll("]", ")"));
}
