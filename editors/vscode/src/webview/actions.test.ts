// Prompts on their way: where they go, and that none is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Actions } from "./actions";
import { NO_PAGE, type Page } from "./app";
import { NO_DRAFT, type Draft } from "./draft";
import { Drafts } from "./drafts";
import { EMPTY, type State } from "./model";
import { Store } from "./store";

const settled = () => new Promise((done) => setTimeout(done, 2));
const shown = (id: string, running?: string): State => ({
  ...EMPTY,
  session: { id, title: "", createdAt: 0, updatedAt: 0, model: "" },
  ...(running !== undefined && { running }),
});

/** The page with a host that answers when it is told to. */
function begin(state: State) {
  const asked: [string, { sessionId?: string; input?: unknown[] }][] = [];
  const waiting: ((result?: unknown) => void)[] = [];
  const later = (usual: unknown) => new Promise((done) => waiting.push((result = usual) => done(result)));
  const host = {
    keep() {},
    keepImages() {},
    request: (method: string, params: object) => (asked.push([method, params]), later({ turnId: "T-1" })),
    task: ({ type }: { type: string }) => (asked.push([type, {}]), later({ id: "new" })),
  };
  const [draft, session, page] = [new Store<Draft>(NO_DRAFT), new Store<State>(state), new Store<Page>(NO_PAGE)];
  const drafts = new Drafts(host, draft);
  drafts.move(state.session?.id ?? "");
  const answer = async (result?: unknown) => {
    await settled();
    waiting.shift()?.(result);
    await settled();
  };
  const app = { host, session, page, draft, drafts } as unknown as ConstructorParameters<typeof Actions>[0];
  return { asked, answer, draft, session, drafts, actions: new Actions(app) };
}

test("a prompt goes to the session that it was written in", async () => {
  const { asked, answer, draft, session, drafts, actions } = begin(shown("one"));
  draft.patch({ text: "first" });
  const first = actions.send("send");
  draft.patch({ text: "second" });
  const second = actions.send("send");
  await settled();
  session.set(shown("two", "T-9"));
  drafts.move("two");
  await answer();
  await answer();
  await Promise.all([first, second]);
  // Whether a turn runs there is not known any more: it is begun or added to.
  assert.deepEqual(asked.map(([method, { sessionId }]) => [method, sessionId]), [["glossator/turn/start", "one"], ["glossator/turn/steer", "one"]]);
});

test("without a session one is begun, once for all that is sent meanwhile", async () => {
  const { asked, answer, draft, actions } = begin(EMPTY);
  draft.patch({ text: "first" });
  const first = actions.send("send");
  draft.patch({ text: "second" });
  const second = actions.send("send");
  for (let left = 3; left > 0; left -= 1) await answer();
  await Promise.all([first, second]);
  assert.deepEqual(asked.map(([method, { sessionId }]) => [method, sessionId]), [["newSession", undefined], ["glossator/turn/start", "new"], ["glossator/turn/start", "new"]]);
});

test("pressed twice it is sent once; what is added meanwhile is sent alone, behind it", async () => {
  const { asked, answer, draft, actions } = begin(shown("one"));
  draft.patch({ text: "look" });
  const first = actions.send("send");
  await actions.send("send");
  draft.patch({ text: "look\nand mend it", images: [{ mediaType: "image/png", data: "AAAA", name: "" }] });
  const second = actions.send("send");
  await actions.send("send");
  await answer();
  assert.equal(draft.value.images.length, 1, "what is on its way still stands");
  await answer();
  await Promise.all([first, second]);
  assert.deepEqual(asked.map(([, { input }]) => (input as { kind: string; text?: string }[]).map(({ kind, text }) => text ?? kind)), [["look"], ["and mend it", "image"]]);
  assert.deepEqual([draft.value.text, draft.value.images], ["", []]);
});

test("a queued prompt that is taken back lands in the session that it waited in", async () => {
  const { asked, answer, draft, session, drafts, actions } = begin({ ...shown("one"), queue: [{ id: "Q1", parts: [] }] });
  const done = actions.unqueue("Q1", true);
  session.set(shown("two"));
  drafts.move("two");
  await answer({ removed: true, input: [{ kind: "text", text: "of one" }] });
  await done;
  assert.equal(asked.length, 1);
  assert.equal(draft.value.text, "");
  drafts.move("one");
  assert.equal(draft.value.text, "of one");
});

test("what was asked about one session is not shown in another", async () => {
  const { answer, session, actions } = begin({ ...shown("one"), queue: [{ id: "Q1", parts: [] }] });
  actions.readTasks();
  actions.readQueue();
  session.set(shown("two"));
  await answer({ tasks: [{ id: "S1" }] });
  await answer({ prompts: [{ id: "Q1", input: [] }] });
  assert.deepEqual([session.value.tasks, session.value.queue], [[], []]);
});
