// The hunks that wait for a decision, by file, as the server sees them now: read again when something happened to them.
// Decides nothing.

import type { Hunk } from "@protocol";
import * as vscode from "vscode";
import type { Server } from "../server";
import { message } from "../text";
import { touches } from "./marks";

/** A hunk and its session. */
export interface Held extends Hunk {
  readonly sessionId: string;
}

/** How long changes are waited for before hunks are read again, in milliseconds. */
const SOON = 80;
const AFTER_TYPING = 350;

/** The hunks of all sessions that this window is told of. */
export class Hunks implements vscode.Disposable {
  private readonly sessions = new Set<string>();
  private byFile = new Map<string, Held[]>();
  /** Files that had some: an undo or a redo may bring them back. */
  private readonly known = new Set<string>();
  private timer: { readonly handle: NodeJS.Timeout; readonly at: number } | undefined;
  private round = 0;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onChange = this.changed.event;

  constructor(
    private readonly server: Server,
    private readonly output: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      this.changed,
      server.onReset(({ sessionId }) => {
        this.sessions.add(sessionId);
        this.read(SOON);
      }),
      server.onUpdate(({ sessionId, update }) => {
        this.sessions.add(sessionId);
        const concerns = update.kind === "changeSet" || (update.kind === "itemCompleted" && update.item.kind === "changeSet");
        if (concerns || update.kind === "turnCompleted") {
          this.read(SOON);
        }
      }),
      server.onState(({ kind }) => {
        if (kind !== "ready") {
          this.sessions.clear();
          this.known.clear();
          this.show(new Map());
        }
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.known.has(document.uri.toString())) {
          this.read(AFTER_TYPING);
        }
      }),
    ];
  }

  /** The files that have some. */
  get files(): { readonly uri: vscode.Uri; readonly path: string; readonly hunks: readonly Held[] }[] {
    return [...this.byFile].map(([uri, hunks]) => ({ uri: vscode.Uri.parse(uri), path: hunks[0]?.path ?? uri, hunks }));
  }

  get count(): number {
    return [...this.byFile.values()].reduce((sum, hunks) => sum + hunks.length, 0);
  }

  of(uri: vscode.Uri): readonly Held[] {
    return this.byFile.get(uri.toString()) ?? [];
  }

  /** The hunk at a line of a file. */
  at(uri: vscode.Uri, line: number): Held | undefined {
    return this.of(uri).find((hunk) => touches(hunk, line));
  }

  /** Something was decided: they are read again. */
  touch(): void {
    this.read(SOON);
  }

  dispose(): void {
    clearTimeout(this.timer?.handle);
    this.subscriptions.forEach((one) => one.dispose());
  }

  /** Reads them in a while; of several wishes the one that is due first counts. */
  private read(wait: number): void {
    const at = Date.now() + wait;
    if (this.timer && this.timer.at <= at) {
      return;
    }
    clearTimeout(this.timer?.handle);
    const handle = setTimeout(() => {
      this.timer = undefined;
      this.readNow().catch((error: unknown) => this.output.warn(`Hunks could not be read: ${message(error)}`));
    }, wait);
    this.timer = { handle, at };
  }

  private async readNow(): Promise<void> {
    const round = ++this.round;
    const found = new Map<string, Held[]>();
    for (const sessionId of this.sessions) {
      if (this.server.state.kind !== "ready") {
        return;
      }
      const read = this.server.request("glossator/changeSet/read", { sessionId });
      const { hunks } = await read.catch((error: unknown) => {
        // It may be gone; a word of it brings it back.
        this.sessions.delete(sessionId);
        this.output.warn(`Hunks of the session ${sessionId} could not be read: ${message(error)}`);
        return { hunks: [] };
      });
      for (const hunk of hunks) {
        const key = vscode.Uri.parse(hunk.uri).toString();
        found.set(key, [...(found.get(key) ?? []), { ...hunk, sessionId }]);
      }
    }
    if (round === this.round) {
      this.show(found);
    }
  }

  private show(found: Map<string, Held[]>): void {
    [...found.keys()].forEach((uri) => this.known.add(uri));
    if (found.size > 0 || this.byFile.size > 0) {
      this.byFile = found;
      this.changed.fire();
    }
  }
}
