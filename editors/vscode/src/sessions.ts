// The list of sessions: search, go on with, fork, rename, put away, export, delete. Each entry has a button for each.

import type { Session, SessionHit } from "@protocol";
import * as vscode from "vscode";
import type { Server } from "./server";
import { ago, counted, inert, message, plain } from "./text";

interface Entry extends vscode.QuickPickItem {
  readonly sessionId?: string;
  readonly title?: string;
}

interface Button extends vscode.QuickInputButton {
  readonly does: "fork" | "rename" | "archive" | "unarchive" | "export" | "delete";
}

const button = (does: Button["does"], icon: string, tooltip: string): Button => ({
  does,
  iconPath: new vscode.ThemeIcon(icon),
  tooltip,
});
const RENAME = button("rename", "edit", "Rename");
const FORK = button("fork", "repo-forked", "Fork");
const EXPORT = button("export", "export", "Export");
const ARCHIVE = button("archive", "archive", "Put Away");
const UNARCHIVE = button("unarchive", "inbox", "Bring Back");
const DELETE = button("delete", "trash", "Delete");

const NEW: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("add"), tooltip: "New Session" };
const ARCHIVED: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("archive"), tooltip: "Show Those Put Away" };
const CURRENT: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("arrow-left"), tooltip: "Show the Others" };

/** How long typing is waited for before texts of sessions are searched, in milliseconds. */
const PAUSE = 250;

/** Shows the list; opening a session shows the chat. */
export function pickSession(server: Server, show: () => void, text = ""): void {
  new SessionList(server, show).open(text);
}

class SessionList {
  private readonly list = vscode.window.createQuickPick<Entry>();
  private archived = false;
  private sessions: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: Server,
    private readonly show: () => void,
  ) {}

  open(text: string): void {
    const { list } = this;
    list.placeholder = "Search titles, prompts, answers, scripts and edits";
    list.matchOnDescription = true;
    list.matchOnDetail = true;
    list.value = text;
    const ends = [
      list,
      list.onDidChangeValue(() => this.search()),
      list.onDidAccept(() => this.try(() => this.resume(list.selectedItems[0]))),
      list.onDidTriggerButton((pressed) => this.try(() => this.pressed(pressed))),
      list.onDidTriggerItemButton(({ item, button }) => this.try(() => this.does(button as Button, item))),
      list.onDidHide(() => {
        clearTimeout(this.timer);
        ends.forEach((one) => one.dispose());
      }),
    ];
    list.show();
    this.try(() => this.read());
  }

  private async read(): Promise<void> {
    const { list } = this;
    list.busy = true;
    list.title = this.archived ? "Sessions Put Away" : "Sessions";
    list.buttons = [NEW, this.archived ? CURRENT : ARCHIVED];
    const { sessions, notices } = await this.server.request("glossator/session/list", { archived: this.archived });
    this.sessions = [
      ...sessions.map((session) => this.entry(session)),
      ...(notices ?? []).map((notice) => ({ label: `$(info) ${plain(notice)}` })),
    ];
    list.items = this.sessions;
    list.busy = false;
    this.search();
  }

  private entry(session: Session): Entry {
    const current = session.id === this.server.sessionId;
    const facts = [
      ...(current ? ["this one"] : []),
      ...(session.running ? [`${session.running} runs`] : []),
      ago(session.updatedAt, Date.now()),
      ...(session.turns === undefined ? [] : [counted(session.turns, "turn")]),
      ...(session.parent ? [`fork at ${session.parent.turnId}`] : []),
      ...(session.workspace ? [session.workspace] : []),
    ];
    return {
      label: `${current ? "$(check) " : ""}${plain(session.title) || "New session"}`,
      description: plain(facts.join(" · ")),
      detail: plain(session.lastPrompt ?? ""),
      buttons: [RENAME, FORK, EXPORT, session.archived ? UNARCHIVE : ARCHIVE, DELETE],
      sessionId: session.id,
      title: session.title,
    };
  }

  /** Adds what is found in the texts of sessions to those whose titles fit. */
  private search(): void {
    clearTimeout(this.timer);
    const text = this.list.value.trim();
    if (text === "") {
      this.list.items = this.sessions;
      return;
    }
    this.timer = setTimeout(() => {
      this.try(async () => {
        const { hits } = await this.server.request("glossator/session/search", { text });
        if (this.list.value.trim() === text) {
          const heading = { label: "In texts", kind: vscode.QuickPickItemKind.Separator };
          this.list.items = [...this.sessions, ...(hits.length > 0 ? [heading, ...hits.map(hit)] : [])];
        }
      });
    }, PAUSE);
  }

  private async resume(entry: Entry | undefined): Promise<void> {
    if (entry?.sessionId === undefined) {
      return;
    }
    this.list.hide();
    await this.server.openSession(entry.sessionId);
    this.show();
  }

  private async pressed(pressed: vscode.QuickInputButton): Promise<void> {
    if (pressed === NEW) {
      this.list.hide();
      await this.server.newSession();
      this.show();
    } else {
      this.archived = pressed === ARCHIVED;
      await this.read();
    }
  }

  private async does({ does }: Button, { sessionId, title }: Entry): Promise<void> {
    if (sessionId === undefined) {
      return;
    }
    const { server } = this;
    if (does === "fork") {
      this.list.hide();
      await fork(server, { sessionId });
      this.show();
    } else if (does === "archive" || does === "unarchive") {
      await server.request("glossator/session/archive", { sessionId, archived: does === "archive" });
      await this.read();
    } else if (does === "export") {
      this.list.hide();
      await server.executeCommand("glossator.exportSession", { sessionId });
    } else {
      // Both ask something, which hides this list.
      await (does === "rename" ? rename(server, sessionId, title) : remove(server, sessionId, title));
      new SessionList(server, this.show).open("");
    }
  }

  private try(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      this.list.busy = false;
      void vscode.window.showErrorMessage(`Glossator: ${inert(message(error))}`);
    });
  }
}

function hit(found: SessionHit): Entry {
  return {
    label: plain(found.title) || "New session",
    description: plain(`${found.turnId} · ${found.kind} · ${ago(found.at, Date.now())}`),
    detail: plain(found.snippet),
    alwaysShow: true,
    sessionId: found.sessionId,
    title: found.title,
  };
}

/** Goes on with a copy of a session, up to a turn. */
export async function fork(server: Server, of: { readonly sessionId: string; readonly turnId?: string }): Promise<void> {
  const { session } = await server.request("glossator/session/fork", of);
  await server.openSession(session.id);
}

/** Gives a session a name. */
export async function rename(server: Server, sessionId: string, before = "", given?: string): Promise<void> {
  const title =
    given ??
    (await vscode.window.showInputBox({
      title: "Rename Session",
      value: before,
      prompt: "Empty: the name is made of the first prompt again",
    }));
  if (title !== undefined) {
    await server.request("glossator/session/rename", { sessionId, title });
  }
}

/** Deletes a session, if the user says yes. */
export async function remove(server: Server, sessionId: string, title = ""): Promise<void> {
  const yes = "Delete";
  const detail = "Its prompts, answers and everything it has stored are deleted. Files of the workspace are not changed.";
  const said = await vscode.window.showWarningMessage(
    `Delete the session ${inert(title, 100) || "without a name"}?`,
    { modal: true, detail },
    yes,
  );
  if (said === yes) {
    await server.request("glossator/session/delete", { sessionId });
  }
}
