// One question, one answer, on whatever road.

import type { Ask } from "@protocol";
import assert from "node:assert/strict";
import { test } from "node:test";
import { proposed } from "../src/asks/propose";
import { document, grantsOf, grantTitle, inOne } from "../src/asks/words";
import { Asks } from "../src/client/asks";
import type { OpenApproval, OpenQuestion } from "../src/server";

const ask = (id: string): Ask => ({
  id,
  call: "s1.1",
  title: "Run make?",
  reason: "it is not known",
  subject: { kind: "command", command: "make", cwd: "/w" },
  grants: ["once", "session"],
});
const approval = (id: string): OpenApproval => ({ kind: "approval", sessionId: "s", turnId: "T-1", askId: id, ask: ask(id) });
const question = (id: string): OpenQuestion => ({
  kind: "question",
  sessionId: "s",
  turnId: "T-1",
  askId: id,
  question: "Which?",
  options: ["a", "b"],
});

function asks() {
  const made = new Asks();
  const told: string[] = [];
  made.onAsk((one) => told.push(`open ${one.askId}`));
  made.onClosed(({ askId, answer }) => told.push(`closed ${askId}${answer ? ` ${answer.decision}` : ""}`));
  return { asks: made, told };
}

test("the first answer holds, and all are told", async () => {
  const { asks: made, told } = asks();
  const answer = made.approve(approval("A1"));
  made.answer("A1", { decision: "allow", grant: "session" });
  made.answer("A1", { decision: "deny" });
  made.close("A1");
  assert.deepEqual(await answer, { decision: "allow", grant: "session" });
  assert.deepEqual(told, ["open A1", "closed A1 allow"]);
  assert.deepEqual(made.open, []);
});

test("what was answered elsewhere is no answer of ours", async () => {
  const { asks: made, told } = asks();
  const answer = made.approve(approval("A1"));
  made.close("A1", { decision: "deny" });
  assert.equal(await answer, null);
  assert.deepEqual(told, ["open A1", "closed A1 deny"]);
});

test("an answer of the wrong kind is none", async () => {
  const { asks: made } = asks();
  const said = made.question(question("A2"));
  const answer = made.approve(approval("A1"));
  made.answer("A2", { decision: "allow" });
  made.reply("A1", "b");
  made.answer("A9", { decision: "allow" });
  assert.equal(made.open.length, 2);
  made.reply("A2", "b");
  assert.equal(await said, "b");
  made.clear();
  assert.equal(await answer, null);
});

test("the same question by a new request stays open, and the old request ends", async () => {
  const { asks: made, told } = asks();
  const [old, new_] = [made.approve(approval("A1")), made.approve(approval("A1"))];
  assert.equal(await old, null);
  assert.deepEqual(told, ["open A1"]);
  made.answer("A1", { decision: "allow" });
  assert.deepEqual(await new_, { decision: "allow" });
});

test("words of asks", () => {
  assert.equal(inOne(ask("A1")), "Run make? (it is not known)");
  assert.deepEqual(grantsOf({ ...ask("A1"), grants: ["session"] }), ["once", "session"]);
  const cargo = { ...ask("A1"), subject: { kind: "command" as const, command: "cargo test -q", cwd: "/w", begins: "cargo test" } };
  assert.equal(grantTitle("prefix", cargo), "Always Allow “cargo test …”");
  assert.equal(grantTitle("prefix", ask("A1")), "Always Allow What Begins Like This");
  assert.equal(grantTitle("moon" as never, cargo), "Allow (moon)");
  assert.match(document(ask("A1")).text, /# in \/w\n\nmake\n/);
  assert.equal(document({ ...ask("A1"), subject: { kind: "edit", files: ["a"], diff: "--- a\n" } }).language, "diff");
  // A kind that is newer than this extension.
  assert.match(document({ ...ask("A1"), subject: { kind: "moon" } as never }).text, /Run make/);
});

test("a file as an edit would leave it", () => {
  const hunk = (line: number, base: string, text: string) => ({ path: "a", line, base, proposed: text });
  const check = (text: string, hunks: ReturnType<typeof hunk>[], expected: string | undefined) =>
    assert.equal(proposed(text, hunks), expected, JSON.stringify({ text, hunks }));
  check("a\nb\nc\n", [hunk(2, "b\n", "B\nB\n")], "a\nB\nB\nc\n");
  check("a\nb\nc\n", [hunk(1, "a\n", ""), hunk(3, "c\n", "C\n")], "b\nC\n");
  check("a\n", [hunk(2, "", "b\n")], "a\nb\n");
  check("", [hunk(1, "", "new\n")], "new\n");
  check("a", [hunk(2, "", "b\n")], "a\nb\n");
  check("a\r\nb\r\n", [hunk(2, "b\n", "B\n")], "a\r\nB\n");
  check("a\nb", [hunk(2, "b\n", "B\n")], "a\nB\n");
  check("a\nb\n", [hunk(2, "x\n", "y\n")], undefined);
  check("a\n", [hunk(9, "", "y\n")], undefined);
  check("a\n", [hunk(0, "", "y\n")], undefined);
});
