// The small pure parts: numbers, calls, texts of others, diffs, completion, drafts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Input, PromptItem } from "@protocol";
import { accept, mention, offset, position, wants } from "./completing";
import { diffLines, replacement } from "./difflines";
import { appended, imageProblem, input, keptDraft, keptDrafts, NO_DRAFT, places, recalled, selectionKey, sent, takenBack, TEXT } from "./draft";
import { lineChange, lineCount, shortPath } from "./edits";
import { ago, bytes, callTitle, duration, money, oneLine, patched, reasonOf, tokens } from "./format";
import { withoutScripts } from "./items";
import { head, plain, tail, terminal } from "./shown";

describe("numbers and calls", () => {
  test("read as people write them", () => {
    assert.deepEqual([0, 950, 1000, 12_345, 99_960, 200_000, 999_600, 1_234_567].map(tokens), ["0", "950", "1k", "12.3k", "100k", "200k", "1M", "1.2M"]);
    assert.deepEqual([5, 1234, 59_940, 60_000, 125_000, 3_840_000].map(duration), ["5 ms", "1.2 s", "59.9 s", "1 min", "2 min 5 s", "1 h 4 min"]);
    assert.deepEqual([100, 12_300, 1_500_000].map((microUsd) => money({ microUsd, pricesOf: "" })), ["$0.0001", "$0.012", "$1.50"]);
    assert.equal(money(undefined), "");
    assert.deepEqual([999, 48_200, 2_500_000].map(bytes), ["999 B", "48.2 kB", "2.5 MB"]);
    assert.deepEqual([0, 5 * 60_000, 3 * 3_600_000, 49 * 3_600_000].map((past) => ago(1e12 - past, 1e12)), ["now", "5 min ago", "3 h ago", "2 d ago"]);
  });

  test("calls are named by what they do", () => {
    const title = (name: string, args: unknown) => Object.values(callTitle(name, args)).join(" ");
    assert.equal(title("readFile", { path: "src/a.rs" }), "Read src/a.rs");
    assert.equal(title("exec", { command: ["npm", "test", "a b"] }), "Run npm test 'a b'");
    assert.equal(title("exec", { command: ["bash", "-lc", "ls | wc"] }), "Run ls | wc");
    assert.equal(title("applyPatch", { patch: "*** Begin Patch\n*** Update File: a.rs\n*** Add File: b.rs\n" }), "Edit a.rs, b.rs");
    assert.equal(title("constructor", null), "constructor ");
    assert.equal(title("mcp.x", { n: 1, q: "words" }), "mcp.x words");
    assert.deepEqual(patched("--- a/x.rs\n+++ b/x.rs\n"), ["x.rs"]);
    assert.equal(oneLine("a\n  b\tc", 4), "a b…");
  });

  test("the reason of a refusal is not behind the call", () => {
    assert.equal(reasonOf("applyPatch a.txt was refused: the policy is read-only"), "refused: the policy is read-only");
    assert.equal(reasonOf("the user did not allow exec make and said: not here\nnever"), "not allowed: not here\nnever");
    assert.equal(reasonOf("the user did not allow exec make"), "not allowed");
    assert.equal(reasonOf("there is no file a"), "there is no file a");
  });

  test("scripts are taken out of answers", () => {
    assert.equal(withoutScripts("a\n<tool-calls>\nx\n</tool-calls>\nb"), "a\n\nb");
    assert.equal(withoutScripts("a\n<tool-calls>\nx"), "a");
    assert.equal(withoutScripts("only words"), "only words");
  });
});

describe("texts of others", () => {
  test("what nobody sees is shown", () => {
    assert.equal(plain("rm \u202e -rf\u200b"), "rm <U+202E> -rf<U+200B>");
    assert.equal(plain("tab\tand\nline, é 𝄞 👩‍👩‍👧"), "tab\tand\nline, é 𝄞 👩‍👩‍👧");
    assert.equal(plain("\u0007\u001b\u{e0041}"), "<U+0007><U+001B><U+E0041>");
  });

  test("colours are taken out, lines written over are shown as they ended", () => {
    assert.equal(terminal("\u001b[31mred\u001b[0m \u001b]0;title\u0007x"), "red x");
    assert.equal(terminal("10%\r50%\r100%\ndone\r\n"), "100%\ndone\n");
  });

  test("long ones are cut, and say by how much", () => {
    assert.deepEqual(head("abcdef", 4), { text: "abcd", left: 2 });
    assert.deepEqual(tail("abcdef", 4), { text: "cdef", left: 2 });
    const line = head("x".repeat(10_000), 20_000);
    assert.ok(line.text.length < 4100 && line.text.endsWith("(6000 more characters)"));
  });

  test("paths are short where they can be", () => {
    assert.equal(shortPath("/project/src/a.rs", ["/other", "/project/"]), "src/a.rs");
    assert.equal(shortPath("/projector/a.rs", ["/project"]), "/projector/a.rs");
    assert.equal(shortPath("C:\\work\\a.rs", ["C:\\work"]), "a.rs");
  });
});

describe("diffs", () => {
  test("lines are told apart", () => {
    assert.deepEqual(diffLines("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n").map(({ kind }) => kind), ["head", "head", "head", "removed", "added", "same"]);
  });

  test("a text in the place of another shows what differs", () => {
    assert.deepEqual(replacement("a\nb\nc\n", "a\nx\ny\nc\n").map(({ text }) => text), [" a", "-b", "+x", "+y", " c"]);
    assert.deepEqual(replacement("", "n\n").map(({ text }) => text), ["+n"]);
    assert.deepEqual(lineChange("a\nb\nc\n", "a\nx\ny\nc\n"), { added: 2, removed: 1 });
    assert.deepEqual([lineCount(""), lineCount("a"), lineCount("a\n"), lineCount("a\n\n")], [0, 1, 1, 2]);
  });
});

describe("completion", () => {
  const item = (insertText: string, from: number, to: number, kind: PromptItem["kind"] = "file"): PromptItem => ({
    label: insertText, kind, insertText, range: { start: { line: 1, character: from }, end: { line: 1, character: to } },
  });

  test("is asked for where something can be completed", () => {
    for (const before of ["@", "look @sr", "(@a", "/", "/com", "@src/a.rs#wa", '@"a b', "x\n@y", "@session:01"]) assert.ok(wants(before), before);
    for (const before of ["", "mail@host", "look", "a /b", "@a ", "/compact ", "x@"]) assert.ok(!wants(before), before);
  });

  test("places count UTF-16, in lines", () => {
    const text = "é𝄞\nlook @wa\n";
    for (const at of [0, 1, 3, 4, 9, 12, text.length]) assert.equal(offset(text, position(text, at)), at);
    assert.equal(offset(text, { line: 0, character: 99 }), 3);
    assert.equal(offset(text, { line: 9, character: 0 }), text.length);
  });

  test("what is chosen stands in the place of what was written", () => {
    assert.deepEqual(accept("x\nlook @wa", item("@src/walk.rs", 5, 8)), { text: "x\nlook @src/walk.rs ", cursor: 20 });
    assert.deepEqual(accept("x\nlook @wa now", item("@a", 5, 8)), { text: "x\nlook @a now", cursor: 10 });
    assert.deepEqual(accept("x\n@s", item("@src/", 0, 2, "folder")), { text: "x\n@src/", cursor: 7 });
    assert.equal(mention("a b.rs"), '@"a b.rs"');
  });
});

describe("drafts", () => {
  const selection = { uri: "file:///project/a.rs", path: "a.rs", range: { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } }, lines: [2, 3] as const };
  const image = { mediaType: "image/png", data: "AAAA", name: "a.png" };

  test("become what is sent: words, places, images", () => {
    assert.deepEqual(input({ ...NO_DRAFT, text: " do it \n", images: [image] }, selection), [
      { kind: "text", text: "do it" },
      { kind: "mention", uri: selection.uri, range: selection.range },
      { kind: "image", ...image },
    ]);
    assert.deepEqual(input(NO_DRAFT, selection), []);
    assert.deepEqual(input({ ...NO_DRAFT, text: "x", without: selectionKey(selection) }, selection), [{ kind: "text", text: "x" }]);
    assert.equal(places({ ...NO_DRAFT, places: [selection] }, selection).length, 1);
  });

  test("keep what was written while they were sent", () => {
    const what = { ...NO_DRAFT, text: "first", images: [image] };
    assert.deepEqual(sent({ ...what, text: "first and more" }, what), { ...NO_DRAFT, text: " and more" });
    assert.equal(sent({ ...what, text: "other" }, what).text, "other");
  });

  test("are kept for each session, the newest ones", () => {
    let kept: unknown = {};
    for (let at = 0; at < 60; at += 1) kept = keptDrafts(kept, `s${at}`, `words ${at}`);
    assert.equal(Object.keys(kept as object).length, 40);
    assert.equal(keptDraft(kept, "s59").text, "words 59");
    assert.equal(keptDraft(keptDrafts(kept, "s59", " "), "s59"), NO_DRAFT);
    for (const odd of [null, 5, { s: 5 }, { s: null }]) assert.equal(keptDraft(odd, "s").text, "");
    assert.equal(keptDraft({}, "constructor"), NO_DRAFT);
  });

  test("take back what waited", () => {
    const long = "x".repeat(900_000);
    const waited: Input[] = [
      { kind: "text", text: "queued" },
      { kind: "mention", uri: selection.uri, range: selection.range },
      { kind: "mention", uri: "file:///project/b%20c.rs" },
      { kind: "text", text: long },
      { kind: "image", mediaType: "image/png", data: "AAAA" },
    ];
    const back = takenBack(appended(NO_DRAFT, "mine"), waited, ["/project"]);
    assert.equal(back.text, "mine\n\nqueued");
    assert.deepEqual(back.images.map(({ mediaType, data }) => [mediaType, data.length]), [[TEXT, long.length], ["image/png", 4]]);
    assert.deepEqual(back.places.map(({ path, lines }) => [path, lines]), [["a.rs", selection.lines], ["b c.rs", [1, 1]]]);
    // Sent again it is the same, but for the order.
    const again = input({ ...back, text: "queued" }, null);
    assert.deepEqual(again.map((part) => JSON.stringify(part)).sort(), waited.map((part) => JSON.stringify(part.kind === "image" ? { ...part, name: "" } : part)).sort());
  });

  test("words of before come back without what lay beside them", () => {
    assert.equal(recalled([{ kind: "mention", uri: "file:///a" }, { kind: "text", text: "do it" }, { kind: "text", text: "long" }]), "do it");
    assert.equal(recalled([{ kind: "text", text: "x".repeat(11_999) + "𝒳" }]).length, 11_999);
    assert.equal(recalled([]), "");
  });

  test("images are looked at before they go along", () => {
    const file = { type: "image/png", size: 10, name: "a.png" };
    assert.equal(imageProblem(file, 0), "");
    assert.match(imageProblem({ ...file, type: "image/svg+xml" }, 0), /no PNG/);
    assert.match(imageProblem({ ...file, size: 6 * 1024 * 1024 }, 0), /6\.0 MB/);
    assert.match(imageProblem(file, 10), /At most 10/);
  });
});
