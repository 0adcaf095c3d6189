// What models wrote, on VS Code's own surfaces.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filled, nested } from "../src/nested";
import { ago, cut, dollars, fenced, inert, plain, tokens } from "../src/text";

/** How VS Code finds links in notifications (`parseLinkedText`). */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/;

test("no text of a model is a link in a notification", () => {
  for (const text of [
    "[Allow](command:evil)",
    "[a](https://x.example)",
    "[[a](command:x)](command:y)",
    "[a]](command:x)",
    "[a\n](command:x)",
    "[a] (command:x)",
  ]) {
    assert.doesNotMatch(inert(text), LINK, text);
  }
  assert.match("[Allow](command:glossator.approve?%5B%5D)", LINK);
  assert.equal(inert("a [b] (c)"), "a [b] (c)");
  assert.equal([...inert("é🙂".repeat(2000))].length, 900);
});

test("no text of a model is an icon or breaks a line", () => {
  assert.equal(plain("$(trash) a\n\tb\u202e\u0000c"), "$ (trash) a b c");
  assert.equal(plain("x".repeat(500)).length, 200);
});

test("a fenced text cannot leave its fence", () => {
  assert.equal(fenced("a"), "```\na\n```\n");
  assert.equal(fenced("```\n# out\n````\n", "md"), "`````md\n```\n# out\n````\n`````\n");
});

test("numbers and times", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_949, 999_950, 1_200_000].map(tokens), [
    "0",
    "999",
    "1k",
    "12.3k",
    "999.9k",
    "1M",
    "1.2M",
  ]);
  assert.deepEqual([0, 1234, 120_000, 2_500_000].map(dollars), ["$0.00", "$0.0012", "$0.12", "$2.50"]);
  assert.deepEqual(
    [0, 90_000, 2 * 3_600_000, 30 * 3_600_000].map((past) => ago(0, past)),
    ["just now", "1 min ago", "2 h ago", "yesterday"],
  );
  assert.equal(cut("abcdef", 4), "abc…");
});

test("what is empty is not set, however deep", () => {
  for (const empty of [undefined, null, "", {}, { a: "" }, { a: { b: null, c: {} } }]) {
    assert.equal(filled(empty), undefined, JSON.stringify(empty));
  }
  assert.deepEqual(filled({ a: { base_url: "", wire: "chat", n: 0, on: false, list: [] }, b: { key_env: "" } }), {
    a: { wire: "chat", n: 0, on: false, list: [] },
  });
  assert.deepEqual(filled(["", null]), ["", null]);
});

test("dotted keys become tables", () => {
  assert.equal(
    JSON.stringify(
      nested([
        ["a.b.c", 1],
        ["a.d", [2]],
        ["e", { f: 3 }],
        ["a.b.g", null],
      ]),
    ),
    '{"a":{"b":{"c":1,"g":null},"d":[2]},"e":{"f":3}}',
  );
  assert.equal(
    JSON.stringify(
      nested([
        ["a", 1],
        ["a.b", 2],
      ]),
    ),
    '{"a":{"b":2}}',
  );
  nested([["__proto__.polluted", true]]);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});
