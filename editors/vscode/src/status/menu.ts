// The menu of the status bar: how things stand, and what can be done now.

import * as vscode from "vscode";
import { plain } from "../text";
import { details, type Seen } from "./words";

interface Entry extends vscode.QuickPickItem {
  readonly command?: string;
}

/** Shows the menu and runs what is picked. */
export async function menu(seen: Seen): Promise<void> {
  const picked = await vscode.window.showQuickPick(entries(seen), {
    title: "Glossator",
    placeHolder: plain(details(seen)[0] ?? ""),
  });
  if (picked?.command) {
    await vscode.commands.executeCommand(picked.command);
  }
}

function entries(seen: Seen): Entry[] {
  const entry = (icon: string, label: string, command: string, description = ""): Entry => ({
    label: `$(${icon}) ${label}`,
    command,
    description: plain(description),
  });
  const group = (label: string): Entry => ({ label, kind: vscode.QuickPickItemKind.Separator });
  if (seen.server.kind !== "ready") {
    return [
      entry("refresh", "Restart Server", "glossator.restart"),
      entry("output", "Show Log", "glossator.showLog"),
      entry("gear", "Open Settings", "glossator.openSettings"),
      entry("book", "Get Started", "glossator.walkthrough"),
    ];
  }
  const { settings, running, tasks } = seen.standing;
  const now = [
    ...(seen.asks > 0 ? [entry("bell-dot", "Answer a Question…", "glossator.showAsk", `${seen.asks} open`)] : []),
    ...(running === undefined
      ? []
      : [entry("debug-stop", "Stop", "glossator.stop", running), entry("arrow-right", "Steer…", "glossator.steer")]),
    ...(seen.hunks > 0 ? [entry("git-compare", "Review Changes", "glossator.review", `${seen.hunks} to decide about`)] : []),
    ...(tasks.size > 0 ? [entry("server-process", "Stop a Task…", "glossator.cancelTask", `${tasks.size} running`)] : []),
    ...(seen.signedIn === false ? [entry("key", "Sign In…", "glossator.signIn")] : []),
  ];
  return [
    ...(now.length > 0 ? [group("Now"), ...now] : []),
    group("Chat"),
    entry("comment-discussion", "Open Chat", "glossator.chat"),
    entry("add", "New Session", "glossator.newSession"),
    entry("history", "Sessions…", "glossator.sessions"),
    group("This session"),
    entry("symbol-misc", "Model…", "glossator.model", settings?.model ?? ""),
    entry("tools", "Tools…", "glossator.pack", settings?.pack ?? ""),
    entry("shield", "Policy…", "glossator.policy", settings?.policy ?? ""),
    entry("eye", "Preview Context", "glossator.contextPreview"),
    entry("credit-card", "Usage", "glossator.usage"),
    group("More"),
    entry("info", "Status", "glossator.status"),
    entry("key", "Sign In…", "glossator.signIn"),
    entry("gear", "Open Settings", "glossator.openSettings"),
    entry("output", "Show Log", "glossator.showLog"),
    entry("book", "Get Started", "glossator.walkthrough"),
  ];
}
