// Whether the workspace is trusted: by VS Code (Restricted Mode) and by Glossator (its own settings and guidance count). Says
// what is off, once for a window.

import * as vscode from "vscode";
import type { Server } from "./server";
import { inert } from "./text";

/** What does not work in Restricted Mode. */
export const RESTRICTED =
  "In Restricted Mode Glossator only looks: it makes no edits and runs no commands, and settings of this workspace do not count.";

/** Trusts the folders of the workspace; in Restricted Mode VS Code is asked first. */
export async function trust(server: Server): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showInformationMessage(`Glossator: ${RESTRICTED} Trust the workspace in VS Code first.`);
    askOnceGranted();
    await vscode.commands.executeCommand("workbench.trust.manage");
    return;
  }
  const yes = "Trust";
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.name).join(", ");
  const detail =
    "Its .glossator/settings.toml, its VS Code settings for Glossator and its guidance files (AGENTS.md) are followed from the next turn on. They may name other models, and widen what is done without asking.";
  const said = await vscode.window.showWarningMessage(
    `Trust ${inert(folders, 100)} for Glossator?`,
    { modal: true, detail },
    yes,
  );
  if (said === yes) {
    await server.request("glossator/trust/set", { trusted: true });
    vscode.window.setStatusBarMessage("Glossator: the workspace is trusted now.", 5000);
  }
}

/** What waits for VS Code's trust. */
let waiting: vscode.Disposable | undefined;

/** Glossator's own question follows when VS Code trusts the workspace: whoever asked for the one wants both. */
function askOnceGranted(): void {
  waiting?.dispose();
  waiting = vscode.workspace.onDidGrantWorkspaceTrust(() => {
    waiting?.dispose();
    void vscode.commands.executeCommand("glossator.trust");
  });
}

/** Whether Glossator trusts all folders of the window. */
export async function isTrusted(ask: Server["request"]): Promise<boolean> {
  const { folders } = await ask("glossator/trust/read", {});
  return folders.length > 0 && folders.every((folder) => folder.trusted);
}

/** Says once that settings of the workspace do not count. */
export async function tellOfSettings(memory: vscode.Memento): Promise<void> {
  const told = "glossator.toldOfTrust";
  if (memory.get(told)) {
    return;
  }
  await memory.update(told, true);
  const yes = "Trust…";
  const text = "Glossator: this workspace has settings for Glossator, which do not count until you trust it.";
  if ((await vscode.window.showInformationMessage(text, yes)) === yes) {
    await vscode.commands.executeCommand("glossator.trust");
  }
}
