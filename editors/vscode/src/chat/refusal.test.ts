// Refusals for want of a model or a key, and errors that are none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "./refusal";

const providers = (...ready: boolean[]) => ({ providers: ready.map((one, at) => ({ id: `p${at}`, ready: one })), ready: false, message: "" });

test("what is missing is said, and what helps", () => {
  for (const [data, wanted] of [
    [{ kind: "noKey", message: "There is no API key for anthropic.", provider: "anthropic", signIn: providers(false) }, { text: "There is no API key for anthropic.", helps: ["signIn", "model"], provider: "anthropic" }],
    [{ kind: "noModel", message: "No model is chosen.", signIn: providers(false, true) }, { text: "No model is chosen.", helps: ["model", "signIn"] }],
    [{ kind: "noModel", message: "No model is chosen.", signIn: providers() }, { text: "No model is chosen.", helps: ["signIn", "model"] }],
    [{ kind: "noModel", message: "No model is chosen.", signIn: null }, { text: "No model is chosen.", helps: ["signIn", "model"] }],
  ] as const) {
    assert.deepEqual(refusal(data), wanted);
  }
});

test("other errors are no refusals", () => {
  for (const data of [undefined, null, "noKey", 7, [], {}, { kind: "noKey" }, { kind: "later", message: "x" }, { kind: "noModel", message: "" }, { command: "glossator.compact" }]) {
    assert.equal(refusal(data), undefined, JSON.stringify(data));
  }
});
