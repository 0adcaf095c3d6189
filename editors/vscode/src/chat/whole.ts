// What an edit does with whole files, read off its diff: hunks alone do not say that a file moves or goes. Pure; known to both
// sides.

/** A file that is moved, made or deleted. */
export interface Whole {
  readonly does: "rename" | "create" | "delete";
  /** In words: `rename a.txt → sub/b.txt`. */
  readonly text: string;
}

const NOWHERE = "/dev/null";

/** The files of a unified diff that are moved, made or deleted. What stands in hunks is passed over: it is text of files. */
export function wholeFiles(diff: string): readonly Whole[] {
  const found: Whole[] = [];
  const lines = diff.split("\n");
  const name = (line: string): string => line.slice(4).replace(/^[ab]\//, "");
  for (let at = 0; at < lines.length; at += 1) {
    const [line, next] = [lines[at] ?? "", lines[at + 1] ?? ""];
    const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (hunk) {
      at += inHunk(lines, at + 1, Number(hunk[1] ?? 1), Number(hunk[2] ?? 1));
    } else if (line.startsWith("rename from ") && next.startsWith("rename to ")) {
      found.push({ does: "rename", text: `rename ${line.slice(12)} → ${next.slice(10)}` });
    } else if (line === `--- ${NOWHERE}` && next.startsWith("+++ ")) {
      found.push({ does: "create", text: `create ${name(next)}` });
    } else if (line.startsWith("--- ") && next === `+++ ${NOWHERE}`) {
      found.push({ does: "delete", text: `delete ${name(line)}` });
    }
  }
  return found;
}

/** How many lines a hunk takes that begins at `start` and has so many lines of before and of after. */
function inHunk(lines: readonly string[], start: number, before: number, after: number): number {
  let at = start;
  for (let [old, made] = [before, after]; at < lines.length && (old > 0 || made > 0); at += 1) {
    const sign = lines[at]?.[0];
    old -= sign === "+" || sign === "\\" ? 0 : 1;
    made -= sign === "-" || sign === "\\" ? 0 : 1;
  }
  return at - start;
}
