// What tabs show, as far as VS Code's API tells.

import * as vscode from "vscode";

/** The right sides of a diff, or of an editor of several; none for any other tab. */
export function modifiedSides(input: unknown): vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff) {
    return [input.modified];
  }
  // An editor of several diffs has no type in the API; it is known by what it has.
  const several = (input as { textDiffs?: unknown } | null | undefined)?.textDiffs;
  return Array.isArray(several) ? several.map((diff: { modified: vscode.Uri }) => diff.modified) : [];
}
