// What an edit does with whole files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { wholeFiles } from "./whole";

const MOVE = "rename from a.txt\nrename to sub/b.txt\n--- a/sub/b.txt\n+++ b/sub/b.txt\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n";
const CREATE = "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,2 @@\n+x\n+--- /dev/null\n";
const DELETE = "--- a/old.txt\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n--- /dev/null\n";

test("files that are moved, made and deleted are told", () => {
  const all = [MOVE, CREATE, "--- a/kept.txt\n+++ b/kept.txt\n@@ -1 +1 @@\n-x\n+y\n", DELETE].join("");
  assert.deepEqual(wholeFiles(all).map(({ text }) => text), ["rename a.txt → sub/b.txt", "create new.txt", "delete old.txt"]);
});

test("text of files is none of them", () => {
  const text = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n--- /dev/null\n+++ b/fake\n rename from x\n-rename to y\n+z\n";
  assert.deepEqual(wholeFiles(text), []);
  for (const odd of ["", "@@ -1,900000000 +1 @@", "--- /dev/null", "rename from x"]) assert.deepEqual(wholeFiles(odd), []);
});
