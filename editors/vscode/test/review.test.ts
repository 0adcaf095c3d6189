// Hunks as marks in an editor, and the text before them.

import type { Hunk, HunkState } from "@protocol";
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseText } from "../src/review/base";
import { marks, touches } from "../src/review/marks";

/** A hunk from `[line, character]` to `[line, character]`. */
function hunk(start: [number, number], end: [number, number], base: string, more: Partial<Hunk> = {}): Hunk {
  const place = ([line, character]: [number, number]) => ({ line, character });
  return {
    id: "C1.1",
    turnId: "T-1",
    uri: "file:///a",
    path: "a",
    state: "pending",
    base,
    proposed: "x\n",
    range: { start: place(start), end: place(end) },
    ...more,
  };
}

test("the text before the hunks", () => {
  const check = (text: string, hunks: Hunk[], expected: string) => assert.equal(baseText(text, hunks), expected);
  check("a\nX\nc\n", [hunk([1, 0], [2, 0], "b\n")], "a\nb\nc\n");
  check("a\nc\n", [hunk([1, 0], [1, 0], "b\n")], "a\nb\nc\n");
  check("a\nX\nY\n", [hunk([1, 0], [3, 0], "")], "a\n");
  check("X\r\nb\r\nY\r\n", [hunk([2, 0], [3, 0], "c\r\n"), hunk([0, 0], [1, 0], "a\r\n")], "a\r\nb\r\nc\r\n");
  check("a\rX\rc", [hunk([1, 0], [2, 0], "b\r")], "a\rb\rc");
  check("a\nX", [hunk([1, 0], [1, 1], "b")], "a\nb");
  check("new\n", [hunk([0, 0], [1, 0], "", { part: { kind: "create" } })], "");
  check("🙂X\n", [hunk([0, 2], [0, 3], "é")], "🙂é\n");
});

test("what does not stand in the text is left alone", () => {
  const states: [HunkState, string][] = [
    ["pending", "b\n"],
    ["amended", "b\n"],
    ["kept", "b\n"],
    ["rejected", "X\n"],
    ["undone", "X\n"],
  ];
  for (const [state, expected] of states) {
    assert.equal(baseText("X\n", [hunk([0, 0], [1, 0], "b\n", { state })]), expected, state);
  }
  const { range: _, ...lost } = hunk([0, 0], [1, 0], "b\n");
  assert.equal(baseText("X\n", [lost]), "X\n");
  assert.equal(baseText("X\n", [hunk([0, 0], [1, 0], "b\n", { part: { kind: "move", from: "file:///b" } })]), "X\n");
});

test("places beyond the text and places that overlap do no harm", () => {
  assert.equal(baseText("a\n", [hunk([7, 0], [9, 0], "z\n")]), "a\nz\n");
  assert.equal(baseText("a\nb\nc\n", [hunk([0, 0], [2, 0], "1\n"), hunk([1, 0], [3, 0], "2\n")]), "1\nc\n");
});

test("marks", () => {
  const check = (one: Hunk, expected: object[]) => assert.deepEqual(marks([one], 10), expected);
  check(hunk([2, 0], [4, 0], "old\nold2\n"), [{ kind: "changed", first: 2, last: 3, was: "was: old (+1 more)" }]);
  check(hunk([2, 0], [3, 0], ""), [{ kind: "added", first: 2, last: 2, was: "" }]);
  check(hunk([2, 0], [2, 0], "gone\n"), [{ kind: "removed", first: 2, last: 2, was: "removed: gone" }]);
  check(hunk([10, 0], [10, 0], "\n"), [{ kind: "removed", first: 9, last: 9, was: "removed: an empty line" }]);
  check(hunk([9, 0], [9, 4], "old"), [{ kind: "changed", first: 9, last: 9, was: "was: old" }]);
  check(hunk([0, 0], [10, 0], "", { part: { kind: "create" } }), [{ kind: "added", first: 0, last: 0, was: "" }]);
  check(hunk([2, 0], [4, 0], "old\n", { state: "kept" }), []);
  const [long] = marks([hunk([0, 0], [1, 0], `\t${"x".repeat(500)}\u0007\n`)], 1);
  assert.equal(long?.was.length, "was: ".length + 80);
});

test("the hunk at a line", () => {
  const one = hunk([2, 0], [4, 0], "old\n");
  assert.deepEqual(
    [1, 2, 3, 4].map((line) => touches(one, line)),
    [false, true, true, false],
  );
  assert.equal(touches(hunk([2, 0], [2, 0], "old\n"), 2), true);
  assert.equal(touches({ ...one, state: "rejected" }, 2), false);
});
