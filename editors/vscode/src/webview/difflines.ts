// Lines of diffs: of a unified diff as it was given, and of two texts that take each other's place. Pure.

/** A line of a diff. */
export interface DiffLine {
  readonly kind: "added" | "removed" | "same" | "head";
  readonly text: string;
}

/** The lines of a unified diff. */
export function diffLines(diff: string): readonly DiffLine[] {
  const lines = diff.replace(/\n$/, "").split("\n");
  return lines.map((text) => ({ kind: kindOf(text), text }));
}

function kindOf(line: string): DiffLine["kind"] {
  if (/^(?:\+\+\+|---|@@|diff |index |new file|deleted file|rename |similarity )/.test(line)) return "head";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "same";
}

function split(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** What becomes of one text in the place of another; equal lines at both ends are shown as such, at most `around` of them. */
export function replacement(base: string, proposed: string, around = 3): readonly DiffLine[] {
  const [before, after] = [split(base), split(proposed)];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const line = (kind: DiffLine["kind"], sign: string) => (text: string): DiffLine => ({ kind, text: sign + text });
  return [
    ...before.slice(Math.max(0, start - around), start).map(line("same", " ")),
    ...before.slice(start, before.length - end).map(line("removed", "-")),
    ...after.slice(start, after.length - end).map(line("added", "+")),
    ...after.slice(after.length - end, after.length - end + around).map(line("same", " ")),
  ];
}
