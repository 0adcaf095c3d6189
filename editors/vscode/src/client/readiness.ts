// Waiting for a server that is being started. Pure.

import type { Server, ServerState } from "../server";

/** How long is waited, in milliseconds. */
const PATIENCE = 60_000;

/** Why the server cannot be asked, for people. */
export function why(state: ServerState): string {
  return state.message ?? "Glossator's server does not run; the command Glossator: Restart Server starts it.";
}

/** Done when the server can be asked; rejects, with words, when that is not to be expected. */
export function whenReady(server: Pick<Server, "state" | "onState">, patience = PATIENCE): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (state: ServerState) => {
      if (state.kind === "ready") {
        done(resolve);
      } else if (state.kind !== "starting" && state.kind !== "restarting") {
        done(() => reject(new Error(why(state))));
      }
    };
    const slow = () => reject(new Error("Glossator's server is still starting; try again in a moment."));
    const timer = setTimeout(() => done(slow), patience);
    const waiting = server.onState(look);
    const done = (end: () => void) => {
      clearTimeout(timer);
      waiting.dispose();
      end();
    };
    look(server.state);
  });
}
