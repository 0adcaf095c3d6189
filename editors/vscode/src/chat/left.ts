// How a session was left, where that is worth a word. Pure; known to both sides.

import type { SessionLeft } from "@protocol";

/** What is to be said of a session that is gone on with; undefined where nothing of it is open. */
export function leftOver(left: SessionLeft | undefined): string | undefined {
  if (left === undefined) return undefined;
  const open = left.interrupted !== undefined || left.hunks > 0 || left.runningTasks.length > 0 || left.lostTasks.length > 0;
  return open && left.message !== "" ? left.message : undefined;
}
