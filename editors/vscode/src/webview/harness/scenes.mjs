// What the page is told in the scenes that are drawn and checked: a real session, and what goes on while one looks.
import { SESSION } from "./open.mjs";

export const ID = SESSION.read.session.id;

/** What a window without anything special tells. */
export const AROUND = {
  connection: { kind: "ready" },
  roots: ["/project"],
  enterSends: true,
  mac: false,
  selection: null,
  asks: [],
  sessionId: ID,
};

export const SETTINGS = { model: "anthropic/claude-sonnet-5", pack: "core", policy: "ask" };

const READ = { ...SESSION.read, settings: SETTINGS };

/** Answers of the server that most scenes need. */
export const ANSWERS = {
  "glossator/auth/status": { providers: [], ready: true, message: "" },
  "glossator/usage/read": { ...SESSION.usage, session: { ...SESSION.usage.session, cost: { microUsd: 48211, pricesOf: "2026-11-20" } } },
  "glossator/tasks/list": { tasks: [] },
  "glossator/models/list": { models: [{ id: SETTINGS.model, provider: "anthropic", contextWindow: 200000, current: true, usable: true }], notices: [] },
  "glossator/changeSet/read": SESSION.changeSet,
  "glossator/session/list": {
    sessions: [
      { ...READ.session, lastPrompt: "Thanks! Write the readme." },
      { id: "s2", title: "Why does the parser test fail on Windows?", createdAt: Date.now() - 9e6, updatedAt: Date.now() - 5e6, model: "openai/gpt-6", turns: 12, bytes: 148210, running: "T-12", lastPrompt: "Try it with CRLF line endings" },
      { id: "s3", title: "Release notes of 0.4", createdAt: Date.now() - 9e8, updatedAt: Date.now() - 2e8, model: "anthropic/claude-opus-5", turns: 3, bytes: 20410, parent: { sessionId: "s2", turnId: "T-4" }, lastPrompt: "Shorter, and in the tone of the last ones" },
      { id: "s4", title: "Größe der Fenster 𝄞 und andere Übersetzungen, die noch fehlen", createdAt: Date.now() - 3e9, updatedAt: Date.now() - 2e9, model: "ollama/qwen3-coder:30b", turns: 1, bytes: 4200 },
    ],
  },
  "glossator/prompt/complete": {
    items: [
      { label: "walk.rs", kind: "buffer", detail: "src, open and not saved", insertText: "@src/walk.rs", range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } } },
      { label: "src/walk_test.rs", kind: "file", detail: "", insertText: "@src/walk_test.rs", range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } } },
      { label: "src/", kind: "folder", detail: "", insertText: "@src/", range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } } },
      { label: "walk", kind: "symbol", detail: "function in src/walk.rs", insertText: "@src/walk.rs#walk", range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } } },
      { label: "diagnostics", kind: "diagnostics", detail: "what the editor complains about", insertText: "@diagnostics", range: { start: { line: 0, character: 5 }, end: { line: 0, character: 8 } } },
    ],
    incomplete: false,
  },
  openSession: {},
  newSession: { id: ID },
};

/** The session as it was left. */
export const SHOWN = { type: "shown", shown: { read: READ, reason: "opened" } };

/** A session of which nothing has been said yet. */
export const FRESH = { type: "shown", shown: { read: { session: { ...READ.session, title: "" }, seq: 0, items: [], asks: [], settings: SETTINGS }, reason: "opened" } };

let seq = 0;

/** Updates in order, from 1 again after `restart`. */
export function updates(turnId, ...list) {
  return { type: "updates", updates: list.map((update) => ({ sessionId: ID, turnId, seq: ++seq, update })) };
}

/** The numbers go on behind a shown session. */
export function after(shown) {
  seq = shown.shown.read.seq;
}

let item = 1000;

/** An item of a turn. */
export function completed(turn, kind, fields) {
  return { kind: "itemCompleted", item: { id: ++item, turn, round: 1, at: Date.now(), kind, ...fields } };
}

export const COMMAND = {
  kind: "approval",
  sessionId: ID,
  turnId: "T-4",
  askId: "A7",
  ask: {
    id: "A7",
    call: "S4-1-1.1",
    title: "Allow exec cargo nextest run -p parser --no-fail-fast?",
    reason: "commands ask unless they are known to be safe",
    subject: { kind: "command", command: "cargo nextest run -p parser --no-fail-fast && git commit -am 'Iterative walk'", cwd: "/project" },
    grants: ["once", "session", "prefix"],
  },
};

export const EDIT = {
  kind: "approval",
  sessionId: ID,
  turnId: "T-4",
  askId: "A8",
  ask: {
    id: "A8",
    call: "S4-1-1.2",
    title: "Allow the edit of src/walk.rs, src/stack.rs?",
    reason: "edits are reviewed before they are made",
    subject: {
      kind: "edit",
      files: ["src/walk.rs", "src/stack.rs"],
      diff: "--- a/src/walk.rs\n+++ b/src/walk.rs\n@@ -1 +1 @@\n-a\n+b\n",
      hunks: [
        { path: "src/walk.rs", line: 4, base: "    let mut seen = vec![node.value];\n    for next in &node.children {\n", proposed: "    let mut stack = vec![node];\n    while let Some(node) = stack.pop() {\n" },
        { path: "src/stack.rs", line: 1, base: "", proposed: "//! Helpers.\npub struct Stack;\n" },
      ],
    },
    grants: ["once", "session"],
  },
};

export const QUESTION = {
  kind: "question",
  sessionId: ID,
  turnId: "T-4",
  askId: "Q1",
  question: "Two tests depend on the order of visiting. Which order should stay?",
  options: ["Pre-order, as it is now", "Whatever is fastest: mend the tests"],
};

export const SELECTION = {
  uri: "file:///project/src/walk.rs",
  path: "src/walk.rs",
  range: { start: { line: 2, character: 0 }, end: { line: 9, character: 0 } },
  lines: [3, 9],
};
