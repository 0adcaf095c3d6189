// The text of a file before the agent's edits, made of the text as it is and of the hunks in it. Pure.

import type { Hunk, HunkState } from "@protocol";

/** States in which the agent's text stands in the file; in the others what was there before does. */
const STANDING: readonly HunkState[] = ["pending", "amended", "kept"];

/** Whether the agent's text of a hunk stands in its file. */
export function stands(hunk: Hunk): boolean {
  return STANDING.includes(hunk.state);
}

/** Whether the hunk waits for a decision. */
export function isOpen(hunk: Hunk): boolean {
  return hunk.state === "pending" || hunk.state === "amended";
}

/** Whether the hunk is of lines, not of a whole file. */
export function isOfLines(hunk: Hunk): boolean {
  return hunk.part === undefined || hunk.part.kind === "lines";
}

/** `text` as it was before `hunks`, which are all of this file. Those without a place in it are passed over. */
export function baseText(text: string, hunks: readonly Hunk[]): string {
  const placed = hunks.filter((hunk) => hunk.range && stands(hunk) && hunk.part?.kind !== "move");
  const offset = offsets(text);
  const pieces = placed
    .map((hunk) => ({ start: offset(hunk.range!.start), end: offset(hunk.range!.end), base: hunk.base }))
    .sort((one, other) => one.start - other.start || one.end - other.end);
  let made = "";
  let at = 0;
  for (const piece of pieces) {
    // Two that overlap cannot both be undone here; the first is.
    if (piece.start >= at) {
      made += text.slice(at, piece.start) + piece.base;
      at = piece.end;
    }
  }
  return made + text.slice(at);
}

/** Offsets in a text by places in it, as VS Code counts: UTF-16, and `\r\n`, `\n` and `\r` end lines. */
function offsets(text: string): (place: { line: number; character: number }) => number {
  const starts = [0];
  for (const found of text.matchAll(/\r\n|\r|\n/g)) {
    starts.push(found.index + found[0].length);
  }
  return ({ line, character }) => Math.min((starts[line] ?? text.length) + character, text.length);
}
