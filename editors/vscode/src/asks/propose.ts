// The text of a file as an edit that is asked for would leave it. Pure.

import type { AskHunk } from "@protocol";

/** The lines of a text, each with its line ending. */
export function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

/** `text` with all of `hunks`, which are of one file; undefined where one does not stand in the text as it is now. */
export function proposed(text: string, hunks: readonly AskHunk[]): string | undefined {
  const lines = linesOf(text);
  const same = (one: string, other: string) => ending(one) === ending(other);
  // From the end, so that the lines of the others stay where they are.
  for (const hunk of [...hunks].sort((one, other) => other.line - one.line)) {
    const count = linesOf(hunk.base).length;
    const at = hunk.line - 1;
    if (at < 0 || at > lines.length || !same(lines.slice(at, at + count).join(""), hunk.base)) {
      return undefined;
    }
    const before = lines[at - 1];
    if (before !== undefined && hunk.proposed !== "" && !/[\r\n]$/.test(before)) {
      lines[at - 1] = `${before}\n`;
    }
    lines.splice(at, count, ...linesOf(hunk.proposed));
  }
  return lines.join("");
}

/** The text with line feeds only, and without the last one. */
function ending(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");
}
