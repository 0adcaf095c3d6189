// The view *Changes*: files with hunks that wait for a decision, and the hunks in them, with buttons to keep or reject each.

import * as vscode from "vscode";
import { counted, plain } from "../text";
import { isOfLines } from "./base";
import type { Held, Hunks } from "./hunks";

type Node = { readonly uri: vscode.Uri; readonly path: string; readonly hunks: readonly Held[] } | Held;

/** The tree of files and hunks. */
export class ChangesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly view: vscode.TreeView<Node>;
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly hunks: Hunks) {
    this.view = vscode.window.createTreeView("glossator.changes", { treeDataProvider: this });
    this.subscriptions = [
      this.changed,
      this.view,
      hunks.onChange(() => {
        this.changed.fire();
        this.view.badge = { value: hunks.count, tooltip: `${counted(hunks.count, "hunk")} to decide about` };
      }),
    ];
  }

  getChildren(node?: Node): Node[] {
    if (!node) {
      return this.hunks.files;
    }
    return "hunks" in node ? [...node.hunks] : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return "hunks" in node ? file(node) : hunk(node);
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }
}

function file({ uri, path, hunks }: Extract<Node, { hunks: unknown }>): vscode.TreeItem {
  const item = new vscode.TreeItem(uri, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = uri.toString();
  const folder = path.split("/").slice(0, -1).join("/");
  item.description = [...(folder === "" ? [] : [plain(folder)]), String(hunks.length)].join(" · ");
  item.contextValue = "file";
  item.iconPath = vscode.ThemeIcon.File;
  const [first] = hunks;
  if (first) {
    const argument = { sessionId: first.sessionId, turnId: first.turnId, path: first.uri };
    item.command = { title: "Show Diff", command: "glossator.openDiff", arguments: [argument] };
  }
  item.accessibilityInformation = { label: `${path}, ${counted(hunks.length, "hunk")}` };
  return item;
}

function hunk(of: Held): vscode.TreeItem {
  const added = of.current ?? of.proposed;
  const shown = (added.trim() || of.base.trim()).split(/\r\n|\r|\n/)[0] ?? "";
  const item = new vscode.TreeItem(plain(isOfLines(of) ? shown : `${of.part?.kind} of the file`, 60) || "empty lines");
  item.id = `${of.sessionId}/${of.id}`;
  const line = of.range ? `:${of.range.start.line + 1} · ` : "";
  item.description = `${line}${of.turnId}${of.state === "amended" ? " · changed by you" : ""}`;
  item.contextValue = "hunk";
  const icon = added === "" ? "diff-removed" : of.base === "" ? "diff-added" : "diff-modified";
  item.iconPath = new vscode.ThemeIcon(icon);
  item.command = { title: "Go to Hunk", command: "glossator.showHunk", arguments: [{ hunks: [of.id], sessionId: of.sessionId }] };
  return item;
}
