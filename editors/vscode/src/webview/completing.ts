// Completion in the prompt: when to ask, and what a choice makes of the text. Places count UTF-16 units, as the page's own
// text does. Pure.

import type { Position, PromptItem } from "@protocol";

/** Whether what is written up to the cursor may be completed: a word that begins with `@`, or a command at the start. */
export function wants(before: string): boolean {
  if (/^\/[\w-]*$/.test(before)) return true;
  return /(?:^|[\s([{"'])@(?:"[^"\n]{0,300}|[^\s"]{0,300})$/.test(before);
}

/** The place as the protocol has it. */
export function position(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split("\n").length - 1;
  return { line, character: offset - (before.lastIndexOf("\n") + 1) };
}

/** The offset of a place; the end of its line where that is shorter. */
export function offset(text: string, place: Position): number {
  let start = 0;
  for (let line = 0; line < place.line; line += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return Math.min(start + place.character, end < 0 ? text.length : end);
}

/** The text with an item written in it, and where the cursor is then. */
export function accept(text: string, item: PromptItem): { readonly text: string; readonly cursor: number } {
  const [from, to] = [offset(text, item.range.start), offset(text, item.range.end)];
  const rest = text.slice(Math.max(from, to));
  // What is complete is followed by a blank; in a folder one goes on.
  const blank = item.kind === "folder" || /\s$/.test(item.insertText) || /^\s/.test(rest) ? "" : " ";
  const head = text.slice(0, from) + item.insertText + blank;
  return { text: head + rest, cursor: head.length + (blank === "" && /^[^\S\n]/.test(rest) && item.kind !== "folder" ? 1 : 0) };
}

/** A path as it is written in a prompt. */
export function mention(path: string): string {
  return /[\s"]/.test(path) ? `@"${path.replaceAll('"', "")}"` : `@${path}`;
}
