// What is selected in the editor, as a chip of the prompt and as the mention it becomes. Only files count: what lies in
// other documents (outputs, diffs, settings) is nothing the agent could read.

import * as vscode from "vscode";
import type { Selection } from "./messages";

/** Milliseconds between two looks, while a selection grows. */
const PAUSE = 120;

/** A place as a chip; without arguments what is selected now. Null: nothing is. */
export function selectionOf(uri?: vscode.Uri, range?: vscode.Range): Selection | null {
  const editor = vscode.window.activeTextEditor;
  const document = uri ?? editor?.document.uri;
  const place = range ?? (uri === undefined ? editor?.selection : new vscode.Range(0, 0, 0, 0));
  if (document === undefined || place === undefined || document.scheme !== "file") return null;
  if (uri === undefined && place.isEmpty) return null;
  const { start, end } = place;
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return {
    uri: document.toString(),
    path: vscode.workspace.asRelativePath(document),
    range: { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } },
    lines: [start.line + 1, last],
  };
}

/** Tells of the selection whenever it is another one. */
export function watchSelection(tell: (selection: Selection | null) => void): vscode.Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  const look = (): void => {
    timer = undefined;
    // The chat itself has the focus then: what was selected before still is.
    if (vscode.window.activeTextEditor === undefined && vscode.window.visibleTextEditors.length > 0) return;
    const selection = selectionOf();
    const now = JSON.stringify(selection);
    if (now !== last) tell(selection);
    last = now;
  };
  const soon = (): void => {
    timer ??= setTimeout(look, PAUSE);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorSelection(soon),
    vscode.window.onDidChangeActiveTextEditor(soon),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
