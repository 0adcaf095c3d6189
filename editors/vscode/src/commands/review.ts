// Commands about hunks and turns. Without an argument they are about the place of the cursor.

import * as vscode from "vscode";
import { userEditor } from "../client/handlers";
import type { Parts } from "../parts";
import { position } from "../places";
import type { Held } from "../review/hunks";
import { inert } from "../text";
import type { Commands } from "./register";

/** A node of the view *Changes*. */
interface Node {
  readonly uri?: vscode.Uri | string;
  readonly id?: string;
  readonly sessionId?: string;
}

/** A turn, or a part of what it did. */
type Turn = Parameters<Parts["diffs"]["openTurn"]>[0];

/** The place of the cursor, as the server takes it. */
function here(): unknown[] {
  const editor = userEditor();
  return editor ? [{ uri: editor.document.uri.toString(), position: position(editor.selection.active) }] : [];
}

/** What a hunk command is about: what was given, else the hunk at the cursor. */
function hunk(given: unknown): unknown[] {
  const node = given as (Node & { hunks?: unknown; position?: unknown }) | string | undefined;
  if (node === undefined || typeof node === "string" || node.hunks !== undefined || node.position !== undefined) {
    return node === undefined ? here() : [node];
  }
  return [{ hunks: [node.id], sessionId: node.sessionId }];
}

/** What a file command is about: a file of the view or of an editor, else the one that the user is in. */
function file(given: unknown): unknown[] {
  const uri = given instanceof vscode.Uri ? given : ((given as Node | undefined)?.uri ?? userEditor()?.document.uri);
  return typeof given === "string" ? [given] : uri === undefined ? [] : [{ uri: uri.toString() }];
}

/** What a turn command is about: what was given, else what the server takes for it. */
function turn(given: unknown): unknown[] {
  return given === undefined || given instanceof vscode.Uri ? [] : [given];
}

/** The commands. */
export function review({ server, hunks, diffs }: Parts): Commands {
  const decide = (command: string, about: (given: unknown) => unknown[]) =>
    [
      command,
      async (given: unknown) => {
        const result = (await server.executeCommand(command, ...about(given))) as { message?: string } | null;
        hunks.touch();
        // Of whole turns the server tells by itself.
        if (result?.message && about !== turn) {
          vscode.window.setStatusBarMessage(`Glossator: ${inert(result.message, 120)}`, 4000);
        }
      },
    ] as const;
  return {
    ...Object.fromEntries([
      decide("glossator.keepHunk", hunk),
      decide("glossator.rejectHunk", hunk),
      decide("glossator.reopenHunk", hunk),
      decide("glossator.keepFile", file),
      decide("glossator.rejectFile", file),
      ...[
        "glossator.keepAll",
        "glossator.rejectAll",
        "glossator.undoTurn",
        "glossator.redoTurn",
        "glossator.applyReview",
        "glossator.applyBlock",
      ].map((command) => decide(command, turn)),
    ]),
    "glossator.review": (given) => {
      const { sessionId, turnId } = (given ?? {}) as { sessionId?: string; turnId?: string };
      const isNamed = sessionId !== undefined && turnId !== undefined;
      return isNamed ? diffs.openTurn(given as Turn) : server.executeCommand("glossator.review", ...turn(given));
    },
    "glossator.showHunk": (given) => server.executeCommand("glossator.showHunk", ...hunk(given)),
    "glossator.openDiff": (given) => diffs.openTurn(given as Turn),
    "glossator.nextHunk": (given) =>
      server.executeCommand("glossator.nextHunk", ...(given === undefined || given instanceof vscode.Uri ? here() : [given])),
    "glossator.previousHunk": () => previous(hunks.files),
  };
}

/** Goes to the hunk before the cursor: in its file, then in the files before it, then from the last one on. */
async function previous(files: readonly { readonly uri: vscode.Uri; readonly hunks: readonly Held[] }[]): Promise<void> {
  const editor = userEditor();
  const all = files.flatMap(({ uri, hunks }) => hunks.flatMap((one) => (one.range ? [{ uri, line: one.range.start.line }] : [])));
  const mine = (uri: vscode.Uri) => uri.toString() === editor?.document.uri.toString();
  const before = all.filter(({ uri, line }) => mine(uri) && line < (editor?.selection.active.line ?? 0));
  const first = all.findIndex(({ uri }) => mine(uri));
  const found = before.at(-1) ?? (first > 0 ? all[first - 1] : all.at(-1));
  if (!found) {
    throw new Error("No hunk waits for a decision in an open text.");
  }
  const at = new vscode.Range(found.line, 0, found.line, 0);
  await vscode.window.showTextDocument(found.uri, { selection: at });
}
