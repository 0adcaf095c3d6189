// The queue of a session: what lets it go on.

import type { Server } from "./server";

/** Lets the queue go on. The command `glossator.queue` would take what is being written in an open prompt document. */
export function goOn(server: Server): Promise<unknown> {
  return server.executeCommand("glossator.ask", { text: "/queue" });
}
