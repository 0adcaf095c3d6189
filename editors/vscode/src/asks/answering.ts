// Answers to asks by VS Code's own means: a list to pick from, and the commands Allow, Deny and Answer. Each ends when the
// ask is over by another road. Dismissing is no answer.

import type { Answer, Grant } from "@protocol";
import * as vscode from "vscode";
import type { OpenApproval, OpenAsk, OpenQuestion, Server } from "../server";
import { counted, plain } from "../text";
import type { AskDocuments } from "./documents";
import { grantsOf, grantTitle, inOne } from "./words";

interface Choice extends vscode.QuickPickItem {
  /** The answer; `reason`, `hunks`, `show`: more is to be asked or shown first. */
  readonly does: Answer | "reason" | "hunks" | "show";
}

/** An answer in words. */
interface Words extends vscode.QuickPickItem {
  readonly text: string;
}

/** What the user picks of a list; undefined when it was dismissed, or the ask is over. */
export function pick<T extends vscode.QuickPickItem>(
  server: Server,
  askId: string,
  made: (list: vscode.QuickPick<T>) => void,
): Promise<readonly T[] | undefined> {
  return new Promise((resolve) => {
    const list = vscode.window.createQuickPick<T>();
    made(list);
    // The diff beside it is to be read and scrolled.
    list.ignoreFocusOut = true;
    let picked: readonly T[] | undefined;
    const ends = [
      list,
      list.onDidAccept(() => {
        picked = list.selectedItems;
        list.hide();
      }),
      list.onDidHide(() => {
        ends.forEach((one) => one.dispose());
        resolve(picked);
      }),
      server.onAskClosed((closed) => {
        if (closed.askId === askId) {
          list.hide();
        }
      }),
    ];
    list.show();
  });
}

/** The answering of asks in lists and by commands. */
export class Answering {
  constructor(
    private readonly server: Server,
    private readonly documents: AskDocuments,
  ) {}

  /** Shows an ask, and what can be answered. Without an id the only one, or the one that is picked. */
  async show(askId?: string): Promise<void> {
    const open = await this.choose((one) => askId === undefined || one.askId === askId, "Which question?");
    if (!open) {
      return;
    }
    if (open.kind === "question") {
      return this.askForWords(open);
    }
    await this.documents.show(open);
    await this.offer(open);
  }

  /** Allows; without an id the only approval that is open, or the one that is picked. */
  async allow(askId?: string, grant: Grant = "once"): Promise<void> {
    const open = await this.choose(
      (one) => one.kind === "approval" && (askId === undefined || one.askId === askId),
      "What is allowed?",
    );
    if (open) {
      this.server.answer(open.askId, { decision: "allow", grant });
    }
  }

  /** Refuses, with the reason that is given or asked for. */
  async deny(askId?: string, reason?: string): Promise<void> {
    const open = await this.choose((one) => askId === undefined || one.askId === askId, "What is refused?");
    if (open?.kind === "approval") {
      await this.refuse(open, reason);
    } else if (open) {
      await this.server.executeCommand("glossator.deny", { askId: open.askId, ...(reason ? { message: reason } : {}) });
    }
  }

  /** Answers a question of the agent in words. */
  async answer(askId?: string, text?: string): Promise<void> {
    const open = await this.choose(
      (one) => one.kind === "question" && (askId === undefined || one.askId === askId),
      "Which question?",
    );
    if (open?.kind === "question") {
      await (text === undefined ? this.askForWords(open) : this.server.reply(open.askId, text));
    }
  }

  private async choose(wanted: (ask: OpenAsk) => boolean, title: string): Promise<OpenAsk | undefined> {
    const open = this.server.asks.filter(wanted);
    if (open.length === 0) {
      void vscode.window.showInformationMessage("Glossator: nothing waits for this answer (any more).");
    }
    if (open.length < 2) {
      return open[0];
    }
    const items = open.map((ask) => ({
      label: plain(ask.kind === "approval" ? ask.ask.title : ask.question),
      description: ask.kind === "approval" ? plain(ask.ask.reason) : "",
      ask,
    }));
    return (await vscode.window.showQuickPick(items, { title }))?.ask;
  }

  private async offer(open: OpenApproval): Promise<void> {
    const hunks = open.ask.subject.kind === "edit" ? (open.ask.subject.hunks ?? []) : [];
    const choices: Choice[] = grantsOf(open.ask).map((grant) => ({
      label: grantTitle(grant, open.ask),
      description: grant === "once" ? "this time" : "",
      does: { decision: "allow", grant },
    }));
    if (hunks.length > 1) {
      choices.splice(1, 0, { label: "Allow Some Hunks…", description: `of ${hunks.length}`, does: "hunks" });
    }
    choices.push({ label: "Deny", does: { decision: "deny" } }, { label: "Deny with a Reason…", does: "reason" });
    const picked = await pick<Choice>(this.server, open.askId, (list) => {
      list.title = plain(open.ask.title);
      list.placeholder = plain(open.ask.reason);
      list.items = choices;
    });
    const does = picked?.[0]?.does;
    if (does === "reason") {
      await this.refuse(open, undefined);
    } else if (does === "hunks") {
      await this.some(open);
    } else if (typeof does === "object") {
      this.server.answer(open.askId, does);
    }
  }

  /** Allows those hunks of an edit that are picked. */
  private async some(open: OpenApproval): Promise<void> {
    const hunks = open.ask.subject.kind === "edit" ? (open.ask.subject.hunks ?? []) : [];
    const items = hunks.map((hunk, index) => ({
      label: plain(`${hunk.path}:${hunk.line}`),
      detail: plain((hunk.proposed || hunk.base).trim(), 120),
      number: index + 1,
      picked: true,
    }));
    const picked = await pick<(typeof items)[number]>(this.server, open.askId, (list) => {
      list.title = `${counted(hunks.length, "hunk")} of ${plain(open.ask.title, 100)}`;
      list.placeholder = "Those that are to be made; none: deny";
      list.canSelectMany = true;
      list.items = items;
      list.selectedItems = items;
    });
    if (picked) {
      const numbers = picked.map((item) => item.number).sort((one, other) => one - other);
      this.server.answer(open.askId, numbers.length > 0 ? { decision: "allow", hunks: numbers } : { decision: "deny" });
    }
  }

  private async refuse(open: OpenApproval, reason: string | undefined): Promise<void> {
    const said =
      reason ?? (await this.words(open.askId, `Why not? ${inOne(open.ask)}`, "The agent is told; Enter alone gives no reason"));
    if (said !== undefined) {
      this.server.answer(open.askId, { decision: "deny", ...(said.trim() === "" ? {} : { message: said.trim() }) });
    }
  }

  private async askForWords(open: OpenQuestion): Promise<void> {
    if (open.options.length === 0) {
      const text = await this.words(open.askId, open.question, "Your answer");
      if (text?.trim()) {
        this.server.reply(open.askId, text.trim());
      }
      return;
    }
    const proposed: Words[] = open.options.map((label) => ({ label: plain(label), text: label }));
    const picked = await pick<Words>(this.server, open.askId, (list) => {
      list.title = plain(open.question);
      list.placeholder = "Pick an answer, or write another one";
      list.items = proposed;
      list.onDidChangeValue((value) => {
        const own = value.trim();
        list.items = own === "" ? proposed : [...proposed, { label: own, text: own, alwaysShow: true }];
      });
    });
    if (picked?.[0]) {
      this.server.reply(open.askId, picked[0].text);
    }
  }

  /** A line of the user; undefined when it was dismissed, or the ask is over. */
  private words(askId: string, title: string, placeholder: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const box = vscode.window.createInputBox();
      box.title = plain(title);
      box.placeholder = placeholder;
      box.ignoreFocusOut = true;
      let said: string | undefined;
      const ends = [
        box,
        box.onDidAccept(() => {
          said = box.value;
          box.hide();
        }),
        box.onDidHide(() => {
          ends.forEach((one) => one.dispose());
          resolve(said);
        }),
        this.server.onAskClosed((closed) => {
          if (closed.askId === askId) {
            box.hide();
          }
        }),
      ];
      box.show();
    });
  }
}
