// Where links lead, and which lead nowhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { looksLikeFile, target } from "./links";

const CASES: readonly (readonly [string, ReturnType<typeof target>])[] = [
  ["https://example.com/a?b#c", { kind: "web", url: "https://example.com/a?b#c" }],
  ["HTTP://EXAMPLE.com", { kind: "web", url: "http://example.com/" }],
  ["src/walk.rs", { kind: "file", path: "src/walk.rs" }],
  ["src/walk.rs:12", { kind: "file", path: "src/walk.rs", line: 12 }],
  ["src/walk.rs:12:5", { kind: "file", path: "src/walk.rs", line: 12 }],
  ["src/walk.rs:12-20", { kind: "file", path: "src/walk.rs", line: 12, endLine: 20 }],
  ["src/walk.rs#L3", { kind: "file", path: "src/walk.rs", line: 3 }],
  ["src/walk.rs#L3-L9", { kind: "file", path: "src/walk.rs", line: 3, endLine: 9 }],
  ["src/a%20b.rs", { kind: "file", path: "src/a b.rs" }],
  ["README.md#usage", { kind: "file", path: "README.md" }],
  ["file:///project/a.rs#L2", { kind: "file", path: "/project/a.rs", line: 2 }],
  ["file:///C:/project/a.rs", { kind: "file", path: "C:/project/a.rs" }],
  ["C:\\project\\a.rs:4", { kind: "file", path: "C:\\project\\a.rs", line: 4 }],
];

const NOWHERE = [
  "", " ", "#top", "?q", "javascript:alert(1)", " javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "command:workbench.action.quit", "vscode://file/x", "vscode-insiders://x", "data:text/html,x",
  "vbscript:x", "blob:x", "ftp://x", "ssh://x", "mailto:a@b", "//evil.example/x", "\\\\evil\\x", "file://evil.example/x", "file:////evil.example/x", "https://user@evil.example", "https://a:b@evil.example", "http://", "%E0%A4%A",
  `https://a.example/${"x".repeat(3000)}`, "src/a\u0000.rs", "%2F%2Fevil.example/share", "file:///%2Fevil.example/x", "javascript\n:x", "%6aavascript:alert(1)", "a\ufffd.rs", "%68ttps://evil.example",
];

test("links lead to the web or to a file", () => {
  for (const [href, to] of CASES) assert.deepEqual(target(href), to, href);
});

test("or nowhere", () => {
  for (const href of NOWHERE) assert.deepEqual(target(href), { kind: "none" }, JSON.stringify(href));
});

test("code that names a file is told from other code", () => {
  for (const code of ["src/walk.rs", "src/walk.rs:3", "a.rs:3", "./x/y.ts", "packages/@scope/a/index.d.ts"]) assert.ok(looksLikeFile(code), code);
  for (const code of ["walk", "a.b", "x.y()", "self.count", "http://a.b/c.d", "npm run x/y.z --w", "../../etc/passwd", "a/b", "/etc/hosts.txt\n"]) assert.ok(!looksLikeFile(code), code);
});
