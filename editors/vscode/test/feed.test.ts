// Updates in order and without gaps, whatever is lost on the way.

import type { ReadSessionResult, SessionUpdateParams } from "@protocol";
import assert from "node:assert/strict";
import { test } from "node:test";
import { writingIn } from "../src/chat/writing";
import { Feed } from "../src/client/feed";

const update = (seq: number, sessionId = "s"): SessionUpdateParams => ({
  sessionId,
  seq,
  update: { kind: "notice", level: "info", text: `${seq}` },
});
const read = (seq: number, more: Partial<ReadSessionResult> = {}): ReadSessionResult => ({
  session: {} as never,
  seq,
  asks: [],
  ...more,
});

/** A feed whose reads are answered by hand. */
function feed() {
  const told: string[] = [];
  const reads: { after: number; answer: (result: ReadSessionResult) => void; fail: (error: Error) => void }[] = [];
  const made = new Feed({
    read: (_, after) => new Promise((answer, fail) => reads.push({ after, answer, fail })),
    update: (params) => {
      const { seq, sessionId } = params;
      const writing = writingIn(params)?.map((one) => (one as { text: string }).text);
      if (writing?.length === 0) {
        return;
      }
      told.push(writing ? `writing ${writing.join()} at ${seq}` : sessionId === "s" ? `${seq}` : `${sessionId}${seq}`);
    },
    reset: (_, result) => told.push(`reset ${result.seq}`),
    failed: (_, error) => told.push(String(error)),
  });
  return { feed: made, told, reads, take: (...seqs: number[]) => seqs.forEach((seq) => made.take(update(seq))) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("begins with whatever comes first, and drops what came already", () => {
  const { take, told } = feed();
  take(7, 8, 8, 7, 9);
  assert.deepEqual(told, ["7", "8", "9"]);
});

test("a gap is read, and what came meanwhile goes on behind it", async () => {
  const { take, told, reads } = feed();
  take(1, 4, 5);
  assert.deepEqual(told, ["1"]);
  take(6);
  assert.equal(reads.length, 1);
  assert.equal(reads[0]?.after, 1);
  const writing = [{ turnId: "T-1", stream: "answer", text: "so far" }];
  reads[0]?.answer(read(5, { updates: [update(1), update(2), update(4), update(5)], writing }));
  await settled();
  assert.deepEqual(told, ["1", "2", "4", "5", "writing so far at 5", "6"]);
  take(7);
  assert.deepEqual(told.at(-1), "7");
});

test("what is not held any more is shown anew", async () => {
  const { take, told, reads } = feed();
  take(1, 9, 10, 12);
  reads[0]?.answer(read(10, { items: [] }));
  await settled();
  assert.deepEqual(told, ["1", "reset 10"]);
  // 12 is a gap of its own.
  assert.equal(reads[1]?.after, 10);
  reads[1]?.answer(read(12, { updates: [update(11), update(12)] }));
  await settled();
  assert.deepEqual(told, ["1", "reset 10", "11", "12"]);
});

test("a gap that cannot be closed holds nothing up", async () => {
  const { take, told, reads } = feed();
  take(1, 5, 6);
  reads[0]?.fail(new Error("gone"));
  await settled();
  take(7);
  assert.deepEqual(told, ["1", "Error: gone", "5", "6", "7"]);
});

test("a session that is being opened waits, and begins behind what was read", async () => {
  const { feed: made, take, told } = feed();
  made.hold("s");
  take(3, 4, 5);
  assert.deepEqual(told, []);
  made.opened("s", 4);
  assert.deepEqual(told, ["5"]);
  made.hold("s");
  take(6);
  made.release("s");
  assert.deepEqual(told, ["5", "6"]);
});

test("what was opened while a gap was read wins over it", async () => {
  const { feed: made, take, told, reads } = feed();
  take(1, 5);
  made.opened("s", 8);
  reads[0]?.answer(read(5, { items: [] }));
  await settled();
  take(9);
  assert.deepEqual(told, ["1", "9"]);
});

test("sessions do not disturb each other, and another server begins anew", async () => {
  const { feed: made, take, told, reads } = feed();
  take(1, 3);
  made.take(update(20, "t"));
  made.take(update(21, "t"));
  made.clear();
  reads[0]?.answer(read(3, { updates: [update(2), update(3)] }));
  await settled();
  take(1);
  assert.deepEqual(told, ["1", "t20", "t21", "1"]);
});

test("any order of any numbers ends with every one told once and in order", async () => {
  let state = 42;
  const random = (below: number) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % below;
  for (let round = 0; round < 200; round++) {
    const { feed: made, told, reads } = feed();
    const last = 1 + random(12);
    const all = Array.from({ length: last }, (_, index) => index + 1);
    made.opened("s", 0);
    for (const seq of all.flatMap((one) => (random(3) === 0 ? [] : random(4) === 0 ? [one, one] : [one]))) {
      made.take(update(seq));
      if (random(2) === 0) {
        const next = reads.shift();
        next?.answer(read(last, { updates: all.slice(next.after).map((one) => update(one)) }));
        await settled();
      }
    }
    for (let next = reads.shift(); next; next = reads.shift()) {
      next.answer(read(last, { updates: all.slice(next.after).map((one) => update(one)) }));
      await settled();
    }
    assert.deepEqual(told, all.slice(0, told.length).map(String), `round ${round}`);
  }
});
