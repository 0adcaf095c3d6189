// What an ask is about, in editors: an edit as a diff of each file against what it would become, all else as a document.
// The documents are made of what the server said and live as long as their ask.

import type { AskHunk } from "@protocol";
import * as vscode from "vscode";
import { wholeFiles } from "../chat/whole";
import type { OpenApproval } from "../server";
import { fileOf, exists } from "../open";
import { modifiedSides } from "../tabs";
import { plain } from "../text";
import { proposed } from "./propose";
import { document } from "./words";

const SCHEME = "glossator-ask";

/** What documents are called that are of no file. */
const NAMES: Partial<Record<string, string>> = { command: "Command", edit: "Edit", script: "Script" };

/** The documents of open asks. */
export class AskDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registered = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows what an ask is about, without taking the focus. */
  async show(open: OpenApproval): Promise<void> {
    const sides = open.ask.subject.kind === "edit" ? await this.sides(open) : undefined;
    const title = `Glossator: ${plain(open.ask.title, 80)}`;
    const options = { preview: true, preserveFocus: true };
    if (sides?.length === 1 && sides[0]) {
      await vscode.commands.executeCommand("vscode.diff", sides[0].before, sides[0].after, title, options);
    } else if (sides && sides.length > 0) {
      const files = sides.map((side) => [side.label, side.before, side.after]);
      await vscode.commands.executeCommand("vscode.changes", title, files);
    } else {
      const { text, language } = document(open.ask);
      const uri = this.put(
        vscode.Uri.from({ scheme: SCHEME, path: `/${NAMES[open.ask.subject.kind] ?? "Question"}` }),
        open.askId,
        "whole",
        text,
      );
      const shown = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(await vscode.languages.setTextDocumentLanguage(shown, language), options);
    }
  }

  /** An ask is over: its documents go, and their tabs. */
  async close(askId: string): Promise<void> {
    const mine = (uri: vscode.Uri | undefined) => uri?.scheme === SCHEME && uri.query.startsWith(`${encodeURIComponent(askId)}&`);
    const isMine = ({ input }: vscode.Tab) =>
      modifiedSides(input).some(mine) || (input instanceof vscode.TabInputText && mine(input.uri));
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(isMine);
    if (tabs.length > 0) {
      await vscode.window.tabGroups.close(tabs, true);
    }
    for (const key of this.texts.keys()) {
      if (mine(vscode.Uri.parse(key))) {
        this.texts.delete(key);
      }
    }
  }

  dispose(): void {
    this.registered.dispose();
    this.texts.clear();
  }

  /** Both sides of each file of an edit; undefined where that cannot be told of the texts as they are now. */
  private async sides({
    askId,
    ask,
  }: OpenApproval): Promise<{ label: vscode.Uri; before: vscode.Uri; after: vscode.Uri }[] | undefined> {
    // Sides do not say where a file moves to; its diff does.
    const isMoved = ask.subject.kind === "edit" && wholeFiles(ask.subject.diff).some(({ does }) => does === "rename");
    if (ask.subject.kind !== "edit" || !ask.subject.hunks?.length || isMoved) {
      return undefined;
    }
    const byFile = new Map<string, AskHunk[]>();
    for (const hunk of ask.subject.hunks) {
      byFile.set(hunk.path, [...(byFile.get(hunk.path) ?? []), hunk]);
    }
    const sides = [];
    for (const [path, hunks] of byFile) {
      const file = await fileOf(path);
      const isThere = file !== undefined && (await exists(file));
      const text = isThere
        ? await vscode.workspace.openTextDocument(file).then(
            (found) => found.getText(),
            () => undefined,
          )
        : "";
      const after = text === undefined ? undefined : proposed(text, hunks);
      if (!file || after === undefined) {
        return undefined;
      }
      const before = isThere ? file : this.put(file, askId, "before", "");
      sides.push({ label: file, before, after: this.put(file, askId, "after", after) });
    }
    return sides;
  }

  /** A document in the place of a file, so that it is called like it. */
  private put(place: vscode.Uri, askId: string, side: string, text: string): vscode.Uri {
    const uri = place.with({ scheme: SCHEME, query: `${encodeURIComponent(askId)}&${side}` });
    this.texts.set(uri.toString(), text);
    return uri;
  }
}
