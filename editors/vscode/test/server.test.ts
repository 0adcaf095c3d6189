// Starting, waiting, starting again, and what the server inherits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { environment } from "../src/client/environment";
import { whenReady } from "../src/client/readiness";
import { Restarts } from "../src/client/restarts";
import { Emitter } from "../src/emitter";
import type { ServerState } from "../src/server";

function server(kind: ServerState["kind"]) {
  const states = new Emitter<ServerState>();
  const made = { state: { kind } as ServerState, onState: states.event };
  return { made, be: (state: ServerState) => states.fire((made.state = state)) };
}

test("a request waits for a server that starts", async () => {
  await whenReady(server("ready").made);
  const { made, be } = server("starting");
  const waiting = whenReady(made);
  be({ kind: "restarting" });
  be({ kind: "ready" });
  await waiting;
});

test("but not for one that will not", async () => {
  await assert.rejects(whenReady(server("stopped").made), /Restart Server/);
  const { made, be } = server("starting");
  const waiting = whenReady(made);
  be({ kind: "missing", message: "it is gone" });
  await assert.rejects(waiting, /it is gone/);
  await assert.rejects(whenReady(server("starting").made, 5), /still starting/);
});

test("a server that ends is started again, a little later each time, and then given up", () => {
  const restarts = new Restarts();
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((at) => restarts.next(at)),
    [100, 300, 900, 2700, undefined],
  );
  restarts.forget();
  assert.equal(restarts.next(5), 100);
  assert.equal(restarts.next(500_000), 100);
});

test("the server inherits nothing of VS Code's own", () => {
  const all = { PATH: "/bin", VSCODE_PID: "1", ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "--x", MY_VSCODE_: "y", NONE: undefined };
  assert.deepEqual(environment(all), { PATH: "/bin", NODE_OPTIONS: "--x", MY_VSCODE_: "y" });
});

test("a listener that fails or leaves disturbs no other", () => {
  const emitter = new Emitter<number>();
  const told: number[] = [];
  const quiet = console.error;
  console.error = () => {};
  const first = emitter.event(() => {
    first.dispose();
    throw new Error("on purpose");
  });
  emitter.event((value) => told.push(value));
  emitter.fire(1);
  emitter.fire(2);
  console.error = quiet;
  assert.deepEqual(told, [1, 2]);
});
