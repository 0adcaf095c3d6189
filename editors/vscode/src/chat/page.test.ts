// The page's policy, what it may ask for, and batches of updates.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch } from "./batch";
import { html, policy } from "./html";
import { EDITOR_COMMANDS, PAGE_REQUESTS, SERVER_COMMANDS } from "./messages";

const PAGE = { source: "https://source.test", nonce: "n0nce", script: "https://source.test/main.js", style: "https://source.test/main.css" };

test("the policy allows our script and style, data images, and nothing else", () => {
  const rules = Object.fromEntries(policy(PAGE).split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1)]));
  assert.deepEqual(rules, {
    "default-src": ["'none'"],
    "script-src": ["'nonce-n0nce'"],
    "style-src": ["https://source.test"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "require-trusted-types-for": ["'script'"],
  });
});

test("the page has no script of its own and no handlers", () => {
  const page = html({ ...PAGE, script: 'x" onload="alert(1)' });
  assert.equal([...page.matchAll(/<script\b[^>]*>/g)].length, 1);
  assert.match(page, /<script nonce="n0nce" src="[^"]*"><\/script>/);
  assert.doesNotMatch(page, /\son\w+="/);
});

test("what deletes, trusts, signs in or grants is nothing the page may ask for itself", () => {
  const all = [...PAGE_REQUESTS, ...SERVER_COMMANDS, ...EDITOR_COMMANDS].join(" ");
  assert.doesNotMatch(all, /session\/delete|session\/import|trust\/set|auth\/log|grants|approve|glossator\.deleteSession|glossator\.login/);
});

test("a batch keeps the order, waits while it is held, and loses nothing", async () => {
  const got: number[][] = [];
  const batch = new Batch<number>(5, (some) => got.push([...some]));
  batch.add(1);
  batch.add(2);
  batch.flush();
  batch.hold();
  batch.add(3);
  await new Promise((done) => setTimeout(done, 15));
  assert.deepEqual(got, [[1, 2]]);
  batch.release();
  batch.add(4);
  await new Promise((done) => setTimeout(done, 15));
  assert.deepEqual(got, [[1, 2], [3], [4]]);
  batch.add(5);
  batch.clear();
  await new Promise((done) => setTimeout(done, 15));
  assert.equal(got.length, 3);
});
