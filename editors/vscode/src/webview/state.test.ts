// The reducer, by what a real server told of a session, and by updates that are odd.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ReadSessionResult, SessionUpdateParams } from "@protocol";
import recorded from "./fixtures/session.json";
import { writingOf } from "../chat/writing";
import { fileEdits } from "./edits";
import { EMPTY, type Block, type ScriptBlock, type State } from "./model";
import { contextTokens, merged, reduce, turnTokens } from "./state";

const roots = ["/project"];
const session = recorded.read.session;
const stream = recorded.updates as unknown as SessionUpdateParams[];
const fresh: ReadSessionResult = { session: { ...session, title: "" }, seq: 0, items: [], asks: [] };
const begun = reduce(EMPTY, { type: "reset", read: fresh, roots });

function after(state: State, updates: readonly SessionUpdateParams[]): State {
  return reduce(state, { type: "updates", updates, roots, at: 7 });
}

let last = 0;

/** An update of the next number. */
function next(update: object, turnId = "T-1"): SessionUpdateParams {
  last += 1;
  return { sessionId: session.id, turnId, seq: last, update: update as SessionUpdateParams["update"] };
}

function item(kind: string, more: object, turn = "T-1"): object {
  return { kind: "itemCompleted", item: { id: 1000 + last, turn, round: 1, at: 5, kind, ...more } };
}

function play(...updates: object[]): State {
  last = 0;
  return after(begun, updates.map((update) => next(update)));
}

function kinds(state: State, turn = 0): string[] {
  return state.turns[turn]?.blocks.map((block) => block.kind) ?? [];
}

function block<K extends Block["kind"]>(state: State, kind: K): Extract<Block, { kind: K }> {
  const found = state.turns.flatMap((turn) => turn.blocks).find((one) => one.kind === kind);
  assert.ok(found, `a block of the kind ${kind}`);
  return found as Extract<Block, { kind: K }>;
}

describe("a session that a real server told of", () => {
  const live = after(begun, stream);
  const read = reduce(EMPTY, { type: "reset", read: recorded.read as unknown as ReadSessionResult, roots });

  test("reads the same live and from its log", () => {
    const shown = (state: State) =>
      state.turns.map(({ id, blocks, edits, rounds, usage, end }) => ({ id, blocks: blocks.map((one) => ({ ...one, key: "" })), edits, rounds, usage, status: end?.status }));
    // What a call wrote while it ran is kept only by whoever saw it run.
    const quiet = JSON.parse(JSON.stringify(shown(live)).replaceAll(/"live":"(?:[^"\\]|\\.)*"/g, '"live":""'));
    assert.deepEqual(quiet, JSON.parse(JSON.stringify(shown(read))));
  });

  test("has its turns, blocks and calls", () => {
    assert.deepEqual(live.turns.map(({ id }) => id), ["T-1", "T-2", "T-3"]);
    assert.deepEqual(kinds(live), ["prompt", "thinking", "answer", "script", "plan", "answer", "script", "answer"]);
    const script = block(live, "script");
    assert.deepEqual(script.calls.map(({ name, done }) => [name, done]), [["updatePlan", true], ["readFile", true], ["grepFiles", true]]);
    assert.equal(script.ok, true);
    assert.doesNotMatch(block(live, "answer").text, /tool-calls/);
  });

  test("joins answers to their calls, and outputs", () => {
    const scripts = live.turns[1]?.blocks.filter((one): one is ScriptBlock => one.kind === "script") ?? [];
    const call = scripts[0]?.calls[0];
    assert.deepEqual(call?.approval, { allowed: true, grant: "once" });
    assert.match(call?.live ?? "", /test 2 \.\.\. ok/);
    assert.equal(call?.summary, "exit 3, 1 ms");
  });

  test("ends with what was kept and rejected", () => {
    const [first] = live.turns;
    assert.ok(first);
    const files = fileEdits(first.edits);
    assert.deepEqual(files.map(({ path, part, open, hunks }) => [path, part, open, hunks[0]?.state]), [
      ["src/walk.rs", "lines", 0, "rejected"],
      ["src/stack.rs", "create", 0, "kept"],
    ]);
    assert.deepEqual([files[1]?.added, files[1]?.removed], [2, 0]);
    assert.equal(files[0]?.hunks[0]?.line, 4);
  });

  test("undo and redo move hunks there and back", () => {
    const upTo = (test: (update: SessionUpdateParams) => boolean) => after(begun, stream.slice(0, stream.findIndex(test)));
    const redoing = upTo(({ update }) => update.kind === "itemCompleted" && update.item["changeSet"] === "C3");
    const resolving = upTo(({ update }) => update.kind === "itemCompleted" && update.item["changeSet"] === "C4");
    const states = (state: State) => state.turns.flatMap((turn) => turn.edits.flatMap(({ hunks }) => hunks.map((hunk) => hunk.state)));
    assert.deepEqual(states(redoing), ["undone", "undone"]);
    assert.deepEqual(states(resolving), ["pending", "pending"]);
  });

  test("knows tasks, plan, usage, context", () => {
    assert.deepEqual(live.tasks.map(({ id, state }) => [id, state]), [["S3-1-1.1", "done"]]);
    assert.deepEqual(live.plan.map(({ status }) => status), ["done", "done", "inProgress"]);
    assert.equal(contextTokens(live), 8600);
    assert.deepEqual(live.turns[0] && turnTokens(live.turns[0]), { input: 18500, cached: 14600, output: 540 });
    assert.equal(live.running, undefined);
    assert.equal(live.seq, stream.at(-1)?.seq);
  });

  test("cut anywhere and read twice, it comes out the same", () => {
    for (let cut = 0; cut < stream.length; cut += 7) {
      const first = after(begun, stream.slice(0, cut));
      // The last ones come again, as after a reconnect.
      assert.deepEqual(kinds(after(first, stream.slice(Math.max(0, cut - 5)))), kinds(live), `cut at ${cut}`);
    }
  });
});

describe("updates", () => {
  test("of other sessions, and old ones, change nothing", () => {
    const state = play({ kind: "turnStarted" });
    const other = { ...next({ kind: "turnStarted" }, "T-2"), sessionId: "other" };
    assert.equal(after(state, [other]), state);
    assert.equal(after(state, [{ ...next({ kind: "turnStarted" }, "T-2"), seq: 1 }]), state);
  });

  test("of unknown or broken kinds are skipped", () => {
    const before = play({ kind: "turnStarted" });
    last = 1;
    const odd = [
      {}, { kind: "constructor" }, { kind: "__proto__" }, { kind: "fromTheFuture", x: 1 }, { kind: "itemCompleted" }, { kind: "itemCompleted", item: null },
      { kind: "itemCompleted", item: { kind: "toString", turn: "T-1" } }, item("toolOutput", { call: "nobody", outcome: null }), item("changeSet", { state: 3 }),
      { kind: "itemDelta" }, { kind: "itemDelta", stream: "S9", text: "lost" }, { kind: "usage", usage: null }, { kind: "queue", prompts: "no" }, { kind: "plan" },
      item("userMessage", { input: "no list" }, "T-1"), item("answer", { text: 5 }), { kind: "notice" },
    ];
    const state = after(before, odd.map((update) => next(update)));
    assert.equal(state.seq, odd.length + 1);
    assert.deepEqual(kinds(state).filter((kind) => kind !== "prompt" && kind !== "notice"), []);
    assert.doesNotThrow(() => after(before, [null, undefined, 1].map((update) => next(update as unknown as object))));
  });

  test("stream, and end in the item that follows", () => {
    const deltas = [..."Hello there"].map((text) => ({ kind: "itemDelta", stream: "answer", text }));
    const writing = play({ kind: "turnStarted" }, ...deltas);
    assert.equal(writing.turns[0]?.live[0]?.text, "Hello there");
    const done = after(writing, [next(item("answer", { text: "Hello there." }))]);
    assert.deepEqual(done.turns[0]?.live, []);
    assert.equal(block(done, "answer").text, "Hello there.");
  });

  test("read in the middle of a stream, it is shown from its beginning, and goes on", () => {
    const call = { id: 1, turn: "T-1", round: 1, at: 5, kind: "toolCall", call: { id: "c1", name: "exec", arguments: {} } };
    const writing = [
      { turnId: "T-1", stream: "answer", item: "answer", text: "Hello " },
      { turnId: "T-1", stream: "answer", item: "answer", text: "Of another", agent: "reviewer", cut: true },
      { turnId: "T-1", stream: "c1", text: "line 1\n" },
      { turnId: "T-1", stream: "c9", text: "of a call that nobody knows" },
    ];
    const read = reduce(EMPTY, { type: "reset", read: { ...fresh, seq: 7, running: "T-1", items: [call], writing } as ReadSessionResult, roots });
    const live = (state: State) => state.turns[0]?.live.map(({ agent, text }) => [agent, text]);
    assert.deepEqual(live(read), [[undefined, "Hello "], ["reviewer", "…Of another"]]);
    last = 7;
    const later = after(read, [next({ kind: "itemDelta", stream: "answer", text: "there" }), next({ kind: "itemDelta", stream: "c1", text: "line 2\n" })]);
    assert.deepEqual(live(later)?.[0], [undefined, "Hello there"]);
    assert.equal(block(later, "call").call.live, "line 1\nline 2\n");
    // Behind a gap all of it comes again, in place of what was held.
    const gap = after(later, [writingOf(session.id, { ...fresh, seq: 12, writing: [{ turnId: "T-1", stream: "answer", text: "Hello there, and more" }] } as ReadSessionResult)]);
    assert.deepEqual([live(gap), gap.seq], [[[undefined, "Hello there, and more"]], 12]);
    assert.deepEqual(live(after(gap, [writingOf(session.id, { ...fresh, seq: 12 })])), []);
    assert.equal(after(gap, [writingOf(session.id, { ...fresh, seq: 11, writing: [] })]), gap);
    assert.doesNotThrow(() => reduce(EMPTY, { type: "reset", read: { ...fresh, writing: [null, 7, {}, { turnId: "T-1" }] } as unknown as ReadSessionResult, roots }));
  });

  test("of several agents stream side by side", () => {
    const state = play(
      { kind: "turnStarted" },
      { kind: "itemDelta", stream: "answer", text: "one", agent: "reviewer" },
      { kind: "itemDelta", stream: "answer", text: "two" },
      { kind: "itemDelta", stream: "answer", text: " more", agent: "reviewer" },
      item("answer", { text: "two" }),
    );
    assert.deepEqual(state.turns[0]?.live.map(({ agent, text }) => [agent, text]), [["reviewer", "one more"]]);
  });

  test("keep the end of a long output", () => {
    const call = item("toolCall", { call: { id: "c1", name: "exec", arguments: {} } });
    const state = play({ kind: "turnStarted" }, call, { kind: "itemDelta", stream: "c1", text: "x".repeat(50_000) }, { kind: "itemDelta", stream: "c1", text: "end" });
    const { live } = block(state, "call").call;
    assert.equal(live.length, 40_000);
    assert.ok(live.endsWith("xend"));
  });

  test("of a turn before the first are left out", () => {
    const shown = play({ kind: "turnStarted" });
    const later = after(reduce(shown, { type: "reset", read: { ...fresh, items: [{ id: 1, turn: "T-40", round: 0, at: 1, kind: "userMessage", input: [] }] }, roots }), [next(item("notice", { text: "late" }, "T-3"), "T-3")]);
    assert.deepEqual(later.turns.map(({ id }) => id), ["T-40"]);
  });

  test("say what changed, for screen readers", () => {
    assert.equal(play({ kind: "turnStarted" }).said.text, "T-1 started");
    assert.equal(play({ kind: "turnStarted" }, { kind: "turnCompleted", status: "failed", message: "no key" }).said.text, "T-1 failed: no key");
  });

  test("tell a notice once, whichever way it comes", () => {
    const told = { kind: "notice", level: "warning", text: "beware" };
    for (const order of [[told, item("notice", { level: "warning", text: "beware" })], [item("notice", { level: "warning", text: "beware" }), told]]) {
      assert.deepEqual(kinds(play({ kind: "turnStarted" }, ...order)), ["notice"]);
    }
  });

  test("steering is told from the prompt", () => {
    const said = (text: string) => item("userMessage", { input: [{ kind: "text", text }] });
    const state = play({ kind: "turnStarted" }, said("first"), said("more"));
    assert.deepEqual(state.turns[0]?.blocks.map((one) => one.kind === "prompt" && one.steering), [false, true]);
  });

  test("the queue, the settings and the title change", () => {
    const state = play(
      { kind: "queue", prompts: [{ id: "Q1", at: 1, input: [{ kind: "text", text: "then this" }] }], waits: "T-1 failed" },
      { kind: "session", title: "Renamed", archived: false, settings: { model: "a/b", pack: "core", policy: "full" } },
    );
    assert.deepEqual(state.queue, [{ id: "Q1", parts: [{ kind: "text", text: "then this" }] }]);
    assert.equal(state.queueWaits, "T-1 failed");
    assert.equal(state.session?.title, "Renamed");
    assert.deepEqual(state.choices, { model: "a/b", pack: "core", policy: "full" });
    assert.equal(after(state, [next({ kind: "queue", prompts: [] })]).queueWaits, undefined);
  });

  test("a turn that ends leaves another one running", () => {
    const state = play({ kind: "turnStarted" });
    const two = after(state, [next({ kind: "turnStarted" }, "T-2"), next({ kind: "turnCompleted", status: "done" }, "T-1")]);
    assert.equal(two.running, "T-2");
    assert.equal(two.turns[0]?.end?.status, "done");
  });

  test("images that are no images are left out", () => {
    const image = (mediaType: string) => ({ kind: "image", image: { mediaType, data: "AAAA" } });
    const state = play({ kind: "turnStarted" }, item("userMessage", { input: [image("image/svg+xml"), image("text/html"), image("image/png")] }));
    assert.deepEqual(block(state, "prompt").parts.map((part) => part.kind === "image" && part.mediaType), ["image/png"]);
  });
});

describe("older turns", () => {
  const items = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => ({ id: from + at, turn: `T-${from + at}`, round: 0, at: 1, kind: "userMessage", input: [{ kind: "text", text: "x" }] }));

  test("come before the others, once", () => {
    const state = reduce(EMPTY, { type: "reset", read: { ...fresh, items: items(31, 60), more: true }, roots });
    const read = { ...fresh, items: items(1, 31), more: false };
    const all = reduce(state, { type: "older", read, roots });
    assert.deepEqual([all.turns.length, all.turns[0]?.id, all.more], [60, "T-1", false]);
    assert.equal(reduce(all, { type: "older", read, roots }).turns.length, 60);
  });

  test("of another session are not shown", () => {
    const state = reduce(EMPTY, { type: "reset", read: { ...fresh, items: items(31, 60), more: true }, roots });
    const other = { ...fresh, session: { ...fresh.session, id: "other" }, items: items(1, 30) };
    assert.equal(reduce(state, { type: "older", read: other, roots }), state);
  });
});

describe("speed", () => {
  test("fragments of one stream are taken in as one", () => {
    last = 0;
    const deltas = Array.from({ length: 500 }, () => next({ kind: "itemDelta", stream: "answer", text: "ab" }));
    const [one, ...rest] = merged(deltas);
    assert.equal(rest.length, 0);
    assert.equal(one?.seq, 500);
    assert.equal((one?.update as { text: string }).text.length, 1000);
  });

  test("what did not change is the very same", () => {
    const state = after(begun, stream);
    last = state.seq;
    const more = after(state, [next({ kind: "turnStarted" }, "T-4"), next({ kind: "itemDelta", stream: "answer", text: "x" }, "T-4")]);
    assert.ok(more.turns.slice(0, 3).every((turn, at) => turn === state.turns[at]));
  });

  test("100,000 fragments in a long turn take well below a second", () => {
    let state = play({ kind: "turnStarted" }, ...Array.from({ length: 500 }, (_, at) => item("toolCall", { call: { id: `c${at}`, name: "exec", arguments: {} } })));
    const began = performance.now();
    for (let frame = 0; frame < 1000; frame += 1) {
      state = after(state, Array.from({ length: 100 }, () => next({ kind: "itemDelta", stream: "answer", text: "word " })));
    }
    assert.equal(state.turns[0]?.live[0]?.text.length, 500_000);
    assert.ok(performance.now() - began < 3000, `${performance.now() - began} ms`);
  });
});
