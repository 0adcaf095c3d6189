// Tells that there is no server, with what can be done about it.

import * as vscode from "vscode";
import type { ServerState } from "./server";
import { inert } from "./text";

const ACTIONS: Partial<Record<ServerState["kind"], readonly string[]>> = {
  missing: ["Set the Path…", "Try Again"],
  failed: ["Show Log", "Try Again"],
  stopped: ["Try Again"],
};

/** Opens the setting that names the program: it is one of the machine, which in a remote window is the other one. */
async function openPath(): Promise<void> {
  const query = "@id:glossator.path";
  await (vscode.env.remoteName === undefined
    ? vscode.commands.executeCommand("workbench.action.openSettings", query)
    : vscode.commands.executeCommand("workbench.action.openRemoteSettings", { query }));
}

/** Whether nothing works until the user does something. */
export function isDown(state: ServerState): boolean {
  return ACTIONS[state.kind] !== undefined;
}

/** Says an error, with what helps in that state. */
export async function tell(text: string, state: ServerState): Promise<void> {
  const picked = await vscode.window.showErrorMessage(inert(text), ...(ACTIONS[state.kind] ?? []));
  if (picked === "Set the Path…") {
    await openPath();
  } else if (picked) {
    await vscode.commands.executeCommand(picked === "Show Log" ? "glossator.showLog" : "glossator.restart");
  }
}
