// Drafts over several sessions, and over the end of a page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { input, NO_DRAFT, tooLong, type Draft } from "./draft";
import { Drafts } from "./drafts";
import { Store } from "./store";

const IMAGE = { mediaType: "image/png", data: "AAAA", name: "a.png" };

function begin(kept: unknown = undefined, images: Record<string, unknown> = {}) {
  const keeper = {
    kept,
    images: { ...images },
    keepImages(session: string, all: unknown) {
      keeper.images[session] = structuredClone(all);
    },
    keep(drafts: unknown) {
      keeper.kept = structuredClone(drafts);
    },
  };
  const shown = new Store<Draft>(NO_DRAFT);
  const drafts = new Drafts(keeper, shown);
  if (kept !== undefined) drafts.restore(kept, images);
  return { drafts, shown, keeper, write: (text: string) => shown.patch({ text }) };
}

const written = (text: string): Draft => ({ ...NO_DRAFT, text });

test("each session has its own, images included", () => {
  const { drafts, shown, write } = begin();
  drafts.move("a");
  write("for a");
  shown.patch({ images: [{ mediaType: "image/png", data: "AAAA", name: "" }] });
  drafts.move("b");
  assert.deepEqual(shown.value, NO_DRAFT);
  write("for b");
  drafts.move("a");
  assert.equal(shown.value.text, "for a");
  assert.equal(shown.value.images.length, 1);
  drafts.move("b");
  assert.equal(shown.value.text, "for b");
});

test("what is written before there is a session goes with the one that begins", () => {
  const { drafts, shown, write } = begin();
  write("first words");
  drafts.move("new");
  assert.equal(shown.value.text, "first words");
  drafts.sent("", written("first words"));
  assert.equal(shown.value.text, "");
  drafts.move("");
  assert.equal(shown.value.text, "");
});

test("what was sent is gone, also when another session is shown since", () => {
  const { drafts, shown, write, keeper } = begin();
  drafts.move("a");
  write("/new");
  drafts.move("b");
  write("mine");
  drafts.sent("a", written("/new"));
  assert.equal(shown.value.text, "mine");
  drafts.move("a");
  assert.equal(shown.value.text, "");
  assert.deepEqual(Object.keys(keeper.kept as object), ["b"]);
});

test("words outlive the page", async () => {
  const { drafts, write, keeper } = begin({ a: "before", b: "other" });
  drafts.move("a");
  write("before and after");
  await new Promise((done) => setTimeout(done, 450));
  assert.deepEqual(keeper.kept, { b: "other", a: "before and after" });
  const again = begin(keeper.kept);
  again.drafts.move("a");
  assert.equal(again.shown.value.text, "before and after");
});

test("images outlive the page, and go when they are sent", async () => {
  const first = begin({});
  first.drafts.move("a");
  first.shown.patch({ images: [IMAGE] });
  first.drafts.move("b");
  assert.deepEqual(first.keeper.images, { a: [IMAGE] });
  const again = begin(first.keeper.kept, first.keeper.images);
  again.drafts.move("a");
  assert.deepEqual(again.shown.value.images, [IMAGE]);
  again.drafts.sent("a", again.shown.value);
  again.drafts.move("b");
  assert.deepEqual(again.keeper.images["a"], []);
  again.drafts.move("a");
  assert.deepEqual(again.shown.value.images, []);
});

test("images of no session go with the one that begins, once", async () => {
  const { drafts, shown, keeper } = begin({}, { "": [IMAGE] });
  assert.deepEqual(shown.value.images, [IMAGE]);
  drafts.move("new");
  assert.deepEqual(shown.value.images, [IMAGE]);
  await new Promise((done) => setTimeout(done, 450));
  assert.deepEqual(keeper.images, { "": [], new: [IMAGE] });
  drafts.move("");
  assert.deepEqual(shown.value.images, []);
});

test("what is kept of images is looked at before it is shown", () => {
  const bad = [{ mediaType: "text/html", data: "AAAA", name: "" }, { mediaType: "image/png", data: "\" onload=", name: "" }, 7, null];
  const { shown } = begin({}, { "": [...bad, IMAGE] });
  assert.deepEqual(shown.value.images, [IMAGE]);
  assert.deepEqual(begin({ "": "words" }, { "": "no list" }).shown.value.images, []);
});

test("what is written before the drafts are there stays", () => {
  const { drafts, shown, write } = begin();
  write("quick");
  drafts.restore({ "": "older", a: "for a" });
  assert.equal(shown.value.text, "quick");
  drafts.move("a");
  assert.equal(shown.value.text, "for a");
});

test("many words at once lie beside the prompt, and are sent behind it", () => {
  const many = "lorem ipsum 🎉 ".repeat(2000);
  assert.equal(tooLong("", "short"), undefined);
  assert.equal(tooLong(many, `${many}x`), undefined);
  const long = tooLong("see this: !", `see this: ${many}!`);
  assert.equal(long?.data, many);
  const { shown } = begin({ "": "see this" }, { "": [long] });
  assert.deepEqual(input(shown.value, null), [{ kind: "text", text: "see this" }, { kind: "text", text: many }]);
});
