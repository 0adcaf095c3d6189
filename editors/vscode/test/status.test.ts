// The status bar in words, and what it is made of.

import type { ReadSessionResult, Update } from "@protocol";
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING, opened, type Standing, updated } from "../src/status/tracker";
import { details, item, type Seen } from "../src/status/words";

const session = { id: "s", title: "Parser", createdAt: 0, updatedAt: 0, model: "demo/x" };
const read: ReadSessionResult = { session, seq: 1, asks: [], settings: { model: "demo/x", pack: "core", policy: "ask" } };
const usage = { input: 1000, cacheRead: 11_000, cacheWrite: 0, output: 250, reasoning: 0 };

function after(...updates: [string | undefined, Update][]): Standing {
  return updates.reduce(
    (standing, [turnId, update], index) =>
      updated(standing, { sessionId: "s", seq: index, update, ...(turnId ? { turnId } : {}) }),
    opened(read),
  );
}

function seen(standing: Standing, more: Partial<Seen> = {}): Seen {
  return { server: { kind: "ready" }, standing, asks: 0, hunks: 0, signedIn: true, ...more };
}

const task = (state: "running" | "done"): Update => ({
  kind: "task",
  sessionId: "s",
  id: "S1.2",
  tool: "exec",
  line: "make",
  state,
  startedAt: 0,
});

test("a turn from its begin to its end", () => {
  const started: [string, Update] = ["T-3", { kind: "turnStarted" }];
  assert.equal(item(seen(after(started))).text, "$(sync~spin) T-3: thinking");
  const working: [string, Update] = ["T-3", { kind: "itemStarted", item: { kind: "script", id: "script" } }];
  assert.equal(item(seen(after(started, working))).text, "$(sync~spin) T-3: writes a script");
  const named: [string, Update] = [
    "T-3",
    { kind: "itemStarted", item: { kind: "toolCall", id: "c1", title: "exec $(rm) make\n" } },
  ];
  assert.equal(item(seen(after(started, named))).text, "$(sync~spin) T-3: exec $ (rm) make");
  const call = (name: string, args: unknown): [string, Update] => ["T-3", { kind: "itemCompleted", item: { id: 5, turn: "T-3", round: 1, at: 0, kind: "toolCall", call: { id: "c1", name, arguments: args } } as never }];
  assert.equal(item(seen(after(started, call("exec", { command: ["cargo", "test"] })))).text, "$(sync~spin) T-3: runs cargo test");
  assert.equal(item(seen(after(started, call("readFile", { path: "a" })))).text, "$(sync~spin) T-3: calls readFile");
  const busy: [string, Update] = [
    "T-3",
    { kind: "notice", level: "warning", text: "scripted answered 429. Retrying 1/5 in 8.0 s." },
  ];
  assert.equal(item(seen(after(started, busy))).text, "$(sync~spin) T-3: waits: retrying 1/5 in 8.0 s");
  assert.equal(item(seen(after(started, ["T-3", { kind: "notice", level: "info", text: "Something else." }]))).text, "$(sync~spin) T-3: thinking");
  const done: [string, Update] = ["T-3", { kind: "turnCompleted", status: "done" }];
  assert.equal(item(seen(after(started, done))).text, "$(comment-discussion) Glossator");
  const failed: [string, Update] = ["T-3", { kind: "turnCompleted", status: "failed" }];
  assert.equal(item(seen(after(started, failed))).text, "$(comment-discussion) Glossator · failed");
  assert.equal(after(started, ["T-2", { kind: "turnCompleted", status: "done" }]).running, "T-3");
});

test("tasks, queue, hunks and questions", () => {
  assert.equal(item(seen(after(["T-1", task("running")]), { hunks: 2 })).text, "$(git-compare) Glossator · 2 hunks · 1 task");
  assert.equal(item(seen(after(["T-1", task("running")], ["T-1", task("done")]))).text, "$(comment-discussion) Glossator");
  assert.equal(
    item(seen(after([undefined, { kind: "queue", prompts: [{ id: "Q1", input: [], at: 0 }] }]))).text,
    "$(comment-discussion) Glossator · 1 queued",
  );
  const asks = item(seen(after(["T-1", { kind: "turnStarted" }]), { asks: 2 }));
  assert.deepEqual(asks, { text: "$(bell-dot) Glossator asks (2)", level: "warning", label: "Glossator asks (2)" });
});

test("without a server, and without a key", () => {
  const text = (kind: Seen["server"]["kind"]) => item(seen(NOTHING, { server: { kind } })).text;
  assert.match(text("missing"), /not installed/);
  assert.match(text("failed"), /does not run/);
  assert.match(text("restarting"), /starts/);
  assert.match(text("stopped"), /Glossator$/);
  assert.match(item(seen(NOTHING, { signedIn: false })).text, /set up/);
  assert.deepEqual(details(seen(NOTHING, { server: { kind: "failed", message: "why" } })), ["why"]);
});

test("details", () => {
  const standing = after(["T-1", { kind: "usage", usage, cost: { microUsd: 12_345, pricesOf: "2026-11-20" } }]);
  assert.deepEqual(details(seen(standing, { hunks: 1 })), [
    "Session: Parser",
    "Model: demo/x",
    "Tools: core · Policy: ask",
    "Latest turn: 12k tokens in (11k cached), 250 out, $0.0123",
    "1 hunk to decide about",
  ]);
  assert.equal(details(seen(NOTHING, { restricted: true }))[1], "Restricted Mode: Glossator only looks");
});

test("what does not concern it changes nothing", () => {
  const standing = after(["T-1", { kind: "turnStarted" }]);
  for (const update of [
    { kind: "itemDelta", stream: "answer", text: "x" },
    { kind: "moon" } as never,
    { kind: "plan", plan: [] },
  ] as Update[]) {
    assert.equal(updated(standing, { sessionId: "s", seq: 9, update }), standing);
  }
});
