// How hunks are marked in an editor, as data: which lines, and in what words what was there before is told. Pure.

import type { Hunk, Range } from "@protocol";
import { cut, inOneLine } from "../text";
import { isOfLines, isOpen } from "./base";

/** What a mark says. */
export type MarkKind = "added" | "changed" | "removed";

/** One hunk in an editor. */
export interface Mark {
  readonly kind: MarkKind;
  /** Whole lines, from the first to the last; of `removed` the line that what was removed stood before. */
  readonly first: number;
  readonly last: number;
  /** What was there, in a few words; empty for `added`. */
  readonly was: string;
}

/** Characters of what was there that a mark shows. */
const MOST = 80;

/** The marks of those hunks of a file that wait for a decision; `lines` is how many the file has. */
export function marks(hunks: readonly Hunk[], lines: number): Mark[] {
  return hunks.flatMap((hunk) => (hunk.range && isOpen(hunk) ? [mark(hunk, hunk.range, Math.max(0, lines - 1))] : []));
}

function mark(hunk: Hunk, range: Range, end: number): Mark {
  const first = Math.min(range.start.line, end);
  if (!isOfLines(hunk)) {
    // A whole file is marked by its first line.
    return { kind: "added", first, last: first, was: "" };
  }
  const isEmpty = range.end.line === range.start.line && range.end.character === range.start.character;
  if (isEmpty) {
    return { kind: "removed", first, last: first, was: words(hunk.base, "removed: ") };
  }
  // The end is the first place behind, mostly the start of the next line.
  const last = Math.min(range.end.character === 0 ? range.end.line - 1 : range.end.line, end);
  return hunk.base === ""
    ? { kind: "added", first, last, was: "" }
    : { kind: "changed", first, last, was: words(hunk.base, "was: ") };
}

/** The first line with something in it, and how many there are beside it. */
function words(base: string, before: string): string {
  const lines = base.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/);
  const shown = lines.find((line) => line.trim() !== "") ?? "";
  const others = lines.length > 1 ? ` (+${lines.length - 1} more)` : "";
  return `${before}${cut(inOneLine(shown), MOST) || "an empty line"}${others}`;
}

/** Whether a place lies in a hunk, or on the line that something was removed before. */
export function touches(hunk: Hunk, line: number): boolean {
  if (!hunk.range || !isOpen(hunk)) {
    return false;
  }
  const { start, end } = hunk.range;
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return line >= start.line && line <= last;
}
