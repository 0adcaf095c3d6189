// Markdown as a tree: what it becomes, and that nothing a model writes becomes anything else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse, words, type Node } from "./markdown";

function tree(text: string): readonly Node[] {
  return parse(text).map(({ node }) => node);
}

const TAGS = new Set("p h1 h2 h3 h4 h5 h6 ul ol li blockquote em strong s table thead tbody tr th td hr br code fence a".split(" "));
const FIELDS = new Set(["tag", "children", "start", "align", "text", "info", "href"]);

/** Throws where a tree holds anything but the known elements with their known fields. */
function check(node: Node, text: string): void {
  if (typeof node === "string") return;
  assert.ok(TAGS.has(node.tag), `${node.tag} of ${text}`);
  for (const key of Object.keys(node)) assert.ok(FIELDS.has(key), `${key} of ${text}`);
  if (node.tag === "a") assert.match(node.href, /^(?:https?:\/\/|file:|[^:]*$|[^:]+:\d|[a-z]:[\\/])/i, text);
  if ("start" in node) assert.equal(typeof node.start, "number");
  if ("children" in node) for (const child of node.children) check(child, text);
}

describe("Markdown", () => {
  test("becomes known elements", () => {
    assert.deepEqual(tree("# One *two*"), [{ tag: "h1", children: ["One ", { tag: "em", children: ["two"] }] }]);
    assert.deepEqual(tree("3. a\n4. b"), [
      { tag: "ol", start: 3, children: [{ tag: "li", children: ["a"] }, { tag: "li", children: ["b"] }] },
    ]);
    assert.deepEqual(tree("```rust src/a.rs\nlet x;\n```"), [{ tag: "fence", info: "rust src/a.rs", text: "let x;\n" }]);
    assert.deepEqual(tree("[a](src/a.rs#L3)"), [{ tag: "p", children: [{ tag: "a", href: "src/a.rs#L3", children: ["a"] }] }]);
    assert.equal(words(tree("|a|b|\n|-|:-:|\n|1|2|")[0] ?? ""), "ab12");
  });

  test("keeps the lines of each block, so that equal blocks are told", () => {
    const text = "one\n\n- two\n- three\n\n```\nfour\n```\nfive";
    assert.deepEqual(parse(text).map(({ source }) => source), ["one", "- two\n- three\n", "```\nfour\n```", "five"].map((source, at) => (at === 1 ? "- two\n- three\n" : source)));
  });

  test("half a fence is code already", () => {
    assert.deepEqual(tree("```ts\nconst x"), [{ tag: "fence", info: "ts", text: "const x" }]);
  });
});

describe("what a model wrote", () => {
  const NASTY = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))", "[x](command:workbench.action.terminal.new)", "[x](vscode://file/etc/passwd)", "[x](data:text/html,<script>alert(1)</script>)",
    "![x](http://evil.example/pixel.png)", "![x](javascript:alert(1))", "<https://a.example>", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]", "[x](//evil.example/share)", "[x](\\\\evil\\share)",
    "[x](file://evil.example/share)", "<svg onload=alert(1)>", "<iframe src=//evil.example>", "[x](https://user:pass@evil.example)", "http://[::1", "[x](vbscript:x)", "`<b>`", "&lt;script&gt;", "|<b>|\n|-|\n|<i onclick=x>|",
    "<style>*{display:none}</style>", "[x](http://a.example \"onclick=alert(1)\")", "<!-- x -->", "<?php ?>", "]]>", "\u0000[x](javascript\u0000:x)", "[x](\u0001javascript:x)", "[x](%6aavascript:alert(1))",
  ];

  test("never becomes anything but text and known elements", () => {
    for (const text of NASTY) for (const node of tree(text)) check(node, text);
  });

  test("nor do its pieces in any order", () => {
    const pieces = [...NASTY, "\n", "\n\n", "> ", "- ", "1. ", "    ", "```", "`", "*", "**", "[", "](", ")", "|", "<", ">", "\\", "#", "~~", "![", "é𝄞\u202e"];
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    for (let round = 0; round < 3000; round += 1) {
      const text = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join("");
      for (const { node, source } of parse(text)) {
        check(node, text);
        assert.equal(typeof source, "string");
      }
    }
  });

  test("pictures are not loaded, and links that lead nowhere show where", () => {
    assert.deepEqual(tree("![pixel](http://evil.example/p.png)"), [{ tag: "p", children: [{ tag: "a", href: "http://evil.example/p.png", children: ["[image: pixel]"] }] }]);
    assert.deepEqual(tree("[click](command:x)"), [{ tag: "p", children: ["click (command:x)"] }]);
  });

  test("deep nesting and long lines end", () => {
    const began = performance.now();
    for (const text of [">".repeat(5000), "[".repeat(5000), "*a".repeat(5000), "- ".repeat(3000), "x".repeat(1_000_000), "`".repeat(5000), "http://a.b/".repeat(3000)]) {
      for (const node of tree(text)) check(node, text.slice(0, 20));
    }
    assert.ok(performance.now() - began < 10_000);
  });
});
