// The commands of the extension in one table. What goes wrong is told to the user here, and nowhere else.

import * as vscode from "vscode";
import type { Parts } from "../parts";
import { refusal } from "../chat/refusal";
import { tell } from "../down";
import { offer } from "../signin";
import { message } from "../text";
import { code } from "./code";
import { other } from "./other";
import { review } from "./review";
import { session } from "./session";

/** Commands by their ids. */
export type Commands = Record<string, (...args: unknown[]) => unknown>;

/** The commands that are registered. */
export class Registered implements vscode.Disposable {
  private readonly all = new Map<string, vscode.Disposable>();

  constructor(private readonly parts: Parts) {
    const known: Commands = { ...code(parts), ...review(parts), ...session(parts), ...other(parts) };
    Object.entries(known).forEach(([id, run]) => this.add(id, run));
  }

  /** Passes commands to the server that this extension does not know: it may be older than the server. */
  pass(announced: readonly string[]): void {
    const unknown = announced.filter((id) => !this.all.has(id));
    unknown.forEach((id) => this.add(id, (...args) => this.parts.server.executeCommand(id, ...args)));
  }

  dispose(): void {
    this.all.forEach((one) => one.dispose());
  }

  private add(id: string, run: (...args: unknown[]) => unknown): void {
    const told = async (...args: unknown[]) => {
      try {
        return await run(...args);
      } catch (error) {
        const refused = refusal((error as { data?: unknown } | undefined)?.data);
        if (refused) {
          void offer(refused);
          return undefined;
        }
        void tell(`Glossator: ${message(error)}`.replace("Glossator: Glossator", "Glossator"), this.parts.server.state);
        return undefined;
      }
    };
    this.all.set(id, vscode.commands.registerCommand(id, told));
  }
}
