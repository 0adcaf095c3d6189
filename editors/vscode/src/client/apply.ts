// Applies workspace edits that VS Code would break: in the active editor it makes edits minimal, and may cut a character of two
// UTF-16 units in half (🎉 to 🎊 leaves half of it behind). Such edits are made by the editor itself. All others are the client's.

import * as vscode from "vscode";
import type { ApplyWorkspaceEditParams, ApplyWorkspaceEditResult, Range as LspRange } from "vscode-languageclient/node";

type Change = NonNullable<ApplyWorkspaceEditParams["edit"]["documentChanges"]>[number];
type TextChange = Extract<Change, { textDocument: unknown }>;
type Next = (params: ApplyWorkspaceEditParams) => Promise<ApplyWorkspaceEditResult>;

const isText = (change: Change): change is TextChange => "textDocument" in change;
const sameUri = (one: string, other: vscode.Uri) => vscode.Uri.parse(one).toString() === other.toString();

/** Applies an edit; `next`: how the language client does it. */
export async function applyEdit(params: ApplyWorkspaceEditParams, next: Next): Promise<ApplyWorkspaceEditResult> {
  const changes = params.edit.documentChanges ?? [];
  const editor = vscode.window.activeTextEditor;
  const mine = changes.filter(isText).filter((change) => editor && sameUri(change.textDocument.uri, editor.document.uri));
  const [change] = mine;
  if (!editor || !change || mine.length > 1 || !mayBreak(change, editor.document) || changes.some((one) => concerns(one, editor.document.uri))) {
    return next(params);
  }
  // Nothing is awaited between this and the edit.
  if (!changes.every(isCurrent)) {
    return { applied: false };
  }
  const before = editor.document.getText();
  const made = await editor
    .edit((edit) => change.edits.forEach((one) => "newText" in one && edit.replace(rangeOf(one.range), one.newText)), {
      undoStopBefore: true,
      undoStopAfter: true,
    })
    .then((done) => done, () => false);
  if (!made) {
    return { applied: false, failureReason: "the document was changed meanwhile" };
  }
  const rest = changes.filter((one) => one !== change);
  if (rest.length === 0) {
    return { applied: true };
  }
  const result = await next({ ...params, edit: { ...params.edit, documentChanges: rest } });
  // All of it or nothing.
  if (!result.applied) {
    const all = new vscode.Range(0, 0, editor.document.lineCount, 0);
    await editor.edit((edit) => edit.replace(all, before)).then(undefined, () => false);
  }
  return result;
}

function rangeOf({ start, end }: LspRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Whether characters of two units come or go. */
function mayBreak(change: TextChange, document: vscode.TextDocument): boolean {
  const halves = /[\ud800-\udfff]/;
  return change.edits.some((one) => "newText" in one && halves.test(one.newText) && halves.test(document.getText(rangeOf(one.range))));
}

/** Whether the file itself is to be made, moved or deleted by the same edit. */
function concerns(change: Change, uri: vscode.Uri): boolean {
  if (isText(change)) {
    return false;
  }
  const uris = change.kind === "rename" ? [change.oldUri, change.newUri] : [change.uri];
  return uris.some((one) => sameUri(one, uri));
}

/** Whether an edit is meant for the text as it is now. */
function isCurrent(change: Change): boolean {
  if (!isText(change) || change.textDocument.version === null || change.textDocument.version < 0) {
    return true;
  }
  const open = vscode.workspace.textDocuments.find((document) => sameUri(change.textDocument.uri, document.uri));
  return !open || open.version === change.textDocument.version;
}
