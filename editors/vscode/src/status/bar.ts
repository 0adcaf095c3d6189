// The status bar item, and the context keys that menus and key bindings go by. Looks at the server, the asks and the hunks.

import * as vscode from "vscode";
import type { Hunks } from "../review/hunks";
import type { Server } from "../server";
import { inOneLine } from "../text";
import { NOTHING, opened, type Standing, updated } from "./tracker";
import { details, item, type Seen } from "./words";

/** How often the item is made anew at the most, in milliseconds. */
const PACE = 100;

/** The status bar item. */
export class StatusBar implements vscode.Disposable {
  private standing: Standing = NOTHING;
  private signedIn: boolean | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly keys = new Map<string, unknown>();
  private readonly bar = vscode.window.createStatusBarItem("glossator.status", vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly hunks: Hunks,
  ) {
    this.bar.name = "Glossator";
    this.bar.command = "glossator.menu";
    const soon = () => this.soon();
    this.subscriptions = [
      this.bar,
      server.onState(soon),
      server.onAsk(soon),
      server.onAskClosed(soon),
      hunks.onChange(soon),
      server.onSession((sessionId) => this.take(sessionId === undefined ? NOTHING : this.standing)),
      server.onReset(({ sessionId, read, left }) => {
        if (sessionId === server.sessionId) {
          this.take(opened(read, left));
        }
      }),
      server.onUpdate((params) => {
        if (params.sessionId === server.sessionId) {
          this.take(updated(this.standing, params));
        }
      }),
      vscode.window.onDidChangeTextEditorSelection(soon),
      vscode.window.onDidChangeActiveTextEditor(soon),
    ];
    this.show();
    this.bar.show();
  }

  /** Everything that is shown, for the menu. */
  get seen(): Seen {
    return {
      server: this.server.state,
      standing: this.standing,
      asks: this.server.asks.length,
      hunks: this.hunks.count,
      restricted: !vscode.workspace.isTrusted,
      ...(this.signedIn === undefined ? {} : { signedIn: this.signedIn }),
    };
  }

  /** Whether a model can be asked, as was found out by whoever signs in. */
  setSignedIn(signedIn: boolean): void {
    this.signedIn = signedIn;
    this.soon();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.forEach((one) => one.dispose());
  }

  private take(standing: Standing): void {
    if (standing !== this.standing) {
      this.standing = standing;
      this.soon();
    }
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.show();
    }, PACE);
  }

  private show(): void {
    const { seen } = this;
    const { text, level, label } = item(seen);
    this.bar.text = text;
    this.bar.accessibilityInformation = { label, role: "button" };
    this.bar.backgroundColor =
      level === "normal"
        ? undefined
        : new vscode.ThemeColor(level === "warning" ? "statusBarItem.warningBackground" : "statusBarItem.errorBackground");
    const tooltip = new vscode.MarkdownString();
    details(seen).forEach((line) => tooltip.appendText(`${inOneLine(line)}\n\n`));
    this.bar.tooltip = tooltip;
    const editor = vscode.window.activeTextEditor;
    const here = editor ? this.hunks.of(editor.document.uri) : [];
    this.set("state", seen.server.kind);
    this.set("running", seen.standing.running !== undefined);
    this.set("asks", seen.asks);
    this.set("hunks", seen.hunks);
    this.set("session", this.server.sessionId !== undefined);
    this.set("hunksInFile", here.length);
    this.set("hunkAtCursor", editor ? this.hunks.at(editor.document.uri, editor.selection.active.line) !== undefined : false);
  }

  /** Sets a context key, if it is another one. */
  private set(key: string, value: unknown): void {
    if (this.keys.get(key) !== value) {
      this.keys.set(key, value);
      void vscode.commands.executeCommand("setContext", `glossator.${key}`, value);
    }
  }
}
