// Places in texts as the server takes them. VS Code's own classes turn into something else on the way.

import type { Position, Range } from "@protocol";
import type * as vscode from "vscode";

export function position({ line, character }: vscode.Position): Position {
  return { line, character };
}

export function range({ start, end }: vscode.Range): Range {
  return { start: position(start), end: position(end) };
}
