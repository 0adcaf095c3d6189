// The edits of a turn: change sets and their hunks, from the log's items and from what the server reads of them now.
// Paths of the log are absolute; what is shown is relative to a workspace folder.

import type { Hunk, HunkState } from "@protocol";
import { fields, list, number, oneOf, text, type Fields } from "./read";
import type { Edits, Turn, TurnHunk } from "./model";

const STATES = ["pending", "amended", "undone", "kept", "rejected"] as const;
const PARTS = ["lines", "create", "delete", "move"] as const;

function normal(path: string): string {
  return path.replaceAll("\\", "/");
}

/** The path as it is shown: relative to the root it lies in. */
export function shortPath(path: string, roots: readonly string[]): string {
  const whole = normal(path);
  for (const root of roots) {
    const folder = normal(root).replace(/\/+$/, "") + "/";
    if (folder.length > 1 && whole.startsWith(folder)) return whole.slice(folder.length);
  }
  return whole;
}

function recorded(value: unknown, roots: readonly string[]): TurnHunk | undefined {
  const one = fields(value);
  const id = text(one["id"]);
  if (id === "") return undefined;
  const verdict = text(fields(one["verdict"])["is"]);
  const place = fields(one["place"]);
  const base = text(one["base"]);
  const proposed = text(one["proposed"]);
  const current = typeof one["current"] === "string" ? one["current"] : undefined;
  const line = place["line"];
  const stands = state(verdict, { base, proposed, current });
  return {
    id,
    path: shortPath(text(one["path"]), roots),
    part: oneOf(fields(one["part"])["kind"], PARTS, "lines"),
    state: stands,
    base,
    proposed: stands === "amended" ? (current ?? proposed) : proposed,
    ...(typeof line === "number" && { line }),
  };
}

function state(verdict: string, texts: { base: string; proposed: string; current: string | undefined }): TurnHunk["state"] {
  if (verdict === "merged") return "merged";
  if (verdict === "kept" || verdict === "rejected") return verdict;
  if (texts.current === undefined || texts.current === texts.proposed) return "pending";
  return texts.current === texts.base ? "undone" : "amended";
}

/** Whether it waits for a decision. */
export function isOpen(hunk: { readonly state: HunkState | "merged" }): boolean {
  return hunk.state === "pending" || hunk.state === "amended";
}

/** Whether its change stands in the file. */
function stands(hunk: TurnHunk): boolean {
  return isOpen(hunk) || hunk.state === "kept";
}

function replaced(hunks: readonly TurnHunk[], changed: readonly TurnHunk[]): readonly TurnHunk[] {
  const news = new Map(changed.map((hunk) => [hunk.id, hunk]));
  const merged = hunks.map((old) => {
    const hunk = news.get(old.id);
    news.delete(old.id);
    return hunk === undefined ? old : { ...old, ...hunk };
  });
  return news.size === 0 ? merged : [...merged, ...news.values()];
}

function withSet(turn: Turn, id: string, change: (old: Edits) => Edits): Turn {
  const at = turn.edits.findIndex((one) => one.id === id);
  const old = turn.edits[at] ?? { id, state: "intended" as const, hunks: [] };
  const edits = at < 0 ? [...turn.edits, change(old)] : turn.edits.with(at, change(old));
  return { ...turn, edits };
}

/** The turn that an item belongs to: what becomes of edits is recorded in later turns, too. */
export function turnOf(turns: readonly Turn[], item: Fields): string {
  const own = text(item["turn"]);
  const id = item["kind"] === "changeSet" ? text(item["changeSet"]) : "";
  if (id === "") return own;
  return turns.find((turn) => turn.edits.some((edits) => edits.id === id))?.id ?? own;
}

/** The turn with an item of the kind `changeSet` taken in. */
export function takeChangeSet(turn: Turn, item: Fields, roots: readonly string[]): Turn {
  const id = text(item["changeSet"]);
  if (id === "") return turn;
  const state = fields(item["state"]);
  const hunks = list(state["hunks"]).flatMap((one) => recorded(one, roots) ?? []);
  switch (state["is"]) {
    case "intended":
      // An undo or a redo has no hunks of its own: it is told of by those it changes.
      return hunks.length === 0 ? turn : withSet(turn, id, (old) => ({ ...old, hunks }));
    case "reviewed":
      return { ...turn, edits: turn.edits.map((one) => reviewed(one, hunks)) };
    case "committed":
    case "undone":
      return marked(turn, id, { state: state["is"] });
    case "failed":
      return marked(turn, id, { state: "failed", message: text(state["message"]) });
    default:
      return turn;
  }
}

function reviewed(edits: Edits, hunks: readonly TurnHunk[]): Edits {
  const own = hunks.filter((hunk) => edits.hunks.some((old) => old.id === hunk.id));
  return own.length === 0 ? edits : { ...edits, hunks: replaced(edits.hunks, own) };
}

function marked(turn: Turn, id: string, change: Partial<Edits>): Turn {
  return turn.edits.some((one) => one.id === id) ? withSet(turn, id, (old) => ({ ...old, ...change })) : turn;
}

/** A hunk as the server reads it now. */
export function shownHunk(hunk: Hunk): TurnHunk {
  const stands = oneOf(hunk.state, STATES, "pending");
  return {
    id: hunk.id,
    path: hunk.path,
    uri: hunk.uri,
    part: oneOf(fields(hunk.part)["kind"], PARTS, "lines"),
    state: stands,
    base: text(hunk.base),
    proposed: text(stands === "amended" ? (hunk.current ?? hunk.proposed) : hunk.proposed),
    ...(hunk.range && { line: number(hunk.range.start.line) + 1 }),
  };
}

/** The turn with its hunks as the server reads them now. */
export function takeHunks(turn: Turn, hunks: readonly TurnHunk[]): Turn {
  const edits = turn.edits.map((one) => reviewed(one, hunks));
  return edits.every((one, at) => one === turn.edits[at]) ? turn : { ...turn, edits };
}

/** A file that a turn changed. */
export interface FileEdits {
  readonly path: string;
  readonly uri?: string;
  readonly part: TurnHunk["part"];
  readonly added: number;
  readonly removed: number;
  /** Hunks that wait for a decision. */
  readonly open: number;
  readonly hunks: readonly TurnHunk[];
}

/** How many lines a text has. */
export function lineCount(value: string): number {
  if (value === "") return 0;
  let count = value.endsWith("\n") ? 0 : 1;
  for (let at = value.indexOf("\n"); at >= 0; at = value.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Lines that came and went, common ones at both ends left out. */
export function lineChange(base: string, proposed: string): { readonly added: number; readonly removed: number } {
  const [before, after] = [base.split("\n"), proposed.split("\n")];
  let same = 0;
  const most = Math.min(before.length, after.length);
  while (same < most && before[same] === after[same]) same += 1;
  let tail = 0;
  while (tail < most - same && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const rest = (lines: readonly string[]): number => lineCount(lines.slice(same, lines.length - tail).join("\n"));
  return { added: rest(after), removed: rest(before) };
}

/** The files that edits are in, as they stand; edits that failed are left out. */
export function fileEdits(sets: readonly Edits[]): readonly FileEdits[] {
  const files = new Map<string, FileEdits>();
  for (const set of sets) {
    if (set.state === "failed") continue;
    for (const hunk of set.hunks) {
      if (hunk.state === "merged") continue;
      const old = files.get(hunk.path) ?? { path: hunk.path, part: hunk.part, added: 0, removed: 0, open: 0, hunks: [] };
      const change = stands(hunk) ? lineChange(hunk.base, hunk.proposed) : { added: 0, removed: 0 };
      files.set(hunk.path, {
        ...old,
        ...(hunk.uri !== undefined && { uri: hunk.uri }),
        part: old.part === "lines" ? hunk.part : old.part,
        added: old.added + change.added,
        removed: old.removed + change.removed,
        open: old.open + (isOpen(hunk) ? 1 : 0),
        hunks: [...old.hunks, hunk],
      });
    }
  }
  return [...files.values()];
}
